"""`python -m desk.main`: serves visitors and, on a port of its own, staff, in one process.

The one place that knows both desk and console; they themselves meet only in the store.
"""

from __future__ import annotations

import errno
import gc
import logging
import os
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

from sanic import Sanic

from answers.editions import unapproved
from answers.errors import CatalogueError
from center.checklist import checklist_of
from center.errors import CenterError
from console.access import links
from console.access.settings import Access
from console.app import build_console
from desk import admission, errors, service
from desk.app import App, build_app
from desk.errors import SettingsError
from desk.keys import signing_keys
from desk.metrics import port as metrics
from desk.parts import Parts, load_parts
from desk.settings import Settings, load_settings
from monitoring import log_lines
from safety.data import SafetyDataError
from store.database import Database
from store.errors import StoreError

logger = logging.getLogger(__name__)

CONSOLE_HOST = "127.0.0.1"
_STAFF_CONNECTIONS = 1_000
_GIVEN_UP = 5.0
"""Seconds that systemd may take to let a socket go."""
_SWITCH = 0.0005
"""Seconds for which a thread may hold Python from another one. By default it is ten times as long:
an answer that waited while the log was written came a tenth later."""
_LIVING = "living"
"""The task that tells systemd that the desk lives."""
EXIT_SETTINGS, EXIT_PORT, EXIT_STORE = 2, 3, 4


