"""What the cube's figures can be seen by: time, product, place, channel, customer, record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import sqlglot
from sqlglot import exp

from clientela.contracts.schema import Type
from clientela.contracts.text import Text, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """A way to divide figures; None is the member of rows where it is unknown.

    ``expression`` is portable SQL over the columns of a fact, or over those of ``lookup`` when it
    is set. ``hierarchy`` and ``level`` say what it rolls up with: 1 is the finest level. ``reads`` are the
    columns, as ``table.column``, that a person must be allowed to see by it; None: those of its expression.
    """

    name: str
    label: Text
    description: Text
    expression: str
    type: Type = Type.TEXT
    lookup: str | None = None
    hierarchy: str
    level: int = 1
    reads: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """A reference table made ready to join: ``sql`` gives one row per ``key``, so a join never fans out.

    ``key`` is its key and the fact's column of the same name, ``table`` the one it is made of.
    """

    name: str
    key: str
    table: str
    sql: str


LOOKUPS: Mapping[str, Lookup] = MappingProxyType(
    {
        each.name: each
        for each in (
            Lookup(
                name="of_product",
                key="product_id",
                table="product",
                sql="""
                select product_id, max(name) as name, max(category) as category,
                    max(subcategory) as subcategory, max(brand) as brand
                from product group by product_id
                """,
            ),
            Lookup(
                name="of_territory",
                key="territory_id",
                table="territory",
                sql="""
                select
                    here.territory_id,
                    max(here.name) as name,
                    max(case when here.level = 'district' then here.name end) as district,
                    max(case when here.level = 'region' then here.name
                             when above.level = 'region' then above.name end) as region,
                    max(case when here.level = 'nation' then here.name
                             when above.level = 'nation' then above.name
                             when top.level = 'nation' then top.name end) as nation
                from territory as here
                left join territory as above on above.territory_id = here.parent_id
                left join territory as top on top.territory_id = above.parent_id
                group by here.territory_id
                """,
            ),
            Lookup(
                name="of_campaign",
                key="campaign_id",
                table="campaign",
                sql="select campaign_id, max(name) as name from campaign group by campaign_id",
            ),
        )
    }
)

_TIME = (
    Dimension(
        name="day",
        label=text("Day"),
        description=text("The day it happened, in the company's time zone."),
        expression="day",
        type=Type.DATE,
        hierarchy="time",
        reads=(),
    ),
    Dimension(
        name="week",
        label=text("Week"),
        description=text("The ISO week, named by its Monday."),
        expression="cast(date_trunc('week', day) as date)",
        type=Type.DATE,
        hierarchy="week",
        level=2,
        reads=(),
    ),
    Dimension(
        name="month",
        label=text("Month"),
        description=text("The month, named by its first day."),
        expression="cast(date_trunc('month', day) as date)",
        type=Type.DATE,
        hierarchy="time",
        level=2,
        reads=(),
    ),
    Dimension(
        name="quarter",
        label=text("Quarter"),
        description=text("The quarter, named by its first day."),
        expression="cast(date_trunc('quarter', day) as date)",
        type=Type.DATE,
        hierarchy="time",
        level=3,
        reads=(),
    ),
    Dimension(
        name="year",
        label=text("Year"),
        description=text("The year, named by its first day."),
        expression="cast(date_trunc('year', day) as date)",
        type=Type.DATE,
        hierarchy="time",
        level=4,
        reads=(),
    ),
)

_PRODUCT = (
    Dimension(
        name="product_id",
        label=text("Product number"),
        description=text("The product's key."),
        expression="product_id",
        hierarchy="product",
    ),
    Dimension(
        name="product_name",
        label=text("Product"),
        description=text("The product's name; products of the same name are seen as one."),
        expression="name",
        lookup="of_product",
        hierarchy="product",
        level=2,
    ),
    Dimension(
        name="subcategory",
        label=text("Subcategory"),
        description=text("The product's subcategory."),
        expression="subcategory",
        lookup="of_product",
        hierarchy="product",
        level=3,
    ),
    Dimension(
        name="category",
        label=text("Category"),
        description=text("The product's category."),
        expression="category",
        lookup="of_product",
        hierarchy="product",
        level=4,
    ),
    Dimension(
        name="brand",
        label=text("Brand"),
        description=text("The product's brand."),
        expression="brand",
        lookup="of_product",
        hierarchy="brand",
        level=3,
    ),
)

_PLACE = (
    Dimension(
        name="territory_id",
        label=text("Territory number"),
        description=text("The territory's key."),
        expression="territory_id",
        hierarchy="territory",
    ),
    Dimension(
        name="territory",
        label=text("Territory"),
        description=text("The territory's name, at whichever level the line names it."),
        expression="name",
        lookup="of_territory",
        hierarchy="territory",
        level=2,
    ),
    Dimension(
        name="district",
        label=text("District"),
        description=text("The district's name; unknown where the line names a wider territory."),
        expression="district",
        lookup="of_territory",
        hierarchy="territory",
        level=3,
        reads=("territory.name",),
    ),
    Dimension(
        name="region",
        label=text("Region"),
        description=text("The name of the region the territory is, or lies in."),
        expression="region",
        lookup="of_territory",
        hierarchy="territory",
        level=4,
        reads=("territory.name",),
    ),
    Dimension(
        name="nation",
        label=text("Nation"),
        description=text("The name of the nation the territory is, or lies in."),
        expression="nation",
        lookup="of_territory",
        hierarchy="territory",
        level=5,
        reads=("territory.name",),
    ),
)

_LINE = (
    Dimension(
        name="channel",
        label=text("Channel"),
        description=text("Where it was bought."),
        expression="channel",
        hierarchy="channel",
    ),
    Dimension(
        name="kind",
        label=text("Kind of line"),
        description=text("Sale, return, cancellation, shipping or fee."),
        expression="kind",
        hierarchy="kind",
    ),
    Dimension(
        name="payment_method",
        label=text("Payment method"),
        description=text("How it was paid."),
        expression="payment_method",
        hierarchy="payment_method",
    ),
    Dimension(
        name="campaign_id",
        label=text("Campaign number"),
        description=text("The key of the campaign the line names."),
        expression="campaign_id",
        hierarchy="campaign",
    ),
    Dimension(
        name="campaign",
        label=text("Campaign"),
        description=text("The name of the campaign the line names."),
        expression="name",
        lookup="of_campaign",
        hierarchy="campaign",
        level=2,
    ),
    Dimension(
        name="source",
        label=text("Source"),
        description=text("The system that delivered it."),
        expression="source",
        hierarchy="source",
    ),
    Dimension(
        name="customer",
        label=text("Customer"),
        description=text("The customer, by number; unknown for a sale without one."),
        expression="customer_id",
        type=Type.INT,
        hierarchy="customer",
        reads=("customer.customer_id",),
    ),
)

_RECORD = (
    Dimension(
        name="customer_kind",
        label=text("Kind of customer"),
        description=text("Person or organisation; unknown where no record says."),
        expression="customer_kind",
        hierarchy="customer_kind",
        reads=("customer.kind",),
    ),
    Dimension(
        name="records_each",
        label=text("Records each"),
        description=text("How many records the customer has; 4 stands for four or more."),
        expression="least(records, 4)",
        type=Type.INT,
        hierarchy="records_each",
        reads=("customer.records",),
    ),
    Dimension(
        name="systems",
        label=text("Known to"),
        description=text("The systems that know the customer."),
        expression="systems",
        hierarchy="systems",
        reads=("identity.source",),
    ),
    Dimension(
        name="system_pair",
        label=text("Between"),
        description=text("The systems of the two records; one name alone where both are of one system."),
        expression="system_pair",
        hierarchy="system_pair",
        reads=("identity.source",),
    ),
    Dimension(
        name="found_by",
        label=text("Found by"),
        description=text("Who or what found that the record is the same customer: a rule, the model or a person."),
        expression="found_by",
        hierarchy="found_by",
        reads=("identity.match_probability",),
    ),
    Dimension(
        name="field",
        label=text("Field"),
        description=text("The field of the records."),
        expression="field",
        hierarchy="field",
        reads=("record_field.field",),
    ),
)


@cache
def _tree(expression: str) -> exp.Expr:
    return sqlglot.parse_one(expression, dialect="duckdb")


def parsed(expression: str) -> exp.Expr:
    """The tree of a declared piece of SQL, the caller's to change."""
    return _tree(expression).copy()


LINE: frozenset[str] = frozenset(each.name for each in (*_TIME, *_PRODUCT, *_PLACE, *_LINE))
DIMENSIONS: Mapping[str, Dimension] = MappingProxyType(
    {each.name: each for each in (*_TIME, *_PRODUCT, *_PLACE, *_LINE, *_RECORD)}
)
TIME: frozenset[str] = frozenset(each.name for each in _TIME)
