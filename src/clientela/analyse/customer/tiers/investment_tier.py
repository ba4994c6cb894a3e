"""In which customers to invest, which to maintain, in which not to invest; what is at stake, what would change it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from clientela.analyse.abstain import NO_SALES, abstain
from clientela.analyse.asked import one_of, whole_number
from clientela.analyse.customer.lifetime.evidence import Outlook, evidence, traits_seen, why_not
from clientela.analyse.customer.services.across import CONTRACTS_COUNT, Across, across, contracts_of
from clientela.analyse.customer.services.told import without_contracts
from clientela.analyse.customer.tiers.alternatives import Alternative, Tier, alternatives, chart, tiers, whole
from clientela.analyse.customer.tiers.words import NAMES, SHORT, what_changes_it
from clientela.contracts.analysis import Analysis, Arrays, BackTest, FitContext, KnowledgeBase, Parameter, Result
from clientela.contracts.filter import Condition, Operator
from clientela.contracts.insight import Evidence, Figure, Insight, Level, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Text, Value, ntext, text
from clientela.errors import NotPermittedError

QUESTION = text("In which customers should we invest, and in which not?")
LONGEST_LIST = 5000
_SHOWN = (
    "customer_id", "worth", "chance", "at_stake", "at_stake_low", "at_stake_high", "gain", "is_sure",
    "flip_by", "flip_at", "flip_to",
)  # fmt: skip


def fit_tiers(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """See `clientela.analyse.customer.tiers.fit.fit_tiers`; numbers are imported when a run needs them."""
    from clientela.analyse.customer.tiers import fit

    return fit.fit_tiers(tables, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an answer is made of: the customers of whoever asks, what was assumed, what they bring and its forecast."""

    tiers: Mapping[str, Tier]
    assumed: Mapping[str, float]
    forecast: Outlook
    brought: Across

    @property
    def is_part(self) -> bool:
        """Whether whoever asks sees a part of the company only."""
        return self.brought.is_part

    @property
    def stray(self) -> tuple[float, float] | None:
        """How far what all bring may fall short of and exceed what is expected; not known for a part of them."""
        expected, low, high = self.brought.worth, self.brought.low, self.brought.high
        return None if low is None or high is None or expected <= 0 else (low / expected, high / expected)

    @property
    def is_margin(self) -> bool:
        """Whether money is margin; else it is revenue."""
        return self.forecast.basis == "margin"

    @property
    def alternatives(self) -> tuple[Alternative, Alternative, Alternative]:
        """What could be done with an extra action."""
        return alternatives(self.tiers, self.assumed["invest_cost"], self.stray)


def tell_tiers(kb: KnowledgeBase, parameters: Mapping[str, Parameter]) -> Insight:
    """The customers of a tier with what is at stake, and what an extra action may leave.

    Parameters
    ----------
    parameters :
        ``list``: how many customers to list. ``tier``: those of which tier: invest, maintain or do-not-invest.
    """
    listed = whole_number(parameters, "list", 1, LONGEST_LIST)
    asked = one_of(parameters, "tier", SHORT)
    if kb.first_day is None:
        return abstain(INVESTMENT_TIER, kb, NO_SALES)
    kb.query(("margin_at_stake",))  # refuses who may not see it; else they would read that nothing is known
    told = _told(kb)
    if isinstance(told, Text):
        return abstain(INVESTMENT_TIER, kb, told)
    rows = _rows(kb, SHORT[asked], listed, told)
    chosen = told.tiers.get("tier:invest", Tier())
    return Insight(
        analysis="investment-tier",
        area="customer",
        level=Level.ALTERNATIVES,
        question=QUESTION,
        as_of=kb.as_of,
        snapshot=kb.snapshot,
        headline=_headline(kb, told, chosen),
        lead=_lead(kb, told),
        figure=_figure(kb, told, chosen),
        table=_table(kb, rows, NAMES[SHORT[asked]], told),
        chart=chart(told.alternatives, kb.currency),
        evidence=_evidence(kb, told),
        caveats=(*_caveats(told), *_of_contracts(kb, told)),
        next=_next(kb, told, chosen),
        computed=_computed(kb, told),
    )


