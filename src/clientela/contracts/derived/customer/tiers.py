"""In whom to invest: what the tiers are made of, and the tier of each customer."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clientela.contracts.derived.customer.services import WORTH_RESTS_ON
from clientela.contracts.schema import Column, Contract, Type

_AS_OF = Column(name="as_of", type=Type.DATE, required=True, description="The date it looks from.")
_CUSTOMER = Column(name="customer_id", type=Type.INT, required=True, description="The customer.")
_WORTH = "Margin (or revenue) they are expected to bring, by orders and contracts"
_CHANCE = "Chance that they leave within the horizon: buy nothing, and end their contracts, by what each brings"


def _number(name: str, description: str, unit: str | None = None, *, required: bool = True) -> Column:
    return Column(name=name, type=Type.NUMBER, unit=unit, required=required, description=description)


def _money(name: str, description: str) -> Column:
    return _number(name, description, "currency")


TIER_INPUT = Contract(
    name="tier_input",
    description="What each customer is expected to bring, and how likely they are to leave, with the range of both.",
    key=("customer_id", "as_of"),
    columns=(
        _CUSTOMER,
        _AS_OF,
        _money("worth", f"{_WORTH}."),
        _money("worth_low", "Lower end of its range."),
        _money("worth_high", "Upper end of its range."),
        _number("chance", f"{_CHANCE}.", "probability"),
        _number("chance_low", "Lower end of its interval.", "probability"),
        _number("chance_high", "Upper end of its interval.", "probability"),
    ),
)

TIERS = ("tier:invest", "tier:maintain", "tier:do-not-invest")

CUSTOMER_TIER = Contract(
    name="customer_tier",
    description="Whether to invest in each customer, what is at stake with them, and what would change the tier.",
    key=("customer_id", "as_of"),
    columns=(
        _CUSTOMER,
        _AS_OF,
        Column(
            name="tier",
            required=True,
            choices=TIERS,
            description="Whether an extra action pays, the usual attention does, or neither; service is the same.",
        ),
        _money("worth", f"{_WORTH}."),
        _number("chance", f"{_CHANCE}.", "probability"),
        _money("at_stake", "The one times the other: what goes if nothing is done, on average."),
        _money("at_stake_low", "Lower end of its range."),
        _money("at_stake_high", "Upper end of its range."),
        _money("gain", "What an action may earn: worth times the share of it that an action is assumed to change."),
        _money("gain_low", "Lower end of its range."),
        _money("gain_high", "Upper end of its range."),
        Column(
            name="is_sure", type=Type.BOOL, required=True, description="Whether the whole range of gain gives the tier."
        ),
        Column(
            name="flip_by",
            choices=("worth", "chance"),
            description="The input whose smallest change gives another tier; null: no change of one input does.",
        ),
        _number("flip_at", "The value that it must have.", required=False),
        Column(name="flip_to", choices=TIERS, description="The tier it then gives."),
        Column(name="model_version", required=True, description="The inputs and assumptions that gave it."),
    ),
)

_CHURN = ("score.analysis", "score.value")
TIERS_REST_ON: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        f"{contract.name}.{column.name}": (*WORTH_RESTS_ON, *_CHURN)
        for contract in (TIER_INPUT, CUSTOMER_TIER)
        for column in contract.columns
        if column.name not in ("customer_id", "as_of", "model_version")
    }
)
"""What the columns are made of: the tier of a customer tells what they bring, and that is margin."""
