"""Telling staff: whether anybody is told, whether it arrives, whether it was tried lately."""

from __future__ import annotations

import math
from collections.abc import Iterator

from center.errors import CenterError
from center.facts import load_center
from desk import measuring
from desk.alerting.config import load_alerting
from desk.errors import SettingsError
from store import alert_lists
from supervisor.doctor import faults
from supervisor.doctor.finding import Finding
from supervisor.doctor.installation import Installation, age

_DRILL_DAYS = 2


def check(installation: Installation) -> Iterator[Finding]:
    """Look at alerts.yml, at the places, and at the last drill."""
    try:
        settings = installation.settings
        rota = load_center(settings.center_file, demo=settings.demo).rota
        alerting = load_alerting(settings, installation.environment, rota)
    except SettingsError as problem:
        yield faults.ALERTS_WRONG.found(problem=problem)
        return
    except CenterError:
        return  # The facts' own check says so.
    if not alerting.places:
        yield faults.NOBODY_TOLD.found()
        return
    if not installation.has_database:
        return
    names = {place.name for place in alerting.places}
    for row in installation.read(alert_lists.all_places):
        if row["failing_since"] is not None and row["name"] in names:
            since = age(installation.clock() - row["failing_since"] / 1000)
            yield faults.PLACE_FAILING.found(place=row["name"], age=since, why=row["trouble"])
    if alerting.drill_at is not None:
        yield from _drill(installation)


def _drill(installation: Installation) -> Iterator[Finding]:
    last, _ = installation.read(alert_lists.last_drills)
    first = measuring.began_at(installation.settings.state)
    since = installation.clock() - (last["began_at"] / 1000 if last else first or math.inf)
    if last and last["trouble"]:
        yield faults.DRILL_FAILED.found(why=last["trouble"])
    elif since > _DRILL_DAYS * 86_400:
        yield faults.DRILL_OLD.found(age=age(since))
