"""Compares ways to recognise intents, by cross-validation on the training data alone.

`.venv/brain/bin/python -m benchmarks.recognition --compare`; `--choose` prints the constants that
leave-one-out chooses; `make eval` cross-validates the method that was chosen.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import yaml
from sklearn.calibration import CalibratedClassifierCV
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC

from brain import recognition
from brain.recognition import Recogniser
from language.encoder import encoder
from language.kept_vectors import wide_vector

NLU = Path(__file__).resolve().parent.parent / "data" / "nlu"
FOLDS = 5
NEAREST = 3
LOST = 0.02
"""Share of right answers that may be lost by what is taken to be far from scope."""
_BLOCK = 500

Scores = np.ndarray
Fold = tuple[list[str], np.ndarray, np.ndarray, list[str], np.ndarray]
"""Training texts, vectors and classes (numbers), then test texts and vectors."""


def training_data(folder: Path = NLU) -> tuple[list[str], list[str]]:
    """Return the training messages and their intents."""
    texts, labels = [], []
    for path in sorted(folder.glob("*.yml")):
        for block in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
            if "intent" in block:
                lines = [e[2:].strip() for e in block["examples"].splitlines() if e[:2] == "- "]
                texts += lines
                labels += [block["intent"]] * len(lines)
    return texts, labels


def logistic(fold: Fold) -> Scores:
    """Logistic regression on the sentence vector, scaled as facts said is best."""
    _, vectors, classes, _, tests = fold
    model = LogisticRegression(max_iter=300).fit(5 * vectors, classes)
    return np.asarray(model.predict_proba(5 * tests))


def calibrated_svm(fold: Fold) -> Scores:
    """Linear SVM on the sentence vector, with Platt's calibration."""
    _, vectors, classes, _, tests = fold
    model = CalibratedClassifierCV(LinearSVC(random_state=0), cv=3).fit(vectors, classes)
    return np.asarray(model.predict_proba(tests))


def grams_svm(fold: Fold) -> Scores:
    """Linear SVM on words and pieces of words, no vector."""
    texts, _, classes, tests, _ = fold
    union = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2),
    )
    model = make_pipeline(union, LinearSVC(C=0.5, random_state=0)).fit(texts, classes)
    return np.asarray(model.decision_function(tests))


def prototypes(fold: Fold) -> Scores:
    """Cosine to each intent's mean vector."""
    _, vectors, classes, _, tests = fold
    means = np.stack([vectors[classes == c].mean(axis=0) for c in range(classes.max() + 1)])
    return np.asarray(tests @ (means / np.linalg.norm(means, axis=1, keepdims=True)).T)


def nearest(fold: Fold) -> Scores:
    """Mean cosine to the three nearest examples of each intent."""
    _, vectors, classes, _, tests = fold
    near = tests @ vectors.T
    columns = [
        np.sort(near[:, classes == c], axis=1)[:, -NEAREST:].mean(axis=1)
        for c in range(classes.max() + 1)
    ]
    return np.stack(columns, axis=1)


def blend(fold: Fold) -> Scores:
    """Mean of the n-gram SVM and the nearest examples (the start of this project, less vectors)."""

    def spread(scores: Scores, temperature: float) -> Scores:
        raised = np.exp((scores - scores.max(axis=1, keepdims=True)) / temperature)
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))

    return np.asarray(spread(grams_svm(fold), 0.3) + spread(nearest(fold), 0.05))


def ours(fold: Fold) -> Scores:
    """The recogniser as it is: kernel ridge on vectors and n-grams."""
    texts, vectors, classes, tests, test_vectors = fold
    model = Recogniser.train(texts, [f"{c:03}" for c in classes], vectors)
    return np.asarray(model.probabilities(tests, test_vectors))


