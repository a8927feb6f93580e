"""The desk's settings, read once from the environment and the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from desk import errors
from desk.errors import SettingsError
from monitoring.log_lines import FORMS, Form
from store.address import database_address

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True)
class Rate:
    """How much is let through: `burst` at once, refilled at `per_second`; 0 is no limit."""

    burst: float
    per_second: float


@dataclass(frozen=True)
class Settings:
    """What the desk can be told; the defaults are for one machine, for its own eyes."""

    host: str = "127.0.0.1"
    port: int = 8080
    console_port: int = 8081
    state: Path = ROOT / "state"
    database_url: str | None = field(default=None, repr=False)
    brain_url: str = "http://127.0.0.1:5005"
    brain_token_file: Path | None = None
    brain_limit: float = 4.0
    center_file: Path = ROOT / "center.yml"
    demo: bool = False
    credentials_file: Path = ROOT / "credentials.yml"
    alerts_file: Path | None = None
    """None is no file at all: alerts are shown on the staff page alone."""
    secrets: Path = ROOT / "secrets"
    public_url: str | None = None
    session_days: int | None = None
    rate_conversation: Rate = Rate(20, 0.5)
    rate_address: Rate = Rate(120, 4)
    waiting: int = 64
    connections: int = 4000
    connections_address: int = 256
    proxies: int = 0
    metrics_port: int = 0
    """On 127.0.0.1 alone; 0 is off."""
    log_format: Form = "plain"

    @property
    def database(self) -> str:
        """The database's address."""
        return self.database_url or f"sqlite:///{self.state / 'desk.db'}"

    @property
    def token_file(self) -> Path:
        """The file of the token that desk and brain share."""
        return self.brain_token_file or self.state / "brain.token"

    @property
    def own_url(self) -> str:
        """Where the desk finds itself on this machine."""
        anywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}
        host = anywhere.get(self.host, f"[{self.host}]" if ":" in self.host else self.host)
        return f"http://{host}:{self.port}"

    @property
    def rate_begun(self) -> Rate:
        """How many conversations one address may begin."""
        rate = self.rate_address
        return Rate(max(1, rate.burst / 2), rate.per_second / 4) if rate.burst else rate

    @property
    def rate_requests(self) -> Rate:
        """How much else one address may ask for: a page with the widget is some 20 requests."""
        return Rate(self.rate_address.burst * 5, self.rate_address.per_second * 10)

    @property
    def secure(self) -> bool:
        """Whether people reach the desk over https."""
        return bool(self.public_url and self.public_url.startswith("https://"))


def _number(low: float, high: float, kind: type[int] | type[float]) -> Callable[[str], Any]:
    def read(value: str) -> Any:
        number = kind(value)
        if not low <= number <= high:
            raise ValueError
        return number

    return read


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise ValueError
    return value.rstrip("/")


def _truth(value: str) -> bool:
    return {"1": True, "true": True, "0": False, "false": False}[value.lower()]


def _rate(value: str) -> Rate:
    if value == "0":
        return Rate(0, 0)
    burst, _, seconds = value.partition("/")
    rate = Rate(float(burst), float(burst) / float(seconds))
    if rate.burst < 1 or rate.per_second <= 0:
        raise ValueError
    return rate


def _log_format(value: str) -> Form:
    forms: dict[str, Form] = {form: form for form in FORMS}
    return forms[value]


@dataclass(frozen=True)
class _Option:
    field: str
    variable: str
    read: Callable[[str], Any]
    wanted: str
    help: str


