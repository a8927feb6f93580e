"""pg_dump, pg_restore and psql: copy a PostgreSQL database out and in, as streams.

The password goes by the environment, never by the command line, which everybody on the machine can
read. What psql complains of may hold rows, so it is not shown.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import make_url

from setup import errors
from store.backup_file import BackupError
from supervisor.test import postgres_program


def _program(name: str) -> Path:
    program = postgres_program(name)
    if program is None:
        raise BackupError(errors.NO_PROGRAM.format(name=name))
    return program


def parameters(url: str) -> dict[str, str]:
    """Return a database's address as PostgreSQL's own programs name its parts."""
    address = make_url(url)
    parts = address.translate_connect_args(username="user", database="dbname")
    asked = {
        name: value if isinstance(value, str) else ",".join(value)
        for name, value in address.query.items()
    }
    return {**{name: str(value) for name, value in parts.items()}, **asked}


def _command(name: str, url: str, *options: str) -> tuple[list[str], dict[str, str]]:
    """Return a program's command line for a database, and its environment.

    Raises:
        BackupError: The program is not installed.
    """
    program = _program(name)
    given = parameters(url)
    password = given.pop("password", None)
    line = [str(program), *options, "--no-password", "--dbname", make_conninfo(**given)]
    return line, {**os.environ, **({"PGPASSWORD": password} if password else {})}


@contextmanager
def dumped(url: str) -> Iterator[BinaryIO]:
    """Give a database in pg_dump's own form, as it is at one moment; writers go on meanwhile.

    Args:
        url: Its address.

    Raises:
        BackupError: pg_dump is missing, or did not come to its end.
    """
    line, environment = _command("pg_dump", url, "--format=custom")
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=said, env=environment)
        try:
            yield _pipe(process.stdout)
        except BaseException:
            process.kill()
            raise
        finally:
            _pipe(process.stdout).close()
            code = process.wait()
        if code:
            said.seek(0)
            last = said.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise BackupError(errors.DUMP_FAILED.format(code=code, words=last))


def put_back(url: str, pieces: Iterable[bytes], tables: Iterable[str]) -> None:
    """Put a dump in the place of what a database holds: all of it, or nothing is changed.

    pg_restore writes the statements and psql does them, in a transaction that only the last line
    of ours ends: tables of a later release, which pg_restore does not know, must go in it, too.

    Args:
        url: The database's address.
        pieces: The dump. If it raises, nothing is changed.
        tables: Names of all tables that are ours, whether they are there or not.

    Raises:
        BackupError: A program is missing, or the server refused.
    """
    clean = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--file=-")
    write = [str(_program("pg_restore")), *clean]
    do, environment = _command("psql", url, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1")
    quiet: dict[str, Any] = {"stdin": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    begin = "".join(["BEGIN;\n", *(f'DROP TABLE IF EXISTS "{name}" CASCADE;\n' for name in tables)])
    with (
        subprocess.Popen(write, stdout=subprocess.PIPE, **quiet) as writer,
        subprocess.Popen(do, stdout=subprocess.DEVNULL, env=environment, **quiet) as doer,
        ThreadPoolExecutor(1, "dump") as thread,
    ):
        try:
            fed = thread.submit(_feed, _pipe(writer.stdin), pieces)
            _done(_pipe(doer.stdin), begin.encode(), _pipe(writer.stdout))
            fed.result()
            _end(writer, doer)
        except BaseException:
            # Without the last line the server undoes it all.
            writer.kill()
            doer.kill()
            with suppress(BrokenPipeError):
                _pipe(doer.stdin).close()
            raise


def _done(stdin: BinaryIO, begin: bytes, statements: BinaryIO) -> None:
    try:
        stdin.write(begin)
        shutil.copyfileobj(statements, stdin)
    except BrokenPipeError as problem:
        raise BackupError(errors.NOT_TAKEN) from problem


def _end(writer: subprocess.Popen[bytes], doer: subprocess.Popen[bytes]) -> None:
    """End the transaction, if all statements have come."""
    if writer.wait():
        raise BackupError(errors.NOT_TAKEN)
    with suppress(BrokenPipeError):
        doer.communicate(b"COMMIT;\n")
    if doer.wait():
        raise BackupError(errors.NOT_TAKEN)


def _feed(stdin: BinaryIO, pieces: Iterable[bytes]) -> None:
    # Whoever reads it has given up where the pipe is broken; its exit code says so.
    with suppress(BrokenPipeError), stdin:
        for piece in pieces:
            stdin.write(piece)


def _pipe(stream: IO[bytes] | None) -> BinaryIO:
    return cast(BinaryIO, stream)
