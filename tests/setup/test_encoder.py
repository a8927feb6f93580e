"""The sentence encoder reads alike on every processor."""

from __future__ import annotations

import subprocess

from setup.encoder import FOLDER
from supervisor.brain import BRAIN_PYTHON

_LARGEST = """
import sys, onnx
from onnx import numpy_helper
graph = onnx.load(sys.argv[1]).graph
eight = onnx.TensorProto.INT8
weights = [w for w in graph.initializer if w.data_type == eight and len(w.dims) == 2]
print(len(weights), max(abs(numpy_helper.to_array(w).astype(int)).max() for w in weights))
"""


def test_sums_of_products_cannot_run_over_without_vnni() -> None:
    # Two products of 8 bits by 7 fit into 16 (255 * 64 * 2 < 32,768); by 8 they are cut off.
    found = subprocess.run(
        [BRAIN_PYTHON, "-c", _LARGEST, FOLDER / "model.onnx"],
        check=True,
        capture_output=True,
        text=True,
    )
    count, largest = map(int, found.stdout.split())
    assert count == 6 * 4
    assert 60 <= largest <= 64
