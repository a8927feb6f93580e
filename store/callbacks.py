"""Requests for a call, and the forms in which they are made, in the log.

Everything that the desk writes here bears to be written twice, as the log's entries must.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, func, select, update

from store import persons, summaries
from store.callback_records import Callback, FormRow
from store.records import Entry
from store.rows import put, row_of
from store.sealing import LOST, opened_words
from store.tables.callbacks import callback_forms, callbacks
from store.tables.conversations import messages

VISITOR = "visitor"
"""Who is noted as having ended a request that the person took back."""
CANCELLED = "cancelled"
_SEALED = "sealed"


def keep(connection: Connection, entry: Entry) -> None:
    """Write what an entry of the log holds of calls."""
    if entry.form is not None:
        keep_form(connection, entry.conversation_id, entry.form)
    if entry.callback is not None:
        add(connection, entry.conversation_id, entry.callback)
    if entry.withdrawn:
        withdraw(connection, entry.conversation_id, entry.at)


def keep_form(connection: Connection, conversation_id: str, form: FormRow) -> None:
    """Keep the state of a form, unless a newer one is there (from before the spill file)."""
    row = row_of(conversation_id, form)
    row["state"] = state = _sealed(connection, conversation_id, form.state)
    if put(connection, callback_forms, [row]):
        return
    mine = callback_forms.c.conversation_id == conversation_id
    connection.execute(
        update(callback_forms)
        .where(mine, callback_forms.c.seq < form.seq)
        .values(seq=form.seq, at=form.at, state=state)
    )


def form_of(connection: Connection, conversation_id: str) -> FormRow | None:
    """Return the state of a conversation's form, or None when it never began."""
    query = select(callback_forms).where(callback_forms.c.conversation_id == conversation_id)
    row = connection.execute(query).first()
    return FormRow(row.seq, row.at, _opened(connection, row.state)) if row else None


def _sealed(
    connection: Connection, conversation_id: str, state: Mapping[str, Any]
) -> dict[str, Any]:
    words = orjson.dumps(dict(state)).decode()
    found = persons.seal(connection, conversation_id, words)
    return {_SEALED: found} if found != words else dict(state)


def _opened(connection: Connection, kept: Mapping[str, Any]) -> Mapping[str, Any]:
    if _SEALED not in kept:
        return kept
    words = opened_words(kept[_SEALED], connection.dialect)
    # A form whose key is gone begins anew.
    state: Mapping[str, Any] = orjson.loads(words) if words != LOST else {}
    return state


def staff_spoke_after(connection: Connection, conversation_id: str, seq: int) -> bool:
    """Say whether staff have written in a conversation after a message."""
    query = select(func.count()).where(
        messages.c.conversation_id == conversation_id,
        messages.c.sender == "staff",
        messages.c.seq > seq,
    )
    return connection.execute(query).scalar_one() > 0


def add(connection: Connection, conversation_id: str, callback: Callback) -> bool:
    """Put a request in the staff's list; False when it is there already."""
    row = row_of(conversation_id, callback)
    sealed = persons.seal_fields(connection, conversation_id, row, persons.SEALED_OF_CALLS)
    fresh = put(connection, callbacks, [sealed])
    if fresh:
        persons.know(connection, conversation_id, "phone", callback.phone.partition(";")[0])
        summaries.called(connection, conversation_id)
    return bool(fresh)


def withdraw(connection: Connection, conversation_id: str, at: int) -> int:
    """End the open requests of a conversation because the person no longer wants the call.

    Returns:
        How many there were.
    """
    mine = callbacks.c.conversation_id == conversation_id
    done: int = connection.execute(
        update(callbacks)
        .where(mine, callbacks.c.done_at.is_(None), callbacks.c.asked_at <= at)
        .values(done_at=at, done_by=VISITOR, outcome=CANCELLED)
    ).rowcount
    return done


def forget_forms(connection: Connection, before: int) -> int:
    """Delete what was given in forms that were last used before a moment.

    Args:
        connection: Where to write.
        before: In milliseconds. What such a form knows of past requests goes with it.

    Returns:
        How many forms.
    """
    old = callback_forms.c.at < before
    # A child's form stays, so that the question for the age cannot be answered anew.
    mine = select(callback_forms.c.conversation_id, callback_forms.c.state).where(old)
    gone = 0
    for conversation_id, kept in connection.execute(mine).all():
        state = _opened(connection, kept)
        if not state.get("answers"):
            continue
        empty = {key: value for key, value in state.items() if key in ("sent", "open")}
        same = callback_forms.c.conversation_id == conversation_id
        connection.execute(update(callback_forms).where(same).values(state=empty))
        gone += 1
    return gone
