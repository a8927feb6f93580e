"""Trains the meaning layer: `python -m safety.train_meaning [FOLDER]` prints its figures.

One softmax over the sentence vector and tf-idf of words and pairs won by cross-validation over a
yes-or-no model, vectors alone, nearest examples, an RBF kernel and a small network: at the same
rate of false alarms it finds half as much again as vectors alone, and gives the category too.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import yaml
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from language.kept_vectors import KeptEncoder
from safety.data import DATA, read
from safety.meaning import (
    FOLDER,
    HARMLESS,
    Array,
    Limits,
    Weights,
    category_and_tier,
    is_calm,
    probabilities,
    term_values,
    terms_of,
)
from safety.windows import windows

#: What people ask this assistant: the training questions of the brain serve as harmless ones.
QUESTIONS = DATA.parent / "nlu"
#: Accepted share of false alarms among what visitors ask, among near misses written to be hard
#: (idioms, other meanings), and among sad people's messages.
ASKED_ALARMS, NEAR_ALARMS, SAD_ALARMS = 0.005, 0.02, 0.10
#: Accepted share of harmless messages that get the gentle check-in.
HARMLESS_CHECK_INS = 0.01

_SAD = f"{HARMLESS}sad"
_FOLDS = 3
_LOOSENESS = 5.0  # inverse strength of the penalty on weights
# Until nothing moves any more: broken off after 60 steps, one changed example out of thousands
# decided over 2 in 100 of other people's messages.
_STEPS, _REMEMBERED = 150, 6
# Of the questions that visitors ask, every other one is learned from: all of them take half as
# long again, and keep no more of other people's harmless messages from an alarm.
_ASKED_EVERY = 2
_MARKUP = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")


ASKED = f"{HARMLESS}asked"
"""Label of the intent examples: what visitors ask, and harmless."""


class EncodesAll(Protocol):
    """What turns texts into sentence vectors."""

    def encode_all(self, texts: list[str]) -> Array:
        """The vectors of several texts."""


_Scored = tuple[tuple[float, float], tuple[float, float], str]
"""Alarm and check-in of a message's whole and parts, and the category it would be given."""

LIMITS = Limits(alarm=0.76, gentle=0.64, alarm_part=0.92, gentle_part=0.78)
"""What is in use, from messages by other people (docs/safety.md has the table; 2026-11-29).

`--choose` prints what cross-validation chooses, which is stricter with wholes and laxer with parts:
our harmless examples are short and near to risk, while visitors tell long stories.
"""


@dataclass(frozen=True)
class Examples:
    """Labelled messages with their windows (the whole text first) and the windows' vectors.

    Only the whole is learned from; all windows are scored.
    """

    labels: tuple[str, ...]
    parts: tuple[list[str], ...]
    vectors: tuple[Array, ...]

    def take(self, numbers: Sequence[int]) -> Examples:
        """The examples of these numbers."""
        return Examples(
            tuple(self.labels[n] for n in numbers),
            tuple(self.parts[n] for n in numbers),
            tuple(self.vectors[n] for n in numbers),
        )


def labelled(folder: Path = DATA / "meaning", questions: Path = QUESTIONS) -> list[tuple[str, str]]:
    """Label and text of every example; harmless labels begin with "-"."""
    found: list[tuple[str, str]] = []
    for path in sorted(folder.glob("*.yml")):
        content = read(path, "meaning_examples")
        tier = f"@{content['tier']}" if "tier" in content else ""
        groups = content.get("groups", {content["category"] + tier: content.get("examples")})
        mark = HARMLESS if "groups" in content else ""
        found += [(mark + label, str(text)) for label, texts in groups.items() for text in texts]
    asked = asked_questions(questions)[::_ASKED_EVERY]
    return found + [(ASKED, text) for text in asked]


def asked_questions(folder: Path = QUESTIONS) -> list[str]:
    """What visitors ask, as the brain is trained on it, without what is written as a crisis."""
    return list(_questions(folder))


