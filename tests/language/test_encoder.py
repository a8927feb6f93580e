"""Sentence vectors: alike for what means alike, the same in both environments."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from language.encoder import SIZE, Encoder, encoder

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ["how much does it cost", "what is the price of the program", "my cat is sick"]


def test_meaning_is_nearer_than_words() -> None:
    price, cost, cat = encoder().encode_all(TEXTS)
    assert price @ cost > 0.5 > 0.2 > price @ cat


@pytest.mark.parametrize("text", ["", " ", "x" * 5000, "word " * 5000, "\U0001f480"])
def test_any_text_has_a_vector_of_length_one(text: str) -> None:
    vector = encoder().encode(text)
    assert vector.shape == (SIZE,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4)


def test_a_vector_does_not_depend_on_its_neighbours() -> None:
    alone = encoder().encode(TEXTS[0])
    assert np.array_equal(encoder().encode_all(TEXTS)[0], alone)


def test_many_encoded_together_mean_what_each_means_alone() -> None:
    texts = [*TEXTS, "how much is it", "", "word " * 400] * 20
    together = encoder().encode_together(texts)
    alone = encoder().encode_all_wide(texts)
    for half in (slice(0, SIZE), slice(SIZE, None)):
        assert (together[:, half] * alone[:, half]).sum(axis=1).min() > 0.95


def test_missing_encoder_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make setup"):
        Encoder(tmp_path)


@pytest.mark.parametrize("environment", ["brain", "desk"])
def test_both_environments_agree(environment: str) -> None:
    code = (
        "import json, sys; from language.encoder import encoder;"
        "print(json.dumps([encoder().encode(t).tolist() for t in json.loads(sys.argv[1])]))"
    )
    python = ROOT / ".venv" / environment / "bin" / "python"
    command = [str(python), "-W", "ignore", "-c", code, json.dumps(TEXTS)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    there = np.array(json.loads(said.splitlines()[-1]))
    assert np.abs(there - encoder().encode_all(TEXTS)).max() < 1e-4, sys.version
