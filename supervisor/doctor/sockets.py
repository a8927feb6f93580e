"""Who listens on this machine, as Linux tells it; nothing is sent to anybody."""

from __future__ import annotations

import ipaddress
import os
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_LISTENS = "0A"
_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_PROC = Path("/proc")
UNKNOWN = "its name is hidden from this user"


@dataclass(frozen=True)
class Listener:
    """A socket that waits for connections."""

    address: str
    inode: str

    @property
    def outside(self) -> bool:
        """Whether other machines can reach it."""
        found = ipaddress.ip_address(self.address)
        mapped = getattr(found, "ipv4_mapped", None)
        return not (mapped or found).is_loopback


def listeners(port: int) -> list[Listener]:
    """Return who listens on a port; raises OSError where there is no /proc/net."""
    found = []
    for table in _TABLES:
        if table == _TABLES[1] and not table.exists():
            continue
        for line in table.read_text("ascii").splitlines()[1:]:
            fields = line.split()
            address, _, number = fields[1].partition(":")
            if fields[3] == _LISTENS and int(number, 16) == port:
                found.append(Listener(_address(address), fields[9]))
    return found


def _address(hexadecimal: str) -> str:
    # Words of four bytes, each in the order of this machine.
    words = [int(hexadecimal[at : at + 8], 16) for at in range(0, len(hexadecimal), 8)]
    raw = b"".join(struct.pack("=I", word) for word in words)
    return socket.inet_ntop(socket.AF_INET if len(raw) == 4 else socket.AF_INET6, raw)


def process_of(listener: Listener) -> int | None:
    """Return the number of the process that has a socket, where this user may know it."""
    wanted = f"socket:[{listener.inode}]"
    for folder in _PROC.glob("[0-9]*/fd"):
        with suppress(OSError):
            if any(os.readlink(entry) == wanted for entry in folder.iterdir()):
                return int(folder.parent.name)
    return None


def program_of(listener: Listener) -> str:
    """Return the name of the program that has a socket."""
    number = process_of(listener)
    with suppress(OSError):
        if number is not None:
            return (_PROC / str(number) / "comm").read_text("utf-8", "replace").strip()
    return UNKNOWN


def open_files(number: int) -> tuple[int, int]:
    """Return how many files a process has open, and how many it may; raises OSError."""
    limits = (_PROC / str(number) / "limits").read_text("ascii").splitlines()
    (line,) = (line for line in limits if line.startswith("Max open files"))
    soft = line.split()[3]
    most = int(soft) if soft.isdigit() else 1 << 30
    return sum(1 for _ in (_PROC / str(number) / "fd").iterdir()), most
