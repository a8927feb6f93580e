"""Whatever is answered in whatever order: never stuck, never a lost message, always resources."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answers.catalogue import load_catalogue
from desk.callbacks import form as at
from desk.callbacks.form import Form, form_of
from desk.callbacks.hearing import OURS, Said, hear, understood
from desk.callbacks.moves import Heard, questions
from desk.callbacks.steps import AGREE, STEPS
from tests.desk.callbacks.asking import Asker
from tests.desk.conftest import CRISIS

MINUTE = 60_000
WORDS = st.sampled_from(
    [
        "yes", "no", "skip", "Marguerite", "818 555 0177", "213 555", "cancel", "go on", "call me",
        "how much is it?", "who can pick up?", "mornings", "12", "15", "34", "", "😀", "/restart",
        "what is this", "I agree", "change it", "never mind", "don't call me", "a" * 3000,
    ]
)  # fmt: skip
INTENTS = st.sampled_from(
    [frozenset(), *(frozenset({name}) for name in
     ("cost", "out_of_scope", "affirm", "deny", "goodbye", "speak_to_human"))]
)  # fmt: skip
SAID = st.builds(
    Said,
    text=WORDS | st.text(max_size=40),
    button=st.none() | st.sampled_from([*sorted(OURS), "cost"]),
    at=st.integers(0, 40 * MINUTE),
    risk=st.sampled_from([False] * 6 + [True]),
    ours=st.sampled_from([True] * 6 + [False]),
)
AGREES = st.builds(
    Said, text=st.just("I agree"), button=st.none() | st.just(AGREE), at=st.integers(0, MINUTE)
)
TURNS = st.lists(st.tuples(st.one_of(SAID, SAID, SAID, AGREES), INTENTS), max_size=25)
BEGINNINGS = st.sampled_from([at.NONE, *sorted(STEPS), at.CONFIRM])


def _at(step: str) -> Form:
    """Return a form as it comes to a step."""
    given_ = {at.NAME: "Marguerite", at.PHONE: "+18185550177"}
    if step in (at.CONFIRM, at.WHICH):
        return Form(step=step, answers={**given_, at.CONSENT: "shown"})
    before = at.ORDER[: at.ORDER.index(step)] if step in at.ORDER else ()
    return Form(step=step, answers={name: given_[name] for name in before if name in given_})


def play(begins: str, turns: list[tuple[Said, frozenset[str]]]) -> list[tuple[Form, Said, Heard]]:
    """Take turns as the desk does from a step on, on a clock that only goes on."""
    form, now, played = _at(begins), 0, []
    for said, intents in turns:
        now += said.at
        said = replace(said, at=now, text="" if said.button else said.text)
        heard = hear(form, said)
        if said.ours and not said.risk and said.button is None and not heard.alone:
            heard = understood(form, heard, intents)
        if heard.says:
            heard = replace(heard, form=replace(heard.form, asked_at=now))
        if at.CONSENT not in heard.form.answers and "callback_consent" in heard.says:
            shown = {**heard.form.answers, at.CONSENT: "shown", at.CONSENT_VERSION: "1"}
            heard = replace(heard, form=replace(heard.form, answers=shown))
        played.append((form, said, heard))
        form = heard.form
    return played


@given(BEGINNINGS, TURNS)
@settings(max_examples=400, deadline=None)
def test_it_is_never_stuck(begins: str, turns: list[tuple[Said, frozenset[str]]]) -> None:
    catalogue = load_catalogue()
    for _, said, heard in play(begins, turns):
        form = heard.form
        # A message is answered by the form or read by somebody: none is lost.
        assert heard.says or not heard.alone or not said.ours or (said.risk and not form.asking)
        assert all(text in catalogue.answers for text in heard.says)
        assert form_of(form.plain()) == form
        if form.begun:
            assert form.step in STEPS
        # From wherever it is, it can be ended at once.
        end = hear(form, Said("", "callback_cancel", said.at))
        assert not end.form.begun
        if form.asking:
            assert hear(form, Said("cancel", None, said.at)).form.begun is False


@given(BEGINNINGS, TURNS)
@settings(max_examples=400, deadline=None)
def test_it_never_asks_while_it_should_not(
    begins: str, turns: list[tuple[Said, frozenset[str]]]
) -> None:
    for before, said, heard in play(begins, turns):
        if said.risk or not said.ours:
            assert not heard.form.asking
            assert not set(heard.says) & {step.asks for step in STEPS.values()}
            assert heard.sent is None
            assert heard.form.answers == before.answers
        if heard.form.resting and heard.form.begun and said.ours and not said.risk:
            assert heard.says in ((), ("callback_rests",))


@given(BEGINNINGS, TURNS)
@settings(max_examples=400, deadline=None)
def test_nobody_is_called_without_age_and_consent(
    begins: str, turns: list[tuple[Said, frozenset[str]]]
) -> None:
    for before, _, heard in play(begins, turns):
        given_ = heard.form.answers
        if heard.sent is not None:
            assert before.step == at.CONFIRM
            assert {at.NAME, at.PHONE, at.CONSENT} <= set(heard.sent.answers)
        if heard.form.step in (at.AGE, at.TEEN, at.CHILD, at.NONE):
            assert not given_
        if before.step == at.CHILD:
            assert heard.form.step == at.CHILD


@pytest.mark.parametrize("agrees", [("yes", None), ("", "callback_agree")])
def test_consent_that_was_not_seen_cannot_be_given(agrees: tuple[str, str | None]) -> None:
    # A turn that was cut short may have left a form at the consent, before it was shown.
    form = Form(step=at.CONFIRM, answers={at.NAME: "Bo", at.PHONE: "+18185550177"})
    heard = hear(form, Said(*agrees, 0))
    assert heard.sent is None
    assert "callback_consent" in heard.says


@given(BEGINNINGS, TURNS)
@settings(max_examples=400, deadline=None)
def test_nothing_is_asked_without_end(
    begins: str, turns: list[tuple[Said, frozenset[str]]]
) -> None:
    for _, _, heard in play(begins, turns):
        assert heard.form.tries < at.MOST_TRIES
        assert heard.form.asides < at.MOST_ASIDES


@pytest.mark.parametrize("step", sorted(STEPS))
@pytest.mark.parametrize("words", ["blah blah", "how much is it?", "213 555", ""])
def test_words_that_are_no_answer_come_to_an_end(step: str, words: str) -> None:
    form, heard = _at(step), 0
    for number in range(1, 12):
        now = hear(form, Said(words, None, 0))
        now = understood(form, now, frozenset({"cost"})) if not now.alone else now
        if now.form.step != step or not now.form.asking:
            heard = number
            break
        form = now.form
    assert 1 <= heard <= 4


def test_every_button_is_named_and_every_text_is_there() -> None:
    catalogue = load_catalogue()
    for step in STEPS.values():
        assert set(step.buttons) <= set(catalogue.get(step.asks).buttons)
        for button in step.buttons:
            assert catalogue.title(button) != button
    for step in STEPS:
        assert all(text in catalogue.answers for text in questions(_at(step)))


ANSWERS = st.sampled_from(
    ["callback", "Marguerite", "818 555 0177", "yes", "34", "how much is it?", "no", CRISIS]
)


async def test_at_the_public_api_nothing_is_lost_and_resources_always_come(asks: Asker) -> None:
    loop = asyncio.get_running_loop()

    @given(st.lists(ANSWERS, min_size=1, max_size=8))
    @settings(max_examples=25, deadline=None)
    def talks(answers: list[str]) -> None:
        asyncio.run_coroutine_threadsafe(_talk(asks, answers), loop).result(60)

    await asyncio.to_thread(talks)


async def _talk(asks: Asker, answers: list[str]) -> None:
    asks.token, _ = await asks.desk.start()
    for answer in answers:
        said = await asks.give(answer)
        assert said
        if answer == CRISIS:
            assert said[0]["kind"] == "crisis"
            assert "988" in said[0]["text"]
    shown = await asks.desk.history(asks.token)
    assert len([each for each in shown if each["from"] == "visitor"]) == len(answers)
