"""How tiers are called, and what would change one, in words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clientela.contracts.text import Amount, Text, Value, text

NAMES: Mapping[str, Text] = MappingProxyType(
    {
        "tier:invest": text("Invest"),
        "tier:maintain": text("Maintain"),
        "tier:do-not-invest": text("Do not invest"),
    }
)
SHORT: Mapping[str, str] = MappingProxyType(
    {"invest": "tier:invest", "maintain": "tier:maintain", "do-not-invest": "tier:do-not-invest"}
)
"""What a tier is called when it is asked for."""
NOTHING_CHANGES_IT = text("No change of one figure alone")


def what_changes_it(by: Value, at: Value, to: Value, currency: str, *, margin: bool) -> Text:
    """The smallest change that gives another tier, in words; as exact as it must be to give it."""
    if by is None or at is None or to is None:
        return NOTHING_CHANGES_IT
    tier = NAMES[str(to)]
    value = float(str(at))
    if str(by) == "chance":
        return text(
            "“{tier}”, if the chance of leaving were {chance}", tier=tier, chance=Amount(value, "share", digits=1)
        )
    worth = Amount(value, "money", currency, digits=2)
    if margin:
        return text("“{tier}”, if they were to bring {worth} of margin", tier=tier, worth=worth)
    return text("“{tier}”, if they were to bring {worth} of revenue", tier=tier, worth=worth)
