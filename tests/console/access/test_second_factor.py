from __future__ import annotations

import re

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.access import errors, second_factor
from console.access.settings import Access
from store import recovery_codes
from store import staff as accounts
from tests.console.access.test_sign_in import deeds, with_password
from tests.console.entering import MINUTE, PASSWORD, SECRET, Staff

STEP = 30_000


async def half(staff: Staff, *, factor: bool = True) -> str:
    """Show the password, and return the account's id."""
    ana = await staff.account(factor=factor)
    await with_password(staff, staff.email(ana))
    return ana.id


async def show(staff: Staff, code: str) -> tuple[int, str]:
    return await staff.form("/sign-in/code", "/sign-in/code", code=code)


async def test_a_code_works_once(staff: Staff) -> None:
    who, code = await half(staff), staff.code()
    assert "Sign out" in (await show(staff, code))[1]
    await staff.be(who, complete=False)
    status, page = await show(staff, code)
    assert (status, errors.WRONG_CODE in page) == (401, True)
    assert (who, "sign-in failed", "code") in await deeds(staff)
    staff.clock.pass_(STEP)
    assert "Sign out" in (await show(staff, staff.code()))[1]


async def test_once_a_later_code_was_used_an_earlier_one_is_not_taken(staff: Staff) -> None:
    who, early = await half(staff), staff.code(-1)
    await show(staff, staff.code())
    await staff.be(who, complete=False)
    assert (await show(staff, early))[0] == 401


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 200), (0, 200), (1, 200), (2, 401)])
async def test_a_clock_may_be_one_step_off(staff: Staff, steps: int, status: int) -> None:
    await half(staff)
    assert (await show(staff, staff.code(steps)))[0] == status


async def test_a_code_may_be_typed_in_groups(staff: Staff) -> None:
    await half(staff)
    code = staff.code()
    assert (await show(staff, f" {code[:3]} {code[3:]} "))[0] == 200


async def test_the_sixth_code_is_refused_even_if_right_and_in_a_new_session(staff: Staff) -> None:
    who = await half(staff)
    for _ in range(5):
        assert (await show(staff, "000000"))[0] == 401
    await staff.be(who, complete=False)
    status, page = await show(staff, staff.code())
    assert (status, errors.TOO_MANY in page) == (429, True)
    staff.clock.pass_(15 * MINUTE)
    await staff.be(who, complete=False)
    assert (await show(staff, staff.code()))[0] == 200


async def test_the_second_factor_is_waited_for_ten_minutes(staff: Staff) -> None:
    await half(staff)
    staff.clock.pass_(10 * MINUTE - 1)
    assert (await staff.get("/sign-in/code"))[0] == 200
    staff.clock.pass_(1)
    assert (await staff.get("/sign-in/code"))[0] == 401


async def test_the_password_alone_replaces_no_phone(staff: Staff) -> None:
    who = await half(staff)
    before = await staff.database.read(lambda c: accounts.second_factor_of(c, who))
    assert "QR" not in (await staff.get("/second-factor"))[1]
    for code in ("000000", staff.code()):
        page = (await staff.form("/sign-in/code", "/second-factor", code=code))[1]
        assert "<svg" not in page
    assert before == await staff.database.read(lambda c: accounts.second_factor_of(c, who))
    assert "Second factor" in (await staff.get("/"))[1]


async def test_set_up_shows_picture_and_key_and_takes_a_code_of_it(staff: Staff) -> None:
    who = await half(staff, factor=False)
    _, page = await staff.get("/second-factor")
    assert "<svg" in page
    secret = re.search(r'class="secret">([^<]+)<', page)
    assert secret
    assert (await staff.get("/second-factor"))[1] == page
    key = secret[1].replace(" ", "")
    assert (await staff.form("/second-factor", "/second-factor", code="123456"))[0] == 422
    code = pyotp.TOTP(key).at(staff.clock() // 1000)
    status, page = await staff.form("/second-factor", "/second-factor", code=code)
    codes = re.findall(r"<li><code>([^<]+)<", page)
    assert (status, len(set(codes))) == (200, 10)
    stored = await staff.database.read(lambda c: accounts.second_factor_of(c, who)) or ""
    assert key not in stored
    assert second_factor.decrypted(staff.access, who, stored) == key
    assert (await staff.get("/"))[0] == 200
    await staff.be(who, complete=False)
    assert (await show(staff, code))[0] == 401


async def with_codes(staff: Staff) -> list[str]:
    who, codes = await half(staff), second_factor.new_recovery_codes()
    digests = [second_factor.recovery_digest(staff.access, who, code) for code in codes]
    await staff.database.write(lambda c: recovery_codes.replace(c, who, digests))
    return codes


async def test_a_recovery_code_works_once(staff: Staff) -> None:
    code = (await with_codes(staff))[0]
    who = staff.people[0].id
    typed = code.upper().replace("-", " ")
    assert (await staff.form("/sign-in/code", "/sign-in/code", recovery=typed))[0] == 200
    assert (await deeds(staff))[0] == (who, "signed in", "recovery code")
    assert await staff.database.read(lambda c: recovery_codes.left(c, who)) == 9
    await staff.be(who, complete=False)
    status, page = await staff.form("/sign-in/code", "/sign-in/code", recovery=code)
    assert (status, errors.WRONG_RECOVERY in page) == (401, True)


async def test_a_recovery_code_is_of_use_to_its_owner_alone(staff: Staff) -> None:
    codes = await with_codes(staff)
    eve = await staff.account("agent", "Eve Ex")
    await staff.be(eve.id, complete=False)
    assert (await staff.form("/sign-in/code", "/sign-in/code", recovery=codes[0]))[0] == 401


async def test_recovery_codes_are_guessed_no_faster_than_codes(staff: Staff) -> None:
    codes = await with_codes(staff)
    for _ in range(5):
        await staff.form("/sign-in/code", "/sign-in/code", recovery="aaaa-bbbb-cccc")
    assert (await staff.form("/sign-in/code", "/sign-in/code", recovery=codes[0]))[0] == 429
    assert (await show(staff, staff.code()))[0] == 429


async def test_with_another_key_the_page_says_what_to_do(staff: Staff) -> None:
    who = await half(staff)
    other = second_factor.encrypted(Access(key=b"\1" * 32), who, SECRET)
    await staff.database.write(lambda c: accounts.set_second_factor(c, who, other))
    status, page = await show(staff, staff.code())
    assert status == 409
    assert "make reset-staff" in page


def test_a_stored_secret_is_of_no_use_to_another_account() -> None:
    access = Access(key=bytes(32))
    stored = second_factor.encrypted(access, "one", SECRET)
    assert second_factor.decrypted(access, "one", stored) == SECRET
    assert second_factor.decrypted(access, "two", stored) is None


@given(st.text())
def test_no_other_text_is_a_code(code: str) -> None:
    step = second_factor.step_of(SECRET, code, 1_795_579_500_000)
    if step is not None:
        assert pyotp.HOTP(SECRET).at(step) == "".join(code.split())


@pytest.mark.parametrize("password", [PASSWORD])
async def test_recovery_codes_are_stored_as_keyed_hashes(staff: Staff, password: str) -> None:
    codes = await with_codes(staff)
    stored = await staff.database.read(
        lambda c: c.exec_driver_sql("select digest from recovery_codes").scalars().all()
    )
    assert not {code.replace("-", "") for code in codes} & set(stored)
    other = Access(key=b"\1" * 32)
    assert second_factor.recovery_digest(other, staff.people[0].id, codes[0]) not in stored
