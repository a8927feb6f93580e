"""How the desk talks with systemd, where that runs it; elsewhere nothing here does anything.

systemd is told when the desk is ready and that it lives (sd_notify(3)). It also keeps listening
sockets while the desk starts again (sd_pid_notify_with_fds(3)): whoever comes meanwhile waits
instead of being refused.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Sequence
from contextlib import suppress

_FIRST = 3
"""The number of the first descriptor that systemd hands over."""
_SETTLING = 0.2
Address = tuple[object, ...]


def notify(*lines: str, sockets: Sequence[socket.socket] = ()) -> None:
    """Tell systemd something; where nobody listens it is lost.

    Args:
        lines: NAME=VALUE, as sd_notify(3) lists them.
        sockets: To be kept, with FDSTORE=1 among the lines.
    """
    place = os.environ.get("NOTIFY_SOCKET", "")
    if not place:
        return
    # A name that begins with @ is of Linux's abstract kind.
    address = "\0" + place[1:] if place.startswith("@") else place
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to, suppress(OSError):
        to.connect(address)
        socket.send_fds(to, ["\n".join(lines).encode()], [each.fileno() for each in sockets])


def kept_sockets() -> dict[Address, socket.socket]:
    """Take over the sockets that systemd has kept, by the address that they listen on."""
    if os.environ.pop("LISTEN_PID", "") != str(os.getpid()):
        return {}
    count = int(os.environ.pop("LISTEN_FDS", "0"))
    found = [socket.socket(fileno=number) for number in range(_FIRST, _FIRST + count)]
    for each in found:
        each.set_inheritable(False)
    return {each.getsockname(): each for each in found}


def keep(listener: socket.socket) -> None:
    """Have systemd keep a socket that listens."""
    notify("FDSTORE=1", f"FDNAME={_name(listener.getsockname())}", "FDPOLL=0", sockets=[listener])


def give_up(listener: socket.socket) -> None:
    """Close a socket that was kept for an address that nobody wants any more."""
    notify("FDSTOREREMOVE=1", f"FDNAME={_name(listener.getsockname())}")
    listener.close()


def _name(address: Address) -> str:
    return f"port-{address[1]}"


def _pause() -> float | None:
    """Return the seconds between signs of life that systemd asks for; None where it does not."""
    asked = os.environ.get("WATCHDOG_USEC", "")
    return int(asked) / 1_000_000 / 3 if asked else None


async def live() -> None:
    """Tell systemd that the desk is ready, and then that its event loop turns.

    A desk that hangs is started again.
    """
    # Sanic loses a signal to end that comes before its loop runs for good, moments from now.
    await asyncio.sleep(_SETTLING)
    notify("READY=1")
    pause = _pause()
    while pause is not None:
        notify("WATCHDOG=1")
        await asyncio.sleep(pause)
