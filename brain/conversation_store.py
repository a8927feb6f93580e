"""Rasa's tracker store: live conversations in memory, their present session on disk.

The desk keeps the record of what was said. This store holds only what the brain needs to go on
with a conversation after a restart, and no message text past its session.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import logging
import os
import time
from collections import OrderedDict
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import sqlalchemy as sql
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from brain import actions_in_process

# Rasa loads this module before it makes its agent, in every command: the place to hand the agent
# an endpoint that runs the actions in process (`rasa shell` loads no connector).
actions_in_process.install()

logger = logging.getLogger(__name__)

EVENTS_KEPT = 24
"""About four turns: rules look at the last one, and Rasa replays all that is kept for each action.
A live tracker is cut back to this when it has grown to twice as much."""
LIVE_CONVERSATIONS = 500
SWEEP_EVERY_SECONDS = 60
WRITE_AFTER_SECONDS = 0.25
"""How long new events may stay unwritten: what a killed brain forgets. The desk forgets nothing."""
DATABASE_VARIABLE = "IOP_BRAIN_DATABASE"
"""Names another database than endpoints.yml does."""
_UNREAD = ("intent_ranking", "text_tokens", "response_selector", "metadata", "questions")

Unwritten = tuple[str, list[dict[str, Any]], bool]
"""A conversation, its new rows, and whether they begin a session."""

_metadata = sql.MetaData()
_events = sql.Table(
    "session_events",
    _metadata,
    sql.Column("number", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("conversation", sql.String(255), nullable=False, index=True),
    sql.Column("at", sql.Float, nullable=False, index=True),
    sql.Column("event", sql.Text, nullable=False),
)


def _stored(event: Event) -> str:
    """Return an event as JSON, a reading without what nobody reads again."""
    data = event.as_dict()
    if isinstance(event, UserUttered):
        parsed = data.get("parse_data") or {}
        data["parse_data"] = {key: v for key, v in parsed.items() if key not in _UNREAD}
        data["metadata"] = {}
    return json.dumps(data)


class ConversationStore(TrackerStore):
    """Keeps the trackers of the brain (`tracker_store:` in endpoints.yml)."""

    def __init__(
        self,
        domain: Domain,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        url: str = "sqlite://",
        **kwargs: Any,
    ) -> None:
        """Open the store.

        Args:
            domain: The assistant's domain.
            host: Rasa's `url:` key; a database address such as sqlite:///state/brain.db.
            event_broker: Must stay unset: the desk's log is the record.
            url: The database when `host` is not given; default: in memory.
            **kwargs: What Rasa itself hands to a store.
        """
        super().__init__(domain, event_broker, **kwargs)
        address = os.environ.get(DATABASE_VARIABLE) or host or url
        options: dict[str, Any] = {}
        if address.startswith("sqlite"):
            options["connect_args"] = {"check_same_thread": False}
            if address == "sqlite://":
                options["poolclass"] = sql.pool.StaticPool
        self._engine = sql.create_engine(address, **options)
        # One writer thread: SQL stays out of the event loop and in order.
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="tracker-store")
        self._live: OrderedDict[str, tuple[DialogueStateTracker, Event | None]] = OrderedDict()
        self._unwritten: list[Unwritten] = []
        self._timer: asyncio.TimerHandle | None = None
        atexit.register(self._write_the_last)
        self._swept = time.time()
        self._writer.submit(self._prepare).result()

    def _prepare(self) -> None:
        if self._engine.dialect.name == "sqlite":
            sql.event.listen(self._engine, "connect", _fast_sqlite)
        _metadata.create_all(self._engine)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return a conversation's tracker: the live one, else its stored session, else None."""
        if sender_id in self._live:
            self._live.move_to_end(sender_id)
            return self._live[sender_id][0]
        self._write_soon()
        loop = asyncio.get_running_loop()
        stored = await loop.run_in_executor(self._writer, self._read, sender_id)
        if not stored:
            return None
        tracker = DialogueStateTracker.from_dict(
            sender_id, stored, self.domain.slots, max_event_history=None
        )
        self._keep(tracker)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep a tracker; its new events are written soon, in the background, in order.

        Together with those of other conversations: a thread that writes for each turn would
        take the interpreter from the turn that is under way.
        """
        new = self._new_events(tracker)
        self._keep(tracker)
        self._leave_ended()
        if new:
            rows = [
                {"conversation": tracker.sender_id, "at": e.timestamp, "event": _stored(e)}
                for e in new
            ]
            fresh = any(isinstance(event, SessionStarted) for event in new)
            self._unwritten.append((tracker.sender_id, rows, fresh))
            if self._timer is None:
                loop = asyncio.get_running_loop()
                self._timer = loop.call_later(WRITE_AFTER_SECONDS, self._write_soon)

    async def keys(self) -> Iterable[str]:
        """Return the conversations that have a stored session."""
        self._write_soon()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, self._conversations)

    async def delete(self, sender_id: str) -> None:
        """Forget a conversation altogether."""
        self.drop(sender_id)
        self._write_soon()
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._writer, self._delete, sender_id)

    def drop(self, sender_id: str) -> None:
        """Leave a live tracker, so that a failed turn is not built upon."""
        self._live.pop(sender_id, None)

    def _leave_ended(self) -> None:
        """Leave the oldest live tracker when its session is over; one a turn keeps up."""
        name, (_, last) = next(iter(self._live.items()))
        if last is not None and last.timestamp < time.time() - self._session_seconds:
            del self._live[name]

    @property
    def _session_seconds(self) -> float:
        return float(self.domain.session_config.session_expiration_time) * 60

    def _keep(self, tracker: DialogueStateTracker) -> None:
        _shorten(tracker)
        last = tracker.events[-1] if tracker.events else None
        self._live[tracker.sender_id] = (tracker, last)
        self._live.move_to_end(tracker.sender_id)
        while len(self._live) > LIVE_CONVERSATIONS:
            self._live.popitem(last=False)

    def _new_events(self, tracker: DialogueStateTracker) -> list[Event]:
        # By identity, not by count (Rasa's way): the history is bounded, so counts do not grow.
        _, last = self._live.get(tracker.sender_id, (tracker, None))
        new: list[Event] = []
        for event in reversed(tracker.events):
            if event is last:
                break
            new.append(event)
        return new[::-1]

    def _read(self, conversation: str) -> list[dict[str, Any]]:
        chosen = sql.select(_events.c.event).where(_events.c.conversation == conversation)
        with self._engine.connect() as connection:
            rows = connection.execute(chosen.order_by(_events.c.number)).scalars().all()
        return [json.loads(row) for row in rows]

    def _write_soon(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._unwritten:
            self._writer.submit(self._write, self._take()).add_done_callback(_report)

    def _take(self) -> list[Unwritten]:
        taken, self._unwritten = self._unwritten, []
        return taken

    def _write_the_last(self) -> None:
        """Write what is left when the process ends; its threads have ended before."""
        if self._unwritten:
            self._write(self._take())

    def _write(self, unwritten: list[Unwritten]) -> None:
        now = time.time()
        with self._engine.begin() as connection:
            for conversation, rows, fresh in unwritten:
                if fresh:
                    ended = _events.c.conversation == conversation
                    connection.execute(_events.delete().where(ended))
                connection.execute(_events.insert(), rows)
            if now - self._swept > SWEEP_EVERY_SECONDS:
                self._swept = now
                over = now - self._session_seconds
                connection.execute(_events.delete().where(_events.c.at < over))

    def _conversations(self) -> list[str]:
        with self._engine.connect() as connection:
            names = sql.select(_events.c.conversation).distinct()
            return list(connection.execute(names).scalars())

    def _delete(self, conversation: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(_events.delete().where(_events.c.conversation == conversation))
        if self._engine.dialect.name == "sqlite":
            # Else the log of writes would hold what was said until other writes push it out.
            with self._engine.connect() as connection:
                connection.execute(sql.text("PRAGMA wal_checkpoint(TRUNCATE)"))


def _shorten(tracker: DialogueStateTracker) -> None:
    """Leave a live tracker its last turns, from the moment before one of them on.

    Rasa's own limit does not hold: its fail-safe wrapper makes new trackers without one. Slots
    keep their values, since the tracker holds them beside its events.
    """
    if len(tracker.events) <= 2 * EVENTS_KEPT:
        return
    kept = list(tracker.events)[-EVENTS_KEPT:]
    while kept and not (
        isinstance(kept[0], ActionExecuted) and kept[0].action_name == ACTION_LISTEN_NAME
    ):
        kept.pop(0)
    tracker.events = type(tracker.events)(kept)


def _fast_sqlite(connection: Any, _: Any) -> None:
    # The record is the desk's, so this file may lose its last moments with the power.
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=OFF")
    # What is deleted is overwritten.
    connection.execute("PRAGMA secure_delete=ON")


def _report(done: Future[None]) -> None:
    error = done.exception()
    if error is not None:
        logger.error("The session store could not write: %s", type(error).__name__)
