"""The catalogue: what is unset is never spoken, what is wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from answers.catalogue import Catalogue, Part, load_catalogue
from answers.errors import CatalogueError

ANSWER = {
    "id": "cost",
    "version": 3,
    "web": [
        "It varies.",
        {"say": "Ours is {price}.", "else": "Ask the center."},
        "",
        "Call {phone} now.",
    ],
    "sms": ["Short."],
    "es": ["Depende."],
    "sources": ["article"],
    "approval": "draft",
    "buttons": ["cost"],
    "links": ["call_988"],
}


def write(folder: Path, **changes: object) -> Path:
    answers = [{**ANSWER, **changes}]
    file = {"intent": "cost", "title": "What it costs", "answers": answers}
    (folder / "cost.yml").write_text(yaml.safe_dump(file))
    (folder / "sources.yml").write_text("article: {title: The article, url: null}\n")
    return folder


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return load_catalogue(write(tmp_path))


def test_unset_facts_take_their_replacement_or_vanish(catalogue: Catalogue) -> None:
    spoken = catalogue.render("cost")
    assert spoken.text == "It varies. Ask the center."
    assert spoken.variables == {}


def test_set_facts_are_spoken_and_recorded(catalogue: Catalogue) -> None:
    spoken = catalogue.render("cost", facts={"price": "$1", "phone": "555", "city": "unused"})
    assert spoken.text == "It varies. Ours is $1.\n\nCall 555 now."
    assert spoken.variables == {"price": "$1", "phone": "555"}
    assert (spoken.id, spoken.version, spoken.approved) == ("cost", 3, False)
    assert spoken.buttons == ({"title": "What it costs", "id": "cost"},)


@pytest.mark.parametrize(
    ("channel", "language", "text"),
    [("sms", "en", "Short."), ("web", "es", "Depende."), ("sms", "es", "Depende.")],
)
def test_each_channel_and_language_has_its_form(
    catalogue: Catalogue, channel: str, language: str, text: str
) -> None:
    assert catalogue.render("cost", channel, language=language).text == text


@given(st.dictionaries(st.sampled_from(["price", "phone"]), st.sampled_from(["", "$1", "555"])))
def test_no_brace_is_ever_spoken(facts: dict[str, str]) -> None:
    parts = (Part("Ours is {price}.", "Call {phone}."), Part("At {phone} or {price}."))
    assert "{" not in " ".join(part.spoken(facts) for part in parts)


@pytest.mark.parametrize(
    "approval", ["approved", True, {"name": "A. Person"}, {"name": "", "role": "x", "date": "y"}]
)
def test_approval_is_a_named_persons_act(tmp_path: Path, approval: object) -> None:
    with pytest.raises(CatalogueError, match="approval"):
        load_catalogue(write(tmp_path, approval=approval))


def test_an_approved_text_says_so(tmp_path: Path) -> None:
    act = {"name": "A. Person", "role": "clinical director", "date": "2026-11-01"}
    assert load_catalogue(write(tmp_path, approval=act)).render("cost").approved


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sources": ["nowhere"]}, "source `nowhere`"),
        ({"buttons": ["nothing"]}, "button `nothing`"),
    ],
)
def test_wrong_reference_names_file_and_answer(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    with pytest.raises(CatalogueError, match=r"cost\.yml.*`cost`") as stopped:
        load_catalogue(write(tmp_path, **change))
    assert said in str(stopped.value)


def test_an_id_stands_once(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "other.yml").write_text((folder / "cost.yml").read_text())
    with pytest.raises(CatalogueError, match=r"already used in cost\.yml"):
        load_catalogue(folder)


def test_unknown_answer_is_an_error(catalogue: Catalogue) -> None:
    with pytest.raises(CatalogueError, match="`weather`"):
        catalogue.render("weather")
