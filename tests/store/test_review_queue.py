from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection

from store import answer_ratings, corrections, log, review_queue
from store.corrections import Correction
from store.database import Database
from store.ratings import HELPED, NOT_HELPED
from store.records import Entry, Message
from store.tables.conversations import ratings
from tests.store.lessons import C1, MARIA, asks


def ranked(*sure: float) -> tuple[dict[str, Any], ...]:
    return tuple({"name": f"intent_{n}", "confidence": each} for n, each in enumerate(sure))


CLEAR: dict[str, Any] = {"intent": "cost", "confidence": 0.9, "ranking": ranked(0.9, 0.05)}


@pytest.mark.parametrize(
    ("reading", "reasons"),
    [
        (CLEAR, None),
        ({"intent": "out_of_scope"}, ("fallback",)),
        ({"intent": "cost", "confidence": 0.4, "ranking": ranked(0.4, 0.3)}, ("close",)),
        ({"intent": "cost", "confidence": 0.5, "ranking": ranked(0.5, 0.1)}, None),
        ({**CLEAR, "intent": "safety_crisis"}, ("layers",)),
        (
            {**CLEAR, "risk_tier": "T2", "risk_category": "S2", "risk_rule": "meaning:S2"},
            ("layers",),
        ),
        ({**CLEAR, "risk_tier": "T2", "risk_category": "S2", "risk_rule": "s2.a"}, None),
        ({**CLEAR, "intent": "safety_crisis", "risk_tier": "T2", "risk_rule": "s2.a"}, None),
    ],
)
async def test_why_a_message_is_worth_a_look(
    database: Database, reading: dict[str, Any], reasons: tuple[str, ...] | None
) -> None:
    def work(c: Connection) -> None:
        asks(c, **reading)
        found = review_queue.doubtful(c)
        assert [each.reasons for each in found] == ([reasons] if reasons else [])
        assert len(review_queue.recent(c)) == 1

    await database.write(work)


async def test_the_last_message_before_a_thumbs_down(database: Database) -> None:
    def work(c: Connection) -> None:
        for seq in (10, 12, 40):
            asks(c, seq, **CLEAR)
        asks(c, 14, id_="c2", **CLEAR)
        c.execute(ratings.insert().values(conversation_id=C1, at=30, score=0))
        c.execute(ratings.insert().values(conversation_id="c2", at=30, score=1))
        assert [(each.seq, each.reasons) for each in review_queue.doubtful(c)] == [
            (12, ("thumbs_down",))
        ]
        corrections.correct(c, Correction(C1, 12, "right", by=MARIA, at=50))
        assert review_queue.doubtful(c) == []

    await database.write(work)


def answers(c: Connection, seq: int, reply_to: int | None) -> None:
    said = Message(seq, "bot", "answer", "It depends.", seq, reply_to=reply_to)
    log.write(c, Entry(C1, "web", seq, (said,), known=True))


async def test_the_message_whose_answer_did_not_help(database: Database) -> None:
    def work(c: Connection) -> None:
        for seq in (10, 20, 30):
            asks(c, seq, **CLEAR)
            answers(c, seq + 2, seq)
        answers(c, 40, None)
        for seq, score in ((12, NOT_HELPED), (22, HELPED), (40, NOT_HELPED)):
            answer_ratings.rate(c, C1, seq, score, 50)
        down = [(10, ("thumbs_down",))]
        assert [(each.seq, each.reasons) for each in review_queue.doubtful(c)] == down
        # A low rating of staff after the same message does not list it twice.
        c.execute(ratings.insert().values(conversation_id=C1, at=15, score=0))
        assert [(each.seq, each.reasons) for each in review_queue.doubtful(c)] == down
        answer_ratings.rate(c, C1, 12, HELPED, 60)
        answer_ratings.rate(c, C1, 22, NOT_HELPED, 61)
        answer_ratings.rate(c, C1, 32, NOT_HELPED, 62)
        assert [each.seq for each in review_queue.thumbs_down(c, 2)] == [30, 20, 10]
        corrections.correct(c, Correction(C1, 30, "right", by=MARIA, at=70))
        assert [each.seq for each in review_queue.thumbs_down(c)] == [20, 10]

    await database.write(work)


async def test_what_was_corrected_does_not_come_again(database: Database) -> None:
    def work(c: Connection) -> None:
        asks(c, 10)
        asks(c, 12)
        corrections.correct(c, Correction(C1, 10, "right", by=MARIA, at=20))
        assert [each.seq for each in review_queue.doubtful(c)] == [12]
        assert [each.seq for each in review_queue.recent(c)] == [12]
        corrections.undo(c, C1, 10, MARIA, 21)
        assert [each.seq for each in review_queue.doubtful(c)] == [12, 10]

    await database.write(work)


async def test_drills_and_buttons_are_nobodys_words(database: Database) -> None:
    drill = "drill-" + "x" * 24

    def work(c: Connection) -> None:
        log.write(c, Entry(drill, "web", 1))
        asks(c, 10, id_=drill)
        assert review_queue.doubtful(c) == review_queue.recent(c) == review_queue.past(c) == []

    await database.write(work)


async def test_past_messages_are_found_by_their_places(database: Database) -> None:
    def work(c: Connection) -> None:
        asks(c, 10)
        asks(c, 12, **CLEAR)
        assert [each.seq for each in review_queue.past(c)] == [12, 10]
        assert list(review_queue.some(c, [(C1, 12), ("gone", 1)])) == [(C1, 12)]

    await database.write(work)
