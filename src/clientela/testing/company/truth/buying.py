"""The truth of customers, what they buy and what is to be expected of them."""

from __future__ import annotations

from clientela.contracts.schema import Column, Contract, Kind, Type

MOMENT = "weeks from the beginning"
WHO = Column(name="customer", type=Type.INT, required=True, description="Their place among all customers.")

WORLD = Contract(
    name="world",
    description="The numbers that decide the company, as they stand in `World`, where each has its unit.",
    key=("name",),
    kind=Kind.REFERENCE,
    columns=(
        Column(name="name", required=True, description="The field of `World`."),
        Column(name="value", required=True, description="Its value, as Python writes it."),
    ),
)
CUSTOMER = Contract(
    name="customer",
    description="What makes each person or company buy as they do; everybody once, however many accounts they have.",
    key=("customer",),
    kind=Kind.REFERENCE,
    columns=(
        WHO,
        Column(
            name="joins", type=Type.NUMBER, unit=MOMENT, required=True, description="The moment of the first purchase."
        ),
        Column(
            name="leaves",
            type=Type.NUMBER,
            unit=MOMENT,
            description="The moment after which nothing is bought; empty for who never leaves.",
        ),
        Column(
            name="rate",
            type=Type.NUMBER,
            unit="purchases a usual week",
            required=True,
            description="How often they buy while they are a customer.",
        ),
        Column(name="hazard", type=Type.NUMBER, unit="1 a week", required=True, description="Of leaving."),
        Column(
            name="spend",
            type=Type.NUMBER,
            unit="of what all pay",
            required=True,
            description="What they usually pay for a product.",
        ),
        Column(
            name="elasticity",
            type=Type.NUMBER,
            unit="share a share",
            required=True,
            description="How many more purchases a cut of prices makes, per share taken off.",
        ),
        Column(
            name="responds",
            type=Type.NUMBER,
            unit="share",
            required=True,
            description="How many more purchases they make in the week after a contact, if it is the first in weeks.",
        ),
        Column(
            name="content",
            type=Type.NUMBER,
            unit="standard deviations",
            required=True,
            description="How content they are.",
        ),
        Column(name="online", type=Type.BOOL, required=True, description="Whether a person begins in the web shop."),
        Column(name="company", type=Type.BOOL, required=True, description="Whether it is a company."),
        Column(name="territory_id", required=True, description="The district in which they buy."),
    ),
)
ACCOUNT = Contract(
    name="account",
    description="The accounts: in which system each customer is known, under which number, since when.",
    key=("account",),
    kind=Kind.REFERENCE,
    columns=(
        Column(name="account", type=Type.INT, required=True, description="Its place among all accounts."),
        WHO,
        Column(
            name="system",
            required=True,
            choices=("till", "shop", "office"),
            description="Loyalty cards, the web shop, or the sales office.",
        ),
        Column(name="number", required=True, description="What that system calls it."),
        Column(
            name="since",
            type=Type.NUMBER,
            unit=MOMENT,
            required=True,
            description="The moment from which on they buy under it; beyond the end where they leave before.",
        ),
    ),
)
PRODUCT = Contract(
    name="product",
    description="What the company sells.",
    key=("product",),
    kind=Kind.REFERENCE,
    columns=(
        Column(name="product", type=Type.INT, required=True, description="Its place, the cheapest first."),
        Column(name="list_price", type=Type.INT, unit="cents", required=True, description="Before tax and discount."),
        Column(name="unit_cost", type=Type.INT, unit="cents", required=True, description="What the company pays."),
        Column(name="category", required=True, description="Its category."),
        Column(name="brand", required=True, description="Its brand."),
        Column(name="launched", type=Type.INT, unit="week", required=True, description="The first week it is sold."),
    ),
)
CALENDAR = Contract(
    name="calendar",
    description="What makes each week busier or quieter than a usual one, for all customers.",
    key=("week",),
    kind=Kind.REFERENCE,
    columns=(
        Column(name="week", type=Type.INT, required=True, description="The week, counted from 0."),
        Column(name="begins", type=Type.DATE, required=True, description="Its Monday."),
        Column(
            name="busyness",
            type=Type.NUMBER,
            unit="usual weeks",
            required=True,
            description="The season, Christmas and the shock together.",
        ),
        Column(name="promoted", description="The category that costs less; empty in a usual week."),
        Column(name="cut", type=Type.SHARE, required=True, description="The share of its price that is taken off."),
    ),
)
EXPECTED_VALUE = Contract(
    name="expected_value",
    description="What is to be expected of each customer in the weeks after a Monday, from all that decides it; "
    "a part for each time it was asked for.",
    key=("from_week", "weeks", "customer"),
    columns=(
        Column(name="from_week", type=Type.INT, unit="week", required=True, description="The first week of the time."),
        Column(name="weeks", type=Type.INT, unit="weeks", required=True, description="How long it is."),
        WHO,
        Column(
            name="state",
            required=True,
            choices=("to come", "customer", "left"),
            description="What they really are at its beginning.",
        ),
        Column(
            name="chance",
            type=Type.SHARE,
            description="That they are still a customer, for who knows their habits and purchases and not whether "
            "they have left; empty for who is still to come.",
        ),
        Column(
            name="purchases",
            type=Type.NUMBER,
            required=True,
            description="If they are a customer, or come, which also counts their first.",
        ),
        Column(
            name="revenue",
            type=Type.NUMBER,
            unit="cents",
            required=True,
            description="Of these purchases, less what of them comes back within the time.",
        ),
        Column(
            name="margin",
            type=Type.NUMBER,
            unit="cents",
            required=True,
            description="Of these purchases: revenue less the cost of the goods.",
        ),
        Column(
            name="back_revenue",
            type=Type.INT,
            unit="cents",
            required=True,
            description="Of what was bought before and comes back within the time, left or not; 0 or below.",
        ),
        Column(name="back_margin", type=Type.INT, unit="cents", required=True, description="The same, less its cost."),
    ),
)

TABLES = (WORLD, CUSTOMER, ACCOUNT, PRODUCT, CALENDAR, EXPECTED_VALUE)