def _told(kb: KnowledgeBase) -> Told | Text:
    """What is known as of the date; or why it cannot be said in whom to invest."""
    test = kb.evidence("lifetime-value")
    forecast = Outlook.read(test, kb.as_of)
    if forecast is None:
        return why_not(test, kb.as_of, kb.currency)
    said = next((row for row in kb.evidence("investment-tier").models if row["as_of"] == kb.as_of), None)
    if said is None or not said["winner"]:
        return text(
            "We cannot say yet: how likely each customer is to leave could not be forecast, and without it nothing "
            "tells what is at stake. Ask churn-risk what it lacks."
        )
    found = tiers(kb)
    together = whole(found)
    if not together.customers:
        return text("None of the customers you see is in a tier.")
    values = {name: float(value) for name, value in json.loads(str(said["parameters"])).items() if name != "reason"}
    return Told(tiers=found, assumed=values, forecast=forecast, brought=across(kb, forecast.worth))


def _headline(kb: KnowledgeBase, told: Told, chosen: Tier) -> Text:
    """In how many it pays to invest, and what is at stake with them."""
    if not chosen.customers:
        return text(
            "With no customer does an extra action of {cost} earn what it costs.",
            cost=Amount(told.assumed["invest_cost"], "money", kb.currency, digits=2),
        )
    at_stake = _money(kb, chosen.at_stake)
    everybody = _count(whole(told.tiers).customers)
    if told.is_margin:
        return ntext(
            "It pays to invest in {n} of {all} customers; {at_stake} of margin is at stake with that one.",
            "It pays to invest in {n} of {all} customers; {at_stake} of margin is at stake with them.",
            "n", n=_count(chosen.customers), all=everybody, at_stake=at_stake,
        )  # fmt: skip
    return ntext(
        "It pays to invest in {n} of {all} customers; {at_stake} of revenue is at stake with that one.",
        "It pays to invest in {n} of {all} customers; {at_stake} of revenue is at stake with them.",
        "n", n=_count(chosen.customers), all=everybody, at_stake=at_stake,
    )  # fmt: skip


def _lead(kb: KnowledgeBase, told: Told) -> tuple[Text, ...]:
    chosen, everybody, _ = told.alternatives
    rest = {name: told.tiers.get(name, Tier()).customers for name in ("tier:maintain", "tier:do-not-invest")}
    together = whole(told.tiers)
    said = [
        text(
            "An action for each of them costs {cost} and may earn {gain}; for everybody it would cost {all_cost} and "
            "may earn {all_gain}.",
            cost=_money(kb, chosen.cost),
            gain=_money(kb, chosen.gain),
            all_cost=_money(kb, everybody.cost),
            all_gain=_money(kb, everybody.gain),
        ),
        text(
            "Maintain {maintain} with the usual attention. Spend nothing extra on the other {rest}; their service "
            "stays the same as everybody's.",
            maintain=_count(rest["tier:maintain"]),
            rest=_count(rest["tier:do-not-invest"]),
        ),
        text(
            "Of all tiers, {share} would be the same anywhere in the range of what the customer may bring; the others "
            "are the best guess.",
            share=Amount(together.sure / together.customers, "share", digits=0),
        ),
    ]
    return tuple(said if chosen.customers else said[1:])


def _figure(kb: KnowledgeBase, told: Told, chosen: Tier) -> Figure:
    caption = (
        text("of margin is at stake where it pays to invest")
        if told.is_margin
        else text("of revenue is at stake where it pays to invest")
    )
    low, high = (None, None) if told.stray is None else (_money(kb, chosen.at_stake * each) for each in told.stray)
    return Figure(value=_money(kb, chosen.at_stake), low=low, high=high, caption=caption)


