"""What a channel is: how a new one is added stands in docs/channels.md.

A channel proves where a request comes from, says who has written, renders an answer as its
platform shows it, and delivers it. Everything else (keeping, order, the turn, retries) is done once
for all of them, in mailroom.py and postman.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from desk.inbound import Line
from desk.screening import Screening
from store.contacts import Contact
from store.records import Message


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform can show."""

    buttons: bool
    """Whether choices are shown as such; else they are numbered."""
    links: bool
    longest: int
    """Characters of one message."""
    private: bool = True
    """Whether an answer is seen by the person alone."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One thing that a platform has handed over."""

    platform_id: str
    """The platform's id of it, the same when it is sent again."""
    sender: str
    """Who, such as a phone number in E.164: becomes a keyed hash."""
    address: Mapping[str, str]
    """Where an answer goes."""
    text: str = ""
    button: str | None = None
    """The id of a choice that was offered."""
    media: tuple[str, ...] = ()
    """Ids of pictures and files, which are never opened."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """What else the channel itself must know of it."""

    def plain(self) -> dict[str, Any]:
        """Return it as what JSON can hold."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Arrival:
        """Return the arrival that `plain` was made of."""
        return cls(**{**plain, "media": tuple(plain["media"])})


@dataclass(frozen=True, slots=True)
class Meant:
    """What an arrival comes to, read by its channel."""

    text: str = ""
    """As it is screened, logged and understood."""
    button: str | None = None
    title: str = ""
    """The words on that button, where the platform names them."""
    lines: tuple[Line, ...] = ()
    """Said instead of the brain's answer, where there are any."""
    after: tuple[Line, ...] = ()
    """Said after the answer."""
    opts_out: str | None = None
    """How the person says that they want no more messages; see store.contacts.opt_out."""
    opts_in: bool = False
    silent: bool = False
    """Whether it is logged and screened alone, and answered with crisis resources or nothing."""
    keeps_menu: bool = False
    """Whether the menu offered before still holds."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as it leaves."""

    body: Mapping[str, Any]
    """What the platform is given besides the address."""
    menu: Mapping[str, str] = field(default_factory=dict)
    """Ids of buttons by the number to reply with."""
    rest: str | None = None
    """What waits for "MORE"."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the platform says of a message that it has taken."""

    provider_id: str | None


class NotSentError(Exception):
    """The platform did not take a message; holds a code, never words."""

    def __init__(
        self, code: str, *, again: bool, maybe: bool = False, after: float | None = None
    ) -> None:
        """Keep what is to be done.

        Args:
            code: The platform's code, or the class of an error.
            again: Whether trying again can help.
            maybe: Whether it may have been taken all the same.
            after: Seconds that the platform asks to wait.
        """
        super().__init__(code)
        self.code, self.again, self.maybe, self.after = code, again, maybe, after


class OptedOutError(NotSentError):
    """The platform knows that the person wants no messages."""

    def __init__(self, code: str) -> None:
        """Never tried again."""
        super().__init__(code, again=False)


class Channel(Protocol):
    """One channel; see docs/channels.md.

    The addresses that its platform calls are in its `routes.py`: they verify, and give to the
    mailroom.
    """

    name: str
    capabilities: Capabilities

    def read(self, arrival: Arrival, contact: Contact, screening: Screening) -> Meant:
        """Say what an arrival comes to."""

    def notice(self, contact: Contact) -> Line | None:
        """Return what is to be said once, after the first answer; None when it was."""

    def render(self, message: Message, contact: Contact) -> Rendered:
        """Return a message as it leaves."""

    def may_leave(self, message: Message, contact: Contact) -> bool:
        """Say whether a message may be sent to somebody who wants none."""

    def leaves_at(self, message: Message, heard: int, now: int) -> int:
        """Return the moment from which a message may be sent: at night, what nobody asked waits.

        Args:
            message: The message.
            heard: When the person last wrote, in milliseconds.
            now: The present moment, in milliseconds.
        """

    async def send(self, address: Mapping[str, str], rendered: Rendered, mark: str) -> Receipt:
        """Hand a message to the platform.

        Args:
            address: To whom.
            rendered: The message.
            mark: An id of ours, for platforms that take one.

        Raises:
            NotSentError: It was not taken, or nobody knows.
        """

    async def find(
        self, address: Mapping[str, str], rendered: Rendered, mark: str, since: int
    ) -> list[Receipt]:
        """Return messages that may be this one, which the platform has taken since a moment.

        Raises:
            NotSentError: The platform does not say.
        """

    async def delete_media(self, ids: list[str]) -> None:
        """Delete pictures and files at the platform; raises NotSentError."""

    async def close(self) -> None:
        """Close connections."""
