"""The clock: whether something keeps it right, and whether others have the same time."""

from __future__ import annotations

import ctypes
import http.client
import ssl
from collections.abc import Iterator
from contextlib import suppress
from email.utils import parsedate_to_datetime

from supervisor.doctor import faults, reach
from supervisor.doctor.finding import Finding
from supervisor.doctor.installation import Installation

MOST_SECONDS = 30
"""Codes of a phone's app hold for 30 s (RFC 6238); the page takes the one before, too."""
_LIMIT = 5.0
_TIMEX_BYTES, _TIME_ERROR = 512, 5


def check(installation: Installation) -> Iterator[Finding]:
    """Ask the kernel, and those who must be reached anyway for their Date."""
    if kernel_state() == _TIME_ERROR:
        yield faults.CLOCK_UNKEPT.found()
    for needed in reach.needed(installation):
        seconds = _off(installation, needed) if needed.web else None
        if seconds is not None and abs(seconds) > MOST_SECONDS:
            yield faults.CLOCK_OFF.found(seconds=round(abs(seconds)), host=needed.host)
            return


def kernel_state() -> int:
    """Return how the kernel holds its clock (adjtimex(2)); 5 is "not synchronised"."""
    buffer = ctypes.create_string_buffer(_TIMEX_BYTES)
    return int(ctypes.CDLL(None, use_errno=True).adjtimex(buffer))


def _off(installation: Installation, needed: reach.Needed) -> float | None:
    """Return how many seconds this clock is ahead of a host's; None where it does not tell."""
    # Only the moment is read, with which nobody is harmed: a clock that is wrong makes
    # certificates look wrong.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection(
        needed.host, needed.port, timeout=_LIMIT, context=context
    )
    with suppress(OSError, http.client.HTTPException, ValueError, TypeError):
        try:
            connection.request("HEAD", "/")
            said = connection.getresponse().headers["Date"]
            return installation.clock() - parsedate_to_datetime(said).timestamp()
        finally:
            connection.close()
    return None
