"""Other currencies: who is billed in them, what they are worth, and what a bill is in the company's own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from clientela.estimators.arrays import Indices
from clientela.testing.company.dealings.sales import Lines
from clientela.testing.company.exports.billing.by_number import chance_of
from clientela.testing.company.exports.forms import Csv, Sheet
from clientela.testing.company.exports.moments import days
from clientela.testing.company.exports.spelling import joined, whole_numbers
from clientela.testing.company.people.accounts import OFFICE, Accounts
from clientela.testing.company.streams import stream
from clientela.testing.company.world import World

OWN = -1
WORTH = {"GBP": 1_150_000, "USD": 920_000, "CHF": 1_030_000}  # millionths of the company's currency, before week 0
_MILLION, _FINE = 1_000_000, 100  # a cent has a hundred of the smallest parts that an amount is kept in


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """Lines as they are billed: in a currency of `WORTH` by its place, or the company's `OWN`; amounts in its cents."""

    currency: Indices
    revenue: NDArray[np.int64]
    discount: NDArray[np.int64]
    cost: NDArray[np.int64]


def billed(world: World, accounts: Accounts, lines: Lines) -> Billed:
    """The lines in the currencies of those who get the bills, at the rate of their week."""
    currency = _currency(world, accounts, lines.account)
    rate = _of_lines(world, currency, lines)
    revenue, discount, cost = (
        np.where(currency == OWN, amount, _divided(amount * _MILLION, rate))
        for amount in (lines.revenue, lines.discount, lines.cost)
    )
    return Billed(currency=currency, revenue=revenue, discount=discount, cost=cost)


def converted(world: World, accounts: Accounts, lines: Lines) -> dict[str, NDArray[np.int64]]:
    """What revenue, discount and cost of lines are in the company's currency after they were billed in another.

    Returns
    -------
    ``revenue``, ``discount``, ``cost``: (n,), in ten-thousandths of the company's currency, half of one away from 0;
    where nothing is billed abroad, a hundred times the cents of the lines
    """
    bills = billed(world, accounts, lines)
    rate = _of_lines(world, bills.currency, lines)
    return {
        name: np.where(bills.currency == OWN, cents * _FINE, _divided(cents * _FINE * rate, np.int64(_MILLION)))
        for name, cents in (("revenue", bills.revenue), ("discount", bills.discount), ("cost", bills.cost))
    }


def abroad(world: World, accounts: Accounts, lines: Lines, week: int) -> dict[str, Any]:
    """The truth of the lines that are billed in other currencies, of all that arrived after a week."""
    made = lines.taken(np.flatnonzero(_currency(world, accounts, lines.account) != OWN))
    bills, worth = billed(world, accounts, made), converted(world, accounts, made)
    about = {"order": made.order, "line": made.line, "week": np.full(len(made), week)}
    return {**about, "currency": codes(world, bills.currency), "billed": bills.revenue, **worth}


def codes(world: World, currency: Indices) -> pa.Array:
    """Currencies as their codes."""
    return pa.array([*WORTH, world.currency]).take(pa.array(np.where(currency == OWN, len(WORTH), currency)))


def rates(world: World, week: int) -> Sheet:
    """The exchange rates of a week, which hold from its Monday on."""
    worth = _worth(world)[week]
    whole, part = np.divmod(worth, _MILLION)
    return Sheet(
        {
            "currency": pa.array(list(WORTH)),
            "day": days(world, np.full(len(WORTH), 7 * week), "%Y-%m-%d"),
            "rate": joined(whole_numbers(whole), ".", pc.utf8_lpad(whole_numbers(part), 6, "0")),
        },
        Csv(",", quoted=False),
    )


def _currency(world: World, accounts: Accounts, account: Indices) -> Indices:
    """In which currency each account is billed; the sales office bills some companies in theirs."""
    known = account >= 0
    office = known & (accounts.system[np.where(known, account, 0)] == OFFICE)
    chance = chance_of(world.seed, "abroad", account)
    which = np.minimum((chance / max(world.abroad, 1e-12) * len(WORTH)).astype(np.intp), len(WORTH) - 1)
    return np.where(office & (chance < world.abroad), which, OWN)


def _of_lines(world: World, currency: Indices, lines: Lines) -> NDArray[np.int64]:
    """The rate of each line's week, in millionths; one where it is billed in the company's currency."""
    worth = _worth(world)
    week = np.clip(np.floor(lines.at).astype(np.intp), 0, len(worth) - 1)
    return np.where(currency == OWN, np.int64(_MILLION), worth[week, np.maximum(currency, 0)])


@lru_cache(maxsize=4)
def _worth(world: World) -> NDArray[np.int64]:
    """(weeks, currencies), in millionths of the company's currency: random walks of the logarithm."""
    steps = stream(world.seed, "exchange rates").normal(0, world.rate_swing, (world.weeks, len(WORTH)))
    walk = np.array(list(WORTH.values())) * np.exp(np.cumsum(steps, axis=0))
    return np.maximum(1, np.round(walk)).astype(np.int64)


def _divided(amount: NDArray[np.int64], by: NDArray[np.int64] | np.int64) -> NDArray[np.int64]:
    """A quotient, half of one away from 0."""
    return np.asarray(np.sign(amount) * ((2 * np.abs(amount) + by) // (2 * by)))
