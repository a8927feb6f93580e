"""The quick solution of many messages is the exact one, nearly."""

from __future__ import annotations

import numpy as np
import pytest

from brain import ridge


@pytest.fixture
def alike() -> np.ndarray:
    points = np.random.default_rng(1).normal(size=(ridge.FEW + 300, 12)).astype(np.float32)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    return np.asarray(np.exp(2 * (points @ points.T - 1)), dtype=np.float32)


def test_many_messages_are_solved_as_few_are(
    alike: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = np.random.default_rng(2).integers(0, 7, len(alike))
    targets = np.eye(7, dtype=np.float32)[labels]
    quick = ridge.solve(np.triu(alike), targets, 0.15)
    monkeypatch.setattr(ridge, "FEW", len(alike))
    exact = ridge.solve(np.triu(alike), targets, 0.15)
    assert np.abs(alike @ quick - alike @ exact).max() < 2e-2


def test_only_the_upper_triangle_is_read(alike: np.ndarray) -> None:
    targets = np.eye(3, dtype=np.float32)[np.arange(len(alike)) % 3]
    whole = ridge.solve(alike.copy(), targets, 0.15)
    assert np.allclose(ridge.solve(np.triu(alike), targets, 0.15), whole, atol=1e-4)


def test_a_likeness_that_is_none_is_refused() -> None:
    with pytest.raises(ArithmeticError, match="no Cholesky factor"):
        ridge.solve(np.full((3, 3), -1.0, dtype=np.float32), np.eye(3, dtype=np.float32), 0.1)
