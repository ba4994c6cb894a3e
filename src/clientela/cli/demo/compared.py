"""What the product found, beside what is true."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path, PurePath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from clientela.testing.company import truth
from clientela.testing.company.readable import Readable, readable
from clientela.workspace import Workspace

_STAMPED = re.compile(r"-\d{4}-W\d\d\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """How much there is of something in the world, and how many that is for each customer."""

    what: str
    number: int
    each: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Customers:
    """Who is who: records, the persons and companies they are of, the customers found, and how right the joins are.

    ``precision``: share of the pairs joined that are one person; ``recall``: share of the pairs of one person joined;
    None where there is no pair.
    """

    records: int
    true: int
    found: int
    precision: float | None
    recall: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revenue:
    """Revenue after a run: what was found, what is true, and how one comes to the other; now: as it is known today."""

    on: date
    found: Decimal
    found_now: Decimal
    truth: Readable

    @property
    def unexplained(self) -> Decimal:
        """What was found that is not accounted for, to the cent."""
        return (self.found - self.truth.best).quantize(Decimal("0.01"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """Rows that cannot be used: planted, found in their places, found elsewhere."""

    planted: int
    found: int
    elsewhere: int


def volumes(folder: Path, customers: int) -> tuple[Volume, ...]:
    """How much of everything happened in a world, by its truth."""
    lines, touches = truth.read(folder, "line"), truth.read(folder, "touch")
    known = lines.filter(pc.and_(pc.greater_equal(lines["customer"], 0), pc.less(lines["returns"], 0)))
    kinds = Counter(touches["kind"].to_pylist())
    numbers = {
        "orders": pc.count_distinct(known["order"]).as_py(),
        "lines": known.num_rows,
        "visits": kinds["visits"],
        "contacts": kinds["calls"] + kinds["mailings"],
        "cases": kinds["cases"],
    }
    return tuple(Volume(what=what, number=n, each=n / customers) for what, n in numbers.items())


def customers(workspace: Workspace, folder: Path, weeks: int) -> Customers:
    """How right the product found who is who, by the records that were sent so far and could be used."""
    who = truth.read(folder, "who_is_who")
    sent = who.filter(pc.less(who["since_week"], weeks))
    found = _found(workspace, (f"{s}:{r}" for s, r in zip(*_columns(sent, "system", "record_id"), strict=True)))
    pairs = [(person, one) for person, one in zip(sent["person"].to_pylist(), found, strict=True) if one is not None]
    right = _pairs(Counter(pairs))
    of_one, joined = _pairs(Counter(person for person, _ in pairs)), _pairs(Counter(one for _, one in pairs))
    return Customers(
        records=len(pairs),
        true=len({person for person, _ in pairs}),
        found=len({one for _, one in pairs}),
        precision=right / joined if joined else None,
        recall=right / of_one if of_one else None,
    )


def _found(workspace: Workspace, keys: Iterable[str]) -> Sequence[int | None]:
    with workspace.finding() as resolver:
        return [resolver.find(key).customer_id for key in keys]


def _pairs(sizes: Counter[Any]) -> int:
    """How many pairs there are within groups of these sizes."""
    return sum(size * (size - 1) // 2 for size in sizes.values())


def revenue(workspace: Workspace, folder: Path, begins: date, weeks: Sequence[int]) -> tuple[Revenue, ...]:
    """Revenue as it was known after each of these runs, and as it is known after the last."""
    told = []
    for number in weeks:
        day = begins + timedelta(weeks=number)
        # what a Monday's run learned is known on the day after; what the newest one learned, at once
        then = day if number == weeks[-1] else day + timedelta(days=1)
        truly = readable(folder, weeks=number, until=day)
        told.append(
            Revenue(on=day, found=_revenue(workspace, then), found_now=_revenue_now(workspace, day), truth=truly)
        )
    return tuple(told)


def _revenue(workspace: Workspace, day: date) -> Decimal:
    return Decimal(str(workspace.query("revenue", as_of=day).table.rows[0][0]))


def _revenue_now(workspace: Workspace, before: date) -> Decimal:
    rows = workspace.query("revenue", where=f"day < '{before.isoformat()}'").table.rows
    return Decimal(str(rows[0][0])) if rows else Decimal(0)


def quarantined(workspace: Workspace, folder: Path, weeks: int) -> Quarantined:
    """Whether the rows in quarantine are those that were spoiled so that they cannot be used."""
    dirt = truth.read(folder, "dirt")
    spoiled = dirt.filter(pc.equal(dirt["expected"], "quarantine"))
    planted = {
        (file, line)
        for file, line, week in zip(*_columns(spoiled, "file", "line", "week"), strict=True)
        if _STAMPED.search(file) or week == weeks - 1  # a file without a week in its name is sent whole each week
    }
    found = {(PurePath(row.path).name, row.line) for row in workspace.quarantine(status="open").rows}
    return Quarantined(planted=len(planted), found=len(planted & found), elsewhere=len(found - planted))


def _columns(table: pa.Table, *names: str) -> tuple[list[Any], ...]:
    return tuple(table[name].to_pylist() for name in names)
