"""Brings back what a conversation has held of risk, from the log, after a restart."""

from __future__ import annotations

from safety.course import Course, Heard
from safety.risk import CATEGORIES, TIERS, Risk
from store.records import Past


def course_of(past: Past, channel: str) -> Course:
    """Return the course of risk that the log tells of."""
    course = Course()
    texts = [text for text in past.said if not text.answer_id.startswith("crisis_line")]
    # Whether somebody else is meant is not a column; the text that was shown tells.
    other = bool(texts) and texts[-1].answer_id.endswith("_other")
    for category, tier, rule in past.found:
        course.hear(Heard("", 0, _risk(category, tier, rule, other)))
    course.heard.clear()
    for message in past.heard:
        risk = _risk(message.category, message.tier, message.rule, other)
        course.hear(Heard(message.text, message.at, risk))
    for text in past.said:
        course.say(text.answer_id, text.text, text.language, channel)
        if not text.open:
            course.question = None
    return course


def _risk(category: str | None, tier: str | None, rule: str | None, other: bool) -> Risk | None:
    if category is None or tier is None or category not in CATEGORIES or tier not in TIERS:
        return None
    return Risk(category, tier, rule or "", other)
