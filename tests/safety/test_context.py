"""A context lowers what it explains and nothing else."""

from __future__ import annotations

import pytest

from safety.rules import load_rules, load_words
from safety.screen import Screen

FIRES = [text for rule in load_rules(load_words()) if rule.tier != "T3" for text in rule.fires]
HARMLESS_BEFORE = [
    "Do you take Aetna? ",
    "My mom passed away last year. ",
    "I was in treatment in 2019. ",
    "What is your policy on phones? ",
    "I used to play video games all day. ",
    "I've been sober two years. ",
    "lol ",
]
HARMLESS_AFTER = [
    " jk lol",
    ". Do you have a group at 5?",
    ". I am a nurse.",
    ". I was abused as a kid.",
]
EXPLAINED = {
    "denial": [
        "I'm not suicidal",
        "No thoughts of hurting myself or anyone else",
        "I would never kill myself",
        "denies SI/HI, no plan or intent",
    ],
    "idiom": [
        "I'm dying to know what it costs",
        "this commute is killing me",
        "my phone died during the call",
        "I killed it at the interview",
        "shoot me an email",
        "he jumped on the zoom call late",
        "my mom will kill me if I'm late",
    ],
    "worn_out": ["my hip is shot", "sleep is shot. can i get something for that"],
    "see_you_soon": ["thank you, see you soon", "see you soon then!", "ok see u soon hopefully"],
    "hyperbole": ["this paperwork makes me want to die lol", "I'd rather die than sit in group"],
    "past": [
        "I attempted suicide in 2014, do I qualify?",
        "I used to self-harm when I was a teenager",
    ],
    "policy": [
        "Do you treat people with suicidal thoughts?",
        "What is your policy on self-harm?",
        "Does the staff carry naloxone for overdoses?",
    ],
    "bereavement": ["My brother died by suicide in March", "I lost my son to an overdose"],
    "fiction": [
        "In the game I kill everyone on level five",
        "The character in my novel wants to die",
    ],
    "referral": ["I'm a social worker referring a client with a history of suicide attempts"],
    "recovery": ["Two years clean from self-harm and proud of it"],
    "admin": [
        "I won't be here next week, can I reschedule my session?",
        "I want to end my subscription to the newsletter",
        "I have a plan through Anthem",
    ],
    "courtesy": [
        "bye everyone, have a good weekend",
        "when do we say our goodbyes in group",
        "I need a cover letter for a job",
        "I wrote a letter to my son in rehab",
    ],
    "last of something": [
        "tomorrow is my last day of work",
        "everything is set for my intake",
        "he has a date picked for the assessment",
        "there is no exit plan on the exit sheet",
    ],
    "a made up mind": [
        "I made up my mind, I want to join the program",
        "nothing can change my mind about starting",
        "can you call before he changes his mind, I need to get him in",
    ],
    "machines and desks": [
        "the app will not let me see the schedule",
        "the front desk has my id and forms",
        "they took everything in the burglary",
    ],
    "other senses": [
        "she nearly burned down the kitchen frying a turkey",
        "I sat on the edge of my seat all evening",
        "he is panicking about the exam",
        "my aunt is in rehab after her stroke",
        "how do I make peace with scary thoughts",
    ],
    "Spanish": ["Me muero de hambre", "No quiero morir", "¿Aceptan personas con ideas suicidas?"],
}
WINS = [
    "I can't stop thinking about suicide",
    "I can't get rid of the thoughts of killing myself",
    "I'm not sure I want to live",
    "I never thought I'd say this but I want to die",
    "not gonna lie, I want to kill myself",
    "My dad passed out and he is barely breathing",
    "I didn't want to tell anyone that I took too many pills",
    "Can you help? My roommate just overdosed",
    "Do I need a referral if I want to kill myself?",
    "I stopped gaming and now I just want to die",
    "I'm not suicidal but I wrote goodbye letters to my kids",
    "I'm not suicidal, I just don't want to be here anymore",
    "I attempted in 2014 and now I want to die again",
    "Do you take Aetna? I want to kill myself",
    "This paperwork makes me want to die. I have the pills in my hand.",
    "My brother died by suicide and I want to join him",
    "In the game I die a lot. In real life I want to kill myself.",
    "I'm a therapist. I want to end my life.",
    "Two years clean from self-harm, then I cut again last night",
    "I want to kill myself lol jk",
    "just kidding... but I do think about ending it",
    "bye everyone, I am sorry for all of it",
    "I made up my mind and nobody can stop me",
    "sitting on the edge of my bed with his gun",
    "my husband took my passport and my papers",
    "he isn't safe to be left alone tonight",
    "the bad thoughts are back, can I still reschedule?",
    "I don't think I'll last the week, do you take Cigna?",
    "lol this commute is killing me, anyway I took too many pills",
    "I miss him so much. see you soon",
    "see you soon grandma",
    "I'll see you soon, Anna",
    "we will see you again soon",
    "he is shot",
    "somebody in the car was shot",
    "his knee is shot. there is blood everywhere",
    "god wants me to step off the bridge",
]


@pytest.mark.parametrize("text", [text for texts in EXPLAINED.values() for text in texts])
def test_explained_raises_no_alarm(screen: Screen, text: str) -> None:
    risk = screen.screen(text)
    assert risk is None or not risk.alarm


@pytest.mark.parametrize("text", WINS)
def test_cue_beside_it_wins(screen: Screen, text: str) -> None:
    risk = screen.screen(text)
    assert risk is not None
    assert risk.alarm


@pytest.mark.parametrize("before", HARMLESS_BEFORE)
@pytest.mark.parametrize("text", FIRES)
def test_risk_fires_after_something_harmless(screen: Screen, text: str, before: str) -> None:
    risk = screen.screen(before + text)
    assert risk is not None
    assert risk.alarm


@pytest.mark.parametrize("after", HARMLESS_AFTER)
@pytest.mark.parametrize("text", FIRES)
def test_risk_fires_before_something_harmless(screen: Screen, text: str, after: str) -> None:
    risk = screen.screen(text.rstrip(".?! ") + after)
    assert risk is not None
    assert risk.alarm


@pytest.mark.parametrize(
    "text",
    [
        "I feel hopeless",
        "I can't do this anymore",
        "what happens if I tell you I'm suicidal?",
        "somebody help me, I am so scared and alone",
        "it is all too much for me",
        "i'm just so done",
    ],
)
def test_gentle_check_in(screen: Screen, text: str) -> None:
    risk = screen.screen(text)
    assert risk is not None
    assert (risk.category, risk.tier) == ("SOFT", "T3")


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("I want to die", False),
        ("my son wants to die", True),
        ("I found my husband, he won't wake up", True),
        ("I want to kill him", False),
        ("he hits me", False),
        ("mi hermana quiere matarse", True),
    ],
)
def test_whom_it_is_about(screen: Screen, text: str, other: bool) -> None:
    risk = screen.screen(text)
    assert risk is not None
    assert risk.other is other


@pytest.mark.parametrize(
    "text",
    [
        "What can you help me with?",
        "Help me. My login does not work.",
        "can you help me quit vaping",
        "when will i know i'm done",
        "how much more do i owe",
        "is three evenings too much",
        "i can't do thursdays anymore",
        "is it worth giving up my mornings",
    ],
)
def test_bare_words_are_no_check_in(screen: Screen, text: str) -> None:
    assert screen.screen(text) is None
