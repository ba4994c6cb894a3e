"""What customers cost beside the goods: the rules by which costs are shared out, and what each customer gets."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clientela.contracts.schema import Column, Contract, Type

COST_LINES = ("payment", "delivery", "service", "contact", "acquisition", "other")
SHARED, NOBODY, NO_DRIVER, NO_UNITS = "shared out", "no customer known", "no driver", "nothing to share by"
ALLOCATIONS = (SHARED, NOBODY, NO_DRIVER, NO_UNITS)
DELIVERED_DRIVERS = ("orders", "lines", "minutes", "contacts", "visits", "revenue")

COST_RULE = Contract(
    name="cost_rule",
    description="By what each declared pool of costs is shared out, and from which month to which.",
    key=("pool", "since"),
    columns=(
        Column(name="pool", required=True, description="The name of the cost."),
        Column(name="since", type=Type.DATE, required=True, description="The first month in which it holds."),
        Column(name="until", type=Type.DATE, description="The first month in which it no longer does; null: it does."),
        Column(
            name="cost_line",
            required=True,
            choices=COST_LINES,
            description="Where it stands in the account of a customer.",
        ),
        Column(name="driver", required=True, description="What it is shared out by; none: it stays unallocated."),
        Column(name="channel", description="Only what happened on this channel drives it; null: on any."),
        Column(name="months", type=Type.INT, unit="months", description="How long a delivered amount lasts."),
        Column(name="version", required=True, description="Eight hex digits of what the rule says."),
    ),
)

COST_FIGURE = Contract(
    name="cost_figure",
    description="The amounts of declared pools of costs, by month; that of a year is cut into its months to the cent.",
    key=("pool", "month"),
    columns=(
        Column(name="pool", required=True, description="The name of the cost."),
        Column(name="month", type=Type.DATE, required=True, description="First day of the month."),
        Column(name="amount", type=Type.MONEY, unit="currency", required=True, description="What it came to."),
    ),
)

COST_MONTH = Contract(
    name="cost_month",
    description="The months that amounts of costs are cut into.",
    key=("number",),
    columns=(
        Column(name="number", type=Type.INT, required=True, description="Twelve times the year, and the month less 1."),
        Column(name="month", type=Type.DATE, required=True, description="Its first day."),
    ),
)

_SHARE = (
    Column(name="pool", required=True, description="The name of the cost."),
    Column(name="happened_on", type=Type.DATE, required=True, description="First day of its month."),
    Column(
        name="place",
        type=Type.INT,
        required=True,
        description="Its place among the cuts of the amount, from 1; 0 where nobody got it.",
    ),
    Column(name="allocation", required=True, choices=ALLOCATIONS, description="Who got it, or why nobody."),
    Column(name="customer_id", type=Type.INT, description="Who got it; null: nobody that is known."),
    Column(
        name="cost_line",
        required=True,
        choices=COST_LINES,
        description="Where it stands in the account of a customer.",
    ),
    Column(name="amount", type=Type.MONEY, unit="currency", required=True, description="What they got of it."),
    Column(name="driver", required=True, description="What it was shared out by."),
    Column(name="units", type=Type.NUMBER, description="How much of the driver they have; null: none."),
    Column(name="version", required=True, description="Of the rule it was shared out by."),
)
ACQUISITION_COST = Contract(
    name="acquisition_cost",
    description="What campaigns and bought lists cost, laid on those who bought by them, and what nobody gets.",
    key=("pool", "happened_on", "place"),
    columns=_SHARE,
)
ALLOCATED_COST = Contract(
    name="allocated_cost",
    description="What each customer gets of each pool of costs in each month, and what nobody gets.",
    key=("pool", "happened_on", "place"),
    columns=_SHARE,
)

_BY_THEM = ("campaign.budget", "contact.cost", "contact_list.cost", "order_line.campaign_id", "customer_record.list_id")
_DRIVEN_BY = (
    *("cost_pool.amount", "cost_pool.driver", "order_line.order_id", "order_line.kind", "order_line.net_revenue"),
    *("order_line.quantity", "interaction.started_at", "interaction.kind", "service_case.opened_at"),
    *("service_case.handling_minutes", "contact.sent_at", *_BY_THEM),
)
RESTS_ON: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {f"allocated_cost.{name}": _DRIVEN_BY for name in ("amount", "units")}
    | {f"acquisition_cost.{name}": (*_BY_THEM, "order_line.order_id") for name in ("amount", "units")}
    | {f"{table}.{name}": ("cost_pool.amount",) for table, name in (("cost_figure", "amount"),)}
)
"""As `clientela.contracts.derived.pages.RESTS_ON`."""
