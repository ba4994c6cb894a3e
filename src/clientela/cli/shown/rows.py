"""Rows of a query in lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clientela.contracts.analysis import Result

WIDEST = 60


def row_lines(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, most: int = 60) -> Iterator[str]:
    """A head, the first ``most`` rows, and how many there are beside.

    Examples
    --------
    >>> print("\\n".join(row_lines(["n", "name"], [[1, "a"], [10, None]])))
    n   name
    --  ----
    1   a
    10  –
    """
    said = [["–" if value is None else _short(str(value)) for value in row] for row in rows[:most]]
    widths = [max(len(name), *(len(row[at]) for row in said), 0) for at, name in enumerate(columns)]
    yield _line(columns, widths)
    yield "  ".join("-" * width for width in widths)
    for row in said:
        yield _line(row, widths)
    if len(rows) > most:
        yield f"… and {len(rows) - most} more; --json has them all."


def _short(said: str) -> str:
    flat = " ".join(said.split())
    return flat if len(flat) <= WIDEST else flat[: WIDEST - 1] + "…"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def page_lines(page: Result, *, width: int = 80) -> Iterator[str]:
    """A page of rows: side by side where they fit, else each row with a line a column."""
    names = [column.name for column in page.columns]
    rows = [
        ["hidden" if (number, place) in page.hidden else value for place, value in enumerate(row)]
        for number, row in enumerate(page.rows)
    ]
    lines = [*row_lines(names, rows, most=len(rows))]
    if not rows or max(map(len, lines[:2])) <= max(width, get_terminal_size((width, 24)).columns):
        yield from lines if rows else ()
        return
    wide = max(map(len, names))
    for number, row in enumerate(rows):
        if number:
            yield ""
        for name, value in zip(names, row, strict=True):
            if value is not None:
                yield f"{name.ljust(wide)}  {_short(str(value))}"


def page_csv(page: Result) -> str:
    """A page of rows as CSV that no spreadsheet computes."""
    from clientela.contracts.insight import Table, TableColumn
    from clientela.contracts.text import Text
    from clientela.present.table import table_csv

    columns = tuple(
        TableColumn(name=each.name, type=each.type, label=Text(each.name), unit=None) for each in page.columns
    )
    return table_csv(Table(columns=columns, rows=page.rows, caption=Text(""), hidden=page.hidden), "en")


def table_documents() -> Iterator[dict[str, Any]]:
    """Every table there is, with what it holds and its columns, as plain data."""
    from clientela.cube.fields import personal_fields, public_fields
    from clientela.cube.view import ALL

    for name, contract in ALL.items():
        public, personal = [*public_fields(contract)], [*personal_fields(contract)]
        if public or personal:
            yield {"name": name, "description": contract.description, "columns": public, "personal": personal}


def table_names() -> Iterator[str]:
    """Every table there is, with what it holds and its columns."""
    from textwrap import wrap

    for each in table_documents():
        yield each["name"]
        yield from wrap(each["description"], 76, initial_indent="    ", subsequent_indent="    ")
        personal = ", ".join(each["personal"])
        said = ", ".join(each["columns"]) + (f"; personal: {personal}" if personal else "")
        yield from wrap(said, 76, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False)
