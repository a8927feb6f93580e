"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Report:
    """Problems fail the check; warnings are shown; the summary says what was looked at."""

    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    summary: str = ""
