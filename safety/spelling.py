"""Recovers words of risk from leet, censoring, repeats, typos and glued words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import product

_LEET = {
    "1": "il", "!": "i", "|": "il", "3": "e", "0": "o", "@": "a", "4": "a", "$": "s", "5": "s",
    "7": "t", "+": "t", "8": "b", "9": "g", "(": "c", "2": "z", "v": "vu",
}  # fmt: skip
_CENSOR = frozenset("*#_-.~x")
_RUN = re.compile(r"(.)\1{2,}")
_MAX_VARIANTS = 64
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
#: A longer word is no word; cutting it bounds every match.
MAX_WORD = 40


class Speller:
    """Knows the words of risk and finds them behind the way they were typed.

    Args:
        targets: words of risk.
        not_typos: real words that are close to a target and are left alone.
        glue: words that a run of letters may be cut into.
        cores: of these a cut must hold one.
    """

    def __init__(
        self,
        targets: Iterable[str],
        not_typos: Iterable[str],
        glue: Iterable[str],
        cores: Iterable[str],
    ) -> None:
        self._targets = frozenset(targets)
        self._known = self._targets | frozenset(not_typos)
        self._glue = frozenset(glue)
        self._cores = frozenset(cores)
        self._longest = max(map(len, self._glue))
        self._core_parts = re.compile("|".join(sorted(self._cores)))
        self._near: dict[str, str] = {}
        for word in sorted(self._targets):
            if len(word) >= 6:
                for variant in _deletions(word):
                    self._near.setdefault(variant, word)
        by_length: dict[int, list[str]] = {}
        for word in sorted(self._targets):
            by_length.setdefault(len(word), []).append(word)
        self._by_length = by_length

    def letters(self, token: str) -> str | None:
        """A word of risk written with signs or digits (d1e, k!ll, k*ll), or None."""
        token = token[:MAX_WORD]
        return self._leet(token) or self._censored(token)

    def word(self, word: str) -> str:
        """Return what a word stands for: itself, or a word or words of risk."""
        if word in self._known:
            return word
        if _RUN.search(word):
            word = self._unrepeat(word)
        if word in self._known or len(word) < 6:
            return word
        return self._typo(word) or self._cut(word) or word

    def _leet(self, token: str) -> str | None:
        choices = [_LEET.get(c, c) for c in token]
        count = 1
        for choice in choices:
            count *= len(choice)
        if count > _MAX_VARIANTS:
            return None
        for letters in product(*choices):
            word = "".join(letters)
            if word in self._targets:
                return word
        word = "".join(choice[0] for choice in choices)
        return self._cut(word) if word.isalpha() else None

    def _censored(self, token: str) -> str | None:
        if token.isalpha() or len(token) < 3 or not token[0].isalpha():
            return None
        bare = "".join(c for c in token if c.isalnum())
        if len(bare) >= 4 and bare in self._targets:
            return bare
        for word in self._by_length.get(len(token), ()):
            if len(word) > 2 and _covers(token, word):
                return word
        return None

    def _unrepeat(self, word: str) -> str:
        for size in (2, 1):
            shorter = _RUN.sub(lambda m, n=size: m[1] * n, word)  # type: ignore[misc]
            if shorter in self._known:
                return shorter
        return _RUN.sub(r"\1", word)

    def _typo(self, word: str) -> str | None:
        if len(word) > 12:
            return None
        for variant in _deletions(word):
            target = self._near.get(variant)
            if target is None or target[0] != word[0]:
                continue
            # One slip, or in a long word two: a letter too many and one missing.
            if len(target) >= 8 or _is_slip(word, target):
                return target
        return None

    def _cut(self, word: str) -> str | None:
        if len(word) < 6 or not self._core_parts.search(word):
            return None
        # best[i]: the fewest words that make up the first i letters.
        best: list[list[str] | None] = [[]] + [None] * len(word)
        for end in range(1, len(word) + 1):
            for start in range(max(0, end - self._longest), end):
                head, part = best[start], word[start:end]
                if head is not None and part in self._glue:
                    whole = best[end]
                    if whole is None or len(head) + 1 < len(whole):
                        best[end] = [*head, part]
        parts = best[-1]
        if parts is None or len(parts) < 2 or self._cores.isdisjoint(parts):
            return None
        return " ".join(parts)


def slips(word: str) -> Iterator[str]:
    """Yield a short word with a key beside the right one hit, or two letters in each other's place.

    The first letter stays: it is seldom missed, and holds real words apart (jill, kill).
    """
    for i in range(1, len(word)):
        yield from (word[:i] + key + word[i + 1 :] for key in _beside(word[i]))
        if i + 1 < len(word) and word[i] != word[i + 1]:
            yield word[:i] + word[i + 1] + word[i] + word[i + 2 :]


def _beside(key: str) -> str:
    row = next(number for number, keys in enumerate(_ROWS) if key in keys)
    place = _ROWS[row].index(key)
    same = _ROWS[row][max(0, place - 1) : place + 2].replace(key, "")
    above = _ROWS[row - 1][place : place + 2] if row else ""
    below = _ROWS[row + 1][max(0, place - 1) : place + 1] if row < 2 else ""
    return same + above + below


def _deletions(word: str) -> Iterator[str]:
    yield word
    for i in range(len(word)):
        yield word[:i] + word[i + 1 :]


def _is_slip(word: str, target: str) -> bool:
    """One letter missing, added or wrong, or two neighbours swapped."""
    if abs(len(word) - len(target)) > 1 or word == target:
        return False
    i = 0
    while i < min(len(word), len(target)) and word[i] == target[i]:
        i += 1
    a, b = word[i:], target[i:]
    swapped = len(a) > 1 and len(b) > 1 and a[0] == b[1] and a[1] == b[0] and a[2:] == b[2:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or swapped


def _covers(token: str, word: str) -> bool:
    """True when the letters of `token` that are not censored are those of `word`."""
    seen = 0
    for c, letter in zip(token, word):  # noqa: B905 (Python 3.10 and same length)
        if c == letter:
            seen += 1
        elif c not in _CENSOR or c.isalpha():
            return False
    return seen >= 2
