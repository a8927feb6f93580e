"""Hides what could identify a person from those who read conversations."""

from __future__ import annotations

import re
from functools import partial

# Order matters: what an earlier rule has hidden, a later one does not see.
_RULES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (label, re.compile(pattern, re.IGNORECASE))
    for label, pattern in (
        ("e-mail", r"[\w.+%-]{1,64}\s?(?:@|\(at\)|\[at\])\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"),
        ("link", r"\b(?:https?://|www\.)\S+"),
        # 12 March 1984, March 12th '84, 3/12/84, 1984-03-12
        (
            "date",
            r"\b(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\.?\s+\d{1,2}"
            r"(?:st|nd|rd|th)?(?:\s*,?\s*(?:'?\d{2}|\d{4}))?|\d{1,2}(?:st|nd|rd|th)?\s+(?:of\s+)?"
            r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\.?"
            r"(?:\s*,?\s*(?:'?\d{2}|\d{4}))?)\b"
            r"|\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b|\b\d{4}[/.-]\d{1,2}[/.-]\d{1,2}\b"
            r"|\b(?!24/7)\d{1,2}/\d{1,2}\b",
        ),
        # 1200 N. Main Street Apt 4, PO Box 12
        (
            "address",
            r"\b\d{1,6}\s+(?:[nsew]\.?\s+)?(?:[\w'.]+\s+){1,4}?(?:street|st|avenue|ave|av|boulevard"
            r"|blvd|road|rd|drive|dr|lane|ln|court|ct|place|pl|way|terrace|ter|highway|hwy"
            r"|parkway|pkwy|circle|cir)\b\.?(?:,?\s*(?:apt|apartment|unit|suite|ste|#)\.?\s*\w+)?"
            r"|\bp\.?\s?o\.?\s+box\s+\d+",
        ),
        # (213) 555-0142, +1 213.555.0142, 213 555 0142, 555-0142
        (
            "phone",
            r"(?<![\w])(?:\+?\d{1,3}[\s.-]?)?(?:\(\d{3}\)|\d{3})[\s.-]?\d{3}[\s.-]?\d{4}(?!\d)"
            r"|(?<![\w])\d{3}[.-]\d{4}(?!\d)",
        ),
        # Membership, card, social security and record numbers, with or without separators.
        ("number", r"(?<![\w$])(?:[a-z]{1,4}-?)?\d(?:[\s.-]?\d){4,}(?:-?[a-z]{1,3}\b)?"),
        ("number", r"\b(?=[a-z\d]*[a-z])(?=(?:[a-z]*\d){4})[a-z\d]{6,}\b"),
    )
)
# Public numbers of crisis lines say nothing about the person.
_PUBLIC = re.compile(r"(?<!\d)(?:741741|838255|435748|88788|64673|1-800-273-8255)(?!\d)")


def masked(text: str) -> str:
    """Return a text with e-mails, phones, long numbers, dates, links and addresses hidden.

    Names are not found: the page that shows masked texts must not claim that they are.

    Args:
        text: A message of any length.

    Returns:
        The text with [phone], [e-mail] and so on in their places.
    """
    for label, pattern in _RULES:
        text = pattern.sub(partial(_hidden, f"[{label}]"), text)
    return text


def _hidden(label: str, found: re.Match[str]) -> str:
    return found[0] if _PUBLIC.fullmatch(found[0].strip()) else label
