"""A synthetic company whose costs are declared, with customers who pay much and cost more; and the true accounts."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np

from clientela.analyse.customer.profit.accounts import LINES, Accounts, accounts
from clientela.contracts.insight import Insight
from clientela.contracts.text import Period
from clientela.pipeline import serving
from clientela.pipeline.asking.seen import seen_by
from clientela.testing.company.company import Company
from clientela.testing.company.exports.settings import settings
from clientela.testing.company.truth import read
from clientela.testing.company.world import World
from clientela.workspace import create
from clientela.workspace import open as open_workspace
from tests.pipeline.company import fewer

PARTS = 4  # months with complaints of those who are planted
POOLS = {  # the same every month; beside them the desk, whose cost is what it takes to make losses
    "Parcels": Decimal("612.35"),
    "Cards": Decimal("155.07"),
    "Winning": Decimal("290.03"),
    "Rent": Decimal("1000"),
}
DECLARED = """
[[cost_pool]]
name = "Parcels"
line = "delivery"
driver = "orders"
channel = "web"
figures = {{ {Parcels} }}

[[cost_pool]]
name = "Cards"
line = "payment"
driver = "revenue"
figures = {{ {Cards} }}

[[cost_pool]]
name = "Desk"
line = "service"
driver = "minutes"
channel = "hotline"
figures = {{ {Desk} }}

[[cost_pool]]
name = "Winning"
line = "acquisition"
driver = "new_customers"
figures = {{ {Winning} }}

[[cost_pool]]
name = "Rent"
driver = "none"
figures = {{ {Rent} }}

