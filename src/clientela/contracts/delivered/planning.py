"""Contracts about plans and surroundings: territories, targets, cost pools, markets, exchange rates."""

from __future__ import annotations

from clientela.contracts.schema import Column, Contract, Kind, Type

TERRITORY = Contract(
    name="territory",
    description="A part of the market that someone answers for.",
    key=("territory_id",),
    kind=Kind.REFERENCE,
    columns=(
        Column(name="territory_id", required=True, description="The company's number of the territory."),
        Column(name="name", description="What people call it."),
        Column(name="level", choices=("district", "region", "nation"), description="How wide it is."),
        Column(name="parent_id", description="The territory it is part of."),
    ),
)

TARGET = Contract(
    name="target",
    description="What is planned or budgeted for a territory and a period.",
    key=("measure", "territory_id", "period"),
    kind=Kind.REFERENCE,
    columns=(
        Column(name="measure", required=True, description="The measure the target is set on."),
        Column(name="territory_id", required=True, description="The territory it is set for."),
        Column(name="period", type=Type.DATE, required=True, description="First day of the period."),
        Column(name="value", type=Type.NUMBER, description="The value to reach, in the measure's unit."),
        Column(name="owner_id", description="Who answers for it."),
    ),
)

COST_POOL = Contract(
    name="cost_pool",
    description="A cost of a period that is shared out over customers by what drives it.",
    key=("pool", "period"),
    kind=Kind.REFERENCE,
    columns=(
        Column(name="pool", required=True, description="The name of the cost."),
        Column(name="period", type=Type.DATE, required=True, description="First day of the period."),
        Column(name="amount", type=Type.MONEY, unit="currency", description="What it came to."),
        Column(
            name="driver",
            choices=("orders", "lines", "minutes", "contacts", "visits", "revenue"),
            description="What it is shared out by.",
        ),
    ),
)

MARKET = Contract(
    name="market",
    description="How large a market is; its source is the source that delivered it.",
    key=("territory_id", "sector", "period"),
    kind=Kind.REFERENCE,
    columns=(
        Column(name="territory_id", required=True, description="The territory."),
        Column(name="sector", required=True, description="The economic sector."),
        Column(name="period", type=Type.DATE, required=True, description="First day of the period."),
        Column(name="population", type=Type.INT, unit="people", description="How many could buy."),
        Column(name="market_size", type=Type.MONEY, unit="currency", description="What they spend with anyone."),
        Column(name="competitor_share", type=Type.SHARE, description="The part of it competitors hold."),
    ),
)

EXCHANGE_RATE = Contract(
    name="exchange_rate",
    description="What one unit of a currency is worth in the company's on a day.",
    key=("currency", "on"),
    kind=Kind.REFERENCE,
    columns=(
        Column(name="currency", required=True, description="The currency as an ISO 4217 code."),
        Column(name="on", type=Type.DATE, required=True, description="The day the rate holds for."),
        Column(name="rate", type=Type.NUMBER, description="Units of the company's currency for one of it."),
    ),
)
