"""Names: those that must be reached, and the own ones, which must lead here."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from desk import measuring
from supervisor.doctor import faults, reach
from supervisor.doctor.finding import Finding
from supervisor.doctor.installation import Installation

_LIMIT = 5.0


def check(installation: Installation) -> Iterator[Finding]:
    """Look up every name that is needed, each once."""
    for url in dict.fromkeys(installation.public_urls.values()):
        yield from _own(url)
    for each in dict.fromkeys(reach.needed(installation)):
        if not addresses(each.host):
            yield faults.HOST_UNKNOWN.found(host=each.host, purpose=each.purpose)
        elif not _is_reached(each.host, each.port):
            yield faults.HOST_UNREACHABLE.found(
                host=each.host, port=each.port, purpose=each.purpose
            )


def _own(url: str) -> Iterator[Finding]:
    host, port = measuring.address_of(url)
    found = addresses(host)
    if not found:
        yield faults.NAME_UNKNOWN.found(host=host)
    elif not any(_is_here(address) for address in found) and not _answers(host, port):
        # A router or a cloud may pass connections on: then the address is not this machine's, and
        # the desk answers there all the same.
        yield faults.NAME_ELSEWHERE.found(host=host, address=found[0])


def addresses(host: str) -> list[str]:
    """Return the addresses of a name, none where it is not known in time."""
    with suppress(ValueError):
        return [str(ipaddress.ip_address(host))]
    # The resolver has no limit of its own: its thread is left behind.
    pool = ThreadPoolExecutor(1, "doctor-dns")
    try:
        future = pool.submit(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(each[4][0]) for each in future.result(_LIMIT)))
    except (OSError, TimeoutError, UnicodeError):
        return []
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _is_here(address: str) -> bool:
    """Say whether an address is this machine's: only then can it be bound to."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with suppress(OSError), socket.socket(family) as trial:
        trial.bind((address, 0))
        return True
    return False


def _is_reached(host: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((host, port), _LIMIT):
        return True
    return False


def _answers(host: str, port: int) -> bool:
    """Say whether somebody who proves to have the name answers there."""
    context = ssl.create_default_context()
    with (
        suppress(OSError),
        socket.create_connection((host, port), _LIMIT) as plain,
        context.wrap_socket(plain, server_hostname=host),
    ):
        return True
    return False
