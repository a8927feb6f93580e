"""What a finding of the screen makes the desk do: resources, alerts, the queue."""

from __future__ import annotations

import logging

from desk import lines as say
from desk.conversations import now_ms
from desk.lines import Lines, spoken_message
from desk.screening import Screening
from language.detect import language_of
from safety.replies import crisis_answer_id
from safety.risk import Risk
from store.records import Alert, Kind, Message

logger = logging.getLogger(__name__)

OPENS_QUEUE = frozenset({"T0", "T1"})


def risk_message(
    lines: Lines,
    screening: Screening,
    text: str,
    *,
    shown: int = 0,
    seq: int = 0,
    reply_to: int | None = None,
    channel: str = "web",
) -> Message | None:
    """Return what is said because of what the screen found, or None when it found nothing.

    It is of kind "crisis", with resources, at T0 to T2 and when the screen could not run; a
    gentle line of kind "answer" at T3.

    Args:
        lines: Renders the text.
        screening: What the screen said.
        text: The person's words, for the language to answer in.
        shown: How often the conversation was shown resources; a repetition has other words.
        seq: The message's number.
        reply_to: The number of the message that it answers.
        channel: "web" or "sms".
    """
    risk = screening.risk
    if risk is None and not screening.failed:
        return None
    spanish = language_of(text) == "es" or (risk is not None and risk.language == "es")
    spoken = lines.say(
        _answer_id(lines, risk, shown),
        channel=channel,
        language="es" if spanish else "en",
    )
    kind: Kind = "crisis" if screening.crisis else "answer"
    return spoken_message(
        spoken,
        seq=seq,
        at=now_ms(),
        kind=kind,
        reply_to=reply_to,
        language="es" if spanish and risk else None,
    )


def _answer_id(lines: Lines, risk: Risk | None, shown: int) -> str:
    if risk is None:
        return say.UNSCREENED
    answer_id = crisis_answer_id(risk, shown)
    if lines.has(answer_id):
        return answer_id
    # A text that is missing must not cost anybody the resources.
    logger.error("answers/: the crisis text `%s` is missing: restore it.", answer_id)
    return say.UNSCREENED


def alerts(message: Message, screening: Screening) -> tuple[Alert, ...]:
    """Return what staff must see of a message."""
    if screening.failed:
        return (Alert(message.seq, "unscreened", message.at),)
    risk = screening.risk
    if risk is None or not risk.alarm:
        return ()
    found = {"category": risk.category, "tier": risk.tier, "rule": risk.rule}
    return (Alert(message.seq, "crisis", message.at, **found),)


def queue_reason(screening: Screening) -> str | None:
    """Return why the conversation is to wait for staff, if the finding is reason enough."""
    risk = screening.risk
    return "crisis" if risk is not None and risk.tier in OPENS_QUEUE else None
