"""Conversations as they are while somebody is there: order, offers, who listens."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from desk.callbacks.form import Form, form_of
from desk.past_risk import course_of
from safety.course import Course
from store.contacts import Contact
from store.numbering import desk_number, of_desk
from store.records import Message, Owner, Ownership, Standing

if TYPE_CHECKING:
    from desk.one_turn import Outcome

_RECENT = 100
_FINISHED = 32
_QUEUED = 200
_KEPT = 20_000
TRIM_EVERY = 5.0
"""Seconds between two looks at how much memory they take."""
_KEPT_BYTES = 64_000_000
_LONGEST_BYTES = 400_000
_BARE_BYTES, _MESSAGE_BYTES = 4_000, 1_000
"""What a conversation, and a message besides its words, takes up about."""
CRISIS_PREFIX = "crisis"
"""Ids of texts that show crisis resources begin so."""


def now_ms() -> int:
    """Return the present moment in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


Event = tuple[str, Any]
"""What a listener is told: ("message", Message), ("typing", Typing) or ("owner", Owned)."""


@dataclass(frozen=True, slots=True)
class Typing:
    """An answer is being made, or no longer is."""

    on: bool
    name: str | None = None
    """Of whoever of staff writes it; None for the assistant."""


@dataclass(frozen=True, slots=True)
class Owned:
    """Who answers from now on."""

    owner: Owner | None
    name: str | None = None
    """Of whoever of staff does."""


class Listener:
    """One open stream of a conversation."""

    def __init__(self) -> None:
        """Start empty and open."""
        self._events: asyncio.Queue[Event | None] = asyncio.Queue(_QUEUED)

    def tell(self, event: Event) -> None:
        """Pass an event on; one who is too slow is cut off, and resumes from the log."""
        try:
            self._events.put_nowait(event)
        except asyncio.QueueFull:
            self.end()

    def end(self) -> None:
        """End the stream."""
        while not self._events.empty():
            self._events.get_nowait()
        self._events.put_nowait(None)

    async def next(self) -> Event | None:
        """Return the next event, or None when the stream is over."""
        return await self._events.get()


@dataclass(eq=False)
class Live:
    """One conversation in memory; the log is the truth, this is what the next turn needs of it."""

    id: str
    channel: str
    stored: bool = False
    """Whether its own rows are known to be in the log."""
    owner: Owner | None = "bot"
    """None when the log could not be asked."""
    reason: str = ""
    """Why it is that."""
    agent: str | None = None
    """The name of whoever of staff owns it."""
    blocked: bool = False
    """Whether staff have marked it as spam."""
    last_seq: int = 0
    last_at: int = 0
    language: str = "en"
    """What it is held in, "en" or "es"."""
    course: Course = field(default_factory=Course)
    """What it has held of risk."""
    form: Form = field(default_factory=Form)
    """How far the form for a callback has come."""
    form_seq: int = 0
    """The last message that it heard."""
    offered: set[str] = field(default_factory=set)
    refused_at: int = 0
    """When staff were last told of a risk in a message that was turned away."""
    told_said: bool = False
    """Whether the person was told that staff know of their crisis."""
    limited_at: int = 0
    """When the person was last told that they write too much."""
    typed_at: int = 0
    """When staff were last told that the person types."""
    waiting_said: int = 0
    """When the line on the wait for staff was last said."""
    pressing: int = 0
    """Messages of risk that wait for the turns before them."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    running: dict[str, asyncio.Task[Outcome]] = field(default_factory=dict)
    finished: OrderedDict[str, Outcome] = field(default_factory=OrderedDict)
    recent: deque[Message] = field(default_factory=lambda: deque(maxlen=_RECENT))
    late: set[int] = field(default_factory=set)
    """Messages that were passed on after one with a higher number."""
    listeners: set[Listener] = field(default_factory=set)
    contact: Contact | None = None
    """Where the person is reached; None on the web, where their page listens."""
    carrier: Callable[[Live, Message], None] | None = None
    """Takes what is said to where they are reached."""
    _passed: int = 0
    weight: int = _BARE_BYTES
    """Bytes of memory that it takes up about."""

    def next_seq(self) -> int:
        """Return a number above all before it: the clock's, so that the log need not be asked."""
        self.last_seq = desk_number(self.last_seq, now_ms())
        return self.last_seq

    def pass_on(self, message: Message) -> None:
        """Remember a message and tell everybody who listens."""
        if any(message.seq == each.seq for each in self.recent):
            return
        if message.seq < self._passed:
            self.late.add(message.seq)
        self._passed = max(self._passed, message.seq)
        self._remember(message)
        self.offered.update(button["id"] for button in message.buttons)
        if message.sender == "visitor":
            self.language = message.language or "en"
        answer_id = message.answer_id or ""
        if message.sender == "bot" and answer_id.startswith(CRISIS_PREFIX):
            language = message.language or "en"
            self.course.say(answer_id, message.text, language, self.channel)
        self.last_at = max(self.last_at, message.at)
        self._tell(("message", message))
        if self.carrier is not None and message.sender != "visitor" and of_desk(message.seq):
            # What the store has numbered is sent from the store (store.message_rows).
            self.carrier(self, message)

    def _remember(self, message: Message) -> None:
        """Keep a message at hand, and of all together no more than is needed."""
        if len(self.recent) == self.recent.maxlen:
            self.weight -= _bytes(self.recent.popleft())
        self.recent.append(message)
        self.weight += _bytes(message)
        while self.weight > _LONGEST_BYTES and len(self.recent) > 1:
            self.weight -= _bytes(self.recent.popleft())

    def typing(self, *, on: bool) -> None:
        """Tell everybody who listens that an answer is being made, or no longer is."""
        self._tell(("typing", Typing(on)))

    def staff_types(self) -> None:
        """Tell everybody who listens that staff are writing; it holds for a few seconds."""
        self._tell(("typing", Typing(on=True, name=self.agent)))

    @property
    def owned(self) -> Owned:
        """Who answers, as listeners are told."""
        return Owned(self.owner, self.agent)

    def tell_owner(self) -> None:
        """Tell everybody who listens who answers now; with staff, the assistant writes nothing."""
        self._tell(("owner", self.owned))
        if self.owner == "human":
            self.typing(on=False)

    def _tell(self, event: Event) -> None:
        for listener in tuple(self.listeners):
            listener.tell(event)

    def finish(self, client_id: str, outcome: Outcome) -> None:
        """Remember how a message was answered, for a client that asks again."""
        self.finished[client_id] = outcome
        while len(self.finished) > _FINISHED:
            self.finished.popitem(last=False)

    def adopt(self, standing: Standing | None) -> None:
        """Take over what the log says."""
        if standing is None:
            return
        self.stored = True
        self.own(standing.owned)
        self.last_seq, self.last_at = standing.last_seq, standing.last_at
        self.offered = set(standing.offered)
        self.language = standing.language
        if standing.form is not None and not self.form_seq:
            self.form, self.form_seq = form_of(standing.form.state), standing.form.seq
            if standing.staff_spoke:
                self.form = self.form.rest()
        if not self.course.heard:
            # While the log was away, memory knows more than it.
            self.course = course_of(standing.past, self.channel)

    def own(self, owned: Ownership) -> None:
        """Take over who owns it."""
        self.owner, self.reason, self.blocked = owned.owner, owned.reason, owned.blocked
        self.agent = owned.name if owned.owner == "human" else None

    @property
    def last_words(self) -> str | None:
        """The person's last message, if it is still in memory."""
        said = (message.text for message in reversed(self.recent) if message.sender == "visitor")
        return next(said, None)

    @property
    def idle(self) -> bool:
        """Whether nobody is there at this moment."""
        return not self.listeners and not self.running


