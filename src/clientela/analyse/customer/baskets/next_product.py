"""What each customer may buy next: more of the same, something else, something better."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from clientela.analyse.abstain import NO_SALES, abstain
from clientela.analyse.asked import one_of, whole_number
from clientela.contracts.analysis import Analysis, Arrays, FitContext, KnowledgeBase, Parameter, Result
from clientela.contracts.derived.customer.proposed import KINDS
from clientela.contracts.filter import And, Condition, Not, Operator
from clientela.contracts.insight import Chart, Evidence, Figure, Insight, Level, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Text, Value, ntext, text
from clientela.errors import NotPermittedError

QUESTION = text("What will each customer buy next?")
LONGEST_LIST = 5000
_OF_KIND: Mapping[str, tuple[str, ...]] = MappingProxyType({"again": ("deep",), "new": ("cross", "up")})
"""The ways of selling that proposals of a kind are."""
_CHOICES = ("all", *KINDS, "cross", "up")
_METHODS: Mapping[str, Text] = MappingProxyType(
    {
        "often": text("Bought most often"),
        "often-60": text("Bought most often, purchases of 60 days ago counting half"),
        "often-120": text("Bought most often, purchases of 120 days ago counting half"),
        "popular": text("What sells most"),
        "alike": text("What goes with what they bought (EASE)"),
        "alike-now": text("What goes with what they bought (EASE), and what sells now"),
        "alike-close-now": text("What goes closely with what they bought (EASE), and what sells now"),
    }
)
_BASELINES = {"again": "often", "new": "popular"}
_WAYS: Mapping[str, Text] = MappingProxyType(
    {
        "deep": text("More of the same"),
        "cross": text("Something else"),
        "up": text("A dearer one of the same group"),
    }
)
_REASONS = ("because_of", "revenue_each", "because_revenue_each", "days_bought", "days_usual")
_SHOWN = ("product_id", "way", "chance", "low", "high", *_REASONS)


def fit_next(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """See `clientela.analyse.customer.baskets.next_fit`; numbers are imported when a run needs them."""
    from clientela.analyse.customer.baskets import next_fit

    return next_fit.fit_next(tables, context)


def tell_next(kb: KnowledgeBase, parameters: Mapping[str, Parameter]) -> Insight:
    """The proposals worth most, customer by customer, and how far the lists were right in the test.

    Parameters
    ----------
    parameters :
        ``list``: how many proposals to list; ``kind``: ``again`` (bought before: deep-selling), ``new`` (never bought),
        of these ``cross`` or ``up`` alone, or ``all``.
    """
    listed = whole_number(parameters, "list", 1, LONGEST_LIST)
    kind = one_of(parameters, "kind", _CHOICES)
    if kb.first_day is None:
        return abstain(NEXT_PRODUCT, kb, NO_SALES)
    test = kb.evidence("next-product")
    model = next((row for row in test.models if row["as_of"] == kb.as_of), None)
    if model is None:
        command = f"clientela run --as-of {kb.as_of.isoformat()}"
        reason = text(
            "No proposals were made as of {date}. To make them, run: {command}", date=kb.as_of, command=command
        )
        return abstain(NEXT_PRODUCT, kb, reason)
    said = json.loads(str(model["parameters"]))
    if "reason" in said:
        return abstain(NEXT_PRODUCT, kb, _why_not(said))
    ways = {each: tuple(way for way in _OF_KIND[each] if kind in ("all", each, way)) for each in KINDS}
    wanted = [each for each in KINDS if each in said["served"] and ways[each]]
    if not wanted:
        return abstain(NEXT_PRODUCT, kb, _why_not({"reason": "no_better"}))
    tested = {(str(row["metric"]), str(row["candidate"])): row for row in test.results if row["origin"] == kb.as_of}
    asked = [way for each in wanted for way in ways[each]]
    money, rows = _proposals(kb, asked, listed)
    groups = _groups(kb, asked)
    if not rows:
        nothing = text("There is no proposal for any of the customers you see.")
        return abstain(NEXT_PRODUCT, kb, groups[0] if kind == "up" and groups else nothing)
    main = wanted[0]
    return Insight(
        analysis="next-product",
        area="customer",
        level=Level.FORECAST,
        question=QUESTION,
        as_of=kb.as_of,
        snapshot=kb.snapshot,
        headline=_headline(main, tested, said["served"]),
        lead=_lead(wanted[1:], tested, said["served"]),
        figure=_figure(main, tested, said["served"]),
        table=_table(kb, rows, money, several=len(asked) > 1),
        chart=_chart(wanted, tested, said["served"]),
        evidence=_evidence(wanted, tested, said["served"]),
        caveats=(*_caveats(money, said["served"], kind), *groups),
        next=_next(),
        computed=_computed(),
    )


def _why_not(said: Mapping[str, Any]) -> Text:
    if said["reason"] == "few":
        return ntext(
            "We cannot say yet: only {n} customer bought on four different days of the last year. To choose a method "
            "and to test it, it needs {needed}.",
            "We cannot say yet: only {n} customers bought on four different days of the last year. To choose a method "
            "and to test it, it needs {needed}.",
            "n",
            n=said["found"],
            needed=said["needed"],
        )
    return text(
        "No method named clearly more of what customers bought next than the simplest one did, so we show no proposals."
    )


def _proposals(kb: KnowledgeBase, ways: Sequence[str], listed: int) -> tuple[str, list[tuple[Value, ...]]]:
    """The proposals worth most, as many of each way of selling as there are, and the column of their worth: margin, or
    revenue where no cost is known.
    """

    def asked(money: str, way: str, *who: str) -> Result:
        where = And((Condition("as_of", Operator.EQ, kb.as_of), Condition("way", Operator.EQ, way)))
        return kb.records(
            "next_product", (*who, *_SHOWN, money), where, order=(f"-{money}", "customer_id"), limit=listed
        )

    def of(money: str, way: str) -> Sequence[tuple[Value, ...]]:
        try:
            return asked(money, way, "customer_id", "customer_key").rows
        except NotPermittedError:
            return [(row[0], None, *row[1:]) for row in asked(money, way, "customer_id").rows]

    money, found = "expected_margin", [_if_permitted(of, "expected_margin", way) for way in ways]
    if not any(row[-1] is not None for rows in found for row in rows):
        money, found = "expected_revenue", [of("expected_revenue", way) for way in ways]
    rows = _shared(found, listed)
    named = _names(kb, {str(each) for row in rows for each in (row[2], row[7]) if each is not None})
    return money, [_row(row, named, kb.currency) for row in rows]


def _shared(found: Sequence[Sequence[tuple[Value, ...]]], listed: int) -> list[tuple[Value, ...]]:
    """The first of each way in turn, until as many are listed as were asked for; those worth most first.

    Examples
    --------
    >>> _shared([[("a", 9), ("b", 8), ("c", 7)], [("d", 2)], []], 3)
    [('a', 9), ('b', 8), ('d', 2)]
    """
    longest = max(map(len, found), default=0)
    in_turn = [rows[place] for place in range(longest) for rows in found if place < len(rows)]
    return sorted(in_turn[:listed], key=lambda row: -Decimal(str(row[-1] or 0)))


def _if_permitted(of: Any, money: str, way: str) -> Sequence[tuple[Value, ...]]:
    """The rows with that money; none where it may not be seen."""
    try:
        return list(of(money, way))
    except NotPermittedError:
        return []


def _row(row: Sequence[Value], named: Mapping[str, str], currency: str) -> tuple[Value, ...]:
    customer, key, product, way, chance, low, high, *reasons, money = row
    return (
        str(customer if key is None else key),
        named.get(str(product), str(product)),
        _WAYS[str(way)],
        chance,
        low,
        high,
        None if money is None else Decimal(str(money)).quantize(Decimal("0.01")),
        _why(str(way), dict(zip(_REASONS, reasons, strict=True)), named, currency),
    )


def _why(way: str, told: Mapping[str, Value], named: Mapping[str, str], currency: str) -> Text:
    """Why a product is proposed: how deep they are in it already, what it goes with, or what it is dearer than."""
    if way == "deep":
        return ntext(
            "Bought on {n} day of the last year; who buys it does so on {usual} on average",
            "Bought on {n} days of the last year; who buys it does so on {usual} on average",
            "n",
            n=int(str(told["days_bought"] or 0)),
            usual=Amount(float(str(told["days_usual"])), digits=1),
        )
    product = named.get(str(told["because_of"]), str(told["because_of"]))
    if way == "up":
        price, other = (
            Amount(float(str(told[name])), "money", currency, digits=2)
            for name in ("revenue_each", "because_revenue_each")
        )
        return text(
            "They buy {product} of the same group, {other} a time; this one brings {price}",
            product=product,
            other=other,
            price=price,
        )
    return text("Because they bought {product}", product=product)


def _groups(kb: KnowledgeBase, ways: Sequence[str]) -> tuple[Text, ...]:
    """What is to be said where a dearer one cannot be told from something else, since products have no groups."""
    if "up" not in ways:
        return ()
    try:  # of the products, whose rows everybody reads: what was learned from all sales is not for who sees some only
        if any(
            kb.records("product", (name,), Not(Condition(name, Operator.IS_NULL)), limit=1).rows
            for name in ("subcategory", "category")
        ):
            return ()
    except NotPermittedError:
        return ()
    return (
        text(
            "The products belong to no group, so a dearer one of the same group cannot be told from something else. "
            "Deliver a file of products with their categories."
        ),
    )


def _names(kb: KnowledgeBase, products: set[str]) -> dict[str, str]:
    """What people call these products, with their number; empty where it may not be seen."""
    those = Condition("product_id", Operator.IN, tuple(sorted(products)))
    try:
        rows = kb.records("product", ("product_id", "name"), those, limit=10_000).rows if products else ()
    except NotPermittedError:
        return {}
    return {str(product): f"{name} ({product})" for product, name in rows if name is not None}


Tested = Mapping[tuple[str, str], Mapping[str, Value]]


def _recall(tested: Tested, kind: str, name: str) -> tuple[float, float, float]:
    row = tested[f"recall_{kind}", name]
    value, low, high = (float(str(row[each])) for each in ("value", "low", "high"))
    return value, low, high


def _share(value: float) -> Amount:
    return Amount(value, "share", digits=1)


def _headline(kind: str, tested: Tested, served: Mapping[str, str]) -> Text:
    value, low, high = map(_share, _recall(tested, kind, served[kind]))
    if kind == "again":
        return text(
            "Ten products each customer bought before name {share} of their next order ({low} to {high}).",
            share=value,
            low=low,
            high=high,
        )
    return text(
        "Ten products a customer never bought name {share} of what is new in their next order ({low} to {high}).",
        share=value,
        low=low,
        high=high,
    )


def _lead(others: Sequence[str], tested: Tested, served: Mapping[str, str]) -> tuple[Text, ...]:
    return tuple(_headline(kind, tested, served) for kind in others)


def _figure(kind: str, tested: Tested, served: Mapping[str, str]) -> Figure:
    value, low, high = map(_share, _recall(tested, kind, served[kind]))
    return Figure(value=value, low=low, high=high, caption=text("of the next order stood on a list of ten"))


def _table(kb: KnowledgeBase, rows: Sequence[tuple[Value, ...]], money: str, *, several: bool) -> Table:
    worth = text("Expected margin") if money == "expected_margin" else text("Expected revenue")
    return Table(
        columns=(
            TableColumn(name="customer", type=Type.TEXT, label=text("Customer")),
            TableColumn(name="product", type=Type.TEXT, label=text("Product")),
            TableColumn(name="way", type=Type.TEXT, label=text("What it would be")),
            TableColumn(name="chance", type=Type.SHARE, label=text("Chance in the next order")),
            TableColumn(name="low", type=Type.SHARE, label=text("At least")),
            TableColumn(name="high", type=Type.SHARE, label=text("At most")),
            TableColumn(name=money, type=Type.MONEY, label=worth, unit=kb.currency),
            TableColumn(name="why", type=Type.TEXT, label=text("Why")),
        ),
        rows=tuple(rows),
        caption=text("Proposals worth most of each way of selling") if several else text("Proposals worth most"),
        note=text("The chance is how often this place on the list came true in the test, not a chance of its own."),
    )


def _chart(kinds: Sequence[str], tested: Tested, served: Mapping[str, str]) -> Chart:
    rows: list[tuple[Value, ...]] = [
        (_METHODS[name], *_recall(tested, kind, name)) for kind in kinds for name in (served[kind], _BASELINES[kind])
    ]
    return Chart(
        mark=Mark.BAR,
        title=text("The lists name more of the next order than the simplest ones."),
        subtitle=text("Share of the next order that a list of ten named; line: 95% interval"),
        data=Table(
            columns=(
                TableColumn(name="method", type=Type.TEXT, label=text("Method")),
                TableColumn(name="recall", type=Type.SHARE, label=text("Named")),
                TableColumn(name="low", type=Type.SHARE, label=text("At least")),
                TableColumn(name="high", type=Type.SHARE, label=text("At most")),
            ),
            rows=tuple(rows),
            caption=text("Share of the next order that a list of ten named"),
        ),
        x="method",
        y="recall",
        interval=("low", "high"),
    )


def _evidence(kinds: Sequence[str], tested: Tested, served: Mapping[str, str]) -> Evidence:
    main = kinds[0]
    name, baseline = served[main], _BASELINES[main]
    value, low, high = _recall(tested, main, name)
    n = int(str(tested[f"recall_{main}", name]["n"]))
    return Evidence(
        method=_METHODS[name],
        baseline=_METHODS[baseline],
        metric="recall_at_10",
        value=value,
        baseline_value=_recall(tested, main, baseline)[0],
        interval=(low, high),
        n=n,
        parameters={
            f"recall_{kind}_{each}": _recall(tested, kind, each)[0]
            for kind in kinds
            for each in (served[kind], _BASELINES[kind])
        }
        | {f"{each}_{kind}": _figure_of(tested, f"{each}_{kind}", served[kind]) for kind in kinds for each in _CHANCES},
        sentences=(
            text("We held out each customer's last order; the method was chosen on the two orders before it."),
            *(_compared(kind, tested, served) for kind in kinds),
            _came_true(kinds, tested, served),
            ntext(
                "The test rests on {n} customer of the whole company.",
                "The test rests on {n} customers of the whole company.",
                "n",
                n=Amount(n, "count"),
            ),
        ),
        candidates=_candidates(tested),
    )


_CHANCES = ("expected", "came", "brier", "brier_of_one")


def _figure_of(tested: Tested, metric: str, name: str) -> float:
    return float(str(tested[metric, name]["value"]))


def _came_true(kinds: Sequence[str], tested: Tested, served: Mapping[str, str]) -> Text:
    """Whether as many proposals came true as the chances of their places had said, learned before."""
    expected, came = (
        sum(_figure_of(tested, f"{name}_{kind}", served[kind]) for kind in kinds) for name in ("expected", "came")
    )
    return text(
        "From the two orders before, the chances of the places foresaw {expected} of the proposals in that order; "
        "{came} were in it.",
        expected=Amount(round(expected), "count"),
        came=Amount(round(came), "count"),
    )


def _compared(kind: str, tested: Tested, served: Mapping[str, str]) -> Text:
    value, simple = _recall(tested, kind, served[kind])[0], _recall(tested, kind, _BASELINES[kind])[0]
    if kind == "again":
        return text(
            "Ten products bought before named {share} of that order; those bought most often named {simple}.",
            share=_share(value),
            simple=_share(simple),
        )
    return text(
        "Ten products never bought named {share} of what was new in it; those that sell most named {simple}.",
        share=_share(value),
        simple=_share(simple),
    )


def _candidates(tested: Tested) -> Table:
    recalls = {key: row for key, row in tested.items() if key[0].startswith("recall_")}
    rows = [(metric, name, float(str(row["value"]))) for (metric, name), row in recalls.items()]
    rows.sort(key=lambda each: (each[0], -each[2], each[1]))
    kinds = {"recall_again": text("Bought before"), "recall_new": text("Never bought")}
    return Table(
        columns=(
            TableColumn(name="kind", type=Type.TEXT, label=text("Products")),
            TableColumn(name="method", type=Type.TEXT, label=text("Method")),
            TableColumn(name="recall", type=Type.SHARE, label=text("Named")),
        ),
        rows=tuple((kinds[metric], _METHODS[name], value) for metric, name, value in rows),
        caption=text("How much of the last order each method named"),
        note=text("The method that serves was chosen on older orders, so it need not be the first here."),
    )


def _caveats(money: str, served: Mapping[str, str], kind: str) -> tuple[Text, ...]:
    said = [
        text("Who is likely to buy anyway needs no offer: only a trial shows what a proposal adds."),
    ]
    if money == "expected_revenue":
        said.append(text("The cost of what was proposed is not known, so proposals are ordered by revenue."))
    missing = [each for each in KINDS if each not in served and kind in ("all", each)]
    if "new" in missing:
        said.append(text("Products never bought are not proposed: what sells most named about as much in the test."))
    if "again" in missing:
        said.append(
            text("Products bought before are not proposed: those bought most often named about as much in the test.")
        )
    return tuple(said)


def _next() -> tuple[Text, ...]:
    return (text("Give the list to who talks to the customer, and leave one customer in ten out to see what it adds."),)


def _computed() -> Text:
    return text(
        "Products bought before are ordered by how often each customer bought them in the last year, older purchases "
        "counting less; equal ones by what sells most. Products never bought are ordered by what speaks for them "
        "among those a customer did buy (EASE, a ridge regression of each product on all others) and by what sells "
        "now. The chance of a place on the list is how often that place came true in the test; times the margin of "
        "one purchase, or its revenue, that is the expected worth."
    )


NEXT_PRODUCT = Analysis(
    name="next-product",
    area="customer",
    level=Level.FORECAST,
    question=QUESTION,
    needs=("order_line",),
    rests_on=("order_line.net_revenue", "order_line.ordered_at", "order_line.product_id"),
    answer=tell_next,
    fit=fit_next,
    reads=("next_item", "next_sample"),
    writes=("next_affinity", "next_chance", "model", "backtest"),
    parameters={"list": 50, "kind": "all"},
    overview=False,
)
