"""How the forecast of contracts that end was tested, in words; and why there is none, where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from clientela.analyse.customer.tested import TENTHS, Tested, counted, of_none, too_short
from clientela.contracts.analysis import BackTest, KnowledgeBase
from clientela.contracts.insight import Chart, Evidence, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Text, ntext, text
from clientela.errors import NotPermittedError

_METHODS: Mapping[str, Text] = MappingProxyType(
    {
        "rate": text("The same chance for every contract"),
        "sbg": text("Renewals (sBG): the longer it has run, the longer it will"),
        "hazard": text("Age, renewal and price of the contract"),
        "boosted": text("Boosted trees on age, renewal and price"),
    }
)
_BASELINE = "rate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook(Tested):
    """What the run foretold for contracts as of a date, and how that was tested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the contracts of the company leave: in a month, of that what is expected to go, and in a year; with ends.

    Parameters
    ----------
    own : the part of what they bring whose product's own cost is known
    others_by : whose cost the rest is counted at
    """

    margin_a_month: float
    own: float
    others_by: str
    lost: tuple[float, float, float]
    year: tuple[float, float, float]


_KEPT = (
    "margin_a_month", "own_cost_share", "others_known_by", "lost", "lost_low", "lost_high", "year_margin", "year_low",
    "year_high",
)  # fmt: skip


def read_kept(kb: KnowledgeBase) -> Kept | None:
    """What the run stored of the margin of contracts; None where costs are not known, or not the asker's to see."""
    try:
        rows = kb.records("subscription_value", _KEPT, order=("as_of",), limit=1).rows
    except NotPermittedError:
        return None
    if not rows:
        return None
    margin, own, others_by, *money = rows[0]
    lost, lost_low, lost_high, year, year_low, year_high = (float(str(each)) for each in money)
    return Kept(
        margin_a_month=float(str(margin)),
        own=float(str(own)),
        others_by=str(others_by),
        lost=(lost, lost_low, lost_high),
        year=(year, year_low, year_high),
    )


def _cost_known(kept: Kept) -> Text:
    """Whose costs the margin rests on."""
    share = Amount(kept.own, "share", digits=0)
    if kept.own > 0.9995:
        return text("The margin of every contract is counted at what its own product costs.")
    if kept.others_by == "contracts":
        return text(
            "The margin is counted at what their own product costs for {share} of what contracts bring; the rest, "
            "whose cost is not known, counts as these do.",
            share=share,
        )
    if kept.own < 0.0005:
        return text(
            "What contracts cost is not known by product: their margin is counted at the share that the company keeps "
            "of its revenue."
        )
    return text(
        "The margin is counted at what their own product costs for {share} of what contracts bring; the rest at the "
        "share that the company keeps of its revenue.",
        share=share,
    )


def why_not(test: BackTest, as_of: date) -> Text:
    """Why there is no forecast as of that date, and what would help."""
    said = of_none(test, as_of)
    if isinstance(said, Text):
        return said
    match said["reason"]:
        case "no_contracts":
            return text("No contract runs on this date. Deliver a file of subscriptions, and run again.")
        case "too_short":
            return too_short(said)
    return _thin(said)


def _thin(said: Mapping[str, Any]) -> Text:
    match said["reason"]:
        case "few_ended":
            return ntext(
                "We cannot say yet: only {n} contract ended in the time to learn from or in the time to test. A "
                "forecast that can be trusted needs {needed} in each.",
                "We cannot say yet: only {n} contracts ended in the time to learn from or in the time to test. A "
                "forecast that can be trusted needs {needed} in each.",
                "n",
                n=said["found"],
                needed=said["needed"],
            )
        case "few_stayed":
            return ntext(
                "We cannot say yet: only {n} contract ran on in the time to learn from or in the time to test. A "
                "forecast that can be trusted needs {needed} in each.",
                "We cannot say yet: only {n} contracts ran on in the time to learn from or in the time to test. A "
                "forecast that can be trusted needs {needed} in each.",
                "n",
                n=said["found"],
                needed=said["needed"],
            )
        case "only_unpaid":
            return text(
                "Every contract that ended did so for want of payment: nobody chose to leave, so there is nothing to "
                "learn a risk from. Look at the payments instead."
            )
    return text(
        "No method told contracts that end from those that run on better than one chance for all. In the test that was "
        "{share} of the contracts.",
        share=Amount(said["share"], "share", digits=1),
    )


