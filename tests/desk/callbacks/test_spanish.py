"""The form for a call in Spanish: it asks in Spanish, and understands what is answered."""

from __future__ import annotations

import pytest

from desk.callbacks import reading
from tests.desk.brain_server import BrainServer
from tests.desk.callbacks.asking import E164, NAME, PHONE, Asker, texts

WALK = (
    ("quiero que me llamen", "¿tiene 18 años o más?"),
    ("tengo 34 años", "¿Por qué nombre"),
    (f"me llamo {NAME}", "¿A qué número"),
    (PHONE, "¿A qué hora"),
    ("cualquier hora", "¿De qué se trata"),
    ("omitir", "dejar un mensaje de voz"),
    ("sí, por favor", "decir el nombre del centro"),
    ("no", "¿Quién más"),
    ("Beatrix, mi amiga", "seguro llamar"),
    ("después de las seis", "Estoy de acuerdo"),
)


async def walk(asks: Asker) -> str:
    """Answer everything; return the last that was asked."""
    said = ""
    for answer, question in WALK:
        said = texts(await asks.say(answer))
        assert question in said, answer
        assert all(item["lang"] == "es" for item in asks.last["replies"])
    return said


async def test_the_whole_form_in_spanish_typed(asks: Asker, brain: BrainServer) -> None:
    asked = await walk(asks)
    assert "Teléfono: termina en 77." in asked
    assert "Mejor hora: a cualquier hora." in asked
    assert "Tema: sin anotar." in asked
    assert "Mensaje de voz: sí." in asked
    assert "Decir el nombre del centro: no." in asked
    done = texts(await asks.say("acepto"))
    assert "Su solicitud está en la lista del equipo." in done
    assert " a las " in done
    assert not any(word in done for word in ("Monday", " at ", "tomorrow"))
    (call,) = asks.callbacks()
    assert (call["name"], call["phone"], call["voicemail"]) == (NAME, E164, 1)
    # The consent is kept as it was shown.
    assert call["consent"].startswith("Si elige «Estoy de acuerdo»")
    assert call["consent"] in asked
    # Nothing of it was read by anybody else, nor stands in the log.
    assert brain.turns == []
    assert not any(secret in asks.logged() for secret in (NAME, PHONE, "Beatrix"))


async def test_its_buttons_are_in_spanish(asks: Asker) -> None:
    await asks.say("cuanto cuesta el programa")
    (asked,) = await asks.press("callback")
    assert [each["title"] for each in asked["buttons"]] == [
        "Sí, 18 o más",
        "No, de 13 a 17",
        "No, menos de 13",
        "Cancelar esta solicitud",
    ]
    assert asks.last["message"]["text"] == "Pedir que me llamen"
    (child,) = await asks.press("callback_child")
    assert child["text"].startswith("Gracias por decírmelo.")


async def test_a_name_that_is_no_spanish_word_changes_no_language(asks: Asker) -> None:
    await asks.say("quiero que me llamen")
    await asks.press("callback_adult")
    (asked,) = await asks.say("Juan Carlos Rodriguez Perez")
    assert asked["text"].startswith("¿A qué número")


async def test_it_is_ended_in_spanish(asks: Asker) -> None:
    await asks.say("quiero que me llamen")
    (said,) = await asks.say("cancelar")
    assert said["text"].startswith("De acuerdo, dejé la solicitud")


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("llámenme por favor", True),
        ("¿me pueden llamar mañana?", True),
        ("necesito una llamada", True),
        ("me llamo Ana", False),
        ("no me llamen", False),
        ("¿cuándo me llaman?", False),
        ("nadie me llama", False),
    ],
)
def test_the_wish_for_a_call(text: str, wants: bool) -> None:
    assert reading.wants_call(text) is wants


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("tengo 20 años", "adult"),
        ("sí", "adult"),
        ("soy mayor de edad", "adult"),
        ("15", "teen"),
        ("de 13 a 17", "teen"),
        ("menos de 13", "child"),
        ("tengo 12", "child"),
        # Nobody is taken for an adult for the number that they are below.
        ("menor de 18", None),
        ("casi 18", None),
        ("under 18", None),
        ("almost 18", None),
    ],
)
def test_ages(text: str, age: str | None) -> None:
    assert reading.age_of(text) == age


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (reading.yes_or_no, "claro que sí", True),
        (reading.yes_or_no, "no, por favor", False),
        (reading.yes_or_no, "sin mensajes", False),
        (reading.skips, "nadie más", True),
        (reading.any_time, "cuando puedan", True),
        (reading.agrees, "estoy de acuerdo", True),
        (reading.agrees, "no", False),
        (reading.changes, "quiero cambiar algo", True),
        (reading.goes_on, "sigamos con la solicitud", True),
        (reading.ends, "no quiero que me llamen", True),
        (reading.ends, "ya no, gracias", False),
        (reading.withdraws, "cancelen la llamada", True),
        (reading.withdraws, "no me llamen", True),
        (reading.withdraws, "no me llamen antes de las 9", False),
        (reading.name_of, "soy Ana María", "Ana María"),
        (reading.name_of, "prefiero no decir", None),
    ],
)
def test_short_answers(read: object, text: str, value: object) -> None:
    assert callable(read)
    assert read(text) == value
