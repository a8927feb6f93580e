"""Texts: which ones nobody has approved, which are silent for it, which are overdue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from answers.catalogue import load_catalogue
from answers.editions import unapproved
from answers.errors import CatalogueError
from store import publications
from supervisor.doctor import faults
from supervisor.doctor.finding import Finding
from supervisor.doctor.installation import Installation, some


def check(installation: Installation) -> Iterator[Finding]:
    """Look at the catalogue as it is spoken now."""
    try:
        load_catalogue(installation.answers)
    except CatalogueError as problem:
        yield faults.ANSWERS_WRONG.found(problem=problem)
        return
    lines = installation.lines
    if lines is None:
        return
    answers = lines.catalogue.answers
    silent = sorted(
        name
        for name, answer in answers.items()
        if any(not answer.approved(form) for form in answer.texts)
        and (lines.withheld(name) or lines.withheld(name, "sms"))
    )
    if silent:
        yield faults.TEXTS_SILENT.found(count=len(silent), names=some(silent))
    if said := unapproved(lines.catalogue) - len(silent):
        yield faults.TEXTS_DRAFTS.found(count=said, all=len(answers))
    if overdue := _overdue(installation):
        yield faults.TEXTS_OVERDUE.found(count=len(overdue), names=some(overdue))


def _overdue(installation: Installation) -> list[str]:
    if not installation.has_database or installation.lines is None:
        return []
    zone = installation.lines.center.zone
    today = datetime.fromtimestamp(installation.clock(), zone).date().isoformat()
    published = installation.read(publications.everything)
    return sorted(
        {
            place.name
            for place, each in published.items()
            if each.review_by is not None and each.review_by < today
        }
    )
