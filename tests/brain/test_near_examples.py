"""Nearness in 8 bits is nearness; a text's own depends on no other text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from brain.near_examples import NearExamples

MESSAGES, LENGTH = 400, 192


def unit(seed: int, count: int) -> np.ndarray:
    found = np.random.default_rng(seed).standard_normal((2, count, LENGTH)).astype(np.float32)
    return np.asarray(found / np.linalg.norm(found, axis=2, keepdims=True))


@pytest.fixture(scope="module")
def examples() -> np.ndarray:
    return unit(0, MESSAGES)


@pytest.fixture(scope="module")
def near(examples: np.ndarray) -> NearExamples:
    return NearExamples.of(examples)


def test_it_tells_the_cosine(near: NearExamples, examples: np.ndarray) -> None:
    # Half of them near to an example, as people's messages are.
    texts = unit(1, 20)
    texts[:, :10] = 0.8 * examples[:, :10] + 0.6 * texts[:, :10]
    for pooling, found in enumerate(near.cosines(texts)):
        assert found.shape == (20, MESSAGES)
        assert np.abs(found - texts[pooling] @ examples[pooling].T).max() < 0.01


def test_a_text_is_as_near_alone_as_beside_others(near: NearExamples) -> None:
    texts = unit(2, 5) * np.asarray([1, 9, 1, 1, 1], dtype=np.float32)[:, None]
    together = near.cosines(texts)
    for number in range(5):
        for pooling, alone in enumerate(near.cosines(texts[:, [number]])):
            assert (alone[0] == together[pooling][number]).all()


def test_no_processor_can_run_over(near: NearExamples, tmp_path: Path) -> None:
    near.save(tmp_path / "near.onnx")
    graph = onnx.load(str(tmp_path / "near.onnx")).graph
    steps = [numpy_helper.to_array(c) for c in graph.initializer if c.name.startswith("steps")]
    # Two products of such a weight with a value of 8 bits fit into 16.
    assert [int(np.abs(each).max()) for each in steps] == [63, 63]
    assert 2 * 63 * 255 < 2**15


def test_saved_and_read_is_the_same(near: NearExamples, tmp_path: Path) -> None:
    near.save(tmp_path / "near.onnx")
    texts = unit(3, 2)
    again = NearExamples.load(tmp_path / "near.onnx").cosines(texts)
    for first, second in zip(near.cosines(texts), again, strict=True):
        assert (first == second).all()
