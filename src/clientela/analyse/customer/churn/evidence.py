"""How the forecast of leaving was tested, in words; and why there is none, where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from clientela.analyse.customer.churn.candidates import BASELINE
from clientela.analyse.customer.tested import TENTHS, Tested, counted, of_none, too_short
from clientela.contracts.analysis import BackTest
from clientela.contracts.insight import Chart, Evidence, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Text, ntext, text

_METHODS: Mapping[str, Text] = MappingProxyType(
    {
        "silence": text("Longest silent first"),
        "gap": text("Silence compared with the usual gap"),
        "visits": text("Silence and recent visits"),
        "bg-nbd": text("Purchase model (BG/NBD)"),
        "both": text("Silence and purchase model"),
        "combined": text("Silence, visits and purchase model together"),
        "boosted": text("Boosted trees on all of these"),
    }
)
_MEASURES = ("ece", "slope", "intercept", "brier", "log_loss", "profit", "contacted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook(Tested):
    """What the run foretold for customers as of a date, and how that was tested."""

    @property
    def customers(self) -> int:
        """Of how many it is foretold."""
        return int(self.said["customers"])

    @property
    def number(self) -> tuple[float, float, float]:
        """How many will leave: expected, at least, at most."""
        expected, low, high = self.said["expected_to_leave"]
        return expected, low, high

    @property
    def loss(self) -> tuple[float, float, float]:
        """What goes with them: expected, at least, at most."""
        expected, low, high = self.said["expected_loss"]
        return expected, low, high

    @property
    def at_stake(self) -> float:
        """What all of them brought lately."""
        return float(self.said["at_stake"])

    @property
    def n(self) -> int:
        """How many customers the test rests on."""
        return self.rests_on("auc")


def why_not(test: BackTest, as_of: date) -> Text:
    """Why there is no forecast as of that date, and what would help."""
    said = of_none(test, as_of)
    if isinstance(said, Text):
        return said
    return _no_history(said) or _no_outcome(said) or _not_good_enough(said)


def evidence(found: Outlook) -> Evidence:
    """How the winner did in months it had not seen, against the simplest thing one could do."""
    auc, baseline = found.tested(found.candidate, "auc"), found.tested(BASELINE, "auc")
    low, high = found.ends("auc")
    return Evidence(
        method=_METHODS[found.candidate],
        baseline=_METHODS[BASELINE],
        metric="auc",
        value=auc,
        baseline_value=baseline,
        interval=(low, high),
        n=found.n,
        parameters={
            **found.which("auc"),
            "expected": found.tested(found.candidate, "expected"),
            "left": round(found.tested(found.candidate, "left")),
            **{metric: found.tested(found.candidate, metric) for metric in _MEASURES},
        },
        sentences=(
            text(
                "We tested the method on {period}, which it had not seen: it expected {expected} to leave, "
                "{left} left.",
                period=found.tested_in,
                expected=counted(found.tested(found.candidate, "expected")),
                left=counted(found.tested(found.candidate, "left")),
            ),
            text(
                "Of 100 pairs, one who left and one who stayed, it ranks {right} rightly ({low} to {high}). "
                "“Longest silent first” ranks {baseline}.",
                right=counted(100 * auc),
                low=counted(100 * low),
                high=counted(100 * high),
                baseline=counted(100 * baseline),
            ),
            ntext(
                "The test rests on {n} customer of the whole company.",
                "The test rests on {n} customers of the whole company.",
                "n",
                n=counted(found.n),
            ),
        ),
        candidates=_candidates(found),
        calibration=_calibration(found),
    )


def _no_history(said: Mapping[str, Any]) -> Text | None:
    """Reasons of customers and histories that are too few or too short."""
    match said["reason"]:
        case "no_customers":
            return text(
                "No known customer has bought yet. Deliver a file of orders that names customers, and run again."
            )
        case "no_repeat":
            return text(
                "We cannot say yet: nobody has bought on two different days, so silence cannot be told from habit."
            )
        case "too_short":
            return too_short(said)
    return None


def _no_outcome(said: Mapping[str, Any]) -> Text | None:
    """Reasons of outcomes that are too few."""
    match said["reason"]:
        case "nobody_left":
            return ntext(
                "Nobody left: the only customer, {n}, bought again each time. There is nothing to learn a risk from.",
                "Nobody left: all {n} customers bought again each time. There is nothing to learn a risk from.",
                "n",
                n=said["customers"],
            )
        case "few_left":
            return ntext(
                "We cannot say yet: only {n} customer left in the time to learn from or in the time to test. "
                "A forecast that can be trusted needs {needed} in each.",
                "We cannot say yet: only {n} customers left in the time to learn from or in the time to test. "
                "A forecast that can be trusted needs {needed} in each.",
                "n",
                n=said["found"],
                needed=said["needed"],
            )
        case "few_stayed":
            return ntext(
                "We cannot say yet: only {n} customer stayed in the time to learn from or in the time to test. "
                "A forecast that can be trusted needs {needed} in each.",
                "We cannot say yet: only {n} customers stayed in the time to learn from or in the time to test. "
                "A forecast that can be trusted needs {needed} in each.",
                "n",
                n=said["found"],
                needed=said["needed"],
            )
    return None


def _not_good_enough(said: Mapping[str, Any]) -> Text:
    """Reasons of a test that was not passed."""
    if said["reason"] == "no_better":
        return text(
            "No method beat the simplest one in the test. Look at who has been silent longest: of 100 pairs, one who "
            "left and one who stayed, that ranks {right} rightly.",
            right=counted(100 * said["baseline_auc"]),
        )
    return text(
        "In the test the best method ranked customers no better than chance may do, so we show no forecast. "
        "It may take longer to learn, or leaving may not show in purchases."
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
            TableColumn(name="expected", type=Type.INT, label=text("Expected to leave"), unit="customers"),
            TableColumn(name="left", type=Type.INT, label=text("Left"), unit="customers"),
            TableColumn(
                name="miss", type=Type.SHARE, label=text("Mean distance between said and seen"), unit="distance"
            ),
            TableColumn(name="log_loss", type=Type.NUMBER, label=text("Log loss")),
            TableColumn(name="profit", type=Type.NUMBER, label=text("Expected maximum profit, a customer")),
        ),
        rows=tuple(
            (
                _METHODS[name],
                round(100 * found.tested(name, "auc")),
                round(found.tested(name, "expected")),
                round(found.tested(name, "left")),
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
        low, high = found.ends(f"left_share_{tenth:02}")
        said = found.tested(found.candidate, f"expected_share_{tenth:02}")
        rows.append((said, found.tested(found.candidate, f"left_share_{tenth:02}"), low, high))
    told = min(rows, key=lambda row: abs(row[0] - 0.5))  # where least is plain beforehand
    return Chart(
        mark=Mark.POINT,
        title=text(
            "Where we said {said}, {came} left.",
            said=Amount(told[0], "share", digits=0),
            came=Amount(told[1], "share", digits=0),
        ),
        subtitle=text("Each dot: a tenth of the customers; bar: 95% interval; dashed: perfect"),
        data=Table(
            columns=(
                TableColumn(name="said", type=Type.SHARE, label=text("Chance we gave")),
                TableColumn(name="left", type=Type.SHARE, label=text("Share that left")),
                TableColumn(name="low", type=Type.SHARE, label=text("At least")),
                TableColumn(name="high", type=Type.SHARE, label=text("At most")),
            ),
            rows=tuple(rows),
            caption=text("What was said and what came, by tenth of customers"),
        ),
        x="said",
        y="left",
        interval=("low", "high"),
        diagonal=text("Perfect"),
    )