def _rows(kb: KnowledgeBase, tier: str, listed: int, told: Told) -> list[tuple[Value, ...]]:
    """The customers of a tier, those with whom an action may earn most first."""
    rows: list[tuple[Value, ...]] = []
    for customer, *figures, is_sure, by, at, to, key in _of_tier(kb, tier, listed):
        worth, chance, *money = figures
        rows.append(
            (
                str(customer) if key is None else str(key),
                _cents(worth),
                chance,
                *map(_cents, money),
                text("yes") if is_sure else text("no"),
                what_changes_it(by, at, to, kb.currency, margin=told.is_margin),
            )
        )
    return rows


def _of_tier(kb: KnowledgeBase, tier: str, listed: int) -> Sequence[tuple[Value, ...]]:
    """Rows of ``customer_tier``; last the key that the customers' source knows them by, where that may be seen."""

    def asked(*columns: str) -> Result:
        of_it = Condition("tier", Operator.EQ, tier)
        return kb.records("customer_tier", columns, of_it, order=("-gain", "customer_id"), limit=listed)

    try:
        return asked(*_SHOWN, "customer_key").rows
    except NotPermittedError:
        return [(*row, None) for row in asked(*_SHOWN).rows]


def _table(kb: KnowledgeBase, rows: Sequence[tuple[Value, ...]], tier: Text, told: Told) -> Table:
    worth = text("Margin to come") if told.is_margin else text("Revenue to come")
    return Table(
        columns=(
            TableColumn(name="customer", type=Type.TEXT, label=text("Customer")),
            TableColumn(name="worth", type=Type.MONEY, label=worth, unit=kb.currency),
            TableColumn(name="chance", type=Type.SHARE, label=text("Chance of leaving")),
            TableColumn(name="at_stake", type=Type.MONEY, label=text("At stake"), unit=kb.currency),
            TableColumn(name="low", type=Type.MONEY, label=text("At least"), unit=kb.currency),
            TableColumn(name="high", type=Type.MONEY, label=text("At most"), unit=kb.currency),
            TableColumn(name="gain", type=Type.MONEY, label=text("An action may earn"), unit=kb.currency),
            TableColumn(name="sure", type=Type.TEXT, label=text("Tier sure")),
            TableColumn(name="flip", type=Type.TEXT, label=text("Another tier")),
        ),
        rows=tuple(rows),
        caption=text("Customers of the tier “{tier}”, those with whom an action may earn most first", tier=tier),
        note=text(
            "“At least” and “at most”: the range of what is at stake. “Another tier”: the smallest change of one "
            "figure that would give another tier, all else the same."
        ),
    )


def _evidence(kb: KnowledgeBase, told: Told) -> Evidence:
    """The tests of both forecasts that the tiers rest on; what an action changes was not tested, and says so."""
    of_worth = evidence(told.forecast, kb.currency, traits=traits_seen(kb, told.forecast))
    auc = _of_leaving(kb.evidence("churn-risk"))
    more = [text("What an action changes has not been tested: there is no experiment yet.")]
    if auc is not None:
        more.insert(
            0,
            text(
                "Of two customers, one who left and one who stayed, the chance of leaving told them apart in {share} "
                "of all pairs (AUC).",
                share=Amount(auc, "share", digits=0),
            ),
        )
    return replace(
        of_worth,
        method=text("What customers will bring: {method}", method=of_worth.method),
        baseline=text("What customers will bring: {method}", method=of_worth.baseline),
        parameters={**of_worth.parameters, **told.assumed, **({} if auc is None else {"auc_of_leaving": auc})},
        sentences=(*of_worth.sentences, *more),
    )


def _of_leaving(test: BackTest) -> float | None:
    """How well the chance of leaving told who left in the newest test; None where it was not measured."""
    winner = next((str(row["candidate"]) for row in test.models if row["winner"]), "")
    measured = [row for row in test.results if row["candidate"] == winner and row["metric"] == "auc"]
    newest = max(measured, key=lambda row: str(row["origin"]), default=None)
    return None if newest is None or newest["value"] is None else float(str(newest["value"]))


