"""What the desk has already computed for a message, so that the brain need not do it again."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np

from language.encoder import Vector, encoder
from language.kept_vectors import wait_until_kept, wide_vector

# Enough for the turns that are under way at once; older entries are computed anew if asked for.
_ROOM = 64
_vectors: OrderedDict[str, Any] = OrderedDict()
_screened: OrderedDict[str, bool] = OrderedDict()


def remember(text: str, vector: Vector) -> None:
    """Keep the sentence vector of a message that is about to be read."""
    _keep(_vectors, text, vector)


def remember_screened(text: str) -> None:
    """Keep that the desk has screened a message, and shows resources by itself."""
    _keep(_screened, text, True)


def is_screened(text: str) -> bool:
    """Say whether the desk has screened a message."""
    return text in _screened


def is_given(text: str) -> bool:
    """Say whether the desk has sent a text's vector."""
    return text in _vectors


def _keep(room: OrderedDict[str, Any], text: str, value: Any) -> None:
    room[text] = value
    while len(room) > _ROOM:
        room.popitem(last=False)


def vector_of(text: str) -> Vector:
    """Return a message's wide sentence vector: the one given, else the brain's own encoder's.

    The encoder (140 MB) is loaded only if a message comes without its vector, as in `rasa shell`
    and in training.
    """
    known = _vectors.get(text)
    vector: Vector = encoder().encode_wide(text) if known is None else known
    return vector


def training_vectors(texts: list[str]) -> Vector:
    """Return the wide vectors of training messages, which set-up keeps in a file."""
    wait_until_kept()
    return np.stack([wide_vector(text) for text in texts])


def vectors_of(texts: list[str]) -> Vector:
    """Return the vectors of several texts as an array of shape (number of texts, 768)."""
    return np.stack([vector_of(text) for text in texts])
