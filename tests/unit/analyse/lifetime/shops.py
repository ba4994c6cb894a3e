"""Companies of known customers, their ``customer_feature`` at each date, and all that lifetime value makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any

import numpy as np

from clientela.analyse.customer.lifetime.fit import fit_lifetime
from clientela.contracts.analysis import Arrays, FitContext, KnowledgeBase
from clientela.cube.knowledge import knowledge
from clientela.cube.view import AS_OF_TABLES
from clientela.warehouse.asof import as_known
from clientela.warehouse.engine import Engine
from clientela.warehouse.model import ALL, parse_file
from tests.unit.analyse.test_churn_risk import rows
from tests.unit.cube.published import Published, line
from tests.unit.estimators.simulated import Purchases, simulated

AS_OF = date(2024, 7, 1)
HORIZON_DAYS = 92
LEARNED_AT = datetime.fromisoformat("2024-07-01T09:30")
COUNTED = (
    *("lifetime_basis", "lifetime_money", "lifetime_day", "lifetime_count", "lifetime_amount", "lifetime_trial"),
    "lifetime_trait",
    *("payback_source", "payback_month"),
)
DELIVERED = (
    *("order_line", "allocated_cost", "contact", "treatment", "campaign", "contact_list", "customer_record", "product"),
)


_DTYPES = dict.fromkeys(("as_of", "happened_on"), "datetime64[D]") | dict.fromkeys(
    ("basis", "came_by", "name", "channel", "category", "campaign"), "object"
)


@dataclass(frozen=True)
class Shop:
    """Purchases with what each brought; day 0 is ``days`` before ``AS_OF``. ``margin``: share of revenue, if known."""

    purchases: Purchases
    amounts: np.ndarray
    margin: str | None = "0.4"
    days: int = 460
    origins: int = 4
    channels: tuple[str, ...] = ()  # where each customer bought first, if it is told
    by_day: bool = False  # whether it is told on which day how many bought, as the season needs
    parameters: Mapping[str, Any] = field(default_factory=lambda: {"value_days": 365, "discount_rate": 0.1})

    @property
    def context(self) -> FitContext:
        return FitContext(
            as_of=AS_OF,
            origins=tuple(AS_OF - timedelta(days=HORIZON_DAYS * k) for k in range(1, self.origins + 1)),
            horizon_days=HORIZON_DAYS,
            first_day=AS_OF - timedelta(days=self.days),
            version="1",
            parameters=self.parameters,
            sample=1.0,
            rng=np.random.default_rng(0),
        )

    def features(self) -> list[dict[str, Any]]:
        """``customer_feature`` at the date and its origins."""
        return [row for back in range(self.origins + 1) for row in self._features(back)]

    def lines(self) -> list[dict[str, Any]]:
        """``order_line`` up to the date."""
        first = AS_OF - timedelta(days=self.days)
        known = self.purchases.day < self.days
        told = zip(self.purchases.customer[known].astype(int), self.purchases.day[known].astype(int), strict=True)
        return [
            line(str(number), int(customer), (first + timedelta(days=int(day))).isoformat(), "10")
            | ({"channel": self.channels[int(customer)]} if self.channels else {})
            for number, (customer, day) in enumerate(told)
        ]

    def came(self, days: int) -> float:
        """What the customers known at ``AS_OF`` really brought in so many days after it."""
        known = np.isin(self.purchases.customer, self.purchases.customer[self.purchases.day < self.days])
        after = (self.purchases.day >= self.days) & (self.purchases.day < self.days + days)
        return float(self.amounts[known & after].sum()) * float(self.margin or 1)

    def _features(self, back: int) -> list[dict[str, Any]]:
        now, bought = self.days - HORIZON_DAYS * back, self.purchases
        x, t_x, t, customer = bought.history(now)
        spent = self._spent(bought.day < now)
        recent = self._spent((bought.day >= now - HORIZON_DAYS) & (bought.day < now))
        visits = bought.bought_within(now - HORIZON_DAYS, now)
        as_of = AS_OF - timedelta(days=HORIZON_DAYS * back)
        found = []
        for place, each in enumerate(customer.astype(int)):
            money = Decimal(f"{spent[each]:.2f}")
            row = {
                "customer_id": int(each), "as_of": as_of, "repeat_purchases": int(x[place]),
                "recency_days": int(t_x[place]), "age_days": int(t[place]), "recent_purchases": int(visits[each]),
                "first_bought_on": as_of - timedelta(days=int(t[place]) + 1),
                "last_bought_on": as_of - timedelta(days=int(t[place] - t_x[place]) + 1), "revenue": money,
                "recent_revenue": Decimal(f"{recent[each]:.2f}"), "year_revenue": money,
            }  # fmt: skip
            if self.margin is not None:
                row |= {"margin": money * Decimal(self.margin), "revenue_with_cost": money}
            found.append(row)
        return found

    def _spent(self, within: np.ndarray) -> np.ndarray:
        who = self.purchases.customer[within].astype(int)
        return np.bincount(who, self.amounts[within], self.purchases.customers)


def shop(seed: int, customers: int, *, margin: str | None = "0.4", after: int = 365, **parameters: float) -> Shop:
    """A company whose customers buy as the BG/NBD says and spend as the Gamma-Gamma says."""
    truth: dict[str, Any] = {"r": 1.2, "alpha": 25.0, "a": 0.6, "b": 6.0, **parameters}
    rng = np.random.default_rng(seed)
    bought = simulated(rng, customers, 460 + after, joining=400, **truth)
    nu = rng.gamma(4.0, 1 / 60.0, customers)[bought.customer.astype(int)]
    return Shop(bought, rng.gamma(6.0, size=bought.day.size) / nu, margin=margin)


def seasonal(seed: int, customers: int, *, swing: float = 0.6) -> Shop:
    """A company known for 920 days whose customers buy more in one half of the year and less in the other."""
    made = shop(seed, customers, after=920 + 92 - 460, alpha=12.0)
    rng = np.random.default_rng(seed + 1)
    bought = made.purchases
    busy = (1 + swing * np.cos(2 * np.pi * (bought.day - 966) / 364)) / (1 + swing)  # the top is after the date
    first = np.full(bought.customers, np.inf)
    np.minimum.at(first, bought.customer.astype(int), bought.day)
    kept = (rng.random(bought.day.size) < busy) | (bought.day == first[bought.customer.astype(int)])
    fewer = Purchases(customer=bought.customer[kept], day=bought.day[kept], customers=bought.customers)
    return Shop(fewer, made.amounts[kept], days=920, by_day=True, parameters={"value_days": 92, "discount_rate": 0.0})


def courses(seed: int, customers: int) -> Shop:
    """A company that sells courses of six lessons: who has taken the sixth is through, which no purchase model sees."""
    rng = np.random.default_rng(seed)
    begins = rng.integers(0, 610, customers)
    lessons = begins[:, None] + np.floor(np.cumsum(rng.exponential(22.0, (customers, 6)) + 1, axis=1))
    lessons -= lessons[:, :1] - begins[:, None]
    who, day = np.repeat(np.arange(customers), 6), lessons.ravel()
    seen = day < 552 + 365
    bought = Purchases(customer=who[seen].astype(float), day=day[seen], customers=customers)
    nu = rng.gamma(4.0, 1 / 60.0, customers)[who[seen]]
    return Shop(bought, rng.gamma(6.0, size=int(seen.sum())) / nu, days=552)


def two_channels(seed: int, customers: int, **shops_have: float) -> Shop:
    """A company whose customers stay and buy now and then; those who first bought in a shop as ``shops_have`` it."""
    stay: dict[str, float] = {"r": 3.0, "alpha": 180.0, "a": 0.1, "b": 6.0}
    web, shops = shop(seed, customers, **stay), shop(seed + 1, customers, **{**stay, **shops_have})
    who = np.concatenate([web.purchases.customer, shops.purchases.customer + customers])
    day = np.concatenate([web.purchases.day, shops.purchases.day])
    channels = ("web",) * customers + ("shop",) * customers
    bought = Purchases(customer=who, day=day, customers=2 * customers)
    return Shop(bought, np.concatenate([web.amounts, shops.amounts]), channels=channels)


def dependent(seed: int, customers: int, power: float) -> Shop:
    """A company whose customers spend more each time (less, where ``power`` is below 0) the oftener they buy."""
    made = shop(seed, customers)
    often = np.bincount(made.purchases.customer.astype(int), minlength=customers)
    return Shop(made.purchases, 20.0 * often[made.purchases.customer.astype(int)] ** power)


def bought_on(*days: tuple[int, int], amount: float = 10.0) -> Shop:
    """A company of these purchases, (customer, day), of one amount each."""
    who, when = np.array(days, dtype=float).reshape(-1, 2).T
    bought = Purchases(customer=who, day=when, customers=int(who.max(initial=-1)) + 1)
    return Shop(bought, np.full(who.size, amount))


def made(published: Published, name: str, folder: str = "clientela.analyse.customer.lifetime") -> list[dict[str, Any]]:
    """What a model, of lifetime value where no other folder is named, gives as of the date."""
    model = parse_file((files(folder) / f"{name}.sql").read_text("utf-8"), name)
    tree = as_known(model.tree, ALL, as_of_tables=AS_OF_TABLES if model.kind == "as-of" else ())
    given = {"as_of": AS_OF, "known_at": LEARNED_AT, "horizon_days": HORIZON_DAYS}
    found = published.engine.fetch(tree, given).to_pylist()
    return sorted(found, key=lambda row: [str(row.get(key)) for key in model.grain])


def counted(published: Published, features: list[dict[str, Any]]) -> dict[str, Arrays]:
    """The tables that the fit reads, made by their SQL."""
    published.add(customer_feature=features)
    published.add(**{name: [] for name in DELIVERED if name not in published.tables})
    for name in COUNTED:
        published.add(**{name: made(published, name)})
    return {name: arrays(published, name) for name in COUNTED if name not in ("lifetime_money", "payback_source")}


def arrays(published: Published, name: str) -> Arrays:
    """A table as the run gives it to a fit."""
    table = made(published, name)
    return {
        column.name: np.array(
            [float(row[column.name]) if isinstance(row[column.name], Decimal) else row[column.name] for row in table],
            dtype=_DTYPES.get(column.name, "float64"),
        )
        for column in ALL[name].columns
    }


def fitted(company: Shop) -> dict[str, Arrays]:
    """What the fit gives for a company."""
    with Engine.in_memory() as engine:
        published = Published(engine)
        if company.by_day or company.channels:
            published.add(order_line=company.lines())
        return dict(fit_lifetime(counted(published, company.features()), company.context))


def valued(published: Published) -> list[dict[str, Any]]:
    """The scores of lifetime value; of orders alone, where no contracts were published."""
    needed = ("contract_delivery", "contract_worth", "lifetime_each")
    published.add(**{name: [] for name in needed if name not in published.tables})
    return [{**row, "as_of": AS_OF} for row in made(published, "lifetime_value")]


def added_up(published: Published) -> None:
    """What the run makes of the scores by service; contracts that were not published are none."""
    published.add(**{name: [] for name in ("contract_outlook", "product") if name not in published.tables})
    for name in ("service_worth", "service_total"):
        found = made(published, name, "clientela.analyse.customer.services")
        published.add(**{name: [{**row, "as_of": AS_OF} for row in found]})


def told(published: Published, company: Shop, as_of: date | None = None) -> tuple[KnowledgeBase, dict[str, Arrays]]:
    """The knowledge base after a run, and what the fit gave."""
    first = (AS_OF - timedelta(days=company.days)).isoformat()
    published.add(order_line=company.lines() if company.by_day or company.channels else [line("1", 0, first, "10")])
    features = company.features()
    tables = dict(fit_lifetime(counted(published, features), company.context))
    named = {"analysis": "lifetime-value"}
    learned = {**named, "contract_hash": "0", "learned_at": LEARNED_AT}
    published.add(
        lifetime_cell=rows(tables["lifetime_cell"]),
        lifetime_each=rows(tables["lifetime_each"]),
        model=[{**learned, **row} for row in rows(tables["model"])],
        backtest=[{**named, **row} for row in rows(tables["backtest"])],
    )
    published.add(score=valued(published))
    added_up(published)
    published.add(payback=rows(tables["payback"]))
    published.add(lifetime_tenth=[{**row, "as_of": AS_OF} for row in made(published, "lifetime_tenth")])
    kb = knowledge(
        published.engine, snapshot="7", tables=published.tables, people=None, currency="EUR", timezone="Europe/Madrid",
        lapse_days=30, run_as_of=AS_OF, run_known_at=LEARNED_AT, as_of=as_of,
    )  # fmt: skip
    return kb, tables
