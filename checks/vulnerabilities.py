"""Asks a vulnerability service which known holes our packages have.

Python packages are asked for by pip-audit, from the hash-locked files alone: nothing is installed
or resolved. What we serve of npm's is one file, asked for in the same protocol (OSV's).
"""

from __future__ import annotations

import json
import re
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks import errors
from setup.environments import VENVS

SERVICE = "https://api.osv.dev/v1/query"
"""Asked unless the variable AUDIT_SERVICE names another that speaks OSV's protocol."""
PIP_AUDIT = VENVS / "audit" / "bin" / "pip-audit"
SECONDS = 15
"""How long an answer of the service may take."""
_EXPECTED = "only enforces hash presence"
"""The warning that pip-audit gives whenever it reads hashes and asks OSV."""
_ERROR_CLASS = re.compile(r"^(?:\w+\.)*(\w*(?:Error|Exception|Timeout))\b", re.MULTILINE)
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s\\;]+)", re.MULTILINE)
_HTMX_VERSION = re.compile(r'version:"(\d+\.\d+\.\d+)"')


class NotAuditedError(Exception):
    """No service answered, or not in full; the message is its kind of failure."""


@dataclass(frozen=True)
class Finding:
    """A known hole of an installed version."""

    environment: str
    package: str
    version: str
    ids: tuple[str, ...]
    words: str
    mended: tuple[str, ...]


def pinned(lock: Path) -> dict[str, str]:
    """Return the packages that a lock file installs, by name, with their versions."""
    found = _PINNED.findall(lock.read_text("utf-8"))
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


def of_environment(name: str, lock: Path, service: str) -> list[Finding]:
    """Ask for every package of a lock file.

    Raises:
        NotAuditedError: The service did not answer for each of them.
    """
    command = [PIP_AUDIT, "-r", lock, "--require-hashes", "--disable-pip", "--strict"]
    command += ["-s", "osv", "--osv-url", service, "--timeout", SECONDS]
    command += ["-f", "json", "--aliases", "on", "--desc", "on", "--progress-spinner", "off"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    told = _json(done.stdout)
    # Exit code 1 is said of findings and of failures alike: only the former come with an answer.
    if told is None or done.returncode not in (0, 1):
        raise NotAuditedError(_class_of(done.stderr))
    warned = [line for line in done.stderr.splitlines() if line.startswith("WARNING")]
    if any(_EXPECTED not in line for line in warned):
        raise NotAuditedError(errors.HALF_READ)
    answered = {each["name"]: each.get("version") for each in told["dependencies"]}
    if answered != pinned(lock):
        raise NotAuditedError(errors.HALF_READ)
    return [
        Finding(
            environment=name,
            package=each["name"],
            version=each["version"],
            ids=(hole["id"], *hole["aliases"]),
            words=hole["description"].strip(),
            mended=tuple(hole["fix_versions"]),
        )
        for each in told["dependencies"]
        for hole in each["vulns"]
    ]


def htmx_version(script: Path) -> str:
    """Return the version that the console's copy of htmx.org says it is.

    Raises:
        ValueError: It says none.
    """
    said = _HTMX_VERSION.search(script.read_text("utf-8"))
    if said is None:
        raise ValueError(f"{script.name} does not say its version.")
    return said.group(1)


def of_npm_package(package: str, version: str, service: str) -> list[Finding]:
    """Ask for one package of npm's.

    Raises:
        NotAuditedError: The service did not answer.
    """
    asked = {"package": {"name": package, "ecosystem": "npm"}, "version": version}
    call = urllib.request.Request(
        service, json.dumps(asked).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(call, timeout=SECONDS) as answer:
            told = json.load(answer)
    except (OSError, ValueError) as problem:
        raise NotAuditedError(type(problem).__name__) from problem
    return [
        Finding(
            environment="console/static",
            package=package,
            version=version,
            ids=(hole["id"], *hole.get("aliases", ())),
            words=str(hole.get("summary") or hole.get("details") or "").replace("\n", " "),
            mended=(),
        )
        for hole in told.get("vulns", ())
        if hole.get("withdrawn") is None
    ]


def _json(text: str) -> dict[str, Any] | None:
    try:
        told = json.loads(text)
    except ValueError:
        return None
    return told if isinstance(told, dict) and "dependencies" in told else None


def _class_of(words: str) -> str:
    """Return the class of the error alone: its words name addresses."""
    named = _ERROR_CLASS.findall(words)
    return named[-1] if named else "pip-audit failed"
