"""Vectors are kept between trainings, as long as the encoder is the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from language import kept_vectors
from language.encoder import SIZE, WIDE, encoder

TEXTS = ["how much is it", "do you take my insurance", "\U0001f480"]


def forget() -> None:
    kept_vectors._kept.cache_clear()
    kept_vectors._encoder_print.cache_clear()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "model.onnx").write_bytes(b"one encoder")
    monkeypatch.setattr(kept_vectors, "FOLDER", tmp_path)
    monkeypatch.setattr(kept_vectors, "FILE", tmp_path / "vectors.npz")
    forget()
    yield tmp_path
    forget()


def encoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows by what is encoded from now on."""
    seen: list[str] = []

    def noted(texts: list[str]) -> np.ndarray:
        seen.extend(texts)
        return np.ones((len(texts), WIDE), dtype=np.float32)

    monkeypatch.setattr(kept_vectors, "_encode", noted)
    return seen


def test_what_is_kept_is_what_the_encoder_says(folder: Path) -> None:
    kept_vectors.keep(TEXTS)
    for text in TEXTS:
        assert kept_vectors.wide_vector(text) @ encoder().encode_wide(text) > 2 * 0.97
    assert kept_vectors.kept_meanings(TEXTS).shape == (len(TEXTS), SIZE)
    assert np.abs(kept_vectors.kept_meanings(TEXTS)).sum(axis=1).min() > 0


def test_only_what_is_new_is_encoded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept_vectors.keep(TEXTS)
    seen = encoded(monkeypatch)
    kept_vectors.keep([*TEXTS, "is there parking"])
    assert seen == ["is there parking"]


def test_vectors_of_another_encoder_are_not_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_vectors.keep(TEXTS)
    (folder / "model.onnx").write_bytes(b"another encoder")
    forget()
    assert not kept_vectors.kept_meanings(TEXTS).any()
    seen = encoded(monkeypatch)
    kept_vectors.keep(TEXTS)
    assert seen == TEXTS
