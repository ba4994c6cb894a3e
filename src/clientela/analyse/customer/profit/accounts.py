"""The account of each customer in a period: what they brought, less each thing they cost, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from clientela.contracts.analysis import Columns, KnowledgeBase, Result
from clientela.contracts.filter import And, Condition, Not, Operator
from clientela.contracts.text import Period, Value
from clientela.errors import NotPermittedError

# Each stands in an account with its sign, so that an account sums to the profit.
SELLING = ("full_price", "discount", "returned")  # which sum to the revenue
GOODS = ("other_revenue", "unknown_cost", "goods")  # then the margin, with shipping and fees
COSTS = ("payment", "delivery", "service", "contact", "acquisition", "other")
LINES = (*SELLING, *GOODS, *COSTS)
_AT = {name: place for place, name in enumerate(LINES)}
_SERVING = {"contacts": "contact", "campaigns": "contact", "cases": "service"}
_SHARED = "shared out"
_NOBODY = "no customer known"
_DIGITS = 4  # of money after the point
ZERO = Decimal(0)

Amounts = tuple[Decimal, ...]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Account:
    """What one customer brought and cost; ``amounts`` by line, costs below 0."""

    customer_id: int
    amounts: Amounts
    revenue: Decimal
    profit: Decimal

    def line(self, name: str) -> Decimal:
        """The amount of one line."""
        return self.amounts[_AT[name]]


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """Accounts of many customers. ``customer_id``: (n,); ``units``: (n, lines), in ten-thousandths, costs below 0.

    Examples
    --------
    >>> ledger = Ledger(np.array([7]), np.array([[10000] + [0] * 10 + [-2500]]))
    >>> ledger.profit, [account.profit for account in ledger]
    (array([7500]), [Decimal('0.7500')])
    """

    customer_id: Ints
    units: Ints

    def __len__(self) -> int:
        return len(self.customer_id)

    def __iter__(self) -> Iterator[Account]:
        return map(self.account, range(len(self)))

    @property
    def revenue(self) -> Ints:
        """What each paid, (n,)."""
        return np.asarray(self.units[:, : len(SELLING)].sum(axis=1))

    @property
    def profit(self) -> Ints:
        """What each leaves, (n,)."""
        return np.asarray(self.units.sum(axis=1))

    def account(self, row: int) -> Account:
        """The account of one of them."""
        amounts = tuple(money(each) for each in self.units[row].tolist())
        return Account(
            customer_id=int(self.customer_id[row]),
            amounts=amounts,
            revenue=sum(amounts[: len(SELLING)], ZERO),
            profit=sum(amounts, ZERO),
        )

    def of(self, rows: Ints | NDArray[np.bool_] | slice) -> Ledger:
        """Some of them, in this order."""
        return Ledger(self.customer_id[rows], self.units[rows])

    def total(self) -> Amounts:
        """All accounts as one, line by line."""
        return tuple(money(each) for each in self.units.sum(axis=0).tolist())


@dataclass(frozen=True, slots=True)
class Pool:
    """What became of a pool of costs under one rule; amounts above 0."""

    name: str
    line: str
    driver: str
    version: str
    amount: Decimal
    unallocated: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """All accounts of a period.

    ``nobody``: of sales without a customer, with their share of the pools. ``unallocated``: what of the pools nobody
    got. ``known``: the lines of which anything is known. ``unseen``: customers left out, as the asker does not see all
    of them. ``whole_revenue`` and ``costed_revenue``: of all customers, and the part whose goods' cost is known.
    ``assumed_revenue``: of that, what is costed by the piece of a product, as its lines have no cost of their own.
    ``contacts``: what contacts of campaigns cost directly, of everybody. ``direct``: the lines that hold what was
    spent directly, beside shares of pools.
    """

    period: Period
    buyers: Ledger
    others: Ledger
    nobody: Amounts
    unallocated: Amounts
    pools: tuple[Pool, ...]
    known: frozenset[str]
    unseen: int
    whole_revenue: Decimal
    costed_revenue: Decimal
    assumed_revenue: Decimal = ZERO
    contacts: Decimal = ZERO
    direct: frozenset[str] = frozenset()

    def total(self) -> Amounts:
        """The account of the company: the customers', nobody's and what nobody got."""
        return summed((self.buyers.total(), self.others.total(), self.nobody, self.unallocated))


def money(units: int) -> Decimal:
    """An amount of so many ten-thousandths.

    Examples
    --------
    >>> money(15), money(0)
    (Decimal('0.0015'), Decimal('0'))
    """
    return Decimal(units).scaleb(-_DIGITS) if units else ZERO


def summed(amounts: Iterable[Amounts]) -> Amounts:
    """Several accounts as one, line by line.

    Examples
    --------
    >>> summed([(Decimal(1), Decimal(2)), (Decimal(3), Decimal(4))])[:2]
    (Decimal('4'), Decimal('6'))
    """
    return tuple(sum(column, ZERO) for column in zip(*amounts, strict=True))


def accounts(kb: KnowledgeBase, period: Period) -> Accounts:
    """The accounts of a period that is made of whole months.

    Raises
    ------
    NotPermittedError
        The asker may not see the margin, or another of the figures.
    """
    within = Condition("day", Operator.BETWEEN, (period.first, period.last))
    sold = kb.columns(
        ("sales", "discount", "revenue", "revenue_with_cost", "margin", "other_revenue", "order_lines"),
        by=("customer",),
        where=within,
    )
    served = kb.columns(("cost_to_serve",), by=("customer", "serving"), where=within)
    shared = kb.columns(("shared_cost",), by=("customer", "cost_line"), where=within)
    told = kb.query(("shared_cost",), by=("pool", "cost_line", "driver", "rule_version", "allocation"), where=within)
    book = _Book(sold, served, shared)
    unallocated, anonymous = _rest(told)
    nobody = [money(each) for each in book.units[-1].tolist()]
    for name, amount in anonymous.items():
        nobody[_AT[name]] -= amount
    every = Ledger(book.customer_id, book.units[:-1])
    return Accounts(
        period=period,
        buyers=every.of(book.lines[:-1] > 0),
        others=every.of(book.entered[:-1] & (book.lines[:-1] <= 0)),
        nobody=tuple(nobody),
        unallocated=tuple(-unallocated.get(name, ZERO) for name in LINES),
        pools=_pools(told),
        known=frozenset(book.known),
        unseen=book.unseen,
        whole_revenue=money(book.revenue),
        costed_revenue=money(book.costed),
        assumed_revenue=assumed_revenue(kb, period),
        contacts=money(book.contacts),
        direct=frozenset(book.direct),
    )


class _Book:
    """The accounts as they are filled, customer by customer in ascending order, nobody last."""

    def __init__(self, sold: Columns, served: Columns, shared: Columns) -> None:
        given = [each.values["customer"][each.known["customer"]].astype(np.int64) for each in (sold, served, shared)]
        named = np.sort(np.concatenate(given))  # np.unique takes several times as long
        self.customer_id = named[np.diff(named, prepend=-1) != 0]
        size = len(self.customer_id) + 1
        self.units = np.zeros((size, len(LINES)), dtype=np.int64)
        self.lines = np.zeros(size, dtype=np.int64)  # of orders
        self.entered = np.zeros(size, dtype=np.bool_)
        self._open = np.ones(size, dtype=np.bool_)  # seen as a whole
        for each in (sold, served, shared):
            self._open[self._row(each)[each.hidden]] = False
        self.unseen = int((~self._open[:-1]).sum())
        self.revenue = self.costed = self.contacts = 0
        self.direct = self._serve(served)
        self.known = self._sell(sold) | self.direct | self._share(shared)

    def _sell(self, told: Columns) -> set[str]:
        """Enter what was sold, given back, and what the goods cost."""
        row = self._row(told)
        seen = self._open[row]
        row = row[seen]
        sales, discount, revenue, with_cost, margin, more = (
            told.values[name][seen].astype(np.int64)
            for name in ("sales", "discount", "revenue", "revenue_with_cost", "margin", "other_revenue")
        )
        self._enter(row, "full_price", sales + discount)
        self._enter(row, "discount", -discount)
        self._enter(row, "returned", revenue - sales)
        self._enter(row, "other_revenue", more)
        self._enter(row, "unknown_cost", with_cost - revenue)
        self._enter(row, "goods", margin - with_cost)
        self.lines[row] = told.values["order_lines"][seen].astype(np.int64)
        somebody = row < len(self.customer_id)
        self.revenue, self.costed = int(revenue[somebody].sum()), int(with_cost[somebody].sum())
        found = {
            "discount": told.known["discount"][seen].any(),
            "goods": told.known["margin"][seen].any(),
            "other_revenue": more.any(),
            "unknown_cost": (revenue != with_cost).any(),
        }
        return {"full_price", "returned", *(name for name, is_known in found.items() if is_known)}

    def _serve(self, told: Columns) -> set[str]:
        """Enter what contacts, cases and campaigns cost directly."""
        row = self._row(told)
        known = set()
        for serving, name in _SERVING.items():
            these = (told.values["serving"] == serving) & told.known["cost_to_serve"] & self._open[row]
            self._enter(row[these], name, -told.values["cost_to_serve"][these].astype(np.int64))
            known |= {name} if these.any() else set()
            if serving == "campaigns":
                self.contacts = int(told.values["cost_to_serve"][these].astype(np.int64).sum())
        return known

    def _share(self, told: Columns) -> set[str]:
        """Enter what customers got of the pools; what nobody got is entered elsewhere."""
        row = self._row(told)
        known = set()
        for name in COSTS:
            these = (told.values["cost_line"] == name) & told.known["shared_cost"]
            known |= {name} if these.any() else set()
            these &= self._open[row] & (row < len(self.customer_id))
            self._enter(row[these], name, -told.values["shared_cost"][these].astype(np.int64))
        return known

    def _enter(self, row: Ints, name: str, units: Ints) -> None:
        """Add to a line of the accounts; each account once."""
        self.units[row, _AT[name]] += units
        self.entered[row] = True

    def _row(self, told: Columns) -> Ints:
        """In which place each row's customer stands; nobody in the last."""
        found = np.searchsorted(self.customer_id, told.values["customer"].astype(np.int64))
        return np.where(told.known["customer"], found, len(self.customer_id))


