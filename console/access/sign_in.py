"""The pages on which staff sign in: password, second factor, and a locked session's password."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect

from console.access import errors, second_factor, tries, visits
from console.access.forms import public_page
from console.access.marks import half, locked, own_session, public, signed_in
from console.access.passwords import Passwords
from console.access.settings import access_of, clean, field, own_path
from console.databases import LIMIT, database_of, writer_of
from console.rendering import page
from store import audit, recovery_codes, sign_in_tries
from store import staff as accounts
from store.staff import Account

_EMAIL_LONGEST = 254


def routes() -> Blueprint:
    """Return the routes of signing in and out."""
    pages = Blueprint("console_sign_in")
    pages.add_route(ask, "/sign-in", methods=["GET"])
    pages.add_route(sign_in, "/sign-in", methods=["POST"], name="sign_in")
    pages.add_route(ask_code, "/sign-in/code", methods=["GET"])
    pages.add_route(take_code, "/sign-in/code", methods=["POST"], name="take_code")
    pages.add_route(unlock, "/unlock", methods=["POST"])
    pages.add_route(leave, "/leave", methods=["POST"])
    return pages


def passwords_of(request: Request) -> Passwords:
    """Return what hashes and checks passwords."""
    passwords: Passwords = request.app.ctx.passwords
    return passwords


@public
async def ask(request: Request) -> HTTPResponse:
    """Ask for email and password."""
    return public_page(request, "access/sign_in.html", back="/")


@public
async def sign_in(request: Request) -> HTTPResponse:
    """Check email and password; says the same, after the same work, whoever it is asked for."""
    email, back = clean(field(request, "email"))[:_EMAIL_LONGEST], field(request, "back")
    attempt = await tries.begin(request, "password", email)
    if attempt is None:
        return _again(request, email, back, errors.TOO_MANY, 429)
    account = await _known(request, email, field(request, "password"))
    if account is None:
        return _again(request, email, back, errors.NOT_KNOWN, 401)
    return await visits.begin_half(
        request,
        account.id,
        lambda c: sign_in_tries.give_back(c, attempt.numbers, attempt.account),
        back,
    )


def _again(request: Request, email: str, back: str, words: str, status: int) -> HTTPResponse:
    values = {"email": email, "back": own_path(back), "errors": {"form": words}}
    return public_page(request, "access/sign_in.html", status=status, **values)


async def _known(request: Request, email: str, password: str) -> Account | None:
    """Return whose email and password it is; a closed account is nobody's."""
    account, kept = await database_of(request).read(
        lambda c: accounts.credentials(c, email), limit=LIMIT
    )
    fits = await passwords_of(request).fits(kept, password)
    if account is None or not fits:
        who, now = account.id if account else None, access_of(request).clock()
        await writer_of(request).write(
            lambda c: audit.note(c, who, "sign-in failed", detail="password", at=now), limit=LIMIT
        )
        return None
    if kept and passwords_of(request).outdated(kept):
        anew = await passwords_of(request).hashed(password)
        await writer_of(request).write(
            lambda c: accounts.set_password(c, account.id, anew), limit=LIMIT
        )
    return account


async def password_wrong(request: Request) -> str | None:
    """Return what is wrong with the password that whoever is signed in has typed once more."""
    email = own_session(request).account.email
    attempt = await tries.begin(request, "password", email)
    if attempt is None:
        return errors.TOO_MANY
    if await _known(request, email, field(request, "password")) is None:
        return errors.NOT_YOURS
    await writer_of(request).write(
        lambda c: sign_in_tries.give_back(c, attempt.numbers, attempt.account), limit=LIMIT
    )
    return None


@half
async def ask_code(request: Request) -> HTTPResponse:
    """Ask for the second factor."""
    if not own_session(request).account.has_second_factor:
        return redirect("/second-factor", status=303)
    return page(request, "access/code.html", back=own_path(request.args.get("back") or "/"))


@half
async def take_code(request: Request) -> HTTPResponse:
    """Check a code of the app, or a recovery code; each is taken once."""
    account, back = own_session(request).account, own_path(field(request, "back"))
    by_recovery = bool(field(request, "recovery"))
    attempt = await tries.begin(request, "code", account.id)
    if attempt is None:
        return _code_again(request, "recovery" if by_recovery else "code", errors.TOO_MANY, 429)
    answer = redirect(back, status=303)
    take = _take_recovery if by_recovery else _take_step
    done = await take(request, account, attempt, answer)
    return done or await _code_refused(request, account, by_recovery)


async def _take_step(
    request: Request, account: Account, attempt: tries.Try, answer: HTTPResponse
) -> HTTPResponse | None:
    access = access_of(request)
    stored = await database_of(request).read(
        lambda c: accounts.second_factor_of(c, account.id), limit=LIMIT
    )
    secret = second_factor.decrypted(access, account.id, stored) if stored else None
    if secret is None:
        return _code_again(request, "code", errors.NO_KEY, 409) if stored else None
    step = second_factor.step_of(secret, field(request, "code"), access.clock())
    if step is None:
        return None
    return await visits.complete(
        request,
        answer,
        lambda c: (
            accounts.use_step(c, account.id, step)
            and sign_in_tries.give_back(c, attempt.numbers, attempt.account)
        ),
        "code",
    )


async def _take_recovery(
    request: Request, account: Account, attempt: tries.Try, answer: HTTPResponse
) -> HTTPResponse | None:
    access = access_of(request)
    key = second_factor.recovery_digest(access, account.id, field(request, "recovery"))
    return await visits.complete(
        request,
        answer,
        lambda c: (
            recovery_codes.use(c, account.id, key, access.clock())
            and sign_in_tries.give_back(c, attempt.numbers, attempt.account)
        ),
        "recovery code",
    )


async def _code_refused(request: Request, account: Account, by_recovery: bool) -> HTTPResponse:
    now, name = access_of(request).clock(), "recovery" if by_recovery else "code"
    await writer_of(request).write(
        lambda c: audit.note(c, account.id, "sign-in failed", detail=name, at=now), limit=LIMIT
    )
    words = errors.WRONG_RECOVERY if by_recovery else errors.WRONG_CODE
    return _code_again(request, name, words, 401)


def _code_again(request: Request, name: str, words: str, status: int) -> HTTPResponse:
    values = {"back": own_path(field(request, "back")), "errors": {name: words}}
    return page(request, "access/code.html", status=status, **values)


@locked
async def unlock(request: Request) -> HTTPResponse:
    """Take the password of whoever's session is locked, and lead back to where they were."""
    account, back = own_session(request).account, own_path(field(request, "back"))
    if wrong := await password_wrong(request):
        return _locked_again(request, account, wrong, 429 if wrong == errors.TOO_MANY else 401)
    return await visits.unlock(request, redirect(back, status=303))


def _locked_again(request: Request, account: Account, words: str, status: int) -> HTTPResponse:
    values = {"back": own_path(field(request, "back")), "errors": {"password": words}}
    return page(request, "access/locked.html", status=status, whose=account, **values)


@signed_in
async def leave(request: Request) -> HTTPResponse:
    """End the session."""
    answer = public_page(request, "access/sign_in.html", back="/", signed_out=True)
    return await visits.leave(request, answer)
