"""Ports and processes: who answers where, and what can be reached from outside."""

from __future__ import annotations

import json
import tarfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from setup.learned_models import folder_of, in_use
from store import models_in_use
from supervisor.doctor import faults
from supervisor.doctor.finding import Fault, Finding
from supervisor.doctor.installation import Installation
from supervisor.doctor.sockets import Listener, listeners, open_files, process_of, program_of

_LIMIT = 5.0
_ABOUT = "metadata.json"
"""In a model's file, what Rasa says of it."""
_SPARE_FILES = 512
"""Beside connections: files of the database, the search index, what is being sent."""


def check(installation: Installation) -> Iterator[Finding]:
    """Look at the ports, and at what answers there."""
    settings = installation.settings
    alive = _asked(f"{settings.own_url}/healthz")
    yield from _desk(installation, alive)
    yield from _console(settings.console_port)
    yield from _brain(installation.brain_port)
    if settings.metrics_port:
        found = listeners(settings.metrics_port)
        yield from _exposed(faults.METRICS_OPEN, settings.metrics_port, found)
    if alive == {"alive": True}:
        yield from _readiness(installation)


def _desk(installation: Installation, alive: object) -> Iterator[Finding]:
    port, found = installation.settings.port, listeners(installation.settings.port)
    if not found:
        yield faults.DESK_SILENT.found(port=port)
        return
    if alive != {"alive": True}:
        program = program_of(found[0])
        yield faults.PORT_TAKEN.found(port=port, program=program, variable="IOP_PORT")
        return
    yield from _exposed(faults.DESK_OPEN, port, found)
    number = process_of(found[0])
    if number is not None:
        used, most = open_files(number)
        needed = installation.settings.connections + _SPARE_FILES
        if most < needed or used > most * 0.8:
            yield faults.FILES_FEW.found(limit=most, needed=max(needed, 2 * used))


def _console(port: int) -> Iterator[Finding]:
    found = listeners(port)
    if not found:
        yield faults.CONSOLE_SILENT.found(port=port)
    yield from _exposed(faults.CONSOLE_OPEN, port, found)


def _brain(port: int) -> Iterator[Finding]:
    found = listeners(port)
    if not found:
        yield faults.BRAIN_SILENT.found(port=port)
    yield from _exposed(faults.BRAIN_OPEN, port, found)


def _exposed(fault: Fault, port: int, found: list[Listener]) -> Iterator[Finding]:
    outside = next((each for each in found if each.outside), None)
    if outside is not None:
        program = program_of(outside)
        yield fault.found(port=port, address=outside.address, program=program)


def _readiness(installation: Installation) -> Iterator[Finding]:
    ready = _asked(f"{installation.settings.own_url}/readyz")
    if not isinstance(ready, dict):
        return
    # Where nobody listens that was told already.
    if not ready.get("brain") and listeners(installation.brain_port):
        yield faults.BRAIN_NOT_READY.found()
    if not ready.get("database"):
        yield faults.NOT_WRITABLE.found()
    file, running = _wanted_model(installation), ready.get("model")
    if file is not None and running and running != model_id(file):
        yield faults.MODEL_OTHER.found(wanted=file.name.removesuffix(".tar.gz"))


def _wanted_model(installation: Installation) -> Path | None:
    """Return the file of the model that is to answer."""
    accepted = None
    if installation.has_database:
        accepted = installation.read(lambda c: models_in_use.current(c).model)
    return in_use(accepted, folder_of(installation.settings.state))


def model_id(file: Path) -> str | None:
    """Return the id that Rasa has given a model, under which it answers; None where none is found.

    Raises:
        OSError: The file cannot be read.
    """
    with tarfile.open(file) as packed:
        for member in packed:
            content = packed.extractfile(member) if member.name.endswith(_ABOUT) else None
            if content is not None:
                return str(json.load(content).get("model_id"))
    return None


def _asked(url: str) -> Any:
    """Return the JSON that is answered under an address of this machine; None for none."""
    # Whatever proxy the environment names, this machine is asked directly.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=_LIMIT) as answer:
            return json.loads(answer.read(65_536))
    except urllib.error.HTTPError as refused:
        try:
            return json.loads(refused.read(65_536))
        except ValueError:
            return None
    except (OSError, ValueError):
        return None
