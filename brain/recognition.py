"""The intent classifier's arithmetic: no Rasa in here, so that it can be measured by itself.

Kernel ridge regression (docs/recognition.md says what it was compared with). Two messages are
alike when their sentence vectors are near and when they share words and pieces of words; each
training message votes for its intent with a weight that makes all votes together come out right.
The votes of all messages but one for that one are known in closed form, so how sure a vote
really is gets learned from the training data alone, without a second training.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from scipy.linalg import lapack
from sklearn.feature_extraction.text import TfidfVectorizer

from brain.near_examples import NearExamples
from brain.ridge import factor, solve

PART = 384
"""Length of one pooling of the encoder; vectors may hold several, one after another."""
KEPT = 192
"""Principal components kept of a pooling: half of them are as accurate as all, in half the time."""
PART_WEIGHTS = {1: (1.0,), 2: (0.65, 0.35)}
"""What each pooling counts, by how many there are: meaning first, then wording."""
NARROWNESS = 2.0
"""How fast likeness falls with distance: exp(NARROWNESS * (cosine - 1))."""
WORDS_WEIGHT = 0.1
"""What shared words, and shared pieces of words, count beside the vectors."""
REGULARISATION = 0.15
SHARPNESS = 13.8
"""The factor that turns votes into probabilities, as leave-one-out last chose it (`calibrate`)."""
OUT_OF_SCOPE = "out_of_scope"
NEAREST_IN, NEAREST_OUT = 5, 3
"""How many of the nearest messages in scope and out of it say whether a text is far from scope."""
FAR = 0.0143
"""Below this nearness a text is out of scope, whatever the votes say: it loses 2% of the right
answers of leave-one-out (`python -m benchmarks.recognition --choose`). What the votes said is
second, and the person is asked about it."""
NEAR_FILE = "near.onnx"
_BLOCK = 512
_FEW = 20
"""A gram that stands in no more messages than these is kept, however few messages there are."""
CANDIDATES = np.geomspace(1.0, 40.0, 60)


def _vectorizers(messages: int = 0) -> tuple[TfidfVectorizer, TfidfVectorizer]:
    # What stands in many messages says little and would make every pair of messages alike: left
    # out, it halves the time of training at the same accuracy.
    words = TfidfVectorizer(
        ngram_range=(1, 2), sublinear_tf=True, max_df=max(_FEW, messages // 20), dtype=np.float32
    )
    # Pieces of words carry the typos.
    pieces = TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=(3, 5),
        sublinear_tf=True,
        min_df=2,
        max_df=max(_FEW, messages // 50),
        dtype=np.float32,
    )
    return words, pieces


def _probabilities(votes: np.ndarray, sharpness: float) -> np.ndarray:
    raised = np.exp((votes - votes.max(axis=1, keepdims=True)) * sharpness)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _solve_and_leave_out(
    likeness: np.ndarray, targets: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return each message's weights, and the votes of all others for it (leave one out)."""
    inverse, _ = lapack.spotri(factor(likeness, REGULARISATION), lower=1, overwrite_c=1)
    diagonal = inverse.diagonal().copy()
    inverse = np.tril(inverse)
    weights = inverse @ targets + inverse.T @ targets - diagonal[:, None] * targets
    return weights, targets - weights / diagonal[:, None]


def _sharpness(votes: np.ndarray, truth: np.ndarray) -> float:
    """Return the factor that makes the votes' probabilities of the truth likeliest."""
    rows = np.arange(len(truth))
    fits = [np.log(_probabilities(votes, f)[rows, truth] + 1e-9).mean() for f in CANDIDATES]
    return float(CANDIDATES[int(np.argmax(fits))])


