"""The picture of figures, and what they say in a sentence: first of all members, highest in time, most gained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from clientela.contracts.fiscal import FiscalYear
from clientela.contracts.insight import Chart, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Period, Text, Value, text
from clientela.cube.beside.members import name_of_member
from clientela.cube.declared.dimension import TIME
from clientela.cube.figures.days import after, begins
from clientela.errors import QueryError

KINDS = ("auto", "line", "bar", "none")
MOST_BARS = 10
_SPANS = ("month", "quarter", "year")
_UNITS = {Type.MONEY: "money", Type.SHARE: "share", Type.INT: "count"}

Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the figures are of.

    Parameters
    ----------
    measure, label : the name of the measure the picture is of, and what it is called
    by : what the rows are seen by; ``across`` stands across
    adds : whether the figures of all members add up to the whole
    last_day : the last day that figures are of; None: not known
    """

    measure: str
    by: tuple[str, ...]
    across: str | None = None
    label: Text | None = None
    adds: bool = False
    compared: bool = False
    fiscal: FiscalYear
    last_day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What the figures say: ``headline`` the answer, ``chart`` its picture, None where there is none to draw."""

    headline: Text
    chart: Chart | None = None


def picture(table: Table, asked: Asked, kind: str = "auto") -> Picture:
    """What figures say, and their picture.

    Parameters
    ----------
    kind : ``auto``, ``line``, ``bar`` or ``none``

    Raises
    ------
    QueryError
        There is no such kind.
    """
    if kind not in KINDS:
        raise QueryError(f"a picture is one of {', '.join(KINDS)}, not '{kind}'.")
    at = next((place for place, column in enumerate(table.columns) if column.name == asked.measure), None)
    if asked.across is not None:
        return _crossed(table, asked, kind)
    if not table.rows or at is None:
        return Picture(headline=text("Nothing lies within what was asked."))
    column = table.columns[at]
    if not asked.by:
        return Picture(
            headline=text("{measure}: {value}", measure=column.label, value=_amount(table.rows[0][at], column))
        )
    known = [row for row in table.rows if _is_number(row[at])]
    if not known:
        return Picture(headline=text("No figure of {measure} is known here.", measure=column.label))
    if len(asked.by) == 1 and asked.by[0] in TIME:
        return _in_time(table, asked, kind, at, known)
    return _among(table, asked, kind, at, known)


def _in_time(table: Table, asked: Asked, kind: str, at: int, known: Sequence[Row]) -> Picture:
    """Figures along time: where they were highest, how they went."""
    dimension, column = asked.by[0], table.columns[at]
    ordered = sorted((row for row in known if isinstance(row[0], date)), key=lambda row: str(row[0]))
    unfinished = tuple(row[0] for row in ordered if _is_unfinished(row[0], dimension, asked.last_day))
    whole = [row for row in ordered if row[0] not in unfinished] or ordered
    if not whole:
        return Picture(headline=text("No figure of {measure} is known here.", measure=column.label))

    def when(row: Row) -> Value:
        return member(row[0], dimension, asked.fiscal)

    high, low = max(whole, key=lambda row: _float(row[at])), min(whole, key=lambda row: _float(row[at]))
    headline = text(
        "{measure}: highest in {period}, at {value}.",
        measure=column.label,
        period=when(high),
        value=_amount(high[at], column),
    )
    if len(whole) > 1 and high[at] != low[at]:
        headline = text(
            "{measure}: highest in {period}, at {value}; lowest in {other}, at {least}.",
            measure=column.label,
            period=when(high),
            value=_amount(high[at], column),
            other=when(low),
            least=_amount(low[at], column),
        )
    if kind == "none" or len(ordered) < 2:
        return Picture(headline=headline)
    title = text(
        "{measure}: from {first} in {begin} to {last} in {end}.",
        measure=column.label,
        first=_amount(whole[0][at], column),
        begin=when(whole[0]),
        last=_amount(whole[-1][at], column),
        end=when(whole[-1]),
    )
    mark = Mark.BAR if kind == "bar" or (kind == "auto" and len(ordered) < 6) else Mark.LINE
    data = _data(table, (0, at), [(row[0], row[at]) for row in ordered])
    chart = Chart(
        mark=mark,
        title=title,
        subtitle=_subtitle(column),
        data=data,
        x=dimension,
        y=column.name,
        highlight=(high[0],) if mark is Mark.LINE else (),
        incomplete=unfinished,
    )
    return Picture(headline=headline, chart=chart)


def _among(table: Table, asked: Asked, kind: str, at: int, known: Sequence[Row]) -> Picture:
    """Figures of members: which comes first, or, compared with before, which gained and lost most."""
    width, column = len(asked.by), table.columns[at]
    gains = _gains(table, at, known) if asked.compared else None
    if gains:
        return _compared(table, asked, kind, at, gains)
    ordered = sorted(known, key=lambda row: -_float(row[at]))
    first, last = ordered[0], ordered[-1]
    total = table.total[at] if table.total is not None else None
    share = _share(first[at], total) if asked.adds else None
    headline = text(
        "{measure}: {member} comes first with {value}.",
        member=_named(first, asked),
        measure=column.label,
        value=_amount(first[at], column),
    )
    if share is not None:
        headline = text(
            "{measure}: {member} comes first with {value}, {share} of the whole.",
            member=_named(first, asked),
            measure=column.label,
            value=_amount(first[at], column),
            share=Amount(share, "share"),
        )
    if kind == "none" or len(ordered) < 2:
        return Picture(headline=headline)
    chart = _series(table, asked, at, ordered, kind) if width == 2 else None
    if chart is None:
        chart = _bars(table, asked, at, ordered, _title(ordered, at, column, total, asked, last))
    return Picture(headline=headline, chart=chart)


def _title(ordered: Sequence[Row], at: int, column: TableColumn, total: Value, asked: Asked, last: Row) -> Text:
    three = _share(sum((_decimal(row[at]) for row in ordered[:3]), Decimal(0)), total) if asked.adds else None
    if three is not None and len(ordered) > 3:
        return text(
            "The first three of {all} make up {share}.", all=Amount(len(ordered), "count"), share=Amount(three, "share")
        )
    return text(
        "{member} comes first, {other} last with {value}.",
        member=_named(ordered[0], asked),
        other=_named(last, asked),
        value=_amount(last[at], column),
    )


def _bars(table: Table, asked: Asked, at: int, ordered: Sequence[Row], title: Text) -> Chart:
    """The largest members as lying bars, each beside its name."""
    rows = [(_said(_named(row, asked)), row[at]) for row in ordered[:MOST_BARS]]
    names = TableColumn(name="member", type=Type.TEXT, label=table.columns[0].label)
    data = Table(columns=(names, table.columns[at]), rows=tuple(rows), caption=table.columns[at].label)
    subtitle = _subtitle(table.columns[at])
    if len(ordered) > MOST_BARS:
        subtitle = text(
            "{what}; the {n} largest of {all}", what=subtitle, n=MOST_BARS, all=Amount(len(ordered), "count")
        )
    return Chart(mark=Mark.BAR, title=title, subtitle=subtitle, data=data, x="member", y=table.columns[at].name)


def _series(table: Table, asked: Asked, at: int, ordered: Sequence[Row], kind: str) -> Chart | None:
    """Figures in time, a line for each member; None where neither of two dimensions is a time."""
    times = [place for place, name in enumerate(asked.by) if name in TIME]
    if len(times) != 1 or kind == "bar":
        return None
    time, other = times[0], 1 - times[0]
    rows = [(row[time], _said(_member_of(row, other, asked)), row[at]) for row in ordered if row[time] is not None]
    return _lines(table.columns[time], table.columns[other].label, table.columns[at], rows, asked, asked.by[time])


def _lines(
    time: TableColumn, label: Text, figure: TableColumn, rows: Sequence[Row], asked: Asked, dimension: str
) -> Chart | None:
    ordered = sorted((row for row in rows if isinstance(row[0], date)), key=lambda row: str(row[0]))
    days = list(dict.fromkeys(row[0] for row in ordered))
    if len(days) < 2:
        return None
    names = TableColumn(name="member", type=Type.TEXT, label=label)
    data = Table(columns=(time, names, figure), rows=tuple(ordered), caption=figure.label)
    sums: dict[str, float] = {}
    said: dict[str, Value] = {}
    for row in ordered:
        key = row[1] if isinstance(row[1], str) else repr(row[1])
        sums[key], said[key] = sums.get(key, 0.0) + _float(row[2]), row[1]
    title = text("Over the whole time, {member} is highest.", member=said[max(sums, key=lambda name: sums[name])])
    return Chart(
        mark=Mark.LINE,
        title=title,
        subtitle=_subtitle(figure),
        data=data,
        x=time.name,
        y=figure.name,
        series="member",
        incomplete=tuple(day for day in days if _is_unfinished(day, dimension, asked.last_day)),
    )


def _gains(table: Table, at: int, known: Sequence[Row]) -> list[tuple[Row, Decimal]]:
    """How much each member gained on the period before, the most first."""
    before = next((n for n, each in enumerate(table.columns) if each.name == f"{table.columns[at].name}_before"), None)
    if before is None:
        return []
    told = [(row, _decimal(row[at]) - _decimal(row[before])) for row in known if _is_number(row[before])]
    return sorted(told, key=lambda each: -each[1])


def _compared(table: Table, asked: Asked, kind: str, at: int, gains: Sequence[tuple[Row, Decimal]]) -> Picture:
    column = table.columns[at]
    (most, gain), (least, loss) = gains[0], gains[-1]
    up = text("{member} gained most: {gain}.", member=_named(most, asked), gain=_amount(gain, column))
    down = text("{member} lost most: {loss}.", member=_named(least, asked), loss=_amount(-loss, column))
    headline = up if gain > 0 else down if loss < 0 else text("Nothing changed.")
    if gain > 0 > loss:
        headline = text(
            "{member} gained most: {gain}; {other} lost most: {loss}.",
            member=_named(most, asked),
            gain=_amount(gain, column),
            other=_named(least, asked),
            loss=_amount(-loss, column),
        )
    if kind == "none" or len(gains) < 2:
        return Picture(headline=headline)
    risen = sum(each > 0 for _, each in gains)
    title = text(
        "{risen} of {all} gained, {fallen} lost.",
        risen=risen,
        all=len(gains),
        fallen=sum(each < 0 for _, each in gains),
    )
    half = MOST_BARS // 2
    shown = gains if len(gains) <= MOST_BARS else [*gains[:half], *gains[-half:]]
    names = TableColumn(name="member", type=Type.TEXT, label=table.columns[0].label)
    change = replace(column, name="change", label=text("{measure}, change", measure=column.label))
    rows = tuple((_said(_named(row, asked)), each) for row, each in shown)
    data = Table(columns=(names, change), rows=rows, caption=change.label)
    subtitle = text("Change in {measure} on the period before", measure=column.label)
    chart = Chart(mark=Mark.BAR, title=title, subtitle=subtitle, data=data, x="member", y="change")
    return Picture(headline=headline, chart=chart)


def _crossed(table: Table, asked: Asked, kind: str) -> Picture:
    """The totals of a pivot in a sentence; its picture where time stands across."""
    places = [n for n, each in enumerate(table.columns) if each.name.startswith(f"{asked.measure}[")]
    if not table.rows or not places:
        return Picture(headline=text("Nothing lies within what was asked."))
    whole = places[-1]
    column = replace(table.columns[whole], name=asked.measure, label=asked.label or Text(asked.measure))
    ordered = sorted((row for row in table.rows if _is_number(row[whole])), key=lambda row: -_float(row[whole]))
    if not ordered or not asked.by:
        return Picture(
            headline=text("{measure}: {value}", measure=column.label, value=_amount(table.rows[0][whole], column))
        )
    headline = text(
        "{measure}: {member} comes first with {value}.",
        member=_named(ordered[0], asked),
        measure=column.label,
        value=_amount(ordered[0][whole], column),
    )
    if kind == "none" or len(ordered) < 2:
        return Picture(headline=headline)
    flat = replace(
        table,
        columns=(*table.columns[: len(asked.by)], column),
        rows=tuple((*row[: len(asked.by)], row[whole]) for row in ordered),
        total=None,
    )
    title = _title(ordered, whole, column, None, replace(asked, adds=False), ordered[-1])
    return Picture(headline=headline, chart=_bars(flat, replace(asked, across=None), len(asked.by), flat.rows, title))


def _subtitle(figure: TableColumn) -> Text:
    """The measure with its unit; by what it is seen, the axis says."""
    if figure.unit is None or figure.type is not Type.MONEY:
        return text("{measure}", measure=figure.label)
    return text("{measure}, {unit}", measure=figure.label, unit=figure.unit)


def _data(table: Table, places: Sequence[int], rows: Sequence[Row]) -> Table:
    return Table(
        columns=tuple(table.columns[at] for at in places), rows=tuple(rows), caption=table.columns[places[-1]].label
    )


def member(value: Value, dimension: str, fiscal: FiscalYear) -> Value:
    """A member as a sentence says it: a period by its name, what nobody knows as unknown."""
    if isinstance(value, date) and dimension in _SPANS:
        return Period(value, after(value, dimension) - timedelta(days=1))
    if isinstance(value, date) and dimension == "day":
        return value
    if isinstance(value, date) and dimension == "week":
        return f"{value.isocalendar().year}-W{value.isocalendar().week:02}"
    return value if isinstance(value, Text) else name_of_member(value, dimension, fiscal)


def _member_of(row: Row, place: int, asked: Asked) -> Value:
    return member(row[place], asked.by[place], asked.fiscal)


def _named(row: Row, asked: Asked) -> Value:
    said = [_member_of(row, place, asked) for place in range(len(asked.by))]
    one = said[0]
    for each in said[1:]:
        one = text("{one} · {other}", one=one, other=each)
    return one


def _said(value: Value) -> Value:
    """A member as the cell of a column of names."""
    return value if isinstance(value, str | Text) else text("{member}", member=value)


def _is_unfinished(value: Value, dimension: str, last_day: date | None) -> bool:
    if last_day is None or not isinstance(value, date) or dimension not in (*_SPANS, "week"):
        return False
    return begins(value, dimension) <= last_day < after(value, dimension) - timedelta(days=1)


def _amount(value: Value, column: TableColumn) -> Value:
    if not isinstance(value, Decimal | int | float) or isinstance(value, bool):
        return value
    return Amount(value, _UNITS.get(column.type, "number"), column.unit)


def _is_number(value: Value) -> bool:
    return isinstance(value, Decimal | int | float) and not isinstance(value, bool)


def _float(value: Value) -> float:
    return float(value) if isinstance(value, Decimal | int | float) else 0.0


def _decimal(value: Value) -> Decimal:
    return Decimal(str(value)) if isinstance(value, Decimal | int | float) else Decimal(0)


def _share(part: Value, whole: Value) -> Decimal | None:
    """A part of a whole; None where it is no share of it."""
    if not _is_number(part) or not _is_number(whole) or _float(whole) <= 0 or not 0 <= _float(part) <= _float(whole):
        return None
    return round(_decimal(part) / _decimal(whole), 6)
