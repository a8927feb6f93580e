"""The Slack channel: what a message comes to, and how an answer leaves.

Answers go to the person's direct messages alone, wherever they have written: in a channel everybody
would read them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from desk.channels.contract import (
    Arrival,
    Capabilities,
    Meant,
    NotSentError,
    Receipt,
    Rendered,
)
from desk.channels.forms import FormError
from desk.channels.slack import blocks, events
from desk.channels.slack.api import Slack
from desk.channels.slack.config import SlackConfig
from desk.channels.slack.events import Command, Press, Spoken
from desk.channels.slack.outbox import Outbox
from desk.channels.slack.seen import Seen
from desk.channels.slack.signature import Verifier
from desk.channels.slack.staff import Relay, StaffThreads
from desk.inbound import Line
from desk.lines import Lines
from desk.screening import Screening
from store.contacts import Contact
from store.records import Message

logger = logging.getLogger(__name__)

NOTICE, HINT, WRITTEN = "slack_notice", "slack_write_directly", "slack_written_directly"
MEDIA, REST, GREETING = "sms_media", "sms_more", "greeting"
ALL = (NOTICE, HINT, WRITTEN, MEDIA, REST, GREETING)
"""Texts of the catalogue that this channel says."""
FILE = "[picture or file]"
"""What stands in the transcript for what is never opened."""
_WANTS_MORE = frozenset({"more", "more please", "mas", "más"})
_PAUSES = (1.0, 10.0)
"""Seconds before buttons that could not be replaced are tried again."""
_LAST = 1.0
"""Seconds for what goes on at the end."""


class SlackChannel:
    """Slack."""

    name = "slack"
    capabilities = Capabilities(buttons=True, links=True, longest=blocks.LONGEST)

    def __init__(
        self,
        config: SlackConfig,
        take: Callable[[str, Arrival], Awaitable[bool]],
        screen: Callable[[str], Awaitable[Screening]],
        lines: Lines,
        relay: Relay | None = None,
    ) -> None:
        """Make it inside the event loop.

        Args:
            config: How it is set up.
            take: Keeps what comes, and has it handled; desk.channels.mailroom.Mailroom.take.
            screen: Screens what is written in a channel; desk.screening.Screener.screen.
            lines: What is said there and then, to the person alone.
            relay: Takes what staff write in a thread; only with `baa: true`.
        """
        self._take, self._screen, self._lines = take, screen, lines
        self._slack = Slack(config)
        self._outbox = Outbox(self._slack)
        self.verifier = Verifier(config.signing_secret)
        self.threads = StaffThreads(config, self._slack, relay) if config.staff_channel else None
        self._staff_channel = config.staff_channel
        self._seen, self._hinted, self._chosen = Seen(), Seen(), Seen()
        self._tasks: set[asyncio.Task[None]] = set()

    async def event(self, envelope: Mapping[str, Any]) -> None:
        """Take an event that has been verified.

        Raises:
            FormError: It is none.
        """
        mark = envelope.get("event_id")
        if not isinstance(mark, str) or not mark:
            raise FormError
        if mark in self._seen:
            return
        heard = events.spoken(envelope)
        if heard is not None:
            await self._heard(heard)
        # Only now: what could not be taken is to come again.
        self._seen.add(mark)

    async def _heard(self, heard: Spoken) -> None:
        if heard.channel == self._staff_channel:
            # Staff talk there, of people too: nothing of it is a person's own words.
            if self.threads is not None:
                await self.threads.heard(heard)
        elif heard.direct:
            await self._take(self.name, _arrival(heard))
        else:
            await self._in_public(heard)

    async def _in_public(self, heard: Spoken) -> None:
        """Say to the person alone where to write; words of risk are answered there at once."""
        screening = await self._screen(heard.text)
        spoken_to_us = heard.mention and screening.risk is not None
        if screening.crisis or spoken_to_us:
            await self._take(self.name, _arrival(heard))
        if heard.edited is None and self._may_hint(heard):
            self._spawn(self._hint(heard))

    def _may_hint(self, heard: Spoken) -> bool:
        """Say whether a hint is due: at every mention, and once to who writes beside us."""
        if heard.mention:
            # A mention comes as a message too, where both are subscribed to.
            return self._hinted.add(heard.key)
        return self._hinted.add(f"{heard.channel}:{heard.user}") and self._hinted.add(heard.key)

    async def _hint(self, heard: Spoken) -> None:
        body: dict[str, Any] = {
            "channel": heard.channel,
            "user": heard.user,
            "text": blocks.fallback(self._say(HINT)),
        }
        if heard.thread:
            body["thread_ts"] = heard.thread
        await self._slack.write("chat.postEphemeral", body)

    def _say(self, answer_id: str) -> str:
        return self._lines.say(answer_id, channel=self.name).text

    async def pressed(self, press: Press) -> None:
        """Take a choice that has been verified; a second one of the same message is ignored."""
        if not self._chosen.add(press.menu):
            return
        try:
            await self._take(self.name, _choice(press))
        except BaseException:
            self._chosen.discard(press.menu)
            raise
        self._spawn(self._replace(press))

    async def _replace(self, press: Press) -> None:
        body = {
            "channel": press.channel,
            "ts": press.ts,
            "text": press.text,
            "blocks": blocks.chosen(press.blocks, press.title),
        }
        for pause in (*_PAUSES, None):
            try:
                await self._slack.write("chat.update", body)
                return
            except NotSentError as problem:
                if not problem.again or pause is None:
                    # The buttons are still there: whoever wants another one may have it.
                    self._chosen.discard(press.menu)
                    raise
                wait = pause if problem.after is None else problem.after
            await asyncio.sleep(wait)

    async def commanded(self, command: Command) -> str:
        """Take a slash command that has been verified; return what the person alone is told."""
        await self._take(self.name, _by_command(command))
        return blocks.fallback(self._say(WRITTEN))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do what Slack must not wait for: it gives a request three seconds."""
        task = asyncio.create_task(_reported(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """Wait for what was begun beside the answers to Slack."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    def read(self, arrival: Arrival, contact: Contact, screening: Screening) -> Meant:
        """Say what an arrival comes to."""
        text = arrival.text.strip()
        if arrival.button is not None:
            return Meant(button=arrival.button, title=arrival.notes.get("title", ""))
        if "edit" in arrival.notes or "public" in arrival.notes:
            # Screened for risk and not answered otherwise (facts: table of Slack, "Loops").
            return Meant(text, silent=True)
        if "files" in arrival.notes:
            unseen = (Line(MEDIA),)
            return Meant(text, after=unseen) if text else Meant(FILE, lines=unseen)
        if "command" in arrival.notes and not text:
            return Meant(text, lines=(Line(GREETING),))
        if contact.rest and text.lower().strip(" .!") in _WANTS_MORE:
            return Meant(text, lines=(Line(REST, text=contact.rest),))
        return Meant(text)

    def notice(self, contact: Contact) -> Line | None:
        """Return what must be known of Slack, once: it follows the first answer."""
        return None if contact.told else Line(NOTICE)

    def render(self, message: Message, contact: Contact) -> Rendered:
        """Return a message as blocks, with its text for notifications."""
        name = None
        if message.sender == "staff":
            name = (message.variables or {}).get("name", "Staff")
        text, rest = _cut(message.text)
        shown = [
            *blocks.sections(text, name),
            *blocks.links(message.links),
            *blocks.choices(message.buttons),
        ]
        said = f"{name}: {text}" if name else text
        body = {"text": blocks.fallback(said), "blocks": shown}
        return Rendered(body, rest=rest or contact.rest)

    def may_leave(self, message: Message, contact: Contact) -> bool:
        """Say that everything may: nobody opts out of Slack but by leaving the conversation."""
        return True

    def leaves_at(self, message: Message, heard: int, now: int) -> int:
        """Return the present moment: Slack has quiet hours of its own."""
        return now

    async def send(self, address: Mapping[str, str], rendered: Rendered, mark: str) -> Receipt:
        """Hand a message to Slack, marked so that it can be found; raises NotSentError."""
        return await self._outbox.send(address, rendered, mark)

    async def find(
        self, address: Mapping[str, str], rendered: Rendered, mark: str, since: int
    ) -> list[Receipt]:
        """Return messages of that mark which Slack has taken; raises NotSentError."""
        return await self._outbox.find(address, mark, since)

    async def delete_media(self, ids: list[str]) -> None:
        """Do nothing: a file is its owner's, whom Slack alone lets delete it; we never fetch it."""

    async def close(self) -> None:
        """End what goes on beside, after a moment, and close connections."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_LAST)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._slack.close()


async def _reported(work: Coroutine[Any, Any, None]) -> None:
    """Do something, and log its failure: a code, no words and nobody's id."""
    try:
        await work
    except NotSentError as problem:
        logger.warning("Slack did not take a hint or a mended message: %s.", problem.code)
    except Exception as problem:
        logger.error("Something for Slack could not be done: %s.", type(problem).__name__)


def _arrival(heard: Spoken) -> Arrival:
    """Return what somebody has written.

    Who it was is their user id alone: presses and events may name different workspaces of one
    organization, and one token sees no two people of one id.
    """
    notes = {}
    if heard.edited:
        notes["edit"] = "1"
    if heard.files:
        notes["files"] = str(heard.files)
    if not heard.direct:
        notes["public"] = "1"
    return Arrival(
        platform_id=heard.key,
        sender=heard.user,
        address=_address(heard.team, heard.user, heard.channel),
        text=heard.text,
        notes=notes,
    )


def _choice(press: Press) -> Arrival:
    return Arrival(
        # Without the moment of the press: a second one, also after a new start, is the same.
        platform_id=f"{press.menu}:{press.button}"[:128],
        sender=press.user,
        address=_address(press.team, press.user, press.channel),
        button=press.button,
        notes={"title": press.title},
    )


def _by_command(command: Command) -> Arrival:
    return Arrival(
        platform_id=command.key,
        sender=command.user,
        address=_address(command.team, command.user, ""),
        text=command.text,
        notes={"command": "1"},
    )


def _address(team: str, user: str, channel: str) -> dict[str, str]:
    """Return where answers go: a direct channel, or one that is opened when the answer leaves."""
    return {"team": team, "user": user, "channel": channel if channel.startswith("D") else ""}


def _cut(text: str) -> tuple[str, str | None]:
    """Return what of a text one message holds, and the rest."""
    parts = blocks.pieces(text, blocks.LONGEST)
    if len(parts) < 2:
        return text, None
    return f"{parts[0]}\n{blocks.MORE}", text.strip()[len(parts[0]) :].strip()
