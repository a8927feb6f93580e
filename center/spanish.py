"""Days, hours and moments as they are said in Spanish."""

from __future__ import annotations

from datetime import datetime, time

DAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
_MONTHS = (
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
).split()


def clock(moment: time) -> str:
    """Return a time of day with its article: "las 9 am", "la 1:30 pm"."""
    hour = moment.hour % 12 or 12
    minutes = f":{moment.minute:02d}" if moment.minute else ""
    return f"{'la' if hour == 1 else 'las'} {hour}{minutes} {'am' if moment.hour < 12 else 'pm'}"


def date_of(moment: datetime) -> str:
    """Return a day with its date: "el lunes 7 de diciembre"."""
    return f"el {DAYS[moment.weekday()]} {moment.day} de {_MONTHS[moment.month - 1]}"


def days_of(first: int, last: int) -> str:
    """Return days in a row (0 is Monday): "lunes", "lunes a jueves"."""
    return DAYS[first] if first == last else f"{DAYS[first]} a {DAYS[last]}"
