from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.channels.sms.keywords import keyword_of, revokes

WISHES = [
    "stop texting me",
    "Stop please.",
    "please stop",
    "PLEASE STOP TEXTING ME!!!",
    "pls stop messaging me",
    "can you stop texting me",
    "i want you to stop texting me",
    "ok thanks but stop sending me these texts",
    "opt out",
    "opt-out",
    "optout",
    "opt me out",
    "i want to opt out",
    "revoke",
    "i revoke my consent. stop messages",
    "unsubscribe me",
    "take me off your list",
    "please remove my number from this",
    "remove me from your list please",
    "no more texts",
    "no more messages please",
    "don't text me again",
    "dont text me anymore",
    "do not contact me",
    "stop all",
    "quit texting me",
    "never text this number again",
    "end texts",
    "stop it",
    "cancel messages",
    "dont send me any more texts",
    "alto",
    "no me escriban más",
    "dejen de mandarme mensajes",
    "stop contacting me, i found another place",
]
OTHERS = [
    "my ex wont stop texting me",
    "he keeps texting me and i want it to stop",
    "how do i stop drinking",
    "i cant stop",
    "i want to stop using",
    "i want the pain to stop",
    "make it stop",
    "when does the program end",
    "is there an end date",
    "can i cancel my appointment",
    "how do i cancel",
    "how do i opt out of a group",
    "can i quit the program early",
    "i quit my job",
    "will you stop my meds",
    "do i have to stop working",
    "end of the month is better",
    "what happens if i stop coming",
    "i cant stop crying",
    "stop smoking group?",
    "dont send me to inpatient",
    "can you text my mom",
    "yes",
    "help",
    "he took me off my meds",
]


@pytest.mark.parametrize("text", WISHES)
def test_any_reasonable_wording_revokes(text: str) -> None:
    assert revokes(text)


@pytest.mark.parametrize("text", OTHERS)
def test_a_question_or_a_story_revokes_nothing(text: str) -> None:
    assert not revokes(text)


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("STOP", "stop"),
        (" stop\n", "stop"),
        ("Stop please", None),
        ("End", "stop"),
        ("the end", None),
        ("YES", "start"),
        ("yes please", None),
        ("HELP", "help"),
        ("help me", None),
        ("info", "help"),
        ("", None),
    ],
)
def test_a_keyword_is_a_whole_message(text: str, keyword: str | None) -> None:
    assert keyword_of(text) == keyword


@given(st.text(max_size=3000))
def test_no_text_breaks_it(text: str) -> None:
    assert revokes(text) in (True, False)
    assert keyword_of(text) in (None, "stop", "start", "help")
