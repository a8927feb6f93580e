"""The page of one text or fact."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sanic import HTTPResponse, Request
from sanic.exceptions import NotFound

from answers.grouping import FORMS
from answers.writing import LONGEST, WritingError
from console.access import current
from console.databases import LIMIT, database_of
from console.inbox.listing import fragments_of
from console.publishing.shelf import Shelf, shelf_of
from console.publishing.subjects import Fact, Subject, Text
from console.publishing.wording import STATES
from console.rendering import page
from store import publications, revisions
from store.revisions import Revision, Seen

_FILE = "the file's own"


@dataclass(frozen=True)
class Posted:
    """What somebody has written and not kept yet, and what is wrong with it."""

    text: str
    review_by: str
    seen: Seen
    """The state of the draft that they had before them when they began to write."""
    problems: tuple[str, ...] = ()
    checked: bool = False


async def subject_of(request: Request, name: str, form: str | None) -> tuple[Shelf, Subject]:
    """Return what an address is about.

    Raises:
        NotFound: There is no such text or fact.
    """
    shelf = await shelf_of(request)
    try:
        return shelf, Fact(shelf, name) if form is None else Text(shelf, name, form)
    except KeyError:
        raise NotFound from None


async def show(
    request: Request,
    shelf: Shelf,
    subject: Subject,
    *,
    status: int = 200,
    wrong: str = "",
    posted: Posted | None = None,
    stale: bool = False,
) -> HTTPResponse:
    """Return the page, with what was posted where it was not kept.

    Args:
        request: Whose.
        shelf: All texts and facts.
        subject: The one that is shown.
        status: The answer's status.
        wrong: What is said above it.
        posted: What was not kept.
        stale: Whether the draft changed meanwhile: then it is shown beside what was posted, and
            what is saved next is saved over it. Else what was seen stays what was seen.
    """
    me, place = current(request), subject.place
    past, kept = await database_of(request).read(
        lambda c: (publications.history(c, place), revisions.history(c, place)), limit=LIMIT
    )
    draft = shelf.open.get(place)
    text = posted.text if posted else _text(subject, draft)
    readable, content = _read(subject, text)
    differs = readable and bool(posted or draft)
    return page(
        request,
        "publishing/one.html",
        status=status,
        wrong=wrong,
        subject=subject,
        answer=subject.answer if isinstance(subject, Text) else None,
        forms=_forms(subject),
        spoken=_spoken(request, shelf, subject),
        text=text,
        review_by=posted.review_by if posted else _review_by(shelf, subject, draft),
        seen=posted.seen if posted and not stale else _seen(draft),
        draft=_draft(request, shelf, draft),
        kept_text=_text(subject, draft) if stale and draft else None,
        previews=subject.previews(content) if differs else [],
        problems=posted.problems if posted else (),
        checked=bool(posted and posted.checked),
        changes=list(changes(subject.spoken, text)) if differs else [],
        longest=LONGEST,
        may_approve=_may_approve(subject, draft, me.role, me.id),
        history=[_published(request, shelf, subject, each, past, kept) for each in past],
        revisions=[_revision(request, shelf, each) for each in kept],
        may_return=_ways_back(shelf, subject, kept),
        path="/facts" if isinstance(subject, Fact) else "/answers",
    )


def _seen(draft: Revision | None) -> Seen:
    return Seen(draft.id, draft.edits) if draft else Seen()


def _text(subject: Subject, draft: Revision | None) -> str:
    return subject.written(draft.content) if draft else subject.spoken


def _read(subject: Subject, text: str) -> tuple[bool, Any]:
    """Return whether a text can be read, and what it then is."""
    try:
        return True, subject.read(text)
    except WritingError:
        return False, None


def _review_by(shelf: Shelf, subject: Subject, draft: Revision | None) -> str:
    if draft:
        return draft.review_by or ""
    found = shelf.published.get(subject.place)
    return (found.review_by if found else None) or ""


def _forms(subject: Subject) -> list[dict[str, Any]]:
    if not isinstance(subject, Text):
        return []
    return [
        {"name": form, "title": title, "here": form == subject.form}
        for form, title in FORMS.items()
    ]


def _spoken(request: Request, shelf: Shelf, subject: Subject) -> dict[str, Any]:
    found = shelf.published.get(subject.place)
    approval = subject.answer.approval if isinstance(subject, Text) else None
    readable, content = _read(subject, subject.spoken)
    return {
        "text": subject.spoken,
        "previews": subject.previews(content) if readable else [],
        "version": found.version if found else subject.version,
        "source": f"published {fragments_of(request).moment(found.at)['words']}"
        if found
        else _FILE,
        "by": shelf.names.get(found.approved_by, "staff")
        if found
        else (approval or {}).get("name"),
        "due": shelf.due(subject.place),
        "review_by": found.review_by if found else None,
    }


def _draft(request: Request, shelf: Shelf, draft: Revision | None) -> dict[str, Any] | None:
    return _revision(request, shelf, draft) if draft else None


def _revision(request: Request, shelf: Shelf, each: Revision) -> dict[str, Any]:
    return {
        "id": each.id,
        "state": each.state,
        "words": STATES[each.state],
        "version": each.version,
        "authors": ", ".join(shelf.names.get(who, "staff") for who in each.authors),
        "approved_by": shelf.names.get(each.approved_by or "", ""),
        "at": fragments_of(request).moment(each.at),
    }


def _may_approve(subject: Subject, draft: Revision | None, role: str, me: str) -> bool:
    if draft is None or draft.state != "submitted" or me in draft.authors:
        return False
    return role in revisions.APPROVERS[subject.crisis]


def _published(
    request: Request,
    shelf: Shelf,
    subject: Subject,
    row: dict[str, Any],
    past: list[dict[str, Any]],
    kept: list[Revision],
) -> dict[str, Any]:
    found = next((each for each in kept if each.id == row["revision_id"]), None)
    return {
        "at": fragments_of(request).moment(row["at"]),
        "by": shelf.names.get(row["by"], "staff"),
        "what": f"version {found.version}" if found else _FILE,
        "text": subject.written(found.content) if found else "",
        "now": row is past[0],
    }


def _ways_back(shelf: Shelf, subject: Subject, kept: list[Revision]) -> list[dict[str, Any]]:
    """Return what can be spoken again: all that was published before, and the file's own."""
    now = shelf.published.get(subject.place)
    found: list[dict[str, Any]] = [
        {"to": str(each.id), "title": f"version {each.version}"}
        for each in kept
        if each.state == "published" and (now is None or each.id != now.revision)
    ]
    return [*found, {"to": "file", "title": _FILE}] if now else found


def changes(before: str, after: str) -> Iterator[dict[str, str]]:
    """Return the lines of a text with what was added to them and taken from them."""
    one, other = before.splitlines(), after.splitlines()
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    for kind, start, end, begin, finish in matcher.get_opcodes():
        if kind == "equal":
            yield from ({"kind": "same", "text": line} for line in one[start:end])
            continue
        yield from ({"kind": "gone", "text": line} for line in one[start:end])
        yield from ({"kind": "new", "text": line} for line in other[begin:finish])
