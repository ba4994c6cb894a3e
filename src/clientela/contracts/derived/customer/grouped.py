"""Groups that a run puts customers into by how they behaved, and since when each is in which."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clientela.contracts.schema import Column, Contract, Type

RFM_LIMIT = Contract(
    name="rfm_limit",
    description="Where the company itself draws the lines of recency, frequency and money; null: by fifths.",
    key=("version",),
    columns=(
        Column(name="version", type=Type.INT, required=True, description="1: how the groups are named."),
        Column(
            name="recent_days",
            type=Type.INT,
            unit="days",
            description="Who bought no longer ago than this has bought recently.",
        ),
        Column(
            name="quiet_days",
            type=Type.INT,
            unit="days",
            description="Who bought longer ago than this has gone silent.",
        ),
        Column(
            name="often_purchases",
            type=Type.INT,
            unit="days",
            description="Who bought on so many days or more buys often; half of it is the middle.",
        ),
        Column(
            name="high_revenue",
            type=Type.MONEY,
            unit="currency",
            description="Who spent so much or more spends much; half of it is the middle.",
        ),
    ),
)

RFM = Contract(
    name="rfm",
    description="Each customer who has bought, in fifths by recency, frequency and money, and the group they give.",
    key=("customer_id", "as_of"),
    columns=(
        Column(name="customer_id", type=Type.INT, required=True, description="The customer."),
        Column(name="as_of", type=Type.DATE, required=True, description="The day after the last day looked at."),
        Column(name="days_since", type=Type.INT, unit="days", required=True, description="Days since the purchase."),
        Column(
            name="purchase_days", type=Type.INT, unit="days", required=True, description="Days on which they bought."
        ),
        Column(
            name="revenue",
            type=Type.MONEY,
            unit="currency",
            required=True,
            description="Sales, less returns and cancellations.",
        ),
        Column(name="recency_fifth", type=Type.INT, required=True, description="5: the latest purchases."),
        Column(name="frequency_fifth", type=Type.INT, required=True, description="5: the most purchase days."),
        Column(name="money_fifth", type=Type.INT, required=True, description="5: the most revenue."),
        Column(name="last_bought_on", type=Type.DATE, required=True, description="Day of the latest purchase."),
        Column(name="segment", required=True, description="The group, as 'rfm:champions'."),
    ),
)

FAMILIES = ("rfm", "cluster", "life")


def _turned(when: str) -> tuple[Column, ...]:
    """The columns of what turned a membership."""
    return (
        Column(
            name=f"{when}_because",
            choices=("known", "happened", "changed", "time", "others"),
            required=when == "entered",
            description="What turned it: the customer came to be known, they bought, what they brought changed without "
            "a purchase (returned, cancelled or corrected), time passed, or the others moved whom they are compared "
            "with.",
        ),
        Column(
            name=f"{when}_by",
            description="The figure that turned it: purchase_days, revenue or days_since; null where others moved.",
        ),
        Column(name=f"{when}_was", description="That figure on the date before; of revenue it is not kept."),
        Column(name=f"{when}_is", description="The same on the date of the turn."),
        Column(name=f"{when}_table", description="The table of the fact that turned it."),
        Column(name=f"{when}_on", type=Type.DATE, description="The day of that fact."),
    )


GROUP_MEMBER = Contract(
    name="group_member",
    description="Each time that a customer was in a computed group, from a date until another, and what turned it; "
    "seen at today's date and at the dates one, two, three and four horizons before.",
    key=("family", "customer_id", "valid_from"),
    columns=(
        Column(
            name="family",
            required=True,
            choices=FAMILIES,
            description="By recency, frequency and money; by cluster; by the state in the life of a customer.",
        ),
        Column(name="customer_id", type=Type.INT, required=True, description="The customer."),
        Column(name="segment", required=True, description="The group, such as 'rfm:champions'."),
        Column(name="version", required=True, description="The version of what decides."),
        Column(name="valid_from", type=Type.DATE, required=True, description="The first date looked at in it."),
        Column(name="valid_to", type=Type.DATE, description="The first date no longer in it; null: still in it."),
        *_turned("entered"),
        *_turned("left"),
    ),
)

CLUSTER_SAMPLE = Contract(
    name="cluster_sample",
    description="Customers by chance, with what clusters are made of: at most 20,000 as of the date, at most 4,000 as "
    "of each earlier day on which clusters were found.",
    key=("fitted_on", "customer_id", "as_of"),
    columns=(
        Column(name="fitted_on", type=Type.DATE, required=True, description="The day after the last day counted."),
        Column(name="customer_id", type=Type.INT, required=True, description="The customer."),
        Column(name="as_of", type=Type.DATE, required=True, description="The day after the last day looked at."),
        Column(name="days_since", type=Type.INT, unit="days", required=True, description="Days since the purchase."),
        Column(name="purchase_days", type=Type.INT, unit="days", required=True, description="Days they bought on."),
        Column(
            name="basket", type=Type.NUMBER, unit="currency", required=True, description="Revenue of a purchase day."
        ),
        Column(
            name="age_days", type=Type.INT, unit="days", required=True, description="Days since the first purchase."
        ),
        Column(name="revenue", type=Type.MONEY, unit="currency", required=True, description="Revenue of all time."),
    ),
)

_AXES = ("days_since", "purchase_days", "basket", "age_days")
CLUSTER_CENTRE = Contract(
    name="cluster_centre",
    description="The middle of each cluster, on logarithms cut off at both ends and scaled to one width.",
    key=("cluster",),
    columns=(
        Column(name="cluster", required=True, description="The cluster, as 'cluster:a'."),
        Column(name="model_version", required=True, description="The model that made it."),
        *(
            Column(name=f"{axis}_{what}", type=Type.NUMBER, required=True, description=said.format(axis))
            for axis in _AXES
            for what, said in (
                ("low", "The logarithm below which {} is cut off."),
                ("high", "The logarithm above which {} is cut off."),
                ("middle", "The mean of the logarithm of {}."),
                ("width", "The standard deviation of the logarithm of {}; 0: it is the same for all."),
                ("centre", "Where the cluster lies on {}."),
            )
        ),
    ),
)

CLUSTER_OF = Contract(
    name="cluster_of",
    description="The cluster whose middle each customer who has bought lies nearest to.",
    key=("customer_id", "as_of"),
    columns=(
        Column(name="customer_id", type=Type.INT, required=True, description="The customer."),
        Column(name="as_of", type=Type.DATE, required=True, description="The day after the last day looked at."),
        Column(name="days_since", type=Type.INT, unit="days", required=True, description="Days since the purchase."),
        Column(name="purchase_days", type=Type.INT, unit="days", required=True, description="Days they bought on."),
        Column(name="last_bought_on", type=Type.DATE, required=True, description="Day of the latest purchase."),
        Column(name="segment", required=True, description="The cluster, as 'cluster:a'."),
        Column(name="model_version", required=True, description="The model that decided."),
    ),
)

LIFE_CYCLE = Contract(
    name="life_cycle",
    description="Where each customer stands: known but without a purchase, new, active, lapsing, lost or won back.",
    key=("customer_id", "as_of"),
    columns=(
        Column(name="customer_id", type=Type.INT, required=True, description="The customer."),
        Column(name="as_of", type=Type.DATE, required=True, description="The day after the last day looked at."),
        Column(name="days_since", type=Type.INT, unit="days", description="Days since the purchase, if there was one."),
        Column(name="purchase_days", type=Type.INT, unit="days", required=True, description="Days they bought on."),
        Column(name="last_bought_on", type=Type.DATE, description="Day of the latest purchase."),
        Column(
            name="segment",
            required=True,
            choices=(
                "life:competitors",
                "life:qualified",
                "life:prospect",
                "life:new",
                "life:active",
                "life:lapsing",
                "life:lost",
                "life:won-back",
            ),
            description="The state.",
        ),
    ),
)

LIFE_MOVE = Contract(
    name="life_move",
    description="How many customers went from one state to another from one date that is looked from to the next.",
    key=("as_of", "from_segment", "to_segment"),
    columns=(
        Column(name="as_of", type=Type.DATE, required=True, description="The later date."),
        Column(name="from_segment", required=True, description="The state at the date before."),
        Column(name="to_segment", required=True, description="The state at the later date."),
        Column(name="customers", type=Type.INT, unit="customers", required=True, description="Who went so."),
        Column(
            name="recent_revenue",
            type=Type.MONEY,
            unit="currency",
            required=True,
            description="Their revenue between the dates.",
        ),
    ),
)

_REVENUE = ("order_line.net_revenue", "order_line.kind")
_OF_MONEY = (
    *(f"rfm.{name}" for name in ("revenue", "money_fifth", "segment")),
    *("cluster_sample.basket", "cluster_sample.revenue", "cluster_of.segment", "life_move.recent_revenue"),
    "group_member.segment",
)
GROUPED_ON: Mapping[str, tuple[str, ...]] = MappingProxyType(dict.fromkeys(_OF_MONEY, _REVENUE))
"""What a column is made of, as ``table.column``."""
