"""Costs that may count twice: delivered budgets, lists and contacts beside a pool that contains the same spend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from clientela.analyse.customer.profit.accounts import ZERO, Accounts, Pool
from clientela.contracts.analysis import KnowledgeBase
from clientela.contracts.filter import And, Condition, Operator
from clientela.contracts.text import Amount, Text, Value, text
from clientela.errors import NotPermittedError

CAMPAIGNS, LISTS = "campaign_orders", "list_customers"
_LINES = ("acquisition", "contact")
_ALIKE = Decimal("0.01")  # of the amount: two that differ by less are taken for one
_WORTH_A_WORD = Decimal("0.01")  # of the pool: what campaigns and lists cost; less changes no account
_MOST = 3  # pools that are told of, the largest first
_MOST_MONTHS = 2_000  # more than a pool has


@dataclass(frozen=True, slots=True)
class Contained:
    """A pool that contains what campaigns, contacts and lists cost: all it came to, and how much of it these were."""

    pool: str
    whole: Decimal
    apart: Decimal


def contained(kb: KnowledgeBase, found: Accounts) -> tuple[Contained, ...] | None:
    """The pools declared so, in the period; None where the asker may not see what pools come to."""
    within = Condition("month", Operator.BETWEEN, (found.period.first, found.period.last))
    asked = ("pool", "whole", "counted_apart")
    try:
        seen = kb.records("cost_pool_month", asked, within, limit=1).rows
        containing = And((within, Condition("contains_budgets", Operator.EQ, True)))
        named = {str(row[0]) for row in kb.records("cost_pool_month", asked, containing, limit=_MOST_MONTHS).rows}
    except NotPermittedError:
        return None
    if not seen and any(each.driver not in (CAMPAIGNS, LISTS) for each in found.pools):
        return None  # who sees a part of the customers sees their shares, and no pool as a whole
    return tuple(_in_all(kb, within, pool) for pool in sorted(named))


def _in_all(kb: KnowledgeBase, within: Condition, pool: str) -> Contained:
    """What a pool came to in every month of the period, also in those of a rule that says nothing of budgets."""
    theirs = And((within, Condition("pool", Operator.EQ, pool)))
    rows = kb.records("cost_pool_month", ("whole", "counted_apart"), theirs, limit=_MOST_MONTHS).rows
    whole, apart = (sum((Decimal(str(row[at])) for row in rows), ZERO) for at in (0, 1))
    return Contained(pool, whole, apart)


def tell_contained(contained: Sequence[Contained], currency: str) -> Iterator[Text]:
    """What was taken out of the pools, so that they can be compared with the books."""
    for each in contained:
        if each.apart:
            yield text(
                "“{pool}” came to {whole}; {apart} of it is what campaigns, their contacts and bought lists cost, "
                "which counts by itself and is taken out.",
                pool=each.pool,
                whole=_money(each.whole, currency),
                apart=_money(each.apart, currency),
            )


def tell_twice(kb: KnowledgeBase, found: Accounts, contained: Sequence[Contained] | None) -> tuple[Text, ...]:
    """What may count twice, the plainer cases first.

    Pools of acquisition and contacts stand beside what campaigns, lists and contacts cost by themselves: a pool of the
    same amount to within a percent, or of the same name as a campaign or list, is probably the same spend. Of a pool a
    hundred times as large as all they cost nothing is said; nor to who does not see the pools (``contained`` is None).
    Where one pool is said to contain them already, another can only be the same by its amount or name.
    """
    if contained is None:
        return ()
    spent = _spent(found)
    total = sum(spent.values(), ZERO)
    told = {each.pool for each in contained}
    pools = [
        each
        for each in found.pools
        if each.driver not in (CAMPAIGNS, LISTS) and each.line in _LINES and each.amount > 0 and each.name not in told
    ]
    if total <= 0 or not pools:
        return ()
    compared = (*_compared(spent), *_compared(_ever(kb, spent)))
    sure: list[Text] = []
    likely: list[Text] = []
    for pool in pools:
        same = _same_amount(pool, compared) or _same_name(pool, spent)
        if same is not None:
            sure.append(_said_same(pool, same, kb.currency, taken_out=bool(contained)))
        elif not contained and total >= _WORTH_A_WORD * pool.amount:
            likely.append(_said(pool, total, kb.currency))
    return (*sure, *likely)[:_MOST]


_Spent = Mapping[tuple[str, str], Decimal]  # by what it is, and its name
_Same = tuple[str, str, Decimal]  # whether by amount or name, of which one, how much that is


def _spent(found: Accounts) -> _Spent:
    """What campaigns, lists and contacts cost in the period."""
    spent: dict[tuple[str, str], Decimal] = {}
    for pool in found.pools:
        if pool.driver in (CAMPAIGNS, LISTS):
            key = (pool.driver, pool.name)
            spent[key] = spent.get(key, ZERO) + pool.amount
    if found.contacts:
        spent["contacts", ""] = found.contacts
    return spent


def _ever(kb: KnowledgeBase, spent: _Spent) -> _Spent:
    """The same of the campaigns and lists as a whole, as they are laid on purchases of other periods too."""
    of_them = Condition("driver", Operator.IN, (CAMPAIGNS, LISTS))
    rows = kb.query(("shared_cost",), by=("pool",), where=of_them).rows
    whole = {str(pool): Decimal(str(amount or 0)) for pool, amount in rows}
    return {(sort, name): whole.get(name, amount) for (sort, name), amount in spent.items()}


def _compared(spent: _Spent) -> Iterator[tuple[str, Decimal]]:
    """The amounts that a pool may have too: of all together, of all of one sort, of one campaign or list."""
    yield "all", sum(spent.values(), ZERO)
    for sort in dict.fromkeys(sort for sort, _ in spent):
        yield sort, sum((amount for (which, _), amount in spent.items() if which == sort), ZERO)
    yield from ((name, amount) for (_, name), amount in spent.items() if name)


def _same_amount(pool: Pool, compared: Sequence[tuple[str, Decimal]]) -> _Same | None:
    alike = ((name, each) for name, each in compared if each and abs(pool.amount - each) <= _ALIKE * each)
    return next((("amount", name, each) for name, each in alike), None)


def _same_name(pool: Pool, spent: _Spent) -> _Same | None:
    """The campaign or list that is called as the pool: a pool of theirs is named “campaign ID: NAME”."""
    for (_, name), amount in spent.items():
        _, _, called = name.partition(" ")
        key, _, title = called.partition(": ")
        if pool.name.strip().casefold() in {each.casefold() for each in (name, called, key, title) if each}:
            return "name", name, amount
    return None


def _said(pool: Pool, total: Decimal, currency: str) -> Text:
    return text(
        "Campaigns, their contacts and bought lists ({spent}) and the pool “{pool}” ({amount}) all count as costs "
        "of winning customers and of contacts. If the pool contains them, they count twice: then say "
        "contains_budgets = true in a [[cost_pool]] of its name.",
        spent=_money(total, currency),
        pool=pool.name,
        amount=_money(pool.amount, currency),
    )


def _said_same(pool: Pool, same: _Same, currency: str, *, taken_out: bool) -> Text:
    """That a pool and what campaigns cost are one. ``taken_out``: another pool says that it contains them."""
    by, name, amount = same
    values: dict[str, Value] = {
        "pool": pool.name,
        "amount": _money(pool.amount, currency),
        "what": _WHAT[name] if name in _WHAT else text("“{name}”", name=name),
        "spent": _money(amount, currency),
    }
    if taken_out and by == "amount":
        return text(
            "The pool “{pool}” ({amount}) and {what} ({spent}) are the same amount to within a percent: it is probably "
            "one cost that counts twice. Another pool says contains_budgets = true already: leave the pool out.",
            **values,
        )
    if taken_out:
        return text(
            "The pool “{pool}” ({amount}) is called like {what} ({spent}), which counts too: it is probably one cost "
            "that counts twice. Another pool says contains_budgets = true already: leave the pool out.",
            **values,
        )
    if by == "amount":
        return text(
            "The pool “{pool}” ({amount}) and {what} ({spent}) are the same amount to within a percent: it is probably "
            "one cost that counts twice. Say contains_budgets = true in a [[cost_pool]] of its name, or leave the pool "
            "out.",
            **values,
        )
    return text(
        "The pool “{pool}” ({amount}) is called like {what} ({spent}), which counts too: it is probably one cost that "
        "counts twice. Say contains_budgets = true in a [[cost_pool]] of its name, or leave the pool out.",
        **values,
    )


_WHAT: Mapping[str, Text] = {
    "all": text("what campaigns, their contacts and bought lists cost"),
    CAMPAIGNS: text("the budgets of campaigns"),
    LISTS: text("what bought lists cost"),
    "contacts": text("what contacts of campaigns cost"),
}


def _money(amount: Decimal, currency: str) -> Amount:
    return Amount(amount, "money", currency, digits=0)
