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
        Column(
            name="contains_budgets",
            type=Type.BOOL,
            required=True,
            description="Whether its amounts contain what campaigns, their contacts and bought lists cost.",
        ),
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

COST_POOL_MONTH = Contract(
    name="cost_pool_month",
    description="What each pool of costs comes to in each month, and the rule by which it is shared out then.",
    key=("pool", "month"),
    columns=(
        Column(name="pool", required=True, description="The name of the cost."),
        Column(name="month", type=Type.DATE, required=True, description="First day of the month."),
        Column(
            name="whole",
            type=Type.MONEY,
            unit="currency",
            required=True,
            description="What it came to, as declared or delivered.",
        ),
        Column(
            name="counted_apart",
            type=Type.MONEY,
            unit="currency",
            required=True,
            description="What of it campaigns, their contacts and bought lists cost, which counts by itself.",
        ),
        Column(
            name="amount",
            type=Type.MONEY,
            unit="currency",
            required=True,
            description="What is shared out: the whole less what is counted apart.",
        ),
        Column(
            name="cost_line",
            required=True,
            choices=COST_LINES,
            description="Where it stands in the account of a customer.",
        ),
        Column(name="driver", required=True, description="What it is shared out by; none: it stays unallocated."),
        Column(name="channel", description="Only what happened on this channel drives it; null: on any."),
        Column(
            name="contains_budgets",
            type=Type.BOOL,
            required=True,
            description="Whether the whole contains what campaigns, their contacts and bought lists cost.",
        ),
        Column(name="version", required=True, description="Of the rule it is shared out by."),
    ),
)

_PLACED = (
    Column(name="pool", required=True, description="The name of the cost."),
    Column(name="happened_on", type=Type.DATE, required=True, description="First day of its month."),
    Column(
        name="place",
        type=Type.INT,
        required=True,
        description="Its place among the cuts of the amount, from 1; 0 where nobody got it.",
    ),
)
_WHO = Column(name="customer_id", type=Type.INT, description="Who got it; null: nobody that is known.")
_LINE = Column(
    name="cost_line", required=True, choices=COST_LINES, description="Where it stands in the account of a customer."
)
_UNITS = Column(name="units", type=Type.NUMBER, description="How much of the driver they have; null: none.")
_RULE = (
    Column(name="driver", required=True, description="What it was shared out by."),
    Column(name="version", required=True, description="Of the rule it was shared out by."),
)
ACQUISITION_COST = Contract(
    name="acquisition_cost",
    description="What campaigns and bought lists cost, and who bought by them, in which month.",
    key=("pool", "happened_on", "place"),
    columns=(
        *_PLACED,
        _WHO,
        _LINE,
        _UNITS,
        Column(
            name="pool_amount",
            type=Type.MONEY,
            unit="currency",
            required=True,
            description="What the whole campaign or list cost, the same in all its rows.",
        ),
        Column(name="begun_on", type=Type.DATE, description="When it began; unknown: the day of the latest order."),
        *_RULE,
    ),
)
ALLOCATED_COST = Contract(
    name="allocated_cost",
    description="What each customer gets of each pool of costs in each month, and what nobody gets.",
    key=("pool", "happened_on", "place"),
    columns=(
        *_PLACED,
        Column(name="allocation", required=True, choices=ALLOCATIONS, description="Who got it, or why nobody."),
        _WHO,
        _LINE,
        Column(name="amount", type=Type.MONEY, unit="currency", required=True, description="What they got of it."),
        _RULE[0],
        _UNITS,
        _RULE[1],
    ),
)

_BY_THEM = ("campaign.budget", "contact.cost", "contact_list.cost", "order_line.campaign_id", "customer_record.list_id")
_DRIVEN_BY = (
    *("cost_pool.amount", "cost_pool.driver", "order_line.order_id", "order_line.kind", "order_line.net_revenue"),
    *("order_line.quantity", "interaction.started_at", "interaction.kind", "service_case.opened_at"),
    *("service_case.handling_minutes", "contact.sent_at", *_BY_THEM),
)
RESTS_ON: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {f"allocated_cost.{name}": _DRIVEN_BY for name in ("amount", "units")}
    | {f"acquisition_cost.{name}": (*_BY_THEM, "order_line.order_id") for name in ("pool_amount", "units")}
    | {f"{table}.{name}": ("cost_pool.amount",) for table, name in (("cost_figure", "amount"),)}
    | {"cost_pool_month.whole": ("cost_pool.amount",)}
    | {f"cost_pool_month.{name}": ("cost_pool.amount", *_BY_THEM[:3]) for name in ("counted_apart", "amount")}
)
"""As `clientela.contracts.derived.pages.RESTS_ON`."""
