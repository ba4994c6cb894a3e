"""How the forecast of what customers bring was tested, in words; and why there is none, where there is none."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import log
from types import MappingProxyType
from typing import Any

from clientela.analyse.customer.tested import TENTHS, Tested, of_none, too_short
from clientela.contracts.analysis import BackTest, KnowledgeBase
from clientela.contracts.derived.customer.lifetime import TRAITS_REST_ON
from clientela.contracts.insight import Chart, Evidence, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Text, ntext, text
from clientela.errors import NotPermittedError

NAMES: Mapping[str, Text] = MappingProxyType(
    {
        "last-period": text("Same as in the last period"),
        "same-rate": text("Same rate as so far"),
        "bg-nbd": text("Purchase model (BG/NBD)"),
        "mbg-nbd": text("Purchase model (MBG/NBD)"),
        "pareto-nbd": text("Purchase model (Pareto/NBD)"),
        "bg-nbd+recent": text("Purchase model (BG/NBD) and last period"),
        "mbg-nbd+recent": text("Purchase model (MBG/NBD) and last period"),
        "pareto-nbd+recent": text("Purchase model (Pareto/NBD) and last period"),
        "bg-nbd+traits": text("Purchase model (BG/NBD) by first purchase"),
        "mbg-nbd+traits": text("Purchase model (MBG/NBD) by first purchase"),
        "boosted": text("Boosted trees (LightGBM)"),
        "bg-nbd-flat": text("Purchase model (BG/NBD), all weeks alike"),
        "mbg-nbd-flat": text("Purchase model (MBG/NBD), all weeks alike"),
        "pareto-nbd-flat": text("Purchase model (Pareto/NBD), all weeks alike"),
    }
)
NAIVE = ("last-period", "same-rate")
_NEARER = "nearer_than_"
_MOST_EFFECTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook(Tested):
    """What the run foretold of each customer's worth as of a date, and how that was tested."""

    @property
    def basis(self) -> str:
        """What is counted: margin or revenue."""
        return str(self.said["basis"])

    @property
    def share_known(self) -> float:
        """The share of revenue whose costs are known."""
        return float(self.said["share_known"])

    @property
    def customers(self) -> int:
        """Of how many it is foretold."""
        return int(self.said["customers"])

    @property
    def worth(self) -> tuple[float, float, float]:
        """What all of them will bring: expected, at least, at most."""
        expected, low, high = self.said["worth"]
        return expected, low, high

    @property
    def value_days(self) -> int:
        """How far it looks beyond the test."""
        return int(self.said["value_days"])

    @property
    def discount_rate(self) -> float:
        """By how much a year later money counts less."""
        return float(self.said["discount_rate"])

    @property
    def season(self) -> float | None:
        """How busy the time ahead is, in usual times; None where no season is known."""
        known = self.said.get("season") or {}  # a snapshot of an older version says nothing of it
        return float(known["ahead"]) if known.get("weight") else None

    @property
    def correlation(self) -> float:
        """How far who comes back more often spends more (or less) each time; 0 where that is not known."""
        known = self.said.get("independence") or {}  # a snapshot of an older version says nothing of it
        return float(known.get("correlation") or 0.0)

    @property
    def effects(self) -> tuple[Mapping[str, Any], ...]:
        """What groups of customers do by what all others do, those that differ most first; none where none is told."""
        found = self.said.get("traits") or ()
        return tuple(sorted(found, key=lambda each: (-abs(log(each["buying"])), each["trait"], each["value"])))

    @property
    def n(self) -> int:
        """How many customers the test rests on."""
        return self.rests_on("mae")

    @property
    def naive(self) -> str:
        """The better of the two that anybody could use."""
        return min(NAIVE, key=lambda name: self.tested(name, "mae"))

    @property
    def nearer(self) -> tuple[float, float]:
        """The 95 % interval of how much nearer than the better naive one it came, a customer on average."""
        return self.ends(f"{_NEARER}{self.naive}")


def why_not(test: BackTest, as_of: date, currency: str) -> Text:
    """Why there is no forecast as of that date, and what would help."""
    said = of_none(test, as_of)
    if isinstance(said, Text):
        return said
    return _too_little(said) or _not_good_enough(said, currency)


