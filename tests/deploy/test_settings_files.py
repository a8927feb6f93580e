"""The center's files on a server: whose they are, and that what the center wrote stays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deploy.server import settings
from deploy.server.arguments import Arguments
from deploy.server.layout import Layout
from deploy.server.machine import Files
from desk.alerting.config import load_alerting
from desk.settings import load_settings
from setup.code_print import ROOT

ARGUMENTS = Arguments("chat.example.org", "staff.example.org")


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


def write(layout: Layout, arguments: Arguments = ARGUMENTS) -> bool:
    return settings.write(layout, arguments, ROOT, Files())


def modes(layout: Layout) -> dict[str, int]:
    found = {}
    for place in (layout.settings, layout.state):
        for path in (place, *place.rglob("*")):
            found[str(path.relative_to(layout.root))] = path.stat().st_mode & 0o777
    return found


def test_who_may_read_what(layout: Layout) -> None:
    (layout.settings / "secrets").mkdir(parents=True)
    (layout.settings / "secrets" / "ALERTS_PAGER_TOKEN").write_text("x")
    write(layout)
    assert modes(layout) == {
        "etc/iop-assistant": 0o750,
        "etc/iop-assistant/secrets": 0o750,
        "etc/iop-assistant/secrets/ALERTS_PAGER_TOKEN": 0o640,
        "etc/iop-assistant/settings.env": 0o640,
        "etc/iop-assistant/center.yml": 0o640,
        "etc/iop-assistant/alerts.yml": 0o640,
        "etc/iop-assistant/credentials.yml": 0o640,
        "etc/iop-assistant/server.json": 0o644,
        "var/lib/iop-assistant": 0o700,
        "var/lib/iop-assistant/brain.token": 0o600,
    }


def test_whose_they_are(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    whose: dict[str, tuple[int, int]] = {}

    def give(handle: int, user: int, group: int) -> None:
        whose[Path(os.readlink(f"/proc/self/fd/{handle}")).name] = (user, group)

    monkeypatch.setattr(os, "fchown", give)
    settings.write(layout, ARGUMENTS, ROOT, Files((1234, 5678)))
    assert whose["settings.env"] == whose["center.yml"] == whose["secrets"] == (0, 5678)
    assert whose["brain.token"] == (1234, 5678)
    assert layout.state.name == "iop-assistant"
    assert whose["iop-assistant"] == (1234, 5678)


def test_a_second_time_nothing_is_changed(layout: Layout) -> None:
    assert write(layout)
    before = {path: path.read_bytes() for path in layout.root.rglob("*") if path.is_file()}
    assert not write(layout)
    assert before == {path: path.read_bytes() for path in layout.root.rglob("*") if path.is_file()}


def test_what_the_center_wrote_stays(layout: Layout) -> None:
    write(layout)
    center = layout.settings / "center.yml"
    center.write_text("name: Ours\n")
    with layout.environment_file.open("a") as file:
        file.write("IOP_METRICS_PORT=0\nIOP_RATE_ADDRESS=50/30\n")
    write(layout, Arguments("help.example.org", "staff.example.org"))
    told = layout.environment_file.read_text()
    assert center.read_text() == "name: Ours\n"
    assert settings.variables(told)["IOP_RATE_ADDRESS"] == "50/30"
    assert settings.variables(told)["IOP_METRICS_PORT"] == "0"
    assert settings.variables(told)["IOP_PUBLIC_URL"] == "https://help.example.org"


def test_the_desk_reads_them(layout: Layout) -> None:
    write(layout)
    lines = layout.environment_file.read_text().splitlines()
    variables = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    variables["IOP_ALERTS_FILE"] = str(layout.settings / "alerts.yml")
    read = load_settings((), variables)
    assert (read.public_url, read.proxies, read.demo) == ("https://chat.example.org", 1, False)
    assert read.state == Path("/var/lib/iop-assistant")
    assert load_alerting(read, {}, None).console_url == "https://staff.example.org"


def test_an_address_of_the_console_that_stands_there_is_replaced() -> None:
    text = "drill_at: off\nconsole_url: http://127.0.0.1:8081  # old\nrepeat: {T0: 5}\n"
    assert settings.with_console(text, "https://staff.example.org") == (
        "drill_at: off\nconsole_url: https://staff.example.org\nrepeat: {T0: 5}\n"
    )