_PORT = _number(1, 65535, int)
OPTIONS = (
    _Option("host", "IOP_HOST", str, "an address", "address to listen on (127.0.0.1)"),
    _Option("port", "IOP_PORT", _PORT, "a port, 1 to 65535", "the visitors' port (8080)"),
    _Option(
        "console_port", "IOP_CONSOLE_PORT", _PORT, "a port, 1 to 65535", "the staff's port (8081)"
    ),
    _Option("state", "IOP_STATE", Path, "a folder", "where log, keys and spill file live (state)"),
    _Option(
        "database_url",
        "DATABASE_URL",
        database_address,
        "an address such as postgresql://user:password@host/name or sqlite:////folder/desk.db",
        "the log's database (SQLite in the state)",
    ),
    _Option("brain_url", "IOP_BRAIN_URL", _url, "a web address", "http://127.0.0.1:5005"),
    _Option(
        "brain_token_file", "IOP_BRAIN_TOKEN_FILE", Path, "a file", "token shared with the brain"
    ),
    _Option(
        "brain_limit",
        "IOP_BRAIN_LIMIT",
        _number(0.1, 60, float),
        "seconds, 0.1 to 60",
        "how long a visitor waits for the brain (4)",
    ),
    _Option("center_file", "IOP_CENTER_FILE", Path, "a file", "the center's facts (center.yml)"),
    _Option("demo", "IOP_DEMO", _truth, "1 or 0", "1 fills unset facts with example values (0)"),
    _Option(
        "credentials_file", "IOP_CREDENTIALS_FILE", Path, "a file", "channels (credentials.yml)"
    ),
    _Option(
        "alerts_file",
        "IOP_ALERTS_FILE",
        Path,
        "a file",
        "where staff are told of alerts (alerts.yml beside the center's facts, if it is there)",
    ),
    _Option("secrets", "IOP_SECRETS", Path, "a folder", "files with one secret each (secrets)"),
    _Option("public_url", "IOP_PUBLIC_URL", _url, "a web address", "where visitors reach the desk"),
    _Option(
        "session_days",
        "IOP_SESSION_DAYS",
        _number(1, 3650, int),
        "days, 1 to 3650",
        "how long a visitor can come back to a conversation (as long as it is kept)",
    ),
    _Option(
        "rate_conversation",
        "IOP_RATE_CONVERSATION",
        _rate,
        "messages/seconds such as 20/40, or 0 for no limit",
        "messages of one conversation (20/40)",
    ),
    _Option(
        "rate_address",
        "IOP_RATE_ADDRESS",
        _rate,
        "messages/seconds such as 120/30, or 0 for no limit",
        "messages from one network address (120/30)",
    ),
    _Option(
        "waiting",
        "IOP_WAITING",
        _number(1, 1000, int),
        "a number, 1 to 1000",
        "messages of all visitors that may wait for the brain (64)",
    ),
    _Option(
        "connections",
        "IOP_CONNECTIONS",
        _number(16, 100_000, int),
        "a number, 16 to 100000",
        "connections that may be open in all (4000)",
    ),
    _Option(
        "connections_address",
        "IOP_CONNECTIONS_ADDRESS",
        _number(4, 100_000, int),
        "a number, 4 to 100000",
        "connections, or behind a proxy streams, of one network address (256)",
    ),
    _Option(
        "proxies",
        "IOP_PROXIES",
        _number(0, 8, int),
        "a number, 0 to 8",
        "how many proxies of one's own stand in front and set X-Forwarded-For (0)",
    ),
    _Option(
        "metrics_port",
        "IOP_METRICS_PORT",
        _number(0, 65535, int),
        "a port, 1 to 65535, or 0 for none",
        "where Prometheus asks, on 127.0.0.1 alone (0: nowhere)",
    ),
    _Option(
        "log_format",
        "IOP_LOG_FORMAT",
        _log_format,
        "plain or json",
        "how log lines look (plain; json is one object a line)",
    ),
)


def load_settings(
    arguments: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> Settings:
    """Return the settings; a flag wins over the environment, which wins over the default.

    Args:
        arguments: The command line, without the program's name.
        environment: Variables, such as os.environ; empty ones count as unset.

    Raises:
        SettingsError: A value cannot be used; the message names it and what is wanted.
    """
    given = vars(_parser().parse_args(list(arguments)))
    values: dict[str, Any] = {}
    for option in OPTIONS:
        raw, place = given[option.field], "the command line"
        key = "--" + option.field.replace("_", "-")
        if raw is None:
            raw, place, key = (
                (environment or {}).get(option.variable),
                "environment",
                option.variable,
            )
        if raw:
            values[option.field] = _value(option, raw, place, key)
    settings = Settings(**values)
    beside = settings.center_file.parent / "alerts.yml"
    if settings.alerts_file is None and beside.exists():
        return replace(settings, alerts_file=beside)
    return settings


def _value(option: _Option, raw: str, place: str, key: str) -> Any:
    try:
        return option.read(raw)
    except (ValueError, KeyError, ZeroDivisionError) as problem:
        message = errors.WRONG_SETTING.format(place=place, key=key, wanted=option.wanted)
        raise SettingsError(message) from problem


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m desk.main", description=__doc__)
    for option in OPTIONS:
        flag = "--" + option.field.replace("_", "-")
        parser.add_argument(flag, dest=option.field, help=f"{option.help} [{option.variable}]")
    return parser
