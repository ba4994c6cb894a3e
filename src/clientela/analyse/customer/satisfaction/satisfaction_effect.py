"""What dissatisfied customers do otherwise than satisfied ones, beyond what they did before they said so."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from clientela.analyse.abstain import NO_SALES, abstain
from clientela.analyse.customer.satisfaction.price_words import moved, per_cent, unmoved
from clientela.contracts.analysis import Analysis, Arrays, BackTest, FitContext, KnowledgeBase, Parameter
from clientela.contracts.insight import Chart, Evidence, Figure, Insight, Level, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Period, Text, Value, ntext, text

QUESTION = text("Do dissatisfied customers buy otherwise than satisfied ones?")
Effect = Mapping[str, Any]
_CLEAR = 0.05  # share of false ones among all differences called clear
_GROUPS: Mapping[str, Text] = MappingProxyType(
    {
        "dissatisfied": text("Dissatisfied"),
        "neutral": text("Neutral"),
        "complained": text("Complained, without a survey"),
    }
)
_ABOUT: Mapping[str, Text] = MappingProxyType(
    {
        "product": text("Dissatisfied with the product"),
        "service": text("Dissatisfied with the service"),
        "company": text("Dissatisfied with the company"),
        "purchase_decision": text("Dissatisfied with their decision to buy"),
    }
)
_OUTCOMES: Mapping[str, Text] = MappingProxyType(
    {
        "frequency": text("Purchase days"),
        "basket": text("Spent on a purchase day"),
        "discount": text("Bought on a discount"),
        "price": text("Pieces bought when a price rises by 1%"),
    }
)
_MISSED: Mapping[str, Text] = MappingProxyType(
    {
        "frequency": text("Purchase days"),
        "basket": text("Spent on a purchase day, as a logarithm"),
        "discount": text("Bought on a discount, as a share"),
    }
)


def fit_satisfaction_effect(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """See `fit.fit_satisfaction_effect`; numbers are imported when a run needs them."""
    from clientela.analyse.customer.satisfaction import fit

    return fit.fit_satisfaction_effect(tables, context)


def tell_satisfaction_effect(kb: KnowledgeBase, parameters: Mapping[str, Parameter]) -> Insight:
    """How often, for how much and how far on discounts dissatisfied customers buy, against satisfied ones."""
    if kb.first_day is None:
        return abstain(SATISFACTION_EFFECT, kb, NO_SALES)
    kb.query(("nps_answers", "csat_answers", "purchase_days", "revenue"))  # refuses who may not see one of these
    test = kb.evidence("satisfaction-effect")
    said = _model(test, kb.as_of)
    if isinstance(said, Text):
        return abstain(SATISFACTION_EFFECT, kb, said)
    effects: list[Effect] = said["effects"]
    told = _most_telling(effects)
    days = Amount(said["horizon_days"], "days")
    return Insight(
        analysis="satisfaction-effect",
        area="customer",
        level=Level.WHY,
        question=QUESTION,
        as_of=kb.as_of,
        snapshot=kb.snapshot,
        headline=_headline(kb, told, days),
        lead=(*_lead(kb, effects, told), *moved(said)),
        figure=_figure(told) if _is_clear(told) else None,
        table=_table(kb, effects, days),
        chart=_chart(effects, days),
        evidence=_evidence(kb, said),
        caveats=(
            text(
                "This is what goes together, not what causes what: something else may make customers both dissatisfied "
                "and buy otherwise."
            ),
            *_silent(kb, said),
            *unmoved(said),
            text("The figures are those of the whole company: among fewer customers chance would decide."),
        ),
        next=_next(told),
        computed=text(
            "Of each customer the latest answer that {days} have followed counts. NPS 9 and 10, CSAT 4 and 5, CES 6 "
            "and 7 are satisfied; NPS to 6, CSAT 1 and 2, CES to 3 are dissatisfied. What came after is compared by "
            "regression on what was before (the same figure, purchase days of two horizons and of all time, revenue), "
            "the season and the trend, with errors that may differ (HC3). Bought on a discount is the share of the "
            "money. By what was asked about, differences are drawn towards their mean. Pieces bought when a price "
            "rises: how the pieces of a product spread over the months after the answer, by its price then and by how "
            "often they bought at all (conditional Poisson regression, each product with a level of its own). Clear: "
            "among all of them at most one in twenty is expected to be chance (Benjamini-Hochberg).",
            days=days,
        ),
    )


def _model(test: BackTest, as_of: date) -> dict[str, Any] | Text:
    """What was learned for the date; or why nothing is told."""
    models = [row for row in test.models if row["as_of"] == as_of]
    if not models:
        return text(
            "Nothing was compared as of {date}. To do so, run: {command}",
            date=as_of,
            command=f"clientela run --as-of {as_of.isoformat()}",
        )
    said = dict(json.loads(str(models[0]["parameters"])))
    if models[0]["winner"]:
        return said
    counts = said["counts"]
    return ntext(
        "We cannot say yet: of {n} customer with purchases before, and time after, an answer, {satisfied} satisfied "
        "and {dissatisfied} dissatisfied ones are too few. It needs {needed} of each.",
        "We cannot say yet: of {n} customers with purchases before, and time after, an answer, {satisfied} satisfied "
        "and {dissatisfied} dissatisfied ones are too few. It needs {needed} of each.",
        "n",
        n=said["answers"],
        satisfied=counts["satisfied"],
        dissatisfied=counts["dissatisfied"],
        needed=said["needed"],
    )


def _is_clear(each: Effect) -> bool:
    return bool(each["false_share"] <= _CLEAR)


def _most_telling(effects: Sequence[Effect]) -> Effect:
    """What the sentence speaks of: a clear difference where there is one, of the dissatisfied rather than others."""
    whole = [each for each in effects if each["about"] is None]
    order = ("dissatisfied", "complained", "neutral")
    return min(whole, key=lambda each: (not _is_clear(each), order.index(each["group"]), each["chance"]))


def _headline(kb: KnowledgeBase, told: Effect, days: Amount) -> Text:
    if not _is_clear(told):
        return text("No clear difference was found between what satisfied and dissatisfied customers do afterwards.")
    own, as_satisfied = (_amount(kb, told["outcome"], told[key]) for key in ("own", "as_satisfied"))
    who = _GROUPS[told["group"]]
    if told["outcome"] == "frequency":
        return text(
            "{who}: {own} purchase days in the {days} after, where satisfied customers like them would have "
            "{satisfied}.",
            who=who, own=own, days=days, satisfied=as_satisfied,
        )  # fmt: skip
    if told["outcome"] == "basket":
        return text(
            "{who}: {own} spent on a purchase day afterwards, where satisfied customers like them would spend "
            "{satisfied}.",
            who=who, own=own, satisfied=as_satisfied,
        )  # fmt: skip
    if told["outcome"] == "price":
        return text(
            "{who}: when the price of a product rises by 1%, the pieces of it they buy change by {own}; those that "
            "satisfied customers buy, by {satisfied}.",
            who=who, own=own, satisfied=as_satisfied,
        )  # fmt: skip
    return text(
        "{who}: {own} of the money afterwards is spent on discounts, where it would be {satisfied} of satisfied "
        "customers like them.",
        who=who, own=own, satisfied=as_satisfied,
    )  # fmt: skip


def _lead(kb: KnowledgeBase, effects: Sequence[Effect], told: Effect) -> tuple[Text, ...]:
    whole = [each for each in effects if each["about"] is None]
    clear = sum(map(_is_clear, whole))
    said = [
        ntext(
            "Of {n} comparison with satisfied customers, {clear} differs clearly.",
            "Of {n} comparisons with satisfied customers, {clear} differ clearly.",
            "n",
            n=len(whole),
            clear=clear,
        )
        if clear
        else ntext(
            "{n} comparison was made with satisfied customers; its difference may be chance.",
            "{n} comparisons were made with satisfied customers; each difference may be chance.",
            "n",
            n=len(whole),
        )
    ]
    if _is_clear(told):
        low, high = (_difference(kb, told, key) for key in ("low", "high"))
        said.insert(0, text("The difference lies between {low} and {high}.", low=low, high=high))
    return tuple(said)


def _amount(kb: KnowledgeBase, outcome: str, value: float) -> Amount:
    if outcome == "basket":
        return Amount(round(value, 2), "money", kb.currency, digits=2)
    if outcome == "price":
        return per_cent(value)
    return Amount(value, "share", digits=1) if outcome == "discount" else Amount(value, digits=1)


def _difference(kb: KnowledgeBase, told: Effect, key: str) -> Amount:
    """A difference as it is said: days and points with one digit, of the basket the share of its money."""
    if told["outcome"] == "price":
        return per_cent(told[key])
    if told["outcome"] == "frequency":
        return Amount(told[key], digits=1)
    return Amount(told[key], "share", digits=1 if told["outcome"] == "discount" else 0)


def _figure(told: Effect) -> Figure:
    captions = {
        "frequency": text("purchase days more or fewer than satisfied customers"),
        "basket": text("more or less spent on a purchase day than by satisfied customers"),
        "discount": text("more or less of the money on discounts than of satisfied customers"),
        "price": text("more or fewer pieces when a price rises by 1%, than satisfied customers"),
    }
    unit, digits = ("number", 1) if told["outcome"] == "frequency" else ("share", 0)
    value, low, high = (Amount(told[key], unit, digits=digits) for key in ("effect", "low", "high"))
    if told["outcome"] == "price":
        value, low, high = (per_cent(told[key]) for key in ("effect", "low", "high"))
    return Figure(value=value, low=low, high=high, caption=captions[told["outcome"]])


def _named(each: Effect) -> Text:
    return _GROUPS[each["group"]] if each["about"] is None else _ABOUT[each["about"]]


def _shown(kb: KnowledgeBase, each: Effect, key: str) -> Value:
    """A figure in a cell that holds figures of several units."""
    if key in ("own", "as_satisfied"):
        return text("{value}", value=_amount(kb, each["outcome"], each[key]))
    return text("{value}", value=_difference(kb, each, key))


def _table(kb: KnowledgeBase, effects: Sequence[Effect], days: Amount) -> Table:
    labels = {
        "own": text("Afterwards"),
        "as_satisfied": text("As satisfied ones would"),
        "effect": text("Difference"),
        "low": text("At least"),
        "high": text("At most"),
    }
    yes, no = text("clear"), text("may be chance")
    return Table(
        columns=(
            TableColumn(name="who", type=Type.TEXT, label=text("Who")),
            TableColumn(name="what", type=Type.TEXT, label=text("What they do")),
            TableColumn(name="customers", type=Type.INT, label=text("Customers"), unit="customers"),
            *(TableColumn(name=name, type=Type.TEXT, label=label) for name, label in labels.items()),
            TableColumn(name="sure", type=Type.TEXT, label=text("How sure")),
        ),
        rows=tuple(
            (
                _named(each),
                _OUTCOMES[each["outcome"]],
                each["n"],
                *(_shown(kb, each, key) for key in labels),
                yes if _is_clear(each) else no,
            )
            for each in effects
        ),
        caption=text("Against satisfied customers who had bought alike before, within {days}", days=days),
        note=text(
            "Differences of what is spent are in percent of what satisfied customers spend; of shares, in points. "
            "Among so many comparisons a range may leave out 0 by chance: “clear” takes that into account."
        ),
    )


def _chart(effects: Sequence[Effect], days: Amount) -> Chart | None:
    """The purchase days of each group, against what satisfied ones would have: the difference with its range."""
    rows = [each for each in effects if each["outcome"] == "frequency"]
    if not rows:
        return None
    clear = [each for each in rows if _is_clear(each)]
    title = (
        text("Where the range leaves out 0, customers buy more or less often than satisfied ones.")
        if clear
        else text("No group buys clearly more or less often than satisfied customers.")
    )
    return Chart(
        mark=Mark.BAR,
        title=title,
        subtitle=text("Difference in purchase days within {days}, with its 95% interval", days=days),
        data=Table(
            columns=(
                TableColumn(name="who", type=Type.TEXT, label=text("Who")),
                TableColumn(name="difference", type=Type.NUMBER, label=text("Difference in purchase days")),
                TableColumn(name="low", type=Type.NUMBER, label=text("At least")),
                TableColumn(name="high", type=Type.NUMBER, label=text("At most")),
            ),
            rows=tuple((_named(each), *(round(each[key], 4) for key in ("effect", "low", "high"))) for each in rows),
            caption=text("Difference in purchase days against satisfied customers"),
        ),
        x="who",
        y="difference",
        interval=("low", "high"),
    )


def _silent(kb: KnowledgeBase, said: Mapping[str, Any]) -> tuple[Text, ...]:
    """Who does not answer may feel and buy otherwise."""
    reply = said["reply"]
    asked = reply["answered"] + reply["silent"]
    if not asked or not reply["answered"]:
        return (text("Who does not answer may feel otherwise; how many that are is not known."),)
    each, other = (
        Amount(round(reply[f"{name}_revenue"]), "money", kb.currency, digits=0) for name in ("answered", "silent")
    )
    return (
        text(
            "Of those who bought within a year, {share} answered. They spent {each} each, the others {other}: who does "
            "not answer may feel and buy otherwise.",
            share=Amount(reply["answered"] / asked, "share", digits=0),
            each=each,
            other=other,
        ),
    )


def what_it_told(told: Mapping[str, float]) -> Text:
    """Whether knowing the answer made the forecast better, worse, or neither beyond chance.

    Parameters
    ----------
    told : ``gained``, the share that it took off the squared error, and its interval from ``low`` to ``high``
    """
    off = {
        "gained": Amount(told["gained"], "share", digits=1),
        "low": Amount(told["low"], "share", digits=1),
        "high": Amount(told["high"], "share", digits=1),
    }
    grown = {
        "more": Amount(-told["gained"], "share", digits=1),
        "low": Amount(-told["high"], "share", digits=1),
        "high": Amount(-told["low"], "share", digits=1),
    }
    if told["high"] < 0:
        return text(
            "There, knowing the answer made the forecast worse: the squared error grew by {more} ({low} to {high}), so "
            "the answer is no forecast.",
            **grown,
        )
    if told["low"] > 0:
        return text(
            "There, knowing the answer took {gained} off the squared error ({low} to {high}): it told something that "
            "behaviour alone did not.",
            **off,
        )
    if told["gained"] < 0:
        return text(
            "There, knowing the answer left the squared error {more} larger ({low} to {high}): that may be chance, so "
            "the answer alone is no forecast.",
            **grown,
        )
    return text(
        "There, knowing the answer took {gained} off the squared error ({low} to {high}): that may be chance, so "
        "the answer alone is no forecast.",
        **off,
    )


def _evidence(kb: KnowledgeBase, said: Mapping[str, Any]) -> Evidence | None:
    tests = said["test"]
    name = "frequency" if "frequency" in tests else next(iter(tests), None)
    if name is None:
        return None
    told = tests[name]
    period = Period(date.fromisoformat(told["origin"]), kb.as_of - timedelta(days=1))
    return Evidence(
        method=text("Behaviour before, and how content they are"),
        baseline=text("Behaviour before alone"),
        metric=f"rmse_{name}",
        value=told["rmse"],
        baseline_value=told["without"],
        interval=(told["rmse_low"], told["rmse_high"]),
        n=told["n"],
        parameters={"origin": date.fromisoformat(told["origin"])},
        sentences=(
            text("We learned from the older half of the answers and foretold {period} for the newer.", period=period),
            what_it_told(told),
        ),
        candidates=Table(
            columns=(
                TableColumn(name="what", type=Type.TEXT, label=text("What is foreseen")),
                TableColumn(name="with", type=Type.NUMBER, label=text("With the answer")),
                TableColumn(name="without", type=Type.NUMBER, label=text("Without it")),
                TableColumn(name="customers", type=Type.INT, label=text("Customers"), unit="customers"),
            ),
            rows=tuple(
                (
                    _MISSED[each],
                    *(Decimal(str(round(tests[each][key], 4))) for key in ("rmse", "without")),
                    tests[each]["n"],
                )
                for each in tests
            ),
            caption=text("Root of the mean squared error, {period}", period=period),
        ),
    )


def _next(told: Effect) -> tuple[Text, ...]:
    if not _is_clear(told):
        return (text("Go on asking: with more answers smaller differences show."),)
    if told["group"] == "neutral":
        return (text("Ask the neutral ones what is missing: they buy otherwise than the satisfied."),)
    return (
        text("Call who answers badly within days, and ask at the next answer whether it helped."),
        text("To know whether content customers buy more because of it, let chance decide whom to call, and compare."),
    )


SATISFACTION_EFFECT = Analysis(
    name="satisfaction-effect",
    area="customer",
    level=Level.WHY,
    question=QUESTION,
    needs=("order_line", "survey_answer"),
    rests_on=(
        "order_line.net_revenue",
        "order_line.ordered_at",
        "survey_answer.score",
        "survey_answer.answered_at",
    ),
    fit=fit_satisfaction_effect,
    answer=tell_satisfaction_effect,
    reads=("satisfaction_case", "satisfaction_price", "satisfaction_reply"),
    writes=("model", "backtest"),
    overview=False,
)
