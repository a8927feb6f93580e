"""Splits a message into clauses, with and without punctuation, and says which of them ask."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from spacy.tokens import Span, Token

from language.pipeline import nlp

MOST = 12
"""Clauses of one message that are looked at."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_JOINING = _words("and also plus but or btw anyway anyways then oh")
_AUXILIARIES = _words("do does did is are am can could will would should may has have r 's s ca wo")
_SUBJECTS = _words(
    "i you u ya yall we they he she it my your ur our the there this that these those someone "
    "anyone anybody insurance people a any im his her their family not n't nt"
)
_THINGS = _words("it this that these those")
_RELATIVE = _words("who which whos")
_WH = _words("what whats wat wut how hows where wheres when whens who whos which why")
# Together with these, a question word begins a question without an auxiliary ("how much it is").
_WH_WITH = _words(
    "much long many often soon big far about time times kind kinds sort type days hours day if"
)
_WH_ALONE = _words("whats hows wheres whens whos")
_REQUESTS = _words("need want wanna wondering curious interested looking tell question asking")
# What stands before an embedded question ("i want to know how much"), which is no new clause.
_EMBEDDING = _words(
    "know wondering wonder idk tell me see about understand explain sure ask asking out curious of "
    "like decide figure find wanna to for on with at"
)
_SHORTEST = 3
"""Words that a clause must have before another may begin without a joining word."""


@dataclass(frozen=True)
class Clause:
    """A part of a message."""

    text: str
    asks: bool
    """Whether it has the form of a question or a request."""


def _word(tokens: list[Token], at: int) -> str:
    return tokens[at].lower_ if 0 <= at < len(tokens) else ""


def _begins_question(tokens: list[Token], at: int) -> bool:
    word, following = _word(tokens, at), _word(tokens, at + 1)
    if word in _WH_ALONE:
        return True
    if word in _WH:
        return following in _AUXILIARIES or following in _WH_WITH
    if word == "do":
        # "do it" and "do this" end a clause more often than they begin one.
        return following in _SUBJECTS and following not in _THINGS
    return word in _AUXILIARIES and following in _SUBJECTS


def _question_is_open(tokens: list[Token], start: int, at: int) -> bool:
    """Say whether a question word just before still waits for its verb ("how soon | can i")."""
    recent = [_word(tokens, i) for i in range(max(start, at - 5), at)]
    for place, word in enumerate(recent):
        if word in _WH and not any(w in _AUXILIARIES for w in recent[place + 1 :]):
            return True
    return False


def _begins_clause(tokens: list[Token], start: int, at: int) -> bool:
    """Say whether a new clause begins at a token, without a joining word or behind one."""
    word, before = _word(tokens, at), _word(tokens, at - 1)
    if before == ",":
        return word in _JOINING or _begins_question(tokens, at) or word in _WH
    if word in _JOINING and before not in _JOINING:
        ahead = at + 1
        while _word(tokens, ahead) in _JOINING or _word(tokens, ahead) == ",":
            ahead += 1
        following, after = _word(tokens, ahead), _word(tokens, ahead + 1)
        asking = _begins_question(tokens, ahead) or following in _WH or following in ("any", "if")
        return asking or (following == "i" and after in _REQUESTS) or following in _REQUESTS
    if at - start < _SHORTEST or before in _EMBEDDING or before in _JOINING:
        return False
    if word in _RELATIVE:
        return False
    return _begins_question(tokens, at) and not _question_is_open(tokens, start, at)


def _asks(words: list[str], mark: bool) -> bool:
    while words and (words[0] in _JOINING or words[0] in ("so", "hi", "hey", "ok", "well", "um")):
        words = words[1:]
    if mark or not words:
        return mark
    opening = words[0] in _WH or words[0] in _AUXILIARIES or words[0] in ("any", "if", "whether")
    inside = any(
        word in _WH_ALONE
        or (word in _WH and (following in _AUXILIARIES or following in _WH_WITH))
        or (word in _AUXILIARIES and following in ("you", "u", "i", "yall", "there"))
        for word, following in pairwise(words)
    )
    return opening or inside or not _REQUESTS.isdisjoint(words)


def _clauses(sentence: Span) -> list[Clause]:
    tokens = [token for token in sentence if not token.is_space]
    if not tokens:
        return []
    borders = [0]
    for at in range(1, len(tokens)):
        if _begins_clause(tokens, borders[-1], at):
            borders.append(at)
    found = []
    for start, end in zip(borders, [*borders[1:], len(tokens)], strict=True):
        part = tokens[start:end]
        span = part[0].doc[part[0].i : part[-1].i + 1].text.strip(" ,;\n")
        words = [token.lower_ for token in part if not token.is_punct]
        if len(words) > 1:
            found.append(Clause(span, _asks(words, "?" in span)))
    return found


@lru_cache(maxsize=16)
def clauses(text: str) -> tuple[Clause, ...]:
    """Return a message's clauses in order; one that cannot be split is a clause of its own.

    Args:
        text: A cleaned message.

    Returns:
        At most 12 clauses (of a longer message the first and the last), of two words or more.
    """
    found = [clause for sentence in nlp()(text).sents for clause in _clauses(sentence)]
    if len(found) > MOST:
        found = found[: MOST // 2] + found[-MOST // 2 :]
    return tuple(found)
