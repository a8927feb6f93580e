"""The figures of the page as tables: each row as it is shown, and as a spreadsheet gets it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from console.analytics import definitions as said
from console.analytics.chart import Chart, Value, lying, upright
from console.analytics.gathering import Counted, Sums
from console.analytics.hiding import FEW, hidden_among, may_tell
from console.analytics.period import Period
from console.inbox.shown import CHANNELS
from store.day_counts import Cell

_MOST = 15
_NONE = "none"
_TIERS = ("T0", "T1", "T2", "T3")


@dataclass(frozen=True)
class Table:
    """One table, perhaps with charts above it."""

    key: str
    """In its address."""
    title: str
    told: Sequence[str]
    """How it is counted."""
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    charts: Mapping[str, Chart] = field(default_factory=dict)
    """By title."""
    numbers: frozenset[int] = frozenset({1, 2, 3})
    """Columns that hold numbers."""


Cells = Mapping[str, Cell]


def tables(counted: Counted, period: Period, *, hide: bool) -> list[Table]:
    """Return all tables of a period.

    Args:
        counted: What it comes to, and what the one before did.
        period: Which.
        hide: Whether sums of few people are hidden.
    """
    now = counted.now
    return [
        _rates(counted, hide=hide),
        _days(now, period, hide=hide),
        _channels(now, hide=hide),
        _hours(now, hide=hide),
        _topics(counted, hide=hide),
        _rising(counted, hide=hide),
        _unanswered(counted, hide=hide),
        _times(counted, hide=hide),
        _crises(counted, hide=hide),
        _crisis_rules(now, hide=hide),
        _wrong(now, hide=hide),
    ]


def _words(cell: Cell, hidden: bool) -> str:
    return FEW if hidden else str(cell.count)


class _Column:
    """Sums that together are something whole."""

    def __init__(self, cells: Cells, *, hide: bool) -> None:
        self.cells, self.hidden = cells, hidden_among(cells) if hide else frozenset()

    def words(self, name: str) -> str:
        return _words(self.cells.get(name, Cell()), name in self.hidden)

    def number(self, name: str) -> float | None:
        return None if name in self.hidden else float(self.cells.get(name, Cell()).count)

    def values(self, names: Mapping[str, str]) -> list[Value]:
        return [Value(title, self.number(name), self.words(name)) for name, title in names.items()]

    def sorted(self) -> list[str]:
        """Return the names, the most frequent first; what is hidden last, by name."""
        shown = (name for name in self.cells if name not in self.hidden)
        most = sorted(shown, key=lambda name: (-self.cells[name].count, name))
        return [*most, *sorted(self.hidden)]


# Rates


_SHARES: tuple[tuple[str, str, str, str], ...] = (
    ("Resolved by the assistant", "resolved", "with_bot", said.RESOLVED),
    ("Handoff", "handoff", "with_bot", said.HANDOFF),
    ("Fallback, of messages", "fallback", "turns", said.FALLBACK),
    ("Fallback, of conversations", "fallback_talks", "with_bot", said.FALLBACK_TALKS),
    ("Safe reply, since the brain was silent", "safe", "turns", said.SAFE),
    ("A call was asked for", "callback", "talks", said.CALLBACK),
    ("Answered by staff, of those who asked for them", "reply", "asked", said.ANSWERED),
    ("Rated as helpful", "helped", "rated", said.HELPED),
    ("Ratings given, of those asked for", "rated", "rating_asked", said.RESPONSE),
)
_HEAD = ("Figure", "Value", "Before", "Change", "Of how many", "How it is counted")


def _rates(counted: Counted, *, hide: bool) -> Table:
    now, before = counted.now, counted.before
    rows: list[Sequence[str]] = []
    for title, measure, told in (
        ("Conversations", "talks", said.TALK),
        ("Messages of people", "messages", said.MESSAGES),
    ):
        one, other = now.all(measure), before.all(measure)
        cells = (_words(one, hide and one.few), _words(other, hide and other.few))
        rows.append((title, *cells, _difference(one, other, hide=hide), "", told))
    shares = [(title, part, whole, told) for title, part, whole, told in _SHARES]
    contained = ("Containment", "handoff", "with_bot", said.CONTAINMENT)
    for title, part, whole, told in [contained, *shares]:
        rest = title == contained[0]
        shown = [_share(sums, part, whole, rest=rest, hide=hide) for sums in (now, before)]
        of = now.all(whole)
        many = _words(of, hide and of.few)
        rows.append((title, *(_percent(each) for each in shown), _points(*shown), many, told))
    return Table("figures", "Figures", (said.POINTS,), _HEAD, rows, numbers=frozenset({1, 2, 3, 4}))


def _difference(one: Cell, other: Cell, *, hide: bool) -> str:
    # Of a number in percent; that of a rate is told in points.
    if (hide and (one.few or other.few)) or not other.count:
        return ""
    return _more(100 * (one.count - other.count) / other.count, "%", 0)


def _more(change: float, unit: str, places: int) -> str:
    """Return a change in words; with a sign before it, spreadsheets would take it for a formula."""
    size = f"{abs(change):.{places}f}"
    if float(size) == 0:
        return "the same"
    return f"{size} {unit} {'more' if change > 0 else 'less'}"


Share = float | str
"""A share from 0 to 1, or the word that stands in its place."""


def _share(sums: Sums, part: str, whole: str, *, rest: bool = False, hide: bool = False) -> Share:
    some, all_ = sums.all(part), sums.all(whole)
    if not all_.count:
        return _NONE
    if hide and not may_tell(some, all_):
        return FEW
    share = some.count / all_.count
    return 1 - share if rest else share


def _percent(share: Share) -> str:
    return share if isinstance(share, str) else f"{100 * share:.1f} %"


def _points(now: Share, before: Share) -> str:
    if isinstance(now, str) or isinstance(before, str):
        return ""
    return _more(100 * (now - before), "pp", 1)


# Conversations and messages

_TWO = ("Conversations", "Messages")


def _two(sums: Mapping[str, Cells], measures: tuple[str, str], *, hide: bool) -> list[_Column]:
    return [_Column(sums.get(measure, {}), hide=hide) for measure in measures]


def _both(
    key: str,
    title: str,
    told: Sequence[str],
    what: str,
    columns: Sequence[_Column],
    names: Mapping[str, str],
    draw: Callable[[Sequence[Value]], Chart],
) -> Table:
    rows = [(shown, *(column.words(name) for column in columns)) for name, shown in names.items()]
    charts = {
        f"{measure} by {what}": draw(column.values(names))
        for measure, column in zip(_TWO, columns, strict=True)
    }
    return Table(key, title, told, (what.capitalize(), *_TWO), rows, charts)


def _days(now: Sums, period: Period, *, hide: bool) -> Table:
    names = {day.isoformat(): day.isoformat() for day in period.each()}
    columns = _two(now.by_day, ("talks", "messages"), hide=hide)
    return _both("days", "By day", (said.TALK, said.MESSAGES), "day", columns, names, upright)


def _channels(now: Sums, *, hide: bool) -> Table:
    names = dict(CHANNELS)
    columns = _two(now.by_channel, ("talks", "messages"), hide=hide)
    return _both("channels", "By channel", (said.TALK,), "channel", columns, names, lying)


def _hours(now: Sums, *, hide: bool) -> Table:
    names = {f"{hour:02d}": f"{hour:02d}:00" for hour in range(24)}
    columns = _two(now.by_name, ("talks_hour", "messages_hour"), hide=hide)
    return _both("hours", "By hour of the day", (said.HOURS,), "hour", columns, names, upright)


# Topics


def _topics(counted: Counted, *, hide: bool) -> Table:
    return _named(counted, "topic", "topics", "Top topics", said.TOPICS, hide=hide)


def _unanswered(counted: Counted, *, hide: bool) -> Table:
    told = said.UNANSWERED
    return _named(counted, "unanswered", "unanswered", "Unanswered topics", told, hide=hide)


def _named(counted: Counted, measure: str, key: str, title: str, told: str, *, hide: bool) -> Table:
    now, before = _now_and_before(counted, measure, hide=hide)
    names = {name: name or "no topic is near" for name in now.sorted()[:_MOST]}
    rows = [(shown, now.words(name), before.words(name)) for name, shown in names.items()]
    charts = {title: lying(now.values(names))} if names else {}
    return Table(key, title, (told,), ("Topic", "Messages", "Before"), rows, charts)


def _now_and_before(counted: Counted, measure: str, *, hide: bool) -> tuple[_Column, _Column]:
    now, before = counted.now.by_name, counted.before.by_name
    return _Column(now.get(measure, {}), hide=hide), _Column(before.get(measure, {}), hide=hide)


def _rising(counted: Counted, *, hide: bool) -> Table:
    now, before = _now_and_before(counted, "topic", hide=hide)
    grown = {
        name: cell.count - before.cells.get(name, Cell()).count
        for name, cell in now.cells.items()
        # What is hidden must not be told by its place in the order, either.
        if name not in now.hidden | before.hidden
    }
    names = sorted((name for name in grown if grown[name] > 0), key=lambda n: (-grown[n], n))
    rows = [(name, now.words(name), before.words(name), str(grown[name])) for name in names[:_MOST]]
    head = ("Topic", "Messages", "Before", "More by")
    return Table("rising", "Rising topics", (said.RISING,), head, rows)


# Times


def _times(counted: Counted, *, hide: bool) -> Table:
    rows: list[Sequence[str]] = []
    for title, measure, told in (
        ("Waiting for staff", "wait", said.WAIT),
        ("First message of staff", "reply", said.REPLY),
        ("First message, in opening hours", "reply_open", said.REPLY_OPEN),
    ):
        rows.append((title, *_of_times(counted, measure, hide=hide), told))
    return Table("times", "Waiting for staff", (said.PERCENTILES,), _TIMES, rows, numbers=_FIVE)


_TIMES = ("Time", "How many", "p50", "p95", "p50 before", "p95 before", "How it is counted")
_FIVE = frozenset({1, 2, 3, 4, 5})


def _of_times(counted: Counted, measure: str, *, hide: bool) -> list[str]:
    shown: list[tuple[str, ...]] = []
    for sums in (counted.now, counted.before):
        all_ = sums.all(measure)
        if hide and all_.few:
            shown.append((FEW, FEW, FEW))
        else:
            cells = sums.by_name.get(measure, {})
            shown.append((str(all_.count), *(_time(cells, share) for share in (0.5, 0.95))))
    return [*shown[0], *shown[1][1:]]


def _time(cells: Cells, share: float) -> str:
    seconds = percentile({int(name): cell.count for name, cell in cells.items()}, share)
    return _NONE if seconds is None else duration(seconds)


def percentile(counts: Mapping[int, int], share: float) -> int | None:
    """Return the smallest value that a share of all is at most (nearest rank); None for none."""
    left = share * sum(counts.values())
    for value in sorted(counts):
        left -= counts[value]
        if left <= 1e-9:
            return value
    return None


def duration(seconds: int) -> str:
    """Return a time in words, such as "4 min 20 s"."""
    units = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))
    parts, left = [], seconds
    for size, unit in units:
        if left >= size:
            parts.append(f"{left // size} {unit}")
            left %= size
    return " ".join(parts[:2]) or "0 s"


# Crises

_CRISES = ("Figure", "Value", "Before", "Change", "How it is counted")


def _crises(counted: Counted, *, hide: bool) -> Table:
    both = counted.now, counted.before
    tiers = [_Column(sums.by_name.get("crisis", {}), hide=hide) for sums in both]
    rows = [
        (f"Alerts, {tier}", *(column.words(tier) for column in tiers), "", said.CRISIS)
        for tier in _TIERS
        if any(tier in column.cells for column in tiers)
    ]
    total = [_words(sums.all("crisis"), hide and sums.all("crisis").few) for sums in both]
    rows.insert(0, ("Alerts, all", *total, "", said.CRISIS))
    shown = [_share(sums, "crisis_shown", "crisis", hide=hide) for sums in both]
    percent = [_percent(each) for each in shown]
    rows.append(("Answered with crisis resources", *percent, _points(*shown), said.SHOWN))
    for title, share in (("p50", 0.5), ("p95", 0.95)):
        times = [_acknowledged(sums, share, hide=hide) for sums in both]
        rows.append((f"Until acknowledged, {title}", *times, "", said.ACKNOWLEDGED))
    left = [_still_open(each, hide=hide) for each in both]
    rows.append(("Not acknowledged", *left, "", said.OPEN))
    for title, measure, told in (
        ("False alarms", "false_alarm", said.FALSE_ALARMS),
        ("Misses", "missed", said.MISSES),
    ):
        cells = [sums.all(measure) for sums in both]
        rows.append((title, *(_words(each, hide and each.few) for each in cells), "", told))
    return Table("crises", "Crises", (), _CRISES, rows)


def _acknowledged(sums: Sums, share: float, *, hide: bool) -> str:
    if hide and sums.all("crisis_ack").few:
        return FEW
    return _time(sums.by_name.get("crisis_ack", {}), share)


def _still_open(sums: Sums, *, hide: bool) -> str:
    every, seen = sums.all("crisis"), sums.all("crisis_ack")
    if hide and not may_tell(seen, every):
        return FEW
    return str(every.count - seen.count)


def _crisis_rules(now: Sums, *, hide: bool) -> Table:
    rows: list[tuple[str, ...]] = []
    for what, cells in (
        ("Channel", {CHANNELS.get(n, n): c for n, c in now.by_channel.get("crisis", {}).items()}),
        ("Rule", now.by_name.get("crisis_rule", {})),
    ):
        column = _Column(cells, hide=hide)
        rows += [(what, name or "no rule", column.words(name)) for name in column.sorted()]
    head = ("By", "Name", "Alerts")
    told = (said.CRISIS,)
    return Table("crisis-rules", "Crises by channel and rule", told, head, rows, {}, frozenset({2}))


def _wrong(now: Sums, *, hide: bool) -> Table:
    wrong, all_ = now.by_name.get("wrong", {}), now.by_name.get("reviewed", {})
    reviewed = _Column(all_, hide=hide)
    rows = []
    for name in reviewed.sorted():
        part = wrong.get(name, Cell())
        told = not hide or (name not in reviewed.hidden and may_tell(part, all_[name]))
        rate = f"{100 * part.count / all_[name].count:.1f} %" if told else FEW
        shown = _words(part, not told)
        rows.append((name or "no topic", reviewed.words(name), shown, rate))
    head = ("Topic", "Reviewed", "Wrong", "Rate")
    return Table("wrong", "Wrong topics, as reviewed", (said.WRONG,), head, rows)
