"""Ports of this machine."""

from __future__ import annotations

import socket

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as trial:
        trial.bind((LOOPBACK, 0))
        return int(trial.getsockname()[1])


def answers(address: str, port: int) -> bool:
    """Say whether somebody listens on a port. Unlike `is_free` it never holds the port itself."""
    everywhere = {"0.0.0.0": LOOPBACK, "::": "::1"}
    try:
        with socket.create_connection((everywhere.get(address, address), port), timeout=1):
            return True
    except OSError:
        return False


def is_free(address: str, port: int) -> bool:
    """Say whether a port can be listened on."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((address, port))
        except OSError:
            return False
    return True