def _too_little(said: Mapping[str, Any]) -> Text | None:
    """Reasons of customers, amounts and histories that are too few or too short."""
    match said["reason"]:
        case "no_customers":
            return text(
                "No known customer has bought yet. Deliver a file of orders that names customers, and run again."
            )
        case "no_repeat":
            return text(
                "We cannot say yet: nobody has bought on two different days, so nothing tells how often customers "
                "come back."
            )
        case "no_amounts":
            return text("We cannot say yet: no purchase brought more than it cost, so there is no worth to foresee.")
        case "few_customers":
            return ntext(
                "We cannot say yet: {n} customer is known, too few to learn from at one time and test at another. "
                "It needs {needed} at each.",
                "We cannot say yet: {n} customers are known, too few to learn from at one time and test at another. "
                "It needs {needed} at each.",
                "n",
                n=said["customers"],
                needed=said["needed"],
            )
        case "too_short":
            return too_short(said)
    return None


def _not_good_enough(said: Mapping[str, Any], currency: str) -> Text:
    """Reasons of a test that was not passed."""
    if said["reason"] == "nothing_came":
        return text(
            "We cannot say yet: in the time of the test all customers together brought nothing beyond what it "
            "cost, so no method can be judged."
        )
    if said["reason"] == "no_better":
        return text(
            "In the test no method came nearer than the plain “{naive}”, which missed a customer by {error} on "
            "average. Go by that until more is known.",
            naive=NAMES[said["naive"]],
            error=Amount(said["error"], "money", currency, digits=2),
        )
    return text("No purchase model settled on these customers, so we show no forecast.")


def traits_seen(kb: KnowledgeBase, found: Outlook) -> frozenset[str]:
    """Those of the traits that groups are told by which whoever asks may see in what they are made of."""

    def is_seen(trait: str) -> bool:
        columns: dict[str, list[str]] = {}
        for each in TRAITS_REST_ON.get(trait, ()):
            table, _, column = each.partition(".")
            columns.setdefault(table, []).append(column)
        try:
            for table, names in columns.items():
                kb.records(table, names, limit=1)
        except NotPermittedError:
            return False
        return bool(columns)

    return frozenset(filter(is_seen, {str(each["trait"]) for each in found.effects}))


def evidence(found: Outlook, currency: str, *, traits: Collection[str] = ()) -> Evidence:
    """How the winner did in months it had not seen, against the simplest thing one could do.

    Parameters
    ----------
    traits : what groups of customers may be told by; see `traits_seen`
    """
    naive = found.naive
    low, high = found.ends("mae")
    nearer = f"{_NEARER}{naive}"

    def money(value: float) -> Amount:
        return Amount(value, "money", currency, digits=2)

    return Evidence(
        method=NAMES[found.candidate],
        baseline=NAMES[naive],
        metric="mae",
        value=found.tested(found.candidate, "mae"),
        baseline_value=found.tested(naive, "mae"),
        interval=(low, high),
        n=found.n,
        parameters={
            **found.which("mae"),
            **{name: found.tested(found.candidate, name) for name in ("rmse", "gini", "bias", "said", "came")},
            "inside": found.tested(found.candidate, "inside"),
            "nearer": found.tested(found.candidate, nearer),
            "nearer_low": found.nearer[0],
            "nearer_high": found.nearer[1],
        },
        sentences=(
            text(
                "We tested the method on {period}, which it had not seen: it expected {said} from the customers then "
                "known, {came} came.",
                period=found.tested_in,
                said=Amount(found.tested(found.candidate, "said"), "money", currency, digits=0),
                came=Amount(found.tested(found.candidate, "came"), "money", currency, digits=0),
            ),
            text(
                "It missed a customer by {error} on average ({low} to {high}); “{naive}” missed by {baseline}.",
                error=money(found.tested(found.candidate, "mae")),
                low=money(low),
                high=money(high),
                naive=NAMES[naive],
                baseline=money(found.tested(naive, "mae")),
            ),
            text(
                "Of the customers, {inside} ended in the range given for eight of ten.",
                inside=Amount(found.tested(found.candidate, "inside"), "share", digits=0),
            ),
            *_effects(found, traits),
            ntext(
                "The test rests on {n} customer of the whole company.",
                "The test rests on {n} customers of the whole company.",
                "n",
                n=Amount(found.n, "count"),
            ),
        ),
        candidates=_candidates(found, currency),
        calibration=_calibration(found, currency),
    )


