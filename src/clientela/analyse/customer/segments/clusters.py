"""Which customers behave alike, as the data group them by themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from clientela.analyse.abstain import NO_SALES, abstain
from clientela.contracts.analysis import Analysis, Arrays, BackTest, FitContext, KnowledgeBase, Parameter
from clientela.contracts.filter import Condition, Operator
from clientela.contracts.insight import Chart, Figure, Insight, Level, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Text, ntext, text

QUESTION = text("Which customers behave alike?")
_YEAR = 365
_VALID = 0.75


def fit_clusters(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """See `cluster_fit.fit_clusters_of`; numbers are imported when a run needs them."""
    from clientela.analyse.customer.segments import cluster_fit

    return cluster_fit.fit_clusters_of(tables, context)


@dataclass(frozen=True, slots=True)
class Found:
    """A cluster: of whoever asks, how many ``customers`` and what they brought; company-wide, what is ``usual``."""

    name: str
    customers: int
    revenue: Decimal
    steady: float
    usual: Mapping[str, float]
    rule: Text | None

    @property
    def letter(self) -> str:
        """The name as it is said."""
        return self.name.removeprefix("cluster:").upper()


def tell_clusters(kb: KnowledgeBase, parameters: Mapping[str, Parameter]) -> Insight:
    """The clusters, what is usual in each, how steady they are, and in words who belongs to which."""
    if kb.first_day is None:
        return abstain(CLUSTERS, kb, NO_SALES)
    said = _model(kb.evidence("clusters"), kb)
    if isinstance(said, Text):
        return abstain(CLUSTERS, kb, said)
    found = _found(kb, said)
    customers = sum(each.customers for each in found)
    if not customers:
        return abstain(CLUSTERS, kb, text("None of the customers you see is in a cluster."))
    largest = max(found, key=lambda each: each.revenue)
    total = sum((each.revenue for each in found), Decimal(0))
    return Insight(
        analysis="clusters",
        area="customer",
        level=Level.HAPPENED,
        question=QUESTION,
        as_of=kb.as_of,
        snapshot=kb.snapshot,
        headline=ntext(
            "The customers fall into {n} group that behaves alike.",
            "The customers fall into {n} groups that behave alike.",
            "n",
            n=len(found),
        ),
        lead=_lead(largest, customers, total),
        figure=Figure(value=Amount(len(found), "count"), caption=text("groups of customers who behave alike")),
        table=_table(found, customers, total, kb.currency),
        chart=_chart(found, customers),
        sure=_sure(found, said),
        caveats=_caveats(found),
        next=(
            text(
                "Give each group a name of your own, and ask who of them would notice if you did something different."
            ),
        ),
        computed=text(
            "Silence, purchase days, revenue of a purchase day and time since the first purchase are taken as "
            "logarithms, cut off at both ends and brought to one width; k-means puts customers together. Of two to "
            "eight clusters those are kept that come back when customers are drawn anew (Jaccard's likeness, at least "
            "{valid}) and lie farthest apart. The middles are found when a year begins and stay until the next, so "
            "nobody changes group because of a new run. A letter goes to the group that lies nearest to where it was; "
            "at first A was the one whose usual customer brought most, and a group that lies far from all before gets "
            "a new letter.",
            valid=Amount(_VALID, digits=2),
        ),
    )


def _model(test: BackTest, kb: KnowledgeBase) -> dict[str, Any] | Text:
    """What the fit learned for the date; or why there are no clusters."""
    models = [row for row in test.models if row["as_of"] == kb.as_of]
    if not models:
        return text(
            "No clusters were made as of {date}. To make them, run: {command}",
            date=kb.as_of,
            command=f"clientela run --as-of {kb.as_of.isoformat()}",
        )
    said = dict(json.loads(str(models[0]["parameters"])))
    if models[0]["winner"]:
        return said
    if said["reason"] == "few":
        return ntext(
            "Only {n} known customer has bought. Clusters need {needed}: fewer differ by chance.",
            "Only {n} known customers have bought. Clusters need {needed}: fewer differ by chance.",
            "n",
            n=said["customers"],
            needed=said["needed"],
        )
    return text(
        "The customers form no clear groups: whatever number we tried, at least one group did not come back when "
        "customers were drawn anew. Groups by recency, frequency and money always exist: ask segments."
    )


def _found(kb: KnowledgeBase, said: Mapping[str, Any]) -> list[Found]:
    """The clusters that have customers, those with the most revenue first."""
    sizes = {str(name): int(str(n or 0)) for name, n in kb.query(("buyers",), by=("cluster",)).rows}
    year = Condition("day", Operator.BETWEEN, (kb.as_of - timedelta(days=_YEAR), kb.as_of - timedelta(days=1)))
    brought = {
        str(name): Decimal(str(revenue or 0))
        for name, revenue in kb.query(("revenue",), by=("cluster",), where=year).rows
    }
    found = [
        Found(
            name=name,
            customers=sizes[name],
            revenue=brought.get(name, Decimal(0)),
            steady=float(told["steady"]),
            usual=told["usual"],
            rule=_rule(name, said["leaves"], kb.currency),
        )
        for name, told in said["names"].items()
        if sizes.get(name)
    ]
    return sorted(found, key=lambda each: (-each.revenue, each.name))


def _rule(name: str, leaves: Sequence[Mapping[str, Any]], currency: str) -> Text | None:
    """In words, who most of a cluster are: the questions on the way to the leaf that holds the most of it."""
    mine = [leaf for leaf in leaves if leaf["cluster"] == name]
    if not mine:
        return None
    bounds: dict[tuple[str, bool], float] = {}
    for axis, limit, at_most in max(mine, key=lambda leaf: leaf["right"])["path"]:
        known = bounds.get((axis, at_most))
        bounds[axis, at_most] = limit if known is None else (min if at_most else max)(known, limit)
    parts = [_condition(axis, limit, at_most, currency) for (axis, at_most), limit in bounds.items()]
    if not parts:
        return None
    said = parts[0]
    for part in parts[1:]:
        said = text("{first}; {second}", first=said, second=part)
    return said


def _condition(axis: str, limit: float, at_most: bool, currency: str) -> Text:
    """One question in words."""
    if axis == "basket":
        money = Amount(limit, "money", currency, digits=0)
        return text("spends {money} a time at most", money=money) if at_most else _more(money)
    n = int(limit) if at_most else int(limit) + 1
    if axis == "purchase_days":
        if at_most:
            return ntext("bought on {n} day at most", "bought on {n} days at most", "n", n=n)
        return ntext("bought on {n} day or more", "bought on {n} days or more", "n", n=n)
    return _within(axis, Amount(n, "days")) if at_most else _longer(axis, Amount(n, "days"))


def _more(money: Amount) -> Text:
    return text("spends more than {money} a time", money=money)


def _within(axis: str, time: Amount) -> Text:
    if axis == "days_since":
        return text("bought within the last {time}", time=time)
    return text("came within the last {time}", time=time)


def _longer(axis: str, time: Amount) -> Text:
    if axis == "days_since":
        return text("silent for {time} or longer", time=time)
    return text("came {time} ago or earlier", time=time)


def _lead(largest: Found, customers: int, total: Decimal) -> tuple[Text, ...]:
    if total <= 0:
        return ()
    return (
        text(
            "Group {letter} brings the most: {part} of the customers, {share} of the revenue.",
            letter=largest.letter,
            part=Amount(largest.customers / customers, "share", digits=0),
            share=Amount(largest.revenue / total, "share", digits=0),
        ),
    )


def _table(found: Sequence[Found], customers: int, total: Decimal, currency: str) -> Table:
    return Table(
        columns=(
            TableColumn(name="group", type=Type.TEXT, label=text("Group")),
            TableColumn(name="customers", type=Type.INT, label=text("Customers"), unit="customers"),
            TableColumn(name="share", type=Type.SHARE, label=text("Share of customers")),
            TableColumn(name="revenue", type=Type.MONEY, label=text("Revenue of the last 365 days"), unit=currency),
            TableColumn(name="revenue_share", type=Type.SHARE, label=text("Share of revenue")),
            TableColumn(name="days_since", type=Type.INT, label=text("Days silent, usually"), unit="days"),
            TableColumn(name="purchase_days", type=Type.INT, label=text("Purchase days, usually"), unit="days"),
            TableColumn(name="basket", type=Type.MONEY, label=text("Spends a time, usually"), unit=currency),
            TableColumn(name="steady", type=Type.SHARE, label=text("How steady")),
            TableColumn(name="rule", type=Type.TEXT, label=text("Who they are, in short")),
        ),
        rows=tuple(
            (
                each.letter,
                each.customers,
                _part(each.customers, customers),
                each.revenue,
                _part(each.revenue, total) if total > 0 else None,
                round(each.usual["days_since"]),
                round(each.usual["purchase_days"]),
                Decimal(str(round(each.usual["basket"], 2))),
                Decimal(str(round(each.steady, 4))),
                each.rule,
            )
            for each in found
        ),
        total=(None, customers, Decimal(1), total, _part(total, total) if total > 0 else None, *[None] * 5),
        caption=text("Groups of customers who behave alike"),
        note=text("What is usual is the median of the whole company, and so is how steady a group is."),
    )


def _chart(found: Sequence[Found], customers: int) -> Chart:
    return Chart(
        mark=Mark.BAR,
        title=text(
            "The largest group is {part} of the customers.",
            part=Amount(max(each.customers for each in found) / customers, "share", digits=0),
        ),
        subtitle=text("Share of customers by group"),
        data=Table(
            columns=(
                TableColumn(name="group", type=Type.TEXT, label=text("Group")),
                TableColumn(name="share", type=Type.SHARE, label=text("Share of customers")),
            ),
            rows=tuple((each.letter, _part(each.customers, customers)) for each in found),
            caption=text("Share of customers by group"),
        ),
        x="group",
        y="share",
    )


def _sure(found: Sequence[Found], said: Mapping[str, Any]) -> tuple[Text, ...]:
    return (
        text(
            "When customers are drawn anew, the least steady group comes back with {least} of the same customers; from "
            "{valid} on a group counts as valid.",
            least=Amount(min(each.steady for each in found), "share", digits=0),
            valid=Amount(_VALID, "share", digits=0),
        ),
        text(
            "The short descriptions put {fidelity} of the customers in the right group; the others lie between two.",
            fidelity=Amount(float(said["fidelity"]), "share", digits=0),
        ),
        text("The middles of the groups were found as of {date}.", date=date.fromisoformat(str(said["fitted_on"]))),
    )


def _caveats(found: Sequence[Found]) -> tuple[Text, ...]:
    said = [text("Groups are drawn through a cloud: a customer near a border could be in the one or the other.")]
    weak = [each.letter for each in found if each.steady < _VALID]
    if weak:
        said.append(
            text("Do not build on group {letter}: it does not come back reliably.", letter=", ".join(sorted(weak)))
        )
    return tuple(said)


def _part(part: Decimal | int, whole: Decimal | int) -> Decimal:
    return (Decimal(part) / Decimal(whole)).quantize(Decimal("0.000001"))


CLUSTERS = Analysis(
    name="clusters",
    area="customer",
    level=Level.HAPPENED,
    question=QUESTION,
    needs=("order_line",),
    rests_on=("order_line.net_revenue", "order_line.ordered_at"),
    fit=fit_clusters,
    answer=tell_clusters,
    reads=("cluster_sample",),
    writes=("cluster_centre", "model"),
    overview=False,
)
