"""What the log knows of risk in a conversation, for the turn after a restart."""

from __future__ import annotations

from sqlalchemy import Connection, Row, bindparam, select

from store.records import Past, PastMessage, PastText
from store.tables.conversations import messages, readings

_HEARD = 6
_SAID = 200

_OF_IT = messages.c.conversation_id == bindparam("conversation")
_LATEST = (
    select(
        messages.c.text,
        messages.c.at,
        readings.c.risk_category,
        readings.c.risk_tier,
        readings.c.risk_rule,
        messages.c.seq,
    )
    .outerjoin(
        readings,
        (readings.c.conversation_id == messages.c.conversation_id)
        & (readings.c.seq == messages.c.seq),
    )
    .where(_OF_IT, messages.c.sender == "visitor", messages.c.button.is_(None))
    .order_by(messages.c.seq.desc())
    .limit(_HEARD)
)
_FOUND = (
    select(readings.c.risk_category, readings.c.risk_tier, readings.c.risk_rule)
    .where(
        readings.c.conversation_id == bindparam("conversation"), readings.c.risk_tier.is_not(None)
    )
    .distinct()
)
_TEXTS = (
    select(messages.c.answer_id, messages.c.text, messages.c.language, messages.c.reply_to)
    .where(_OF_IT, messages.c.sender == "bot", messages.c.answer_id.like("crisis%"))
    .order_by(messages.c.seq.desc())
    .limit(_SAID)
)
_LAST_VISITOR = (
    select(messages.c.seq)
    .where(_OF_IT, messages.c.sender == "visitor")
    .order_by(messages.c.seq.desc())
    .limit(1)
)


def past(connection: Connection, conversation_id: str) -> Past:
    """Return what a conversation has held of risk; empty for one that has held none."""
    key = {"conversation": conversation_id}
    texts = list(connection.execute(_TEXTS, key))
    last = connection.execute(_LAST_VISITOR, key).scalar()
    return Past(
        heard=tuple(_heard(row) for row in reversed(list(connection.execute(_LATEST, key)))),
        found=tuple((c, t, r) for c, t, r in connection.execute(_FOUND, key)),
        said=tuple(
            PastText(row.answer_id, row.text, row.language or "en", open=row.reply_to == last)
            for row in reversed(texts)
        ),
    )


def _heard(row: Row[tuple[str, int, str, str, str, int]]) -> PastMessage:
    return PastMessage(row.text, row.at, row.risk_category, row.risk_tier, row.risk_rule)
