"""The SMS channel: what a text comes to, and how an answer leaves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from desk.channels.contract import Arrival, Capabilities, Meant, Receipt, Rendered
from desk.channels.sms import cutting
from desk.channels.sms.config import SmsConfig
from desk.channels.sms.form import Delivery
from desk.channels.sms.keywords import keyword_of, revokes
from desk.channels.sms.provider import Twilio
from desk.inbound import Line
from desk.screening import Screening
from store.contacts import Contact
from store.deliveries import State
from store.records import Message

STOPPED, STARTED, HELP = "sms_stopped", "sms_started", "sms_help"
MEDIA, NOTICE, MORE, MENU = "sms_media", "sms_notice", "sms_more", "sms_menu"
ALL = (STOPPED, STARTED, HELP, MEDIA, NOTICE, MORE, MENU)
"""Lines of answers/sms.yml that this channel says."""
PICTURE, PLACE = "[picture or file]", "[location]"
"""What stands in the transcript for what is never opened."""
_WANTS_MORE = frozenset({"more", "more please", "mas", "más"})
_OPEN = 3_600_000
"""Milliseconds after a person's own words in which nothing is begun by us: it is their talk."""


class SmsChannel:
    """Text messages by Twilio."""

    name = "sms"
    capabilities = Capabilities(buttons=False, links=False, longest=cutting.LONGEST)

    def __init__(
        self,
        config: SmsConfig,
        zone: ZoneInfo,
        take: Callable[[str, Arrival], Awaitable[bool]],
        report: Callable[[str, State, str | None], Awaitable[None]],
    ) -> None:
        """Give what comes to `take`, and what became of a message of ours to `report`."""
        self._config, self._zone, self._take, self._report = config, zone, take, report
        self._twilio = Twilio(config)

    async def received(self, arrival: Arrival) -> None:
        """Take a text that has been verified."""
        await self._take(self.name, arrival)

    async def reported(self, delivery: Delivery) -> None:
        """Take what became of a text of ours; raises StoreError."""
        if delivery.state is not None:
            await self._report(delivery.provider_id, delivery.state, delivery.trouble)

    @property
    def config(self) -> SmsConfig:
        """How it was set up."""
        return self._config

    def read(self, arrival: Arrival, contact: Contact, screening: Screening) -> Meant:
        """Say what a text comes to: first what law and platform demand, then what was offered."""
        text = arrival.text.strip()
        by_twilio = arrival.notes.get("opt_out_type", "").upper()
        keyword = keyword_of(text)
        if by_twilio == "STOP" or keyword == "stop" or revokes(text):
            return self._stop(text, known=bool(by_twilio) or keyword == "stop")
        if contact.opted_out and (by_twilio == "START" or keyword == "start"):
            return self._start(text, contact)
        if contact.opted_out:
            return Meant(text or _unseen(arrival), silent=True)
        if by_twilio == "HELP":
            return Meant(text, silent=True)
        if keyword == "help":
            return Meant(text, lines=(Line(HELP, whoever=True),))
        return self._offered(arrival, text, contact)

    def _stop(self, text: str, *, known: bool) -> Meant:
        """Stop; where Twilio has confirmed it already, a text of ours would be refused."""
        how = "keyword" if known else "words"
        if known and self._config.keywords == "twilio":
            return Meant(text, opts_out=how, silent=True)
        return Meant(text, opts_out=how, lines=(Line(STOPPED, whoever=True),))

    def _start(self, text: str, contact: Contact) -> Meant:
        """Begin again; of an opt-out in their own words Twilio knows nothing, and says nothing."""
        ours = self._config.keywords == "ours" or contact.out_by == "words"
        lines = (Line(STARTED, whoever=True),) if ours else ()
        return Meant(text, opts_in=True, lines=lines, silent=not ours)

    def _offered(self, arrival: Arrival, text: str, contact: Contact) -> Meant:
        number = text.strip(" .)#")
        if number in contact.menu:
            return Meant(text, button=contact.menu[number])
        if contact.menu and number.isascii() and number.isdigit() and len(number) < 3:
            return Meant(text, lines=(Line(MENU),), keeps_menu=True)
        if contact.rest and text.lower().strip(" .!") in _WANTS_MORE:
            return Meant(text, lines=(Line(MORE, text=contact.rest),))
        unseen = (Line(MEDIA),) if _unseen(arrival) else ()
        if not text and unseen:
            return Meant(_unseen(arrival), lines=unseen)
        return Meant(text, after=unseen)

    def notice(self, contact: Contact) -> Line | None:
        """Return what must be known of texting, once: it follows the first answer."""
        return None if contact.told else Line(NOTICE)

    def render(self, message: Message, contact: Contact) -> Rendered:
        """Return a message as a text: menus in numbers, two segments at most."""
        if message.sender == "staff":
            name = (message.variables or {}).get("name", "Staff")
            page = cutting.whole(f"{name}: {message.text}")
        else:
            page = cutting.page(message.text, message.buttons, len(contact.menu) + 1)
        menu = {**contact.menu, **(page.menu or {})}
        return Rendered({"text": page.text}, menu, page.rest or contact.rest)

    def may_leave(self, message: Message, contact: Contact) -> bool:
        """Say whether a text may go to somebody who wants none: the one confirmation may."""
        return message.answer_id == STOPPED and contact.out_by != "provider"

    def leaves_at(self, message: Message, heard: int, now: int) -> int:
        """Return the moment from which a text may leave: at night, what nobody asked for waits."""
        asked = message.reply_to is not None or message.sender == "staff"
        if asked or now - heard < _OPEN:
            return now
        local = datetime.fromtimestamp(now / 1000, self._zone)
        begins, ends = self._config.quiet_from, self._config.quiet_until
        clock = local.time().replace(tzinfo=None)
        quiet = begins <= clock or clock < ends if begins > ends else begins <= clock < ends
        if not quiet:
            return now
        morning = local.replace(hour=ends.hour, minute=ends.minute, second=0, microsecond=0)
        if morning <= local:
            morning += timedelta(days=1)
        return int(morning.timestamp() * 1000)

    async def send(self, address: Mapping[str, str], rendered: Rendered, mark: str) -> Receipt:
        """Hand a text to Twilio, which takes no id of ours."""
        return await self._twilio.send(address, rendered)

    async def find(
        self, address: Mapping[str, str], rendered: Rendered, mark: str, since: int
    ) -> list[Receipt]:
        """Return texts of the same words that Twilio has taken since a moment."""
        return await self._twilio.find(address, rendered, since)

    async def delete_media(self, ids: list[str]) -> None:
        """Delete pictures at Twilio; they are never opened."""
        await self._twilio.delete_media(ids)

    async def close(self) -> None:
        """Close connections."""
        await self._twilio.close()


def _unseen(arrival: Arrival) -> str:
    """Return what stands for a picture or a place that came; nothing where none came."""
    if arrival.media:
        return PICTURE
    return PLACE if "place" in arrival.notes else ""
