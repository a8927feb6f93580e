"""What a process may use is told by its control groups, of both versions, and those above."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from setup import machine


def _write(folder: Path, files: Mapping[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content)
    return folder


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"cpu.max": "100000 100000\n"}, 1.0),
        ({"cpu.max": "150000 100000\n"}, 1.5),
        ({"cpu.max": "max 100000\n"}, None),
        ({"cpu.cfs_quota_us": "200000\n", "cpu.cfs_period_us": "100000\n"}, 2.0),
        ({"cpu.cfs_quota_us": "-1\n", "cpu.cfs_period_us": "100000\n"}, None),
        ({}, None),
    ],
)
def test_a_share_of_the_processors_is_told(
    tmp_path: Path, files: dict[str, str], found: float | None
) -> None:
    assert machine.quota(_write(tmp_path, files)) == found


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (
            {
                "memory.max": "3000000000",
                "memory.current": "2000000000",
                "memory.stat": "anon 1500000000\nactive_file 100000000\ninactive_file 400000000\n",
            },
            1500.0,
        ),
        ({"memory.max": "max", "memory.current": "2000000000", "memory.stat": ""}, None),
        (
            {
                "memory.limit_in_bytes": "3000000000",
                "memory.usage_in_bytes": "1000000000",
                "memory.stat": "inactive_file 1\ntotal_inactive_file 300000000\n",
            },
            2300.0,
        ),
        ({}, None),
    ],
)
def test_room_of_a_group_counts_kept_pages_of_files_as_free(
    tmp_path: Path, files: dict[str, str], found: float | None
) -> None:
    assert machine.room_mb(_write(tmp_path, files)) == found


@pytest.mark.parametrize(
    ("own", "groups"),
    [
        ("0::/system.slice/iop.service\n", ["system.slice/iop.service", "system.slice", "."]),
        ("7:blkio:/\n4:cpu,memory:/a\n1:cpuset:/b\n", ["cpu,memory/a", "cpu,memory"]),
        ("4:memory:/\n", ["memory"]),
    ],
)
def test_groups_above_hold_a_process_too(tmp_path: Path, own: str, groups: list[str]) -> None:
    (tmp_path / "own").write_text(own)
    found = machine.own_groups("memory", tmp_path / "own", tmp_path / "mounted")
    assert list(found) == [tmp_path / "mounted" / each for each in groups]


def test_one_processor_is_one_processor() -> None:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert machine.processors() == 1
    finally:
        os.sched_setaffinity(0, allowed)


def test_some_memory_is_free_here() -> None:
    assert 0 < machine.free_memory_mb() < float("inf")
