"""The account of one customer: each line, what it is made of, beside others of like revenue, and the rows behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from clientela.analyse.customer.profit.accounts import GOODS, LINES, SELLING, ZERO, Account, Accounts, Ledger
from clientela.analyse.customer.profit.losses import like
from clientela.analyse.customer.profit.words import LINE_WORDS
from clientela.contracts.analysis import KnowledgeBase
from clientela.contracts.filter import And, Condition, Operator
from clientela.contracts.insight import Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Period, Text, Value, ntext, text
from clientela.errors import UsageError

MOST_DIGITS = 19
_SERVED: Mapping[str, tuple[str, str, Text]] = {  # where what was spent directly stands, in which table, and its name
    "contacts": ("contact", "interaction", text("Contacts, directly")),
    "campaigns": ("contact", "contact", text("Messages of campaigns, directly")),
    "cases": ("service", "service_case", text("Cases, directly")),
}


@dataclass(frozen=True, slots=True)
class Part:
    """What a line of costs is made of: a pool, or what was spent directly; ``amount`` above 0."""

    line: str
    name: Value
    amount: Decimal
    table: str
    where: str


@dataclass(frozen=True, slots=True)
class One:
    """A customer's account in a period. ``rank``: so many leave more; None where they bought nothing then.

    ``usual``: (lines) what others of like revenue have for each unit of theirs; empty without.
    """

    account: Account
    rank: int | None
    usual: Mapping[str, Decimal]
    parts: tuple[Part, ...]


def number_asked(said: str) -> int | None:
    """The customer asked for; None where none is.

    Raises
    ------
    UsageError
        It is no customer's number.
    """
    if not said:
        return None
    if not said.isascii() or not said.isdigit() or len(said) > MOST_DIGITS:
        raise UsageError(
            text(
                "'customer' is '{value}'; it is a customer's number, as in customer_id and the address of their page.",
                value=said[:20],
            )
        )
    return int(said)


def one(kb: KnowledgeBase, found: Accounts, customer: int) -> One | None:
    """The account of a customer; None where they have none in the period, or are not seen as a whole."""
    bought = np.flatnonzero(found.buyers.customer_id == customer)
    other = np.flatnonzero(found.others.customer_id == customer)
    if not bought.size and not other.size:
        return None
    ledger: Ledger = found.buyers if bought.size else found.others
    row = int((bought if bought.size else other)[0])
    account = ledger.account(row)
    rank = int((found.buyers.profit > found.buyers.profit[row]).sum()) if bought.size else None
    usual = like(found.buyers, row) if bought.size else {}
    return One(account, rank, usual, tuple(_parts(kb, customer, found.period)))


def _parts(kb: KnowledgeBase, customer: int, period: Period) -> Iterator[Part]:
    """What the customer got of each pool, and what was spent on them directly."""
    theirs = And((
        Condition("customer", Operator.EQ, customer), Condition("day", Operator.BETWEEN, (period.first, period.last))
    ))  # fmt: skip
    for serving, amount in kb.query(("cost_to_serve",), by=("serving",), where=theirs).rows:
        if amount and str(serving) in _SERVED:
            line, table, name = _SERVED[str(serving)]
            yield Part(line, name, Decimal(str(amount)), table, "")
    for cost_line, pool, amount in kb.query(("shared_cost",), by=("cost_line", "pool"), where=theirs).rows:
        if amount and pool is not None:
            said = str(pool).replace("'", "''")
            yield Part(
                str(cost_line),
                str(pool),
                Decimal(str(amount)),
                "allocated_cost",
                f"cost_line = '{cost_line}' and pool = '{said}'",
            )


def tell_one(found: Accounts, told: One, currency: str) -> tuple[Text, tuple[Text, ...]]:
    """What the customer leaves, in a sentence, and how that stands among the others."""
    account = told.account
    values: dict[str, Value] = {
        "customer": str(account.customer_id),
        "revenue": _money(account.revenue, currency),
        "period": found.period,
    }
    if account.profit < 0:
        said = text(
            "Customer {customer} costs {loss} more than they bring: they paid {revenue} ({period}).",
            loss=_money(-account.profit, currency),
            **values,
        )
    else:
        said = text(
            "Customer {customer} leaves {profit} of the {revenue} they paid ({period}).",
            profit=_money(account.profit, currency),
            **values,
        )
    if told.rank is None:
        return said, (text("They bought nothing in the period."),)
    lead = ntext(
        "Of {n} customer who bought, {more} leaves more.",
        "Of {n} customers who bought, {more} leave more.",
        "n",
        n=len(found.buyers),
        more=Amount(told.rank, "count"),
    )
    return said, (lead,)


def table_of_one(found: Accounts, told: One, currency: str) -> Table:
    """The account line by line; under each line of costs what it is made of; behind each its rows."""
    account, theirs = told.account, f"customer = {told.account.customer_id}"
    rows: list[tuple[Value, ...]] = []
    behind: list[tuple[str, str] | None] = []
    for place, name in enumerate(LINES):
        if name in found.known:
            rows.append((LINE_WORDS[name], None, account.line(name), told.usual.get(name)))
            behind.append(rows_of_line(name, found.period, theirs) if name in (*SELLING, *GOODS) else None)
        elif name not in ("unknown_cost", "other_revenue"):
            rows.append((LINE_WORDS[name], None, None, None))
            behind.append(None)
        for part in told.parts:
            if part.line == name:
                rows.append((LINE_WORDS[name], part.name, -part.amount, None))
                behind.append((part.table, _where(found.period, theirs, part.where)))
        if name in (SELLING[-1], GOODS[-1]):
            said = text("Revenue") if name == SELLING[-1] else text("Margin, with fees")
            rows.append(_sum(said, account, told, LINES[: place + 1]))
            behind.append(None)
    return Table(
        columns=(
            TableColumn(name="line", type=Type.TEXT, label=text("Line")),
            TableColumn(name="part", type=Type.TEXT, label=text("Of it")),
            TableColumn(name="amount", type=Type.MONEY, label=text("Amount"), unit=currency),
            TableColumn(name="usual", type=Type.MONEY, label=text("Others of like revenue"), unit=currency),
        ),
        rows=tuple(rows),
        total=_sum(text("Profit"), account, told, LINES),
        caption=text(
            "What customer {customer} brought and cost, {period}",
            customer=str(account.customer_id),
            period=found.period,
        ),
        note=text(
            "Under a line of costs stands what it is made of: the amounts of its parts sum to it. Others of like "
            "revenue: what they have together, by what this customer paid. A dash is a figure that is not known."
        ),
        behind=tuple(behind),
    )


def _sum(said: Text, account: Account, told: One, names: tuple[str, ...]) -> tuple[Value, ...]:
    usual = sum((told.usual[name] for name in names), ZERO) if told.usual else None
    return (said, None, sum((account.line(name) for name in names), ZERO), usual)


def rows_of_line(name: str, period: Period, *more: str) -> tuple[str, str]:
    """The table and the filter of the rows that a line is counted from; of costs, of their shares."""
    if name not in (*SELLING, *GOODS):
        return "allocated_cost", _where(period, *more, f"cost_line = '{name}'")
    kinds = _KINDS.get(name, "in ('sale', 'return', 'cancellation')")
    return "order_line", _where(period, *more, f"kind {kinds}")


_KINDS = {
    "full_price": "= 'sale'",
    "returned": "in ('return', 'cancellation')",
    "other_revenue": "in ('shipping', 'fee')",
}


def _where(period: Period, *more: str) -> str:
    """The filter, in the names that the pages of rows know: of the dimensions."""
    return " and ".join([f"day >= '{period.first}'", f"day <= '{period.last}'", *filter(None, more)])


def command(kb: KnowledgeBase, found: Accounts, told: One) -> Text:
    """How all rows of an account's costs are shown on the command line, or of its sales where it has no shares."""
    table = "allocated_cost" if any(part.table == "allocated_cost" for part in told.parts) else "order_line"
    where = _where(found.period, f"customer = {told.account.customer_id}")
    earlier = f" --as-of {kb.as_of}" if kb.as_of < kb.run_as_of else ""
    return text("To see the rows behind it: {command}", command=f'clientela records {table} --where "{where}"{earlier}')


def _money(amount: Decimal, currency: str) -> Amount:
    return Amount(amount, "money", currency, digits=0)