def assumed_revenue(kb: KnowledgeBase, period: Period, customer: int | None = None) -> Decimal:
    """Revenue of a customer, or of all, that is costed by the piece; 0 where the asker may not see it."""
    within = Condition("day", Operator.BETWEEN, (period.first, period.last))
    named = (
        Not(Condition("customer", Operator.IS_NULL))
        if customer is None
        else Condition("customer", Operator.EQ, customer)
    )
    try:
        rows = kb.query(("revenue_with_assumed_cost",), where=And((within, named))).rows
    except NotPermittedError:
        return ZERO
    return _decimal(rows[0][0]) if rows else ZERO


def _rest(told: Result) -> tuple[Mapping[str, Decimal], Mapping[str, Decimal]]:
    """Of the pools, by line: what nobody got, and what belongs to sales without a customer."""
    unallocated: dict[str, Decimal] = {}
    anonymous: dict[str, Decimal] = {}
    for _, name, _, _, allocation, amount in told.rows:
        if allocation == _SHARED or amount is None:
            continue
        into = anonymous if allocation == _NOBODY else unallocated
        into[str(name)] = into.get(str(name), ZERO) + _decimal(amount)
    return unallocated, anonymous


def _pools(told: Result) -> tuple[Pool, ...]:
    """Each pool and rule once, the largest first."""
    found: dict[tuple[str, str, str, str], list[Decimal]] = {}
    for name, line, driver, version, allocation, amount in told.rows:
        if name is None:
            continue
        both = found.setdefault((str(name), str(line), str(driver), str(version)), [ZERO, ZERO])
        both[0] += _decimal(amount)
        both[1] += _decimal(amount) if allocation not in (_SHARED, _NOBODY) else ZERO
    ordered = sorted(found.items(), key=lambda each: (-each[1][0], each[0]))
    return tuple(
        Pool(name, line, driver, version, amount, unallocated)
        for (name, line, driver, version), (amount, unallocated) in ordered
    )


def _decimal(value: Value) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value or 0))


def each(total: Amounts, count: int) -> Amounts:
    """The mean account of some, to four digits."""
    return tuple((amount / max(count, 1)).quantize(Decimal("0.0001")) for amount in total)
