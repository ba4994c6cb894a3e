"""What customers are expected to bring across all services, read in the scope of whoever asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

from clientela.analyse.customer.subscriptions.evidence import Outlook
from clientela.contracts.analysis import KnowledgeBase
from clientela.contracts.filter import Condition, Operator
from clientela.contracts.text import Value
from clientela.errors import NotPermittedError

Ends = tuple[float, float, float]
CONTRACTS_COUNT = tuple(f"subscription.{name}" for name in ("amount", "period", "started_on", "ended_on"))
"""What of contracts is counted in customers' value, where they are delivered."""
MOST_NAMED = 8
"""So many products of contracts are named; the others stand together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """What the run stored of the whole company: how many are valued, what contracts bring, what counts once."""

    customers: int
    unnamed: int
    of_nobody: int
    delivered_customers: int
    delivered: float
    contracts: Ends | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Across:
    """What the customers of whoever asks are expected to bring, by orders and contracts together.

    ``low`` and ``high``: the 80 % interval, where they are all customers; None for a part of them.
    """

    customers: int
    orders: float
    contracts: float
    holders: int
    low: float | None = None
    high: float | None = None
    company: Company | None = None

    @property
    def worth(self) -> float:
        """Orders and contracts."""
        return self.orders + self.contracts

    @property
    def is_part(self) -> bool:
        """Whether whoever asks sees a part of the company only."""
        return self.company is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What is counted: ``basis`` is margin or revenue, ``value_days`` how far ahead, ``horizon_days`` the test."""

    basis: str
    value_days: int
    horizon_days: int

    @classmethod
    def of_contracts(cls, found: Outlook) -> Counted:
        """What the forecast of contracts counts."""
        said = found.said["ahead"]
        return cls(
            basis=str(said["basis"]), value_days=int(said["value_days"]), horizon_days=found.horizon_days
        )  # fmt: skip

    @property
    def is_margin(self) -> bool:
        """Whether money is margin; else it is revenue."""
        return self.basis == "margin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service: ``product`` is its number, None for orders and "" for contracts together that are not named."""

    product: str | None
    name: str
    customers: int
    contracts: int
    worth: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Customers by how many services they have; 3 stands for three or more."""

    services: int
    customers: int
    worth: float

    @property
    def mean(self) -> float:
        """What one of them is expected to bring."""
        return self.worth / self.customers


def contracts_of(kb: KnowledgeBase) -> Outlook | None:
    """The forecast of contracts, where what they bring is part of customers' value; else None."""
    found = Outlook.read(kb.evidence("subscription-churn"), kb.as_of)
    return found if found is not None and found.said.get("ahead") else None


def across(kb: KnowledgeBase, orders: Ends | None) -> Across:
    """What is expected of the customers of whoever asks; with its interval where these are all.

    The two forecasts were learned apart, from other facts. Their errors are taken as independent, so that the interval
    of the sum is the root of the sum of the squares of how far each may stray.

    Parameters
    ----------
    orders : what all orders are expected to bring, and its ends; None where there is no forecast of them
    """
    asked = ("customers_valued", "margin_to_come", "margin_to_come_contracts", "contract_holders")
    customers, worth, contracts, holders = _figures(kb, asked)
    plain = Across(
        customers=round(customers), orders=worth - contracts, contracts=contracts, holders=round(holders)
    )  # fmt: skip
    company = _company(kb)
    if company is None or company.customers != plain.customers:
        return plain
    strays = [_stray(plain.orders, orders), _stray(contracts, company.contracts)]
    below, above = (hypot(*(each[side] for each in strays)) for side in (0, 1))
    return Across(
        customers=plain.customers, orders=plain.orders, contracts=contracts, holders=plain.holders,
        low=plain.worth - below, high=plain.worth + above, company=company,
    )  # fmt: skip


