"""A PostgreSQL server of the tests' own: in a temporary folder, on a free port, ended with them.

PostgreSQL refuses to run as root, so it then runs as the user that Debian's package brings.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from supervisor.ports import free_port
from supervisor.processes import end_with_parent
from supervisor.test import postgres_program

NOT_THERE = "PostgreSQL is not installed: `make test` installs it, or `apt-get install postgresql`."
_START_LIMIT = 30.0


def is_installed() -> bool:
    """Say whether the machine has PostgreSQL."""
    return postgres_program("initdb") is not None


class PostgresServer:
    """A server, with a database of its own for each test."""

    def __init__(self, folder: Path) -> None:
        """Prepare a server in a folder that its user can enter."""
        self._folder, self._data = folder, folder / "data"
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            self._user = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        self.port = free_port()
        self._made = 0
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the cluster and start it."""
        self._run("initdb", "-D", self._data, "-U", "tests", "-A", "trust", "-E", "UTF8", "-N")
        self.run_server()

    def run_server(self) -> None:
        """Start the server on its port."""
        program = postgres_program("postgres")
        # Tests do not survive a loss of power, so they need not wait for the disk (-F).
        words = [program, "-D", self._data, "-p", self.port, "-h", "127.0.0.1", "-k", self._folder]
        with (self._folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [*map(str, words), "-F"],
                cwd=self._folder,
                stdout=log,
                stderr=log,
                preexec_fn=end_with_parent,
                **self._user,
            )
        until = time.monotonic() + _START_LIMIT
        while not self._answers():
            assert self._server.poll() is None, (self._folder / "log").read_text("utf-8", "replace")
            assert time.monotonic() < until
            # Not a wait for luck: the server is asked again until it answers.
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """End the server at once, as a crash would."""
        if self._server:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait()

    @contextmanager
    def away(self) -> Iterator[None]:
        """End the server as a crash would, and start it again after the block whatever happens."""
        self.stop()
        try:
            yield
        finally:
            self.run_server()

    def _run(self, name: str, *arguments: object) -> None:
        program = postgres_program(name)
        assert program
        done = subprocess.run(
            [str(program), *map(str, arguments)],
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
            **self._user,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def url(self, name: str) -> str:
        """Return the address of a database."""
        return f"postgresql://tests@127.0.0.1:{self.port}/{name}"

    def new_database(self) -> str:
        """Make an empty database and return its address."""
        self._made += 1
        name = f"test{self._made}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Run a server as long as the block does."""
    folder = Path(tempfile.mkdtemp(prefix="iop-postgres-"))
    server = PostgresServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
