"""What the desk's calls hold, checked: the bodies that desk/brain_contract.json describes."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

import numpy as np

from brain import given
from brain.risk_screen import GENTLE_TIER
from language.encoder import WIDE, Vector
from setup import learned_models

VERSION = 1


class BadCallError(ValueError):
    """A call that does not keep to the contract; the message names the field."""


def message_text(body: Any) -> str:
    """Return the text that Rasa reads for a call, and keep the vector that came with it.

    Raises:
        BadCallError: The body does not keep to the contract.
    """
    if not isinstance(body, dict) or body.get("v") != VERSION:
        raise BadCallError("v")
    payload, text = body.get("payload"), body.get("text")
    if payload is not None:
        if not isinstance(payload, str) or not payload.isidentifier():
            raise BadCallError("payload")
        return f"/{payload}"
    if not isinstance(text, str) or not text.strip() or text.startswith("/"):
        # A leading slash would let a person choose intents and slots (Rasa's own syntax).
        raise BadCallError("text")
    if body.get("vector") is not None:
        given.remember(text, _vector(body["vector"]))
    for clause in body.get("clauses") or ():
        if not isinstance(clause, dict) or not isinstance(clause.get("text"), str):
            raise BadCallError("clauses")
        given.remember(clause["text"], _vector(clause.get("vector")))
    if "risk" in body:
        given.remember_screened(text)
    return text


def facts_of(body: Any) -> dict[str, Any] | None:
    """Return the facts of the center that were edited since its file was read.

    Raises:
        BadCallError: They are none.
    """
    facts = body.get("facts") if isinstance(body, dict) else None
    if facts is not None and not isinstance(facts, dict):
        raise BadCallError("facts")
    return facts


def _vector(packed: Any) -> Vector:
    try:
        vector = np.frombuffer(base64.b64decode(packed, validate=True), dtype="<f4")
    except (TypeError, ValueError) as wrong:
        raise BadCallError("vector") from wrong
    if vector.shape != (WIDE,):
        raise BadCallError("vector")
    return vector


def conversation_of(body: Any) -> str:
    """Return the id of the conversation; raises BadCallError."""
    name = body.get("conversation") if isinstance(body, dict) else None
    if not isinstance(name, str) or not 0 < len(name) <= 255:
        raise BadCallError("conversation")
    return name


def is_alarm(body: dict[str, Any]) -> bool:
    """Say whether the desk has found a risk that alarms, not the gentle check-in."""
    risk = body.get("risk")
    return isinstance(risk, dict) and risk.get("tier") != GENTLE_TIER


def model_file(body: Any) -> Path:
    """Return the file of the model that a call names, never a path of the caller's.

    Raises:
        BadCallError: There is no such model.
    """
    name = body.get("model") if isinstance(body, dict) and body.get("v") == VERSION else None
    learned = os.environ.get(learned_models.VARIABLE)
    file = learned_models.file_of(name or "", Path(learned) if learned else None)
    if file is None:
        raise BadCallError("model")
    return file
