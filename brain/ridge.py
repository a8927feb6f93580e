"""Solves the ridge regression of many messages against each other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.linalg import blas, lapack

FEW = 2000
"""Up to so many messages the exact solution is the faster one."""
LANDMARKS = 1000
CLOSE_ENOUGH = 5e-3
"""Residual, relative to the targets, at which the search for a solution ends: votes are then
within 0.01 of the exact ones, in a third of the time."""
_STEPS = 100


def solve(likeness: np.ndarray, targets: np.ndarray, regularisation: float) -> np.ndarray:
    """Return the weights with which messages vote, so that all votes come out right.

    Conjugate gradients, with the likeness to a thousand messages for a preconditioner
    (Frangella, Tropp, Udell: Randomized Nystrom Preconditioning, 2021).

    Args:
        likeness: How alike the messages are, shape (messages, messages); only the upper triangle
            is read, and it may be overwritten.
        targets: What they are to vote for, shape (messages, labels).
        regularisation: What is added to the diagonal.

    Returns:
        Weights, shape (messages, labels).

    Raises:
        ArithmeticError: The likeness has no Cholesky factor, or no solution was found.
    """
    if len(likeness) <= FEW:
        weights, _ = lapack.spotrs(factor(likeness, regularisation), targets, lower=1)
        return np.ascontiguousarray(weights)
    precondition = _preconditioner(likeness, regularisation)
    weights = precondition(targets)
    rest = targets - _times(likeness, weights, regularisation)
    step = towards = precondition(rest)
    slope = (rest * towards).sum(axis=0)
    goal = CLOSE_ENOUGH * np.linalg.norm(targets)
    for _ in range(_STEPS):
        moved = _times(likeness, step, regularisation)
        length = slope / (step * moved).sum(axis=0)
        weights += length * step
        rest -= length * moved
        if np.linalg.norm(rest) <= goal:
            return np.ascontiguousarray(weights)
        towards = precondition(rest)
        before, slope = slope, (rest * towards).sum(axis=0)
        step = towards + slope / before * step
    raise ArithmeticError("The training messages' votes do not come out right.")


def factor(likeness: np.ndarray, regularisation: float) -> np.ndarray:
    """Return the Cholesky factor of a likeness, in its place.

    Raises:
        ArithmeticError: It has none.
    """
    likeness[np.diag_indices(len(likeness))] += regularisation
    # In place on the transpose: the matrix is symmetric, and the largest thing in memory.
    found, failed = lapack.spotrf(likeness.T, lower=1, overwrite_a=1)
    if failed:
        raise ArithmeticError("The training messages' likeness has no Cholesky factor.")
    return found


def _times(likeness: np.ndarray, weights: np.ndarray, regularisation: float) -> np.ndarray:
    product = blas.ssymm(1.0, likeness.T, np.asfortranarray(weights), lower=1)
    return np.asarray(product + regularisation * weights)


def _preconditioner(
    likeness: np.ndarray, regularisation: float
) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function that nearly undoes `_times`."""
    count = len(likeness)
    chosen = np.sort(np.random.default_rng(0).choice(count, LANDMARKS, replace=False))
    near = np.empty((count, LANDMARKS), dtype=np.float32)
    for place, message in enumerate(chosen):
        near[message:, place] = likeness[message, message:]
        near[:message, place] = likeness[:message, message]
    inner = factor(regularisation * near[chosen] + near.T @ near, 1e-3 * regularisation)

    def nearly_undone(votes: np.ndarray) -> np.ndarray:
        explained, _ = lapack.spotrs(inner, near.T @ votes, lower=1)
        return np.asarray((votes - near @ explained) / regularisation)

    return nearly_undone
