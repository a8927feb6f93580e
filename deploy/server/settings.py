"""The center's own files on a server: settings.env, center.yml, alerts.yml, credentials.yml."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from deploy.server.arguments import Arguments
from deploy.server.layout import Layout
from deploy.server.machine import Files

COPIED = ("center.yml", "alerts.yml", "credentials.yml")
_HEAD = """\
# Settings of the assistant: NAME=value, a line each; docs/operations.md lists them all.
# After a change: sudo systemctl restart iop-desk iop-brain
"""
_CONSOLE = re.compile(r"^console_url:.*$", re.MULTILINE)


def _always(arguments: Arguments) -> dict[str, str]:
    return {"IOP_PUBLIC_URL": f"https://{arguments.domain}"}


def _at_first(layout: Layout) -> dict[str, str]:
    """Return what is set where nothing stands yet; the operator may change it."""
    # In the file stand the paths of the running server, whatever root this writes below.
    there = Layout()
    return {
        "IOP_DEMO": "0",
        "IOP_PROXIES": "1",
        "IOP_HOST": "127.0.0.1",
        "IOP_PORT": "8080",
        "IOP_CONSOLE_PORT": "8081",
        "IOP_BRAIN_PORT": "5005",
        "IOP_BRAIN_URL": "http://127.0.0.1:5005",
        "IOP_METRICS_PORT": "9108",
        "IOP_LOG_FORMAT": "json",
        "IOP_STATE": str(there.state),
        "IOP_BRAIN_DATABASE": f"sqlite:///{there.state}/brain.db",
        "IOP_BRAIN_TOKEN_FILE": f"{there.state}/brain.token",
        "IOP_CENTER_FILE": f"{there.settings}/center.yml",
        "IOP_ALERTS_FILE": f"{there.settings}/alerts.yml",
        "IOP_CREDENTIALS_FILE": f"{there.settings}/credentials.yml",
        "IOP_SECRETS": f"{there.settings}/secrets",
    }


def with_settings(text: str, always: dict[str, str], at_first: dict[str, str]) -> str:
    """Return a settings file with values put in; other lines stay as they are.

    Args:
        text: The file; empty where there is none.
        always: What is set to these values whatever stands there.
        at_first: What is set only where it does not stand there.
    """
    lines = (text or _HEAD).splitlines()
    for name, value in {**at_first, **always}.items():
        places = [n for n, line in enumerate(lines) if line.partition("=")[0].strip() == name]
        if not places:
            lines.append(f"{name}={value}")
        elif name in always:
            lines[places[-1]] = f"{name}={value}"
    return "\n".join(lines) + "\n"


def variables(text: str) -> dict[str, str]:
    """Return the variables of a settings file as systemd reads them (systemd.exec(5)).

    The last line of a name counts; one pair of quotation marks around a value goes.
    """
    found = {}
    for line in text.splitlines():
        name, equals, given = line.strip().partition("=")
        if equals and not name.startswith(("#", ";")):
            given = given.strip()
            quoted = len(given) > 1 and given[0] == given[-1] and given[0] in "'\""
            found[name.strip()] = given[1:-1] if quoted else given
    return found


def with_console(text: str, url: str) -> str:
    """Return alerts.yml with the address by which links lead to the console."""
    line = f"console_url: {url}"
    if _CONSOLE.search(text):
        return _CONSOLE.sub(line, text)
    return text.rstrip("\n") + f"\n{line}\n"


def write(layout: Layout, arguments: Arguments, source: Path, files: Files) -> bool:
    """Make folders and files; what the center has written stays.

    Returns:
        Whether anything that the running assistant reads has changed.
    """
    files.folder(layout.home, 0o755)
    files.folder(layout.settings, 0o750, "group")
    files.folder(layout.settings / "secrets", 0o750, "group")
    files.folder(layout.state, 0o700, "service")
    changed = False
    for name in COPIED:
        there = layout.settings / name
        text = (there if there.is_file() else source / name).read_text("utf-8")
        if name == "alerts.yml":
            text = with_console(text, f"https://{arguments.console}")
        changed |= files.write(there, text, 0o640, "group")
    for secret in (layout.settings / "secrets").iterdir():
        if secret.is_file():
            files.write(secret, secret.read_text("utf-8"), 0o640, "group")
    before = layout.environment_file
    text = before.read_text("utf-8") if before.is_file() else ""
    told = with_settings(text, _always(arguments), _at_first(layout))
    changed |= files.write(before, told, 0o640, "group")
    token = layout.state / "brain.token"
    if not token.is_file():
        files.write(token, secrets.token_urlsafe(32) + "\n", 0o600, "service")
    files.write(layout.arguments, arguments.as_json(), 0o644)
    return changed
