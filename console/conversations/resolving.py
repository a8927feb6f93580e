"""What an address of the list asks for, with what the store knows of its view and its search."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from console.conversations import errors
from console.conversations.asked import Asked, Clock, with_view
from store import views
from store.search import Query, query_of
from store.views import View


@dataclass(frozen=True, slots=True)
class Resolved:
    """What is asked for, with the filters of its view and the words of its search."""

    asked: Asked
    words: str = ""
    view: View | None = None
    gone: str = ""
    """What is said where the view or the search is no more; neither is in `asked` then."""

    @property
    def query(self) -> Query | None:
        """What is searched for; None for nothing."""
        return query_of(self.words)

    @property
    def troubles(self) -> list[str]:
        """What is said where not all of it can be followed; empty where it is."""
        names = ", ".join(self.asked.left_out)
        left_out = errors.LEFT_OUT.format(names=names) if names else ""
        return [each for each in (self.gone, left_out) if each]


def resolved(c: Connection, found: Asked, clock: Clock, me: str) -> Resolved:
    """Return what an address asks for; whoever follows it looks whether something is gone."""
    if found.view is not None:
        view = views.one(c, me, found.view)
        if view is None:
            return _gone(found, errors.NO_VIEW)
        return _searched(with_view(found, view.filters, clock, me), view.words, view)
    if found.search is not None:
        words = views.words_of(c, me, found.search)
        return _gone(found, errors.FORGOTTEN) if words is None else _searched(found, words)
    return Resolved(found)


def _searched(found: Asked, words: str, view: View | None = None) -> Resolved:
    """Words without a word in them would find everything."""
    if words and query_of(words) is None:
        return _gone(found, errors.NO_WORD)
    return Resolved(found, words, view)


def _gone(found: Asked, why: str) -> Resolved:
    return Resolved(replace(found, view=None, search=None), gone=why)
