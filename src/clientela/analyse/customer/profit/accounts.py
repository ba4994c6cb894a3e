"""The account of each customer in a period: what they brought, less each thing they cost, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from clientela.contracts.analysis import KnowledgeBase, Result
from clientela.contracts.filter import Condition, Operator
from clientela.contracts.text import Period, Value

# Each stands in an account with its sign, so that an account sums to the profit.
SELLING = ("full_price", "discount", "returned")  # which sum to the revenue
GOODS = ("other_revenue", "unknown_cost", "goods")  # then the margin, with shipping and fees
COSTS = ("payment", "delivery", "service", "contact", "acquisition", "other")
LINES = (*SELLING, *GOODS, *COSTS)
_AT = {name: place for place, name in enumerate(LINES)}
_SERVING = {"contacts": "contact", "campaigns": "contact", "cases": "service"}
_SHARED = "shared out"
_NOBODY = "no customer known"
ZERO = Decimal(0)

Amounts = tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """What one customer brought and cost; ``amounts`` by line, costs below 0. ``orders``: in the period."""

    customer_id: int
    orders: int
    amounts: Amounts
    revenue: Decimal
    profit: Decimal

    def line(self, name: str) -> Decimal:
        """The amount of one line."""
        return self.amounts[_AT[name]]


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
    of them. ``bought``: the account of all buyers together. ``whole_revenue`` and ``costed_revenue``: of all
    customers, and the part whose goods' cost is known.
    """

    period: Period
    buyers: tuple[Account, ...]
    bought: Amounts
    others: tuple[Account, ...]
    nobody: Amounts
    unallocated: Amounts
    pools: tuple[Pool, ...]
    known: frozenset[str]
    unseen: int
    whole_revenue: Decimal
    costed_revenue: Decimal

    def total(self) -> Amounts:
        """The account of the company: the customers', nobody's and what nobody got."""
        return summed((self.bought, *map(_amounts, self.others), self.nobody, self.unallocated))


def summed(amounts: Iterable[Amounts]) -> Amounts:
    """Several accounts as one, line by line.

    Examples
    --------
    >>> summed([(Decimal(1), Decimal(2)), (Decimal(3), Decimal(4))])[:2]
    (Decimal('4'), Decimal('6'))
    """
    total = tuple(sum(column, ZERO) for column in zip(*amounts, strict=True))
    return total or (ZERO,) * len(LINES)


def accounts(kb: KnowledgeBase, period: Period) -> Accounts:
    """The accounts of a period that is made of whole months.

    Raises
    ------
    NotPermittedError
        The asker may not see the margin, or another of the figures.
    """
    within = Condition("day", Operator.BETWEEN, (period.first, period.last))
    sold = kb.query(
        ("sales", "discount", "revenue", "revenue_with_cost", "margin", "other_revenue", "orders"),
        by=("customer",),
        where=within,
    )
    served = kb.query(("cost_to_serve",), by=("customer", "serving"), where=within)
    shared = kb.query(("shared_cost",), by=("customer", "cost_line"), where=within)
    told = kb.query(("shared_cost",), by=("pool", "cost_line", "driver", "rule_version", "allocation"), where=within)
    book = _Book(hidden=_hidden(sold) | _hidden(served) | _hidden(shared))
    known = book.sell(sold) | book.serve(served) | book.share(shared)
    unallocated, anonymous = _rest(told)
    nobody = book.amounts.pop(None, [ZERO] * len(LINES))
    for name, amount in anonymous.items():
        nobody[_AT[name]] -= amount
    made = [_account(customer, book) for customer in sorted(each for each in book.amounts if each is not None)]
    buyers = tuple(each for each in made if each.orders > 0)
    return Accounts(
        period=period,
        buyers=buyers,
        bought=summed(map(_amounts, buyers)),
        others=tuple(each for each in made if each.orders <= 0),
        nobody=tuple(nobody),
        unallocated=tuple(-unallocated.get(name, ZERO) for name in LINES),
        pools=_pools(told),
        known=frozenset(known),
        unseen=len(book.hidden - {None}),
        whole_revenue=book.revenue,
        costed_revenue=book.costed,
    )


class _Book:
    """The accounts while they are filled; ``hidden``: customers who are not wholly seen, and get none."""

    def __init__(self, *, hidden: set[int | None]) -> None:
        self.hidden = hidden
        self.amounts: dict[int | None, list[Decimal]] = {}
        self.orders: dict[int | None, int] = {}
        self.revenue = self.costed = ZERO

    def sell(self, result: Result) -> set[str]:
        """Enter what was sold, given back, and what the goods cost."""
        known = {"full_price", "returned"}
        for who, *figures in result.rows:
            customer = _customer(who)
            if customer in self.hidden:
                continue
            sales, discount, revenue, with_cost, margin, more = (
                figure if type(figure) is Decimal else _decimal(figure) for figure in figures[:6]
            )
            lines = self._of(customer)
            lines[_AT["full_price"]] += sales + discount
            lines[_AT["discount"]] -= discount
            lines[_AT["returned"]] -= sales - revenue
            lines[_AT["other_revenue"]] += more
            lines[_AT["unknown_cost"]] -= revenue - with_cost
            lines[_AT["goods"]] -= with_cost - margin
            self.orders[customer] = int(str(figures[6] or 0))
            known |= {"discount"} if figures[1] is not None else set()
            known |= {"goods"} if figures[4] is not None else set()
            known |= {"other_revenue"} if more else set()
            known |= {"unknown_cost"} if revenue != with_cost else set()
            if customer is not None:
                self.revenue += revenue
                self.costed += with_cost
        return known

    def serve(self, result: Result) -> set[str]:
        """Enter what contacts, cases and campaigns cost directly."""
        known = set()
        for who, serving, cost in result.rows:
            name = _SERVING.get(str(serving))
            if name is None or cost is None or _customer(who) in self.hidden:
                continue
            self._of(_customer(who))[_AT[name]] -= _decimal(cost)
            known.add(name)
        return known

    def share(self, result: Result) -> set[str]:
        """Enter what customers got of the pools; what nobody got is entered elsewhere."""
        known = set()
        for who, name, cost in result.rows:
            if cost is None:
                continue
            known.add(str(name))
            customer = _customer(who)
            if customer is not None and customer not in self.hidden:
                self._of(customer)[_AT[str(name)]] -= _decimal(cost)
        return known & set(COSTS)

    def _of(self, customer: int | None) -> list[Decimal]:
        return self.amounts.setdefault(customer, [ZERO] * len(LINES))


def _account(customer: int, book: _Book) -> Account:
    amounts = tuple(book.amounts[customer])
    return Account(
        customer_id=customer,
        orders=book.orders.get(customer, 0),
        amounts=amounts,
        revenue=sum(amounts[: len(SELLING)], ZERO),
        profit=sum(amounts, ZERO),
    )


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


def _hidden(result: Result) -> set[int | None]:
    """The customers of whom something is not shown to the asker."""
    return {_customer(result.rows[row][0]) for row, _ in result.hidden if row >= 0}


def _amounts(account: Account) -> Amounts:
    return account.amounts


def _customer(said: Value) -> int | None:
    return None if said is None else int(str(said))


def _decimal(value: Value) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value or 0))


def each(total: Amounts, count: int) -> Amounts:
    """The mean account of some, to four digits."""
    return tuple((amount / max(count, 1)).quantize(Decimal("0.0001")) for amount in total)
