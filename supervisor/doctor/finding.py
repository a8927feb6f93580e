"""What the doctor finds: kinds of faults, how bad each is, and the remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supervisor.doctor.installation import Installation


class Level(IntEnum):
    """How bad it is; the exit code of the command is the worst one."""

    NOTE = 0
    """Nothing is wrong: something to remember."""
    WARNING = 1
    """It works, and will not for long, or is not as it should be."""
    BROKEN = 2
    """Something does not work, or people's words are not safe."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found; holds nobody's words and no secret."""

    fault: str
    """The name of its kind."""
    level: Level
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of fault; braces in its texts are filled in when it is found."""

    name: str
    level: Level
    what: str
    remedy: str

    def found(self, **facts: object) -> Finding:
        """Return a finding of this kind."""
        return Finding(
            self.name, self.level, self.what.format(**facts), self.remedy.format(**facts)
        )


Check = Callable[["Installation"], Iterable[Finding]]
"""Looks at one subject. Whatever it raises is told as something that could not be looked at."""
