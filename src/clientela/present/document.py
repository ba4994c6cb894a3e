"""An insight as plain data for JSON: the shape every interface shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from clientela.contracts.analysis import Analysis, Result
from clientela.contracts.insight import Evidence, Insight, Table
from clientela.contracts.report import PersonPage
from clientela.contracts.text import Amount, Period, Text, Value
from clientela.cube.fiscal import name_of
from clientela.present.chart.vega import vega
from clientela.present.say import say, say_value

if TYPE_CHECKING:
    from clientela.cube.figures.question import Described

Plain = str | int | float | bool | None


def insight_json(insight: Insight, locale: str = "en") -> dict[str, Any]:
    """An insight as a document; decimals are strings, days ISO, sentences said in the language."""
    return {
        "analysis": insight.analysis,
        "area": insight.area,
        "level": insight.level.value,
        "question": say(insight.question, locale),
        "headline": _said(insight.headline, locale),
        "as_of": insight.as_of.isoformat(),
        "snapshot": insight.snapshot,
        "table": None if insight.table is None else table_json(insight.table, locale),
        "chart": None if insight.chart is None else vega(insight.chart, locale),
        "evidence": None if insight.evidence is None else _evidence(insight.evidence, locale),
        "caveats": [say(caveat, locale) for caveat in insight.caveats],
        "next": [say(step, locale) for step in insight.next],
        "abstained": _said(insight.abstained, locale),
    }


def person_json(page: PersonPage, locale: str = "en") -> dict[str, Any]:
    """The page as a document: of each section its rows by column; what is empty is left out."""
    return {
        "company": page.company,
        "made_at": page.made_at.isoformat(),
        "snapshot": page.snapshot,
        "customers": list(page.customers),
        "held": [
            {
                "name": section.name,
                "title": say(section.title, locale),
                "says": say(section.says, locale),
                "rows": [
                    {
                        name: plain_value(value, locale)
                        for name, value in zip(section.columns, row, strict=True)
                        if value is not None
                    }
                    for row in section.rows
                ],
            }
            for section in page.sections
        ],
    }


def plain_value(value: Value, locale: str = "en") -> Plain:
    """A value as JSON has it.

    Examples
    --------
    >>> plain_value(Decimal("4.10")), plain_value(date(2018, 1, 1)), plain_value(Amount(2, "count"))
    ('4.10', '2018-01-01', 2)
    """
    if isinstance(value, Amount):
        return plain_value(value.value, locale)
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Period):
        return f"{value.first}/{value.last}"  # an ISO 8601 interval
    return say_value(value, locale)


def plain_document(told: Any) -> Any:
    """What is nested in dictionaries and lists, each value as JSON has it.

    Examples
    --------
    >>> plain_document({"members": (date(2018, 1, 1), None)})
    {'members': ['2018-01-01', None]}
    """
    if isinstance(told, Mapping):
        return {str(name): plain_document(value) for name, value in told.items()}
    if isinstance(told, list | tuple):
        return [plain_document(value) for value in told]
    return plain_value(told)


def _said(message: Text | None, locale: str) -> str | None:
    return None if message is None else say(message, locale)


def table_json(table: Table, locale: str = "en") -> dict[str, Any]:
    """A table as JSON has it: columns with their types and units, rows of plain values; what is hidden is null."""
    columns = [_column(table, at, locale) for at in range(len(table.columns))]
    rows = [_row(row, number, table, locale) for number, row in enumerate(table.rows)]
    return {"columns": columns, "rows": rows, **hidden_json(table)}


def _column(table: Table, at: int, locale: str) -> dict[str, Any]:
    """What JSON says of a column; of a fiscal one, also what each of its days is called."""
    column = table.columns[at]
    said = {
        "name": column.name,
        "type": column.type.value,
        "unit": column.unit,
        "label": say(column.label, locale),
    }
    if column.fiscal is None:
        return said
    days = sorted({value for row in table.rows if isinstance(value := row[at], date)})
    return {**said, "names": {day.isoformat(): name_of(day, column.name, column.fiscal) for day in days}}


def total_json(table: Table, locale: str = "en") -> list[Plain] | None:
    """The totals of a table as JSON has them."""
    return None if table.total is None else _row(table.total, -1, table, locale)


def hidden_json(table: Table) -> dict[str, Any]:
    """The places of hidden cells, by row and column from 0; the total is row -1. Nothing where none is hidden."""
    return {"hidden": [list(place) for place in sorted(table.hidden)]} if table.hidden else {}


def _row(row: Sequence[Value], number: int, table: Table, locale: str) -> list[Plain]:
    return [None if (number, place) in table.hidden else plain_value(value, locale) for place, value in enumerate(row)]


def analyses_json(analyses: Sequence[Analysis], locale: str = "en") -> list[dict[str, Any]]:
    """The questions there are, with their parameters."""
    return [
        {
            "name": each.name,
            "area": each.area,
            "level": each.level.value,
            "question": say(each.question, locale),
            "parameters": dict(each.parameters),
            "fit_parameters": dict(each.fit_parameters),
        }
        for each in analyses
    ]


def described_json(described: Sequence[Described], kind: str, locale: str = "en") -> list[dict[str, Any]]:
    """What there is to ask for, of one kind: ``measure`` or ``dimension``."""
    return [
        {
            "name": each.name,
            "label": say(each.words[0], locale),
            "description": say(each.words[1], locale),
            "unit": each.unit,
            "of": each.of,
            "adds_over": list(each.adds_over),
            "owner": each.owner or None,
            "seen_by": list(each.seen_by),
        }
        for each in described
        if each.kind == kind
    ]


def rows_json(page: Result) -> dict[str, Any]:
    """A page of rows as JSON has it; decimals are texts, and customers' numbers too, as they are longer than JSON's."""

    def told(name: str, value: Any) -> Any:
        return str(value) if value is not None and name.endswith("customer_id") else plain_value(value)

    names = [column.name for column in page.columns]
    document: dict[str, Any] = {
        "columns": [{"name": each.name, "type": each.type.value, "unit": each.unit} for each in page.columns],
        "rows": [[told(name, value) for name, value in zip(names, row, strict=True)] for row in page.rows],
    }
    return document | ({"hidden": sorted(map(list, page.hidden))} if page.hidden else {})


def _evidence(evidence: Evidence, locale: str) -> dict[str, Any]:
    return {
        "method": say(evidence.method, locale),
        "baseline": say(evidence.baseline, locale),
        "metric": evidence.metric,
        "value": evidence.value,
        "baseline_value": evidence.baseline_value,
        "interval": list(evidence.interval),
        "n": evidence.n,
        "parameters": {name: plain_value(value, locale) for name, value in evidence.parameters.items()},
    }
