"""What small companies are told that their customers will bring, and what came: are the ranges as wide as they say?

    python -m tests.pipeline.small_firms [FIRMS] [FIRST SEED]

Each is a synthetic company of its own that sells for 142 weeks and then for 14 more. What its tills rang up by then
goes through the product's own models and fit, in the order of a run; files, identities and the other analyses are left
out, so that hundreds of companies take minutes. They begin in different weeks of the year, so that the time that is
foretold is now a busy one and now a quiet one.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlglot

from clientela.analyse.customer.lifetime.lifetime_value import LIFETIME_VALUE
from clientela.contracts.analysis import Arrays, FitContext
from clientela.contracts.schema import Type
from clientela.pipeline.clock import Clock, clock
from clientela.pipeline.graph import FEATURES, SEED, FitStep, models
from clientela.testing.company.buying.latent import latent
from clientela.testing.company.buying.purchases import Habit
from clientela.testing.company.dealings.sales import Lines, Tills, together
from clientela.testing.company.people.accounts import accounts
from clientela.testing.company.world import World
from clientela.warehouse.build import Build
from clientela.warehouse.model import ALL, Model, in_order, load_models
from tests.pipeline.calibration import HORIZON_DAYS, SEEN_WEEKS, WORLDS
from tests.pipeline.calibration import world as made_of
from tests.unit.cube.published import ARROW, stored_fields

VALUE_DAYS = 98  # of the fourteen weeks after; the last sale may have been some days before
SMALLEST, LARGEST = 30, 300  # customers
PARAMETERS = {**LIFETIME_VALUE.fit_parameters, "value_days": VALUE_DAYS, "discount_rate": 0.0}
_GIVEN = {"horizon_days": HORIZON_DAYS, "lapse_days": 365}
_NOW = time(12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Firm:
    """What one was told of all its customers, with the range of eight in ten, and what came of them.

    ``silent``: why nothing was said, or empty. ``each``: of the customers of whom more than one unit of money was
    expected, the share that ended in their own range, and how many they are. ``method``: what serves; ``drift``: how
    far the test strayed beyond chance.
    """

    customers: int
    came: float
    said: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    each: tuple[float, int] = (float("nan"), 0)
    silent: str = ""
    method: str = ""
    drift: float = 0.0

    @property
    def held(self) -> bool:
        """Whether what came lies in the range."""
        return self.low <= self.came <= self.high


def firms(kind: str, many: int, first: int = 1) -> Iterator[Firm]:
    """So many small companies of one world, of 30 to 300 customers, one after the other."""
    sizes = np.linspace(SMALLEST, LARGEST, many).round().astype(int)
    for number, size in enumerate(sizes):
        plain, seed = made_of(kind, int(size)), first + number
        begins = plain.begins + timedelta(weeks=seed * 7 % 52)  # 7 and 52 share no divisor: each week has its turn
        yield firm(replace(plain, seed=seed, begins=begins))


def firm(world: World) -> Firm:
    """One company: what it is told on the day after the last sale of its first 142 weeks, and what came after it."""
    sold = _sold(world)
    on = np.floor(sold.at * 7).astype(np.int64)
    first, last = int(on.min()), int(on[on < SEEN_WEEKS * 7].max())
    dates = clock(
        now=datetime.combine(world.begins + timedelta(days=last + 1), _NOW, UTC),
        asked=None,
        first_day=world.begins + timedelta(days=first),
        last_day=world.begins + timedelta(days=last),
        horizon_days=HORIZON_DAYS,
        timezone="UTC",
    )
    known = np.unique(sold.customer[(sold.customer >= 0) & (on <= last)])
    after = (on > last) & (on <= last + VALUE_DAYS) & np.isin(sold.customer, known)
    came = np.bincount(sold.customer[after], (sold.revenue - sold.cost)[after] / 100, world.customers)
    with tempfile.TemporaryDirectory() as folder, Build(Path(folder), 1, threads=1) as build:
        model = _valued(build, dates, _order_lines(sold.taken(np.flatnonzero(on <= last)), world.begins))
        told = json.loads(model["parameters"])
        if not model["winner"]:
            return Firm(customers=known.size, came=float(came.sum()), silent=str(told["reason"]))
        score = build.arrays("score")
    asked = score["value"] > 1.0
    brought = came[score["customer_id"].astype(np.int64)]
    inside = (score["low"] <= brought) & (brought <= score["high"])
    said, low, high = told["worth"]
    return Firm(
        customers=known.size, came=float(came.sum()), said=said, low=low, high=high, method=str(model["candidate"]),
        each=(float(inside[asked].mean()) if asked.any() else float("nan"), int(asked.sum())), drift=told["drift"],
    )  # fmt: skip


def _sold(world: World) -> Lines:
    """All lines of a company's life, as its tills rang them up."""
    people = latent(world)
    habit, tills = Habit.begun(world, people), Tills.opened(world, people, accounts(world, people))
    return together([tills.ring_up(habit.next_week(), week) for week in range(world.weeks)])


