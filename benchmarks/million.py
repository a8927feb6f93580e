"""A log of any size, made up and written in bulk: what a busy center has after a year or two.

Words come from the training examples of `data/nlu` and the answers of the catalogue, so that some
are in every second message and most are rare. Conversations are long and short, spread over a year
with its days and nights; the shares of fallbacks, risk, handoffs, calls and ratings are those of
`SHARES`. The same seed makes the same log on every database.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from answers.catalogue import load_catalogue
from store import masked_texts
from store.folding import folded
from store.records import Reading
from store.summaries import Sums

DAY = 86_400_000
SHARES = {
    "risk": 0.03,
    "handoff": 0.08,
    "callback": 0.02,
    "rating": 0.03,
    "reviewed": 0.25,
    "tagged": 0.04,
    "flagged": 0.005,
    "spanish": 0.06,
    "identifier": 0.05,
    "fallback": 0.07,
    "sms": 0.25,
    "slack": 0.05,
}
"""Shares of conversations; of "identifier" and "fallback" of messages."""
RARE = "xylophone"
"""A word that a few messages hold."""
TAGS = ("billing", "complaint", "good example", "needs a fact", "rare one")
AGENTS = ("agent-1", "agent-2", "agent-3")
MODELS = ("model-2026-01", "model-2026-05", "model-2026-09")
_NLU = Path(__file__).resolve().parent.parent / "data" / "nlu"
_IDENTIFIERS = (
    "my number is (213) 555-0142",
    "write to jane.doe@example.org",
    "I was born 3/12/1984",
    "my member id is XYZ123456789",
    "I live at 1200 N. Main Street",
)
_RISKS = (("S2", "T1"), ("S1", "T2"), ("SOFT", "T3"), ("S4", "T0"), ("SH", "T2"), ("ABU", "T1"))


@dataclass
class Rows:
    """Rows by table, each as its columns' values."""

    tables: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)

    def add(self, table: str, *values: Any) -> None:
        """Add a row."""
        self.tables.setdefault(table, []).append(values)


COLUMNS = {
    "conversations": "id channel created_at last_at drill blocked heard hidden fallbacks safe "
    "least_sure languages intents models tiers categories handed called score "
    "reviewed_at reviewed_by reviewed_to",
    "ownership": "conversation_id owner agent since reason",
    "messages": "conversation_id seq sender kind text at client_id reply_to answer_id "
    "answer_version approved language",
    "readings": "conversation_id seq outcome intent confidence ranking intents entities signals "
    "model risk_category risk_tier risk_rule milliseconds",
    "masked_texts": "conversation_id seq sender hidden text folded",
    "alerts": "conversation_id seq kind category tier rule at acknowledged_at acknowledged_by",
    "transitions": "conversation_id at event from_owner to_owner agent by reason seq",
    "callbacks": "conversation_id seq asked_at name phone voicemail consent consent_version "
    "start_at due_at done_at",
    "ratings": "conversation_id at score",
    "tagged": "conversation_id seq tag_id staff_id at",
    "flags": "conversation_id seq staff_id at",
}
"""The columns that are written, in the order in which tables depend on each other."""


@lru_cache(maxsize=1)
def _examples() -> list[tuple[str, str]]:
    found = []
    for file in sorted(_NLU.glob("*.yml")):
        for block in yaml.safe_load(file.read_text("utf-8")).get("nlu", ()):
            lines = str(block.get("examples", "")).splitlines()
            found += [(line[2:], block["intent"]) for line in lines if "intent" in block]
    return found


@lru_cache(maxsize=1)
def _answers() -> list[tuple[str, str]]:
    answers = load_catalogue().answers.values()
    return [(each.id, " ".join(part.say for part in each.texts["web"])) for each in answers]


def facets() -> list[tuple[str, str]]:
    """Return the rows of the values that conversations have."""
    intents = sorted({intent for _, intent in _examples()} | {"out_of_scope"})
    known = {"languages": ("en", "es"), "intents": intents, "models": MODELS}
    return [(kind, name) for kind, names in known.items() for name in names]