def _bytes(message: Message) -> int:
    return _MESSAGE_BYTES + sys.getsizeof(message.text)


class Conversations:
    """The conversations in memory, the least recently used of which are forgotten."""

    def __init__(self, kept: int = _KEPT) -> None:
        """Keep so many at most."""
        self._lives: OrderedDict[str, Live] = OrderedDict()
        self._kept = kept

    def get(self, conversation_id: str) -> Live | None:
        """Return a conversation that is in memory."""
        live = self._lives.get(conversation_id)
        if live is not None:
            self._lives.move_to_end(conversation_id)
        return live

    def add(self, live: Live) -> Live:
        """Keep a conversation, or return the one that somebody else added meanwhile."""
        kept = self._lives.setdefault(live.id, live)
        self._lives.move_to_end(live.id)
        if len(self._lives) > self._kept:
            self._forget_one()
        return kept

    def _forget_one(self) -> None:
        for conversation_id, live in self._lives.items():
            if live.idle:
                del self._lives[conversation_id]
                return

    async def trim(self, most: int = _KEPT_BYTES) -> int:
        """Forget those in which nobody is, the longest unused first, until memory is enough.

        Args:
            most: Bytes that all may take up about.

        Returns:
            How many were forgotten.
        """
        weight, forgotten = sum(live.weight for live in self._lives.values()), 0
        for conversation_id in list(self._lives) if weight > most else ():
            live = self._lives[conversation_id]
            if live.idle:
                weight -= live.weight
                forgotten += 1
                del self._lives[conversation_id]
            if weight <= most:
                break
        return forgotten

    def ids(self) -> list[str]:
        """Return the ids of those in memory."""
        return list(self._lives)

    def drop(self, conversation_id: str) -> None:
        """Forget a conversation that has been erased."""
        live = self._lives.pop(conversation_id, None)
        for listener in tuple(live.listeners) if live else ():
            listener.end()

    def running(self) -> list[asyncio.Task[Outcome]]:
        """Return the turns that are under way."""
        return [turn for live in self._lives.values() for turn in live.running.values()]

    def end_streams(self) -> None:
        """End every open stream, so that the server can stop."""
        for live in self._lives.values():
            for listener in tuple(live.listeners):
                listener.end()
