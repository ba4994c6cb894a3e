"""What is bought together, more often than chance explains."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from clientela.analyse.abstain import NO_SALES, abstain
from clientela.analyse.asked import one_of, whole_number
from clientela.contracts.analysis import Analysis, Arrays, FitContext, KnowledgeBase, Parameter
from clientela.contracts.derived.customer.baskets import LEVELS, MOST_ITEMS
from clientela.contracts.filter import And, Condition, Operator
from clientela.contracts.insight import Chart, Figure, Insight, Level, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Text, Value, ntext, text
from clientela.errors import NotPermittedError

QUESTION = text("What do customers buy together?")
LONGEST_LIST = 1000
_DRAWN = 10
_LEFT = tuple(f"left_{place}" for place in range(1, MOST_ITEMS))
_SAID = ("right", "baskets", "customers", "confidence", "low", "high", "lift", "leverage", "false_share")
_CHOICES = ("auto", *LEVELS)
_ORDERS = {"extra": "-leverage", "lift": "-lift", "chance": "-confidence"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Who buys the left also buys the right; ``extra``: orders more than chance would give."""

    left: str
    right: str
    baskets: int
    customers: int
    confidence: Decimal
    low: Decimal
    high: Decimal
    lift: Decimal
    extra: int


def fit_basket(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """See `clientela.analyse.customer.baskets.basket_fit`; numbers are imported when a run needs them."""
    from clientela.analyse.customer.baskets import basket_fit

    return basket_fit.fit_basket(tables, context)


def tell_basket(kb: KnowledgeBase, parameters: Mapping[str, Parameter]) -> Insight:
    """The rules of today, those that most orders follow beyond chance first.

    Parameters
    ----------
    parameters :
        ``list``: how many rules to list; ``level``: ``product``, ``group`` or ``auto`` (groups where there are any);
        ``order``: ``extra`` (orders more than chance), ``lift`` or ``chance``.
    """
    listed, level, order = _chosen(parameters)
    if kb.first_day is None:
        return abstain(BASKET, kb, NO_SALES)
    looked = _looked_through(kb)
    if looked is None:
        command = f"clientela run --as-of {kb.as_of.isoformat()}"
        reason = text(
            "Orders were not looked through as of {date}. To do it, run: {command}", date=kb.as_of, command=command
        )
        return abstain(BASKET, kb, reason)
    if level == "auto":
        level = "group" if looked.get("group", {}).get("found") else "product"
    told = looked.get(level)
    if not told:
        return abstain(BASKET, kb, _nothing_sold(level))
    if not told["found"]:
        return abstain(BASKET, kb, _nothing_found(told))
    rules = _rules(kb, level, _ORDERS[order], listed, int(told["baskets"]))
    if not rules:
        return abstain(BASKET, kb, _nothing_found(told))
    return Insight(
        analysis="basket",
        area="customer",
        level=Level.HAPPENED,
        question=QUESTION,
        as_of=kb.as_of,
        snapshot=kb.snapshot,
        headline=_headline(rules[0]),
        lead=_lead(rules[0], told),
        figure=Figure(
            value=Amount(rules[0].confidence, "share", digits=0),
            low=Amount(rules[0].low, "share", digits=0),
            high=Amount(rules[0].high, "share", digits=0),
            caption=text("of the orders with {left} also hold {right}", left=rules[0].left, right=rules[0].right),
        ),
        table=_table(rules),
        chart=_chart(rules),
        sure=_sure(told),
        caveats=_caveats(told),
        next=_next(rules[0]),
        computed=_computed(),
    )


def _chosen(parameters: Mapping[str, Parameter]) -> tuple[int, str, str]:
    return (
        whole_number(parameters, "list", 1, LONGEST_LIST),
        one_of(parameters, "level", _CHOICES),
        one_of(parameters, "order", _ORDERS),
    )


def _looked_through(kb: KnowledgeBase) -> dict[str, dict[str, Any]] | None:
    """What the run looked through as of the date, by level; None when it did not."""
    model = next((row for row in kb.evidence("basket").models if row["as_of"] == kb.as_of), None)
    if model is None:
        return None
    said = json.loads(str(model["parameters"]))
    return {each["level"]: {**each, "limit": said["false_share"]} for each in said["levels"]}


def _nothing_sold(level: str) -> Text:
    if level == "group":
        return text("The products sold belong to no group. Deliver a file of products with their categories.")
    return text("No order of the last year names its products. Deliver orders line by line, with the product sold.")


def _nothing_found(told: Mapping[str, Any]) -> Text:
    return ntext(
        "In {n} order of the last year nothing is bought together more often than chance explains. A rule needs at "
        "least 5 orders of 5 customers.",
        "In {n} orders of the last year nothing is bought together more often than chance explains. A rule needs at "
        "least 5 orders of 5 customers.",
        "n",
        n=Amount(int(told["baskets"]), "count"),
    )


def _rules(kb: KnowledgeBase, level: str, order: str, listed: int, baskets: int) -> list[Rule]:
    where = And((Condition("level", Operator.EQ, level), Condition("as_of", Operator.EQ, kb.as_of)))
    # of one set the rule that stands first is told: the others say the same with another item on the right
    rows = kb.records("basket_rule", (*_LEFT, *_SAID), where, order=(order, "rule_no"), limit=listed * MOST_ITEMS).rows
    first: dict[frozenset[Value], Sequence[Value]] = {}
    for row in rows:
        first.setdefault(frozenset(row[:MOST_ITEMS]) - {None}, row)
    shown = list(first.values())[:listed]
    named = _names(kb, {str(each) for items in first for each in items}) if level == "product" else {}
    return [_rule(row, named, baskets) for row in shown]


def _rule(row: Sequence[Value], named: Mapping[str, str], baskets: int) -> Rule:
    left, said = row[: len(_LEFT)], dict(zip(_SAID, row[len(_LEFT) :], strict=True))
    return Rule(
        left=" + ".join(named.get(str(each), str(each)) for each in left if each is not None),
        right=named.get(str(said["right"]), str(said["right"])),
        baskets=int(str(said["baskets"])),
        customers=int(str(said["customers"])),
        confidence=Decimal(str(said["confidence"])),
        low=Decimal(str(said["low"])),
        high=Decimal(str(said["high"])),
        lift=Decimal(str(said["lift"])),
        extra=round(Decimal(str(said["leverage"])) * baskets),
    )


def _names(kb: KnowledgeBase, products: Iterable[str]) -> dict[str, str]:
    """What people call these products, with the number where two bear one name; empty where it may not be seen."""
    those = Condition("product_id", Operator.IN, tuple(sorted(products)))
    try:
        rows = kb.records("product", ("product_id", "name"), those, limit=10_000).rows
    except NotPermittedError:
        return {}
    return {str(product): f"{name} ({product})" for product, name in rows if name is not None}


def _headline(first: Rule) -> Text:
    return text(
        "{share} of the orders with {left} also hold {right}: {lift} times what chance would give.",
        share=Amount(first.confidence, "share", digits=0),
        left=first.left,
        right=first.right,
        lift=Amount(first.lift, digits=1),
    )


def _lead(first: Rule, told: Mapping[str, Any]) -> tuple[Text, ...]:
    return (
        ntext(
            "That is {n} order, {extra} more than if the two had nothing to do with each other.",
            "Those are {n} orders, {extra} more than if the two had nothing to do with each other.",
            "n",
            n=Amount(first.baskets, "count"),
            extra=Amount(first.extra, "count"),
        ),
        ntext(
            "{n} rule holds up among the {tested} that were possible.",
            "{n} rules hold up among the {tested} that were possible.",
            "n",
            n=Amount(int(told["found"]), "count"),
            tested=Amount(int(told["tested"]), "count"),
        ),
    )


def _table(rules: Sequence[Rule]) -> Table:
    return Table(
        columns=(
            TableColumn(name="left", type=Type.TEXT, label=text("Who buys")),
            TableColumn(name="right", type=Type.TEXT, label=text("also buys")),
            TableColumn(name="baskets", type=Type.INT, label=text("Orders with all of it"), unit="orders"),
            TableColumn(name="extra", type=Type.INT, label=text("More than chance"), unit="orders"),
            TableColumn(name="customers", type=Type.INT, label=text("Customers"), unit="customers"),
            TableColumn(name="confidence", type=Type.SHARE, label=text("How often")),
            TableColumn(name="low", type=Type.SHARE, label=text("At least")),
            TableColumn(name="high", type=Type.SHARE, label=text("At most")),
            TableColumn(name="lift", type=Type.NUMBER, label=text("Times chance")),
        ),
        rows=tuple(
            (
                each.left,
                each.right,
                each.baskets,
                each.extra,
                each.customers,
                each.confidence,
                each.low,
                each.high,
                Amount(each.lift, digits=1),
            )
            for each in rules
        ),
        caption=text("What is bought together in one order"),
        note=text("“How often” is the share of the orders with the left side that hold the right side too."),
    )


def _chart(rules: Sequence[Rule]) -> Chart:
    drawn = rules[:_DRAWN]
    return Chart(
        mark=Mark.BAR,
        title=text("Who buys {left} buys {right} most often.", left=_surest(drawn).left, right=_surest(drawn).right),
        subtitle=text("Share of the orders with the left side that hold the right side too; line: 95% interval"),
        data=Table(
            columns=(
                TableColumn(name="rule", type=Type.TEXT, label=text("Rule")),
                TableColumn(name="confidence", type=Type.SHARE, label=text("How often")),
                TableColumn(name="low", type=Type.SHARE, label=text("At least")),
                TableColumn(name="high", type=Type.SHARE, label=text("At most")),
            ),
            rows=tuple((_arrow(each), each.confidence, each.low, each.high) for each in drawn),
            caption=text("How often the right side is bought with the left side"),
        ),
        x="rule",
        y="confidence",
        interval=("low", "high"),
        highlight=(_arrow(_surest(drawn)),),
    )


def _surest(rules: Sequence[Rule]) -> Rule:
    return max(rules, key=lambda each: each.confidence)


def _arrow(rule: Rule) -> str:
    return f"{rule.left} → {rule.right}"


def _sure(told: Mapping[str, Any]) -> tuple[Text, ...]:
    return (
        ntext(
            "Counted on {n} order of the whole company in the last year.",
            "Counted on {n} orders of the whole company in the last year.",
            "n",
            n=Amount(int(told["baskets"]), "count"),
        ),
        text(
            "Of the rules found, at most {share} are expected to be chance.",
            share=Amount(float(told["limit"]), "share", digits=0),
        ),
    )


def _caveats(told: Mapping[str, Any]) -> tuple[Text, ...]:
    said = [
        text("Bought together does not mean bought because of each other: only a trial shows what an offer changes."),
        text("Orders of one customer resemble each other, so a rule of few customers is less sure than it looks."),
    ]
    if told["too_large"]:
        said.append(
            ntext(
                "{n} order with more than 60 different items was left out.",
                "{n} orders with more than 60 different items were left out.",
                "n",
                n=Amount(int(told["too_large"]), "count"),
            )
        )
    return tuple(said)


def _next(first: Rule) -> tuple[Text, ...]:
    return (
        text(
            "Show {right} beside {left}, or offer them as a set, to half of the customers, and compare.",
            left=first.left,
            right=first.right,
        ),
    )


def _computed() -> Text:
    return text(
        "An order is a basket of its different items. Of every set of items that at least 5 orders, 5 customers and "
        "one order in a thousand hold, each item is tried as the right side of a rule (support, confidence, lift, "
        "leverage). Fisher's exact test asks whether chance explains the rule, and whether each item on the left adds "
        "to it. Over all rules that were possible, Benjamini and Hochberg's procedure keeps the share of false ones "
        "below the limit."
    )


BASKET = Analysis(
    name="basket",
    area="customer",
    level=Level.HAPPENED,
    question=QUESTION,
    needs=("order_line",),
    rests_on=("order_line.order_id", "order_line.ordered_at", "order_line.product_id"),
    answer=tell_basket,
    fit=fit_basket,
    reads=("basket_item", "basket_line"),
    writes=("basket_set", "basket_rule", "model"),
    fit_parameters={"support": 0.001, "confidence": 0.05, "false_share": 0.05, "most": 2000},
    parameters={"list": 20, "level": "auto", "order": "extra"},
    overview=False,
)
