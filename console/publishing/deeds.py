"""What is done to a text or fact: written, submitted, approved, published, rolled back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from sanic import HTTPResponse, Request
from sanic.response import redirect
from sqlalchemy import Connection

from answers.writing import LONGEST, WritingError
from console.access import current, may
from console.access.refusals import not_allowed
from console.access.settings import access_of, digits, field
from console.databases import LIMIT, writer_of
from console.publishing.shelf import Shelf
from console.publishing.subjects import Subject
from console.publishing.view import Posted, show, subject_of
from console.publishing.wording import FORBIDDEN, NO_DAY, REFUSALS, SAME, TOO_LONG
from store import revisions
from store.revisions import Refusal, Revision, Seen, Written

Deed = Callable[[Connection, Seen, str, int], "Refusal | None"]


@may("read")
async def look(request: Request, name: str) -> HTTPResponse:
    """Show a form of an answer; the address names which one."""
    shelf, subject = await subject_of(request, name, request.args.get("form", "web"))
    return await show(request, shelf, subject)


@may("read")
async def look_at_fact(request: Request, name: str) -> HTTPResponse:
    """Show a fact."""
    shelf, subject = await subject_of(request, name, None)
    return await show(request, shelf, subject)


@may("edit")
async def save(request: Request, name: str, form: str | None = None) -> HTTPResponse:
    """Check, keep or submit what somebody has written, as the pressed button says."""
    shelf, subject = await subject_of(request, name, form)
    do = field(request, "do")
    text = field(request, "text").replace("\r\n", "\n")
    posted = Posted(text, field(request, "review_by").strip(), _seen(request), checked=True)
    wrong, content = _read(subject, posted)
    if wrong:
        return await show(request, shelf, subject, status=422, wrong=wrong, posted=posted)
    problems = tuple(subject.problems(content))
    posted = replace(posted, problems=problems)
    if do == "check":
        return await show(request, shelf, subject, posted=posted)
    if do == "submit" and problems:
        return await show(request, shelf, subject, status=422, posted=posted)
    if do == "submit" and _is_approved(shelf, subject, posted):
        return await show(request, shelf, subject, status=422, wrong=SAME, posted=posted)
    written = Written(
        subject.place, content, subject.crisis, subject.version, posted.review_by or None
    )
    return await _keep(request, subject, written, posted, submits=do == "submit")


def _read(subject: Subject, posted: Posted) -> tuple[str, object]:
    """Return what keeps it from being read, and what was written."""
    if len(posted.text) > LONGEST:
        return TOO_LONG.format(longest=LONGEST), None
    if posted.review_by and not _is_day(posted.review_by):
        return NO_DAY, None
    try:
        return "", subject.read(posted.text)
    except WritingError as wrong:
        return str(wrong), None


def _is_day(written: str) -> bool:
    try:
        return date.fromisoformat(written).isoformat() == written
    except ValueError:
        return False


def _is_approved(shelf: Shelf, subject: Subject, posted: Posted) -> bool:
    """Whether nothing would change: the words are spoken already, approved, until the same day."""
    found = shelf.published.get(subject.place)
    same = found is not None and subject.written(found.content) == posted.text.strip()
    return same and (found.review_by or "") == posted.review_by if found else False


async def _keep(
    request: Request, subject: Subject, written: Written, posted: Posted, *, submits: bool
) -> HTTPResponse:
    who, now = current(request).id, access_of(request).clock()

    def work(c: Connection) -> Refusal | None:
        kept = revisions.save(c, written, who, now, posted.seen)
        if not isinstance(kept, Revision):
            return kept
        return revisions.submit(c, Seen(kept.id, kept.edits), who, now) if submits else None

    refusal = await writer_of(request).write(work, limit=LIMIT)
    if refusal is None:
        return redirect(subject.page, status=303)
    shelf, subject = await subject_of(request, subject.place.name, _form(subject))
    words, stale = REFUSALS[refusal], refusal == "stale"
    return await show(request, shelf, subject, status=409, wrong=words, posted=posted, stale=stale)


def _form(subject: Subject) -> str | None:
    return getattr(subject, "form", None)


def _seen(request: Request) -> Seen:
    return Seen(_number(request, "id"), _number(request, "edits"))


def _number(request: Request, name: str) -> int:
    return digits(field(request, name), 15) or 0


async def _do(request: Request, name: str, form: str | None, deed: Deed) -> HTTPResponse:
    _, subject = await subject_of(request, name, form)
    seen, who, now = _seen(request), current(request).id, access_of(request).clock()

    def work(c: Connection) -> Refusal | None:
        found = revisions.one(c, seen.id)
        # An address does to its own text alone what it does.
        if found is None or found.place != subject.place:
            return "gone"
        return deed(c, seen, who, now)

    return await _answered(request, subject, await writer_of(request).write(work, limit=LIMIT))


async def _answered(request: Request, subject: Subject, refusal: Refusal | None) -> HTTPResponse:
    if refusal is None:
        return redirect(subject.page, status=303)
    shelf, subject = await subject_of(request, subject.place.name, _form(subject))
    status = 403 if refusal in FORBIDDEN else 409
    return await show(request, shelf, subject, status=status, wrong=REFUSALS[refusal])


@may("approve")
async def approve(request: Request, name: str, form: str | None = None) -> HTTPResponse:
    """Approve what somebody else has written."""
    return await _approve(request, name, form)


@may("approve_crisis")
async def approve_crisis(request: Request, name: str, form: str | None = None) -> HTTPResponse:
    """Approve, as a clinician, what is said in a crisis."""
    return await _approve(request, name, form)


async def _approve(request: Request, name: str, form: str | None) -> HTTPResponse:
    role = current(request).role
    return await _do(
        request, name, form, lambda c, seen, who, at: revisions.approve(c, seen, who, role, at)
    )


@may("read")
async def send_back(request: Request, name: str, form: str | None = None) -> HTTPResponse:
    """Make a draft again of what was submitted: for whoever edits, and whoever approves."""
    _, subject = await subject_of(request, name, form)
    me = current(request)
    if not (me.may("edit") or me.may("approve_crisis" if subject.crisis else "approve")):
        return not_allowed(request)
    return await _do(request, name, form, revisions.send_back)


@may("edit")
async def drop(request: Request, name: str, form: str | None = None) -> HTTPResponse:
    """Give up a draft."""
    return await _do(request, name, form, revisions.drop)


@may("publish")
async def publish(request: Request, name: str, form: str | None = None) -> HTTPResponse:
    """Have it spoken."""
    return await _do(request, name, form, revisions.publish)


@may("publish")
async def roll_back(request: Request, name: str, form: str | None = None) -> HTTPResponse:
    """Have spoken again what was before."""
    _, subject = await subject_of(request, name, form)
    to = None if field(request, "to") == "file" else _number(request, "to")
    who, now = current(request).id, access_of(request).clock()
    refusal = await writer_of(request).write(
        lambda c: revisions.roll_back(c, subject.place, to, who, now), limit=LIMIT
    )
    return await _answered(request, subject, refusal)


HANDLERS = {
    "save": save,
    "approve": approve,
    "send-back": send_back,
    "drop": drop,
    "publish": publish,
    "roll-back": roll_back,
}
"""By the last word of their addresses."""
