"""Chooses the text of answers/crisis.yml for a finding, in the course of a conversation."""

from __future__ import annotations

from collections.abc import Sequence

from safety.follow_ups import Follow, Question
from safety.risk import TIERS, Risk

#: Repetitions, each shorter than the one before; the last two of a list take turns.
AGAIN = ("crisis_again", "crisis_again_2", "crisis_again_3")
AGAIN_OTHER = ("crisis_again_other", "crisis_again_other_2")
AGAIN_T0 = ("crisis_again_T0", "crisis_again_T0_2")
AGAIN_OF = {
    "ABU": ("crisis_again_ABU", "crisis_again_ABU_2"),
    "VIO": ("crisis_again_VIO", "crisis_again_VIO_2"),
    "PANIC": ("crisis_again_PANIC", "crisis_again_PANIC_2"),
}
SOFT = ("crisis_SOFT", "crisis_SOFT_2", "crisis_SOFT_3")
CHECK_IN = "crisis_check_in"
WITHDRAWN = ("crisis_withdrawn", "crisis_withdrawn_2")
GROUNDING = "crisis_grounding"
#: After a risk, in place of "I have no answer to that".
HERE = ("crisis_here", "crisis_here_2")
#: Buttons under each question: id of the choice, and what choosing it says.
CHOICES: dict[Question, tuple[tuple[str, Follow], ...]] = {
    "safe": (("safe_now", "safe"), ("not_safe_now", "not_safe")),
    "help": (("help_coming", "help_coming"), ("no_help_yet", "no_help")),
}
#: What each choice says; its words are the text choice_<id>.
CHOSEN: dict[str, Follow] = {
    choice: follow for choices in CHOICES.values() for choice, follow in choices
}

# Categories whose texts differ when it is an emergency.
_EMERGENCY = frozenset({"SH", "S6", "ED", "PANIC", "VIO"})
# Texts that ask nothing, or nothing that has these answers.
_ASKS_NOTHING = (
    "crisis_safe crisis_not_safe crisis_help crisis_here crisis_withdrawn crisis_SOFT crisis_line "
    "crisis_grounding"
).split()


def crisis_answer_id(
    risk: Risk,
    said: Sequence[str] = (),
    before: str | None = None,
    follow: Follow | None = None,
) -> str:
    """The id of the text that goes out for a finding.

    Args:
        risk: what the screen found, or for an answer to a question what it was about.
        said: ids of the crisis texts that the conversation has seen, in order.
        before: the gravest tier before this message.
        follow: what the message is, if it follows a crisis text.

    Returns:
        An id of answers/crisis.yml. The full text comes when it was not said yet for this kind of
        risk, and when the tier rises; after that other words each time, and shorter ones. In an
        emergency (T0) 911 comes first every time.
    """
    if follow is not None:
        return _following(risk, said, follow)
    if risk.category == "SOFT":
        return _next(SOFT[1:] if _alarms(said) else SOFT, said)
    full = _full(risk)
    rises = before is not None and TIERS.index(risk.tier) < TIERS.index(before)
    fresh = full not in said and not _told(risk, said)
    if full not in said[-1:] and (fresh or rises):
        return full
    return _next(_again(risk), said)


def here_answer_id(said: Sequence[str]) -> str:
    """The id of what is said after a risk when nothing was understood."""
    return _next(HERE, said)


def question_of(answer_id: str) -> Question | None:
    """What a crisis text asks on the web: whether one is safe, or whether help is on the way."""
    if not answer_id.startswith("crisis_") or answer_id.startswith(tuple(_ASKS_NOTHING)):
        return None
    urgent = "_T0" in answer_id or answer_id.startswith("crisis_MED")
    return "help" if urgent else "safe"


def _full(risk: Risk) -> str:
    other = "_other" if risk.other else ""
    if risk.tier != "T0" or risk.category == "MED":
        return f"crisis_{risk.category}{other}"
    # What has no text for an emergency of its own leads with 911 all the same.
    return f"crisis_{risk.category}_T0{other}" if risk.category in _EMERGENCY else _not_safe(risk)


def _told(risk: Risk, said: Sequence[str]) -> bool:
    """Whether the full text for this kind of risk, and for this person, was said."""
    if risk.tier == "T0":
        return _full(risk) in said
    of_kind = [each for each in said if _kind(each) == _kind(_full(risk))]
    return any(each.endswith("_other") == risk.other for each in of_kind)


def _kind(answer_id: str) -> str:
    kind = answer_id.split("_")[1]
    return "S" if len(kind) == 2 and kind[1].isdigit() else kind


def _again(risk: Risk) -> Sequence[str]:
    if risk.tier == "T0":
        return AGAIN_T0
    return AGAIN_OF.get(risk.category) or (AGAIN_OTHER if risk.other else AGAIN)


def _alarms(said: Sequence[str]) -> bool:
    return any(not each.startswith(("crisis_SOFT", "crisis_line")) for each in said)


def _next(texts: Sequence[str], said: Sequence[str]) -> str:
    """The first text not said yet; when all were, the last two take turns."""
    fresh = next((each for each in texts if each not in said), None)
    if fresh is not None:
        return fresh
    latest = next(each for each in reversed(said) if each in texts)
    return texts[-1] if latest != texts[-1] else texts[-2]


def _following(risk: Risk, said: Sequence[str], follow: Follow) -> str:
    other = "_other" if risk.other else ""
    if follow == "heavy":
        return CHECK_IN
    if follow == "withdrawn":
        return _next(WITHDRAWN, said)
    if follow == "no_help":
        return _next(AGAIN_T0, said)
    if follow == "help_coming":
        return _next(("crisis_help_coming", *WITHDRAWN), said)
    if follow == "safe":
        kind = "_ABU" if risk.category == "ABU" else other
        return _next((f"crisis_safe{kind}", *WITHDRAWN), said)
    return _next((_not_safe(risk), *AGAIN_T0), said)


def _not_safe(risk: Risk) -> str:
    if risk.category in ("ABU", "VIO"):
        return f"crisis_not_safe_{risk.category}"
    return "crisis_not_safe_other" if risk.other else "crisis_not_safe"