def _effects(found: Outlook, traits: Collection[str]) -> tuple[Text, ...]:
    """What the first purchase tells of how customers buy, where the model that serves looks at it."""
    told = []
    for each in [effect for effect in found.effects if effect["trait"] in traits][:_MOST_EFFECTS]:
        often, gone = (Amount(each[name], "share", digits=0) for name in ("buying", "leaving"))
        match each["trait"]:
            case "channel":
                told.append(
                    text(
                        "Who first bought by {name} buys {often} as often as others, and the chance to be gone after a "
                        "purchase is {gone} of theirs.",
                        name=each["value"],
                        often=often,
                        gone=gone,
                    )
                )
            case "category":
                told.append(
                    text(
                        "Who first bought {name} buys {often} as often as others, and the chance to be gone after a "
                        "purchase is {gone} of theirs.",
                        name=each["value"],
                        often=often,
                        gone=gone,
                    )
                )
            case _:
                told.append(
                    text(
                        "Whom a campaign brought buys {often} as often as others, and the chance to be gone after a "
                        "purchase is {gone} of theirs.",
                        often=often,
                        gone=gone,
                    )
                )
    return tuple(told)


def _candidates(found: Outlook, currency: str) -> Table:
    names = sorted(
        {name for name, metric in found.results if metric == "mae"},
        key=lambda name: (name != found.candidate, found.tested(name, "mae"), name),
    )

    def money(value: float) -> Decimal:
        return Decimal(str(round(value, 2)))

    return Table(
        columns=(
            TableColumn(name="method", type=Type.TEXT, label=text("Method")),
            TableColumn(name="error", type=Type.MONEY, label=text("Mean error a customer"), unit=currency),
            TableColumn(name="said", type=Type.MONEY, label=text("Expected"), unit=currency),
            TableColumn(name="came", type=Type.MONEY, label=text("Came"), unit=currency),
            TableColumn(name="gini", type=Type.NUMBER, label=text("Ranking (Gini)")),
        ),
        rows=tuple(
            (
                NAMES[name],
                money(found.tested(name, "mae")),
                money(found.tested(name, "said")),
                money(found.tested(name, "came")),
                Amount(found.tested(name, "gini"), digits=3),
            )
            for name in names
        ),
        caption=text("The methods tried, tested on {period}", period=found.tested_in),
        note=text(
            "The first one serves. Of the purchase models, the one that came nearest at dates before the test is "
            "taken; one that looks at more serves where it came nearer there by more than chance. All learned from "
            "earlier dates only."
        ),
    )


def _calibration(found: Outlook, currency: str) -> Chart:
    rows = []
    for tenth in TENTHS:
        low, high = found.ends(f"came_{tenth:02}")
        said, came = (found.tested(found.candidate, f"{side}_{tenth:02}") for side in ("said", "came"))
        rows.append(tuple(Decimal(str(round(each, 2))) for each in (said, came, low, high)))
    return Chart(
        mark=Mark.POINT,
        title=text(
            "Of the tenth expected to bring most we said {said} each, {came} came.",
            said=Amount(rows[0][0], "money", currency, digits=0),
            came=Amount(rows[0][1], "money", currency, digits=0),
        ),
        subtitle=text("Mean of a customer; each dot: a tenth of the customers; bar: 95% interval; dashed: perfect"),
        data=Table(
            columns=(
                TableColumn(name="said", type=Type.MONEY, label=text("Expected"), unit=currency),
                TableColumn(name="came", type=Type.MONEY, label=text("Came"), unit=currency),
                TableColumn(name="low", type=Type.MONEY, label=text("At least"), unit=currency),
                TableColumn(name="high", type=Type.MONEY, label=text("At most"), unit=currency),
            ),
            rows=tuple(rows),
            caption=text("What was expected and what came, by tenth of customers"),
        ),
        x="said",
        y="came",
        interval=("low", "high"),
        diagonal=text("Perfect"),
    )
