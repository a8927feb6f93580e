"""What a platform says of how it is set up; Twilio is a real server that takes its own token."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from desk.credentials import OURS
from tests.desk.channels.test_checking import HOOK, NUMBER, SID, Account
from tests.supervisor.doctor.clinic import Clinic


@pytest.fixture
def account() -> Iterator[Account]:
    made = Account()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def texting(clinic: Clinic, account: Account) -> Clinic:
    """A clinic that is reached by text."""
    sms = {
        "account_sid_from": "TWILIO_SID",
        "auth_token_from": "TWILIO_TOKEN",
        "number": NUMBER,
        "api_url": account.url,
    }
    clinic.edit("credentials.yml", **{OURS: {"sms": sms}})
    clinic.environment |= {
        "IOP_PUBLIC_URL": HOOK.removesuffix("/webhooks/sms"),
        "IOP_PROXIES": "1",
        "TWILIO_SID": SID,
        "TWILIO_TOKEN": "token",
    }
    return clinic


def test_texts_that_are_set_up_have_no_fault(texting: Clinic) -> None:
    assert texting.findings("channels") == {}


def test_an_account_that_twilio_does_not_take_is_found(texting: Clinic) -> None:
    texting.environment["TWILIO_TOKEN"] = "another"
    found = texting.findings("channels")
    assert found.keys() == {"channel-incomplete"}
    assert "both of the same account" in found["channel-incomplete"].what
    assert "make channels" in found["channel-incomplete"].remedy


def test_a_number_that_leads_elsewhere_is_found(texting: Clinic, account: Account) -> None:
    account.hook = "https://elsewhere.example.org/"
    found = texting.findings("channels")
    assert found.keys() == {"channel-incomplete"}
    assert HOOK in found["channel-incomplete"].what
