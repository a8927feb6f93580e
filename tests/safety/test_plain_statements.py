"""What somebody says plainly is heard, whatever they say beside it.

A context may explain a sign of risk away. It must not do so because a message has, in some other
place, a film, an old story, an appointment or a job that "is killing me".
"""

from __future__ import annotations

import pytest

from safety.risk import ALARM_TIERS
from safety.screen import load_screen

STATEMENTS = (
    "i want to die",
    "i wanna die",
    "i want to be dead",
    "i wish i was dead",
    "i dont want to live anymore",
    "i want to kill myself",
    "i am going to kill myself",
    "i will kill myself",
    "im gonna kill myself tonight",
    "i want to end my life",
    "im going to end my life",
    "i want to hang myself",
    "i am suicidal",
    "i feel suicidal",
    "im thinking about killing myself",
    "i keep thinking about suicide",
    "i have a plan to kill myself",
    "i tried to kill myself last night",
    "i took all my pills",
    "i overdosed",
    "i just overdosed",
    "i cut myself tonight",
    "i cant stop cutting myself",
    "my husband hits me",
    "he is going to kill me",
    "my son wants to kill himself",
    "my daughter says she wants to die",
    "my friend took a whole bottle of pills",
)
BESIDE = (
    "because it hurts",
    "it hurts",
    "it works this time",
    "i hate my job",
    "my job is killing me",
    "the song makes it worse",
    "i watched a movie",
    "i was playing a game",
    "i read a book about it",
    "i wrote a letter",
    "do you take aetna",
    "how much is it",
    "what is your policy",
    "can i tell you something",
    "my appointment is on tuesday",
    "my session was cancelled",
    "is there parking",
    "i lost my brother to an overdose",
    "my dad died last year",
    "i was sober for two years",
    "i was in rehab years ago",
    "it was better when i was a kid",
    "i am a nurse",
    "my therapist is on vacation",
    "my doctor referred me",
    "the doctor changed my meds",
    "my class starts monday",
    "my phone died",
    "its been on my mind for a long time",
    "my insurance ended",
    "i am tired of my bills",
    "i am in recovery",
    "i am not crazy",
    "i dont have a plan for school",
    "nobody cares",
    "with my dads gun in the truck",
    "i am so stressed",
    "i laughed at a joke",
    "the wifi is down",
    "my boss yelled at me",
    "please help",
)
ORDERS = {
    "after": "{plain} {beside}",
    "after a comma": "{plain}, {beside}",
    "before": "{beside} and {plain}",
    "before a full stop": "{plain}. {beside}.",
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("plain", STATEMENTS)
def test_a_plain_statement_is_heard_whatever_stands_beside_it(plain: str, order: str) -> None:
    messages = [ORDERS[order].format(plain=plain, beside=beside) for beside in BESIDE]
    found = {message: load_screen().by_rules(message) for message in messages}
    assert not [
        message for message, risk in found.items() if not (risk and risk.tier in ALARM_TIERS)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "i could kill myself for a thing i did",
        "i have wanted to die for a long time",
        "i want to die for my mistakes",
        "my husband is going to kill me if i leave",
        "he is going to kill me when he gets home",
        "my ex will kill me if i tell anyone",
    ],
)
def test_an_idiom_does_not_take_a_plain_statement_with_it(text: str) -> None:
    found = load_screen().by_rules(text)
    assert found is not None
    assert found.tier in ALARM_TIERS


@pytest.mark.parametrize(
    "text",
    [
        "my mom is going to kill me if i fail math",
        "that cake is to die for",
        "i could kill for a coffee",
        "you guys are killing it",
        "my phone died again",
        "so embarrassed i could die",
    ],
)
def test_an_idiom_alone_alarms_nobody(text: str) -> None:
    found = load_screen().by_rules(text)
    assert found is None or found.tier not in ALARM_TIERS
