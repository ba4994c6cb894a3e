"""What of a company's life is written into its truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from clientela.estimators.arrays import Floats
from clientela.testing.company.buying.assortment import BRANDS, CATEGORIES, NONE, promoted
from clientela.testing.company.buying.expected import guessed
from clientela.testing.company.buying.purchases import Habit
from clientela.testing.company.buying.response import Messages
from clientela.testing.company.buying.worth import worth
from clientela.testing.company.dealings.sales import Lines, Tills
from clientela.testing.company.dealings.touches import KINDS
from clientela.testing.company.exports.dealings import Dealings
from clientela.testing.company.exports.numbers import customer_numbers
from clientela.testing.company.people.accounts import SYSTEMS, Accounts
from clientela.testing.company.places import districts
from clientela.testing.company.truth.folder import Truth
from clientela.testing.company.world import World


def of_the_world(truth: Truth, habit: Habit, held: Accounts, tills: Tills, dealings: Dealings) -> None:
    """Keep what is fixed from the first week on."""
    world, latent, made = habit.world, habit.latent, tills.assortment
    said = {each.name: repr(getattr(world, each.name)) for each in fields(World)}
    truth.keep("world", {"name": list(said), "value": list(said.values())})
    own = {name: getattr(latent, name) for name in ("joins", "leaves", "rate", "hazard", "spend", "elasticity")}
    more = {name: getattr(latent, name) for name in ("responds", "content", "online", "company")}
    places = pa.array([each.territory_id for each in districts()])
    home = places.take(pa.array(latent.home))
    truth.keep("customer", {"customer": np.arange(len(latent)), **own, **more, "territory_id": home})
    truth.keep("account", _accounts(held))
    money = {"list_price": made.list_price, "unit_cost": made.unit_cost, "launched": made.launched}
    words = {"category": _words(CATEGORIES, made.category), "brand": _words(BRANDS, made.brand)}
    truth.keep("product", {"product": np.arange(len(made)), **money, **words})
    truth.keep("calendar", _calendar(habit))
    subscribed = dealings.subscribed
    names = ("customer", "starts", "ends", "months", "amount", "chance")
    truth.keep("subscription", {name: getattr(subscribed, name) for name in names})


def of_the_week(truth: Truth, week: int, made: Lines, arrived: Lines, dealings: Dealings) -> None:
    """Keep what happened in a week, and what of it or earlier ones arrived after it."""
    truth.keep_week("line", _lines(made), week)
    truth.keep_week("arrived_line", {**_lines(arrived), "week": np.full(len(arrived), week)}, week)
    if dealings.billed is not None:
        names = ("order", "customer", "amount", "issued", "due", "paid")
        truth.keep_week("invoice", {name: getattr(dealings.billed, name) for name in names}, week)
    seen = [dealings.seen[kind] for kind in KINDS]
    size = [len(each) for each in seen]
    columns: dict[str, Any] = {
        "kind": _words(KINDS, np.repeat(np.arange(len(KINDS)), size)),
        "week": np.full(sum(size), week),
        "place": np.concatenate([np.arange(each) for each in size]),
    }
    for name in ("customer", "at", "size"):
        columns[name] = np.concatenate([getattr(each, name) for each in seen])
    truth.keep_week("touch", columns, week)


def expected(truth: Truth, habit: Habit, tills: Tills, messages: Messages, weeks: int) -> pa.Table:
    """Keep what is to be expected of customers from now on, and say it."""
    latent, now = habit.latent, habit.week
    come = worth(habit, tills.assortment, weeks, more=messages.more(now))
    state = np.where(latent.joins >= now, 0, np.where(latent.leaves > now, 1, 2))
    back = {name: _back(tills, name, len(latent), now + weeks) for name in ("revenue", "cost")}
    path = truth.keep(
        "expected_value",
        {
            "from_week": np.full(len(latent), now),
            "weeks": np.full(len(latent), weeks),
            "customer": np.arange(len(latent)),
            "state": _words(("to come", "customer", "left"), state),
            # not every processor has the same last digits
            "chance": guessed(habit, messages.more).chance.round(6),
            "purchases": come.purchases.round(6),
            "revenue": come.revenue.round(2),
            "margin": come.margin.round(2),
            "back_revenue": back["revenue"],
            "back_margin": back["revenue"] - back["cost"],
        },
        f"week-{now:04}-for-{weeks:04}",
    )
    return truth.read("expected_value", path.stem)


def _back(tills: Tills, money: str, customers: int, until: float) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The money of what was bought before and comes back before a moment, (customers,)."""
    if tills.to_come is None:
        return np.zeros(customers, np.int64)
    due = np.flatnonzero((tills.to_come.customer >= 0) & (tills.to_come.at < until))
    return np.bincount(tills.to_come.customer[due], getattr(tills.to_come, money)[due], customers).astype(np.int64)


def _accounts(held: Accounts) -> Mapping[str, Any]:
    number: list[pa.Array] = [customer_numbers(np.arange(len(held)), system) for system in range(len(SYSTEMS))]
    shift = held.system.astype(np.int64) * len(held) + np.arange(len(held))
    return {
        "account": np.arange(len(held)),
        "customer": held.customer,
        "system": _words(SYSTEMS, held.system),
        "number": pa.concat_arrays(number).take(pa.array(shift)),
        "since": held.since,
    }


def _calendar(habit: Habit) -> Mapping[str, Any]:
    world, week = habit.world, np.arange(habit.world.weeks)
    on = promoted(world)
    return {
        "week": week,
        "begins": [world.begins + timedelta(weeks=int(each)) for each in week],
        "busyness": habit.pull.busyness,
        "promoted": _words((*CATEGORIES, None), np.where(on == NONE, len(CATEGORIES), on)),
        "cut": habit.pull.cut,
    }


def _lines(lines: Lines) -> dict[str, Floats]:
    return {name: getattr(lines, name) for name in Lines.__dataclass_fields__}


def _words(words: tuple[str | None, ...], which: Any) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(np.asarray(which, np.int64)))