def _questions(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.yml")):
        # The loader in C is fifty times faster.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        for block in yaml.load(path.read_text(encoding="utf-8"), Loader=loader)["nlu"]:
            if block.get("intent", "safety_crisis") == "safety_crisis":
                continue
            for line in str(block["examples"]).splitlines():
                text = _MARKUP.sub(r"\1", line.strip().removeprefix("- ")).strip()
                if text:
                    yield text


def encoded(
    pairs: Sequence[tuple[str, str]], encodes: EncodesAll, to_score: bool = False
) -> Examples:
    """The examples with vectors: of the whole text, which is learned from, or of all windows.

    The windows of harmless messages teach nothing, and which sentence of a risk holds it, nobody
    has labelled.
    """
    parts = tuple(windows(text) if to_score else [text] for _, text in pairs)
    vectors = tuple(encodes.encode_all(part) for part in parts)
    return Examples(tuple(label for label, _ in pairs), parts, vectors)


def fit(examples: Examples) -> Weights:
    """Learn the weights; the same examples give the same weights."""
    labels = examples.labels
    texts = [parts[0] for parts in examples.parts]
    vectors = [vectors[0] for vectors in examples.vectors]
    seen = Counter(term for text in texts for term in terms_of(text))
    found_in = Counter(term for text in texts for term in set(terms_of(text)))
    terms = sorted(term for term in seen if found_in[term] > 1)
    rarity = [np.log((1 + len(texts)) / (1 + found_in[term])) + 1 for term in terms]
    classes = tuple(sorted(set(labels)))
    weights = Weights(
        classes,
        {term: number for number, term in enumerate(terms)},
        np.array(rarity, dtype=np.float32),
        np.zeros((len(vectors[0]), len(classes)), dtype=np.float32),
        np.zeros((len(terms), len(classes)), dtype=np.float32),
        np.zeros(len(classes), dtype=np.float32),
    )
    wanted = np.eye(len(classes), dtype=np.float32)[[classes.index(label) for label in labels]]
    return _optimise(weights, np.stack(vectors), _matrix(texts, weights), wanted)


def _matrix(texts: Sequence[str], weights: Weights) -> csr_matrix:
    values = [term_values(text, weights) for text in texts]
    ends = np.cumsum([0, *(len(numbers) for numbers, _ in values)])
    columns = np.concatenate([numbers for numbers, _ in values])
    data = np.concatenate([value for _, value in values])
    return csr_matrix((data, columns, ends), shape=(len(texts), len(weights.terms)))


def _optimise(weights: Weights, dense: Array, sparse: csr_matrix, wanted: Array) -> Weights:
    shapes = [weights.of_vector.shape, weights.of_term.shape, weights.bias.shape]
    cuts = np.cumsum([int(np.prod(shape)) for shape in shapes])
    sparse_turned = sparse.T.tocsr()

    def unpack(flat: npt.NDArray[np.float64]) -> list[Array]:
        parts = np.split(flat.astype(np.float32), cuts[:-1])
        return [part.reshape(shape) for part, shape in zip(parts, shapes)]  # noqa: B905

    def loss(flat: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        of_vector, of_term, bias = unpack(flat)
        scores = dense @ of_vector + sparse @ of_term + bias
        scores -= scores.max(axis=1, keepdims=True)
        logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        penalty = (float((of_vector**2).sum()) + float((of_term**2).sum())) / (2 * _LOOSENESS)
        errors = np.exp(logs) - wanted
        slopes = [
            dense.T @ errors + of_vector / _LOOSENESS,
            sparse_turned @ errors + of_term / _LOOSENESS,
            errors.sum(axis=0),
        ]
        cost = penalty - float((logs * wanted).sum(dtype=np.float64))
        return cost, np.concatenate([slope.ravel() for slope in slopes]).astype(np.float64)

    start = np.zeros(cuts[-1])
    pace = {"maxiter": _STEPS, "maxcor": _REMEMBERED}
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options=pace)
    of_vector, of_term, bias = unpack(best.x)
    return weights._replace(of_vector=of_vector, of_term=of_term, bias=bias)


@dataclass(frozen=True)
class HeldOut:
    """What models that had not seen a message made of it, over all messages.

    Attributes:
        labels: the true labels.
        alarm: probability of a category other than SOFT, of the whole and the highest of its
            parts, shape (messages, 2).
        gentle: the same with SOFT added.
        named: the category that the likeliest window would be given.
    """

    labels: npt.NDArray[np.str_]
    alarm: npt.NDArray[np.float64]
    gentle: npt.NDArray[np.float64]
    named: npt.NDArray[np.str_]

    def fired(self, limits: Limits) -> npt.NDArray[np.bool_]:
        """Which messages raise an alarm."""
        return np.asarray((self.alarm >= (limits.alarm, limits.alarm_part)).any(axis=1))

    def checked_in(self, limits: Limits) -> npt.NDArray[np.bool_]:
        """Which messages get the gentle check-in, alarms among them."""
        by_gentle = (self.gentle >= (limits.gentle, limits.gentle_part)).any(axis=1)
        return np.asarray(by_gentle | self.fired(limits))

    @property
    def sad(self) -> npt.NDArray[np.bool_]:
        """Sad people's messages without danger."""
        return np.asarray(self.labels == _SAD)

    @property
    def asked(self) -> npt.NDArray[np.bool_]:
        """What visitors ask."""
        return np.asarray(self.labels == ASKED)

    @property
    def near(self) -> npt.NDArray[np.bool_]:
        """All other harmless messages, written to be near to risk."""
        return np.char.startswith(self.labels, HARMLESS) & ~self.sad & ~self.asked


def held_out(examples: Examples) -> HeldOut:
    """Score every message by a model trained on the other folds."""
    count = len(examples.labels)
    # Folds by turns within each label, so that every fold has the same mixture.
    turns: Counter[str] = Counter()
    fold = np.zeros(count, dtype=int)
    for number in np.random.default_rng(0).permutation(count):
        label = examples.labels[number]
        fold[number], turns[label] = turns[label] % _FOLDS, turns[label] + 1
    scores: list[_Scored] = [((0.0, 0.0), (0.0, 0.0), "")] * count
    for this in range(_FOLDS):
        weights = fit(examples.take(list(np.flatnonzero(fold != this))))
        for number in np.flatnonzero(fold == this):
            scores[number] = _score(examples.parts[number], examples.vectors[number], weights)
    alarm, gentle, named = zip(*scores)  # noqa: B905
    return HeldOut(np.array(examples.labels), np.array(alarm), np.array(gentle), np.array(named))


def _score(parts: list[str], vectors: Array, weights: Weights) -> _Scored:
    alarming = [n for n, c in enumerate(weights.classes) if not is_calm(c)]
    chances = probabilities(parts, vectors, weights)
    alarm = chances[:, alarming].sum(axis=1)
    gentle = alarm + chances[:, weights.classes.index("SOFT")]
    best = int(chances[int(alarm.argmax()), alarming].argmax())
    return _whole_and_parts(alarm), _whole_and_parts(gentle), weights.classes[alarming[best]]


def _whole_and_parts(chances: Array) -> tuple[float, float]:
    return float(chances[0]), float(chances[1:].max(initial=0.0))


def choose_limits(held: HeldOut) -> Limits:
    """The lowest limits that keep false alarms on held-out folds within the accepted shares.

    Half of what is accepted is left to wholes, half to their parts.
    """
    alarms = np.maximum.reduce(
        [
            _quantiles(held.alarm[held.asked], ASKED_ALARMS),
            _quantiles(held.alarm[held.near], NEAR_ALARMS),
            _quantiles(held.alarm[held.sad], SAD_ALARMS),
        ]
    )
    check_ins = _quantiles(held.gentle[held.asked | held.near], HARMLESS_CHECK_INS)
    # Just above the highest score that is to stay silent.
    alarm, part, gentle, gentle_part = (round(float(x) + 1e-4, 4) for x in (*alarms, *check_ins))
    return Limits(alarm, gentle, alarm_part=part, gentle_part=gentle_part)


def _quantiles(scores: npt.NDArray[np.float64], share: float) -> npt.NDArray[np.float64]:
    return np.asarray(np.quantile(scores, 1 - share / 2, axis=0, method="higher"))


def table(held: HeldOut, limits: Limits) -> str:
    """Held-out figures as text: per label the shares of alarms, check-ins, right names."""
    lines = [f"{'label':<18}{'count':>6}{'alarm':>8}{'or T3':>8}{'category':>10}{'tier':>7}"]
    fired, checked_in = held.fired(limits), held.checked_in(limits)
    for label in sorted(set(held.labels)):
        chosen = held.labels == label
        line = f"{label:<18}{chosen.sum():>6}{fired[chosen].mean():>8.3f}"
        line += f"{checked_in[chosen].mean():>8.3f}"
        named = held.named[chosen & fired]
        if not is_calm(label) and len(named):
            given, wanted = [category_and_tier(name) for name in named], category_and_tier(label)
            categories, tiers = zip(*given)  # noqa: B905
            line += f"{np.mean(np.array(categories) == wanted[0]):>10.2f}"
            line += f"{np.mean(np.array(tiers) == wanted[1]):>7.2f}"
        lines.append(line)
    risk = ~np.char.startswith(held.labels, HARMLESS) & (held.labels != "SOFT")
    lines.append(
        f"recall {fired[risk].mean():.3f}, false alarms {fired[held.asked].mean():.4f} of what is "
        f"asked, {fired[held.near].mean():.3f} of near misses, {fired[held.sad].mean():.3f} of "
        f"sad; {limits}"
    )
    return "\n".join(lines)


def save(weights: Weights, limits: Limits, folder: Path) -> None:
    """Write what `Meaning.load` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {key: getattr(weights, key) for key in Weights._fields[2:]}
    np.savez(folder / "meaning.npz", **arrays)
    names = {"classes": weights.classes, "terms": list(weights.terms), "limits": limits._asdict()}
    (folder / "meaning.json").write_text(json.dumps(names), encoding="utf-8")


def main() -> None:
    """Train, write the arrays and print the held-out figures."""
    parser = argparse.ArgumentParser(description="Train the meaning layer of risk detection.")
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--choose", action="store_true", help="print figures and limits instead")
    given = parser.parse_args()
    examples = encoded(labelled(), KeptEncoder(), to_score=given.choose)
    if given.choose:
        held = held_out(examples)
        sys.stdout.write(table(held, choose_limits(held)) + "\n")
    else:
        save(fit(examples), LIMITS, given.folder)


if __name__ == "__main__":
    main()
