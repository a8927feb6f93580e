"""nginx in front of a real desk, with a certificate authority of the test's own."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import RemoteDisconnected
from pathlib import Path

import pytest

from deploy.rehearsal.visits import Visits, plain
from deploy.server import certificates, proxy
from deploy.server.arguments import Arguments
from deploy.server.certificates import Certificate
from deploy.server.errors import DeployError
from deploy.server.layout import Layout
from deploy.server.machine import Files
from deploy.server.proxy import Ports
from supervisor.ports import LOOPBACK, answers, free_port
from supervisor.processes import Child
from tests.running import wait_for

DOMAIN, CONSOLE, OTHER = "chat.example.org", "staff.example.org", "other.example.org"
NAMES = Arguments(DOMAIN, CONSOLE)
_MAIN = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log crit;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/etc/nginx/sites-enabled/*;
}}
"""


def openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with ca.pem, and chain.pem and key.pem for both names."""
    folder = tmp_path_factory.mktemp("authority")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl(folder, "req", "-x509", *key, "-subj", "/CN=CA", "-keyout", "ca.key", "-out", "ca.pem")
    openssl(folder, "req", *key, "-subj", "/CN=x", "-keyout", "key.pem", "-out", "csr.pem")
    (folder / "san").write_text(f"subjectAltName=DNS:{DOMAIN},DNS:{CONSOLE}")
    signed = ("x509", "-req", "-in", "csr.pem", "-CA", "ca.pem", "-CAkey", "ca.key")
    openssl(folder, *signed, "-CAcreateserial", "-extfile", "san", "-out", "chain.pem")
    return folder


def certified(authority: Path) -> dict[str, Certificate]:
    own = Certificate(authority / "chain.pem", authority / "key.pem")
    return {DOMAIN: own, CONSOLE: own}


class Nginx:
    """The rendered site under a main configuration of the test's own."""

    def __init__(self, folder: Path, ports: Ports) -> None:
        self.layout, self.ports, self.folder = Layout(folder), ports, folder
        (folder / "var/log/nginx").mkdir(parents=True)
        (folder / "nginx.conf").write_text(_MAIN.format(folder=folder))

    def write(
        self, certificates: dict[str, Certificate] | None, arguments: Arguments = NAMES
    ) -> bool:
        site = proxy.render(self.layout, arguments, self.ports, certificates)
        return proxy.write(self.layout, site, Files())

    @property
    def command(self) -> list[str]:
        return ["nginx", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]

    def test(self) -> str:
        done = subprocess.run([*self.command, "-t", "-q"], capture_output=True, text=True)
        return done.stderr if done.returncode else ""


def ports() -> Ports:
    return Ports(free_port(), free_port(), free_port(), free_port(), ipv6=False)


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory, authority: Path) -> Iterator[Nginx]:
    nginx = Nginx(tmp_path_factory.mktemp("nginx"), ports())
    nginx.write(certified(authority))
    with started(nginx):
        yield nginx


@contextmanager
def started(nginx: Nginx) -> Iterator[None]:
    process = subprocess.Popen(nginx.command)
    try:
        while not answers(LOOPBACK, nginx.ports.https):
            assert process.poll() is None, nginx.test()
        yield
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def desk(nginx: Nginx, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    state = tmp_path_factory.mktemp("state")
    (state / "brain.token").write_text("token")
    (state / "alerts.yml").write_text(f"console_url: https://{CONSOLE}\n")
    variables = {
        "IOP_STATE": str(state),
        "IOP_PORT": str(nginx.ports.visitors),
        "IOP_CONSOLE_PORT": str(nginx.ports.staff),
        "IOP_PUBLIC_URL": f"https://{DOMAIN}",
        "IOP_PROXIES": "1",
        "IOP_DEMO": "0",
        "IOP_METRICS_PORT": "0",
        "IOP_ALERTS_FILE": str(state / "alerts.yml"),
        "IOP_BRAIN_URL": f"http://127.0.0.1:{free_port()}",
    }
    running = Child("desk", [sys.executable, "-m", "desk.main"], variables)
    running.log = state / "desk.log"
    running.start()
    wait_for(f"http://{LOOPBACK}:{nginx.ports.visitors}/healthz", running)
    yield running
    running.stop()


@pytest.fixture
def visits(desk: Child, nginx: Nginx, authority: Path) -> Visits:
    trusted = ssl.create_default_context(cafile=str(authority / "ca.pem"))
    return Visits(trusted, nginx.ports.https)


@pytest.mark.parametrize("ipv6", [False, True])
@pytest.mark.parametrize("networks", [(), ("10.0.0.0/8", "2001:db8::/32")])
def test_nginx_takes_what_is_written(
    tmp_path: Path, authority: Path, ipv6: bool, networks: tuple[str, ...]
) -> None:
    here = ports()
    nginx = Nginx(tmp_path, Ports(here.http, here.https, ipv6=ipv6))
    arguments = Arguments(DOMAIN, CONSOLE, staff_networks=networks)
    nginx.write(None, arguments)
    assert nginx.test() == ""
    assert nginx.write(certified(authority), arguments)
    assert nginx.test() == ""
    assert not nginx.write(certified(authority), arguments)


def test_debians_welcome_page_goes(tmp_path: Path) -> None:
    nginx = Nginx(tmp_path, ports())
    welcome = nginx.layout.nginx / "sites-enabled" / "default"
    welcome.parent.mkdir(parents=True)
    welcome.symlink_to("/etc/nginx/sites-available/default")
    nginx.write(None)
    assert not welcome.is_symlink()


def test_visitors_reach_page_and_widget_over_https(visits: Visits) -> None:
    status, headers, page = visits.ask(DOMAIN, "GET", "/")
    assert (status, b"/widget/iop-chat.js" in page) == (200, True)
    assert {name.lower() for name in headers} >= {"strict-transport-security"}
    assert visits.ask(DOMAIN, "GET", "/widget/iop-chat.js")[0] == 200
    assert not any("nginx/" in value for value in headers.values())


def test_the_console_is_on_its_own_host_alone(visits: Visits) -> None:
    status, _, page = visits.ask(CONSOLE, "GET", "/sign-in")
    assert (status, b"password" in page) == (200, True)
    assert visits.ask(DOMAIN, "GET", "/sign-in")[0] == 404
    assert visits.ask(CONSOLE, "GET", "/widget/iop-chat.js")[0] == 401


@pytest.mark.parametrize("name", [DOMAIN, CONSOLE])
def test_plain_http_leads_to_https(nginx: Nginx, name: str) -> None:
    answer = plain(name, "/chat?a=b", nginx.ports.http)
    assert (answer.status, answer.headers["location"]) == (301, f"https://{name}/chat?a=b")


@pytest.mark.parametrize(
    "ask",
    [
        lambda visits, nginx: plain(OTHER, "/", nginx.ports.http),
        lambda visits, nginx: visits.ask(OTHER, "GET", "/"),
        lambda visits, nginx: visits.ask(DOMAIN, "GET", "/", host=OTHER),
    ],
    ids=["http", "tls", "host"],
)
def test_other_names_get_no_answer(
    visits: Visits, nginx: Nginx, ask: Callable[[Visits, Nginx], object]
) -> None:
    with pytest.raises((RemoteDisconnected, ConnectionError, ssl.SSLError)):
        ask(visits, nginx)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_tls_is_refused(visits: Visits, nginx: Nginx, authority: Path) -> None:
    old = ssl.create_default_context(cafile=str(authority / "ca.pem"))
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError, match="alert"):
        Visits(old, nginx.ports.https).ask(DOMAIN, "GET", "/")