@lru_cache(maxsize=100_000)
def _prepared(text: str) -> tuple[str, bool]:
    return masked_texts.prepared(text)


class Year:
    """Makes conversations, oldest first."""

    def __init__(self, messages: int, end: int, seed: int = 6) -> None:
        """Plan a year.

        Args:
            messages: How many messages there are to be, of all speakers.
            end: When the year ends, in milliseconds since 1970.
            seed: Of what is thrown.
        """
        self._left, self._end = messages, end
        self._random = random.Random(seed)
        self._begin = end - 365 * DAY
        self._pace = 365 * DAY / max(1, messages / 8.6)
        self.messages = 0

    def batches(self, size: int = 2000) -> Iterator[Rows]:
        """Return the rows of so many conversations at a time."""
        rows, count, at = Rows(), 0, float(self._begin)
        while self.messages < self._left:
            at += self._pace * self._random.expovariate(1.0)
            self._conversation(rows, count, int(min(at, self._end)))
            count += 1
            if count % size == 0:
                yield rows
                rows = Rows()
        yield rows

    def _is(self, name: str) -> bool:
        return self._random.random() < SHARES[name]

    def _conversation(self, rows: Rows, number: int, at: int) -> None:
        throw = self._random
        id_ = f"{number:06d}" + "".join(throw.choices("abcdefghijklmnopqrstuvwxyz", k=16))
        talk = _Talk(id_, at, Sums(), language="es" if self._is("spanish") else "en")
        turns = min(60, 1 + int(throw.expovariate(1 / 3.2)))
        risky = throw.randrange(turns) if self._is("risk") else -1
        for turn in range(turns):
            self._turn(rows, talk, risk=throw.choice(_RISKS) if turn == risky else None)
        handed = self._is("handoff")
        self._owners(rows, talk, handed=handed)
        called, score = self._extras(rows, talk, handed=handed)
        channel = "sms" if self._is("sms") else "slack" if self._is("slack") else "web"
        reviewed = talk.at + DAY if self._is("reviewed") else None
        sums = talk.sums.row()
        summed = COLUMNS["conversations"].split()[6:16]
        by = throw.choice(AGENTS) if reviewed else None
        rows.add(
            "conversations",
            *(id_, channel, at, talk.at, 0, 0),
            *(sums[name] for name in summed),
            *(int(handed), int(called), score, reviewed, by, talk.at if reviewed else None),
        )

    def _turn(self, rows: Rows, talk: _Talk, *, risk: tuple[str, str] | None) -> None:
        throw, seq = self._random, talk.next(self._random.randint(4_000, 90_000))
        text, intent = self._words()
        if self._is("fallback"):
            intent = "out_of_scope"
        rows.add(
            "messages",
            *(talk.id, seq, "visitor", "text", text, talk.at, f"c{seq}"),
            *(None, None, None, None, None if talk.language == "en" else talk.language),
        )
        hidden = self._searched(rows, talk, seq, "visitor", text)
        talk.sums.hear(talk.language, hidden=hidden)
        self._reading(rows, talk, seq, intent, risk)
        answer, words = throw.choice(_answers())
        reply = talk.next(throw.randint(20, 400))
        rows.add(
            "messages",
            *(talk.id, reply, "bot", "answer", words, talk.at, None),
            *(seq, answer, 1, throw.randrange(2), None),
        )
        self.messages += 2
        if risk and risk[1] != "T3":
            rows.add(
                "alerts",
                *(talk.id, seq, "crisis", risk[0], risk[1], "a.rule", talk.at, talk.at, "agent-1"),
            )

    def _words(self) -> tuple[str, str]:
        throw = self._random
        text, intent = throw.choice(_examples())
        for _ in range(throw.choice((0, 0, 0, 1, 1, 2))):
            text += ". " + throw.choice(_examples())[0]
        if throw.random() < SHARES["identifier"]:
            text += ", " + throw.choice(_IDENTIFIERS)
        if throw.random() < 0.00002:
            text += " " + RARE
        return text, intent

    def _searched(self, rows: Rows, talk: _Talk, seq: int, sender: str, text: str) -> bool:
        # Sentence by sentence, of which each is masked once: masking all would take minutes.
        pieces = [_prepared(each) for each in text.split(". ")]
        shown, hidden = ". ".join(piece[0] for piece in pieces), any(piece[1] for piece in pieces)
        rows.add("masked_texts", talk.id, seq, sender, int(hidden), shown, folded(shown))
        return hidden

    def _reading(
        self, rows: Rows, talk: _Talk, seq: int, intent: str, risk: tuple[str, str] | None
    ) -> None:
        throw = self._random
        sure = round(min(1.0, throw.betavariate(6, 1.4)), 3)
        others = [throw.choice(_examples())[1] for _ in range(3)]
        rest = round((1 - sure) / 4, 3)
        surest = ((intent, sure), *((name, rest) for name in others))
        ranking = tuple({"name": name, "confidence": value} for name, value in surest)
        age = (talk.at - self._begin) / (365 * DAY)
        reading = Reading(
            seq,
            "safe" if throw.random() < 0.002 else "brain",
            round(throw.uniform(6, 40), 1),
            intent,
            sure,
            ranking,
            (intent,),
            (),
            (),
            MODELS[min(2, int(age * 3))],
            risk_category=risk[0] if risk else None,
            risk_tier=risk[1] if risk else None,
            risk_rule="meaning:S2" if risk else None,
        )
        talk.sums.understand(reading)
        names = COLUMNS["readings"].split()[1:]
        rows.add("readings", talk.id, *(getattr(reading, name) for name in names))

    def _owners(self, rows: Rows, talk: _Talk, *, handed: bool) -> None:
        fresh = talk.at > self._end - DAY
        owner = self._random.choice(("queue", "human")) if handed and fresh else "bot"
        agent = self._random.choice(AGENTS) if owner == "human" else None
        rows.add("ownership", talk.id, owner, agent, talk.at, "begun")
        if not handed:
            return
        for event, before, after in (("asked", "bot", "queue"), ("claim", "queue", "human")):
            seq = talk.next(60_000) + 1
            rows.add(
                "transitions",
                *(talk.id, talk.at, event, before, after, AGENTS[0], "visitor", "asked", seq),
            )
        seq = talk.next(30_000)
        text = "Hello, this is the front desk. " + self._random.choice(_examples())[0]
        rows.add(
            "messages",
            *(talk.id, seq, "staff", "text", text, talk.at, f"staff:{seq}"),
            *(None, None, None, None, None),
        )
        self._searched(rows, talk, seq, "staff", text)
        self.messages += 1

    def _extras(self, rows: Rows, talk: _Talk, *, handed: bool) -> tuple[bool, int | None]:
        """Add calls, ratings, tags and flags, and return whether a call, and which rating."""
        throw, at = self._random, talk.at
        called, score = self._is("callback"), None
        if called:
            rows.add(
                "callbacks",
                *(talk.id, talk.seq, at, "Jane", "+12135550142", 0, "You may call.", 1, at),
                *(at + DAY, at + DAY),
            )
        if handed and throw.random() < SHARES["rating"] / SHARES["handoff"]:
            score = int(throw.random() < 0.8)
            rows.add("ratings", talk.id, at, score)
        if self._is("tagged"):
            tag = min(len(TAGS), 1 + int(throw.expovariate(1.6)))
            rows.add("tagged", talk.id, 0, tag, AGENTS[0], at)
        if self._is("flagged"):
            rows.add("flags", talk.id, talk.seq, AGENTS[0], at)
        return called, score


@dataclass
class _Talk:
    id: str
    at: int
    sums: Sums
    language: str
    seq: int = 0

    def next(self, later: int) -> int:
        """Let time pass, and return the number of the next message."""
        self.at += later
        self.seq = max(self.seq + 2, self.at + self.at % 2)
        return self.seq
