"""No sequence of what visitor, bot, staff and time do leaves anybody between the chairs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import Connection

from desk.one_turn import Outcome
from store import ownership, staff_messages
from store.owner_rules import TABLE
from store.records import Message, Ownership
from store.staff_messages import BlockedError
from tests.desk.handoff.house import AGENTS, CHATS, House

CALM = ["how much is it", "/restart", "hello", "never mind", "cancel", "gracias", "", "\U0001f642"]
GRAVE = ["i want to kill myself tonight", "i took all my pills", "never mind, i will end my life"]
GENTLE = ["i feel so hopeless"]
BUTTONS = ["handoff_cancel", "rating_yes", "rating_no", "cost"]
MINUTE = 60_000

chats, agents = st.sampled_from(CHATS), st.sampled_from(sorted(AGENTS))


class Handoff(RuleBasedStateMachine):
    """Invariants 1 to 4 of the design, and that every conversation has one owner."""

    def __init__(self) -> None:
        super().__init__()
        self.house = House()
        self.accepted: list[tuple[str, Message]] = []
        self.said: list[tuple[str, Message]] = []
        self.sent: list[tuple[str, int, str]] = []

    def teardown(self) -> None:
        self.house.close()

    # what a person does

    @rule(chat=chats, text=st.sampled_from(CALM + GRAVE + GENTLE))
    def writes(self, chat: str, text: str) -> None:
        self._turn(chat, text, None)

    @rule(chat=chats, button=st.sampled_from(BUTTONS))
    def presses(self, chat: str, button: str) -> None:
        if button == "cost" or button in self.house.offered(chat):
            self._turn(chat, "", button)

    @rule(chat=chats)
    def asks_for_a_person(self, chat: str) -> None:
        self.house.brain.hands_off = True
        self._turn(chat, "a person please", None)
        self.house.brain.hands_off = False

    @rule(chat=chats, agent=agents, text=st.sampled_from(CALM + GRAVE))
    def writes_while_staff_step_in(self, chat: str, agent: str, text: str) -> None:
        at, house = self.house.now, self.house

        async def steps_in() -> None:
            await house.console.write(lambda c: ownership.claim(c, chat, agent, at, by=agent))

        house.brain.midway = steps_in
        outcome = self._turn(chat, text, None, midway=True)
        stepped_in, house.brain.midway = house.brain.midway is None, None
        if stepped_in and self._owned(chat).owner == "human":
            assert not _of_the_bot(outcome), "the bot answers what staff have taken meanwhile"

    def _turn(self, chat: str, text: str, button: str | None, *, midway: bool = False) -> Outcome:
        before, house = self._owned(chat), self.house
        house.brain.asked.clear()
        outcome = house.say(chat, text, button)
        self.accepted.append((chat, outcome.message))
        self.said += [(chat, each) for each in outcome.replies]
        self._invariant_1(outcome, text)
        if not midway:
            self._invariant_3(before, outcome, button)
        return outcome

    def _invariant_1(self, outcome: Outcome, text: str) -> None:
        ids = [reply.answer_id or "" for reply in outcome.replies]
        if text in GRAVE:
            assert outcome.replies, "nothing is said to words of risk"
            assert outcome.replies[0].kind == "crisis", "resources are not first"
        if text in GENTLE:
            assert any(each.startswith("crisis") for each in ids), "988 is not named"
            assert any("988" in reply.text for reply in outcome.replies)

    def _invariant_3(self, before: Ownership, outcome: Outcome, button: str | None) -> None:
        if before.owner == "human" or before.blocked:
            assert not _of_the_bot(outcome), "the bot speaks where staff have it"
            assert "turn" not in self.house.brain.asked
        else:
            assert outcome.replies, "the bot is silent though nobody of staff has it"

    # what staff do

    def _staff(self, work: Callable[[Connection], Any]) -> Any:
        return self.house.staff(work)

    @rule(chat=chats, agent=agents)
    def staff_write(self, chat: str, agent: str) -> None:
        blocked, at = self._owned(chat).blocked, self.house.now
        key = f"form-{len(self.sent)}"
        try:
            seq = self._staff(lambda c: staff_messages.send(c, chat, agent, "Hello.", at, key))
        except BlockedError:
            assert blocked
            return
        self.sent.append((chat, seq, agent))
        owned = self._owned(chat)
        assert (owned.owner, owned.agent) == ("human", agent), "sending is not the claim"

    @rule(chat=chats, agent=agents, what=st.sampled_from(["claim", "assign", "resolve"]))
    def staff_take_or_give(self, chat: str, agent: str, what: str) -> None:
        at = self.house.now
        if what == "claim":
            self._staff(lambda c: ownership.claim(c, chat, agent, at, by=agent))
        elif what == "assign":
            self._staff(lambda c: ownership.assign(c, chat, at, by="maria-id", agent=agent))
        else:
            self._staff(lambda c: ownership.resolve(c, chat, at, by=agent))

    @rule(chat=chats, what=st.sampled_from(["release", "team", "snooze", "block", "unblock"]))
    def staff_do(self, chat: str, what: str) -> None:
        at, by = self.house.now, "maria-id"
        if what == "team":
            self._staff(lambda c: ownership.assign(c, chat, at, by=by, team="clinician"))
        elif what == "snooze":
            until = at + 30 * MINUTE
            self._staff(lambda c: ownership.snooze(c, chat, until, at, by=by))
        else:
            self._staff(lambda c: getattr(ownership, what)(c, chat, at, by=by))

    # what happens besides

    @rule(minutes=st.sampled_from([1, 6, 11, 61]))
    def time_passes(self, minutes: int) -> None:
        self.house.ahead += minutes * MINUTE
        self.house.run(self.house.clock.tick())
        # In a minute a desk looks six hundred times.
        self.house.run(self.house.follower.follow())

    @rule()
    def the_feed_is_followed(self) -> None:
        self.house.run(self.house.follower.follow())

    @rule()
    def the_desk_restarts(self) -> None:
        self.house.restart()

    @rule(fails=st.booleans())
    def the_brain_fails_or_mends(self, fails: bool) -> None:
        self.house.brain.fails = fails

    # what always holds

    def _owned(self, chat: str) -> Ownership:
        found = self.house.look(lambda c: ownership.state(c, chat))
        assert found is not None, "a conversation has no owner"
        return found

    @invariant()
    def every_conversation_has_one_owner_that_makes_sense(self) -> None:
        for chat in CHATS:
            owned = self._owned(chat)
            assert owned.owner in ("bot", "queue", "human")
            assert (owned.owner != "human") or owned.agent in AGENTS
            assert owned.owner != "bot" or (owned.agent, owned.team) == (None, None)
            assert owned.wake_at is None or owned.owner == "human"
            assert not (owned.blocked and owned.owner == "human")

    @invariant()
    def every_change_is_written_down_and_allowed(self) -> None:
        query = (
            "select event, from_owner, to_owner from transitions "
            "where conversation_id = :chat order by id"
        )
        for chat in CHATS:
            at = "bot"
            for event, before, after in self.house.rows(query, chat=chat):
                assert before == at, "a change is missing"
                assert TABLE[event][before] == after
                at = after
            assert self._owned(chat).owner == at

    @invariant()
    def what_was_accepted_and_said_is_in_the_log(self) -> None:
        logged = {chat: {each.seq: each for each in self.house.logged(chat)} for chat in CHATS}
        for chat, message in (*self.accepted, *self.said):
            assert message.seq in logged[chat], "invariant 2"
            assert logged[chat][message.seq].text == message.text
        for chat, seq, agent in self.sent:
            assert (logged[chat][seq].variables or {})["staff"] == agent

    @invariant()
    def nobody_hears_what_belongs_to_another(self) -> None:
        for chat in CHATS:
            numbers = {message.seq: message for message in self.house.logged(chat)}
            for heard in self.house.heard[chat]:
                assert numbers[heard.seq].text == heard.text, "invariant 4"

    @precondition(lambda self: self.sent)
    @rule()
    def staffs_words_reach_the_person(self) -> None:
        self.house.run(self.house.follower.follow())
        for chat, seq, _ in self.sent:
            assert seq in [each.seq for each in self.house.heard[chat]]


def _of_the_bot(outcome: Outcome) -> list[Message]:
    """Return what of a turn is neither resources nor the person's."""
    return [
        reply
        for reply in outcome.replies
        if reply.kind != "crisis" and not (reply.answer_id or "").startswith("crisis")
    ]


TestHandoff = Handoff.TestCase
TestHandoff.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
