"""What a run stored of a forecast and of its test, read: the same for all that foretell something of customers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

from clientela.contracts.analysis import BackTest
from clientela.contracts.text import Amount, Period, Text, Value, ntext, text

TENTHS = range(1, 11)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """The winner's row of ``model`` for a date, and the figures of the newest test.

    Parameters
    ----------
    said : what the fit stored as parameters
    origin : the first day of the newest test
    results : rows of ``backtest`` of that test, by candidate and metric
    """

    candidate: str
    version: str
    said: Mapping[str, Any]
    origin: date
    results: Mapping[tuple[str, str], Mapping[str, Value]]

    @classmethod
    def read(cls, test: BackTest, as_of: date) -> Self | None:
        """What the run foretold as of that date; None when it foretold nothing."""
        winner = next((row for row in test.models if row["winner"] and row["as_of"] == as_of), None)
        if winner is None:
            return None
        newest = max(row["origin"] for row in test.results if isinstance(row["origin"], date))
        of_newest = [row for row in test.results if row["origin"] == newest]
        return cls(
            candidate=str(winner["candidate"]),
            version=str(winner["version"]),
            said=json.loads(str(winner["parameters"])),
            origin=newest,
            results={(str(row["candidate"]), str(row["metric"])): row for row in of_newest},
        )

    @property
    def horizon_days(self) -> int:
        """How far it looks."""
        return int(self.said["horizon_days"])

    @property
    def tested_in(self) -> Period:
        """The days of the test."""
        return Period(self.origin, self.origin + timedelta(days=self.horizon_days - 1))

    def tested(self, candidate: str, metric: str) -> float:
        """A figure of the test; NaN where it is undefined."""
        value = self.results[candidate, metric]["value"]
        return float("nan") if value is None else float(str(value))

    def ends(self, metric: str) -> tuple[float, float]:
        """The 95 % interval of a figure of the winner's test."""
        row = self.results[self.candidate, metric]
        return float(str(row["low"])), float(str(row["high"]))

    def rests_on(self, metric: str) -> int:
        """How many customers, or contracts, a figure of the winner's test rests on."""
        return int(str(self.results[self.candidate, metric]["n"]))

    def which(self, metric: str) -> dict[str, Any]:
        """What tells one test of a figure from another: its date, its reach, when it was learned, by which model."""
        return {
            "origin": self.origin,
            "horizon_days": self.horizon_days,
            "fitted_at_origins": str(self.results[self.candidate, metric]["fitted_at_origins"]),
            "model_version": self.version,
        }


def of_none(test: BackTest, as_of: date) -> Mapping[str, Any] | Text:
    """What the fit stored where no method serves; or in words that it did not run as of that date."""
    models = [row for row in test.models if row["as_of"] == as_of and row["candidate"] == "none"]
    return json.loads(str(models[0]["parameters"])) if models else not_made(as_of)


def not_made(as_of: date) -> Text:
    """That nothing was foretold as of a date, and how to have it foretold."""
    return text(
        "No forecast was made as of {date}. To make one, run: {command}",
        date=as_of,
        command=f"clientela run --as-of {as_of.isoformat()}",
    )


def too_short(said: Mapping[str, Any]) -> Text:
    """That the history is too short to learn from one time and be tested on another; or long, but nobody's known.

    Sales of nobody known, or of customers who came lately or bought once, make a history without one to learn from.
    """
    if said["days"] >= said["needed"]:
        return text(
            "We cannot say yet: the history is long enough, but not that of the customers or contracts asked about. "
            "To learn from one time and be tested on another, they must have been followed for {needed}.",
            needed=Amount(said["needed"], "days"),
        )
    return ntext(
        "We cannot say yet: {days} day of history is too short. To learn from one time and be tested on another, it "
        "needs {needed}.",
        "We cannot say yet: {days} days of history are too short. To learn from one time and be tested on another, it "
        "needs {needed}.",
        "days",
        days=said["days"],
        needed=said["needed"],
    )


def counted(value: float) -> Amount:
    """A whole number of something."""
    return Amount(round(value), "count")
