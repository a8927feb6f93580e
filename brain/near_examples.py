"""The training messages' vectors in 8 bits, against which every message is held.

In 32 bits they are 19 MB, and reading them from memory was the longest part of a turn; in 8 bits
they stay in the processor's cache.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from language.onnx_session import onnx_session

_STEPS = 63
"""The largest value of a weight: with 7 bits, sums of products cannot overflow on processors
without VNNI (onnxruntime's "reduce range")."""


class NearExamples:
    """Says how near a text is to each training message."""

    def __init__(self, graph: bytes) -> None:
        """Load what `of` or `save` made."""
        self._graph = graph
        self._session = onnx_session(graph)
        self._names = [each.name for each in self._session.get_inputs()]

    @classmethod
    def of(cls, examples: np.ndarray) -> NearExamples:
        """Make it from the vectors, shape (poolings, messages, length)."""
        return cls(_graph(examples))

    @classmethod
    def load(cls, path: Path) -> NearExamples:
        """Read it from a file that `save` wrote."""
        return cls(path.read_bytes())

    def save(self, path: Path) -> None:
        """Write it to a file."""
        path.write_bytes(self._graph)

    def cosines(self, vectors: np.ndarray) -> list[np.ndarray]:
        """Return how near each text is to each message, for each pooling.

        Args:
            vectors: The texts' vectors of length 1, shape (poolings, texts, length).

        Returns:
            For each pooling an array of shape (texts, messages).
        """
        # One by one: what a text is near to must not depend on the texts beside it, whose values
        # would share its 8 bits.
        rows = [
            self._session.run(None, dict(zip(self._names, vectors[:, [number]], strict=True)))
            for number in range(vectors.shape[1])
        ]
        return [np.concatenate(part) for part in zip(*rows, strict=True)]


def _graph(examples: np.ndarray) -> bytes:
    # Needed to train, not to answer.
    from onnx import TensorProto, helper, numpy_helper

    nodes: list[Any] = []
    constants: list[Any] = []
    given, found = [], []
    for number, vectors in enumerate(examples):
        scale = np.maximum(np.abs(vectors).max(axis=1), 1e-9) / _STEPS
        steps = np.rint(vectors / scale[:, None]).astype(np.int8)
        constants += [
            numpy_helper.from_array(np.ascontiguousarray(steps.T), f"steps{number}"),
            numpy_helper.from_array(scale.astype(np.float32), f"scale{number}"),
        ]
        ends = [f"{name}{number}" for name in ("whole", "size", "zero")]
        nodes += [
            helper.make_node("DynamicQuantizeLinear", [f"text{number}"], ends),
            helper.make_node(
                "MatMulInteger", [ends[0], f"steps{number}", ends[2]], [f"sum{number}"]
            ),
            helper.make_node("Cast", [f"sum{number}"], [f"real{number}"], to=TensorProto.FLOAT),
            helper.make_node("Mul", [ends[1], f"scale{number}"], [f"sizes{number}"]),
            helper.make_node("Mul", [f"real{number}", f"sizes{number}"], [f"near{number}"]),
        ]
        count, length = vectors.shape
        given.append(helper.make_tensor_value_info(f"text{number}", TensorProto.FLOAT, [1, length]))
        found.append(helper.make_tensor_value_info(f"near{number}", TensorProto.FLOAT, [1, count]))
    body = helper.make_graph(nodes, "near_examples", given, found, constants)
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    serialised: bytes = model.SerializeToString()
    return serialised
