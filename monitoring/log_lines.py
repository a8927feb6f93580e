"""How a log line looks, in every process: plain words in a terminal, else one JSON object a line.

What people write must not be in it, nor any secret. So of libraries' lines only logger, level and
place are kept, since their words may hold anything that they were given; of an error only its
class and its places, since its message may hold a person's words; and of further values only those
of the list below.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from monitoring import trace

Form = Literal["plain", "json"]
VARIABLE = "IOP_LOG_FORMAT"
FORMS: tuple[Form, ...] = ("plain", "json")
OURS = frozenset(
    "__main__ actions answers brain center console desk language monitoring safety setup store "
    "supervisor".split()
)
"""Rooms whose own lines are known to hold nothing of anybody."""
FIELDS = ("channel", "outcome", "milliseconds", "status", "call")
"""Values that a line may have besides its words (`extra=`)."""
LEFT_OUT = "A line of a library; its words are left out, since they may hold a person's."
_PLACES = 6
_begun: list[tuple[str, Form]] = []
"""Process and form that the lines were last begun with."""


def places(found: TracebackType | None) -> list[str]:
    """Return where an error came up, the innermost place first, without the lines themselves."""
    frames = traceback.extract_tb(found)[-_PLACES:]
    return [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames)]


def is_ours(record: logging.LogRecord) -> bool:
    """Say whether a line is the project's own."""
    return record.name.split(".")[0] in OURS


class Lines(logging.Formatter):
    """Makes lines of records."""

    def __init__(self, process: str, form: Form, *, of_libraries: bool = False) -> None:
        """Write lines of one process.

        Args:
            process: Its name: desk, brain, supervisor.
            form: How a line looks.
            of_libraries: Whether libraries' words are kept: only as long as nobody writes yet.
        """
        super().__init__()
        self._process, self._form, self._of_libraries = process, form, of_libraries

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        values = self._values(record)
        if self._form == "json":
            return json.dumps(values, ensure_ascii=False, default=str)
        line = f"{record.levelname} {record.name}: {values['message']}"
        error, found = values.get("error"), values.get("trace")
        if error:
            line += f" {error} at {' < '.join(values['places'])}"
        return f"{line} [{found}]" if found else line

    def _values(self, record: logging.LogRecord) -> dict[str, Any]:
        moment = datetime.fromtimestamp(record.created, timezone.utc)
        values: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": self._words(record),
            "trace": getattr(record, "trace", None) or trace.current(),
            "process": self._process,
        }
        values.update({name: getattr(record, name) for name in FIELDS if hasattr(record, name)})
        kind, _, found = record.exc_info or (None, None, None)
        if kind is not None:
            values.update(error=kind.__name__, places=places(found))
        return values

    def _words(self, record: logging.LogRecord) -> str:
        if is_ours(record) or self._of_libraries:
            return record.getMessage()
        return f"{LEFT_OUT} ({record.module}:{record.lineno} {record.funcName})"


_FOR_DEVELOPERS = "py.warnings"


class _Level(logging.Filter):
    """Lets through our own lines from one level on, and libraries' warnings, whatever they set.

    What Python warns of is for whoever develops a library.
    """

    def __init__(self, ours: int) -> None:
        super().__init__()
        self._ours = ours

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == _FOR_DEVELOPERS:
            return False
        return record.levelno >= (self._ours if is_ours(record) else logging.WARNING)


def chosen(environment: Mapping[str, str]) -> Form:
    """Return the form that the environment asks for; plain unless it says json."""
    return "json" if environment.get(VARIABLE) == "json" else "plain"


def in_use() -> Form:
    """Return the form of this process's lines."""
    return _begun[-1][1] if _begun else "plain"


def hush() -> None:
    """Keep no words of libraries from now on: people write. Where nothing was begun, do nothing."""
    for process, form in tuple(_begun):
        begin(process, form)


def begin(process: str, form: Form, *, of_libraries: bool = False) -> None:
    """Write log lines to standard error from now on, in place of whatever was set up before.

    Args:
        process: The process's name.
        form: How a line looks; with json there is also a line for each turn.
        of_libraries: Whether libraries' words are kept: only as long as nobody writes yet.
    """
    _begun[:] = [(process, form)]
    ours = logging.INFO if form == "json" else logging.WARNING
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(process, form, of_libraries=of_libraries))
    handler.addFilter(_Level(ours))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(ours)
    # Lines of whoever has a handler of their own would pass this one by.
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    if form == "json":
        logging.captureWarnings(True)
        sys.excepthook = _unhandled


def _unhandled(
    kind: type[BaseException], error: BaseException, found: TracebackType | None
) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        logging.getLogger("__main__").critical("Ended by an error.", exc_info=(kind, error, found))
