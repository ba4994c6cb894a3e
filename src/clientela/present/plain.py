"""An insight as plain text for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import wrap

from clientela.contracts.insight import Insight, Table
from clientela.contracts.text import Text, text
from clientela.present import cells
from clientela.present.say import say
from clientela.present.views import sure

WIDTH = 88
ROWS = 10
WHOLE = 24  # rows of a table with a total that are all shown: what sums to something is not cut
STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # a value must not move the cursor or colour the screen
HEAD = 12  # the head of a narrow column breaks into lines not shorter than this


def plain(insight: Insight, locale: str = "en") -> str:
    """The sentence, the next facts, a small table, how sure we are, what to keep in mind, what to do next."""
    return "\n".join(STEERING.sub("", line) for line in _lines(insight, locale)).strip("\n") + "\n"


def _lines(insight: Insight, locale: str) -> Iterator[str]:
    if insight.abstained is not None:
        yield from _wrapped(insight.question, locale)
        yield from _wrapped(insight.abstained, locale)
        yield from _points(text("What to do next"), insight.next, locale)
        return
    if insight.headline is not None:
        yield from _wrapped(insight.headline, locale)
    for fact in insight.lead:
        yield from _wrapped(fact, locale)
    if insight.table is not None:
        yield ""
        yield from table_lines(insight.table, locale)
    yield from _points(text("How sure are we?"), sure(insight), locale)
    yield from _points(text("Keep in mind"), insight.caveats, locale)
    yield from _points(text("What to do next"), insight.next, locale)


def _wrapped(message: Text, locale: str) -> list[str]:
    return wrap(say(message, locale), WIDTH, break_long_words=False, break_on_hyphens=False)


def _points(head: Text, messages: tuple[Text, ...], locale: str) -> Iterator[str]:
    if messages:
        yield ""
        yield say(head, locale)
    for message in messages:
        yield from wrap(
            say(message, locale), WIDTH, initial_indent="  - ", subsequent_indent="    ", break_on_hyphens=False
        )


def table_lines(table: Table, locale: str = "en", *, most: int = ROWS) -> Iterator[str]:
    """A table as lines of text, its first ``most`` rows; one with a total, of a few rows more, is shown whole."""
    if table.total is not None and len(table.rows) <= WHOLE:
        most = max(most, len(table.rows))
    said = cells.text_rows(table, locale)
    shown = said[:most] if table.total is None else [*said[: len(table.rows)][:most], said[-1]]
    heads = [
        label if unit is None else f"{label} ({unit})" for label, unit in (cells.head(c, locale) for c in table.columns)
    ]
    if table.total is not None:
        shown[-1] = ["" if value is None else words for value, words in zip(table.total, shown[-1], strict=True)]
        shown[-1][0] = shown[-1][0] or say(text("Total"), locale)
    cells_wide = [max((len(row[at]) for row in shown), default=0) for at in range(len(heads))]
    wrapped = [wrap(head, max(width, HEAD)) for head, width in zip(heads, cells_wide, strict=True)]
    widths = [max(width, *map(len, lines)) for width, lines in zip(cells_wide, wrapped, strict=True)]
    right = [cells.is_number(column) for column in table.columns]
    rule = "  ".join("-" * width for width in widths)
    yield say(table.caption, locale)
    tallest = max(len(lines) for lines in wrapped)
    for at in range(tallest):
        yield _row([([""] * (tallest - len(lines)) + lines)[at] for lines in wrapped], widths, right)
    yield rule
    for at, row in enumerate(shown):
        if table.total is not None and at == len(shown) - 1:
            yield rule
        yield _row(row, widths, right)
    if (more := len(table.rows) - most) > 0:
        yield say(text("… and {n} more; --json has them all.", n=more), locale)
    if table.note is not None:
        yield from _wrapped(table.note, locale)


def _row(row: list[str], widths: list[int], right: list[bool]) -> str:
    placed = [
        words.rjust(width) if to_right else words.ljust(width)
        for words, width, to_right in zip(row, widths, right, strict=True)
    ]
    return "  ".join(placed).rstrip()
