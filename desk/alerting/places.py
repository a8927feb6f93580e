"""The kinds of places where staff can be told of alerts."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class EmailPlace:
    """A mailbox or more, reached by SMTP."""

    name: str
    host: str
    port: int
    tls: str
    sender: str
    recipients: tuple[str, ...]
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    told_of: tuple[str, ...] | None = None
    kind: str = "email"


@dataclass(frozen=True)
class WebhookPlace:
    """An address that takes a JSON body by POST; the address itself may be a secret."""

    name: str
    url: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    told_of: tuple[str, ...] | None = None
    kind: str = "webhook"


@dataclass(frozen=True)
class ApprisePlace:
    """A service that Apprise knows, such as Slack; its address is a secret."""

    name: str
    url: str = field(repr=False)
    told_of: tuple[str, ...] | None = None
    kind: str = "apprise"


Place = EmailPlace | WebhookPlace | ApprisePlace
"""`told_of` names the kinds of alerts that a place is told of; None is all."""
