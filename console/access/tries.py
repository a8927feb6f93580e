"""Slows guessing down: how many passwords and codes may be tried, by account and by address.

Five an account and quarter of an hour: at six digits, with three codes right at any moment, that is
one chance in 700 a day for somebody who knows the password. What was typed as an email counts alike
whether there is such an account or not.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from sanic import Request

from console.access.settings import access_of
from console.databases import LIMIT, writer_of
from store import sign_in_tries

PER_ACCOUNT, PER_ADDRESS = 5, 50
_WINDOW = 15 * 60_000


@dataclass(frozen=True)
class Try:
    """A try that may be made."""

    numbers: list[int]
    account: str
    """The key under which the account's tries are counted."""


async def begin(request: Request, purpose: str, account: str) -> Try | None:
    """Count a try, and return it unless too many were made.

    Args:
        request: Where it comes from.
        purpose: "password" or "code".
        account: The email as typed, or the account's id.
    """
    access = access_of(request)
    mine = access.keyed(purpose, account.lower())
    limits = {mine: PER_ACCOUNT, access.keyed("address", _network(request)): PER_ADDRESS}
    now = access.clock()
    numbers = await writer_of(request).write(
        lambda c: sign_in_tries.take(c, limits, now, now - _WINDOW), limit=LIMIT
    )
    return None if numbers is None else Try(numbers, mine)


def _network(request: Request) -> str:
    """Return what counts as one address; whoever has IPv6 has a whole /64 to pick from."""
    try:
        address = ipaddress.ip_address(request.remote_addr or request.ip)
    except ValueError:
        return "unknown"
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
