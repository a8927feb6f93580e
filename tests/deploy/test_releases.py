"""A release is whole, shares what weighs much, and is put in use by moving two links."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.stage import Stage, copied
from deploy.server import releases
from deploy.server.layout import Layout
from deploy.server.release_errors import ReleaseError
from setup.code_print import ROOT


@contextmanager
def never() -> Iterator[None]:
    raise AssertionError("the brain was stopped")
    yield


class BrainStoppedError(Exception):
    """Raised when the brain would be stopped for a training."""


@contextmanager
def noticed() -> Iterator[None]:
    raise BrainStoppedError
    yield


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("server")) as made:
        yield made


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory, stage: Stage) -> Path:
    """A source without git, trained as this tree is."""
    made = copied(ROOT, tmp_path_factory.mktemp("source"))
    stage.link_environments(made)
    return stage.with_models(made)


@pytest.fixture(scope="module")
def release(stage: Stage, source: Path) -> Path:
    (source / "state").mkdir()
    (source / "state" / "brain.token").write_text("secret")
    return releases.build(stage.layout, source, pausing=never)


def test_it_has_the_code_and_nothing_of_anybodys(release: Path, source: Path) -> None:
    assert (release / "desk" / "main.py").read_bytes() == (ROOT / "desk/main.py").read_bytes()
    assert not (release / "state").exists()
    assert not (release / ".git").exists()
    told = releases.about(release)
    assert told is not None
    assert told.contents == releases.contents_of(source)


def test_the_service_can_read_all_of_it_and_write_nothing(release: Path) -> None:
    for folder, folders, files in os.walk(release):
        for path in (Path(folder, name) for name in (*folders, *files)):
            if not path.is_symlink():
                mode = path.stat().st_mode & 0o777
                assert mode & 0o022 == 0, path
                assert mode & 0o004, path


def test_environments_are_shared(release: Path, stage: Stage) -> None:
    for name in releases.ENVIRONMENTS:
        shared = stage.layout.environments / os.readlink(release / ".venv" / name).split("/")[-1]
        assert shared == releases.environment(stage.layout, release, name)
        assert (release / ".venv" / name).resolve() == (ROOT / ".venv" / name).resolve()


def test_a_model_of_the_same_data_is_taken_over(release: Path) -> None:
    current = (ROOT / "models" / "current").read_text()
    assert (release / "models" / "current").read_text() == current
    assert (release / "models" / f"{current.strip()}.tar.gz").is_file()
    assert releases.is_trained(release)


def test_another_one_is_trained_and_the_brain_rests_meanwhile(
    stage: Stage, source: Path, tmp_path: Path
) -> None:
    other = copied(source, tmp_path / "other")
    with (other / "data" / "nlu" / "cost.yml").open("a") as file:
        file.write("    - what is the price of it all\n")
    before = set(stage.layout.releases.iterdir())
    with pytest.raises(BrainStoppedError):
        releases.build(stage.layout, stage.with_models(other), pausing=noticed)
    # What was half made is gone.
    assert set(stage.layout.releases.iterdir()) == before


def test_what_git_does_not_track_is_no_part_of_it(tmp_path: Path) -> None:
    tracked = set(releases.tracked(ROOT))
    assert Path("deploy/server/layout.py") in tracked
    assert not any(path.parts[0] in (".venv", "models", "state") for path in tracked)
    with pytest.raises(ReleaseError, match="no source of the assistant"):
        releases.tracked(tmp_path)


def test_a_changed_file_makes_it_another_release(source: Path, tmp_path: Path) -> None:
    other = copied(source, tmp_path / "other")
    assert releases.contents_of(other) == releases.contents_of(source)
    (other / "README.md").write_text("changed")
    assert releases.contents_of(other) != releases.contents_of(source)


def small(layout: Layout, name: str, packages: str) -> Path:
    """Make a release without content, with an environment of its packages."""
    release = layout.releases / name
    (release / "requirements").mkdir(parents=True)
    for each in releases.ENVIRONMENTS:
        (release / "requirements" / f"{each}.txt").write_text(packages)
        shared = releases.environment(layout, release, each)
        shared.mkdir(parents=True, exist_ok=True)
        Path(f"{shared}.stamp").touch()
    (release / releases.ABOUT).write_text(f'{{"id": "{name}", "commit": "", "contents": ""}}')
    return release


def test_the_one_before_is_kept_and_older_ones_go_with_their_environments(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    first, second, third = (small(layout, f"r{n}", f"packages-{n // 2}") for n in (1, 2, 3))
    for each in (first, second, third):
        releases.switch(layout, each)
    half_made = layout.releases / "r4"
    half_made.mkdir()
    assert releases.in_use(layout.current) == third
    assert releases.in_use(layout.previous) == second
    kept = releases.environment(layout, third, "brain")
    gone = releases.environment(layout, first, "brain")
    deleted = releases.prune(layout)
    assert {first, half_made, gone, Path(f"{gone}.stamp")} <= set(deleted)
    assert sorted(layout.releases.iterdir()) == [second, third]
    assert kept.is_dir()
    assert not gone.exists()
    # Half deleted, it does not count as whole.
    assert deleted.index(Path(f"{gone}.stamp")) < deleted.index(gone)


def test_to_put_the_same_one_in_use_keeps_the_way_back(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    first, second = small(layout, "r1", "a"), small(layout, "r2", "a")
    releases.switch(layout, first)
    assert releases.in_use(layout.previous) is None
    releases.switch(layout, second)
    releases.switch(layout, second)
    assert releases.in_use(layout.previous) == first


def test_a_release_that_is_not_whole_is_not_in_use(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    release = small(layout, "r1", "a")
    releases.switch(layout, release)
    (release / releases.ABOUT).unlink()
    assert releases.in_use(layout.current) is None


def test_links_lead_within_the_folder_so_that_it_can_be_moved(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "here")
    releases.switch(layout, small(layout, "r1", "a"))
    (tmp_path / "here").rename(tmp_path / "there")
    moved = Layout(tmp_path / "there")
    assert releases.in_use(moved.current) == moved.releases / "r1"
