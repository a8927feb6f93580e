"""An answer as Slack shows it: sections of text, links, and choices as buttons (Block Kit).

The limits are those of Slack's reference, which slack_sdk.models.blocks checks in the tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from desk.channels.slack.markup import escaped, link

SECTION = 3000
"""Characters of a section's text."""
BUTTONS = 25
"""Elements of one block of actions."""
TITLE, VALUE = 75, 2000
"""Characters of a button's text and value."""
FALLBACK = 4000
"""Characters of the text beside the blocks, for notifications and readers."""
LONGEST = 12_000
"""Characters of one message, escaped: Slack refuses far longer ones (msg_blocks_too_long)."""
MORE = "Reply MORE for the rest."
CHOICE = "choice:"
"""How the ids of our buttons' actions begin."""
_BREAKS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?])\s"),
    re.compile(r"\s"),
)

Block = dict[str, Any]


def pieces(text: str, most: int = SECTION) -> list[str]:
    """Return a text in parts that have room once they are escaped, cut between words.

    Args:
        text: Plain words.
        most: Characters of one part, escaped.
    """
    found, rest = [], text.strip()
    while rest:
        end = _end(rest, most)
        found.append(rest[:end].strip())
        rest = rest[end:].strip()
    return found


def _end(text: str, most: int) -> int:
    """Return where the first part of a text ends."""
    room = 0
    for end, letter in enumerate(text):
        room += len(escaped(letter))
        if room > most:
            return _gap(text[:end])
    return len(text)


def _gap(text: str) -> int:
    """Return the last good place to cut, in the second half; the end where there is none."""
    for gap in _BREAKS:
        ends = [found.end() for found in gap.finditer(text, len(text) // 2)]
        if ends:
            return ends[-1]
    return len(text)


def fallback(text: str) -> str:
    """Return what is shown where blocks are not."""
    parts = pieces(text, FALLBACK)
    return escaped(parts[0]) if parts else ""


def sections(text: str, name: str | None = None) -> list[Block]:
    """Return a text in sections, the first led by who of staff says it."""
    shown = [escaped(part) for part in pieces(text, SECTION - 200)]
    if name and shown:
        shown[0] = f"*{escaped(name[:30])}:* {shown[0]}"
    return [_section(each) for each in shown]


def _section(markup: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": markup}}


def links(found: Sequence[Mapping[str, str]]) -> list[Block]:
    """Return links, one a line."""
    lines = [link(each["title"], each["href"]) for each in found]
    fitting = [line for line in lines if len(line) <= SECTION // 10][:10]
    return [_section("\n".join(fitting))] if fitting else []


def choices(buttons: Sequence[Mapping[str, str]]) -> list[Block]:
    """Return choices as buttons, each with its id as the value; more than 25 in several blocks."""
    shown = [
        {
            "type": "button",
            "action_id": f"{CHOICE}{number}",
            "text": {"type": "plain_text", "text": _title(each["title"]), "emoji": False},
            "value": each["id"],
        }
        for number, each in enumerate(buttons)
        if len(each["id"]) <= VALUE
    ]
    return [{"type": "actions", "elements": part} for part in _in_rows(shown)]


def _in_rows(shown: list[Block]) -> Iterator[list[Block]]:
    for start in range(0, len(shown), BUTTONS):
        yield shown[start : start + BUTTONS]


def _title(title: str) -> str:
    return title if len(title) <= TITLE else f"{title[: TITLE - 1]}…"


def chosen(before: Sequence[Any], title: str) -> list[Block]:
    """Return a message's blocks with the buttons replaced by what was chosen.

    Args:
        before: The blocks as Slack hands them back.
        title: Of the chosen button.
    """
    kept = [each for each in before if isinstance(each, dict) and each.get("type") != "actions"]
    mark = {"type": "plain_text", "text": f"✓ {title}", "emoji": False}
    return [*kept, {"type": "context", "elements": [mark]}]
