from __future__ import annotations

from dataclasses import replace

import pytest

from console.access import Staff
from console.inbox import board
from console.inbox.board import Board, News
from store.inbox import Crisis, Waiting

ANA, BO = Staff("ana", "Ana Diaz", "agent"), Staff("bo", "Bo Li", "agent")
ROW = Waiting(
    id="c1",
    channel="web",
    created_at=1,
    last_at=5,
    owner="queue",
    agent=None,
    team=None,
    since=3,
    reason="asked for a person",
    wake_at=None,
    blocked=False,
    drill=False,
    waiting_since=3,
    last_sender="visitor",
    heard=10,
    crisis=None,
)
MINE = replace(ROW, id="mine", owner="human", agent="ana")
THEIRS = replace(ROW, id="theirs", owner="human", agent="bo")
SNOOZED = replace(MINE, id="snoozed", wake_at=99)
FOR_ME = replace(ROW, id="for-me", agent="ana")
CRISIS = replace(
    ROW, id="crisis", owner="human", agent="bo", crisis=Crisis(10, 9, "crisis", "T1", "S2")
)
ROWS = [THEIRS, SNOOZED, MINE, ROW, FOR_ME]


@pytest.mark.parametrize(
    ("tab", "ids"),
    [
        ("waiting", {"c1", "for-me"}),
        ("mine", {"mine", "for-me"}),
        ("snoozed", {"snoozed"}),
        ("all", {"c1", "for-me", "mine", "theirs", "snoozed"}),
    ],
)
def test_what_each_tab_holds(tab: str, ids: set[str]) -> None:
    assert {row.id for row in Board(ROWS).shown(tab, ANA)} == ids


@pytest.mark.parametrize("tab", board.TABS)
def test_an_open_crisis_is_first_under_every_tab(tab: str) -> None:
    assert Board([*ROWS, CRISIS]).shown(tab, ANA)[0].id == "crisis"


def test_the_gravest_and_then_the_oldest_crisis_is_first() -> None:
    def at(id_: str, tier: str, moment: int) -> Waiting:
        return replace(CRISIS, id=id_, crisis=Crisis(10, moment, "crisis", tier, "S2"))

    rows = [at("d", "T2", 1), at("c", "T1", 5), at("b", "T1", 3), at("a", "T0", 9)]
    assert [row.id for row in Board(rows).shown("waiting", ANA)] == ["a", "b", "c", "d"]


def test_who_has_waited_longest_is_first() -> None:
    rows = [replace(ROW, id=str(at), waiting_since=at) for at in (5, 3, 4)]
    assert [row.id for row in Board(rows).shown("waiting", ANA)] == ["3", "4", "5"]


def test_a_flood_of_conversations_is_counted_and_not_all_shown() -> None:
    rows = [replace(ROW, id=str(number), waiting_since=number) for number in range(1000)]
    now = Board([*rows, CRISIS])
    shown = now.shown("waiting", ANA)
    assert len(shown) == board.MOST
    assert [row.id for row in shown[:2]] == ["crisis", "0"]
    assert now.counts(ANA, {}).tabs["waiting"] == 1001


def test_counts_are_of_the_person_who_looks() -> None:
    rows = [*ROWS, CRISIS]
    ana, bo = Board(rows).counts(ANA, {}), Board(rows).counts(BO, {})
    assert ana.tabs == {"waiting": 3, "mine": 2, "all": 6, "snoozed": 1}
    assert bo.tabs["mine"] == 2
    assert (ana.unread, Board(rows).counts(ANA, {"mine": 10}).unread) == (1, 0)


@pytest.mark.parametrize(("seen", "unread"), [({}, True), ({"c1": 9}, True), ({"c1": 10}, False)])
def test_unread_is_what_came_after_what_was_seen(seen: dict[str, int], unread: bool) -> None:
    assert board.is_unread(ROW, seen) is unread


@pytest.mark.parametrize(
    ("before", "now", "news"),
    [
        (None, ROW, [News("waiting", "c1", None)]),
        (MINE, replace(MINE, owner="queue", agent=None), [News("waiting", "mine", None)]),
        (ROW, replace(ROW, heard=11), []),
        (None, FOR_ME, [News("waiting", "for-me", "ana")]),
        (MINE, replace(MINE, heard=11), [News("message", "mine", "ana")]),
        (MINE, replace(MINE, last_sender="staff"), []),
        (THEIRS, replace(THEIRS, agent="ana"), [News("assigned", "theirs", "ana")]),
        (None, CRISIS, [News("crisis", "crisis", None)]),
        (CRISIS, CRISIS, []),
        (
            CRISIS,
            replace(CRISIS, crisis=Crisis(11, 9, "crisis", "T1", "S2")),
            [News("crisis", "crisis", None)],
        ),
    ],
)
def test_what_is_news(before: Waiting | None, now: Waiting, news: list[News]) -> None:
    assert board.news(before, now) == news