[[source]]
name = "hotline"
table = "service_case"
path = "exports/hotline.csv"
delivery = "full"
keys_of = "till"
[source.columns]
case_id = "id"
customer_ref = "who"
opened_at = "on"
closed_at = "on"
handling_minutes = "minutes"
cost = "cost"
[source.constants]
kind = "complaint"
channel = "hotline"
"""


@dataclass
class Costly:
    """A company that has lived, with ``planted``: customers who pay more than most and whose service eats it up."""

    folder: Path
    world: World
    planted: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.place = self.folder / "w"
        create(self.place, name="Synthetic", currency="EUR", timezone=self.world.timezone)
        self.months = _months(self.world)
        self.workspace = open_workspace(self.place)
        self.company = Company(self.world, exports=self.place / "exports", truth=self.folder / "truth")
        self.company.deliver(self.world.ends)
        self.lines = read(self.folder / "truth", "line").to_pydict()
        held = read(self.folder / "truth", "account").to_pydict()
        self.customer_of = dict(zip(held["number"], held["customer"], strict=True))
        self.till = {
            who: number
            for who, number, system in zip(held["customer"], held["number"], held["system"], strict=True)
            if system == "till"
        }
        self.pools = dict(POOLS)
        self.cases = self._planted()
        told = {
            name: ", ".join(f'"{month:%Y-%m}" = {each}' for month in self.months) for name, each in self.pools.items()
        }
        said = fewer(settings(self.world)) + DECLARED.format(**told)
        (self.place / "clientela.toml").write_text(said, encoding="utf-8")
        self.done = self.workspace.run(now=datetime.combine(self.world.ends, time(6), UTC))

    @property
    def period(self) -> Period:
        """The whole months the analysis looks at: no more than twelve are lived."""
        last = date.fromisoformat(self.done.as_of).replace(day=1) - timedelta(days=1)
        return Period(self.months[0], last)

    def insight(self) -> Insight:
        """What the product says."""
        return self.workspace.ask("customer-profit", parameters={"list": 200}).said

    def accounts(self) -> Accounts:
        """What the product has of each customer."""
        return serving.read(
            self.place, lambda reader, served: accounts(seen_by(reader, served.snapshot, None, asker=None), self.period)
        )

    def numbers(self) -> Mapping[int, set[int]]:
        """The true customers whose records each customer of the product has."""
        told = serving.read(
            self.place,
            lambda reader, served: (
                seen_by(reader, served.snapshot, None, asker=None)
                .records("customer_page", ("customer_id", "customer_key"), limit=10_000)
                .rows
            ),
            people=True,
        )
        return {
            int(customer): {self.customer_of[key] for key in str(keys).split(", ") if key in self.customer_of}
            for customer, keys in told
        }

    def true_accounts(self) -> tuple[Mapping[int, Mapping[str, Fraction]], Mapping[str, Fraction]]:
        """The account of each customer (-1: nobody known), and what of the pools is unallocated, by line."""
        made: dict[int, dict[str, Fraction]] = defaultdict(lambda: dict.fromkeys(LINES, Fraction(0)))
        units: dict[str, dict[date, dict[int, Fraction]]] = defaultdict(
            lambda: defaultdict(lambda: defaultdict(Fraction))
        )
        first: dict[int, date] = {}
        orders: set[int] = set()
        for order, who, at, channel, revenue, discount, cost, returns in self._lines():
            month = self._month(at)
            if returns < 0 and who >= 0:
                first[who] = min(first.get(who, month), month)
            units["Cards"][month][who] += revenue
            if returns < 0 and channel == 1 and order not in orders:
                units["Parcels"][month][who] += 1
            orders.add(order)
            if not self.period.first <= month <= self.period.last:
                continue
            account = made[who]
            account["goods"] -= Fraction(cost, 100)
            account["discount"] -= Fraction(discount, 100)
            account["full_price" if returns < 0 else "returned"] += Fraction(revenue, 100)
            account["full_price"] += Fraction(discount, 100)
        for who, on, minutes, cost in self.cases:
            units["Desk"][on.replace(day=1)][who] += minutes
            made[who]["service"] -= Fraction(cost)
        for who, month in first.items():
            units["Winning"][month][who] += 1
        rest = dict.fromkeys(LINES, Fraction(0))
        lines = {
            "Parcels": "delivery",
            "Cards": "payment",
            "Desk": "service",
            "Winning": "acquisition",
            "Rent": "other",
        }
        for pool, amount in self.pools.items():
            for month in self.months:
                if not self.period.first <= month <= self.period.last:
                    continue
                shares = {who: each for who, each in units[pool][month].items() if each > 0}
                for who, each in shares.items():
                    made[who][lines[pool]] -= Fraction(amount) * each / sum(shares.values())
                rest[lines[pool]] -= Fraction(0) if shares else Fraction(amount)
        return made, rest

    def _planted(self) -> list[tuple[int, date, int, Decimal]]:
        """Complaints of some who pay much: half of them cost at once, the others by the minutes of the desk."""
        margin: dict[int, int] = defaultdict(int)
        revenue: dict[int, int] = defaultdict(int)
        for _, who, at, _, paid, _, cost, _ in self._lines():
            if who in self.till and self._month(at) <= self.months[PARTS - 1]:
                margin[who] += paid - cost
                revenue[who] += paid
        paying = sorted(revenue, key=lambda who: -revenue[who])
        chosen = paying[2 : len(paying) // 3 : 5]
        told, by_minutes = [], 0
        for place, who in enumerate(chosen):
            part = (Decimal(margin[who]) / 100 * 2 + 60) / PARTS
            minutes, cost = (1, part.quantize(Decimal("0.01"))) if place % 2 else (int(part), Decimal("2.50"))
            by_minutes += minutes
            told += [(who, month + timedelta(days=9), minutes, cost) for month in self.months[:PARTS]]
        self.pools["Desk"] = Decimal(by_minutes) + Decimal("0.01")
        self.planted = set(chosen)
        with (self.place / "exports" / "hotline.csv").open("w", newline="") as file:
            out = csv.writer(file)
            out.writerow(("id", "who", "on", "minutes", "cost"))
            for number, (who, on, minutes, cost) in enumerate(told):
                out.writerow((number, self.till[who], f"{on} 10:00:00", minutes, cost))
        return told

    def _lines(self):  # type: ignore[no-untyped-def] # rows of the truth
        names = ("order", "customer", "at", "channel", "revenue", "discount", "cost", "returns")
        return zip(*(self.lines[name] for name in names), strict=True)

    def _month(self, at: float) -> date:
        return (self.world.begins + timedelta(days=int(np.floor(at * 7)))).replace(day=1)


def _months(world: World) -> list[date]:
    found = {(world.begins + timedelta(days=day)).replace(day=1) for day in range((world.ends - world.begins).days)}
    return sorted(found)
