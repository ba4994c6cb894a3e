"""How customers behaved up to a date, counted from facts."""

from __future__ import annotations

from clientela.contracts.derived.customer.leaving import REASON_COLUMNS
from clientela.contracts.schema import Column, Contract, Type

CUSTOMER_FEATURE = Contract(
    name="customer_feature",
    description="How each customer who has bought behaved up to a date, from what was known before it.",
    key=("customer_id", "as_of"),
    columns=(
        Column(name="customer_id", type=Type.INT, required=True, description="The customer."),
        Column(name="as_of", type=Type.DATE, required=True, description="The day after the last day looked at."),
        Column(name="first_bought_on", type=Type.DATE, required=True, description="Day of the first purchase."),
        Column(name="last_bought_on", type=Type.DATE, required=True, description="Day of the latest purchase."),
        Column(
            name="repeat_purchases",
            type=Type.INT,
            unit="days",
            required=True,
            description="Days with a purchase, less the first.",
        ),
        Column(
            name="recency_days",
            type=Type.INT,
            unit="days",
            required=True,
            description="Days from the first purchase to the latest.",
        ),
        Column(
            name="age_days",
            type=Type.INT,
            unit="days",
            required=True,
            description="Days from the first purchase to the last day looked at.",
        ),
        Column(
            name="recent_purchases",
            type=Type.INT,
            unit="days",
            required=True,
            description="Days with a purchase within the horizon before the date.",
        ),
        Column(
            name="revenue",
            type=Type.MONEY,
            unit="currency",
            required=True,
            description="Sales, less returns and cancellations.",
        ),
        Column(
            name="recent_revenue",
            type=Type.MONEY,
            unit="currency",
            required=True,
            description="Revenue within the horizon before the date.",
        ),
        Column(
            name="year_revenue",
            type=Type.MONEY,
            unit="currency",
            required=True,
            description="Revenue within the 365 days before the date.",
        ),
        Column(
            name="margin",
            type=Type.MONEY,
            unit="currency",
            description="Revenue less cost, over lines whose cost is known; null when none is.",
        ),
        Column(
            name="revenue_with_cost",
            type=Type.MONEY,
            unit="currency",
            description="The part of the revenue whose cost is known; null when none is.",
        ),
    ),
)

LAPSE = Contract(
    name="lapse",
    description="After how many days without a purchase a customer counts as lost, measured on all gaps; those of each "
    "customer weigh one together.",
    key=("percentile",),
    columns=(
        Column(
            name="percentile",
            type=Type.INT,
            required=True,
            description="The share of the weight of all gaps, in percent.",
        ),
        Column(
            name="lapse_days",
            type=Type.INT,
            unit="days",
            required=True,
            description="The shortest gap that this share of all gaps does not exceed, each customer counted once.",
        ),
        Column(name="gaps", type=Type.INT, required=True, description="Gaps between two purchase days it rests on."),
    ),
)

_HISTORY = (
    Column(name="as_of", type=Type.DATE, required=True, description="The day after the last day looked at."),
    Column(
        name="repeat_purchases",
        type=Type.INT,
        unit="days",
        required=True,
        description="Days with a purchase, less the first.",
    ),
    Column(
        name="recency_days",
        type=Type.INT,
        unit="days",
        required=True,
        description="Days from the first purchase to the latest.",
    ),
    Column(
        name="age_days",
        type=Type.INT,
        unit="days",
        required=True,
        description="Days from the first purchase to the last day looked at.",
    ),
    Column(
        name="recent_purchases",
        type=Type.INT,
        unit="days",
        required=True,
        description="Days with a purchase within the horizon before the date.",
    ),
)

_HISTORY_KEY = tuple(column.name for column in _HISTORY)

