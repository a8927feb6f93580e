"""Which language: Spanish gets Spanish, the rest gets 988's interpreters, typos stay English."""

from __future__ import annotations

import pytest

from checks.training_data import examples
from language.detect import language_of


@pytest.mark.parametrize(
    "text",
    [
        "cuanto cuesta",
        "ayuda",
        "no puedo dormir",
        "hola",
        "aceptan medi-cal para mi hijo",
        "me siento muy mal y no sé qué hacer",
        "mi esposo toma mucho",
        "quiero morir",
    ],
)
def test_spanish(text: str) -> None:
    assert language_of(text) == "es"


@pytest.mark.parametrize(
    "text",
    [
        "Wie viel kostet das Programm pro Monat?",
        "combien coûte le programme par mois",
        "сколько это стоит",
        "需要多少錢",
        "Giá chương trình là bao nhiêu một tháng",
        "magkano po ba ang bayad sa programa ninyo",
    ],
)
def test_other_languages(text: str) -> None:
    assert language_of(text) == "other"


@pytest.mark.parametrize(
    "text",
    [
        "ya",
        "los angeles?",
        "alcohol",
        "per wk w/o insurance plz whats it like",
        "okee gotta head out byee",
        "wat r ur hrs",
        "",
        "???",
        "🙂",
        "iop php emdr",
        "Dr. Garcia",
        "no insurance rn. do u do plans",
    ],
)
def test_fragments_and_typos_stay_english(text: str) -> None:
    assert language_of(text) == "en"


def test_training_examples_stay_english() -> None:
    foreign = [text for _, text in examples() if language_of(text) != "en"]
    share = len(foreign) / len(examples())
    assert share < 0.005, foreign