def test_a_stream_is_not_held_back(visits: Visits) -> None:
    visits.begin(DOMAIN)
    stream = visits.connect(DOMAIN)
    stream.request("GET", "/api/v1/events", headers=visits.credentials)
    events = stream.getresponse()
    assert events.readline().startswith(b"retry")
    assert visits.say(DOMAIN, "hello")[0] == 200
    # The stream is still open: what comes through it now was not kept for its end.
    while b"hello" not in (line := events.readline()):
        assert line
    stream.close()


def test_staff_elsewhere_are_not_let_in(
    desk: Child, authority: Path, tmp_path: Path, nginx: Nginx
) -> None:
    here = ports()
    to = (nginx.ports.visitors, nginx.ports.staff)
    guarded = Nginx(tmp_path, Ports(here.http, here.https, *to, ipv6=False))
    guarded.write(
        certified(authority), Arguments(DOMAIN, CONSOLE, staff_networks=("192.0.2.0/24",))
    )
    trusted = ssl.create_default_context(cafile=str(authority / "ca.pem"))
    with started(guarded):
        visits = Visits(trusted, here.https)
        assert visits.ask(CONSOLE, "GET", "/sign-in")[0] == 403
        assert visits.ask(DOMAIN, "GET", "/")[0] == 200


def test_while_the_desk_is_away_988_is_named(authority: Path, tmp_path: Path) -> None:
    alone = Nginx(tmp_path, ports())
    alone.write(certified(authority))
    trusted = ssl.create_default_context(cafile=str(authority / "ca.pem"))
    with started(alone):
        status, _, page = Visits(trusted, alone.ports.https).ask(DOMAIN, "GET", "/")
    assert (status, b"988" in page) == (502, True)
    assert os.path.getsize(tmp_path / "var/log/nginx/error.log") == 0


def own(
    authority: Path, tmp_path: Path, chain: str = "chain.pem", key: str = "key.pem"
) -> dict[str, Certificate]:
    files = {"certificate": str(authority / chain), "key": str(authority / key)}
    arguments = Arguments(DOMAIN, CONSOLE, **files)  # type: ignore[arg-type]
    return dict(certificates.own(Layout(tmp_path), arguments, Files()))


def test_a_certificate_of_ones_own_is_put_where_root_alone_reads_the_key(
    authority: Path, tmp_path: Path
) -> None:
    found = own(authority, tmp_path)[CONSOLE]
    assert found.chain.read_bytes() == (authority / "chain.pem").read_bytes()
    assert found.key.stat().st_mode & 0o777 == 0o600
    assert found.key.parent.stat().st_mode & 0o777 == 0o700


def test_a_certificate_that_cannot_serve_is_refused(authority: Path, tmp_path: Path) -> None:
    openssl(authority, "genrsa", "-out", "other.key", "2048")
    signed = ("x509", "-req", "-in", "csr.pem", "-CA", "ca.pem", "-CAkey", "ca.key")
    openssl(authority, *signed, "-extfile", "san", "-days", "0", "-out", "ended.pem")
    with pytest.raises(DeployError, match="has ended"):
        own(authority, tmp_path, chain="ended.pem")
    with pytest.raises(DeployError, match="is not the key of"):
        own(authority, tmp_path, key="other.key")
    with pytest.raises(DeployError, match="not for chat"):
        own(authority, tmp_path, chain="ca.pem")
    with pytest.raises(DeployError, match="no certificate"):
        own(authority, tmp_path, chain="san")
