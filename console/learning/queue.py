"""The review queue: which messages come first, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.learning.vectors import Vectors, groups, near_limit
from safety.meaning import Meaning
from store.review_queue import Item

SHOWN = 20
WEIGHTS = {"layers": 8, "near": 6, "thumbs_down": 4, "repeated": 3, "fallback": 2, "close": 1}
"""How much each reason counts: danger first, then what many people ask in vain."""
REPEATED = 3
"""From so many people on a topic is one that comes again."""


@dataclass(frozen=True)
class Queued:
    """A message of the queue."""

    item: Item
    reasons: tuple[str, ...]
    alike: tuple[Item, ...] = ()
    """Others about the same, to which there was no answer either."""

    @property
    def weight(self) -> int:
        """How much a look at it is worth."""
        return sum(WEIGHTS[reason] for reason in self.reasons)


def queued(
    doubtful: Sequence[Item], recent: Sequence[Item], vectors: Vectors, layer: Meaning | None
) -> list[Queued]:
    """Return what is most worth a person's time, first things first.

    Args:
        doubtful: Messages with reasons of the store's.
        recent: The newest messages, whatever they are.
        vectors: Make their vectors.
        layer: Finds what is near to a crisis limit; nothing of that is kept.
    """
    everything = {(each.conversation_id, each.seq): each for each in [*recent, *doubtful]}
    near = _near(list(everything.values()), vectors, layer)
    found = [
        *_grouped([each for each in doubtful if "fallback" in each.reasons], vectors),
        *(Queued(each, each.reasons) for each in doubtful if "fallback" not in each.reasons),
    ]
    there = {(each.item.conversation_id, each.item.seq) for each in found}
    found = [_with_near(each, near) for each in found]
    found += [
        Queued(each, ("near",)) for place, each in everything.items() if place in near - there
    ]
    return sorted(found, key=lambda each: (-each.weight, -each.item.at))[:SHOWN]


def _near(
    items: Sequence[Item], vectors: Vectors, layer: Meaning | None
) -> frozenset[tuple[str, int]]:
    if layer is None:
        return frozenset()
    free = [each for each in items if each.risk_tier is None]
    texts = [each.text for each in free]
    found = near_limit(layer, texts, vectors.of(texts))
    return frozenset(
        (each.conversation_id, each.seq)
        for each, is_near in zip(free, found, strict=True)
        if is_near
    )


def _with_near(each: Queued, near: frozenset[tuple[str, int]]) -> Queued:
    if (each.item.conversation_id, each.item.seq) not in near:
        return each
    return Queued(each.item, (*each.reasons, "near"), each.alike)


def _grouped(items: Sequence[Item], vectors: Vectors) -> list[Queued]:
    found = []
    people = [each.conversation_id for each in items]
    for numbers in groups(vectors.of([each.text for each in items]), people):
        first, *others = (items[number] for number in numbers)
        if len({people[number] for number in numbers}) >= REPEATED:
            found.append(Queued(first, (*first.reasons, "repeated"), tuple(others)))
        else:
            found += [Queued(each, each.reasons) for each in (first, *others)]
    return found
