"""What each customer leaves when all they cost is taken off, and who costs more than they bring."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from clientela.analyse.abstain import NO_SALES, abstain
from clientela.analyse.asked import whole_number
from clientela.analyse.customer.profit.accounts import (
    COSTS,
    LINES,
    ZERO,
    Accounts,
    Ledger,
    accounts,
    assumed_revenue,
    money,
)
from clientela.analyse.customer.profit.losses import Loss, Losses, by_amount, losses, rank_correlation
from clientela.analyse.customer.profit.one import One, command, number_asked, one, table_of_one, tell_one
from clientela.analyse.customer.profit.shown import by_profit, curve, loss_chart, table
from clientela.analyse.customer.profit.twice import Contained, contained, tell_contained, tell_twice
from clientela.analyse.customer.profit.words import DRIVER_WORDS, LINE_WORDS
from clientela.contracts.analysis import Analysis, KnowledgeBase, Parameter
from clientela.contracts.filter import Condition, Operator
from clientela.contracts.insight import Figure, Insight, Level
from clientela.contracts.text import Amount, Period, Text, Value, ntext, text
from clientela.errors import NotPermittedError, UsageError

QUESTION = text("What does each customer leave, and who costs more than they bring?")
FEWEST = 10
COST_KNOWN = Decimal("0.5")  # of the revenue of customers; below it a profit would be told of a minority
MOST_POOLS, MOST_LISTED, MOST_MONTHS = 12, 200, 120


def tell_customer_profit(kb: KnowledgeBase, parameters: Mapping[str, Parameter]) -> Insight:
    """The account of each customer in whole months, and of all together.

    Parameters
    ----------
    parameters :
        ``months``: how many; ``until``: the last of them as "2025-03", default the last that is over; ``list``: how
        many customers who cost more than they bring are listed; ``customer``: the number of one whose account is
        told alone, "" for all.
    """
    listed = whole_number(parameters, "list", 1, MOST_LISTED)
    customer = number_asked(str(parameters["customer"]))
    if kb.first_day is None:
        return abstain(CUSTOMER_PROFIT, kb, NO_SALES)
    period = period_asked(kb, whole_number(parameters, "months", 1, MOST_MONTHS), str(parameters["until"]))
    if period is None:
        return abstain(
            CUSTOMER_PROFIT,
            kb,
            text("No calendar month with sales is over yet, and costs are shared out by the month. Ask again later."),
        )
    found = accounts(kb, period)
    reason = _why_not(found, kb.currency)
    if reason:
        return abstain(CUSTOMER_PROFIT, kb, reason)
    return _told(kb, found, listed) if customer is None else _told_of_one(kb, found, customer)


def period_asked(kb: KnowledgeBase, months: int, until: str) -> Period | None:
    """The whole months asked for, from the first with sales on; None where none is over.

    Raises
    ------
    UsageError
        ``until`` is no month, or one that is not over.
    """
    last = kb.as_of.replace(day=1) - timedelta(days=1)
    if until:
        if not re.fullmatch(r"(19|2\d)\d\d-(0[1-9]|1[0-2])", until):
            raise UsageError(text("'until' is '{value}'; it is a month, written as 2025-03.", value=until[:20]))
        asked = _after(date(int(until[:4]), int(until[5:]), 1), 1) - timedelta(days=1)
        if asked > last:
            raise UsageError(
                text(
                    "'until' is {value}; as of {date} the last month that is over is {last}.",
                    value=until,
                    date=kb.as_of,
                    last=f"{last:%Y-%m}",
                )
            )
        last = asked
    first = _after(last.replace(day=1), 1 - months)
    if kb.first_day is None or kb.first_day > last:
        return None
    return Period(max(first, kb.first_day.replace(day=1)), last)


def _after(month: date, months: int) -> date:
    number = 12 * month.year + month.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _why_not(found: Accounts, currency: str) -> Text | None:
    """Why no profit can be told; None where it can."""
    if len(found.buyers) < FEWEST:
        return ntext(
            "Only {n} known customer bought in the period. To compare what they leave, clientela needs 10.",
            "Only {n} known customers bought in the period. To compare what they leave, clientela needs 10.",
            "n",
            n=len(found.buyers),
        )
    if found.whole_revenue <= 0:
        return text("The known customers brought no revenue in the period: there is nothing to take costs off.")
    share = found.costed_revenue / found.whole_revenue
    if share >= COST_KNOWN:
        return None
    if found.costed_revenue == 0:
        return text(
            "What customers leave cannot be told: no order line says what its goods cost, and by its product and "
            "quantity it cannot be worked out either. Known are revenue ({revenue}), {known}. Missing: {missing}.",
            revenue=Amount(found.whole_revenue, "money", currency, digits=0),
            known=_discounts(found, currency),
            missing=_listed(
                [text("Cost of goods (cost_of_goods of order_line, or unit_cost of product)"), *_unknown(found)]
            ),
        )
    return text(
        "What customers leave cannot be told: the cost of goods is known for {share} of the revenue only, and it takes "
        "half. Deliver cost_of_goods with more order lines, or unit_cost with more products.",
        share=Amount(share, "share", digits=0),
    )


def _discounts(found: Accounts, currency: str) -> Text:
    total = dict(zip(LINE_WORDS, found.total(), strict=True))
    given = Amount(-total["returned"], "money", currency, digits=0)
    if "discount" not in found.known:
        return text("returns and cancellations ({returned})", returned=given)
    return text(
        "discounts ({discount}) and returns and cancellations ({returned})",
        discount=Amount(-total["discount"], "money", currency, digits=0),
        returned=given,
    )


def _unknown(found: Accounts) -> list[Text]:
    """The costs that every company has and of which nothing is known."""
    return [LINE_WORDS[name] for name in COSTS if name != "other" and name not in found.known]


def _listed(words: Sequence[Text]) -> Text:
    """Several words with commas between."""
    said = words[0]
    for word in words[1:]:
        said = text("{some}, {more}", some=said, more=word)
    return said


def _told(kb: KnowledgeBase, found: Accounts, listed: int) -> Insight:
    lost = losses(found.buyers)
    ordered = by_profit(found.buyers)
    listed_first = [lost.loss(row) for row in range(min(listed, len(lost)))]
    containing = contained(kb, found) if found.pools else ()
    return Insight(
        analysis="customer-profit",
        area="customer",
        level=Level.HAPPENED,
        question=QUESTION,
        as_of=kb.as_of,
        snapshot=kb.snapshot,
        headline=_headline(kb, found, lost),
        lead=(*_lead(kb, found, lost), _who_pays_more(found.buyers)),
        figure=Figure(value=Amount(len(lost), "count"), caption=text("customers cost more than they bring")),
        table=table(found, ordered, kb.currency),
        chart=curve(ordered, found.period, kb.currency),
        details=(loss_chart(listed_first, _names(kb, listed_first), kb.currency),) if listed_first else (),
        sure=_sure(kb, found, containing),
        caveats=(*tell_twice(kb, found, containing), *_caveats(kb, found, _Costing.of_all(found))),
        next=_next(found, lost),
        computed=text(
            "Of each customer: sales at full price, less discounts, returns and cancellations, less the cost of the "
            "goods, plus shipping and fees charged, less what contacts and cases cost directly, less a share of each "
            "pool of costs. A pool is cut, month by month, in proportion to what drives it; the cuts are rounded so "
            "that customers, sales without a customer and what stays unallocated sum to the pool exactly. The reason "
            "beside a loss is the line furthest from that of the twentieth of customers with like revenue."
        ),
    )


def _told_of_one(kb: KnowledgeBase, found: Accounts, customer: int) -> Insight:
    """The account of one customer alone."""
    told = one(kb, found, customer)
    if told is None:
        return abstain(
            CUSTOMER_PROFIT,
            kb,
            text(
                "Customer {customer} neither bought nor cost anything in the period, or you do not see all of them "
                "({period}).",
                customer=str(customer),
                period=found.period,
            ),
        )
    headline, lead = tell_one(found, told, kb.currency)
    return Insight(
        analysis="customer-profit",
        area="customer",
        level=Level.HAPPENED,
        question=QUESTION,
        as_of=kb.as_of,
        snapshot=kb.snapshot,
        headline=headline,
        lead=lead,
        figure=Figure(value=_money(kb, told.account.profit), caption=text("is what this customer leaves")),
        table=table_of_one(found, told, kb.currency),
        sure=(text("Sales, goods and direct costs are counted, not estimated."),),
        caveats=_caveats(kb, found, _Costing.of_one(kb, found, told)),
        next=(
            text("Look at the line that is furthest from that of others before anything is changed."),
            command(kb, found, told),
        ),
    )


def _headline(kb: KnowledgeBase, found: Accounts, lost: Losses) -> Text:
    if not len(lost):
        return ntext(
            "Of {n} customer who bought, nobody costs more than they bring.",
            "Of {n} customers who bought, nobody costs more than they bring.",
            "n",
            n=len(found.buyers),
        )
    loss = _money(kb, money(-int(lost.ledger.profit.sum())))
    if len(lost) == 1:
        return text(
            "One of {n} customers who bought costs more than they bring: {loss}.",
            n=Amount(len(found.buyers), "count"),
            loss=loss,
        )
    return ntext(
        "{lost} of {n} customer who bought cost more than they bring: {loss} in all.",
        "{lost} of {n} customers who bought cost more than they bring: {loss} in all.",
        "n",
        lost=Amount(len(lost), "count"),
        n=len(found.buyers),
        loss=loss,
    )


def _lead(kb: KnowledgeBase, found: Accounts, lost: Losses) -> tuple[Text, ...]:
    profit, revenue = (money(int(each.sum())) for each in (found.buyers.profit, found.buyers.revenue))
    said = [
        text(
            "Together those who bought leave {profit}, {share} of the {revenue} they paid ({period}).",
            profit=_money(kb, profit),
            share=Amount(profit / revenue if revenue else 0, "share", digits=0),
            revenue=_money(kb, revenue),
            period=found.period,
        )
    ]
    paying = int((lost.tenth <= 5).sum())
    if paying:
        said.append(
            ntext(
                "{n} of those who cost more than they bring is among the half that pays most.",
                "{n} of those who cost more than they bring are among the half that pays most.",
                "n",
                n=paying,
            )
        )
    rest = -sum(found.unallocated, ZERO)
    if rest:
        said.append(text("Another {rest} of costs is unallocated: no customer carries it here.", rest=_money(kb, rest)))
    return tuple(said)


def _who_pays_more(buyers: Ledger) -> Text:
    """Whether those who pay more are the most profitable, in plain words."""
    rho = rank_correlation(buyers)
    n, profit = max(1, len(buyers) // 10), buyers.profit
    paying = by_amount(buyers, buyers.revenue)[:n]
    leaving = by_amount(buyers, profit)[:n]
    values: dict[str, Value] = {
        "n": n,
        "both": Amount(len(np.intersect1d(paying, leaving)), "count"),
        "lost": Amount(int((profit[paying] < 0).sum()), "count"),
        "rho": Amount(rho or 0.0, digits=2),
    }
    if rho is None or rho < 0.3:
        return ntext(
            "Those who pay more are not the most profitable (rank correlation {rho}): of the {n} who pays most, {both} "
            "leaves most too, and {lost} costs more than they bring.",
            "Those who pay more are not the most profitable (rank correlation {rho}): of the {n} who pay most, {both} "
            "are among as many who leave most, and {lost} cost more than they bring.",
            "n",
            **values,
        )
    if rho < 0.9:
        return ntext(
            "Those who pay more are mostly, not always, more profitable (rank correlation {rho}): of the {n} who pays "
            "most, {both} leaves most too, and {lost} costs more than they bring.",
            "Those who pay more are mostly, not always, more profitable (rank correlation {rho}): of the {n} who pay "
            "most, {both} are among as many who leave most, and {lost} cost more than they bring.",
            "n",
            **values,
        )
    return ntext(
        "Those who pay more are also the most profitable (rank correlation {rho}): of the {n} who pays most, {both} "
        "leaves most too, and {lost} costs more than they bring.",
        "Those who pay more are also the most profitable (rank correlation {rho}): of the {n} who pay most, {both} are "
        "among as many who leave most, and {lost} cost more than they bring.",
        "n",
        **values,
    )


def _names(kb: KnowledgeBase, lost: Sequence[Loss]) -> Mapping[int, str]:
    """The keys by which sources know the customers, where they may be seen."""
    ids = tuple(each.account.customer_id for each in lost)
    within = Condition("customer_id", Operator.IN, ids)
    try:
        told = kb.records("customer_page", ("customer_id", "customer_key"), within, limit=len(ids)).rows
    except NotPermittedError:
        return {}
    return {int(str(customer)): str(key) for customer, key in told if customer is not None and key is not None}


def _sure(kb: KnowledgeBase, found: Accounts, containing: Sequence[Contained] | None) -> tuple[Text, ...]:
    """By what each pool was shared out, and by which version of its rule."""
    said = [text("Sales, goods and direct costs are counted, not estimated.")]
    for pool in found.pools[:MOST_POOLS]:
        amount = _money(kb, pool.amount)
        if pool.driver in DRIVER_WORDS:
            said.append(
                text(
                    "{pool} ({amount}) is shared out by {driver} (rule {version}).",
                    pool=pool.name,
                    amount=amount,
                    driver=DRIVER_WORDS[pool.driver],
                    version=pool.version,
                )
            )
        else:
            said.append(
                text(
                    "{pool} ({amount}) is shared out to nobody (rule {version}).",
                    pool=pool.name,
                    amount=amount,
                    version=pool.version,
                )
            )
    if len(found.pools) > MOST_POOLS:
        more = len(found.pools) - MOST_POOLS
        said.append(ntext("{n} more pool is shared out.", "{n} more pools are shared out.", "n", n=more))
    return (*said, *tell_contained(containing or (), kb.currency))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Costing:
    """Of whom an account tells: revenue with and without a known cost of goods, and what pools and rights make of it.

    ``assumed``: of the revenue whose cost is known, what is costed by the piece. ``shared``: whether shares of pools
    are in it. ``unseen``: customers left out.
    """

    costed: Decimal
    uncosted: Decimal
    assumed: Decimal
    shared: bool
    unseen: int

    @classmethod
    def of_all(cls, found: Accounts) -> _Costing:
        return cls(
            costed=found.costed_revenue,
            uncosted=found.whole_revenue - found.costed_revenue,
            assumed=found.assumed_revenue,
            shared=bool(found.pools),
            unseen=found.unseen,
        )

    @classmethod
    def of_one(cls, kb: KnowledgeBase, found: Accounts, told: One) -> _Costing:
        uncosted = -told.account.line("unknown_cost")
        return cls(
            costed=told.account.revenue - uncosted,
            uncosted=uncosted,
            assumed=assumed_revenue(kb, found.period, told.account.customer_id) if found.assumed_revenue else ZERO,
            shared=any(part.table == "allocated_cost" for part in told.parts),
            unseen=0,
        )


def _caveats(kb: KnowledgeBase, found: Accounts, of: _Costing) -> tuple[Text, ...]:
    said = []
    missing = _unknown(found)
    if missing:
        said.append(
            text("Not known, and so not taken off: {lines}. Profit is too high by them.", lines=_listed(missing))
        )
    if "discount" not in found.known:
        said.append(text("Discounts are not known: sales stand as they were paid."))
    if of.uncosted:
        said.append(
            text(
                "Revenue of {revenue} is left out, as the cost of its goods is not known.",
                revenue=_money(kb, of.uncosted),
            )
        )
    if of.assumed and of.costed > 0:
        said.append(
            text(
                "Of the revenue whose cost is known, {share} is costed by the piece, at what the product cost then "
                "(unit_cost of product), as its order lines say no cost of goods.",
                share=Amount(of.assumed / of.costed, "share", digits=0),
            )
        )
    if of.shared:
        said.append(
            text("A share of a pool is a rule, not a measurement: another driver gives other customers more of it.")
        )
    if kb.as_of < kb.run_as_of and of.shared:
        said.append(text("The pools are shared out as was known on {date}.", date=kb.run_as_of))
    if of.unseen:
        said.append(
            ntext(
                "{n} customer of whom you do not see everything is left out.",
                "{n} customers of whom you do not see everything are left out.",
                "n",
                n=of.unseen,
            )
        )
    return tuple(said)


def _next(found: Accounts, lost: Losses) -> tuple[Text, ...]:
    said = []
    if len(lost):
        reason, times = Counter(LINES[each] for each in lost.reason.tolist()).most_common(1)[0]
        said.append(
            ntext(
                "Look at “{line}” first: it is the main reason why {n} customer costs more than they bring. Change "
                "terms or prices before anything is withheld.",
                "Look at “{line}” first: of {n} customers who cost more than they bring, it is the main reason for "
                "{times}. Change terms or prices before anything is withheld.",
                "n",
                line=LINE_WORDS[reason],
                n=len(lost),
                times=Amount(times, "count"),
            )
        )
    if not found.pools:
        said.append(
            text(
                "Declare what payment, delivery, service and acquisition cost ([[cost_pool]] in clientela.toml), so "
                "that customers carry what they cause."
            )
        )
    elif any(pool.driver == "none" for pool in found.pools):
        said.append(text("Declare what drives the unallocated pools, or leave them where nobody can influence them."))
    if len(lost):
        worst = lost.loss(0).account.customer_id
        said.append(
            text(
                "To see what one customer’s account is made of: {command}",
                command=f"clientela ask customer-profit --set customer={worst}",
            )
        )
    return tuple(said) or (text("Keep the customers at the top: most of what you earn rests on them."),)


def _money(kb: KnowledgeBase, amount: Decimal) -> Amount:
    return Amount(amount, "money", kb.currency, digits=0)


CUSTOMER_PROFIT = Analysis(
    name="customer-profit",
    area="customer",
    level=Level.HAPPENED,
    question=QUESTION,
    needs=("order_line",),
    rests_on=("order_line.net_revenue", "order_line.ordered_at", "order_line.cost_of_goods"),
    answer=tell_customer_profit,
    parameters={"months": 12, "until": "", "list": 15, "customer": ""},
    overview=False,
)
