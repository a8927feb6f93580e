"""The connector's own decisions: what a call may hold, and how a reading is told."""

from __future__ import annotations

import base64
import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.exceptions import InvalidConfigException

from brain import connector
from brain import given as given_vectors
from brain.answer_generator import speak
from brain.calls import BadCallError, facts_of, message_text
from brain.connector import DeskConnector, reading
from brain.conversation_store import ConversationStore
from brain.named import answer
from center.current import current_center, with_facts
from language.encoder import WIDE

VECTOR = base64.b64encode(np.ones(WIDE, "<f4").tobytes()).decode()


def test_a_vector_that_came_along_is_used() -> None:
    assert message_text({"v": 1, "text": "a message of its own", "vector": VECTOR})
    assert np.array_equal(given_vectors.vector_of("a message of its own"), np.ones(WIDE))


def test_a_button_becomes_rasas_payload() -> None:
    assert message_text({"v": 1, "payload": "cost"}) == "/cost"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (None, "v"),
        ([], "v"),
        ({"text": "hi"}, "v"),
        ({"v": 2, "text": "hi"}, "v"),
        ({"v": 1}, "text"),
        ({"v": 1, "text": ""}, "text"),
        ({"v": 1, "text": 7}, "text"),
        ({"v": 1, "text": "/restart"}, "text"),
        ({"v": 1, "payload": 'cost{"x":1}'}, "payload"),
        ({"v": 1, "payload": "/restart"}, "payload"),
        ({"v": 1, "payload": ["cost"]}, "payload"),
        ({"v": 1, "text": "hi", "vector": "AAAA"}, "vector"),
        ({"v": 1, "text": "hi", "vector": "no base64!"}, "vector"),
        ({"v": 1, "text": "hi", "vector": 5}, "vector"),
    ],
)
def test_a_call_against_the_contract_names_its_field(body: Any, field: str) -> None:
    with pytest.raises(BadCallError, match=f"^{field}$"):
        message_text(body)


@pytest.mark.parametrize("facts", ["phone", ["phone"], 5, True])
def test_facts_that_are_none_are_refused(facts: Any) -> None:
    with pytest.raises(BadCallError, match=r"^facts$"):
        facts_of({"v": 1, "text": "hi", "facts": facts})


def test_facts_that_came_along_count_inside_their_turn_alone() -> None:
    before = current_center()
    edited = {"phone": "(213) 555-0199", "sentences.parking": "Park behind it.", "price": None}
    with with_facts(facts_of({"v": 1, "facts": edited})):
        spoken = speak("locations_hours_contact").text
        assert "(213) 555-0199" in spoken
        assert current_center().facts()["parking"] == "Park behind it."
    assert current_center() == before
    assert "(213) 555-0199" not in speak("locations_hours_contact").text


def test_an_insurer_that_was_added_is_one_of_the_center() -> None:
    entities = [{"name": "insurer", "value": "Aetna"}]
    with with_facts({"in_network": ["Aetna"]}):
        found = answer("insurance_coverage", entities, current_center())
    assert found is not None
    assert found.answer_id == "insurance_coverage_in_network"


@given(st.text(max_size=50))
def test_no_text_ever_becomes_a_payload(text: str) -> None:
    with contextlib.suppress(BadCallError):
        assert not message_text({"v": 1, "text": text}).startswith("/")


def test_what_fits_nothing_is_out_of_scope() -> None:
    told = reading(
        {
            "intent": {"name": "nlu_fallback", "confidence": 0.2},
            "intent_ranking": [
                {"name": "nlu_fallback", "confidence": 0.2},
                {"name": "cost", "confidence": 0.15},
            ],
            "entities": [
                {"entity": "insurer", "value": "Aetna", "text": "etna", "start": 0, "end": 4}
            ],
        }
    )
    assert told["intent"] == "out_of_scope"
    assert told["intents"] == ["out_of_scope"]
    assert told["ranking"] == [{"name": "cost", "confidence": 0.15}]
    assert told["entities"][0] == {
        "name": "insurer",
        "value": "Aetna",
        "text": "etna",
        "start": 0,
        "end": 4,
    }


@pytest.mark.parametrize("content", [None, "", "  \n"])
def test_no_token_no_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    path = tmp_path / "brain.token"
    if content is not None:
        path.write_text(content)
    monkeypatch.delenv("IOP_BRAIN_TOKEN_FILE", raising=False)
    with pytest.raises(InvalidConfigException, match="make setup"):
        DeskConnector.from_credentials({"token_file": str(path)})


def test_the_store_behind_rasas_wrapper_must_be_ours() -> None:
    class Processor:
        tracker_store = FailSafeTrackerStore(InMemoryTrackerStore(Domain.empty()))

    with pytest.raises(TypeError, match=r"endpoints\.yml"):
        connector._store(Processor())  # type: ignore[arg-type]
    Processor.tracker_store = FailSafeTrackerStore(ConversationStore(Domain.empty()))
    assert isinstance(connector._store(Processor()), ConversationStore)  # type: ignore[arg-type]
