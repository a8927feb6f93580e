"""Certificates as real servers show them, names as the resolver knows them, the clock as others."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from supervisor.doctor import certificates, clock, dns
from supervisor.doctor.finding import Finding
from tests.supervisor.doctor.clinic import Clinic
from tests.tls import Authority, tls_server

SUBJECTS = ("certificates", "names", "channels", "clock")


class Public:
    """A clinic that people reach over HTTPS."""

    def __init__(self, clinic: Clinic, authority: Authority, stack: ExitStack) -> None:
        self.clinic, self._authority, self._stack = clinic, authority, stack

    def serve(self, host: str, *, days: float = 60, named: str | None = None) -> int:
        """Serve HTTPS under a name, with a certificate for that name or another one."""
        certificate = self._authority.issue(named or host, days)
        port = self._stack.enter_context(tls_server(certificate))
        self.clinic.environment |= {
            "IOP_PUBLIC_URL": f"https://{host}:{port}",
            "IOP_PROXIES": "1",
        }
        return port

    def found(self) -> dict[str, Finding]:
        found = self.clinic.findings(*SUBJECTS)
        found.pop("clock-unkept", None)
        return found


@pytest.fixture
def public(clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Public]:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    with ExitStack() as stack:
        yield Public(clinic, authority, stack)


def test_a_server_with_a_good_certificate_and_name_has_no_fault(public: Public) -> None:
    public.serve("localhost")
    assert public.found() == {}


@pytest.mark.parametrize(
    ("days", "named", "fault", "remedy"),
    [
        (-1, None, "certificate-expired", "certbot renew"),
        (20, None, "certificate-ending", "certbot renew --dry-run"),
        (60, "other.example.org", "certificate-name", "make deploy-server DOMAIN="),
    ],
)
def test_a_certificate_that_is_no_good_is_found(
    public: Public, days: float, named: str | None, fault: str, remedy: str
) -> None:
    public.serve("localhost", days=days, named=named)
    found = public.found()
    assert found.keys() == {fault}
    assert remedy in found[fault].remedy


def test_a_certificate_that_nobody_trusts_is_found(
    public: Public, monkeypatch: pytest.MonkeyPatch
) -> None:
    public.serve("localhost")
    monkeypatch.delenv("SSL_CERT_FILE")
    found = public.found()
    assert found.keys() == {"certificate-untrusted"}
    assert "fullchain.pem" in found["certificate-untrusted"].remedy


def test_the_consoles_own_host_is_looked_at_too(public: Public) -> None:
    port = public.serve("localhost", days=5)
    public.clinic.edit("alerts.yml", console_url=f"https://localhost:{port}")
    public.clinic.environment["IOP_PUBLIC_URL"] = ""
    assert public.found().keys() == {"certificate-ending"}


def test_where_nobody_serves_https_it_is_told(public: Public) -> None:
    public.clinic.environment |= {"IOP_PUBLIC_URL": "https://localhost:1", "IOP_PROXIES": "1"}
    found = public.found()
    assert found.keys() == {"certificate-unserved"}
    assert "nginx -t" in found["certificate-unserved"].remedy


def test_a_name_that_the_dns_does_not_know_is_found(public: Public) -> None:
    public.serve("nowhere.invalid")
    found = public.found()
    assert found.keys() == {"name-unknown"}
    assert "A record" in found["name-unknown"].remedy


def test_a_name_that_leads_elsewhere_is_found(
    public: Public, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An address for documentation (RFC 5737): nobody has it, so nobody answers there.
    monkeypatch.setattr(dns, "_LIMIT", 0.3)
    monkeypatch.setattr(dns, "addresses", lambda host: ["192.0.2.1"])
    public.serve("chat.example.org")
    public.clinic.edit("alerts.yml", places={})
    found = public.found()
    assert found.keys() == {"name-elsewhere"}
    assert "A and AAAA records" in found["name-elsewhere"].remedy


def test_https_behind_a_proxy_that_is_not_counted_is_found(public: Public) -> None:
    public.serve("localhost")
    public.clinic.environment["IOP_PROXIES"] = "0"
    found = public.found()
    assert found.keys() == {"proxies-uncounted"}
    assert "IOP_PROXIES=1" in found["proxies-uncounted"].remedy


@pytest.mark.parametrize("ahead", [-120, 120])
def test_a_clock_that_is_wrong_is_found_by_who_must_be_reached_anyway(
    public: Public, ahead: float
) -> None:
    port = public.serve("localhost")
    url = f"https://localhost:{port}/hook"
    public.clinic.edit("alerts.yml", places={"pager": {"webhook": {"url": url}}})
    assert public.found() == {}
    public.clinic.ahead = ahead
    found = public.found()
    assert found.keys() == {"clock-off"}
    assert "set-ntp true" in found["clock-off"].remedy


def test_a_clock_that_nothing_keeps_is_found(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The kernel of the machine that tests run on is one or the other: both are tried.
    for state, expected in ((5, {"clock-unkept"}), (0, set[str]())):
        monkeypatch.setattr(clock, "kernel_state", lambda state=state: state)
        assert clinic.findings("clock").keys() == expected


def site(clinic: Clinic, *, key_mode: int = 0o600) -> tuple[Path, Path]:
    """Put up a proxy's site with a certificate and its key."""
    live = clinic.root / "etc/letsencrypt/live/chat.example.org"
    sites = clinic.root / "etc/nginx/sites-enabled"
    for folder in (live, sites):
        folder.mkdir(parents=True)
    chain, key = live / "fullchain.pem", live / "privkey.pem"
    for file in (chain, key):
        file.touch()
    key.chmod(key_mode)
    inside = "/" + str(live.relative_to(clinic.root))
    (sites / "iop").write_text(
        f"server {{\n  ssl_certificate {inside}/fullchain.pem;\n"
        f"  ssl_certificate_key {inside}/privkey.pem;\n}}\n"
    )
    return chain, key


