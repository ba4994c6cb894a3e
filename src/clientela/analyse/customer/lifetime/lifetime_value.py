"""What each customer will bring, and what all of them will bring together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from clientela.analyse.abstain import NO_SALES, abstain
from clientela.analyse.asked import whole_number
from clientela.analyse.customer.lifetime.evidence import NAMES, Outlook, evidence, traits_seen, why_not
from clientela.analyse.customer.lifetime.payback import tell_payback
from clientela.analyse.customer.services import told as services
from clientela.analyse.customer.services.across import (
    CONTRACTS_COUNT,
    Across,
    Counted,
    across,
    by_number,
    by_service,
    contracts_of,
    from_contracts,
)
from clientela.analyse.customer.subscriptions.evidence import Outlook as OfContracts
from clientela.analyse.customer.subscriptions.evidence import evidence as of_ends
from clientela.contracts.analysis import Analysis, Arrays, FitContext, KnowledgeBase, Parameter, Result
from clientela.contracts.filter import And, Condition, Operator
from clientela.contracts.insight import Chart, Figure, Insight, Level, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Text, Value, ntext, text
from clientela.errors import NotPermittedError

QUESTION = text("What is each customer worth from now on?")
LONGEST_LIST = 5000
_YEAR_DAYS = 365
_OF_ORDERS = 7  # columns of a customer's row; one more tells the part from contracts
_SEASON_SEEN = 0.02
_DEPENDENT = 0.3  # so high a correlation is no longer none
_ITS_SCORES = Condition("analysis", Operator.EQ, "lifetime-value")
OF_A_PART = text("The method was tested on the whole company; how far it is right for a part of it is not known.")


def fit_lifetime(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """See `clientela.analyse.customer.lifetime.fit.fit_lifetime`; numbers are imported when a run needs them."""
    from clientela.analyse.customer.lifetime import fit

    return fit.fit_lifetime(tables, context)


def tell_lifetime(kb: KnowledgeBase, parameters: Mapping[str, Parameter]) -> Insight:
    """What the customers will bring, those who bring most first.

    Parameters
    ----------
    parameters :
        ``list``: how many customers to list.
    """
    listed = whole_number(parameters, "list", 1, LONGEST_LIST)
    contracts = contracts_of(kb)
    if kb.first_day is None and contracts is None:
        return abstain(LIFETIME_VALUE, kb, NO_SALES)
    kb.query(("margin_to_come",))  # refuses who may not see it; else they would read that nothing was forecast
    test = kb.evidence("lifetime-value")
    found = Outlook.read(test, kb.as_of)
    serves = found or contracts
    if serves is None:
        return abstain(LIFETIME_VALUE, kb, why_not(test, kb.as_of, kb.currency))
    whole = across(kb, None if found is None else found.worth)
    if whole.customers == 0:
        return abstain(
            LIFETIME_VALUE, kb, text("None of the customers you see has a forecast of what they will bring.")
        )
    rows = _at_the_top(kb, listed, in_contracts=bool(whole.holders))
    if isinstance(serves, Outlook):
        return _of_all(kb, serves, contracts, whole, rows)
    return _of_contracts(kb, serves, whole, rows, why_not(test, kb.as_of, kb.currency))


def _of_all(
    kb: KnowledgeBase, found: Outlook, contracts: OfContracts | None, whole: Across, rows: Sequence[tuple[Value, ...]]
) -> Insight:
    """What orders bring, and contracts where there are any."""
    counts = Counted(basis=found.basis, value_days=found.value_days, horizon_days=found.horizon_days)
    payback, costs = ((), ()) if whole.is_part or not counts.is_margin else tell_payback(kb)
    said, pictures = _across(kb, whole, counts)
    caveats = (
        *_caveats(found),
        _who_is_counted(whole),
        *services.caveats(kb, whole, contracts, is_margin=counts.is_margin),
    )
    computed, proof = _computed(found), evidence(found, kb.currency, traits=traits_seen(kb, found))
    if whole.holders:
        computed = text("{orders} {contracts}", orders=computed, contracts=services.computed())
        proof = replace(proof, sentences=(*proof.sentences, services.tested()))
    return Insight(
        analysis="lifetime-value",
        area="customer",
        level=Level.FORECAST,
        question=QUESTION,
        as_of=kb.as_of,
        snapshot=kb.snapshot,
        headline=_headline(kb, whole, counts),
        lead=(*_lead(kb, rows, whole), *said),
        figure=_figure(kb, whole, counts),
        table=_table(kb, rows, counts),
        chart=None if whole.is_part else _chart(kb, counts),
        details=(*pictures, *payback),
        evidence=proof,
        caveats=(*caveats, OF_A_PART) if whole.is_part else (*caveats, *costs),
        next=_next(kb, rows),
        computed=computed,
    )


def _of_contracts(
    kb: KnowledgeBase, found: OfContracts, whole: Across, rows: Sequence[tuple[Value, ...]], why: Text
) -> Insight:
    """What running contracts bring, where nothing can be said of orders."""
    counts = Counted.of_contracts(found)
    said, pictures = _across(kb, whole, counts)
    caveats = (
        text("What customers will order is not in it. {why}", why=why),
        *services.caveats(kb, whole, found, is_margin=counts.is_margin),
    )
    return Insight(
        analysis="lifetime-value",
        area="customer",
        level=Level.FORECAST,
        question=QUESTION,
        as_of=kb.as_of,
        snapshot=kb.snapshot,
        headline=_headline(kb, whole, counts),
        lead=(*_lead(kb, rows, whole), *said),
        figure=_figure(kb, whole, counts),
        table=_table(kb, rows, counts),
        chart=None if whole.is_part else _chart(kb, counts),
        details=pictures,
        evidence=of_ends(found),
        caveats=(*caveats, OF_A_PART) if whole.is_part else caveats,
        next=_next(kb, rows, orders=False),
        computed=services.computed(),
    )


def _across(kb: KnowledgeBase, whole: Across, counts: Counted) -> tuple[tuple[Text, ...], tuple[Chart, ...]]:
    """What is said and shown of several services; nothing where nobody has a contract."""
    if not whole.holders:
        return (), ()
    held = by_number(kb, whole)
    pictures = services.pictures(kb, whole, by_service(kb, whole), held, is_margin=counts.is_margin)
    return services.lead(kb, whole, held), pictures


def _headline(kb: KnowledgeBase, whole: Across, found: Counted) -> Text:
    """How much, from how many, until when."""
    until = kb.as_of + timedelta(days=found.value_days)
    worth = _money(kb, whole.worth)
    margin = found.is_margin
    if whole.low is None or whole.high is None:
        if margin:
            return ntext(
                "The {n} customer you see will bring about {worth} of margin until {date}.",
                "The {n} customers you see will bring about {worth} of margin until {date}.",
                "n", n=_count(whole.customers), worth=worth, date=until,
            )  # fmt: skip
        return ntext(
            "The {n} customer you see will bring about {worth} of revenue until {date}.",
            "The {n} customers you see will bring about {worth} of revenue until {date}.",
            "n", n=_count(whole.customers), worth=worth, date=until,
        )  # fmt: skip
    low, high = _money(kb, whole.low), _money(kb, whole.high)
    if margin:
        return ntext(
            "{n} customer will bring about {worth} of margin until {date} ({low} to {high}).",
            "{n} customers will bring about {worth} of margin until {date} ({low} to {high}).",
            "n", n=_count(whole.customers), worth=worth, date=until, low=low, high=high,
        )  # fmt: skip
    return ntext(
        "{n} customer will bring about {worth} of revenue until {date} ({low} to {high}).",
        "{n} customers will bring about {worth} of revenue until {date} ({low} to {high}).",
        "n", n=_count(whole.customers), worth=worth, date=until, low=low, high=high,
    )  # fmt: skip


def _lead(kb: KnowledgeBase, rows: Sequence[tuple[Value, ...]], whole: Across) -> tuple[Text, ...]:
    if not rows or whole.worth <= 0:
        return ()
    top = sum(Decimal(str(row[1])) for row in rows)
    return (
        ntext(
            "{n} customer at the top brings {share} of it.",
            "The {n} customers at the top bring {share} of it.",
            "n",
            n=_count(len(rows)),
            share=Amount(float(top) / whole.worth, "share", digits=0),
        ),
    )


def _figure(kb: KnowledgeBase, whole: Across, found: Counted) -> Figure:
    caption = text("margin to come") if found.is_margin else text("revenue to come")
    low, high = (None if each is None else _money(kb, each) for each in (whole.low, whole.high))
    return Figure(value=_money(kb, whole.worth), low=low, high=high, caption=caption)


def _at_the_top(kb: KnowledgeBase, listed: int, *, in_contracts: bool) -> list[tuple[Value, ...]]:
    """Customers with what they will bring, its range, and what they did; those who bring most first.

    With ``in_contracts`` the part from contracts stands last, where it may be seen by customer.
    """
    scores = _scores(kb, listed)
    ids = tuple(int(str(row[0])) for row in scores)
    if not ids:
        return []
    of_those = Condition("customer_id", Operator.IN, ids)
    habit = ("customer_id", "recent_revenue", "repeat_purchases", "last_bought_on")
    habits = {row[0]: row[1:] for row in kb.records("customer_feature", habit, of_those, limit=listed).rows}
    from_them = from_contracts(kb, ids) if in_contracts else None
    rows: list[tuple[Value, ...]] = []
    for customer, value, low, high, *key in scores:
        named = str(key[0]) if key and key[0] is not None else str(customer)
        recent, repeats, last = habits.get(customer, (None, None, None))  # who has a contract may never have bought
        days = None if repeats is None else int(str(repeats)) + 1
        part = () if from_them is None else (_cents(from_them.get(int(str(customer)), 0)),)
        rows.append((named, *map(_cents, (value, low, high)), recent, days, last, *part))
    return rows


def _scores(kb: KnowledgeBase, listed: int) -> Sequence[tuple[Value, ...]]:
    """Customers by what they will bring; with the key their source knows them by, where that may be seen."""

    def asked(*columns: str) -> Result:
        return kb.records("score", columns, And((_ITS_SCORES,)), order=("-value", "customer_id"), limit=listed)

    try:
        return asked("customer_id", "value", "low", "high", "customer_key").rows
    except NotPermittedError:
        return asked("customer_id", "value", "low", "high").rows


def _table(kb: KnowledgeBase, rows: Sequence[tuple[Value, ...]], found: Counted) -> Table:
    in_contracts = bool(rows) and len(rows[0]) > _OF_ORDERS
    worth = text("Margin to come") if found.is_margin else text("Revenue to come")
    part = TableColumn(name="contracts", type=Type.MONEY, label=text("Of it from contracts"), unit=kb.currency)
    return Table(
        columns=(
            TableColumn(name="customer", type=Type.TEXT, label=text("Customer")),
            TableColumn(name="worth", type=Type.MONEY, label=worth, unit=kb.currency),
            TableColumn(name="low", type=Type.MONEY, label=text("At least"), unit=kb.currency),
            TableColumn(name="high", type=Type.MONEY, label=text("At most"), unit=kb.currency),
            TableColumn(name="revenue", type=Type.MONEY, label=text("Revenue before"), unit=kb.currency),
            TableColumn(name="purchases", type=Type.INT, label=text("Purchase days"), unit="days"),
            TableColumn(name="last", type=Type.DATE, label=text("Last purchase")),
            *((part,) if in_contracts else ()),
        ),
        rows=tuple(rows),
        caption=text("Customers who will bring most"),
        note=text(
            "Of ten customers like one in the list, eight end between “at least” and “at most”. Revenue before is that "
            "of the last {days}.",
            days=Amount(found.horizon_days, "days"),
        ),
    )


def _chart(kb: KnowledgeBase, found: Counted) -> Chart | None:
    """Which part of it each tenth of the customers brings."""
    steps = kb.records("lifetime_tenth", ("tenth", "worth"), order=("tenth",), limit=10).rows
    total = sum(Decimal(str(worth)) for _, worth in steps)
    if len(steps) < 10 or total <= 0:
        return None
    rows = tuple((int(str(tenth)), (Decimal(str(worth)) / total).quantize(Decimal("0.0001"))) for tenth, worth in steps)
    share = Amount(rows[0][1], "share", digits=0)
    title = (
        text("The best tenth of the customers will bring {share} of the margin.", share=share)
        if found.is_margin
        else text("The best tenth of the customers will bring {share} of the revenue.", share=share)
    )
    return Chart(
        mark=Mark.BAR,
        title=title,
        subtitle=text("Share of what all will bring, by tenth of customers, those who bring most first"),
        data=Table(
            columns=(
                TableColumn(name="tenth", type=Type.INT, label=text("Tenth of the customers")),
                TableColumn(name="share", type=Type.SHARE, label=text("Share of what all will bring")),
            ),
            rows=rows,
            caption=text("Share of what all will bring, by tenth of customers"),
        ),
        x="tenth",
        y="share",
        highlight=(1,),
    )


def _caveats(found: Outlook) -> tuple[Text, ...]:
    said = []
    if found.value_days > found.horizon_days:
        said.append(
            text(
                "The test covers {tested}; what comes after it, up to {days}, follows from the model and cannot be "
                "checked yet.",
                tested=Amount(found.horizon_days, "days"),
                days=Amount(found.value_days, "days"),
            )
        )
    if found.basis == "revenue" and found.share_known < 0.005:  # would be said as 0 %
        said.append(text("No costs are known, so this counts revenue, not margin."))
    elif found.basis == "revenue":
        said.append(
            text(
                "Costs are known for {share} of the revenue, too little to speak of margin: this counts revenue.",
                share=Amount(found.share_known, "share", digits=0),
            )
        )
    elif found.share_known < 0.995:
        said.append(
            text(
                "Costs are known for {share} of the revenue; the rest counts at the margin that the known part brings.",
                share=Amount(found.share_known, "share", digits=0),
            )
        )
    if found.season is not None and abs(found.season - 1) >= _SEASON_SEEN:
        said.append(
            text(
                "Customers are expected to buy as the season has it: this time of the year is {share} of a usual one.",
                share=Amount(found.season, "share", digits=0),
            )
        )
    elif found.season is None and found.value_days < _YEAR_DAYS:
        said.append(
            text(
                "The season is not known, for which two years of purchases before the test are needed: should this be "
                "a busy or a quiet time of the year, more or less will come."
            )
        )
    said.extend(_dependence(found))
    if found.nearer[0] <= 0:
        said.append(
            text(
                "That it came nearer than “{naive}” in the test may be chance: look at both.", naive=NAMES[found.naive]
            )
        )
    return tuple(said)


def _who_is_counted(whole: Across) -> Text:
    if whole.holders:
        return text("Only customers who have bought or have a contract are counted; those who will come are not.")
    return text("Only customers who have bought are counted; those who will come for the first time are not.")


def _dependence(found: Outlook) -> tuple[Text, ...]:
    """That who comes often spends more or less each time, where it is so and nothing that serves sees it."""
    if abs(found.correlation) <= _DEPENDENT or found.candidate == "boosted":
        return ()
    how = Amount(found.correlation, digits=2)
    if found.correlation > 0:
        return (
            text(
                "Who comes back often also spends more each time (correlation {how}), which the model of amounts does "
                "not know: of those who come often it may say too little, of the others too much.",
                how=how,
            ),
        )
    return (
        text(
            "Who comes back often spends less each time (correlation {how}), which the model of amounts does not know: "
            "of those who come often it may say too much, of the others too little.",
            how=how,
        ),
    )


def _next(kb: KnowledgeBase, rows: Sequence[tuple[Value, ...]], *, orders: bool = True) -> tuple[Text, ...]:
    """What to do with the list; who leaves by not ordering is known only where ``orders`` can be foretold."""
    if not rows:
        return ()
    worth = Amount(round(Decimal(str(rows[-1][1]))), "money", kb.currency, digits=0)
    return (
        text(
            "Let what a customer will bring bound what you spend to keep them: each one in the list is expected to "
            "bring at least {worth}.",
            worth=worth,
        ),
        text("Ask which of them may leave (churn-risk), and begin with those who stand on both lists.")
        if orders
        else text("Ask whose contracts may end (subscription-churn), and begin with those who stand on both lists."),
    )


def _computed(found: Outlook) -> Text:
    if found.candidate == "boosted":
        return text(
            "Method: {method}. A purchase model foresees on how many days each customer will buy, and the Gamma-Gamma "
            "model what a day brings; boosted trees, learned from what came after earlier dates, share the total out "
            "otherwise: by how late, often, recently and for how much each customer buys. What comes later counts "
            "less, by {rate} a year. Trees serve where they came nearer at dates before the test by more than chance. "
            "In the test the normalised Gini was {gini}, the total was off by {bias}.",
            method=NAMES[found.candidate],
            rate=Amount(found.discount_rate, "share", digits=0),
            gini=Amount(found.tested(found.candidate, "gini"), digits=3),
            bias=Amount(found.tested(found.candidate, "bias"), "share", digits=1),
        )
    return text(
        "Method: {method}. A purchase model foresees on how many days each customer will buy, from how often, how "
        "recently and how long they have bought; the Gamma-Gamma model foresees what a day brings, drawn from the "
        "customer's own mean towards everybody's. What comes later counts less, by {rate} a year. Of the purchase "
        "models, the one that came nearest at dates before the test is taken; one that looks at more serves where it "
        "came nearer there by more than chance. In the test the normalised Gini was {gini}, the total was off by "
        "{bias}.",
        method=NAMES[found.candidate],
        rate=Amount(found.discount_rate, "share", digits=0),
        gini=Amount(found.tested(found.candidate, "gini"), digits=3),
        bias=Amount(found.tested(found.candidate, "bias"), "share", digits=1),
    )


def _money(kb: KnowledgeBase, value: float) -> Amount:
    """A figure to three digits: its interval does not carry more."""
    return Amount(round(float(f"{value:.3g}")), "money", kb.currency, digits=0)


def _count(value: float) -> Amount:
    return Amount(round(value), "count")


def _cents(value: Value) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.0001"))


LIFETIME_VALUE = Analysis(
    name="lifetime-value",
    area="customer",
    level=Level.FORECAST,
    question=QUESTION,
    needs=("order_line",),
    instead=("subscription",),  # who has contracts alone is worth something too
    rests_on=("order_line.net_revenue", "order_line.ordered_at"),
    counts=CONTRACTS_COUNT,
    fit=fit_lifetime,
    answer=tell_lifetime,
    reads=(
        "lifetime_basis",
        "lifetime_day",
        "lifetime_count",
        "lifetime_amount",
        "lifetime_trial",
        "lifetime_trait",
        "payback_month",
    ),
    writes=("lifetime_cell", "lifetime_each", "lifetime_period", "payback", "model", "backtest"),
    fit_parameters={"value_days": 365, "discount_rate": 0.1},
    parameters={"list": 20},
)
