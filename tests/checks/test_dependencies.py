"""`make audit-deps`, with pip-audit itself against a server that speaks OSV's protocol."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from checks import accepted as acceptances
from checks import dependencies
from checks.accepted import ENVIRONMENTS, Accepted, AcceptedError
from checks.report import Report
from checks.vulnerabilities import Finding, NotAuditedError, of_environment, pinned
from setup.environments import DESK_PYTHONS, ensure_environment, ensure_uv
from setup.lock import LOCKS
from supervisor.ports import free_port

TODAY = date(2026, 12, 1)
LOCK = "{line} \\\n    --hash=sha256:" + "0" * 64 + "\n"


@dataclass
class Service:
    """What the server knows, and what it was asked."""

    url: str
    known: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    status: int = 200
    raw: bytes | None = None
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def plant(self, package: str, version: str, name: str, **more: Any) -> None:
        affected = {
            "package": {"name": package, "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9.9"}]}],
        }
        hole = {"id": name, "summary": "a planted hole", "affected": [affected], **more}
        self.known.setdefault((package, version), []).append(hole)


@pytest.fixture(scope="module", autouse=True)
def _environment() -> None:
    ensure_uv()
    ensure_environment("audit", DESK_PYTHONS)


@pytest.fixture
def service() -> Iterator[Service]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            package = asked["package"]
            state.asked.append((package["ecosystem"], package["name"], asked["version"]))
            holes = state.known.get((package["name"], asked["version"]), [])
            body = json.dumps({"vulns": holes} if holes else {}).encode()
            self.send_response(state.status)
            self.end_headers()
            self.wfile.write(body if state.raw is None else state.raw)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state = Service(f"http://127.0.0.1:{server.server_port}/v1/query")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield state
        server.shutdown()


@pytest.fixture
def locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # Two will do: each is a run of pip-audit.
    monkeypatch.setattr(dependencies, "ENVIRONMENTS", ("brain", "desk"))
    for name in dependencies.ENVIRONMENTS:
        (tmp_path / f"{name}.txt").write_text(LOCK.format(line="six==1.17.0"))
    (tmp_path / "brain.txt").write_text(
        LOCK.format(line="old-thing==1.0") + LOCK.format(line="six==1.17.0")
    )
    (tmp_path / "accepted.yml").write_text("[]")
    return tmp_path


ENTRY = {
    "package": "old-thing",
    "version": "1.0",
    "id": "CVE-2020-0001",
    "environments": ["brain"],
    "what": "it falls over",
    "why": "nobody can push it",
    "review": "2027-01-01",
    "seen": None,
}


def accept(locks: Path, **other: object) -> None:
    entry = {**ENTRY, **other}
    lines = [f"{key}: {json.dumps(value)}" for key, value in entry.items() if key != "review"]
    lines.append(f"review: {entry['review']}")
    (locks / "accepted.yml").write_text("- " + "\n  ".join(lines) + "\n")


def audit(service: str, locks: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = dependencies.audit(service, locks, TODAY)
    return code, capsys.readouterr().out


def test_a_finding_without_a_reason_fails_and_says_what_to_do(
    service: Service, locks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service.plant("old-thing", "1.0", "GHSA-aaaa-bbbb-cccc", aliases=["CVE-2020-0001"])
    code, said = audit(service.url, locks, capsys)
    assert code == 1
    (line,) = [line for line in said.splitlines() if line.startswith("FAILED")]
    for words in ("brain: old-thing 1.0", "GHSA-aaaa-bbbb-cccc", "CVE-2020-0001", "Mended in: 9.9"):
        assert words in line
    assert "accepted.yml" in line


def test_a_finding_with_a_reason_passes_by_any_of_its_ids(
    service: Service, locks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service.plant("old-thing", "1.0", "GHSA-aaaa-bbbb-cccc", aliases=["CVE-2020-0001"])
    accept(locks)
    code, said = audit(service.url, locks, capsys)
    assert (code, "FAILED" in said, "not audited" in said) == (0, False, False)


def test_a_reason_for_what_is_not_reported_fails(
    service: Service, locks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    accept(locks)
    code, said = audit(service.url, locks, capsys)
    assert code == 1
    assert "CVE-2020-0001 of old-thing 1.0 is accepted for brain, but" in said


def test_what_we_serve_of_npms_is_asked_for_too(
    service: Service, locks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    version = dependencies.htmx_version(dependencies.HTMX)
    service.plant("htmx.org", version, "GHSA-dddd-eeee-ffff")
    code, said = audit(service.url, locks, capsys)
    assert code == 1
    assert f"console/static: htmx.org {version} has GHSA-dddd-eeee-ffff" in said


def test_without_a_service_nothing_is_called_clean(
    locks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = audit(f"http://127.0.0.1:{free_port()}/v1/query", locks, capsys)
    assert code == 3
    assert said.count("not audited: ") == len(said.splitlines()) == 3


def test_an_old_reason_fails_even_without_a_service(
    locks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    accept(locks, review="2026-11-30")
    code, said = audit(f"http://127.0.0.1:{free_port()}/v1/query", locks, capsys)
    assert code == 1
    assert "was to be looked at again by 2026-11-30" in said
    assert "not audited: requirements/brain.txt, 2 packages" in said


@pytest.mark.parametrize(
    ("status", "raw", "schema"),
    [(500, None, "1.0.0"), (200, b"<html>", "1.0.0"), (200, b"", "1.0.0"), (200, None, "2.0.0")],
)
def test_half_an_answer_is_none(
    service: Service, locks: Path, status: int, raw: bytes | None, schema: str
) -> None:
    service.plant("old-thing", "1.0", "GHSA-aaaa-bbbb-cccc", schema_version=schema)
    service.status, service.raw = status, raw
    with pytest.raises(NotAuditedError):
        of_environment("brain", locks / "brain.txt", service.url)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_package_that_is_installed_is_asked_for(service: Service, name: str) -> None:
    lock = dependencies.REQUIREMENTS / f"{name}.txt"
    assert of_environment(name, lock, service.url) == []
    assert {(package, version) for _, package, version in service.asked} == set(
        pinned(lock).items()
    )


def test_everything_that_is_locked_is_asked_for() -> None:
    sources = {file.stem for file in dependencies.REQUIREMENTS.glob("*.in")}
    assert sources == set(LOCKS)
    # What a server installs is among the others, as the next test says.
    assert {name for name in sources if not name.endswith("-server")} == set(ENVIRONMENTS)


@pytest.mark.parametrize("name", ["brain", "desk"])
def test_what_a_server_installs_is_among_what_is_asked_for(name: str) -> None:
    server = pinned(dependencies.REQUIREMENTS / f"{name}-server.txt")
    assert server
    assert server.items() <= pinned(dependencies.REQUIREMENTS / f"{name}.txt").items()


@pytest.mark.parametrize(
    "other",
    [
        {"package": "other-thing"},
        {"version": "1.1"},
        {"environments": ["desk"]},
        {"id": "CVE-2020-0002"},
    ],
)
def test_a_reason_is_for_one_finding_alone(locks: Path, other: dict[str, object]) -> None:
    finding = Finding("brain", "old-thing", "1.0", ("GHSA-a", "CVE-2020-0001"), "", ())
    accept(locks)
    (right,) = acceptances.read(locks / "accepted.yml")
    accept(locks, **other)
    (wrong,) = acceptances.read(locks / "accepted.yml")
    assert dependencies.holds_for(right, finding)
    assert not dependencies.holds_for(wrong, finding)


def checked(locks: Path, today: date = TODAY) -> Report:
    report = Report()
    dependencies.check(report, locks, today)
    return report


def test_a_reason_for_a_version_that_is_not_installed_fails(
    locks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    accept(locks, version="0.9")
    (problem,) = checked(locks).problems
    assert "does not install that" in problem
    code, said = audit(f"http://127.0.0.1:{free_port()}/v1/query", locks, capsys)
    assert (code, problem in said) == (1, True)


def test_a_reason_that_waits_for_a_look_is_a_warning_of_make_check(locks: Path) -> None:
    accept(locks, review="2026-11-30")
    report = checked(locks)
    assert (report.problems, len(report.warnings)) == ([], 1)
    assert checked(locks, date(2026, 11, 30)).warnings == []


def test_a_wrong_entry_is_a_problem_of_make_check(locks: Path) -> None:
    accept(locks, why="")
    assert "`why` must be words" in checked(locks).problems[0]


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        ({"why": ""}, "`why` must be words"),
        ({"environments": []}, "must be a list"),
        ({"environments": ["kitchen"]}, "may name"),
        ({"version": 1.0}, "quotation marks"),
        ({"review": "soon"}, "must be a day"),
        ({"seen": "yes"}, "must be a day, or null"),
        ({"note": "more"}, "must have exactly"),
    ],
)
def test_an_entry_that_lacks_something_is_refused(
    locks: Path, other: dict[str, object], problem: str
) -> None:
    accept(locks, **other)
    with pytest.raises(AcceptedError, match=f"entry 1.*{problem}"):
        acceptances.read(locks / "accepted.yml")


def test_the_same_reason_twice_is_refused(locks: Path) -> None:
    accept(locks)
    once = (locks / "accepted.yml").read_text()
    (locks / "accepted.yml").write_text(once + once)
    with pytest.raises(AcceptedError, match=r"entry 2.*twice"):
        acceptances.read(locks / "accepted.yml")


def test_the_reasons_of_this_project_are_for_what_it_installs() -> None:
    kept: list[Accepted] = acceptances.read(dependencies.REQUIREMENTS / "accepted.yml")
    assert kept
    report = checked(dependencies.REQUIREMENTS, min(entry.review for entry in kept))
    assert (report.problems, report.warnings) == ([], [])
