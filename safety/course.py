"""The course of risk over the turns of one conversation. It may raise a finding, never lower it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace

from safety.follow_ups import ALARMING, Follow, Question, follow_ups
from safety.replies import CHECK_IN, question_of
from safety.risk import TIERS, Risk, worst

#: Messages that are looked back on for hopelessness, and how many of them must be heavy.
LOOK_BACK, HEAVY = 6, 3
#: Milliseconds within which two messages are read as one.
JOINED_WITHIN = 5 * 60_000
_LONGEST_PART = 500
_CUT_OFF = 5  # words: of two messages that alone say nothing, one must be as short as a piece
_PIECES = 8  # words: so short, a third message back is read with them


@dataclass(frozen=True, slots=True)
class Heard:
    """One message of a person: its words, its moment in milliseconds, and what was found."""

    text: str
    at: int
    risk: Risk | None = None


@dataclass(slots=True)
class Course:
    """What a conversation has held of risk so far.

    Attributes:
        heard: the person's latest messages.
        gravest: the most urgent alarm of the conversation.
        before: the same, before the latest message.
        said: ids of the crisis texts that were shown, in order.
        language: of the latest of them.
        question: what it asked, while the next message may answer it.
    """

    heard: deque[Heard] = field(default_factory=lambda: deque(maxlen=LOOK_BACK))
    gravest: Risk | None = None
    before: Risk | None = None
    said: list[str] = field(default_factory=list)
    language: str = "en"
    question: Question | None = None

    def joined(self, text: str, at: int) -> str | None:
        """What the message before and this one say together, or None when there is none before.

        Args:
            text: this message.
            at: its moment in milliseconds.
        """
        if not text or not self.heard or at - self.heard[-1].at > JOINED_WITHIN:
            return None
        before = [self.heard[-1]]
        pieces = len(self.heard) > 1 and _words(before[0].text, text) <= _PIECES
        if pieces and before[0].at - self.heard[-2].at <= JOINED_WITHIN:
            before.insert(0, self.heard[-2])
        parts = [each.text[-_LONGEST_PART:] for each in before]
        # What was an alarm by itself was no half of a phrase that goes on here.
        whole = before[-1].risk is not None and before[-1].risk.alarm
        return ("; " if whole else " ").join([*parts, text[:_LONGEST_PART]])

    def raised(self, found: Risk | None, together: Risk | None) -> Risk | None:
        """The finding of a message when it is read together with the one before.

        Args:
            found: what it holds by itself.
            together: what both hold together.

        Returns:
            The finding of both when its tier is higher than that of each alone, else `found`.
        """
        if together is None or not together.alarm:
            return found
        before = [each.risk for each in list(self.heard)[-2:] if each.risk]
        known = [risk for risk in (found, *before) if risk]
        if any(TIERS.index(risk.tier) <= TIERS.index(together.tier) for risk in known):
            return found
        return replace(together, rule=f"joined:{together.rule}")

    def is_near_risk(self, found: Risk | None) -> bool:
        """Whether this message's finding, or one of the two before it, is a risk."""
        return found is not None or any(each.risk for each in list(self.heard)[-2:])

    def is_piece(self, text: str) -> bool:
        """Whether this message or the one before is so short that they may be one phrase."""
        return min(_words(text), _words(self.heard[-1].text)) <= _CUT_OFF

    def follow(self, text: str, found: Risk | None) -> Follow | None:
        """What a typed message is after a crisis text, or None.

        Args:
            text: the message.
            found: what the screen found in it.
        """
        if found is not None and found.tier == "T3" and self._heavy():
            return "heavy"
        if self.gravest is None and self.question is None:
            return None
        follow = follow_ups().read(text, self.question)
        if found is None or not found.alarm:
            return follow
        # What the words hold by themselves is said, unless the answer is graver.
        return follow if follow in ALARMING and found.tier == "T2" else None

    def _heavy(self) -> bool:
        """Whether this heavy message makes enough, and the check-in was not made for the others."""
        earlier = list(self.heard)[-(LOOK_BACK - 1) :]
        heavy = sum(each.risk is not None and each.risk.tier == "T3" for each in earlier)
        return heavy + 1 >= HEAVY and CHECK_IN not in self.said[-HEAVY:]

    def answered(self, follow: Follow) -> Risk:
        """The finding that an alarming answer makes, such as "no, I am not safe"."""
        about = self.gravest or Risk("S2", "T1", "")
        tier = "T0" if follow == "no_help" or about.tier == "T0" else "T1"
        return replace(about, tier=tier, rule=f"answer:{follow}")

    def hear(self, heard: Heard) -> None:
        """Remember a message (a button has no words); an open question is closed by it."""
        if heard.text:
            self.heard.append(heard)
        self.question, self.before = None, self.gravest
        if heard.risk is not None and heard.risk.alarm:
            self.gravest = worst(self.gravest, heard.risk)

    def say(self, answer_id: str, text: str, language: str, channel: str) -> None:
        """Remember a crisis text that was shown, with its words, language and channel."""
        self.said.append(answer_id)
        self.language = language
        asked = question_of(answer_id)
        if channel == "sms":
            # An SMS opens with "In danger now?", which turns yes and no around.
            asked = "danger" if asked == "safe" and "?" in text else None
        self.question = asked or self.question


def _words(*texts: str) -> int:
    return sum(len(text.split()) for text in texts)