def by_service(kb: KnowledgeBase, whole: Across) -> list[Service]:
    """Orders, and each product of contracts, those that bring most first; the smallest together."""
    ordering = round(_figures(kb, ("contract_holders_ordering",))[0])
    with_orders = whole.customers - whole.holders + ordering
    found = []
    if with_orders:
        found.append(Service(product=None, name="", customers=with_orders, contracts=0, worth=whole.orders))
    asked = ("contract_holders", "contracts_valued", "margin_to_come_contracts")
    products = []
    for key, name, *figures in _by_product(kb, asked):
        customers, contracts, worth = (_number(each) for each in figures)
        if contracts:
            products.append(
                Service(
                    product=str(key or ""),
                    name=str(name or key or ""),
                    customers=round(customers),
                    contracts=round(contracts),
                    worth=worth,
                )
            )
    products.sort(key=lambda each: (each.name == "", -each.worth, each.name))
    named, rest = products[:MOST_NAMED], products[MOST_NAMED:]
    if rest:
        of_rest = Condition("product_id", Operator.IN, tuple(str(each.product) for each in rest))
        customers, contracts, worth = _figures(kb, asked, of_rest)  # a customer may have several of them
        named.append(
            Service(product="", name="", customers=round(customers), contracts=round(contracts), worth=worth)
        )  # fmt: skip
    return sorted(found + named, key=lambda each: -each.worth)


def _by_product(kb: KnowledgeBase, asked: Sequence[str]) -> Sequence[tuple[Value, ...]]:
    """Figures by the number and the name of the product of a contract; without what of these may not be seen."""
    for by in (("product_id", "product_name"), ("product_id",), ()):
        try:
            rows = kb.query(tuple(asked), by=by).rows
        except NotPermittedError:
            if not by:
                raise
            continue
        return [(*row[: len(by)], *(None,) * (2 - len(by)), *row[len(by) :]) for row in rows]
    return ()


def by_number(kb: KnowledgeBase, whole: Across) -> list[Held]:
    """Customers by how many services they have, the fewest first; nobody where that may not be seen."""
    asked = ("contract_holders", "margin_to_come_holders")
    try:
        found = kb.query(asked, by=("services_held",)).rows
    except NotPermittedError:
        return []
    rows = [
        (int(str(services)), round(_number(customers)), _number(worth))
        for services, customers, worth in found
        if services is not None
    ]
    told = {services: (customers, worth) for services, customers, worth in rows}
    customers, worth = told.get(1, (0, 0.0))
    without = (whole.customers - whole.holders, whole.worth - sum(each[2] for each in rows))
    told[1] = (customers + without[0], worth + without[1])
    return [
        Held(services=services, customers=told[services][0], worth=told[services][1])
        for services in sorted(told)
        if told[services][0]
    ]


def from_contracts(kb: KnowledgeBase, customers: Sequence[int]) -> dict[int, float] | None:
    """What contracts of some customers are expected to bring, by customer; None where that may not be seen by them."""
    if not customers:
        return {}
    of_those = Condition("customer", Operator.IN, tuple(customers))
    try:
        rows = kb.query(("margin_to_come_contracts",), by=("customer",), where=of_those).rows
    except NotPermittedError:
        return None
    return {int(str(customer)): _number(worth) for customer, worth in rows if customer is not None}


def _company(kb: KnowledgeBase) -> Company | None:
    """What is known of the whole company; None for who may not see that."""
    asked = ("customers", "unnamed", "of_nobody", "delivered_customers", "delivered")
    try:
        rows = kb.records("service_total", asked, order=("as_of",), limit=1).rows
        ends = kb.records("contract_outlook", ("worth", "low", "high"), order=("as_of",), limit=1).rows
    except NotPermittedError:
        return None
    if not rows:
        return None
    customers, unnamed, of_nobody, delivered_customers, delivered = (_number(each) for each in rows[0])
    worth = tuple(_number(each) for each in ends[0]) if ends else None
    return Company(
        customers=round(customers),
        unnamed=round(unnamed),
        of_nobody=round(of_nobody),
        delivered_customers=round(delivered_customers),
        delivered=delivered,
        contracts=None if worth is None else (worth[0], worth[1], worth[2]),
    )


def _stray(part: float, ends: Ends | None) -> tuple[float, float]:
    """How far a part may fall short of what is expected of it and exceed it, as the run found it of the whole of it.

    Of fewer customers or contracts chance makes more, what was learned makes as much: the root of the share is the more
    careful of the two.
    """
    if ends is None or not ends[0]:
        return 0.0, 0.0
    share = abs(part / ends[0])
    scale = max(share, share**0.5) if share < 1 else share
    return abs(ends[0] - ends[1]) * scale, abs(ends[2] - ends[0]) * scale


def _figures(kb: KnowledgeBase, asked: Sequence[str], where: Condition | None = None) -> list[float]:
    result = kb.query(tuple(asked), where=where)
    row = result.rows[0] if result.rows else result.totals or (None,) * len(asked)
    return [_number(each) for each in row]


def _number(value: Value) -> float:
    return 0.0 if value is None else float(str(value))
