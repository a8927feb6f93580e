"""The small server: what its control group is told and tells, and what is counted of visitors."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from benchmarks import small_server
from benchmarks.limits import ControlGroup, Held, NoLimitsError, Peak, held, kills
from benchmarks.messages import RISKS
from benchmarks.small_server import Report, disk_mb, markdown
from benchmarks.steady import RISK_EVERY, Visitors

V1 = "cache 9\nrss 1000000\nmapped_file 1\ntotal_rss 5000000\ntotal_mapped_file 2000000\n"
V2 = "anon 5000000\nfile 9000000\nfile_mapped 2000000\n"


@pytest.mark.parametrize("stat", [V1, V2])
def test_cached_files_are_not_held_by_processes(stat: str) -> None:
    assert held(stat, "12000000\n") == Held(own=7.0, all=12.0)


@pytest.mark.parametrize(
    ("control", "found"),
    [
        ("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n", 2),
        ("low 0\nhigh 0\nmax 31\noom 1\noom_kill 1\n", 1),
        ("oom_kill_disable 0\nunder_oom 0\n", 0),
    ],
)
def test_processes_ended_for_want_of_memory_are_counted(control: str, found: int) -> None:
    assert kills(control) == found


def test_a_peak_is_the_most_of_each() -> None:
    peak = Peak()
    for now in (Held(3, 9), Held(5, 6), Held(1, 8)):
        peak.note(now)
    assert (peak.own, peak.all) == (5, 9)


def _version_2(root: Path) -> ControlGroup:
    (root / "cgroup.controllers").write_text("cpuset memory\n")
    return ControlGroup(2700, root)


def _version_1(root: Path) -> ControlGroup:
    for kind in ("memory", "cpuset"):
        (root / kind).mkdir()
    (root / "cpuset" / "cpuset.mems").write_text("0\n")
    return ControlGroup(2700, root)


@pytest.mark.parametrize(
    ("made", "limits"),
    [
        (_version_2, {"memory.max": "2700000000", "memory.swap.max": "0"}),
        (_version_1, {"memory.limit_in_bytes": "2700000000", "cpuset.mems": "0\n"}),
    ],
)
def test_a_group_gets_the_limits_of_its_version(
    tmp_path: Path, made: Callable[[Path], ControlGroup], limits: dict[str, str]
) -> None:
    with made(tmp_path) as group:
        written = {file.name: file.read_text() for each in group.folders for file in each.iterdir()}
        # Only a kernel lets a folder be removed that has files in it.
        for folder in group.folders:
            shutil.rmtree(folder)
    assert limits.items() <= written.items()
    assert written["cpuset.cpus"] == str(max(os.sched_getaffinity(0)))


def test_a_command_enters_every_group_before_it_runs(tmp_path: Path) -> None:
    group = _version_1(tmp_path)
    for folder in group.folders:
        folder.mkdir()
    done = subprocess.run(group.within(["sh", "-c", "echo $$"]), capture_output=True, text=True)
    for folder in group.folders:
        assert (folder / "cgroup.procs").read_text() == done.stdout


def test_a_command_that_cannot_enter_does_not_run(tmp_path: Path) -> None:
    done = subprocess.run(_version_1(tmp_path).within(["echo", "ran"]), capture_output=True)
    assert (done.returncode, done.stdout) == (125, b"")


def test_where_no_limits_can_be_made_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(NoLimitsError), ControlGroup(2700, tmp_path / "nothing"):
        pass
    monkeypatch.setattr(
        small_server, "ControlGroup", lambda mb: ControlGroup(mb, tmp_path / "nothing")
    )
    assert small_server.main(["--minutes", "1"]) == small_server.EXIT_NO_LIMITS
    assert "cannot be held to those of a small server" in capsys.readouterr().err


def test_a_linked_file_takes_its_room_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    (tmp_path / "a" / "one").write_bytes(b"x" * 1_000_000)
    once = disk_mb(tmp_path / "a")
    os.link(tmp_path / "a" / "one", tmp_path / "b" / "same")
    assert disk_mb(tmp_path / "a", tmp_path / "b") == once > 0.9
    (tmp_path / "b" / "other").write_bytes(b"x" * 1_000_000)
    assert disk_mb(tmp_path / "a", tmp_path / "b") > 1.9


def test_the_table_shows_each_phase_in_its_unit() -> None:
    report, peak = Report(), Peak()
    peak.own, peak.all, peak.seconds = 1501.6, 1800.2, 104.6
    report.add("serving", peak, **{"messages": 210, "answer p95 ms": 91.5, "failed": 0})
    report.disk["state"] = 1234.0
    shown = markdown(report, {"at": "today"})
    assert "| serving | 105 s | 1502 MB | 1800 MB | 210 |  | 92 ms |  |  | 0 |  |  |" in shown
    assert "| state | 1.23 GB |" in shown


@pytest.fixture(name="url")
async def _url() -> AsyncIterator[str]:
    """Serve an assistant that refuses "hi", has no brain for "yes", and misses one risk."""

    async def begin(_: web.Request) -> web.Response:
        return web.json_response({"token": "t"}, status=201)

    async def message(request: web.Request) -> web.Response:
        text = (await request.json())["text"]
        if text == "hi":
            return web.json_response({}, status=503)
        kind = {"yes": "safe", RISKS[0]: "answer"}.get(text, "answer")
        kind = "crisis" if text in RISKS[1:] else kind
        return web.json_response({"replies": [{"kind": kind}]})

    app = web.Application()
    app.router.add_post("/api/v1/conversations", begin)
    app.router.add_post("/api/v1/messages", message)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}"
    await runner.cleanup()


async def test_what_becomes_of_each_message_is_counted(url: str) -> None:
    left = itertools.count()
    async with aiohttp.ClientSession() as http:
        answers = await Visitors(http, url).at_a_rate(1000.0, lambda: next(left) < 2 * RISK_EVERY)
    # In 38 questions "hi" and "yes" come once; of two messages of risk the first is not seen.
    assert (answers.messages, answers.failed, answers.safe, answers.missed) == (40, 1, 1, 1)
    assert (len(answers.questions), len(answers.crises)) == (37, 2)
    assert answers.figures()["crises without resources"] == 1
