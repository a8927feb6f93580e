"""The page on which a second factor is set up, and the one that shows the recovery codes once."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect
from sqlalchemy import Connection

from console.access import errors, second_factor, tries, visits
from console.access.marks import half, own_session
from console.access.settings import access_of, field
from console.rendering import page
from store import audit, recovery_codes, sign_in_tries
from store import staff as accounts
from store.staff_sessions import Session


def routes() -> Blueprint:
    """Return the routes of the set-up."""
    pages = Blueprint("console_set_up")
    pages.add_route(show, "/second-factor", methods=["GET"])
    pages.add_route(take, "/second-factor", methods=["POST"], name="take")
    return pages


@half
async def show(request: Request) -> HTTPResponse:
    """Show the secret, as a picture and in letters."""
    session = own_session(request)
    if session.account.has_second_factor:
        # Whoever knows the password alone must not put a phone of their own in place of ours.
        return redirect("/sign-in/code", status=303)
    return _form(request, session)


def _form(request: Request, session: Session, status: int = 200, **wrong: str) -> HTTPResponse:
    access = access_of(request)
    secret = second_factor.pending_secret(access, session.digest)
    return page(
        request,
        "access/set_up.html",
        status=status,
        picture=second_factor.picture(access, secret, session.account.email),
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        errors=wrong,
    )


@half
async def take(request: Request) -> HTTPResponse:
    """Keep the secret once a code shows that the phone has it; then show the recovery codes."""
    session, access = own_session(request), access_of(request)
    if session.account.has_second_factor:
        return redirect("/sign-in/code", status=303)
    who = session.account.id
    attempt = await tries.begin(request, "code", who)
    if attempt is None:
        return _form(request, session, 429, code=errors.TOO_MANY)
    secret = second_factor.pending_secret(access, session.digest)
    step = second_factor.step_of(secret, field(request, "code"), access.clock())
    if step is None:
        return _form(request, session, 422, code=errors.WRONG_CODE)
    codes = second_factor.new_recovery_codes()
    digests = [second_factor.recovery_digest(access, who, code) for code in codes]

    def keep(c: Connection) -> bool:
        if accounts.second_factor_of(c, who):
            return False
        accounts.set_second_factor(c, who, second_factor.encrypted(access, who, secret))
        recovery_codes.replace(c, who, digests)
        audit.note(c, who, "second factor set up", who, at=access.clock())
        sign_in_tries.give_back(c, attempt.numbers, attempt.account)
        return accounts.use_step(c, who, step)

    answer = page(request, "access/recovery.html", codes=codes, first=True)
    done = await visits.complete(request, answer, keep, "second factor set up")
    return done or redirect("/sign-in/code", status=303)