def with_best_clause(fold: Fold) -> Scores:
    """The recogniser on the whole message and on its surest clause, averaged."""
    texts, vectors, classes, tests, test_vectors = fold
    model = Recogniser.train(texts, [f"{c:03}" for c in classes], vectors)
    whole = model.probabilities(tests, test_vectors)
    for row, text in enumerate(tests):
        clauses = [part for part in re.split(r"[.,;:!?]+\s", text) if len(part.split()) > 2]
        if len(clauses) > 1:
            read = model.probabilities(clauses, encoder().encode_all_wide(clauses))
            whole[row] = (whole[row] + read[read.max(axis=1).argmax()]) / 2
    return np.asarray(whole)


METHODS: dict[str, Callable[[Fold], Scores]] = {
    "logistic regression, vector x5": logistic,
    "linear SVM calibrated, vector": calibrated_svm,
    "linear SVM, n-grams": grams_svm,
    "prototypes": prototypes,
    "3 nearest examples": nearest,
    "n-gram SVM + 3 nearest": blend,
    "kernel ridge, vector and n-grams": ours,
    "the same, and its best clause": with_best_clause,
}


def compare() -> None:
    """Print the cross-validated accuracy and time of every method."""
    texts, labels = training_data()
    classes = np.unique(labels, return_inverse=True)[1]
    vectors = encoder().encode_all_wide(texts)
    parts = np.random.default_rng(0).permutation(len(texts)) % FOLDS
    sys.stdout.write(f"{len(texts)} messages, {FOLDS} folds\n")
    for name, method in METHODS.items():
        began, right, in_scope_f = time.perf_counter(), 0, []
        for number in range(FOLDS):
            train, test = np.flatnonzero(parts != number), np.flatnonzero(parts == number)
            fold = ([texts[i] for i in train], vectors[train], classes[train])
            found = method((*fold, [texts[i] for i in test], vectors[test])).argmax(axis=1)
            right += int((found == classes[test]).sum())
            in_scope_f.append(_macro_f1(found, classes[test]))
        seconds = (time.perf_counter() - began) / FOLDS
        accuracy, macro = 100 * right / len(texts), 100 * float(np.mean(in_scope_f))
        sys.stdout.write(f"| {name} | {accuracy:.1f}% | {macro:.1f}% | {seconds:.1f} s |\n")


def _macro_f1(found: np.ndarray, truth: np.ndarray) -> float:
    scores = []
    for c in np.unique(truth):
        both = int(((found == c) & (truth == c)).sum())
        scores.append(2 * both / (int((found == c).sum()) + int((truth == c).sum())))
    return float(np.mean(scores))


def choose() -> None:
    """Print what leave-one-out chooses: the sharpness, and where scope ends (`FAR`)."""
    texts, labels = training_data()
    model = Recogniser.train(texts, labels, np.stack([wide_vector(text) for text in texts]))
    assert model.left_out is not None
    found = np.asarray(model.labels)[model.left_out.argmax(axis=1)]
    right = (found == np.asarray(labels)) & model.of_scope
    cut = np.quantile(_nearness_left_out(model)[right], LOST)
    sys.stdout.write(f"SHARPNESS = {model.sharpness:.1f}\nFAR = {cut:.4f}\n")


def _nearness_left_out(model: Recogniser) -> np.ndarray:
    """Return each training message's nearness to scope by all the others."""
    assert model.examples is not None
    count = model.examples.shape[1]
    found = np.empty(count, dtype=np.float32)
    for start in range(0, count, _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, count))
        cosines = recognition.cosines(model.examples[:, rows], model.examples)
        for part in cosines:
            part[rows - start, rows] = -1
        found[rows] = recognition.nearness(cosines, model.of_scope)
    return found


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--compare", action="store_true", help="cross-validate all methods")
    parser.add_argument("--choose", action="store_true", help="choose sharpness and scope's end")
    asked = parser.parse_args()
    if asked.compare:
        compare()
    if asked.choose:
        choose()


if __name__ == "__main__":
    main()