def test_a_site_whose_files_are_there_has_no_fault(clinic: Clinic) -> None:
    site(clinic)
    assert clinic.findings("certificates") == {}


def test_a_certificate_that_the_proxy_names_and_is_not_there_is_found(clinic: Clinic) -> None:
    chain, _ = site(clinic)
    chain.unlink()
    found = clinic.findings("certificates")
    assert found.keys() == {"certificate-file"}
    assert "certbot certificates" in found["certificate-file"].remedy


def let_everybody_through(clinic: Clinic) -> None:
    """Open the folders on the way to a clinic's files, as those on the way to /etc are."""
    shared = Path(tempfile.gettempdir())
    own = [folder for folder in clinic.folder.parents if shared in folder.parents]
    for folder in (clinic.root, clinic.folder, *own):
        folder.chmod(folder.stat().st_mode | 0o055)


def test_what_only_root_sees_is_no_fault_for_the_service(clinic: Clinic) -> None:
    chain, _ = site(clinic)
    chain.unlink()
    let_everybody_through(clinic)
    before, installation = os.geteuid(), clinic.installation
    assert installation.public_urls == {}
    chain.parent.parent.chmod(0o700 if before == 0 else 0)
    if before == 0:
        os.seteuid(65_534)
    try:
        assert list(certificates.check(installation)) == []
    finally:
        os.seteuid(before)
        chain.parent.parent.chmod(0o755)
    assert clinic.findings("certificates").keys() == {"certificate-file"}


def test_a_key_that_everybody_can_read_is_found(clinic: Clinic) -> None:
    site(clinic, key_mode=0o644)
    let_everybody_through(clinic)
    found = clinic.findings("certificates")
    assert found.keys() == {"certificate-key"}
    assert "chmod 600" in found["certificate-key"].remedy
