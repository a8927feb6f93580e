from __future__ import annotations

import pytest

from store.owner_rules import TABLE, Event, EventName, State, after

BOT, QUEUE = State(), State("queue")
MARIA = State("human", agent="maria")
BLOCKED = State(blocked=True)


@pytest.mark.parametrize(
    ("before", "event", "expected"),
    [
        (BOT, Event("asked"), QUEUE),
        (MARIA, Event("asked"), None),
        (BOT, Event("claim", agent="maria"), MARIA),
        (QUEUE, Event("claim", agent="maria"), MARIA),
        (MARIA, Event("claim", agent="sam"), State("human", agent="sam")),
        (BOT, Event("assign", agent="sam"), State("queue", agent="sam")),
        (QUEUE, Event("assign", agent="sam"), State("queue", agent="sam")),
        (MARIA, Event("assign", agent="sam"), State("human", agent="sam")),
        (MARIA, Event("assign_team", team="clinician"), State("queue", team="clinician")),
        (MARIA, Event("snooze", until=9), State("human", agent="maria", wake_at=9)),
        (QUEUE, Event("snooze", until=9), None),
        (State("human", agent="maria", wake_at=9), Event("wake"), MARIA),
        (MARIA, Event("wake"), None),
        (MARIA, Event("release"), QUEUE),
        (QUEUE, Event("release"), None),
        (MARIA, Event("resolve"), BOT),
        (QUEUE, Event("resolve"), BOT),
        (BOT, Event("resolve"), None),
        (QUEUE, Event("cancel"), BOT),
        (MARIA, Event("cancel"), None),
        (MARIA, Event("unanswered"), QUEUE),
        (MARIA, Event("block"), BLOCKED),
        (BLOCKED, Event("claim", agent="maria"), None),
        (BLOCKED, Event("asked", reason="asked for a person"), None),
        (BLOCKED, Event("asked", reason="crisis"), State("queue", blocked=True)),
        (State("queue", blocked=True), Event("unblock"), QUEUE),
    ],
)
def test_each_event_leads_where_the_table_says(
    before: State, event: Event, expected: State | None
) -> None:
    assert after(before, event) == expected


@pytest.mark.parametrize("name", TABLE)
def test_only_with_staff_there_is_an_owner_of_staff(name: EventName) -> None:
    for state in (BOT, QUEUE, MARIA, BLOCKED, State("queue", team="agent")):
        found = after(state, Event(name, agent="sam" if name in ("claim", "assign") else None))
        if found is not None:
            assert found.owner != "human" or found.agent
            assert found.owner != "bot" or (found.agent, found.team, found.wake_at) == (None,) * 3
