"""The points of a chart, ready to draw: plain values, roles, labels in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from clientela.contracts.insight import Chart, Mark, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Text, Value, ntext, text
from clientela.present import cells, formats
from clientela.present.say import say, say_value

MOST_SERIES = 5
ADDS_UP = {Type.MONEY, Type.INT}

Plain = str | int | float | None


@dataclass(frozen=True, slots=True)
class Point:
    """One mark. ``role``: main, context, highlight or incomplete; ``said`` is its value in words."""

    x: Plain
    y: float | None
    series: str | None
    low: float | None
    high: float | None
    role: str
    x_said: str
    said: str

    def row(self) -> dict[str, Plain]:
        """The point as a row of Vega-Lite data; what it has not is left out."""
        row = {"x": self.x, "y": self.y, "series": self.series, "low": self.low, "high": self.high, "role": self.role}
        return {key: value for key, value in row.items() if value is not None or key == "y"}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart with its points in a language. ``series`` in the order of their colours."""

    chart: Chart
    locale: str
    x: TableColumn
    y: TableColumn
    points: tuple[Point, ...]
    series: tuple[str, ...]

    @property
    def lies(self) -> bool:
        """Whether bars lie on their side, each beside its name."""
        return self.chart.mark is Mark.BAR and self.x.type is Type.TEXT

    @property
    def in_time(self) -> bool:
        """Whether x is days."""
        return self.x.type is Type.DATE

    @property
    def on_scale(self) -> bool:
        """Whether x is a scale of numbers or time, not a row of places."""
        return self.chart.mark is not Mark.BAR and self.x.type not in (Type.TEXT, Type.BOOL)

    @property
    def bounds(self) -> tuple[float, float]:
        """The lowest and highest value that must be seen, intervals and zero of bars included."""
        seen = [v for point in self.points for v in (point.y, point.low, point.high) if v is not None]
        if self.chart.mark is Mark.BAR or not seen:
            seen.append(0.0)
        return min(seen), max(seen)


def drawing(chart: Chart, locale: str) -> Drawing:
    """The points of a chart in a language; more than five series become four and the others together."""
    columns = chart.data.columns
    x, y = (columns[cells.column_at(chart.data, name)] for name in (chart.x, chart.y))
    digits = cells.digits_of(y, cells.values_of(chart.data, chart.y))
    points = [_point(chart, row, locale, digits) for row in chart.data.rows]
    series = tuple(dict.fromkeys(point.series for point in points if point.series is not None))
    if len(series) > MOST_SERIES:
        points, series = _with_other(points, series, y, locale, digits)
    return Drawing(chart, locale, x, y, tuple(points), series)


def x_in_words(value: Value, column: TableColumn, others: Sequence[Value], locale: str) -> str:
    """An x value for an axis or a label: a month, a year or a day by how far apart the days are."""
    if isinstance(value, date) and not isinstance(value, datetime):
        apart = days_apart(others)
        if apart >= 360:
            return str(value.year)
        return formats.month_short(value, locale) if apart >= 28 else formats.day_of_month(value, locale)
    return cells.cell(value, column, locale, cells.digits_of(column, others))


def days_apart(values: Iterable[Value]) -> int:
    """The smallest distance between two of the days; 1 when there are not two.

    Examples
    --------
    >>> days_apart([date(2017, 1, 1), date(2017, 3, 1), date(2017, 2, 1)])
    28
    """
    days = sorted({value for value in values if isinstance(value, date)})
    return min(((later - earlier).days for earlier, later in pairwise(days)), default=1)


def description(drawn: Drawing) -> str:
    """What the picture shows, for who cannot see it: its title, its measure, its lowest and highest value."""
    title, subtitle = (say(part, drawn.locale) for part in (drawn.chart.title, drawn.chart.subtitle))
    known = [point for point in drawn.points if point.y is not None]
    said = [title.rstrip("."), subtitle.rstrip(".")]
    if known:
        low, high = (choose(known, key=lambda point: point.y or 0.0) for choose in (min, max))
        ends = text(
            "From {low} ({where_low}) to {high} ({where_high})",
            low=low.said,
            where_low=low.x_said,
            high=high.said,
            where_high=high.x_said,
        )
        said.append(say(ends, drawn.locale))
    return ". ".join(said) + "."


def label_of(point: Point, drawn: Drawing) -> str:
    """What is written at a point of a line: where it is and what it says."""
    where: str | Text = point.x_said
    if drawn.x.unit == "customers" and isinstance(point.x, int | float):
        where = say(ntext("{n} customer", "{n} customers", "n", n=Amount(point.x, "count")), drawn.locale)
    return say(text("{where}: {value}", where=where, value=point.said), drawn.locale)


def _point(chart: Chart, row: Sequence[Value], locale: str, digits: int | None) -> Point:
    columns = chart.data.columns
    at = {column.name: place for place, column in enumerate(columns)}
    x, y = row[at[chart.x]], row[at[chart.y]]
    low, high = (row[at[name]] for name in chart.interval) if chart.interval else (None, None)
    others = cells.values_of(chart.data, chart.x)
    return Point(
        x=_plain(x, locale),
        y=_number(y),
        series=None if chart.series is None else say_value(row[at[chart.series]], locale),
        low=_number(low),
        high=_number(high),
        role=_role(chart, x),
        x_said=x_in_words(x, columns[at[chart.x]], others, locale),
        said=cells.cell(y, columns[at[chart.y]], locale, digits),
    )


def _role(chart: Chart, x: Value) -> str:
    if x in chart.incomplete:
        return "incomplete"
    if not chart.highlight:
        return "main"
    return "highlight" if x in chart.highlight else "context"


def _with_other(
    points: list[Point], series: tuple[str, ...], y: TableColumn, locale: str, digits: int | None
) -> tuple[list[Point], tuple[str, ...]]:
    """The largest series as they are, the rest as one where they add up, else left to the table."""
    size = {name: sum(abs(point.y or 0.0) for point in points if point.series == name) for name in series}
    kept = tuple(sorted(series, key=lambda name: -size[name])[: MOST_SERIES - 1])
    said = [point for point in points if point.series in kept]
    if y.type not in ADDS_UP:
        return said, kept
    other = say(text("Other"), locale)
    summed: dict[Plain, list[Point]] = {}
    for point in points:
        if point.series not in kept:
            summed.setdefault(point.x, []).append(point)
    for group in summed.values():
        total = sum(point.y or 0.0 for point in group)
        first = group[0]
        words = cells.cell(Decimal(str(total)), y, locale, digits)
        said.append(Point(first.x, total, other, None, None, first.role, first.x_said, words))
    return said, (*kept, other)


def _plain(value: Value, locale: str) -> Plain:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool | str) or value is None:
        return say_value(value, locale)
    if isinstance(value, Decimal):
        return float(value)
    return value if isinstance(value, int | float) else say_value(value, locale)


def _number(value: Value) -> float | None:
    number = value.value if isinstance(value, Amount) else value
    return float(number) if isinstance(number, Decimal | int | float) else None
