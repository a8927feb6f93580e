"""Whoever writes Spanish is told in Spanish how it stands with a person, and by whom."""

from __future__ import annotations

import re

import pytest

from answers.catalogue import Answer, load_catalogue
from desk.handoff.clock import Clock
from desk.handoff.follower import Follower
from desk.handoff.opening import wants_a_person
from desk.handoff.waiting import Waiting
from desk.lines import STAFF_KNOW
from desk.tongues import spoken_in
from tests.desk.brain_server import BrainServer, reply
from tests.desk.conftest import Running, Serve
from tests.desk.handoff.conftest import MINUTE, MovedTime, Staff
from tests.desk.handoff.test_waiting import HOURS, OPEN, SHUT, lines_with, milliseconds
from tests.desk.talk import Talk, talk

WANTS = "quiero hablar con una persona"
PLACEHOLDER = re.compile(r"\{(\w+)\}")
NOT_SAID = re.compile(r'\{\w+\}|"[^"]*"')
PREFIXES = ("handoff", "staff_", "rating_", "callback", "choice_", "speak_to_human", "return_code")
# A narrower answer of the brain's, and what only a client that has no conversation is told.
ENGLISH_ALONE = {"speak_to_human_callback", "return_code_unknown", "return_code_limited"}


@pytest.fixture(autouse=True)
def _patient_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the log be slow: a busy machine must not make the desk give up on it."""
    monkeypatch.setattr("desk.keeping.LIMIT", 20.0)


def texts() -> list[Answer]:
    found = load_catalogue().answers
    return [
        answer
        for name, answer in found.items()
        if name.startswith(PREFIXES) and name not in ENGLISH_ALONE
    ]


def words(answer: Answer, form: str) -> str:
    return " ".join(f"{part.say} {part.otherwise}" for part in answer.texts[form])


def test_every_text_on_waiting_staff_and_calls_is_there_in_spanish() -> None:
    found = texts()
    assert len(found) > 80
    assert {*STAFF_KNOW.values()} <= {answer.id for answer in found}
    assert [answer.id for answer in found if "es" not in answer.texts] == []


def test_each_is_spanish_with_the_same_facts_and_the_same_numbers() -> None:
    for answer in texts():
        web, es = words(answer, "web"), words(answer, "es")
        assert web != es, answer.id
        # No frequent English word is left in it, but for words of the page in quotes.
        assert spoken_in(NOT_SAID.sub("", es), "es") == "es", answer.id
        if answer.id == "callback_child":
            continue  # older: its own rules are in tests/desk/callbacks
        facts = {name.removesuffix("_es") for name in PLACEHOLDER.findall(es)}
        assert facts == set(PLACEHOLDER.findall(web)), answer.id
        assert ("988" in es, "911" in es) == ("988" in web, "911" in web), answer.id


def test_no_english_fact_stands_in_a_spanish_text() -> None:
    lines = lines_with(hours=HOURS, phone="(213) 555-0100")
    english = re.compile(r"\b(call|visit|Monday|Friday|at \d|to \d|noted)\b")
    for answer in texts():
        said = lines.say(answer.id, language="es", also={"agent": "Ana", "place": "2"})
        assert not english.search(said.text), (answer.id, said.text)
        assert said.language == "es"


async def test_who_asks_for_a_person_in_spanish_waits_and_is_told_so_in_spanish(
    desk: Running, person: Talk, brain: BrainServer
) -> None:
    answer, line = await person.say(WANTS)
    assert answer["lang"] == line["lang"] == "es"
    assert line["text"].startswith("Su solicitud está en la lista del equipo. Es la número 1.")
    assert line["kind"] == "notice"
    assert [each["title"] for each in line["buttons"]] == [
        "Pedir que me llamen",
        "Dejar de esperar",
    ]
    assert answer["buttons"] == [{"title": "Hablar con una persona", "id": "speak_to_human"}]
    assert brain.turns == []
    assert desk.rows("select owner, reason from ownership") == [("queue", "asked for a person")]
    assert desk.rows("select kind from alerts") == [("handoff",)]


async def test_the_button_for_a_person_does_the_same(person: Talk, brain: BrainServer) -> None:
    await person.say("cuanto cuesta el programa")
    brain.signals = [{"name": "handoff"}]
    brain.replies = [reply("speak_to_human", "Of course. I am automated.")]
    answer, line = await person.press("speak_to_human")
    assert answer["text"].startswith("Claro que sí.")
    assert answer["lang"] == line["lang"] == "es"
    assert "lista del equipo" in line["text"]
    assert person.last["message"]["text"] == "Hablar con una persona"


async def test_an_answer_that_is_english_alone_stays_english(
    person: Talk, brain: BrainServer
) -> None:
    await person.say("cuanto cuesta el programa")
    (answer,) = await person.press("cost")
    assert answer["text"] == "It depends."
    assert "lang" not in answer


async def test_who_joins_and_leaves_is_told_in_spanish_also_after_a_restart(
    desk: Running, person: Talk, staff: Staff, serve: Serve
) -> None:
    await person.say(WANTS)
    again = await serve()
    # A desk that knows the conversation from the log alone.
    follower = Follower(again.desk.lines, again.desk.database, again.desk.conversations)
    await staff.say(person.token)
    await staff.release(person.token)
    await staff.claim(person.token)
    await staff.resolve(person.token)
    await follower.follow()
    items = await again.history(person.token)
    told = [item for item in items if item["from"] == "system"][1:]
    assert [item["text"].split(". ")[0] for item in told] == [
        "Maria, del personal, se unió al chat",
        "Maria dejó el chat",
        "Maria, del personal, se unió al chat",
        "Maria dejó el chat",
    ]
    assert {item["lang"] for item in told} == {"es"}
    assert [each["title"] for each in told[-1]["buttons"]] == ["Sí, me ayudó", "No mucho"]
    thanks = (await Talk(again, person.token).press("rating_yes"))[-1]
    assert thanks["text"] == "Gracias por decirnos."


async def test_a_long_wait_is_apologised_for_in_spanish(
    desk: Running, person: Talk, ticking: Clock, moved: MovedTime
) -> None:
    english = await talk(desk)
    await english.say("how much is it")
    await person.say(WANTS)
    moved.pass_by(11 * MINUTE)
    assert await ticking.tick() == 1
    late = (await desk.history(person.token))[-1]
    assert late["text"].startswith("Lamento que todavía nadie se haya unido.")
    assert late["lang"] == "es"


@pytest.mark.parametrize("way", ["handoff_cancel", "ya no quiero esperar, gracias"])
async def test_the_wait_is_ended_in_spanish(person: Talk, way: str) -> None:
    await person.say(WANTS)
    (said,) = await (person.say(way) if " " in way else person.press(way))
    assert said["text"].startswith("De acuerdo, su solicitud ya no está en la lista")


async def test_the_hours_are_told_in_spanish(staff: Staff, person: Talk) -> None:
    lines = lines_with(hours=HOURS)
    for moment, expected in ((SHUT, "mañana a las 9 am (PST)"), (OPEN, "nadie del equipo")):
        waiting = Waiting(lines, staff.database, lambda m=moment: milliseconds(m))  # type: ignore[misc]
        wait = await waiting.of(staff.id_of(person.token), "es")
        assert expected in lines.say(wait.answer_id, language="es", also=wait.facts).text


async def test_who_goes_on_in_english_is_answered_in_english(
    person: Talk, brain: BrainServer
) -> None:
    await person.say(WANTS)
    brain.signals = [{"name": "handoff"}]
    line = (await person.say("can i talk to a person in english"))[-1]
    assert "Your request is in the team's list." in line["text"]
    assert "lang" not in line
    assert "lang" not in person.last["message"]


@pytest.mark.parametrize("known", STAFF_KNOW)
async def test_what_staff_know_of_a_crisis_is_told_in_spanish(
    person: Talk, monkeypatch: pytest.MonkeyPatch, known: str
) -> None:
    async def told(*_: object) -> str:
        return known

    monkeypatch.setattr("desk.keeping.staff_were_told", told)
    (crisis,) = await person.say("quiero matarme, no puedo mas con mi vida")
    assert crisis["lang"] == "es"
    line = (await person.say("mi hermana se llama Ana"))[-1]
    assert (line["from"], line["lang"]) == ("system", "es")
    assert "988 y marque 2" in line["text"]


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        ("en", "quiero información, gracias", "es"),
        ("es", "Juan Carlos Rodriguez Perez", "es"),
        ("es", "818 555 0177", "es"),
        ("es", "ok", "es"),
        ("es", "sí", "es"),
        ("es", "no", "es"),
        ("es", "", "es"),
        ("es", "how much is it", "en"),
        ("es", "I don’t understand", "en"),
        ("en", "Juan Carlos Rodriguez Perez", "en"),
        ("en", "ok", "en"),
    ],
)
def test_a_conversation_keeps_its_language_until_another_is_written(
    before: str, text: str, after: str
) -> None:
    assert spoken_in(text, before) == after


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("quiero hablar con una persona", True),
        ("no tengo a nadie, quiero hablar con una persona", True),
        ("nadie me ayuda necesito hablar con alguien", True),
        ("no necesito información, quiero hablar con una persona", True),
        ("no quiero hablar con una persona", False),
        ("no necesito una persona gracias", False),
        ("¿Puedo hablar con alguien?", True),
        ("necesito hablar con un consejero por favor", True),
        ("quisiera hablar por teléfono con una persona real", True),
        ("deme un agente", True),
        ("comuníqueme con un humano", True),
        ("quiero que me atienda una persona", True),
        ("no tengo con quien hablar, nadie me escucha", False),
        ("¿cuánto cuesta para una persona?", False),
        ("quiero ayudar a una persona que bebe", False),
        ("necesito tratamiento para mi hijo", False),
        ("hola", False),
    ],
)
def test_the_wish_for_a_person_in_spanish(text: str, wants: bool) -> None:
    assert wants_a_person(text) is wants