@dataclass
class Recogniser:
    """A trained classifier of messages."""

    labels: list[str]
    vectorizers: tuple[TfidfVectorizer, TfidfVectorizer]
    centre: np.ndarray
    """Mean of the training vectors, taken off every vector; shape (width,)."""
    axes: np.ndarray
    """Axes of the space in which the training vectors differ most; (poolings, PART, KEPT)."""
    near: NearExamples
    """The training messages' vectors along them, of length 1, in 8 bits."""
    weights: np.ndarray
    """What each training message votes for each label; shape (messages, labels)."""
    gram_weights: np.ndarray
    """The same votes summed up by word and piece of word; shape (grams, labels)."""
    sharpness: float
    of_scope: np.ndarray
    """Which training messages are in scope, shape (messages,)."""
    left_out: np.ndarray | None = None
    """After training that chose its sharpness: each message's probabilities by all the others."""
    examples: np.ndarray | None = None
    """After training: the training messages' vectors as they are; (poolings, messages, KEPT)."""

    @classmethod
    def train(
        cls,
        texts: Sequence[str],
        labels: Sequence[str],
        vectors: np.ndarray,
        sharpness: float | None = None,
    ) -> Recogniser:
        """Learn from messages, their intents, and their sentence vectors (one row each).

        Args:
            texts: The messages.
            labels: Their intents.
            vectors: Their sentence vectors, shape (messages, 384 or 768).
            sharpness: Turns votes into probabilities; None chooses it by leave-one-out, which
                takes three times as long.
        """
        names, truth = np.unique(np.asarray(labels), return_inverse=True)
        vectors = np.asarray(vectors, dtype=np.float32)
        vectorizers = _vectorizers(len(texts))
        grams = sparse.hstack([v.fit_transform(texts) for v in vectorizers]).tocsr()
        centre = vectors.mean(axis=0)
        axes = _axes(vectors - centre)
        examples = _turned(vectors - centre, axes)
        likeness = _likeness(examples, grams)
        targets = np.eye(len(names), dtype=np.float32)[truth]
        left_out = None
        if sharpness is None:
            weights, votes = _solve_and_leave_out(likeness, targets)
            sharpness = _sharpness(votes, truth)
            left_out = _probabilities(votes, sharpness)
        else:
            weights = solve(likeness, targets, REGULARISATION)
        return cls(
            labels=[str(name) for name in names],
            vectorizers=vectorizers,
            centre=centre,
            axes=axes,
            near=NearExamples.of(examples),
            weights=weights,
            gram_weights=np.asarray(WORDS_WEIGHT * (grams.T @ weights), dtype=np.float32),
            sharpness=sharpness,
            of_scope=np.asarray([label != OUT_OF_SCOPE for label in labels]),
            left_out=left_out,
            examples=examples,
        )

    def probabilities(self, texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        """Return how sure the classifier is of each label, shape (texts, labels)."""
        centred = np.asarray(vectors, dtype=np.float32) - self.centre
        near = self.near.cosines(_turned(centred, self.axes))
        votes = _kernel(near) @ self.weights
        votes += np.stack([self._gram_votes(text) for text in texts])
        sure = _probabilities(votes, self.sharpness)
        if OUT_OF_SCOPE not in self.labels:
            return sure
        far = (nearness(near, self.of_scope) < FAR)[:, None]
        nothing = np.asarray([label == OUT_OF_SCOPE for label in self.labels], dtype=sure.dtype)
        return np.where(far, (sure + nothing) / 2, sure)

    def _gram_votes(self, text: str) -> np.ndarray:
        """Return the votes of one text's words and pieces of words, shape (labels,).

        What `v.transform([text]) @ gram_weights` gives, without the detour over sparse matrices
        (tests hold the two together): a tenth of the time for the short texts people write.
        """
        votes = np.zeros(len(self.labels), dtype=np.float32)
        start = 0
        for vocabulary, idf, analyse in self.grams:
            counts = Counter(vocabulary[gram] for gram in analyse(text) if gram in vocabulary)
            if counts:
                grams = np.fromiter(counts.keys(), dtype=np.intp)
                values = 1 + np.log(np.fromiter(counts.values(), dtype=np.float32))
                values *= idf[grams]
                values /= np.linalg.norm(values)
                votes += values.astype(np.float32) @ self.gram_weights[start + grams]
            start += len(vocabulary)
        return votes

    @cached_property
    def grams(self) -> list[tuple[dict[str, int], np.ndarray, Callable[[str], list[str]]]]:
        """Return each vectorizer's vocabulary, weights of grams, and what cuts a text into them."""
        return [(v.vocabulary_, np.asarray(v.idf_), v.build_analyzer()) for v in self.vectorizers]

    def save(self, folder: Path) -> None:
        """Write the classifier as plain arrays and JSON (nothing that runs when it is read)."""
        arrays: dict[str, Any] = {
            "centre": self.centre,
            "axes": self.axes,
            "weights": self.weights,
            "of_scope": self.of_scope,
            # Half the size on disk; a vote changes in the fourth digit.
            "gram_weights": self.gram_weights.astype(np.float16),
        }
        vocabularies = []
        for number, vectorizer in enumerate(self.vectorizers):
            arrays[f"idf{number}"] = vectorizer.idf_.astype(np.float32)
            vocabulary = vectorizer.vocabulary_
            vocabularies.append(sorted(vocabulary, key=vocabulary.get))
        np.savez(folder / "arrays.npz", **arrays)
        self.near.save(folder / NEAR_FILE)
        words = {
            "labels": self.labels,
            "sharpness": self.sharpness,
            "vocabularies": vocabularies,
        }
        (folder / "words.json").write_text(json.dumps(words), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Recogniser:
        """Read a classifier that `save` wrote."""
        words = json.loads((folder / "words.json").read_text("utf-8"))
        with np.load(folder / "arrays.npz") as read:
            arrays = {name: read[name] for name in read.files}
        vectorizers = _vectorizers()
        for number, vectorizer in enumerate(vectorizers):
            vocabulary = words["vocabularies"][number]
            vectorizer.vocabulary_ = {word: index for index, word in enumerate(vocabulary)}
            vectorizer.idf_ = arrays[f"idf{number}"]
        return cls(
            labels=words["labels"],
            vectorizers=vectorizers,
            centre=arrays["centre"],
            axes=arrays["axes"],
            near=NearExamples.load(folder / NEAR_FILE),
            weights=arrays["weights"],
            gram_weights=arrays["gram_weights"].astype(np.float32),
            sharpness=words["sharpness"],
            of_scope=arrays["of_scope"],
        )


def _axes(centred: np.ndarray) -> np.ndarray:
    """Return axes of the space in which each pooling's vectors differ most.

    It is that of the principal components, turned at random: along these themselves a few values
    are large and most are small, of which 8 bits would leave little.
    """
    turn, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((KEPT, KEPT)))
    found = []
    for part in _parts(centred):
        _, directions = np.linalg.eigh(part.T.astype(np.float64) @ part)
        found.append(directions[:, ::-1][:, :KEPT] @ turn)
    return np.asarray(found, dtype=np.float32)


def _turned(centred: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """Return each pooling of centred vectors along the axes, of length 1."""
    parts = _parts(centred) @ axes
    lengths = np.linalg.norm(parts, axis=2, keepdims=True)
    return np.ascontiguousarray(parts / np.maximum(lengths, 1e-9))


def _parts(vectors: np.ndarray) -> np.ndarray:
    return vectors.reshape(len(vectors), -1, PART).transpose(1, 0, 2)


def cosines(vectors: np.ndarray, examples: np.ndarray) -> list[np.ndarray]:
    """Return how near each text is to each example, for each pooling."""
    return [ours @ theirs.T for ours, theirs in zip(vectors, examples, strict=True)]


def _kernel(cosines: list[np.ndarray]) -> np.ndarray:
    """Return how alike texts and examples are by their vectors; overwrites nothing."""
    near = np.zeros(cosines[0].shape, dtype=np.float32)
    for weight, part in zip(PART_WEIGHTS[len(cosines)], cosines, strict=True):
        # In place: of all training messages against each other this is half a gigabyte.
        alike = part - 1
        alike *= NARROWNESS
        np.exp(alike, out=alike)
        alike *= weight
        near += alike
    return near


def nearness(cosines: list[np.ndarray], of_scope: np.ndarray) -> np.ndarray:
    """Return how much nearer each text is to messages in scope than to those out of scope.

    Args:
        cosines: How near each text is to each training message, for each pooling.
        of_scope: Which training messages are in scope.
    """
    weights = PART_WEIGHTS[len(cosines)]
    near = np.sum([weight * part for weight, part in zip(weights, cosines, strict=True)], axis=0)
    inside, outside = near[:, of_scope], near[:, ~of_scope]
    return np.asarray(_nearest(inside, NEAREST_IN) - _nearest(outside, NEAREST_OUT))


def _nearest(near: np.ndarray, count: int) -> np.ndarray:
    count = min(count, near.shape[1])
    return np.asarray(np.partition(near, -count, axis=1)[:, -count:].mean(axis=1))


def _likeness(examples: np.ndarray, grams: sparse.csr_matrix) -> np.ndarray:
    """Return how alike the training messages are: the upper triangle, all that solving reads.

    In blocks of rows, which fit the cache.
    """
    count = examples.shape[1]
    likeness = np.zeros((count, count), dtype=np.float32)
    columns = grams.T.tocsc()
    for start in range(0, count, _BLOCK):
        rows = slice(start, start + _BLOCK)
        likeness[rows, start:] = _kernel(cosines(examples[:, rows], examples[:, start:]))
        shared = (grams[rows] @ columns[:, start:]).tocoo()
        likeness[start + shared.row, start + shared.col] += WORDS_WEIGHT * shared.data
    return likeness
