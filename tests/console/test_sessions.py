from __future__ import annotations

import pytest

from console.sessions import Sessions


class Clock:
    def __init__(self) -> None:
        self.minutes = 0.0

    def __call__(self) -> float:
        return self.minutes * 60


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    return Sessions(link_minutes=10, idle_minutes=30, longest_hours=2, clock=clock)


def test_a_link_opens_once(sessions: Sessions) -> None:
    link = sessions.new_link()
    session = sessions.enter(link)
    assert session
    assert sessions.is_open(session)
    assert sessions.enter(link) is None


def test_a_link_runs_out(sessions: Sessions, clock: Clock) -> None:
    link = sessions.new_link()
    clock.minutes = 10
    assert sessions.enter(link) is None
    clock.minutes = 0
    assert sessions.enter(link) is None


@pytest.mark.parametrize("link", ["", "x", "é", "\udc80"])
def test_a_guess_opens_nothing(sessions: Sessions, link: str) -> None:
    assert sessions.enter(link) is None
    assert not sessions.is_open(link)


def test_a_session_that_rests_is_closed(sessions: Sessions, clock: Clock) -> None:
    session = sessions.enter(sessions.new_link())
    assert session
    clock.minutes = 29
    assert sessions.is_open(session)
    clock.minutes = 58
    assert sessions.is_open(session)
    clock.minutes = 88
    assert not sessions.is_open(session)


def test_a_session_does_not_last_for_ever(sessions: Sessions, clock: Clock) -> None:
    session = sessions.enter(sessions.new_link())
    assert session
    for minutes in range(0, 120, 20):
        clock.minutes = minutes
        assert sessions.is_open(session)
    clock.minutes = 120
    assert not sessions.is_open(session)


def test_leaving_closes_it(sessions: Sessions) -> None:
    session = sessions.enter(sessions.new_link())
    assert session
    sessions.leave(session)
    assert not sessions.is_open(session)
