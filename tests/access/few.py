"""Companies with small and large cells, and somebody who tries to work out those that are hidden."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any
from unittest.mock import patch

import numpy as np

from clientela.access.area import Reach
from clientela.access.rights import Scope
from clientela.contracts.analysis import Result
from clientela.cube.declared.facts import Fact
from clientela.cube.many import answer
from clientela.cube.many.cells import Told, counted_cells
from clientela.cube.view import View
from tests.access import cases
from tests.access.compare import MIDNIGHT
from tests.unit.cube.published import Published, line

TIMES = ("year", "quarter", "month")
OTHERS = ("nation", "region", "category", "channel")
QUESTIONS: tuple[tuple[str, ...], ...] = (
    (), *((time,) for time in TIMES), *((other,) for other in OTHERS),
    *((time, other) for time in TIMES for other in OTHERS),
)  # fmt: skip
PRIME = 2_147_483_629

Member = tuple[Any, ...]
Row = Mapping[str, Any]


def company(rng: random.Random) -> cases.Tables:
    """A company of sixteen months, some of whose cells tell of many, some of few, some of nobody."""
    tables = cases.company(rng)
    people, count = rng.choice((12, 25, 60)), rng.choice((40, 150, 400))
    places = [row["territory_id"] for row in tables["territory"]]
    weights = [1 / (1 + number) ** 2 for number in range(len(places) + 1)]
    goods = (*cases.PRODUCTS, None)
    lines = []
    for number in range(count):
        row = line(
            f"o{number}",
            rng.choice((None, *(range(1, people + 1)))),
            (date(2023, 1, 1) + timedelta(days=min(rng.randrange(480), rng.randrange(480)))).isoformat(),
            str(Decimal(rng.randrange(1, 99999)) / 100),
            product_id=rng.choices(goods, (20, 10, 4, 1, 1))[0],
            territory_id=rng.choices([*places, None], weights)[0],
            channel=rng.choices(("web", "store", "fair", None), (20, 8, 1, 1))[0],
            kind=rng.choice(("sale", "sale", "sale", "return")),
        )
        lines.append({**row, "known_from": cases.LONG_AGO, "known_until": None})
    return {**tables, "order_line": lines}


def members(row: Row, tables: cases.Tables) -> dict[str, Any]:
    """What an order line is seen by."""
    day = row["happened_on"]
    places = {each["territory_id"]: each for each in tables["territory"]}
    here = places.get(row["territory_id"])
    path: list[Row] = []
    while here is not None and here not in path:
        path.append(here)
        here = places.get(here["parent_id"])
    category = {each["product_id"]: each["category"] for each in tables["product"]}.get(row["product_id"])
    return {
        "year": day.replace(month=1, day=1),
        "quarter": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        "month": day.replace(day=1),
        "category": category,
        "channel": row["channel"],
        "region": _named(path, "region"),
        "nation": _named(path, "nation"),
    }


def _named(path: Sequence[Row | None], level: str) -> Any:
    return next((each["name"] for each in path if each is not None and each["level"] == level), None)


def answers(published: Published, scope: Scope, measure: str) -> dict[tuple[str, ...], Result]:
    """Every answer on the lattice that somebody may get of one measure."""
    view = published.view(cases.ON, MIDNIGHT, scope=scope)
    many = scope.of_many
    assert many is not None
    counted = {}

    def once(view: View, fact: Fact, reach: Reach, path: Sequence[str], rows: str | None = None) -> Mapping[Any, Told]:
        """Twenty questions, five hierarchies: no need to count the customers twenty times."""
        if (path, rows) not in counted:
            counted[path, rows] = counted_cells(view, fact, reach, path, rows)
        return counted[path, rows]

    with patch.object(answer, "counted_cells", once):
        return {by: answer.of_many(view, many, [measure], by) for by in QUESTIONS}


def cells(by: Sequence[str], told: Result) -> dict[Member, Any]:
    """Each cell of an answer, the total's too, which is (); hidden ones are None."""
    width = len(by)
    found = {tuple(row[:width]): row[width] for row in told.rows} if width else {}
    assert told.totals is not None
    found[()] = told.totals[width]
    places = {(number, width) for number, row in enumerate(told.rows) if row[width] is None and width}
    places |= {(-1, width)} if told.totals[width] is None else set()
    assert {place for place in told.hidden if place[0] == -1 or width} == places
    return found


