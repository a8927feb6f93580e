"""Makes the two Python environments, the encoder and the brain's token.

Runs under any Python 3.8 or newer that the machine has, so it uses the standard library alone.
Each step leaves a stamp with the fingerprint of what it was made from and is skipped while that
has not changed.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

from setup import errors
from setup.code_print import ROOT, fingerprint

VENVS = ROOT / ".venv"
UV = VENVS / "uv" / "bin" / "uv"
STATE = Path(os.environ.get("IOP_STATE") or ROOT / "state")
DESK_PYTHONS, BRAIN_PYTHONS = ("3.11", "3.12"), ("3.10",)
SERVER = "--server"
"""Argument of `python -m setup`: install what serves alone, without what checks and tests need."""
_NEEDS_IT = 3
_DOES_WITHOUT = (
    "import sys; from pathlib import Path; from brain.rasa_alone import can_do_without; "
    f"sys.exit(0 if can_do_without(Path(sys.argv[1])) else {_NEEDS_IT})"
)


def say(text: str) -> None:
    """Tell what is being done. On standard error: `make ask` keeps standard output for itself."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def run(command: list[object], failure: str, **environment: str) -> None:
    """Run a command, quietly unless it fails.

    Raises:
        SystemExit: It failed; its output is shown, then the failure's message.
    """
    # A set PYTHONDONTWRITEBYTECODE would make every later start compile 5,000 files again.
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd=ROOT, env={**kept, **environment}, capture_output=True, text=True
    )
    if done.returncode:
        say(done.stdout + done.stderr)
        raise SystemExit(failure)


def stamped(stamp: Path, made_from: str) -> bool:
    """Say whether a step was already done from the same things."""
    return stamp.exists() and stamp.read_text("utf-8") == made_from


def ensure_uv() -> None:
    """Install uv, the installer, into a small environment of its own."""
    lock = ROOT / "requirements" / "uv.txt"
    stamp = VENVS / "uv.stamp"
    made_from = fingerprint([lock])
    if stamped(stamp, made_from) and UV.exists():
        return
    say("Setting up the installer ...")
    # Resolved: on a server it may be a link to where several releases share it.
    venv.create((VENVS / "uv").resolve(), with_pip=True, clear=True)
    pip = [VENVS / "uv" / "bin" / "python", "-m", "pip", "install", "-q", "--require-hashes"]
    run([*pip, "-r", lock], errors.INSTALL_FAILED.format(name="uv"))
    stamp.write_text(made_from, "utf-8")


def find_python(wanted: tuple[str, ...]) -> str:
    """Return a Python of one of the wanted versions.

    Looks on the path and under pyenv (a `.python-version` file lets uv see through its shims),
    then has uv fetch one where the machine may.

    Raises:
        SystemExit: None can be had; the message says what to install.
    """
    for version in wanted:
        for extra in (["--no-python-downloads"], []):
            finder = [UV, "python", "find", *extra, version]
            found = subprocess.run(list(map(str, finder)), cwd=ROOT, capture_output=True, text=True)
            if found.returncode == 0 and found.stdout.strip():
                return found.stdout.strip()
            if not extra:
                subprocess.run([str(UV), "python", "install", version], cwd=ROOT, check=False)
        found = subprocess.run(
            [str(UV), "python", "find", version], cwd=ROOT, capture_output=True, text=True
        )
        if found.returncode == 0 and found.stdout.strip():
            return found.stdout.strip()
    command = f"apt-get install python{wanted[0]} python{wanted[0]}-venv"
    if shutil.which("pyenv"):
        command = f"pyenv install {wanted[0]}"
    raise SystemExit(errors.NO_PYTHON.format(wanted=" or ".join(wanted), command=command))


def lock_of(root: Path, name: str, *, server: bool) -> Path:
    """Return the file of locked requirements from which an environment is made.

    Args:
        root: The folder of the code.
        name: The environment.
        server: Whether it only has to serve. Where there is no shorter list for that, all of it.
    """
    shorter = root / "requirements" / f"{name}-server.txt"
    return shorter if server and shorter.exists() else root / "requirements" / f"{name}.txt"


def ensure_environment(name: str, pythons: tuple[str, ...], *, server: bool = False) -> None:
    """Make an environment from its hash-locked requirements, bytecode compiled."""
    lock, stamp = lock_of(ROOT, name, server=server), VENVS / f"{name}.stamp"
    made_from = fingerprint([lock])
    folder = VENVS / name
    python = folder / "bin" / "python"
    if stamped(stamp, made_from) and python.exists():
        return
    say(f"Setting up the {name}'s environment ...")
    failure = errors.INSTALL_FAILED.format(name=f"the {name}'s environment")
    # Resolved: on a server it may be a link to where several releases share it.
    place = folder.resolve()
    run([UV, "venv", "-q", "--clear", "--python", find_python(pythons), place], failure)
    # --system-certs: the machine's own certificates, which a company's proxy may need.
    install = [UV, "pip", "sync", "-q", "--system-certs", "--require-hashes", "--compile-bytecode"]
    run([*install, "--python", python, lock], failure)
    stamp.write_text(made_from, "utf-8")


def require_no_tensorflow(config: Path = ROOT / "config.yml") -> None:
    """Make sure that the brain can do with what is installed on a server.

    Raises:
        SystemExit: The configuration names a component that needs TensorFlow.
    """
    command = [str(VENVS / "brain" / "bin" / "python"), "-c", _DOES_WITHOUT, str(config)]
    if subprocess.run(command, cwd=ROOT).returncode == _NEEDS_IT:
        raise SystemExit(errors.NEEDS_TENSORFLOW)


def ensure_encoder() -> None:
    """Build the sentence encoder when it, its weights or its code changed."""
    model, stamp = ROOT / "models" / "encoder" / "model.onnx", VENVS / "encoder.stamp"
    made_from = fingerprint([ROOT / "setup" / "encoder.py", ROOT / "requirements" / "brain.txt"])
    if stamped(stamp, made_from) and model.exists():
        return
    say("Building the sentence encoder ...")
    run([VENVS / "brain" / "bin" / "python", "-m", "setup.encoder"], "The encoder was not built.")
    stamp.write_text(made_from, "utf-8")


def ensure_token() -> None:
    """Make the secret that desk and brain share, readable by the owner alone."""
    path = STATE / "brain.token"
    if path.exists() and path.read_text("utf-8").strip():
        return
    STATE.mkdir(mode=0o700, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(32) + "\n")


def for_a_server(arguments: Sequence[str]) -> bool:
    """Say whether this copy of the code only has to serve; asked for once, it stays so."""
    mark = VENVS / "server"
    if SERVER in arguments and not mark.exists():
        mark.touch()
    return mark.exists()


def main(arguments: Sequence[str] = ()) -> None:
    """Make whatever is missing."""
    VENVS.mkdir(exist_ok=True)
    server = for_a_server(arguments)
    ensure_uv()
    ensure_environment("brain", BRAIN_PYTHONS, server=server)
    ensure_environment("desk", DESK_PYTHONS, server=server)
    if server and lock_of(ROOT, "brain", server=True) != lock_of(ROOT, "brain", server=False):
        require_no_tensorflow()
    ensure_encoder()
    ensure_token()
