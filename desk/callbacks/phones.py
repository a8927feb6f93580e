"""Reads a phone number of the US or Canada, and says kindly what is wrong with another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType, ValidationResult

Trouble = Literal["none", "short", "long", "foreign", "unknown"]
"""Why a number cannot be taken; the text callback_phone_<trouble> says so."""
_HOME = "US"
_CALLED = frozenset({"US", "CA"})
# Whoever calls these pays, or reaches nobody.
_REFUSED = frozenset({PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST})
_READ = 250
"""Characters that are looked at; no number is longer, whatever stands around it."""
_SHORTEST, _LONGEST = 10, 15
_DIGITS_OF_A_NUMBER = 5
_PARTED = re.compile(r"[\n_,]+")
_SPREAD = re.compile(r"(?:\d[\s()._,+/*–-]{0,3}){5,}")


@dataclass(frozen=True, slots=True)
class Number:
    """What was read: a number, or what is wrong."""

    phone: str = ""
    """E.164; an extension stands behind it as ";ext=12"."""
    trouble: Trouble | None = None


def read_number(text: str) -> Number:
    """Return the first number in a text.

    Args:
        text: A person's answer; words may stand around the number.
    """
    text = _PARTED.sub(" ", text[:_READ])
    first: Number | None = None
    # Lenient finds what has the length of a number; what is wrong with it is said below.
    possible = phonenumbers.Leniency.POSSIBLE
    for found in phonenumbers.PhoneNumberMatcher(text, _HOME, leniency=possible):
        read = _read(found.number)
        if read.phone:
            return read
        first = first or read
    return first or _not_found(text)


def has_number(text: str) -> bool:
    """Say whether a text holds what may be a phone number, so that nobody else must see it."""
    return _SPREAD.search(text) is not None


def digits_of(text: str) -> str:
    """Return the digits of a text, of any script, as 0 to 9."""
    return "".join(str(int(each)) for each in text if each.isdecimal())


def _not_found(text: str) -> Number:
    digits = digits_of(text)
    if len(digits) < _DIGITS_OF_A_NUMBER:
        return Number(trouble="short" if digits else "none")
    try:
        return _read(phonenumbers.parse(text, _HOME))
    except phonenumbers.NumberParseException:
        if len(digits) < _SHORTEST:
            return Number(trouble="short")
        return Number(trouble="long" if len(digits) > _LONGEST else "unknown")


def _read(number: PhoneNumber) -> Number:
    region = phonenumbers.region_code_for_number(number)
    if phonenumbers.is_valid_number(number):
        if region not in _CALLED:
            return Number(trouble="foreign")
        if phonenumbers.number_type(number) in _REFUSED:
            return Number(trouble="unknown")
        return Number(_written(number))
    if number.country_code != 1:
        return Number(trouble="foreign")
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason in (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        return Number(trouble="short")
    return Number(trouble="long" if reason == ValidationResult.TOO_LONG else "unknown")


def _written(number: PhoneNumber) -> str:
    bare = PhoneNumber(country_code=number.country_code, national_number=number.national_number)
    written = phonenumbers.format_number(bare, PhoneNumberFormat.E164)
    return f"{written};ext={number.extension}" if number.extension else str(written)


def last_two(phone: str) -> str:
    """Return the last two digits of a number, which are all that is ever said back."""
    return phone.partition(";")[0][-2:]
