"""How people type phone numbers, e-mails, numbers of cards and members, addresses and dates.

Rules are tried in their order; what an earlier one has found, a later one does not see. A rule's
expression finds candidates; where it has a group `x`, that group alone is the identifier.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import phonenumbers

Check = Callable[[re.Match[str]], bool]
"""Says whether a candidate is one."""


@dataclass(frozen=True)
class Rule:
    """One way in which one kind of identifier is written."""

    kind: str
    pattern: re.Pattern[str]
    check: Check | None = None
    sign: str = r"\d"
    """One of SIGNS: a text that has no match of it is passed over."""


DIGIT, AT, DOT, ANY = r"\d", r"@|\bat\b|\barroba\b", r"\.|://", r""
SIGNS = {sign: re.compile(sign, re.IGNORECASE) for sign in (DIGIT, AT, DOT, ANY)}
"""What some rules need to be tried at all."""


def signs_of(text: str) -> frozenset[str]:
    """Return which of SIGNS a text has."""
    return frozenset(sign for sign, pattern in SIGNS.items() if pattern.search(text))


_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|enero|febrero|marzo|abril|mayo|junio|julio|agosto"
    r"|sep?tiembre|octubre|noviembre|diciembre)\b\.?"
)
_YEAR = r"(?:'?\d{2}|\d{4})(?!\d)"
_UNITS = (
    r"days?|d[ií]as?|nights?|hours?|hrs?|horas?|minutes?|mins?|minutos?|weeks?|wks?|semanas?"
    r"|months?|mos?|mes(?:es)?|years?|yrs?|a[nñ]os?|times?|veces|people|ppl|sessions?|groups?"
    r"|visits?|meetings?|miles?|blocks?|percent|dollars?|bucks|mg|am|pm|kids?|patients?|steps?"
)
_COUNTED = rf"(?!\s*(?:-|to|or|a)?\s*\d*\s*(?:{_UNITS})\b)"
_BIRTH = (
    r"(?:d\.?o\.?b\.?|date of birth|birth\s?dates?|birthdays?|b-?days?|\bborn|\bb\."
    r"|\bnac(?:[ií][oó]?|id[oa]|imiento|\.)|cumplea[nñ]os)"
)
_BE = r"[\s:=#-]*(?:(?:is|was|are|on|in|es|el|en|fue|the)\b[\s:=-]*){0,3}"
_DIGIT_WORD = (
    r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|cero|uno|dos|tres|cuatro|cinco|seis"
    r"|siete|ocho|nueve)"
)
_GAP = r"[\s./_•–—-]{0,3}"
_TOP = r"(?:com|net|org|edu|gov|io|co|us|es|mx|uk|info|biz|me)"
_PROVIDER = r"(?:gmail|googlemail|yahoo|hotmail|outlook|icloud|aol|proton(?:mail)?|live|msn|gmx)"
_LOCAL = r"[\w.+%'\"!#$&*/=?^`{|}~-]{1,64}"

# What an id number is called; the words of the second list mean other things too.
_ID = (
    r"mrn|member(?:ship)?|mbr|subscriber|policy(?:holder)?|medical record|claim|acct|routing|npi"
    r"|reference|confirmation|invoice|(?:prior )?auth(?:orization)?|medi-?caid|medi-?cal|medicare"
    r"|bic|passport|licen[sc]e(?: plate)?|plates?|dl|student|va file|badge|cobra|rx\s?bin|pcn|grp"
    r"|rx\s?grp|tricare|id|identification|p[oó]liza|miembro|expediente|cuenta|folio|vin"
)
_SOFT = (
    r"account|group|plan|case|chart|record|file|patient|card|aetna|cigna|kaiser|humana|anthem"
    r"|blue (?:cross|shield)|united(?:healthcare)?|insurance"
)
_CALLED = r"(?:\s*(?:ids?|numbers?|nums?|no|nro|n[uú]mero|file)\b\.?|\s*#){1,2}"
_IS = r"[\s:=#]*(?:(?:is|es|was|=|:)[\s:=#]*)?"
_VALUE = r"(?P<x>#?(?=[a-z\d-]{0,12}\d)[a-z\d]+(?:[ -](?=[a-z\d]{0,8}\d)[a-z\d]+)*)"

_STOP = (
    rf"{_UNITS}|of|or|to|and|is|are|was|an?|in|on|at|for|with|than|but|if|i|you|my|your|we|it|that"
    r"|this|the|yo|old|phases?|levels?|more|other|different|good|best|better|long|half|stars?"
    r"|copays?|way|bus|hr|wk|do|does|can|please|pls|from|so|not|no|when|like|y|o|de|en|por|con"
)
_SUFFIX = (
    r"street|st|avenue|ave|av|boulevard|blvd|road|rd|drive|dr|lane|ln|court|ct|place|pl|way"
    r"|terrace|ter|highway|hwy|parkway|pkwy|circle|cir|trail|trl|loop|plaza|square|sq|alley|pike"
    r"|turnpike|crescent"
)
_INSIDE = (
    r"(?:,?\s*(?:apt|apartment|unit|suite|ste|space|#)\.?\s*#?\s*\w{1,6}\b"
    r"|,?\s+\d{1,3}(?:st|nd|rd|th)\s+floor)?"
)
_CITY = r"(?:,?\s+[a-z][a-z .]{1,24}?,?\s+[a-z]{2}\.?,?\s+\d{5}(?:-\d{4})?(?!\d))?"
_WORD = rf"(?:(?!(?:{_STOP})\b)[\w'.]+\s+)"
_LIVES = (
    r"(?:ad{1,2}r?ess?|direcci[oó]n|domicilio|liv(?:e|es|ing) (?:at|on|in)|vivo en"
    r"|resid(?:e|ing) at|house (?:on|at)|moved? (?:to|from)|(?:mail|send|ship) (?:it |them )?to"
    r"|pick me up(?: at)?|my home|new place|trailer|we(?:'re| are) at)"
)


def _luhn(digits: str) -> bool:
    doubled = [int(each) * (1 + place % 2) for place, each in enumerate(reversed(digits))]
    return sum(each - 9 * (each > 9) for each in doubled) % 10 == 0


def _digits(words: str) -> str:
    return "".join(each for each in words if each.isdecimal())


def _is_card(found: re.Match[str]) -> bool:
    return _luhn(_digits(found[0]))


def _is_abroad(found: re.Match[str]) -> bool:
    """Say whether something with a country code can be a phone number."""
    written = re.sub(r"^00", "+", found[0])
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(written, "US"))
    except phonenumbers.NumberParseException:
        return False


def _is_id(found: re.Match[str]) -> bool:
    """Say whether what follows the name of an id number is one: long enough, and no year."""
    value = found["x"]
    digits = _digits(value)
    if re.fullmatch(r"(?:19|20)\d\d", value):
        return False
    letters = any(each.isalpha() for each in value)
    return len(digits) >= (3 if letters or "#" in found[0] or len(value) > 4 else 4)


def _is_long(found: re.Match[str]) -> bool:
    """Say whether a row of digits is a number of somebody's, and not hours, ages, years, money."""
    before, after = found.string[: found.start()][-12:], found.string[found.end() :][:14]
    if re.search(r"(?:cpt|hcpcs|icd|codes?)\W*$", before, re.IGNORECASE):
        return False
    if re.match(r"\s*(?:dollars|usd|bucks|k\b|/mo|a (?:month|year)|per )", after, re.IGNORECASE):
        return False
    groups = re.findall(r"\d+", found[0])
    if len(groups) > 1 and all(re.fullmatch(r"(?:19|20)\d\d", each) for each in groups):
        return False
    hours = len(groups) > 1 and all(len(each) <= 2 for each in groups)
    return not hours or len(_digits(found[0])) >= 9 or all(len(each) == 1 for each in groups)


