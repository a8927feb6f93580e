"""`make lock`: writes the hash-locked requirements anew from the .in files."""

from __future__ import annotations

from setup.code_print import ROOT
from setup.environments import UV, VENVS, ensure_uv, run, say

# Name of the file, and the Python for which it is resolved.
LOCKS = {"uv": "3.11", "brain": "3.10", "desk": "3.11"}


def main() -> None:
    """Resolve each environment. No address of a package index enters the files."""
    VENVS.mkdir(exist_ok=True)
    ensure_uv()
    for name, python in LOCKS.items():
        say(f"Locking {name} ...")
        source, target = (ROOT / "requirements" / f"{name}.{end}" for end in ("in", "txt"))
        command = [UV, "pip", "compile", "-q", "--system-certs", "--generate-hashes"]
        command += ["--no-annotate", "--no-header", "--python-version", python]
        command += ["--override", ROOT / "requirements" / "overrides.txt", source, "-o", target]
        run(command, f"Locking {name} failed.")


if __name__ == "__main__":
    main()
