"""Sentence vectors: all-MiniLM-L6-v2, run by onnxruntime."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from language.onnx_session import onnx_session

Vector = npt.NDArray[np.float32]

SIZE = 384
"""Length of a sentence vector: the mean of the last layer, what a text means."""

WIDE = 2 * SIZE
"""Length of a wide vector: meaning, then the mean of the fourth layer, how it was said."""

_REMEMBERED = 64
"""Texts whose vectors are kept, so that screen and recognition share one pass."""

_TOGETHER = 16
"""Texts in one pass where many are encoded; more are no faster."""

MAX_TOKENS = 256
"""The publisher's limit for one text; longer texts are cut (sentence_bert_config.json)."""

FOLDER = Path(__file__).resolve().parent.parent / "models" / "encoder"
"""Where set-up puts `model.onnx` and `tokenizer.json` (see setup/encoder.py)."""


class Encoder:
    """Turns a text into a vector whose cosine to another says how alike they are in meaning."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Load the graph and the word pieces.

        Args:
            folder: Holds `model.onnx` and `tokenizer.json`.

        Raises:
            FileNotFoundError: Set-up has not built the encoder; the message says what to run.
        """
        graph, pieces = folder / "model.onnx", folder / "tokenizer.json"
        if not graph.exists() or not pieces.exists():
            raise FileNotFoundError(f"No encoder in {folder.name}/: run `make setup` to build it.")
        self._session = onnx_session(graph)
        self._tokenizer = Tokenizer.from_file(str(pieces))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._run = lru_cache(maxsize=_REMEMBERED)(self._pass)

    def encode(self, text: str) -> Vector:
        """Return the vector of one text.

        Texts are encoded one at a time: the activations are quantised per call, so a vector must
        not depend on which other texts happen to be in a batch.

        Args:
            text: Any string; what lies beyond 256 word pieces is not read.

        Returns:
            384 floats of length 1 (a text without words gives the vector of an empty sentence).
        """
        return self.encode_wide(text)[:SIZE]

    def encode_wide(self, text: str) -> Vector:
        """Return meaning and wording of one text: 768 floats, each half of length 1."""
        return self._run(text)

    def _pass(self, text: str) -> Vector:
        vector: Vector = self._run_together([self._tokenizer.encode(text).ids])[0]
        # Several readers share it.
        vector.setflags(write=False)
        return vector

    def _run_together(self, pieces: list[list[int]]) -> Vector:
        """Return the wide vectors of texts that have the same number of word pieces."""
        given = {"pieces": np.asarray(pieces, dtype=np.int64)}
        return np.concatenate(self._session.run(["meaning", "wording"], given), axis=1)

    def encode_all(self, texts: list[str]) -> Vector:
        """Return the vectors of several texts as an array of shape (number of texts, 384)."""
        if not texts:
            return np.zeros((0, SIZE), dtype=np.float32)
        return np.stack([self.encode(text) for text in texts])

    def encode_all_wide(self, texts: list[str]) -> Vector:
        """Return the wide vectors of several texts, shape (number of texts, 768)."""
        if not texts:
            return np.zeros((0, WIDE), dtype=np.float32)
        return np.stack([self.encode_wide(text) for text in texts])

    def encode_together(self, texts: list[str]) -> Vector:
        """Return the wide vectors of many texts, shape (number of texts, 768); for training.

        A third faster than one by one. Texts of one length share a pass and its quantisation, so
        a vector differs a little from the one `encode_wide` gives (mean cosine .99).
        """
        pieces = [self._tokenizer.encode(text).ids for text in texts]
        vectors = np.zeros((len(texts), WIDE), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda number: len(pieces[number]))
        for _, alike in groupby(order, key=lambda number: len(pieces[number])):
            numbers = list(alike)
            for start in range(0, len(numbers), _TOGETHER):
                some = numbers[start : start + _TOGETHER]
                vectors[some] = self._run_together([pieces[number] for number in some])
        return vectors


@lru_cache(maxsize=1)
def encoder() -> Encoder:
    """Return the process's encoder, loaded at the first call."""
    return Encoder()
