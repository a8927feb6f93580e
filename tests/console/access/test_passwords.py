from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.access import errors
from console.access.passwords import LONGEST, SHORTEST, Passwords, trouble
from tests.console.entering import PASSWORD


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "Tr0ub4dor&3 and more",
        "мой длинный пароль",
        "密码密码很长很长而且不同字",
        "x9$kPq2!mmZ7",
    ],
)
def test_long_ones_are_taken_whatever_they_are_made_of(password: str) -> None:
    assert trouble(password, "Ana Diaz", "ana@example.org") is None


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("x" * (SHORTEST - 1), errors.TOO_SHORT),
        ("ab" * 200, errors.TOO_LONG),
        ("aaaaaaaaaaaaaa", errors.TOO_EASY),
        ("Password123456!", errors.TOO_EASY),
        ("123456789012", errors.TOO_EASY),
        ("qwertyuiop1234", errors.TOO_EASY),
        ("ana.diaz.2026!", errors.TOO_EASY),
        ("example.org.2026", errors.TOO_EASY),
        ("Ana-welcome-2026", errors.TOO_EASY),
    ],
)
def test_what_is_guessed_first_is_refused(password: str, words: str) -> None:
    assert trouble(password, "Ana Diaz", "ana@example.org") == words


@given(st.text(max_size=200), st.text(max_size=80))
def test_any_text_is_judged(password: str, name: str) -> None:
    found = trouble(password, name)
    assert found or SHORTEST <= len(password) <= LONGEST


async def test_hashes_are_argon2id_with_salt_and_fit_their_password_alone() -> None:
    passwords = Passwords()
    one, two = [await passwords.hashed(PASSWORD) for _ in range(2)]
    assert one != two
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.fits(one, PASSWORD)
    for kept, password in ((one, PASSWORD + " "), (None, PASSWORD), ("no hash", PASSWORD)):
        assert not await passwords.fits(kept, password)
    passwords.close()
