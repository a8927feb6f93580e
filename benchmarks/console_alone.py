"""Serves the staff's console on a database, without desk and brain: what a benchmark asks."""

from __future__ import annotations

import sys

from sanic import Sanic

from console.access.settings import Access
from console.app import build_console
from supervisor.ports import LOOPBACK


def main(database_url: str, port: int) -> None:
    """Serve until ended."""
    console = build_console(database_url, Access(key=bytes(32), ports=[port]))
    console.prepare(host=LOOPBACK, port=port, single_process=True, access_log=False, motd=False)
    Sanic.serve_single(primary=console)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
