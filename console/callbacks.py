"""The calls that people have asked for, as tasks; and answers that nobody has read yet."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timezone
from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sanic.exceptions import NotFound
from sanic.response import redirect

from center.calling import plan_again
from console import callback_view as view
from console.access import current, may
from console.access.settings import access_of, field
from console.databases import LIMIT, database_of, writer_of
from console.inbox.listing import fragments_of
from console.rendering import page
from store import audit, callback_tasks, unread
from store import staff as accounts
from store.callback_tasks import NO_ANSWER, OUTCOMES, Task
from store.errors import StoreError

_DAY = 86_400_000
_UNREAD_DAYS, _ON_ITS_WAY = 14, 2 * 60_000
_ONE = "/callbacks/<number:whole>"
_NOT_YOURS = "This call is not yours, or it is over. Nothing was changed."


def routes() -> Blueprint:
    """Return the routes under /callbacks."""
    calls = Blueprint("console_callbacks")
    calls.add_route(listing, "/callbacks", methods=["GET"])
    calls.add_route(anew, "/callbacks/anew", methods=["GET"], name="anew")
    calls.add_route(show, _ONE, methods=["GET"], name="show")
    calls.add_route(take, f"{_ONE}/take", methods=["POST"])
    calls.add_route(let_go, f"{_ONE}/let-go", methods=["POST"])
    calls.add_route(reveal, f"{_ONE}/number", methods=["POST"], name="reveal")
    calls.add_route(end, f"{_ONE}/outcome", methods=["POST"])
    return calls


@may("callbacks")
async def listing(request: Request) -> HTTPResponse:
    """Show what is to be done, what was done, and which answers were not read."""
    return await _list(request)


@may("callbacks", by_itself=True)
async def anew(request: Request) -> HTTPResponse:
    """Show the same to a page that asks by itself, which keeps no session open."""
    return await _list(request)


async def _list(request: Request) -> HTTPResponse:
    now = access_of(request).clock()
    waiting, done, left, names = await database_of(request).read(
        lambda c: (
            callback_tasks.waiting(c),
            callback_tasks.done(c),
            unread.listed(c, after=now - _UNREAD_DAYS * _DAY, before=now - _ON_ITS_WAY),
            accounts.names(c),
        ),
        limit=LIMIT,
    )
    moment = fragments_of(request).moment
    lines = [view.line(task, names, now, moment) for task in waiting]
    return page(
        request,
        "callbacks/list.html",
        waiting=lines,
        overdue=sum(line["overdue"] for line in lines),
        done=[view.line(task, names, now, moment) for task in done],
        unread=[view.unread(each, now, moment) for each in left],
        path="/callbacks",
    )


@may("callbacks")
async def show(request: Request, number: int) -> HTTPResponse:
    """Show one task: what makes the call safe, and then who may see the number."""
    answer = await _task_page(request, number)
    me, now = current(request).id, access_of(request).clock()
    # Staff must see a task even while the database takes no writes.
    with suppress(StoreError):
        await writer_of(request).write(
            lambda c: _noted(c, me, "callback read", number, now), limit=LIMIT
        )
    return answer


async def _task_page(request: Request, number: int, status: int = 200, **more: Any) -> HTTPResponse:
    task, names = await database_of(request).read(
        lambda c: (callback_tasks.by_id(c, number), accounts.names(c)), limit=LIMIT
    )
    if task is None:
        raise NotFound
    me, now = current(request), access_of(request).clock()
    return page(
        request,
        "callbacks/task.html",
        status=status,
        task=view.line(task, names, now, fragments_of(request).moment),
        safety=view.safety(task),
        mine=task.taken_by == me.id and task.done_at is None,
        outcomes=view.OUTCOMES,
        **more,
    )


@may("callbacks")
async def take(request: Request, number: int) -> HTTPResponse:
    """Take a task, or take it over from a colleague."""
    me, now = current(request).id, access_of(request).clock()
    over = field(request, "over") == "1"
    action = "callback taken over" if over else "callback taken"
    taken = await writer_of(request).write(
        lambda c: (
            callback_tasks.take(c, number, me, now, over=over)
            and _noted(c, me, action, number, now)
        ),
        limit=LIMIT,
    )
    return _back(number) if taken else await _refused(request, number)


@may("callbacks")
async def let_go(request: Request, number: int) -> HTTPResponse:
    """Give a task back to the list."""
    me, now = current(request).id, access_of(request).clock()
    free = await writer_of(request).write(
        lambda c: (
            callback_tasks.let_go(c, number, me, now)
            and _noted(c, me, "callback let go", number, now)
        ),
        limit=LIMIT,
    )
    return _back(number) if free else await _refused(request, number)


@may("callbacks")
async def reveal(request: Request, number: int) -> HTTPResponse:
    """Show name and number to whoever has the task; that they were shown is noted first."""
    me, now = current(request).id, access_of(request).clock()

    def read(c: Any) -> tuple[str, str] | None:
        found = callback_tasks.whom(c, number, me)
        if found:
            _noted(c, me, "callback number shown", number, now)
        return found

    found = await writer_of(request).write(read, limit=LIMIT)
    if found is None:
        return await _refused(request, number)
    # Not a redirect: a number is in no address, and the next page hides it again.
    return await _task_page(request, number, name=found[0], phone=view.phone(found[1]))


@may("callbacks")
async def end(request: Request, number: int) -> HTTPResponse:
    """Note what came of a call."""
    me, now, outcome = current(request).id, access_of(request).clock(), field(request, "outcome")
    if outcome not in OUTCOMES:
        return await _task_page(request, number, 422, wrong="Choose what came of the call.")
    task = await database_of(request).read(lambda c: callback_tasks.by_id(c, number), limit=LIMIT)
    if task is None:
        raise NotFound
    again = _again(request, task, now)
    noted = await writer_of(request).write(
        lambda c: (
            (
                callback_tasks.try_again(c, number, me, now, **again)
                if outcome == NO_ANSWER
                else callback_tasks.end(c, number, me, now, outcome)
            )
            and _noted(c, me, "callback outcome", number, now, outcome)
        ),
        limit=LIMIT,
    )
    return redirect("/callbacks", status=303) if noted else await _refused(request, number)


def _again(request: Request, task: Task, now: int) -> dict[str, int]:
    moment = datetime.fromtimestamp(now / 1000, timezone.utc)
    found = plan_again(fragments_of(request).center.hours, task.best_time or "", moment)
    return {
        "start_at": int(found.start.timestamp() * 1000),
        "due_at": int(found.due.timestamp() * 1000),
    }


def _noted(
    connection: Any, who: str, action: str, number: int, at: int, detail: str | None = None
) -> bool:
    audit.note(connection, who, action, f"callback {number}", detail, at=at)
    return True


async def _refused(request: Request, number: int) -> HTTPResponse:
    return await _task_page(request, number, 409, wrong=_NOT_YOURS)


def _back(number: int) -> HTTPResponse:
    return redirect(f"/callbacks/{number}", status=303)