def announce(line: str) -> None:
    """Tell an address to whoever started the desk; the only thing it prints."""
    if log_lines.in_use() == "json":
        logger.info("%s", line)
        return
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to end.

    Returns:
        0; 2 when a setting or file is wrong, 3 when a port is taken, 4 when the log's database
        cannot be used.
    """
    log_lines.begin("desk", "plain")
    # A library's log lines may hold addresses or values of requests.
    logging.getLogger("sanic").setLevel(logging.CRITICAL)
    try:
        settings = load_settings(sys.argv[1:] if arguments is None else arguments, os.environ)
        log_lines.begin("desk", settings.log_format)
        kept = service.kept_sockets()
        visitors = _socket("IOP_PORT", settings.host, settings.port, kept)
        staff = _socket("IOP_CONSOLE_PORT", CONSOLE_HOST, settings.console_port, kept)
        for other in kept.values():
            service.give_up(other)
        metrics.listen(settings.metrics_port)
    except SettingsError as problem:
        sys.stderr.write(f"{problem}\n")
        return EXIT_SETTINGS
    except OSError as problem:
        sys.stderr.write(f"{problem}\n")
        return EXIT_PORT
    try:
        _serve(settings, visitors, staff)
    except (SettingsError, CenterError, CatalogueError, SafetyDataError) as problem:
        sys.stderr.write(f"{problem}\n")
        return EXIT_SETTINGS
    except StoreError as problem:
        # Not a thing to mend in a file: the supervisor tries again, the server may come back.
        sys.stderr.write(f"{problem}\n")
        return EXIT_STORE
    return 0


def _serve(settings: Settings, visitors: socket.socket, staff: socket.socket) -> None:
    room = admission.raise_file_limit() - _STAFF_CONNECTIONS
    settings = replace(settings, connections=max(16, min(settings.connections, room)))
    sys.setswitchinterval(_SWITCH)
    parts = load_parts(settings)
    # What was loaded stays for good: searching it for garbage would hold up a message now and then.
    gc.collect()
    gc.freeze()
    access = _access(parts)
    app = build_app(parts)
    console = build_console(
        settings.database, access, checklist=checklist_of(parts.center), state=settings.state
    )

    if settings.metrics_port:
        _tell_figures(app)

    @app.after_server_start
    async def tell(_: App) -> None:
        address = settings.public_url or f"http://{_shown(settings.host)}:{settings.port}"
        announce(f"Visitors: {address}/")
        announce(await _staff_line(settings, access))
        announce(_told(parts))
        announce(_unapproved(parts))
        app.add_task(service.live(), name=_LIVING)

    @app.before_server_stop
    async def lives_no_more(app: App) -> None:
        await app.cancel_task(_LIVING, raise_exception=False)

    each = settings.connections_address
    admission.guard(console, most=_STAFF_CONNECTIONS, each=each, proxies=settings.proxies)
    _prepare(console, staff)
    _prepare(app, visitors)
    Sanic.serve_single(primary=app)


def _tell_figures(app: App) -> None:
    figures = ExitStack()

    @app.after_server_start
    async def begin(app: App) -> None:
        figures.enter_context(metrics.of_desk(app.ctx.desk))

    @app.before_server_stop
    async def end(_: App) -> None:
        figures.close()


def _prepare(app: App, listener: socket.socket) -> None:
    admission.prepare(listener)
    app.prepare(
        sock=listener,
        single_process=True,
        access_log=False,
        motd=False,
        protocol=admission.Connection,
        backlog=admission.BACKLOG,
    )


def _access(parts: Parts) -> Access:
    settings, console_url = parts.settings, parts.alerting.console_url
    return Access(
        key=bytes.fromhex(signing_keys(settings.state / "console.keys")[-1]),
        ports=[settings.console_port],
        # Links on plain http lead to this machine, or through a tunnel to it, under its own name.
        url=console_url if console_url.startswith("https://") else "",
        issuer=parts.center.name,
        proxies=settings.proxies,
    )


async def _staff_line(settings: Settings, access: Access) -> str:
    database = Database(settings.database)
    try:
        printed = await database.write(lambda c: links.at_start(c, access))
    finally:
        database.close()
    address = access.url or f"http://{CONSOLE_HOST}:{settings.console_port}"
    if printed.once:
        minutes = access.first_link // 60_000
        return f"Staff, once, within {minutes} minutes: {address}{printed.path}"
    return f"Staff: {address}{printed.path}"


def _told(parts: Parts) -> str:
    names = ", ".join(place.name for place in parts.alerting.places)
    if not names:
        return "Alerts: on the staff page alone, since alerts.yml names no place."
    return f"Alerts: on the staff page, and to {names}."


def _unapproved(parts: Parts) -> str:
    catalogue = parts.lines.catalogue
    count, every = unapproved(catalogue), len(catalogue.answers)
    if not count:
        return f"Texts: all {every} are approved."
    return f"Texts: {count} of {every} are not approved; staff approve them under Answers."


def _shown(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::") else host


def _socket(
    variable: str, host: str, port: int, kept: dict[service.Address, socket.socket]
) -> socket.socket:
    """Return a socket that listens, so that a taken port is known before anything else is done.

    Args:
        variable: The setting, for messages.
        host: Where it is to listen.
        port: Where it is to listen.
        kept: Those from before this start; one of this address is taken out.

    Raises:
        SettingsError: The machine has no such address.
        OSError: The port is taken; the message says what to do.
    """
    name = "The visitors' page" if variable == "IOP_PORT" else "The staff's page"
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as problem:
        raise SettingsError(errors.NO_ADDRESS.format(name=name, host=host)) from problem
    if place in kept:
        return kept.pop(place)
    before = [address for address in kept if address[1] == place[1]]
    for other in before:
        # It would stand in the way of the new one, which is kept under the same name.
        service.give_up(kept.pop(other))
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        _bind(listener, place, _GIVEN_UP if before else 0.0)
        # From now on whoever comes waits for the start instead of being refused.
        listener.listen(1024)
    except OSError as problem:
        listener.close()
        if problem.errno == errno.EADDRNOTAVAIL:
            raise SettingsError(errors.NO_ADDRESS.format(name=name, host=host)) from problem
        message = errors.PORT_TAKEN.format(name=name, port=port, host=host, variable=variable)
        raise OSError(message) from problem
    service.keep(listener)
    return listener


def _bind(listener: socket.socket, place: service.Address, patience: float) -> None:
    """Bind a socket; where systemd still lets another one go, within so many seconds."""
    end = time.monotonic() + patience
    while True:
        try:
            listener.bind(place)
        except OSError as problem:
            if problem.errno != errno.EADDRINUSE or time.monotonic() >= end:
                raise
            time.sleep(0.05)
        else:
            return


if __name__ == "__main__":
    sys.exit(main())
