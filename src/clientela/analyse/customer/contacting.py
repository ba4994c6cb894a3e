"""What it earns to contact those who may leave, and which forecast is chosen by it: of customers as of contracts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from clientela.contracts.analysis import Parameter
from clientela.errors import ConfigurationError
from clientela.estimators.arrays import Floats
from clientela.estimators.profit import Profit, as_good

COSTS: Mapping[str, float] = MappingProxyType(
    {"worth_kept": 200.0, "offer_cost": 10.0, "contact_cost": 1.0, "accepting": 6.0, "refusing": 14.0}
)
"""What contacting costs and earns where the company does not say: the values published with the measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """What a candidate's ranking earns, how well it ranks, and how far its chances are off."""

    profit: Profit
    auc: float
    log_loss: float


def costs(parameters: Mapping[str, Parameter], analysis: str) -> dict[str, Any]:
    """The terms of the expected maximum profit, as the company says them for an analysis.

    Raises
    ------
    ConfigurationError
        A cost is below 0, or an offer costs as much as keeping a customer is worth.
    """
    said = {name: float(parameters.get(name, default)) for name, default in COSTS.items()}
    worth, offer, contact, accepting, refusing = said.values()
    if not (0 <= offer < worth and 0 <= contact < worth and accepting > 0 and refusing > 0):
        told = ", ".join(f"{name} = {value:g}" for name, value in said.items())
        raise ConfigurationError(
            f"[analysis.{analysis}] says {told}; an offer and a contact must cost 0 or more and less than "
            "'worth_kept', and 'accepting' and 'refusing' must be above 0."
        )
    return {"value": worth, "offer": offer, "contact": contact, "accepting": (accepting, refusing)}


def chosen(tried: Mapping[str, Earned], baseline: str, observed: Floats, left: Floats) -> str:
    """Of those who rank better than the baseline and are less far off, one with which contacting earns most.

    Where chance alone may make the difference to the most, they are as good: of these the one with the smallest log
    loss. The baseline where none is better.

    Parameters
    ----------
    observed, left : (n,)
        How many of each kind were followed, and how many of them left.
    """
    simplest = tried[baseline]
    better = {
        name: each for name, each in tried.items() if each.auc > simplest.auc and each.log_loss < simplest.log_loss
    }
    if not better:
        return baseline
    most = max(better.values(), key=lambda each: each.profit.expected).profit
    near = [name for name, each in better.items() if as_good(most, each.profit, observed, left)]
    return min(near, key=lambda name: better[name].log_loss)
