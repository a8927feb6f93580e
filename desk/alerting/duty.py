"""Who is responsible now: the center's rota, laid over the places of alerts.yml."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from datetime import datetime, timezone

from center.rota import Rota, Step, on_duty, told
from desk import errors
from desk.alerting.places import Place
from desk.errors import SettingsError
from store.alert_places import Audience

_CRISIS = "crisis"


class Duty:
    """Says who is told when. A place that the rota does not name is told at once, at any time."""

    def __init__(self, places: Sequence[Place], rota: Rota | None) -> None:
        """Lay a rota over places; without one all are told at once, at any time."""
        self._places, self._rota = places, rota
        named = rota.places if rota else frozenset()
        self._always = {place.name: 0 for place in places if place.name not in named}

    def after(self, now: int) -> dict[str, int]:
        """Return who is told at a moment (milliseconds), each after how many minutes.

        The minutes are those without an answer. Places that are left out are not told.
        """
        if self._rota is None:
            return self._always
        return {**self._always, **_minutes(told(self._rota, _moment(now)))}

    def responsible(self, now: int) -> frozenset[str] | None:
        """Return the places of those on duty at a moment; None without a rota: nobody knows."""
        if self._rota is None:
            return None
        return frozenset(_minutes(on_duty(self._rota, _moment(now))))

    def audience(self, now: int) -> Audience:
        """Return who is told of what at a moment, for when the database cannot say."""
        after = self.after(now)
        return Audience(
            tuple(
                (
                    place.name,
                    None if place.told_of is None else frozenset(place.told_of),
                    after.get(place.name),
                )
                for place in self._places
            )
        )


def check_duty(places: Sequence[Place], rota: Rota | None, file: str, center: str) -> None:
    """Check that the rota's places are there, and that a crisis is always told to somebody at once.

    Args:
        places: The places of alerts.yml.
        rota: The center's rota, or None.
        file: alerts.yml's name, for the message.
        center: center.yml's name, for the message.

    Raises:
        SettingsError: They do not fit together; the message says what to do.
    """
    names = [place.name for place in places]
    for name in sorted(rota.places if rota else ()):
        if name not in names:
            near = difflib.get_close_matches(name, names, 1)
            hint = f" (did you mean `{near[0]}`?)" if near else ""
            raise SettingsError(
                errors.ROTA_UNKNOWN_PLACE.format(center=center, place=name, file=file, hint=hint)
            )
    named = rota.places if rota else frozenset()
    takes = {place.name for place in places if place.told_of is None or _CRISIS in place.told_of}
    if not places or takes - named:
        return
    for when, first in _times(rota):
        if not takes.intersection(first):
            raise SettingsError(errors.NO_PLACE_FOR_CRISES.format(file=file, when=when))


def _times(rota: Rota | None) -> list[tuple[str, Sequence[str]]]:
    """Return who is told at once, in words when and by name."""
    if rota is None:
        return [("at any time", ())]
    times: list[tuple[str, Sequence[str]]] = [
        (f"in the shift `rota.shifts.{number}`", shift.steps[0].places)
        for number, shift in enumerate(rota.shifts)
    ]
    if rota.fallback:
        times.append(("when nobody is on duty (`rota.fallback`)", rota.fallback))
    return times


def _minutes(steps: Sequence[Step]) -> dict[str, int]:
    return {place: step.after for step in steps for place in step.places}


def _moment(now: int) -> datetime:
    return datetime.fromtimestamp(now / 1000, timezone.utc)