def worked_out(lines: Sequence[Row], asked: Mapping[tuple[str, ...], Mapping[Member, Any]]) -> list[Any]:
    """The hidden cells that all answers together determine: those whose sum is one of sums of shown cells.

    Unknown are the finest cells that may hold something: all by which a month is divided, put together in every way. Of
    these nobody is told which are empty; which region lies in which nation is taken as known to everybody.
    """
    finest = _finest(lines)
    columns = {name: [place[at] for place in finest] for at, name in enumerate((*TIMES, *OTHERS))}
    coded = {name: {value: code for code, value in enumerate(dict.fromkeys(each))} for name, each in columns.items()}
    codes = {name: np.array([coded[name][value] for value in each]) for name, each in columns.items()}

    def sums(by: Sequence[str], member: Member) -> Any:
        inside = np.ones(len(finest), dtype=np.int64)
        for name, value in zip(by, member, strict=False):
            inside &= codes[name] == coded[name][value]
        return inside

    shown = [sums(by, m) for by, found in asked.items() for m, value in found.items() if value is not None]
    hidden = {(by, m): sums(by, m) for by, found in asked.items() for m, value in found.items() if value is None}
    if not shown or not hidden:
        return []
    both = np.concatenate([np.unique(np.stack(shown), axis=0), np.stack([*hidden.values()])])
    both = np.unique(both, axis=1)  # cells that nothing tells apart stand as one
    reduced, pivots = _eliminated(both[: -len(hidden)])
    left = both[-len(hidden) :]
    for row, pivot in enumerate(pivots):
        left = (left - left[:, [pivot]] * reduced[row]) % PRIME
    return [cell for cell, rest in zip(hidden, left, strict=True) if not rest.any()]


def _finest(lines: Sequence[Row]) -> list[tuple[Any, ...]]:
    time = sorted({tuple(each[name] for name in TIMES) for each in lines})
    found = []
    for when in time:
        here = [each for each in lines if each["month"] == when[-1]]
        places = {(each["nation"], each["region"]) for each in here}
        kinds = [{each[name] for each in here} for name in ("category", "channel")]
        found += [(*when, *place, *kind) for place in places for kind in product(*kinds)]
    return found


def _eliminated(matrix: Any) -> tuple[Any, list[int]]:
    """Gauss and Jordan over the whole numbers modulo a prime: no rounding."""
    pivots: list[int] = []
    for column in range(matrix.shape[1]):
        here = len(pivots)
        below = np.nonzero(matrix[here:, column])[0]
        if not len(below):
            continue
        matrix[[here, here + below[0]]] = matrix[[here + below[0], here]]
        matrix[here] = matrix[here] * pow(int(matrix[here, column]), -1, PRIME) % PRIME
        others = np.nonzero(matrix[:, column])[0]
        others = others[others != here]
        matrix[others] = (matrix[others] - matrix[others][:, [column]] * matrix[here]) % PRIME
        pivots.append(column)
        if len(pivots) == matrix.shape[0]:
            break
    return matrix[: len(pivots)], pivots


def customers(lines: Sequence[tuple[Row, Any]], by: Sequence[str]) -> dict[Member, set[Any]]:
    """The different customers of each cell, and of () all of them."""
    found: dict[Member, set[Any]] = {(): set()}
    for places, who in lines:
        for member in ((), tuple(places[name] for name in by)):
            found.setdefault(member, set()).update({who} - {None})
    return found
