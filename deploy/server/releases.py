"""Releases: a folder each with code, models and links to environments; which one is in use.

A release is made beside the one that runs and is never changed afterwards. Environments are shared:
both together weigh more than 4 GB, and most releases bring no other packages.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from deploy.server import release_errors as errors
from deploy.server.layout import Layout
from deploy.server.release_errors import ReleaseError

ENVIRONMENTS = ("uv", "brain", "desk")
"""What `python -m setup --server` makes in .venv, each from a file of locked requirements."""
ABOUT = "release.json"
"""Written last: a folder without it was left half made."""
_CACHE, _PYTHONS = ".cache", "python"
"""In the folder of environments: what the installer keeps, and Pythons that it had to fetch."""
_LEFT_OUT = frozenset(
    {".git", ".venv", "state", "models", "secrets", "reports", "results", ".rasa", "__pycache__"}
    | {".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"}
)
"""What a source without git holds besides what belongs to it (.gitignore)."""
_STEERING = ("IOP_", "PYTHON", "MAKE", "MFLAGS", "DATABASE_URL", "VIRTUAL_ENV", "LISTEN_", "RASA_")
_LAST_WORDS = 3000
_IS_TRAINED = "import sys; from setup.train import is_trained; sys.exit(not is_trained())"
_MADE_FROM = "from setup.train import made_from; print(made_from(), end='')"
Pausing = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class About:
    """What a release says of itself."""

    id: str
    commit: str
    """Short hash of the commit; empty for a source without git."""
    contents: str
    """Hash of all its files: two releases with the same one are the same."""


def tracked(source: Path) -> list[Path]:
    """Return the files of a source, relative to it: those that git tracks, else all that belong.

    Raises:
        ReleaseError: It is no source of the assistant.
    """
    if not (source / "requirements" / "brain.txt").is_file():
        raise ReleaseError(errors.NO_SOURCE.format(source=source))
    listed = _git(source, "ls-files", "-z")
    if listed:
        names = [Path(name) for name in listed.split("\0") if name]
        return sorted(name for name in names if os.path.lexists(source / name))
    found = []
    for folder, folders, files in os.walk(source):
        folders[:] = [name for name in folders if name not in _LEFT_OUT]
        found += [Path(folder, name).relative_to(source) for name in files]
    return sorted(found)


def _git(source: Path, *words: str) -> str:
    """Return what git says of a source whose top is this folder; nothing where there is no git."""
    if not (source / ".git").exists() or shutil.which("git") is None:
        return ""
    # The source belongs to whoever fetched it, and root looks at it: git would refuse.
    command = ["git", "-c", "safe.directory=*", "-C", str(source), *words]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else ""


def contents_of(source: Path) -> str:
    """Return a hash of names and contents of all files of a source."""
    digest = hashlib.sha256()
    for name in tracked(source):
        path = source / name
        content = os.readlink(path).encode() if path.is_symlink() else path.read_bytes()
        digest.update(str(name).encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()


def about(release: Path) -> About | None:
    """Return what a release says of itself; None for a folder that is no whole release."""
    try:
        return About(**json.loads((release / ABOUT).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def in_use(link: Path) -> Path | None:
    """Return the release that a link (Layout.current, Layout.previous) leads to, if it is there."""
    release = link.resolve()
    return release if link.is_symlink() and about(release) is not None else None


def lock_of(source: Path, name: str) -> Path:
    """Return the file from which an environment of a server is made (setup.environments)."""
    shorter = source / "requirements" / f"{name}-server.txt"
    return shorter if shorter.is_file() else source / "requirements" / f"{name}.txt"


def missing_environments(layout: Layout, source: Path) -> list[str]:
    """Return which environments a release of this source would have to install."""
    return [
        name
        for name in ENVIRONMENTS
        if not Path(f"{environment(layout, source, name)}.stamp").exists()
    ]


def environment(layout: Layout, source: Path, name: str) -> Path:
    """Return the folder of an environment; its name says what packages are in it."""
    packages = hashlib.sha256(lock_of(source, name).read_bytes()).hexdigest()[:12]
    return layout.environments / f"{name}-{packages}"


def build(layout: Layout, source: Path, *, pausing: Pausing = nullcontext) -> Path:
    """Make a release of a source, beside the one in use: code, environments, encoder, model.

    A model that was made from the same data and code is taken over from the release in use, or from
    the source; otherwise it is trained.

    Args:
        layout: Where everything is.
        source: A folder with the source, such as a clone.
        pausing: Entered for as long as the training lasts, and only then: on a small server it
            stops the brain meanwhile (never the desk).

    Returns:
        The release's folder; not in use yet (`switch`).

    Raises:
        ReleaseError: A step failed; what was half made is gone.
    """
    contents = contents_of(source)
    commit = _git(source, "rev-parse", "--short=7", "HEAD").strip()
    moment = datetime.now(timezone.utc).strftime("%Y%m%d-%H%M%S")
    release = layout.releases / f"{moment}-{commit or contents[:7]}"
    before = os.umask(0o022)
    try:
        _copy(source, release)
        _link_environments(layout, release)
        _take_over(release, [each for each in (in_use(layout.current), source) if each])
        _set_up(layout, release)
        _train(layout, release, pausing)
        _finish(release, About(release.name, commit, contents))
    except BaseException:
        shutil.rmtree(release, ignore_errors=True)
        raise
    finally:
        os.umask(before)
        shutil.rmtree(layout.environments / _CACHE, ignore_errors=True)
    return release


def _copy(source: Path, release: Path) -> None:
    for name in tracked(source):
        old, new = source / name, release / name
        new.parent.mkdir(parents=True, exist_ok=True)
        if old.is_symlink():
            new.symlink_to(os.readlink(old))
        else:
            shutil.copyfile(old, new)
            new.chmod(0o755 if os.access(old, os.X_OK) and old.stat().st_mode & 0o100 else 0o644)


def _link_environments(layout: Layout, release: Path) -> None:
    """Have `python -m setup` find, and make, environments where all releases share them."""
    layout.environments.mkdir(parents=True, exist_ok=True)
    (release / ".venv").mkdir()
    for name in ENVIRONMENTS:
        shared = environment(layout, release, name)
        for link, target in ((name, shared), (f"{name}.stamp", Path(f"{shared}.stamp"))):
            path = release / ".venv" / link
            path.symlink_to(os.path.relpath(target, path.parent))


def _take_over(release: Path, donors: Iterable[Path]) -> None:
    """Copy what others have made; whether it is still right is told by the stamps beside it."""
    wanted = _asked(release, _MADE_FROM)
    donors = list(donors)
    for donor in donors:
        if (donor / "models" / "encoder").is_dir() and (donor / ".venv/encoder.stamp").is_file():
            _copy_made(donor, release, ["models/encoder", ".venv/encoder.stamp"])
            break
    for donor in donors:
        models = donor / "models"
        if _read(models / "made_from") == wanted and (name := _read(models / "current").strip()):
            names = ["current", "made_from", f"{name}.tar.gz", f"meaning/{name}", "vectors.npz"]
            names += ["passages.npz", "passages.made_from"]
            _copy_made(donor, release, [f"models/{each}" for each in names])
            return
    for donor in donors:
        # Of these vectors only those of new messages are made.
        _copy_made(donor, release, ["models/vectors.npz"])


def _read(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""


def _copy_made(donor: Path, release: Path, names: Iterable[str]) -> None:
    for name in names:
        old, new = donor / name, release / name
        new.parent.mkdir(parents=True, exist_ok=True)
        if old.is_dir():
            shutil.copytree(old, new, dirs_exist_ok=True)
        elif old.is_file() and not new.exists():
            shutil.copy2(old, new)


def _asked(release: Path, code: str) -> str:
    """Return what code of a release prints; it needs no environment."""
    command = [sys.executable, "-B", "-c", code]
    done = subprocess.run(
        command, cwd=release, env=_variables({}), capture_output=True, text=True, check=True
    )
    return done.stdout


def is_trained(release: Path) -> bool:
    """Say whether a release's model was made from its data, configuration and code."""
    command = [sys.executable, "-B", "-c", _IS_TRAINED]
    return subprocess.run(command, cwd=release, env=_variables({})).returncode == 0


