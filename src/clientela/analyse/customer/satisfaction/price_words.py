"""How far prices move satisfied and dissatisfied customers, in words; or why that is not told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clientela.contracts.text import Amount, Text, ntext, text


def moved(said: Mapping[str, Any]) -> tuple[Text, ...]:
    """How far prices move the satisfied and the dissatisfied, where that could be told.

    Parameters
    ----------
    said : what the fit stored as parameters
    """
    prices = said.get("prices", {})  # a run of an earlier version did not look
    if "products" not in prices:
        return ()
    one, other = prices["satisfied"], prices["dissatisfied"]
    ends = {key: per_cent(one[key]) for key in ("low", "high")}
    return (
        ntext(
            "When the price of a product rises by 1%, the pieces of it that satisfied customers buy change by "
            "{satisfied} ({low} to {high}), those that dissatisfied ones buy by {dissatisfied} ({least} to {most}); "
            "seen at {n} product whose price changed.",
            "When the price of a product rises by 1%, the pieces of it that satisfied customers buy change by "
            "{satisfied} ({low} to {high}), those that dissatisfied ones buy by {dissatisfied} ({least} to {most}); "
            "seen at {n} products whose price changed.",
            "n",
            n=prices["products"],
            satisfied=per_cent(one["value"]),
            dissatisfied=per_cent(other["value"]),
            least=per_cent(other["low"]),
            most=per_cent(other["high"]),
            **ends,
        ),
        *_unclear(one, other),
    )


def _unclear(one: Mapping[str, float], other: Mapping[str, float]) -> tuple[Text, ...]:
    """That so few prices and pieces show nothing yet, where neither range leaves out no change."""
    if any(each["low"] > 0 or each["high"] < 0 for each in (one, other)):
        return ()
    return (text("Both ranges hold 0: whether prices move either of them cannot be told from these sales."),)


def unmoved(said: Mapping[str, Any]) -> tuple[Text, ...]:
    """Why it is not told how far prices move them; nothing where it is.

    Parameters
    ----------
    said : what the fit stored as parameters
    """
    prices = said.get("prices", {})
    if "reason" not in prices:
        return ()
    if prices["reason"] == "products":
        return (
            ntext(
                "How far prices move them is not told: {n} product whose price changed was bought by both; it takes "
                "{needed}.",
                "How far prices move them is not told: {n} products whose price changed were bought by both; it takes "
                "{needed}.",
                "n",
                n=prices["found"],
                needed=prices["needed"],
            ),
        )
    return (
        ntext(
            "How far prices move them is not told: of products whose price changed, one of the two bought only {n} "
            "line; it takes {needed}.",
            "How far prices move them is not told: of products whose price changed, one of the two bought only {n} "
            "lines; it takes {needed}.",
            "n",
            n=prices["found"],
            needed=prices["needed"],
        ),
    )


def per_cent(elasticity: float) -> Amount:
    """An elasticity as the part by which the pieces change when the price rises by one in a hundred."""
    return Amount(elasticity / 100, "share", digits=1)