def evidence(found: Outlook, kept: Kept | None = None) -> Evidence:
    """How the winner did in months it had not seen, against one chance for all."""
    auc = found.tested(found.candidate, "auc")
    low, high = found.ends("auc")
    n = found.rests_on("auc")
    measures = ("ece", "slope", "brier", "log_loss", "profit", "contacted", "expected", "ended", "unpaid")
    return Evidence(
        method=_METHODS[found.candidate],
        baseline=_METHODS[_BASELINE],
        metric="auc",
        value=auc,
        baseline_value=found.tested(_BASELINE, "auc"),
        interval=(low, high),
        n=n,
        parameters={
            **found.which("auc"),
            **{name: found.tested(found.candidate, name) for name in measures},
        },
        sentences=(
            text(
                "We tested the method on {period}, which it had not seen: it expected {expected} contracts to end, "
                "{ended} ended.",
                period=found.tested_in,
                expected=counted(found.tested(found.candidate, "expected")),
                ended=counted(found.tested(found.candidate, "ended")),
            ),
            text(
                "Of 100 pairs, one that ended and one that ran on, it ranks {right} rightly ({low} to {high}); one "
                "chance for all ranks 50.",
                right=counted(100 * auc),
                low=counted(100 * low),
                high=counted(100 * high),
            ),
            ntext(
                "The test rests on {n} contract of the whole company.",
                "The test rests on {n} contracts of the whole company.",
                "n",
                n=counted(n),
            ),
            *(() if kept is None else (_cost_known(kept),)),
        ),
        candidates=_candidates(found),
        calibration=_calibration(found),
    )


def _candidates(found: Outlook) -> Table:
    names = sorted(
        {name for name, _ in found.results},
        key=lambda name: (name != found.candidate, -found.tested(name, "profit"), name),
    )
    return Table(
        columns=(
            TableColumn(name="method", type=Type.TEXT, label=text("Method")),
            TableColumn(name="ranked_rightly", type=Type.INT, label=text("Of 100 pairs ranked rightly")),
            TableColumn(name="expected", type=Type.INT, label=text("Expected to end"), unit="contracts"),
            TableColumn(name="ended", type=Type.INT, label=text("Ended"), unit="contracts"),
            TableColumn(
                name="miss", type=Type.SHARE, label=text("Mean distance between said and seen"), unit="distance"
            ),
            TableColumn(name="log_loss", type=Type.NUMBER, label=text("Log loss")),
            TableColumn(name="profit", type=Type.NUMBER, label=text("Expected maximum profit, a contract")),
        ),
        rows=tuple(
            (
                _METHODS[name],
                round(100 * found.tested(name, "auc")),
                round(found.tested(name, "expected")),
                round(found.tested(name, "ended")),
                found.tested(name, "ece"),
                Amount(found.tested(name, "log_loss"), digits=4),
                Amount(found.tested(name, "profit"), digits=2),
            )
            for name in names
        ),
        caption=text("The best first, tested on {period}", period=found.tested_in),
        note=text(
            "The first one serves; the others by expected maximum profit. Where chance alone may make the difference, "
            "the smallest log loss decides. One that ranks no better than the simplest, or whose log loss is not "
            "smaller, does not serve. All of them learned from earlier dates only."
        ),
    )


def _calibration(found: Outlook) -> Chart:
    rows = []
    for tenth in TENTHS:
        low, high = found.ends(f"ended_share_{tenth:02}")
        said = found.tested(found.candidate, f"expected_share_{tenth:02}")
        rows.append((said, found.tested(found.candidate, f"ended_share_{tenth:02}"), low, high))
    return Chart(
        mark=Mark.POINT,
        title=text(
            "Where we said {said}, {came} ended.",
            said=Amount(rows[-1][0], "share", digits=0),
            came=Amount(rows[-1][1], "share", digits=0),
        ),
        subtitle=text("Each dot: a tenth of the contracts; bar: 95% interval; dashed: perfect"),
        data=Table(
            columns=(
                TableColumn(name="said", type=Type.SHARE, label=text("Chance we gave")),
                TableColumn(name="ended", type=Type.SHARE, label=text("Share that ended")),
                TableColumn(name="low", type=Type.SHARE, label=text("At least")),
                TableColumn(name="high", type=Type.SHARE, label=text("At most")),
            ),
            rows=tuple(rows),
            caption=text("What was said and what came, by tenth of contracts"),
        ),
        x="said",
        y="ended",
        interval=("low", "high"),
        diagonal=text("Perfect"),
    )
