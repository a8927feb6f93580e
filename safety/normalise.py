"""Normalised text: what the patterns of risk are matched on.

Lower-case words of a to z and 0 to 9 with single blanks, sentence ends as "." or "?", short
forms written out ("dont" is "do not"), disguised words of risk in plain. Made for matching
only: it is never shown, logged or given to the brain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from safety.data import DATA, read
from safety.folding import Folder
from safety.spelling import MAX_WORD, Speller, slips

#: Longer messages are screened at both ends only, `HALF` characters each.
LIMIT = 100_000
HALF = LIMIT // 2

_SPACED = re.compile(r"(?<![a-z0-9'])(?:[a-z0-9@$!][ .\-_*]{1,3}){2,60}[a-z0-9](?![a-z0-9'])")
_SEPARATORS = re.compile(r"[ .\-_*]+")
_OPENING = re.compile(r"\A[^a-z0-9@$*#|]+")
_CLOSING = re.compile(r"[^a-z0-9*@$]+\Z")
_PIECES = re.compile(r"[a-z0-9']+|[.?!]+")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_SUFFIXES = {"m": "am", "re": "are", "ve": "have", "ll": "will", "d": "would"}
_IS = frozenset(
    "he she it that there what here who where how everyone everything nobody tonight today "
    "tomorrow this".split()
)


@dataclass(frozen=True)
class Text:
    """A message ready for matching.

    Attributes:
        text: words and sentence ends, a blank at each side.
        emoji: names of the emoji in it.
    """

    text: str
    emoji: tuple[str, ...] = ()


class Normaliser:
    """Makes `Text` of raw messages.

    Args:
        spelling: the content of data/safety/spelling.yml.
        known: words that are never taken for a typo of another word.
    """

    def __init__(self, spelling: Mapping[str, Any], known: Iterable[str] = ()) -> None:
        pairs = spelling["lookalikes"]
        lookalikes = dict(zip(pairs["from"], pairs["to"]))  # noqa: B905
        self._folder = Folder(lookalikes, spelling["emoji"])
        never = {*spelling["not_typos"].split(), *known}
        self._short: dict[str, str] = {
            slip: word
            for word in spelling["short_targets"].split()
            for slip in slips(word)
            if slip not in never
        }
        self._short |= {str(k): str(v) for k, v in spelling["short_forms"].items()}
        self._phrases = {str(k): str(v) for k, v in spelling["phrases"].items()}
        # Longest first, so that "un alive" does not hide a longer phrase.
        options = "|".join(map(re.escape, sorted(self._phrases, key=len, reverse=True)))
        self._phrase = re.compile(f"(?<= )(?:{options})(?= )")
        self._speller = Speller(
            spelling["targets"].split(),
            never,
            spelling["glue"].split(),
            spelling["glue_cores"].split(),
        )

    def normalise(self, raw: str) -> Text:
        """The text to match patterns on.

        Args:
            raw: the message as it came, of any length.
        """
        if len(raw) > LIMIT:
            raw = raw[:HALF] + "\n\n" + raw[-HALF:]
        folded, emoji = self._folder.fold(raw)
        folded = _SPACED.sub(_join_letters, folded)
        words: list[str] = []
        for token in folded.split():
            if token.isalpha() and token.isascii():
                words.append(self._plain(token))
            else:
                words.extend(self._mixed(token))
        text = self._phrase.sub(lambda m: self._phrases[m[0]], f" {' '.join(words)} ")
        return Text(text, emoji)

    def _plain(self, word: str) -> str:
        word = word[:MAX_WORD]
        if word in self._short:
            return self._short[word]
        spelled = self._speller.word(word)
        return spelled if spelled == word else self._expand(spelled)

    def _expand(self, words: str) -> str:
        return " ".join(self._short.get(word, word) for word in words.split())

    def _mixed(self, token: str) -> list[str]:
        """Words and sentence end of a token that holds more than letters."""
        body = _CLOSING.sub("", _OPENING.sub("", token))
        mark = _mark(token)
        if not body:
            return mark
        if body.isalpha() and body.isascii():
            return [self._plain(body), *mark]
        if len(body) <= MAX_WORD and not body.isdigit():
            found = self._short.get(body) or ("'" not in body and self._speller.letters(body))
            if found:
                return [self._expand(found), *mark]
        words: list[str] = []
        for piece in _PIECES.findall(body):
            words.extend(self._apostrophes(piece) if piece[0] not in ".?!" else _mark(piece))
        return words + mark

    def _apostrophes(self, piece: str) -> list[str]:
        stem, _, suffix = piece.partition("'")
        if stem.endswith("n") and suffix == "t":
            return [self._short.get(stem + "t", stem + " not")]
        if suffix in _SUFFIXES and stem:
            return [self._plain(stem), _SUFFIXES[suffix]]
        if suffix == "s" and stem:
            return [self._plain(stem), "is" if stem in _IS else "s"]
        bare = _NOT_WORD.sub("", piece)
        return [self._plain(bare) if bare.isalpha() else bare[:MAX_WORD]] if bare else []


def _mark(token: str) -> list[str]:
    tail = token[len(token.rstrip(".!?;:\"')*(")) :]
    if "?" in tail:
        return ["?"]
    # Dots in a row are a pause inside a sentence.
    return ["."] if tail.strip("\"')(*:") in (".", "!", "!!", "!!!", ";") or "!" in tail else []


def _join_letters(match: re.Match[str]) -> str:
    return _SEPARATORS.sub("", match[0])


def load_normaliser(known: Iterable[str] = ()) -> Normaliser:
    """The normaliser of data/safety/spelling.yml, which leaves the `known` words alone."""
    return Normaliser(read(DATA / "spelling.yml", "spelling"), known)
