"""The company's workspace, run after each delivery, and the product's own answers to questions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import clientela
from clientela.contracts.fiscal import FiscalYear
from clientela.cube.declared.catalogue import Catalogue
from clientela.cube.explore import explore
from clientela.cube.rollup import choose
from clientela.cube.rollup.shape import Shape
from clientela.pipeline import serving
from clientela.pipeline.asking.seen import knowledge_in
from clientela.pipeline.rolling import written
from clientela.pipeline.serving import Serving
from clientela.warehouse.store.snapshot import Reader
from clientela.workspace import create
from tests.oracle.beside import Expected, changed
from tests.oracle.company import FISCAL_DAY, FISCAL_MONTH, LAPSE_DAYS, NOWS, World, deliver
from tests.oracle.dictionary import DIGITS, RATIOS, unit
from tests.oracle.layout import SOURCES
from tests.oracle.questions import Question
from tests.oracle.sql import Looked

CATALOGUE = Catalogue(fiscal=FiscalYear(FISCAL_MONTH, FISCAL_DAY))
ROLLED = (
    Shape(measures=("revenue", "margin", "returns", "discount", "quantity"), by=("month", "category", "channel")),
    Shape(measures=("revenue", "orders", "customers"), by=("month",)),
    Shape(measures=("revenue", "order_lines"), by=("region", "kind", "day")),
    Shape(measures=("orders", "customers", "purchase_days"), by=("channel",)),
    Shape(measures=("new_customers", "lost_customers", "customers_won_back"), by=("month",)),
    Shape(measures=("invoiced", "paid", "overdue", "late_share"), by=("month", "source")),
    Shape(measures=("cases", "complaints", "days_to_reply"), by=("case_kind", "month")),
    Shape(measures=("contacts", "calls", "customers_contacted"), by=("channel", "month")),
    Shape(measures=("cost_to_serve",), by=("serving", "month")),
    Shape(measures=("messages_sent", "campaign_cost", "responses"), by=("campaign", "month")),
)
LAST = Decimal("0.000001")
SETTINGS = "\n[run]\nthreads = 1\nkeep_snapshots = 9\n"


@dataclass(frozen=True)
class Asked:
    """The snapshot that serves, open to be asked."""

    reader: Reader
    served: Serving

    @property
    def last(self) -> Looked:
        """The latest that can be looked from."""
        manifest = self.served.snapshot.manifest
        return Looked(date.fromisoformat(manifest["as_of"]), datetime.fromisoformat(manifest["known_at"]))

    def answer(self, asked: Question) -> tuple[Expected, Looked]:
        """The product's answer, and from when it looked."""
        kb = knowledge_in(self.reader, self.served.snapshot, asked.as_of, known_at=asked.known_at, catalogue=CATALOGUE)
        told = explore(
            kb,
            asked.names,
            asked.by,
            asked.where,
            wanted=asked.wanted,
            order=asked.order,
            limit=asked.limit,
            catalogue=CATALOGUE,
        )
        rows = list(told.result.rows) if asked.by else []
        return Expected(rows, told.result.totals, told.rest), Looked(kb.as_of, kb.known_at)


def built(folder: Path, made: World, deliveries: int) -> Iterator[Path]:
    """The workspace after each run."""
    create(folder, name="Nasty", currency="EUR", timezone="Europe/Madrid")
    (folder / "exports").mkdir()
    toml = folder / "clientela.toml"
    said = toml.read_text("utf-8").replace("[company]", f"[company]\nlapse_days = {LAPSE_DAYS}", 1)
    toml.write_text(said + SETTINGS + "".join(source.toml for source in SOURCES), "utf-8")
    workspace = clientela.open(folder)
    for number in range(deliveries):
        deliver(folder, made, number)
        with rolled_up():
            workspace.run(now=NOWS[number])
        yield folder


@contextmanager
def rolled_up() -> Iterator[None]:
    """A run that counts beforehand what a large company's would: so few rows are worth no roll-up."""
    with (
        patch.multiple(written, AT_LEAST=1, STANDARD=dict.fromkeys(ROLLED, 1.0)),
        patch.multiple(choose, _FEW=0, _WORTH=0),
    ):
        yield


@contextmanager
def opened(folder: Path) -> Iterator[Asked]:
    """What serves, to be asked."""
    with serving.opened(folder) as (reader, served):
        yield Asked(reader, served)


def differs(got: Expected, wanted: Expected, asked: Question) -> str:
    """Where two answers differ; empty where they are one."""
    if asked.order or asked.wanted.top is not None or not asked.by:
        ours, theirs = got.rows, wanted.rows
    else:
        ours, theirs = sorted(got.rows, key=_member(asked)), sorted(wanted.rows, key=_member(asked))
    if len(ours) != len(theirs):
        return f"{len(ours)} rows, not {len(theirs)}"
    lines = [(got.totals, wanted.totals), *zip(ours, theirs, strict=True)]
    for mine, other in lines:
        if mine is None or other is None or len(mine) != len(other):
            return f"{mine} is not {other}"
        for place, (one, two) in enumerate(zip(mine, other, strict=True)):
            if not _same(one, two, asked, place, mine):
                return f"column {place} of {mine} is not that of {other}"
    rest, theirs_rest = got.rest, wanted.rest
    if (rest is None) is not (theirs_rest is None):
        return f"the rest {rest} is not {theirs_rest}"
    for place, two in enumerate(theirs_rest or ()):
        if not _same((rest or ())[place], two, asked, place, rest or ()):
            return f"the rest {rest} is not {theirs_rest}"
    return ""


def _member(asked: Question) -> Any:
    return lambda row: [
        (value is None, value or 0 if not isinstance(value, str) else value) for value in row[: len(asked.by)]
    ]


def _same(one: Any, two: Any, asked: Question, place: int, row: tuple[Any, ...]) -> bool:
    """Equal; what was divided may differ in its last digit, as the product divides by way of a double."""
    if one is None or two is None:
        return one is two
    width, columns = len(asked.by), len(asked.names)
    if place < width or asked.wanted.running:
        return bool(one == two)
    beside = place - width - columns
    if beside < 0 or (asked.wanted.compare is not None and beside % 2 == 0):  # a figure, or that of the period before
        name = asked.names[place - width if beside < 0 else beside // 2]
        return bool(abs(one - two) <= Decimal(1).scaleb(-DIGITS[unit(name)])) if name in RATIOS else bool(one == two)
    if asked.wanted.compare is not None and asked.names[beside // 2] in RATIOS:  # its change is that of what is shown
        two = changed(row[width + beside // 2], row[place - 1], asked.names[beside // 2])
    return bool(abs(Decimal(one) - Decimal(two)) <= LAST)
