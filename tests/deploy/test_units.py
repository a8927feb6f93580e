"""The units are understood by systemd, start what there is, and leave little open."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.server import units
from deploy.server.layout import Layout
from deploy.server.machine import Files
from setup.code_print import ROOT

UNITS = ROOT / "deploy" / "systemd"
SERVICES = ("iop-desk", "iop-brain", "iop-backup", "iop-doctor")
MOST = "2.0"
"""Exposure that is borne; systemd calls 2.0 to 5.0 "OK", ours are lower."""


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path)
    units.write(layout, Files(), UNITS)
    return layout


def test_systemd_understands_them(layout: Layout) -> None:
    shutil.copytree(
        "/usr/lib/systemd/system", layout.root / "usr/lib/systemd/system", symlinks=True
    )
    (layout.root / "lib").symlink_to("usr/lib")
    python = layout.current / ".venv/desk/bin/python"
    python.parent.mkdir(parents=True)
    shutil.copy("/bin/true", python)
    names = [path.name for path in layout.units.iterdir() if path.is_file()]
    assert len(names) == 6
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", f"--root={layout.root}", *names],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("service", SERVICES)
def test_little_is_open_to_them(layout: Layout, service: str) -> None:
    done = subprocess.run(
        [
            *("systemd-analyze", "security", "--offline=true", "--no-pager"),
            *(f"--threshold={float(MOST) * 10:.0f}", f"{service}.service"),
        ],
        env={"PATH": "/usr/bin:/bin", "SYSTEMD_UNIT_PATH": f"{layout.units}:"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-400:] + done.stderr


@pytest.mark.parametrize("service", SERVICES)
def test_what_they_start_is_there(service: str) -> None:
    text = (UNITS / f"{service}.service").read_text()
    found = re.search(r"^ExecStart=\S+/python -m (\S+)", text, re.MULTILINE)
    assert found
    assert importlib.util.find_spec(found[1]) is not None


def test_a_second_time_nothing_is_changed(layout: Layout) -> None:
    assert not units.write(layout, Files(), UNITS)
    (layout.units / "iop-desk.service").write_text("changed")
    assert units.write(layout, Files(), UNITS)