def _order_lines(sold: Lines, begins: date) -> pa.Table:
    """The lines as ``order_line`` has them; who is known has their own number."""
    noon = datetime.combine(begins, _NOW)
    day = np.floor(sold.at * 7).astype(np.int64)
    at = np.datetime64(noon, "us") + day * np.timedelta64(1, "D")
    text = pa.array(np.arange(len(sold)).astype(str))
    given = {
        "source": pa.array(["till"] * len(sold)),
        "order_id": text,
        "line_no": pa.array(["1"] * len(sold)),
        "customer_id": pa.array(sold.customer, pa.int64(), mask=sold.customer < 0),
        "kind": pa.array(np.where(sold.returns < 0, "sale", "return")),
        "quantity": pa.array(sold.pieces).cast(pa.decimal128(25, 6)).cast(pa.decimal128(18, 6)),
        "net_revenue": _money(sold.revenue),
        "cost_of_goods": _money(sold.cost),
        "happened_at": pa.array(at),
        "happened_on": pa.array(at.astype("datetime64[D]")),
        "known_from": pa.array(at),
    }
    rest = {Type.BOOL: pa.array([False] * len(sold))}  # nothing is assumed
    fields = stored_fields(ALL["order_line"])
    return pa.table(
        {name: given.get(name, rest.get(kind, pa.nulls(len(sold), ARROW[kind]))) for name, kind in fields.items()}
    )


def _money(cents: np.ndarray) -> pa.Array:
    return pc.multiply(pa.array(cents).cast(pa.decimal128(19, 0)), pa.scalar(Decimal("0.01"))).cast(
        pa.decimal128(18, 4)
    )


@cache
def _steps() -> tuple[Model | FitStep, ...]:
    """What a run does to forecast what customers bring, in its order; nothing else."""
    steps = in_order([*models(), FitStep(LIFETIME_VALUE)], known=ALL)
    needed, found = {"score"}, []
    for step in reversed(steps):
        writes = {step.writes} if isinstance(step.writes, str) else set(step.writes)
        own = not isinstance(step, Model) or step.part in (None, LIFETIME_VALUE.name)
        if writes & needed and own:
            needed |= set(step.reads)
            found.append(step)
    return tuple(reversed(found))


def _valued(build: Build, dates: Clock, lines: pa.Table) -> dict[str, object]:
    """Carry the steps out as a run does; returns the row of ``model`` that serves, or that says why none does."""
    build.engine.register("delivered", lines)
    build.create("order_line", sqlglot.parse_one("select * from delivered", dialect="duckdb"))
    build.engine.unregister("delivered")
    written = {table for step in _steps() for table in ([step.writes] if isinstance(step.writes, str) else step.writes)}
    for name in sorted({name for step in _steps() for name in step.reads} - written - {"order_line"}):
        build.create_empty(name)
    features = {model.name for model in load_models(FEATURES)}
    told: Arrays = {}
    for step in _steps():
        if isinstance(step, FitStep):
            told = _fit(build, dates)
            continue
        build.run_model(step, as_of=dates.as_of, known_at=dates.known_at, parameters=_GIVEN)
        for origin in dates.origins if step.name in features else ():
            build.run_model(step, as_of=origin, known_at=dates.start_of(origin), parameters=_GIVEN)
    place = int(np.argmax(told["winner"]))  # without a winner the first says why
    return {name: values[place] for name, values in told.items()}


def _fit(build: Build, dates: Clock) -> Arrays:
    context = FitContext(
        as_of=dates.as_of,
        origins=dates.origins,
        horizon_days=HORIZON_DAYS,
        first_day=dates.first_day,
        version="1",
        parameters=PARAMETERS,
        sample=1.0,
        rng=np.random.default_rng(SEED),
        threads=1,
    )
    assert LIFETIME_VALUE.fit is not None
    computed = LIFETIME_VALUE.fit({name: build.arrays(name) for name in LIFETIME_VALUE.reads}, context)
    for name in LIFETIME_VALUE.writes:
        part = {"analysis": LIFETIME_VALUE.name} if "analysis" in ALL[name].names else {}
        if name == "model":
            part |= {"learned_at": dates.known_at, "contract_hash": "0"}
        build.append(name, computed[name], part)
    return computed["model"]


def say(kind: str, found: Sequence[Firm]) -> str:
    """How many ranges held, of the companies and of their customers."""
    told = [each for each in found if not each.silent]
    held = float(np.mean([each.held for each in told]))
    below = float(np.mean([each.came < each.low for each in told]))
    share, many = np.array([each.each for each in told if each.each[1]]).T
    said, came = (sum(getattr(each, name) for each in told) for name in ("said", "came"))
    return (
        f"{kind}: {len(told)} of {len(found)} companies told; the range of all held in {held:.1%} (below it "
        f"{below:.1%}, above {1 - held - below:.1%}), that of a customer in {float(share @ many / many.sum()):.1%}; "
        f"{said:,.0f} said, {came:,.0f} came"
    )


def main(many: int, first: int) -> None:
    """Judge both worlds and say the figures."""
    for kind in WORLDS:
        sys.stdout.write(say(kind, list(firms(kind, many, first))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    given = sys.argv[1:]
    main(int(given[0]) if given else 200, int(given[1]) if given[1:] else 1)
