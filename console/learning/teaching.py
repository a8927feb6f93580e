"""What is learned of corrections: offered, confirmed in the reviewer's own words, approved."""

from __future__ import annotations

from dataclasses import replace

from sanic import HTTPResponse, Request
from sanic.exceptions import NotFound
from sanic.response import redirect

from console.access import ROLES, current, may
from console.access.settings import access_of, field
from console.databases import LIMIT, database_of, writer_of
from console.inbox.listing import fragments_of
from console.learning import shown
from console.learning.reviewing import NOT_NOW, note_read
from console.learning.room import room_of
from console.rendering import page
from safety.meaning import TIER_OF
from safety.risk import ALARM_TIERS, CATEGORIES
from store import corrections, learned
from store import staff as accounts
from store.corrections import Corrected
from store.masking import masked

LONGEST = 400
"""Characters of an example."""
REVIEWERS = frozenset(role for role, allowed in ROLES.items() if "review" in allowed)
NO_TEXT = "Write what people may ask, in your own words."
IDENTIFIERS = "This holds what could identify a person. Leave it out."
KNOWN = "This is known already: “{text}”. Teach it all the same, or learn nothing from it."
NOT_YOURS = "Somebody else must approve a person's own words. Nothing was changed."
ALARMING = [code for code, tier in TIER_OF.items() if tier in ALARM_TIERS]


@may("review")
async def listing(request: Request) -> HTTPResponse:
    """Show corrections that nothing was learned of yet; that somebody has read them is noted."""
    await note_read(request, "corrections")
    return await _page(request)


async def _page(
    request: Request,
    *,
    status: int = 200,
    wrong: str = "",
    place: tuple[str, int] | None = None,
    known: bool = False,
) -> HTTPResponse:
    found = await database_of(request).read(corrections.to_teach, limit=LIMIT)
    rows = [shown.corrected(each) for each in found]
    wanted = [
        (row["offered"], each.correction.intents[0] if _learns(each) else "")
        for row, each in zip(rows, found, strict=True)
    ]
    for row, hint in zip(rows, await room_of(request).known(request, wanted), strict=True):
        row["hint"] = hint
    for row in rows:
        if place == (row["id"], row["seq"]):
            row |= {"wrong": wrong, "offered": field(request, "text") or row["offered"]}
            row["again"] = known
            wrong = ""
    return page(
        request,
        "learning/teach.html",
        status=status,
        items=rows,
        wrong=wrong,
        begin="next" in request.args,
        categories={code: CATEGORIES[code] for code in ALARMING},
        longest=LONGEST,
        path="/review",
    )


def _learns(each: Corrected) -> bool:
    return len(each.correction.intents) == 1


@may("review")
async def teach(request: Request, conversation: str, seq: int) -> HTTPResponse:
    """Confirm a correction, with an example or without."""
    who, now = current(request).id, access_of(request).clock()
    place = conversation, seq
    found = await database_of(request).read(lambda c: corrections.one(c, *place), limit=LIMIT)
    if found is None:
        raise NotFound
    if field(request, "do") == "nothing":
        done = await writer_of(request).write(
            lambda c: corrections.learn_nothing(c, *place, who, now), limit=LIMIT
        )
        return _back() if done else await _page(request, status=409, wrong=NOT_NOW)
    found, text = _with_category(request, found), learned.clean(field(request, "text"))[:LONGEST]
    wrong = _wrong(text)
    if wrong:
        return await _page(request, status=422, wrong=wrong, place=place)
    if _learns(found) and field(request, "do") != "anyway":
        intent = found.correction.intents[0]
        (same,) = await room_of(request).known(request, [(text, intent)])
        if same is not None:
            words = KNOWN.format(text=same)
            return await _page(request, status=422, wrong=words, place=place, known=True)
    made = await writer_of(request).write(
        lambda c: learned.teach(c, found, text, who, now), limit=LIMIT
    )
    return _back() if made else await _page(request, status=409, wrong=NOT_NOW)


def _with_category(request: Request, found: Corrected) -> Corrected:
    chosen = field(request, "category")
    if found.correction.kind != "missed_crisis" or chosen not in ALARMING:
        return found
    return replace(found, correction=replace(found.correction, category=chosen))


def _wrong(text: str) -> str:
    if not text:
        return NO_TEXT
    return IDENTIFIERS if masked(text) != text else ""


def _back() -> HTTPResponse:
    return redirect("/review/teach?next=1", status=303)


@may("review")
async def examples(request: Request) -> HTTPResponse:
    """Show what was taught; that somebody has read it is noted."""
    await note_read(request, "examples")
    return await _examples(request)


async def _examples(request: Request, *, status: int = 200, wrong: str = "") -> HTTPResponse:
    me, now = current(request).id, access_of(request).clock()
    found, names, alone = await database_of(request).read(
        lambda c: (
            (every := learned.everything(c)),
            accounts.names(c),
            {
                each.id
                for each in every
                if each.purpose is None and learned.may_alone(c, each, now, REVIEWERS)
            },
        ),
        limit=LIMIT,
    )
    moment = fragments_of(request).moment
    rows = [shown.example(each, names, moment) for each in found]
    for row in rows:
        row["may_approve"] = not row["purpose"] and (row["by_id"] != me or row["id"] in alone)
    return page(
        request,
        "learning/examples.html",
        status=status,
        waiting=[row for row in rows if not row["purpose"]],
        taught=[row for row in rows if row["purpose"]],
        wrong=wrong,
        enough=learned.ENOUGH,
        path="/review",
    )


@may("review")
async def approve(request: Request, number: int) -> HTTPResponse:
    """Approve an example in a person's own words that a colleague has taught."""
    who, now = current(request).id, access_of(request).clock()
    done = await writer_of(request).write(
        lambda c: learned.approve(c, number, who, now, REVIEWERS), limit=LIMIT
    )
    if done is None:
        return await _examples(request, status=409, wrong=NOT_YOURS)
    return redirect("/review/examples", status=303)


@may("review")
async def remove(request: Request, number: int) -> HTTPResponse:
    """Remove an example; a model that was trained from it is replaced."""
    who, now = current(request).id, access_of(request).clock()
    done = await writer_of(request).write(
        lambda c: learned.remove(c, number, who, now), limit=LIMIT
    )
    if not done:
        raise NotFound
    return redirect("/review/examples", status=303)
