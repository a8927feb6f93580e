"""An upgrade is refused early, done while people write, or taken back by itself."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks.planted import LATE, answer_is_wrong_after_a_migration
from benchmarks.retrying import Visitors, audit
from benchmarks.stage import Stage, copied
from deploy.server import releases, upgrade
from deploy.server.release_errors import ReleaseError, TooSlowError
from deploy.server.restore import restore
from deploy.server.service import start_again
from setup.code_print import ROOT
from tests.deploy.test_releases import small


def _broken(*_: object, **__: object) -> Path:
    raise ReleaseError("it is built")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A server on which nothing is yet."""
    with Stage(tmp_path) as made:
        yield made


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A source with nothing in it but what it is known by."""
    made = tmp_path / "source"
    (made / "requirements").mkdir(parents=True)
    for name in releases.ENVIRONMENTS:
        (made / "requirements" / f"{name}.txt").write_text("packages")
    return made


def in_use(stage: Stage, source: Path) -> Path:
    """Put a release without content in use, made from a source."""
    release = small(stage.layout, "r1", "packages")
    about = {"id": "r1", "commit": "", "contents": releases.contents_of(source)}
    (release / releases.ABOUT).write_text(json.dumps(about))
    releases.switch(stage.layout, release)
    return release


def test_where_nothing_is_deployed_it_is_refused(stage: Stage, source: Path) -> None:
    with pytest.raises(ReleaseError, match=r"not on this server yet.*deploy-server"):
        upgrade.upgrade(stage.server, source)


def test_the_same_source_is_refused(stage: Stage, source: Path) -> None:
    in_use(stage, source)
    with pytest.raises(ReleaseError, match=r"is the release in use \(r1\).*git pull"):
        upgrade.upgrade(stage.server, source)


def test_two_at_once_are_refused(stage: Stage, source: Path) -> None:
    in_use(stage, source)
    handle = os.open(stage.layout.home, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(ReleaseError, match="Another upgrade or way back is under way"):
        upgrade.upgrade(stage.server, source)
    with pytest.raises(ReleaseError, match="Another upgrade or way back is under way"):
        upgrade.go_back(stage.server)
    os.close(handle)


@pytest.mark.parametrize(("weighs", "makes_room"), [(500_000_000, False), (700_000_000, True)])
def test_the_release_before_makes_room_only_where_that_is_enough(
    stage: Stage,
    source: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    weighs: int,
    makes_room: bool,
) -> None:
    present = in_use(stage, source)
    before = small(stage.layout, "r0", "old packages")
    releases.lead(stage.layout.previous, before)
    (source / "new.py").write_text("")
    (source / "requirements" / "brain.txt").write_text("new packages")
    with (before / "packages").open("wb") as heavy:
        heavy.truncate(weighs)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_500_000_000))
    monkeypatch.setattr(releases, "build", _broken)
    problem = "it is built" if makes_room else r"has 1\.5 GB free, and the upgrade needs 2\.1 GB"
    with pytest.raises(ReleaseError, match=problem):
        upgrade.upgrade(stage.server, source)
    said = "the release before the one in use was deleted (r0)" in capsys.readouterr().out
    assert said is makes_room
    assert before.exists() is not makes_room
    assert releases.in_use(stage.layout.current) == present


def test_only_root_may(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert upgrade.main([]) == 1
    assert "`sudo make upgrade`" in capsys.readouterr().err
    assert upgrade.main(["--back"]) == 1
    assert "`sudo make rollback`" in capsys.readouterr().err


def test_there_must_be_something_to_go_back_to(stage: Stage, source: Path) -> None:
    in_use(stage, source)
    with pytest.raises(ReleaseError, match="There is no release to go back to"):
        upgrade.go_back(stage.server)
    releases.lead(stage.layout.previous, small(stage.layout, "r0", "packages"))
    with pytest.raises(ReleaseError, match="not known which form the database had"):
        upgrade.go_back(stage.server)


def test_a_release_that_cannot_be_made_leaves_all_as_it_was(stage: Stage, source: Path) -> None:
    present = in_use(stage, source)
    (source / "new.py").write_text("")
    with pytest.raises(ReleaseError, match=r"(?s)Nothing was changed: the release r1 goes on"):
        upgrade.upgrade(stage.server, source)
    assert releases.in_use(stage.layout.current) == present
    assert list(stage.layout.releases.iterdir()) == [present]


def test_settings_are_read_as_systemd_reads_them(stage: Stage) -> None:
    stage.layout.environment_file.write_text(
        "# A remark\n\nIOP_PORT=8080\nIOP_DEMO = 0\nDATABASE_URL='postgresql://a:b=c@d/e'\n;X=1\n"
    )
    found = stage.server.service.variables()
    assert found["IOP_PORT"] == "8080"
    assert found["IOP_DEMO"] == "0"
    assert found["DATABASE_URL"] == "postgresql://a:b=c@d/e"
    assert "X" not in found
    # Nothing of whoever upgrades steers what is run.
    assert "HOME" not in found


@pytest.mark.parametrize(("free", "stopped"), [(1400, True), (1600, False)])
def test_the_brain_rests_while_a_model_is_trained_where_memory_is_short(
    stage: Stage, free: int, stopped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upgrade, "free_memory_mb", lambda: free)
    done: list[str] = []
    monkeypatch.setattr(stage.units, "stop_brain", lambda: done.append("stop"))
    monkeypatch.setattr(stage.units, "start_brain", lambda: done.append("start"))
    with pytest.raises(ReleaseError), upgrade._training(stage.server):
        raise ReleaseError("training failed")
    assert done == (["stop", "start"] if stopped else [])


@pytest.mark.parametrize(("problem", "tries"), [(ReleaseError, 3), (TooSlowError, 1)])
def test_a_start_that_fails_is_tried_again_and_one_that_hangs_is_not(
    stage: Stage, problem: type[ReleaseError], tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []

    def fail() -> None:
        done.append(1)
        raise problem("it did not start")

    monkeypatch.setattr(stage.units, "restart", fail)
    with pytest.raises(problem):
        start_again(stage.server)
    assert len(done) == tries


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stage, Path]]:
    """A server that answers, and the source of its release."""
    folder = tmp_path_factory.mktemp("server")
    source = copied(ROOT, folder / "source")
    with Stage(folder, ready_seconds=60) as stage:
        stage.begin(stage.release(source))
        yield stage, source


def test_a_release_is_put_in_use_and_gone_back_from_while_people_write(
    running: tuple[Stage, Path], tmp_path: Path
) -> None:
    stage, source = running
    old = stage.server.current()
    new = copied(source, tmp_path / "new")
    (new / "CHANGELOG.md").write_text("newer")
    release = stage.release(new)
    with Visitors(stage.url).coming() as visitors:
        form = stage.server.service.run(release, "supervisor.schema", "show").strip()
        upgrade._remember(stage.layout, old, form)
        upgrade._put_in_use(stage.server, release)
        assert stage.server.current() == release
        assert releases.in_use(stage.layout.previous) == old
        assert upgrade.go_back(stage.server) == old
    assert releases.in_use(stage.layout.current) == old
    assert releases.in_use(stage.layout.previous) == release
    found = audit(stage.database, visitors.sent)
    assert found.clean, found


def test_a_backup_is_put_back_on_a_server(running: tuple[Stage, Path], tmp_path: Path) -> None:
    stage, _ = running
    stage.server.service.run(stage.server.current(), "supervisor.backup")
    made = max((stage.layout.state / "backups").glob("iop-*.backup"))
    # From another machine, say.
    elsewhere = tmp_path / "iop-20260101-000000.backup"
    made.rename(elsewhere)
    restore(stage.server, elsewhere)
    (aside,) = stage.layout.state.glob("desk.db.replaced-*")
    assert aside.is_file()
    with pytest.raises(ReleaseError, match="is no backup"):
        restore(stage.server, ROOT / "README.md")
    # It answers all the same, with what was there.
    stage.server.service.run(stage.server.current(), "supervisor.probe", "60")


def test_a_backup_that_is_not_there_stops_nothing(stage: Stage, source: Path) -> None:
    in_use(stage, source)
    with pytest.raises(ReleaseError, match=r"There is no backup .*none\.backup"):
        restore(stage.server, Path("none.backup"))


def test_a_release_that_answers_wrongly_is_taken_back_with_its_migration_and_nothing_is_lost(
    running: tuple[Stage, Path], tmp_path: Path
) -> None:
    stage, source = running
    old = stage.server.current()
    form = stage.server.service.run(old, "supervisor.schema", "show")
    broken = copied(source, tmp_path / "broken")
    answer_is_wrong_after_a_migration(broken, LATE)
    with Visitors(stage.url).coming() as visitors:
        with pytest.raises(ReleaseError, match=r"(?s)understood as greet.*The way back was taken"):
            upgrade.upgrade(stage.server, broken)
        stage.server.service.run(old, "supervisor.probe", "30")
    assert stage.server.current() == old
    assert stage.server.service.run(old, "supervisor.schema", "show") == form
    assert not any("broken" in path.name for path in stage.layout.state.iterdir())
    assert list(stage.layout.state.glob("trial-*")) == []
    found = audit(stage.database, visitors.sent)
    assert found.clean, found
