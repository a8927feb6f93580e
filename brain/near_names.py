"""Names of closed lists that are misspelled by one letter: left out, added, changed or swapped."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from spacy.tokens import Doc

from language.pipeline import nlp

Found = tuple[str, str, int, int]
"""Label, canonical value, start and end (characters)."""

LABELS = frozenset({"insurer", "condition", "substance", "therapy"})
SHORTEST = 6
"""Letters from which a name is long enough for one wrong letter to leave it recognisable."""
_ORDINARY = frozenset("anthem anthems auction relational".split())


def _shortened(word: str) -> set[str]:
    """Return a word with each of its letters left out once, and the word itself."""
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


def one_letter_apart(one: str, other: str) -> bool:
    """Say whether two different words differ by one letter or by two neighbours swapped."""
    if len(one) == len(other):
        wrong = [i for i in range(len(one)) if one[i] != other[i]]
        if len(wrong) == 2 and wrong[1] == wrong[0] + 1:
            return one[wrong[0]] == other[wrong[1]] and one[wrong[1]] == other[wrong[0]]
        return len(wrong) == 1
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return len(longer) == len(shorter) + 1 and shorter in _shortened(longer)


@lru_cache(maxsize=1)
def _english() -> frozenset[str]:
    """Return the base forms of spaCy's lemma table; the inflected ones are its keys."""
    return frozenset(_lemmas().values())


@lru_cache(maxsize=1)
def _lemmas() -> dict[str, str]:
    # spaCy's pipe is typed as any callable.
    lemmatizer: object = nlp().get_pipe("lemmatizer")
    table = lemmatizer.lookups.get_table("lemma_lookup")  # type: ignore[attr-defined]
    found: dict[str, str] = table
    return found


def is_english(word: str) -> bool:
    """Say whether a word (in small letters) is an ordinary one, which is then no misspelling."""
    return word in _ORDINARY or word in _lemmas() or word in _english()


class NearNames:
    """Single words of the lists, findable when one letter is wrong."""

    def __init__(self, names: Iterable[tuple[str, str, str]]) -> None:
        """Take the names.

        Args:
            names: Label, name or alias, and canonical value; only long single words of LABELS
                are used.
        """
        self._words: dict[str, tuple[str, str]] = {}
        for label, name, value in names:
            word = name.lower()
            if label in LABELS and len(word) >= SHORTEST and word.isalpha():
                self._words[word] = (label, value)
        self._keys: dict[str, list[str]] = {}
        for word in self._words:
            for key in _shortened(word):
                self._keys.setdefault(key, []).append(word)

    def name_of(self, word: str) -> tuple[str, str] | None:
        """Return label and canonical value of a misspelled name.

        Args:
            word: A word in small letters. Its first letter counts as right.
        """
        if len(word) < SHORTEST - 1 or not word.isalpha():
            return None
        for key in _shortened(word):
            for name in self._keys.get(key, ()):
                if name[0] == word[0] and one_letter_apart(name, word) and not is_english(word):
                    return self._words[name]
        return None

    def find(self, document: Doc, taken: Collection[int]) -> Iterator[Found]:
        """Yield the misspelled names of a document.

        Args:
            document: A message.
            taken: Positions of tokens that are part of another name already.
        """
        for token in document:
            if token.i not in taken:
                named = self.name_of(token.lower_)
                if named:
                    yield (*named, token.idx, token.idx + len(token))