def _rule(kind: str, pattern: str, check: Check | None = None, sign: str = DIGIT) -> Rule:
    return Rule(kind, re.compile(pattern, re.IGNORECASE), check, sign)


_EMAILS = (
    _rule(
        "e-mail",
        rf"{_LOCAL}@(?=[^\W\d])[\w-]{{1,63}}(?:[.][\w-]{{1,63}}|,{_TOP}\b){{0,20}}",
        sign=AT,
    ),
    _rule("e-mail", rf"{_LOCAL}@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,20}}", sign=AT),
    _rule(
        "e-mail",
        r"[\w.+%-]{1,64}\s?(?:@|[(\[<{]\s?at\s?[)\]>}])\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}",
        sign=AT,
    ),
    _rule(
        "e-mail",
        rf"\b[\w.+-]{{1,64}}(?:\s(?:dot|punto)\s[\w-]{{1,63}}){{0,3}}\s(?:at|arroba)\s[\w-]{{1,63}}"
        rf"\s(?:dot|punto)\s{_TOP}\b",
        sign=AT,
    ),
    _rule("e-mail", rf"\b[\w.+-]{{1,64}}\s(?:at|arroba)\s{_PROVIDER}(?:[\s.,]{_TOP})?\b", sign=AT),
    _rule("e-mail", r"@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}", sign=AT),
    _rule("link", r"\b(?:https?://|www\.)\S+", sign=DOT),
    _rule("link", rf"\b[\w-]{{1,63}}\.{_TOP}/\S+", sign=DOT),
)
_CARDS = (
    _rule("card", r"(?<![\d$])(?:\d[ .-]?){12,18}\d(?!\d)", _is_card),
    _rule("card", rf"\b(?:cvv2?|cvc|security code){_IS}(?P<x>\d{{3,4}})(?!\d)"),
    _rule(
        "card",
        r"\bexp(?:ires?|iration|iry|\.)?(?: date)?[\s:]*(?P<x>\d{1,2}\s?/\s?\d{2,4})(?!\d)",
    ),
    _rule("card", r"\b(?:card|tarjeta)\b[^.\d]{0,30}?\bend(?:s|ing)? (?:in|with) (?P<x>\d{4})\b"),
)
_SSNS = (
    _rule("ssn", r"\blast (?:4|four)\W{1,3}(?:is\W{1,2}|are\W{1,2})?(?P<x>\d{4})(?!\d)"),
    _rule("ssn", r"(?<![\d-])\d{3}(?P<gap>[-. ])\d{2}(?P=gap)\d{4}(?![\d-])"),
    _rule(
        "ssn",
        r"\b(?:ssn|ss\s?#|ss (?:number|no)|soc(?:ial)?(?: sec(?:urity)?)?(?: (?:number|num|no|#))?"
        r"|itin|tax id|seguro social)\W{0,4}(?:(?:is|are|es|ends? in|ending in)\W{1,3}){0,2}"
        r"(?P<x>\d(?:[\d .-]{2,12})\d(?!\d))",
    ),
    _rule(
        "ssn",
        rf"\b(?:ssn|social)\b\D{{1,30}}?(?P<x>(?:{_DIGIT_WORD}[\s,-]+){{3,}}{_DIGIT_WORD}\b)",
        sign=ANY,
    ),
)
# Before dates, of which streets bear the names.
_CALLES = (
    _rule(
        "address",
        r"\b(?:calle|avenida|av\.|avda\.?|paseo|camino|carretera)\s+(?:\d{1,3}\s+de\s+)?[\w'.]+"
        r"(?:\s+(?!a\b|y\b)[\w'.]+){0,2}?\s+(?:#|no\.?\s*)?\d{1,5}\b",
    ),
)
_DATES = (
    _rule(
        "date",
        rf"(?:\bthe\s+)?\b\d{{1,2}}(?:st|nd|rd|th)(?:\s+of)?\s+{_MONTH}(?:\s*,?\s*{_YEAR})?"
        rf"|\b\d{{1,2}}[\s-]+(?:(?:of|de)\s+)?(?!may\b){_MONTH}(?:[\s,-]*(?:del?\s+)?{_YEAR})?"
        rf"|\b\d{{1,2}}[\s-]+may[\s,-]+{_YEAR}",
    ),
    _rule(
        "date",
        rf"\b{_MONTH}[\s-]+(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?(?!\d){_COUNTED}"
        rf"(?:\s*[,-]?\s*{_YEAR}(?!\s*(?:am|pm)))?"
        rf"|\b{_MONTH},?\s+(?:(?:of|de|del)\s+{_YEAR}|(?:19|20)\d\d\b)",
    ),
    _rule(
        "date",
        r"(?<!\d)\d{1,2}\s?(?P<mark>[/.-])\s?\d{1,2}\s?(?P=mark)\s?\d{2}(?:\d{2})?(?!\d)"
        r"|(?<!\d)\d{4}(?P<other>[/.-])\d{1,2}(?P=other)\d{1,2}(?!\d)",
    ),
    _rule(
        "date",
        rf"{_BIRTH}{_BE}(?P<x>\d{{6}}(?:\d\d)?(?!\d)|\d{{1,2}}[\s/.-]+\d{{1,2}}[\s/.-]+{_YEAR}"
        rf"|\d{{1,2}}[/.-]\d{{1,4}}(?!\d)|{_MONTH}(?:\s+\d+)?)",
    ),
    _rule(
        "date",
        r"\b(?:on|since|date|due|el)\s+(?P<x>(?:1[0-2]|0?[1-9])/(?:3[01]|[12]\d|0?[1-9]))(?![\d/])",
    ),
)
_ADDRESSES = (
    _rule("address", r"\bp\.?\s?o\.?\s?box\s+\d+|\brr\s+\d+\s+box\s+\d+"),
    _rule(
        "address",
        rf"\b\d{{1,6}}[a-z]?\s+(?:[nsew]\.?\s+)?(?:\d{{1,3}}(?:st|nd|rd|th)\s+|{_WORD}){{1,5}}?"
        rf"(?:{_SUFFIX})\b\.?{_INSIDE}{_CITY}",
    ),
    _rule("address", rf"\b\d{{1,6}}\s+(?:[nsew]\.?\s+)?broadway\b{_INSIDE}{_CITY}"),
    _rule(
        "address",
        r"\b\d{1,6}\s+(?:el camino|la|avenue of|avenida|calle|via|rue|highway|hwy|route|rte|paseo"
        r"|camino)\s+[\w']+(?:\s+(?:real|stars|ave|mayo|(?-i:[A-Z])\w+))?"
        r"(?:\s+(?:de\s+)?(?-i:[A-Z])\w+)?(?:\s+[nsew]\b)?" + _INSIDE,
    ),
    _rule(
        "address",
        rf"\b{_LIVES}\W+(?:(?:is|are|es)\W+)?(?P<x>\d{{1,6}}\s+(?:[nsew]\.?\s+)?"
        rf"(?!(?:{_STOP})\b)[\w'.]*[^\W\d][\w'.]*(?:\s+(?:of the\s+)?(?-i:[A-Z])[\w'.]+){{0,3}})",
    ),
    _rule("address", r"\b(?:apt|apartment|unit|suite|ste|space|lot)\.?\s*#?\s*\d{1,5}[a-z]?\b"),
    _rule("number", r"\bzip(?: code)?\W*(?:is\W*)?(?P<x>\d{5}(?:-\d{4})?)(?!\d)"),
)
_IDS = (
    _rule("number", rf"\b(?:{_ID})\b(?:{_CALLED})?{_IS}{_VALUE}", _is_id),
    _rule("number", rf"\b(?:{_SOFT})\b(?:{_CALLED}{_IS}|{_IS}#){_VALUE}", _is_id),
)
_PHONES = (
    _rule("phone", r"(?<![\w+])(?:\+|00)\d[\d\s().-]{5,20}\d(?!\d)", _is_abroad),
    # (213) 555-0142, +1 213.555.0142, 213 555 0142, each perhaps with an extension
    _rule(
        "phone",
        rf"(?<![\d$+(])(?:\+?\d{{1,3}}{_GAP})?\(?\d{{3}}\)?{_GAP}\d{{3}}{_GAP}\d{{4}}(?!\d)"
        r"(?:\s?(?:ext|x|extension)\.?\s?\d{1,6})?",
    ),
    _rule(
        "phone", rf"[+(]{{1,2}}(?:\d{{1,3}}{_GAP})?\(?\d{{3}}\)?{_GAP}\d{{3}}{_GAP}\d{{4}}(?!\d)"
    ),
    _rule("phone", r"(?<![\d$.-])\d{3}[ .-]\d{4}(?![\d-])"),
    _rule("phone", r"\barea code\W+(?P<x>\d{3})\b"),
    _rule("phone", rf"\b(?:{_DIGIT_WORD}[\s,-]+){{6,}}{_DIGIT_WORD}\b", sign=ANY),
)
_NUMBERS = (
    _rule(
        "number",
        r"(?<![\w$€])(?:[a-z]{1,4}-?)?\d(?:[\s.-]?\d){4,}(?:-?[a-z]{1,3}\b)?",
        _is_long,
    ),
    _rule("number", r"\b(?=[a-z\d]*[a-z])(?=(?:[a-z]*\d){4})[a-z\d]{6,}\b"),
)
RULES = (
    *(*_EMAILS, *_CARDS, *_SSNS, *_CALLES, *_DATES),
    *(*_ADDRESSES, *_IDS, *_PHONES, *_NUMBERS),
)
"""All of them, in their order."""
PUBLIC = re.compile(r"(?<!\d)(?:741741|838255|435748|88788|64673|1-800-273-8255)(?!\d)")
"""Numbers of crisis lines, which say nothing about a person."""
