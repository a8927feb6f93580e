"""Runs a trained graph's nodes one after another, in an order that is found once.

Rasa asks dask for it anew at every run, twice a turn, and writes tracker and domain into a debug
line that nobody reads: a fifth of a turn. The nodes, their inputs and their hooks are Rasa's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rasa.engine.exceptions import GraphRunError
from rasa.engine.runner.dask import DaskGraphRunner


class GraphInOrder:
    """Stands in for the runner that loaded the graph; gives the same results."""

    def __init__(self, runner: DaskGraphRunner) -> None:
        """Take over a runner's loaded nodes."""
        self._schema, self._nodes = runner._graph_schema, runner._instantiated_nodes
        self._orders: dict[tuple[str, ...], tuple[str, ...]] = {}

    def run(
        self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None
    ) -> dict[str, Any]:
        """Return the outputs of the target nodes (Rasa's interface).

        Raises:
            GraphRunError: A node failed, as Rasa's own runner says it.
        """
        wanted = tuple(targets or self._schema.target_names)
        if wanted not in self._orders:
            self._orders[wanted] = tuple(self._in_order(wanted))
        known: dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}
        try:
            for name in self._orders[wanted]:
                needs = self._schema.nodes[name].needs.values()
                known[name] = self._nodes[name](*(known.get(need, need) for need in needs))
        except RuntimeError as problem:
            raise GraphRunError("Error running runner.") from problem
        return dict(known[name] for name in wanted)

    def _in_order(self, wanted: tuple[str, ...]) -> Iterator[str]:
        """Yield the nodes that the wanted ones need, each behind all that it needs."""
        minimal, done = self._schema.minimal_graph_schema(list(wanted)), set[str]()

        def visit(name: str) -> Iterator[str]:
            if name in done or name not in minimal.nodes:
                return
            done.add(name)
            for need in minimal.nodes[name].needs.values():
                yield from visit(need)
            yield name

        for name in wanted:
            yield from visit(name)