def _caveats(told: Told) -> tuple[Text, ...]:
    said = [
        text(
            "What an action changes is an assumption: it saves {keeps} of the margin at risk and adds {grows} to the "
            "rest. Only an experiment can tell; until then, read the tiers as an order, not as a promise.",
            keeps=Amount(told.assumed["keeps"], "share", digits=1),
            grows=Amount(told.assumed["grows"], "share", digits=1),
        ),
        text("“Do not invest” means no extra money. It is no reason to serve anybody worse or later."),
    ]
    if not told.is_margin:
        said.append(text("No costs are known well enough, so money here is revenue; an action must pay from margin."))
    if told.is_part:
        said.append(
            text("The forecasts were tested on the whole company; how far they are right for a part is not known.")
        )
    return tuple(said)


def _of_contracts(kb: KnowledgeBase, told: Told) -> tuple[Text, ...]:
    """How contracts count, where customers have any; or that they are not in it."""
    if contracts_of(kb) is None:
        return without_contracts(kb)
    if not told.brought.holders:
        return ()
    return (
        text(
            "Of a customer with contracts, the chance of leaving is that of buying nothing and of each contract "
            "ending, weighted by what each brings."
        ),
    )


def _next(kb: KnowledgeBase, told: Told, chosen: Tier) -> tuple[Text, ...]:
    said = [
        text(
            "Set in [analysis.investment-tier] of clientela.toml what an action costs you and what you know it to "
            "change; today it is {cost}.",
            cost=Amount(told.assumed["invest_cost"], "money", kb.currency, digits=2),
        )
    ]
    if chosen.customers > 1:
        said.insert(
            0,
            text(
                "Leave {n} of them out at random, one in ten: what they bring without the action shows what it earns.",
                n=_count(max(1, round(chosen.customers / 10))),
            ),
        )
    return tuple(said)


def _computed(kb: KnowledgeBase, told: Told) -> Text:
    return text(
        "What a customer is expected to bring (lifetime-value), times the share of it an action is assumed to change: "
        "{keeps} of the part that leaves, by the chance of leaving (churn-risk), and {grows} of the part that stays. "
        "Invest: that is at least {cost}, what an action costs; maintain: at least {usual}, what the usual attention "
        "costs. A budget, where one is set, goes to the highest. At stake is what customers bring times the chance "
        "of leaving; with contracts, the sum over orders and contracts of what each brings times its own chance.",
        keeps=Amount(told.assumed["keeps"], "share", digits=1),
        grows=Amount(told.assumed["grows"], "share", digits=1),
        cost=Amount(told.assumed["invest_cost"], "money", kb.currency, digits=2),
        usual=Amount(told.assumed["maintain_cost"], "money", kb.currency, digits=2),
    )


def _money(kb: KnowledgeBase, value: float) -> Amount:
    """A figure to three digits: its interval does not carry more."""
    return Amount(round(float(f"{value:.3g}")), "money", kb.currency, digits=0)


def _count(value: int) -> Amount:
    return Amount(value, "count")


def _cents(value: Value) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.01"))


INVESTMENT_TIER = Analysis(
    name="investment-tier",
    area="customer",
    level=Level.ALTERNATIVES,
    question=QUESTION,
    needs=("order_line",),
    rests_on=("order_line.net_revenue", "order_line.ordered_at"),
    counts=CONTRACTS_COUNT,
    fit=fit_tiers,
    answer=tell_tiers,
    reads=("tier_input",),
    writes=("customer_tier", "model"),
    fit_parameters={"invest_cost": 20.0, "maintain_cost": 1.0, "keeps": 0.1, "grows": 0.03, "budget": 0.0},
    parameters={"list": 20, "tier": "invest"},
    overview=False,
)
