"""A table that is wider than the terminal, in parts that fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from shutil import get_terminal_size

from clientela.contracts.insight import Table
from clientela.present.cells import is_number
from clientela.present.plain import table_lines

WIDTH = 80


def narrow_lines(table: Table, lang: str, *, most: int) -> Iterator[str]:
    """The lines of a table; of one that is too wide the columns in parts, each beside what its rows are."""
    room = max(WIDTH, get_terminal_size((WIDTH, 24)).columns)
    whole = [*table_lines(table, lang, most=most)]
    rule = next((line for line in whole if line and not line.strip("- ")), "")
    widths = [len(dashes) for dashes in rule.split("  ")]
    if len(rule) <= room or len(widths) != len(table.columns):
        yield from whole
        return
    fixed = next((place for place, column in enumerate(table.columns) if is_number(column)), len(widths))
    for number, part in enumerate(_parts(widths, fixed, room)):
        if number:
            yield ""
        places = [*range(fixed), *part]
        shown = replace(
            table,
            columns=tuple(table.columns[place] for place in places),
            rows=tuple(tuple(row[place] for place in places) for row in table.rows),
            total=None if table.total is None else tuple(table.total[place] for place in places),
            note=table.note if part[-1] == len(widths) - 1 else None,
            hidden=frozenset((row, places.index(place)) for row, place in table.hidden if place in places),
        )
        lines = [*table_lines(shown, lang, most=most)]
        yield from lines[1:] if number else lines


def _parts(widths: Sequence[int], fixed: int, room: int) -> Iterator[list[int]]:
    """The columns after the fixed ones, as many together as there is room for, one at least."""
    beside = sum(width + 2 for width in widths[:fixed])
    part: list[int] = []
    taken = beside
    for place in range(fixed, len(widths)):
        if part and taken + widths[place] > room:
            yield part
            part, taken = [], beside
        part.append(place)
        taken += widths[place] + 2
    if part:
        yield part
