"""The recogniser: reads unseen wordings, and is the same after it was saved."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from brain import recognition
from brain.recognition import Recogniser
from language.encoder import encoder

EXAMPLES = {
    "cost": ["how much is it", "what does it cost", "price per month?", "is it expensive"],
    "schedule": ["what days do you meet", "do you have evening groups", "what time is it", "hours"],
    "thanks": ["thank you", "thx so much", "appreciate it", "thanks a lot"],
}


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    pairs = [(text, name) for name, texts in EXAMPLES.items() for text in texts]
    texts, labels = zip(*pairs, strict=True)
    return Recogniser.train(texts, labels, encoder().encode_all(list(texts)))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("whats the price of this", "cost"),
        ("any groups on a saturday night", "schedule"),
        ("many thanks", "thanks"),
    ],
)
def test_unseen_wordings(recogniser: Recogniser, text: str, label: str) -> None:
    sure = recogniser.probabilities([text], encoder().encode_all([text]))[0]
    assert recogniser.labels[int(sure.argmax())] == label


def test_probabilities_add_up(recogniser: Recogniser) -> None:
    texts = ["hello", "", "\U0001f480"]
    sure = recogniser.probabilities(texts, encoder().encode_all(texts))
    assert sure.shape == (3, 3)
    assert np.allclose(sure.sum(axis=1), 1, atol=1e-4)


@pytest.mark.parametrize("text", ["how much is it", "evening evening groups", "", "qzx", "thx!"])
def test_the_short_way_to_the_grams_is_the_long_one(recogniser: Recogniser, text: str) -> None:
    grams = sparse.hstack([v.transform([text]) for v in recogniser.vectorizers]).tocsr()
    long = (grams @ recogniser.gram_weights)[0]
    assert np.allclose(recogniser._gram_votes(text), long, atol=1e-6)


def test_saved_and_read_is_the_same(recogniser: Recogniser, tmp_path: Path) -> None:
    recogniser.save(tmp_path)
    again = Recogniser.load(tmp_path)
    texts = ["how mcuh is that", "evening?"]
    vectors = encoder().encode_all(texts)
    before = recogniser.probabilities(texts, vectors)
    assert np.allclose(before, again.probabilities(texts, vectors), atol=1e-2)
    assert not list(tmp_path.glob("*.pkl"))


FAR_AWAY = ["my parcel is late", "who won the match", "best pizza recipe", "reset my router"]


@pytest.fixture(scope="module")
def scoped() -> Recogniser:
    pairs = [(text, name) for name, texts in EXAMPLES.items() for text in texts]
    pairs += [(text, recognition.OUT_OF_SCOPE) for text in FAR_AWAY]
    texts, labels = zip(*pairs, strict=True)
    return Recogniser.train(texts, labels, encoder().encode_all(list(texts)), 14.0)


def test_what_is_far_from_scope_is_out_of_it(
    scoped: Recogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = ["do you have evening groups"]
    vectors = encoder().encode_all(text)
    near = scoped.probabilities(text, vectors)[0]
    assert scoped.labels[int(near.argmax())] == "schedule"
    monkeypatch.setattr(recognition, "FAR", 9.0)
    far = scoped.probabilities(text, vectors)[0]
    assert scoped.labels[int(far.argmax())] == recognition.OUT_OF_SCOPE
    # What it would have been otherwise stays second.
    assert scoped.labels[int(far.argsort()[-2])] == "schedule"
    assert np.isclose(far.sum(), 1, atol=1e-4)


@pytest.mark.parametrize(
    ("text", "nearer"), [("what does it cost?", True), ("where is my parcel", False)]
)
def test_nearness_tells_scope_from_the_rest(scoped: Recogniser, text: str, nearer: bool) -> None:
    turned = recognition._turned(encoder().encode_all([text]) - scoped.centre, scoped.axes)
    near = scoped.near.cosines(turned)
    assert bool(recognition.nearness(near, scoped.of_scope)[0] > 0) is nearer