CHURN_COUNT = Contract(
    name="churn_count",
    description="How many customers had the same purchase history on a date, and how many then bought nothing.",
    key=_HISTORY_KEY,
    columns=(
        *_HISTORY,
        Column(name="customers", type=Type.INT, unit="customers", required=True, description="Who had this history."),
        Column(
            name="observed",
            type=Type.INT,
            unit="customers",
            required=True,
            description="Those of them whose next horizon is known.",
        ),
        Column(
            name="has_left",
            type=Type.INT,
            unit="customers",
            required=True,
            description="Those of them who bought nothing in it.",
        ),
        Column(
            name="at_stake",
            type=Type.MONEY,
            unit="currency",
            required=True,
            description="Their revenue within the horizon before the date, where positive.",
        ),
        Column(
            name="at_stake_norm",
            type=Type.NUMBER,
            unit="currency",
            required=True,
            description="Square root of the sum of the squares of that revenue.",
        ),
    ),
)

CHURN_CELL = Contract(
    name="churn_cell",
    description="How likely customers of one purchase history are not to buy within the horizon.",
    key=_HISTORY_KEY,
    columns=(
        *_HISTORY,
        Column(name="probability", type=Type.NUMBER, required=True, description="The chance."),
        Column(name="low", type=Type.NUMBER, required=True, description="Lower end of its 95 % interval."),
        Column(name="high", type=Type.NUMBER, required=True, description="Upper end of its 95 % interval."),
        Column(name="model_version", required=True, description="The model that gave it."),
        *REASON_COLUMNS,
    ),
)

CHURN_REACH = Contract(
    name="churn_reach",
    description="Which part of the expected loss is reached by contacting so many customers, most at stake first.",
    key=("contacted", "as_of"),
    columns=(
        Column(name="contacted", type=Type.INT, unit="customers", required=True, description="Customers contacted."),
        Column(name="as_of", type=Type.DATE, required=True, description="The date it looks from."),
        Column(
            name="expected_loss",
            type=Type.NUMBER,
            unit="currency",
            required=True,
            description="Revenue expected to be lost with them.",
        ),
    ),
)

CUSTOMER_TERRITORY = Contract(
    name="customer_territory",
    description="Where each customer is at home: the territory in which they bought most often.",
    key=("customer_id",),
    columns=(
        Column(name="customer_id", type=Type.INT, required=True, description="The customer."),
        Column(name="territory_id", required=True, description="The territory, at the level that the lines name."),
    ),
)

NEXT_GAP = Contract(
    name="next_gap",
    description="How many customers had the same purchase history and silence on a date, by the days until they bought "
    "next; only dates that can be learned from.",
    key=("as_of", "repeat_purchases", "recency_days", "silent_days", "gap_days"),
    columns=(
        Column(name="as_of", type=Type.DATE, required=True, description="The day after the last day looked at."),
        Column(
            name="repeat_purchases", type=Type.INT, unit="days", required=True, description="Purchase days less one."
        ),
        Column(name="recency_days", type=Type.INT, unit="days", required=True, description="First to latest purchase."),
        Column(
            name="silent_days", type=Type.INT, unit="days", required=True, description="Latest purchase to the date."
        ),
        Column(
            name="gap_days",
            type=Type.INT,
            unit="days",
            required=True,
            description="Latest purchase before the date to the first from it on; 0: none within two horizons.",
        ),
        Column(name="customers", type=Type.INT, unit="customers", required=True, description="Who they are."),
    ),
)

NEXT_STEP = Contract(
    name="next_step",
    description="For how long a customer has been silent, in tenths of the usual gap, when the next order is expected, "
    "in usual gaps.",
    key=("step",),
    columns=(
        Column(name="step", type=Type.INT, required=True, description="Tenths of the usual gap that went by."),
        Column(name="likely", type=Type.NUMBER, required=True, description="As often before as after."),
        Column(name="earliest", type=Type.NUMBER, required=True, description="One in ten order before."),
        Column(name="latest", type=Type.NUMBER, required=True, description="One in ten order after."),
        Column(name="weight", type=Type.NUMBER, required=True, description="Gaps that everybody's mean counts for."),
        Column(
            name="everybodys_gap_days",
            type=Type.NUMBER,
            unit="days",
            required=True,
            description="The mean of all gaps.",
        ),
        Column(name="model_version", required=True, description="The model that gave it."),
    ),
)
