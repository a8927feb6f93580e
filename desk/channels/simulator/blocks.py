"""What Slack takes of Block Kit: its limits, and where a button is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_BLOCKS, _ELEMENTS, _FIELDS, _CONTEXT = 50, 25, 10, 10
_LONGEST = {"section": 3000, "field": 2000, "header": 150, "button": 75, "value": 2000, "id": 255}
_KINDS = frozenset({"section", "actions", "context", "divider", "header"})


def problems(blocks: Any) -> list[str]:
    """Return what Slack would find wrong, empty when nothing is."""
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        return ["blocks must be a list of objects"]
    found = [f"more than {_BLOCKS} blocks"] if len(blocks) > _BLOCKS else []
    for index, block in enumerate(blocks):
        found += [f"{problem} [/blocks/{index}]" for problem in _block(block)]
    return found


def _block(block: dict[str, Any]) -> Iterator[str]:
    kind = str(block.get("type"))
    if kind not in _KINDS:
        yield "the simulator does not know this type of block"
    yield from _too_long(block, "block_id", "id")
    if kind == "section":
        yield from _section(block)
    elif kind == "header":
        yield from _text(block.get("text"), "header", plain=True)
    elif kind == "context":
        yield from _count(block.get("elements"), _CONTEXT)
        for element in _each(block.get("elements")):
            yield from _text(element, "section")
    elif kind == "actions":
        yield from _actions(block.get("elements"))


def _section(block: dict[str, Any]) -> Iterator[str]:
    fields = block.get("fields")
    if "text" in block or not fields:
        yield from _text(block.get("text"), "section")
    if fields:
        yield from _count(fields, _FIELDS)
        for field in _each(fields):
            yield from _text(field, "field")
    if "accessory" in block:
        yield from _button(block["accessory"])


def _actions(elements: Any) -> Iterator[str]:
    yield from _count(elements, _ELEMENTS)
    ids = [str(each["action_id"]) for each in _objects(elements) if "action_id" in each]
    if len(ids) != len(set(ids)):
        yield "action_id is not unique"
    for element in _each(elements):
        yield from _button(element)


def _button(element: Any) -> Iterator[str]:
    if not isinstance(element, dict) or element.get("type") != "button":
        yield "the simulator knows no elements but buttons"
        return
    yield from _text(element.get("text"), "button", plain=True)
    yield from _too_long(element, "value", "value")
    yield from _too_long(element, "action_id", "id")
    if element.get("style", "primary") not in ("primary", "danger"):
        yield "style must be primary or danger"


def _text(text: Any, limit: str, *, plain: bool = False) -> Iterator[str]:
    kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
    if not isinstance(text, dict) or text.get("type") not in kinds:
        yield f"text must be an object of type {' or '.join(kinds)}"
    elif not isinstance(text.get("text"), str) or not text["text"]:
        yield "text must be more than 0 characters"
    elif len(text["text"]) > _LONGEST[limit]:
        yield f"text must be less than {_LONGEST[limit] + 1} characters"


def _too_long(holder: dict[str, Any], key: str, limit: str) -> Iterator[str]:
    value = holder.get(key, "")
    if not isinstance(value, str) or len(value) > _LONGEST[limit]:
        yield f"{key} must be a string of at most {_LONGEST[limit]} characters"


def _count(elements: Any, most: int) -> Iterator[str]:
    if not isinstance(elements, list) or not 1 <= len(elements) <= most:
        yield f"must have 1 to {most} items"


def _each(elements: Any) -> list[Any]:
    return elements if isinstance(elements, list) else []


def _objects(elements: Any) -> list[dict[str, Any]]:
    return [each for each in _each(elements) if isinstance(each, dict)]


def with_ids(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return blocks with the ids that Slack adds where there are none."""
    named = []
    for index, block in enumerate(blocks):
        made = {**block, "block_id": block.get("block_id") or f"b{index}"}
        if "elements" in block:
            elements = _objects(block["elements"])
            made["elements"] = [_with_id(each, i) for i, each in enumerate(elements)]
        if "accessory" in block:
            made["accessory"] = _with_id(block["accessory"], 0)
        named.append(made)
    return named


def _with_id(element: dict[str, Any], index: int) -> dict[str, Any]:
    if element.get("type") != "button":
        return element
    return {**element, "action_id": element.get("action_id") or f"a{index}"}


def button(blocks: list[dict[str, Any]], block_id: str, action_id: str) -> dict[str, Any] | None:
    """Return a button of a message, None when it is not there (any more)."""
    for block in blocks:
        if block.get("block_id") != block_id:
            continue
        for each in _objects([*block.get("elements", ()), block.get("accessory")]):
            if each.get("type") == "button" and each.get("action_id") == action_id:
                return each
    return None
