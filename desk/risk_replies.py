"""What a finding of the screen makes the desk do: resources, alerts, the queue."""

from __future__ import annotations

import logging
from dataclasses import replace

from answers.catalogue import Spoken
from desk import lines as say
from desk.conversations import Live, now_ms
from desk.lines import Lines, spoken_message
from desk.screening import Screening
from language.detect import language_of
from safety.course import Course
from safety.replies import CHOICES, GROUNDING, crisis_answer_id, here_answer_id, question_of
from safety.risk import Risk
from safety.special_lines import special_lines
from store.records import Alert, Kind, Message

logger = logging.getLogger(__name__)

OPENS_QUEUE = frozenset({"T0", "T1"})
_CALM = Risk("SOFT", "T3", "")


def risk_message(
    lines: Lines,
    screening: Screening,
    text: str,
    course: Course,
    *,
    seq: int = 0,
    reply_to: int | None = None,
    channel: str = "web",
) -> Message | None:
    """Return what is said because of what the screen found, or None when it found nothing.

    It is of kind "crisis", with resources, at T0 to T2 and when the screen could not run; of kind
    "answer" at T3, and for what a person says after a crisis text.

    Args:
        lines: Renders the text.
        screening: What the screen said.
        text: The person's words, for the language to answer in.
        course: What the conversation has held of risk; a repetition has other words.
        seq: The message's number.
        reply_to: The number of the message that it answers.
        channel: "web", "sms" or "slack".
    """
    if screening.risk is None and screening.follow is None and not screening.crisis:
        return None
    language = _language(screening, text, course)
    spoken = lines.say(_answer_id(lines, screening, course), channel=channel, language=language)
    kind: Kind = "crisis" if screening.crisis else "answer"
    return spoken_message(
        spoken if channel == "sms" else _with_choices(lines, spoken, language),
        seq=seq,
        at=now_ms(),
        kind=kind,
        reply_to=reply_to,
        language="es" if language == "es" and spoken.id != say.UNSCREENED else None,
    )


def risk_messages(
    lines: Lines, screening: Screening, message: Message, live: Live
) -> tuple[Message, ...]:
    """Return all that is said because of what the screen found in a message.

    The resources come first; then, where it fits, one line for some people only and, in a panic,
    one text to hold on to.
    """
    course, channel = live.course, live.channel
    first = risk_message(
        lines,
        screening,
        message.text,
        course,
        seq=live.next_seq(),
        reply_to=message.seq,
        channel=channel,
    )
    if first is None:
        return ()
    language = first.language or "en"
    rest = [
        spoken_message(
            lines.say(answer_id, channel=channel, language=language),
            seq=live.next_seq(),
            at=now_ms(),
            kind="answer",
            reply_to=message.seq,
            language=first.language,
        )
        for answer_id in _beside(lines, screening, message, live)
        if lines.has(answer_id)
    ]
    return (first, *rest)


def still_here(lines: Lines, message: Message, live: Live) -> Message | None:
    """Return what is said after a risk in place of "I have no answer to that"."""
    answer_id = here_answer_id(live.course.said)
    if live.course.gravest is None or not lines.has(answer_id):
        return None
    return spoken_message(
        lines.say(answer_id, channel=live.channel),
        seq=live.next_seq(),
        at=now_ms(),
        kind="answer",
        reply_to=message.seq,
    )


def _beside(lines: Lines, screening: Screening, message: Message, live: Live) -> list[str]:
    risk, said = screening.risk, live.course.said
    if risk is None or message.button is not None:
        return []
    special = special_lines().choose(message.text, risk, said)
    found = [special] if special else []
    panic = risk.category == "PANIC" and risk.tier == "T2" and screening.follow is None
    # While staff have the conversation, the bot adds nothing to the resources.
    if panic and lines.center.grounding and live.owner != "human" and GROUNDING not in said:
        found.append(GROUNDING)
    return found


def _language(screening: Screening, text: str, course: Course) -> str:
    risk, follows = screening.risk, screening.follow is not None
    spanish = language_of(text) == "es" or (risk is not None and risk.language == "es")
    return "es" if spanish or (follows and course.language == "es") else "en"


def _answer_id(lines: Lines, screening: Screening, course: Course) -> str:
    risk, follow = screening.risk, screening.follow
    if risk is None and follow is None:
        return say.UNSCREENED
    before = course.before.tier if course.before else None
    answer_id = crisis_answer_id(risk or course.gravest or _CALM, course.said, before, follow)
    if lines.has(answer_id):
        return answer_id
    # A text that is missing must not cost anybody the resources.
    logger.error("answers/: the crisis text `%s` is missing: restore it.", answer_id)
    return say.UNSCREENED


def _with_choices(lines: Lines, spoken: Spoken, language: str) -> Spoken:
    """Put the answers to a text's question first among its buttons."""
    question = question_of(spoken.id)
    if question is None:
        return spoken
    choices = tuple(
        {"title": choice_title(lines, choice, language), "id": choice}
        for choice, _ in CHOICES[question]
        if lines.has(f"choice_{choice}")
    )
    return replace(spoken, buttons=(*choices, *spoken.buttons))


def choice_title(lines: Lines, choice: str | None, language: str) -> str:
    """Return the words on the button of a choice, or its name where the catalogue has none."""
    words = f"choice_{choice}"
    return lines.say(words, language=language).text if lines.has(words) else str(choice)


def alerts(message: Message, screening: Screening) -> tuple[Alert, ...]:
    """Return what staff must see of a message."""
    risk = screening.risk
    if screening.failed and risk is None:
        return (Alert(message.seq, "unscreened", message.at),)
    if risk is None or not risk.alarm or pages_nobody(risk):
        return ()
    found = {"category": risk.category, "tier": risk.tier, "rule": risk.rule}
    return (Alert(message.seq, "crisis", message.at, **found),)


def pages_nobody(risk: Risk) -> bool:
    """Say whether resources are all that a finding calls for: a panic without any other sign."""
    return risk.category == "PANIC" and risk.tier == "T2"


def queue_reason(screening: Screening) -> str | None:
    """Return why the conversation is to wait for staff, if the finding is reason enough."""
    risk = screening.risk
    return "crisis" if risk is not None and risk.tier in OPENS_QUEUE else None
