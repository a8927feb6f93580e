"""Slack's markup and plain words, both ways.

Slack writes `&`, `<` and `>` of a text as entities, and mentions and links between `<` and `>`
(docs.slack.dev/messaging/formatting-message-text).
"""

from __future__ import annotations

import re
from html import unescape

_TAG = re.compile(r"<([^<>\s][^<>]*)>")
_ENTITY = re.compile(r"&(?:amp|lt|gt);")
_SPACES = re.compile(r"[ \t]{2,}")
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_LINKED = ("https://", "http://", "mailto:", "tel:")


def escaped(text: str) -> str:
    """Return plain words as Slack's markup, in which none of them is a mention or a link."""
    return text.translate(_ESCAPED)


def link(title: str, href: str) -> str:
    """Return a link; of a kind that Slack does not open, such as `sms:`, its title alone."""
    if not href.startswith(_LINKED):
        return escaped(title)
    # Either sign would end the address.
    address = escaped(href).replace("|", "%7C")
    return f"<{address}|{escaped(title).replace('|', ' ')}>"


def words(text: str) -> str:
    """Return what somebody has written, without markup; who is mentioned goes."""
    plain = _TAG.sub(lambda found: _word(found[1]), text)
    return _SPACES.sub(" ", _ENTITY.sub(lambda found: unescape(found[0]), plain)).strip()


def _word(tag: str) -> str:
    """Return what a tag shows: its label, a link's address, or nothing."""
    name, _, label = tag.partition("|")
    if any(letter.isspace() for letter in name):
        # Somebody's own signs, in a command: their words must reach the screen.
        return f"<{tag}>"
    if name[0] == "@":
        return " "
    if label:
        return f"#{label}" if name[0] == "#" else label
    if name[0] == "#":
        return " "
    if name[0] == "!":
        return f"@{name[1:]}" if name.isascii() and name[1:].isalpha() else " "
    return name.removeprefix("mailto:").removeprefix("tel:")
