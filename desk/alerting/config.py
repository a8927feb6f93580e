"""Reads alerts.yml: where staff are told of alerts, how often again, and when the drill is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from center.rota import Rota
from desk import errors
from desk.alerting.duty import Duty, check_duty
from desk.alerting.place_reader import PlaceReader
from desk.alerting.places import Place
from desk.alerting.reading import complaint, read_yaml
from desk.errors import SettingsError
from desk.settings import Settings
from store.alert_places import DRILL_KIND
from store.reminders import Pace

_MINUTE = 60_000
_REPEAT = {"T0": 5, "T1": 5, "T2": 15, "other": 15}
_DRILL_AT = "10:00"
_USUAL = Pace({tier: minutes * _MINUTE for tier, minutes in _REPEAT.items()})


@dataclass(frozen=True)
class Alerting:
    """What alerts.yml says."""

    places: tuple[Place, ...] = ()
    pace: Pace = _USUAL
    drill_at: time | None = None
    """Time of day in the center's zone; None for no drill."""
    console_url: str = ""
    rota: Rota | None = None
    """Who of the places is told when; without one, all are told at once, at any time."""

    @property
    def kinds(self) -> dict[str, str]:
        """Kind by name of each place."""
        return {place.name: place.kind for place in self.places}

    @property
    def told_of(self) -> dict[str, Sequence[str]]:
        """Kinds of alerts by name, of places that are not told of all."""
        return {place.name: place.told_of for place in self.places if place.told_of is not None}

    @property
    def duty(self) -> Duty:
        """Who is responsible when."""
        return Duty(self.places, self.rota)


def load_alerting(
    settings: Settings, environment: Mapping[str, str], rota: Rota | None = None
) -> Alerting:
    """Return what alerts.yml says; without the file, alerts are shown on the staff page alone.

    Args:
        settings: Names the file, the secrets' folder and the staff's port.
        environment: Where secrets may be, such as os.environ.
        rota: The center's rota, whose places must be those of the file.

    Raises:
        SettingsError: Something is wrong; the message names file, key and remedy.
    """
    console = f"http://127.0.0.1:{settings.console_port}"
    path = settings.alerts_file
    if path is None:
        check_duty((), rota, "alerts.yml", settings.center_file.name)
        return Alerting(console_url=console)
    values = read_yaml(path)
    checker = jsonschema.Draft7Validator(_schema())
    for problem in sorted(checker.iter_errors(values), key=lambda e: list(map(str, e.path))):
        raise SettingsError(complaint(problem, path.name, _schema()))
    reader = PlaceReader(path.name, environment, settings.secrets)
    places = tuple(
        reader.place(name, of_kind) for name, of_kind in (values.get("places") or {}).items()
    )
    check_duty(places, rota, path.name, settings.center_file.name)
    repeat = {**_REPEAT, **(values.get("repeat") or {})}
    most = repeat.pop("most", None)
    if rota is not None and rota.most is not None:
        most = rota.most
    drill = values.get("drill_at", _DRILL_AT if places else False)
    if drill and places and not any(_takes_drills(place) for place in places):
        raise SettingsError(errors.NO_PLACE_FOR_DRILLS.format(file=path.name))
    return Alerting(
        places=places,
        pace=Pace({tier: int(minutes * _MINUTE) for tier, minutes in repeat.items()}, most),
        drill_at=time.fromisoformat(drill) if drill and places else None,
        console_url=values.get("console_url") or console,
        rota=rota,
    )


def _takes_drills(place: Place) -> bool:
    return place.told_of is None or DRILL_KIND in place.told_of


@lru_cache(maxsize=1)
def _schema() -> dict[str, Any]:
    path = Path(__file__).resolve().parent / "schema.yml"
    read: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return read