def _variables(more: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_STEERING)}
    return {**kept, "RASA_TELEMETRY_ENABLED": "false", **more}


def run(step: str, command: list[str], folder: Path, **more: str) -> None:
    """Run a step of making a release, quietly unless it fails.

    Raises:
        ReleaseError: It failed.
    """
    done = subprocess.run(
        command,
        cwd=folder,
        env=_variables(more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        words = done.stdout.decode("utf-8", "replace")[-_LAST_WORDS:].strip()
        raise ReleaseError(errors.STEP_FAILED.format(step=step, code=done.returncode, words=words))


def _set_up(layout: Layout, release: Path) -> None:
    shared = layout.environments
    # On the same disk as the environments: the installer links files instead of copying them, and
    # a small server's /tmp may lie in memory.
    (cache := shared / _CACHE).mkdir(exist_ok=True)
    more = {
        "UV_CACHE_DIR": cache / "uv",
        "TMPDIR": cache,
        "UV_PYTHON_INSTALL_DIR": shared / _PYTHONS,
    }
    command = [sys.executable, "-B", "-m", "setup", "--server"]
    places = {name: str(path) for name, path in more.items()}
    run("Setting up the environments", command, release, PIP_NO_CACHE_DIR="1", **places)


def _train(layout: Layout, release: Path, pausing: Pausing) -> None:
    python = str(release / ".venv/brain/bin/python")
    # Gently: the release in use answers people meanwhile.
    command = [python, "-W", "ignore", "-m", "setup.train", "--gently"]
    with nullcontext() if is_trained(release) else pausing():
        run("Training", command, release, TMPDIR=str(layout.environments / _CACHE))


def _finish(release: Path, told: About) -> None:
    """Leave nothing behind that only the making needed, and all readable by the service."""
    for left in ("state", ".rasa"):
        shutil.rmtree(release / left, ignore_errors=True)
    for name in ("desk", "brain"):
        # The service may not write beside the code; compiled now, it starts sooner.
        command = [str(release / ".venv" / name / "bin" / "python"), "-m", "compileall", "-q"]
        subprocess.run([*command, "-x", "/tests/", str(release)], capture_output=True)
    (release / ABOUT).write_text(json.dumps(told.__dict__) + "\n", "utf-8")
    for folder, folders, files in os.walk(release):
        for name in (*folders, *files):
            path = Path(folder, name)
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(0o755 if path.is_dir() or mode & 0o100 else 0o644)


def switch(layout: Layout, release: Path) -> None:
    """Put a release in use; the one before is kept as `previous`.

    Each link leads to a whole release at any moment. Nothing is restarted here.
    """
    now = in_use(layout.current)
    if now is not None and now != release.resolve():
        lead(layout.previous, now)
    lead(layout.current, release)


def lead(link: Path, release: Path | None) -> None:
    """Have a link lead to a release from now on, or to none."""
    if release is None:
        link.unlink(missing_ok=True)
        return
    fresh = link.with_name(f"{link.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(os.path.relpath(release.resolve(), link.parent.resolve()))
    fresh.replace(link)


def weight_of_previous(layout: Layout) -> int:
    """Return the bytes that the release before and its own packages take."""
    present, before = in_use(layout.current), in_use(layout.previous)
    if before is None or before == present:
        return 0
    own = {environment(layout, before, name) for name in ENVIRONMENTS}
    if present is not None:
        own -= {environment(layout, present, name) for name in ENVIRONMENTS}
    places = (before, *own)
    return sum(p.lstat().st_size for place in places for p in place.rglob("*") if p.is_file())


def prune(layout: Layout) -> list[Path]:
    """Delete all but the release in use and the one before, and environments nobody needs.

    Returns:
        What was deleted.
    """
    kept = [each for link in (layout.current, layout.previous) if (each := in_use(link))]
    needed = {environment(layout, each, name).name for each in kept for name in ENVIRONMENTS}
    needed |= {f"{name}.stamp" for name in needed} | {_PYTHONS}
    old = [each for each in _inside(layout.releases) if each.resolve() not in kept]
    old += [each for each in _inside(layout.environments) if each.name not in needed]
    # An environment's stamp goes first: half deleted, it does not count as whole.
    old.sort(key=lambda path: path.suffix != ".stamp")
    for path in old:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return old


def _inside(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []
