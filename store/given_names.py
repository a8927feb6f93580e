"""Finds the names that people give, for themselves and for others, in English and Spanish.

There is no list of all names. A name is told by what stands around it ("my name is", "my son ...",
"mi hija ...", "this is ... calling"), by its capital letter where the writer uses them, and by a
list of common first names. After the clearest words ("my name is") anything that is no everyday
word counts; after the others a capital letter or the list must speak for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).resolve().parent / "name_words.txt"
_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_LONGEST = 4
"""Words of a name, particles not counted."""
_PARTICLES = frozenset("de del la las los van von der da di bin al y".split())

_RELATION = (
    r"sons?|daughters?|husband|wife|spouse|mom|mum|mother|dad|father|brothers?|sisters?|boyfriend"
    r"|girlfriend|bf|gf|partner|friends?|cousin|aunt|uncle|niece|nephew|grandsons?|granddaughters?"
    r"|grandma|grandpa|step-?(?:sons?|daughters?|dad|mom|father|mother|kids?)|twins|kids?|child|children|fianc[eé]e?|ex|roommate"
    r"|(?:sister|brother|mother|father)-in-law|therapist|counselor|psychiatrist|psychologist|doctor"
    r"|case ?(?:worker|manager)|social worker|sponsor|boss|coworker|neighbor|patient|client|teen"
    r"|hij[oa]s?|espos[oa]|marido|mujer|mam[aá]|madre|pap[aá]|padre|herman[oa]|novi[oa]|amig[oa]"
    r"|prim[oa]|cu[nñ]ad[oa]|suegr[oa]|yerno|nuera|hijastr[oa]|t[ií][oa]|abuel[oa]|niet[oa]|sobrin[oa]|pareja|terapeuta"
)
_STRONG = re.compile(
    r"\b(?:(?:first|last|full|middle|patient(?:'s)?)\s+name(?:\s+is|\s*:)?"
    r"|name(?:s|'s|’s)?\s+(?:is|was)|(?:my|his|her|their)\s+(?:names|name(?:'s|’s))|^name(?:'?s|’s)"
    r"|(?<!user)name\s*[:=]|named|i go by|signed"
    r"|me llamo|mi nombre(?:\s+completo)?\s+es|(?:se|te) llama|su nombre es|nombre\s*[:=])"
    r"\s*[:,]?\s+",
    re.IGNORECASE,
)
_MEDIUM = re.compile(
    r"\b(?:i'?m|i’m|i am|this is|it'?s|it’s|here is|soy|yo soy|(?:le )?habla|(?:you )?can call me"
    r"|just call me|call me|ask(?:ing)? for|calling (?:for|about)"
    r"|(?:speak|spoke|talk|talked|met) (?:to|with)|me and|(?:please )?tell|llamo de parte de"
    r"|(?:mom|mother|dad|father|parent|mam[aá]|pap[aá]|madre|padre) (?:of|de)"
    r"|(?:(?:is|are|was) )?(?:my|his|her|our|the|a|mi|su|mis|sus)(?: \w+)? "
    rf"(?:{_RELATION})|(?<![\w-])(?:{_RELATION}))(?:\s+is)?\s*,?\s+",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"\b(?:(?:dr|mr|mrs|ms|prof|sra?|srta)\b\.?|(?:doctor|miss|officer|nurse|pastor)(?=\s+(?-i:[A-Z])))\s+",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"\b(?:thanks|thank you|thx|ty|sincerely|regards|best|cheers|gracias|saludos)\s*[,.!–-]+\s*"
    r"|\b(?:sincerely|regards|saludos)\s+",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"(?:\s+here\b(?!\s+(?:to|for|is|we|are)\b)|\s+(?:is|es)\s+(?:my|the one|mi|a patient)\b)",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"\s*(?:$|[.,;!?\n(-]|(?:and|again|here|calling|from|y|i|btw|but)\b)", re.IGNORECASE
)
_SAINTS = frozenset({"san", "santa", "st", "saint", "mount", "fort", "lake", "port", "new"})
# Names of people that stand for a place, a plan or a month more often.
_PLACE_NAMES = frozenset(
    """
    aurora austin carolina charlotte dakota dallas devon diego florence florida francisco georgia
    guadalupe houston india israel jackson jordan kent lance logan london lincoln madison marina
    milton monica orlando paris regina rosario salvador santiago savannah sierra sidney sydney
    trinity troy valencia victoria vernon virginia angeles ana antonio jose bernardino
    """.split()
)
_PLACES = frozenset(
    "hospital clinic center centre street ave avenue beach county city university college high "
    "school church health healthcare memorial medical heights hills park valley springs "
    "cross".split()
)


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int

    @property
    def key(self) -> str:
        plain = unicodedata.normalize("NFKD", self.text.lower().replace("’", "'"))
        return "".join(c for c in plain if not unicodedata.combining(c))

    @property
    def capital(self) -> bool:
        return self.text[0].isupper() and not (self.text.isupper() and 1 < len(self.text) <= 4)


@cache
def _lists() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Return first names, those of them that are words too, and everyday words."""
    lines = dict(
        line.split(":", 1)
        for line in _FILE.read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    )
    plain, words, everyday = (
        frozenset(lines[kind].split()) for kind in ("plain", "word", "everyday")
    )
    return plain - words, words, everyday


class _Text:
    """One message, cut into words."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = [_Word(m[0], m.start(), m.end()) for m in _TOKEN.finditer(text)]
        self.at = {word.start: place for place, word in enumerate(self.words)}
        capitals = sum(word.text[0].isupper() for word in self.words)
        # Where most words are capital, a capital letter says nothing.
        self.telling = len(self.words) < 4 or capitals * 10 <= len(self.words) * 6
        self.shouted = len(self.words) > 1 and text.isupper()

    def joined(self, place: int) -> bool:
        """Say whether a word follows the one before it with a blank between, and nothing else."""
        return self.text[self.words[place - 1].end : self.words[place].start] in (" ", ". ", "  ")

    def capital(self, word: _Word) -> bool:
        return word.capital and self.telling and not self.shouted

    def listed(self, word: _Word) -> bool:
        plain, words, _ = _lists()
        return word.key in plain or (word.key in words and self.capital(word))

    def everyday(self, word: _Word) -> bool:
        return word.key in _lists()[2] or len(word.text) < 2 or word.key.startswith("i'")

    def name_from(self, place: int, *, sure: bool) -> int:
        """Return how many words from a place on are a name; 0 when it is none.

        Args:
            place: The first word's.
            sure: After such words as "my name is": what is no everyday word is a name.
        """
        first = self.words[place]
        known = self.listed(first) or self.capital(first)
        if self.everyday(first) or not (known or sure):
            return 0
        last = place
        for _ in range(_LONGEST - 1):
            after = self._next(last)
            if after is None:
                break
            last = after
            if not self.capital(self.words[last]):
                break
        return last - place + 1

    def _next(self, place: int) -> int | None:
        """Return the place of the word with which a name goes on, or None."""
        after = place + 1
        while after < len(self.words) and self.words[after].key in _PARTICLES:
            after += 1
        if after >= len(self.words) or not all(map(self.joined, range(place + 1, after + 1))):
            return None
        word = self.words[after]
        if self.everyday(word):
            return None
        if self.capital(word):
            return after
        ends = _ENDS.match(self.text, word.end) is not None
        return after if after == place + 1 and (ends or self.listed(word)) else None

    def span(self, place: int, count: int) -> tuple[int, int]:
        return self.words[place].start, self.words[place + count - 1].end


def spans(text: str) -> list[tuple[int, int]]:
    """Return where names stand in a text, in its order and without overlaps."""
    message = _Text(text)
    found: list[tuple[int, int]] = []
    for span in sorted(_all(message), key=lambda span: (span[0], -span[1])):
        if not found or span[0] >= found[-1][1]:
            found.append(span)
        elif span[1] > found[-1][1]:
            found[-1] = (found[-1][0], span[1])
    return found


def _all(message: _Text) -> Iterator[tuple[int, int]]:
    for pattern, sure in ((_STRONG, True), (_MEDIUM, False)):
        for cue in pattern.finditer(message.text):
            yield from _follows(message, cue.end(), sure=sure)
    for cue in _TITLE.finditer(message.text):
        for _, end in _follows(message, cue.end(), sure=True):
            yield cue.start(), end
    for cue in _CLOSING.finditer(message.text):
        for start, end in _follows(message, cue.end(), sure=False):
            if not message.text[end:].strip(" .!"):
                yield start, end
    yield from _whole(message)


def _follows(message: _Text, start: int, *, sure: bool) -> Iterator[tuple[int, int]]:
    """Give the name that begins at a place of the text, and those that "and" joins to it."""
    place = message.at.get(start)
    while place is not None:
        count = message.name_from(place, sure=sure)
        if not count:
            return
        yield message.span(place, count)
        after = place + count
        if sure and _comma(message, after):
            yield message.span(after, 1)
        joined = after + 1 < len(message.words) and message.words[after].key in ("and", "y", "e")
        place, sure = (after + 1 if joined else None), False


def _comma(message: _Text, place: int) -> bool:
    """Say whether a first name stands behind a last one: "Bond, James"."""
    if place >= len(message.words):
        return False
    before, word = message.words[place - 1], message.words[place]
    between = message.text[before.end : word.start]
    return between == ", " and message.capital(word) and not message.everyday(word)


def _whole(message: _Text) -> Iterator[tuple[int, int]]:
    """Give names that nothing announces: "Jake Miller", "Heather here", "Jake is my son"."""
    for place, word in enumerate(message.words):
        before = message.words[place - 1].key if place else ""
        if not message.listed(word) or not message.capital(word) or before in _SAINTS:
            continue
        count = message.name_from(place, sure=False)
        start, end = message.span(place, count)
        place_name = any(each.key in _PLACES for each in message.words[place : place + count + 1])
        sure = word.key in _lists()[0] and word.key not in _PLACE_NAMES
        alone = sure and message.telling
        if not place_name and (count > 1 or alone or _AFTER.match(message.text, end)):
            yield start, end
