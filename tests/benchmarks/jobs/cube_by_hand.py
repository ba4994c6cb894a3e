"""The questions as somebody who knows the tables would write them: each with its total, and the same filter of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

LINES = """
    select *, kind in ('sale', 'return', 'cancellation') as revenue
    from order_line
    where happened_on < cast($as_of as date) and known_from < cast($known_at as timestamp)
        and (known_until is null or known_until >= cast($known_at as timestamp))
"""
WITHIN = """
        and (
            territory_id in (select unnest($territories))
            or (territory_id is null and customer_id in (
                select customer_id from customer_territory where territory_id in (select unnest($territories))))
            or customer_id in (select unnest($customers))
        )
"""
REGION = """
    select here.territory_id, case when here.level = 'region' then here.name else above.name end as region
    from territory as here left join territory as above on above.territory_id = here.parent_id
"""
_REVENUE = "coalesce(sum(net_revenue) filter (where revenue), 0) as figure"
_MARGIN = "sum(net_revenue - cost_of_goods) filter (where revenue) as margin"
_WITH_COST = "sum(net_revenue) filter (where revenue and cost_of_goods is not null) as with_cost"
_CUSTOMERS = "count(distinct customer_id) filter (where kind = 'sale') as customers"
_ORDERS = "count(distinct (line.source, order_id)) filter (where kind = 'sale') as orders"
_MONTH = "cast(date_trunc('month', happened_on) as date) as month"
_YEAR = "date_trunc('year', happened_on) = date '2024-01-01'"


def _by(figures: str, members: str, levels: str, where: str = "true", joins: str = "") -> str:
    return (
        f"select {members}, {figures} from ({{line}}) as line {joins} where {where} "  # noqa: S608 - of constants
        f"group by grouping sets (({levels}), ()) order by grouping({levels.split(',', maxsplit=1)[0]}) desc, {levels}"
    )


_PRODUCT = "left join product using (product_id)"
_PLACE = "left join ({region}) as place on place.territory_id = line.territory_id"
_TOP = _by(_REVENUE, "name", "name", joins=_PRODUCT).split(" order by ")[0] + " order by figure desc limit 21"
_OTHERS = (
    f"select {_REVENUE} from ({{line}}) as line {_PRODUCT} "  # noqa: S608 - of constants
    f"where name not in (select name from ({_TOP}) where name is not null)"
)
BY_HAND: Mapping[str, Sequence[str]] = {
    "revenue": (f"select {_REVENUE} from ({{line}})",),  # noqa: S608 - of constants
    "revenue by month": (_by(_REVENUE, _MONTH, "month"),),
    "revenue by region": (_by(_REVENUE, "region", "region", joins=_PLACE),),
    "revenue by region and month of a year": (_by(_REVENUE, f"region, {_MONTH}", "region, month", _YEAR, _PLACE),),
    "margin by category and quarter": (
        _by(
            f"{_MARGIN}, {_WITH_COST}",
            "category, cast(date_trunc('quarter', happened_on) as date) as quarter",
            "category, quarter",
            joins=_PRODUCT,
        ),
    ),
    "revenue and margin by channel of late months": (
        _by(f"{_REVENUE}, {_MARGIN}", "channel", "channel", "happened_on >= date '2024-07-01'"),
    ),
    "returns by category": (
        _by(
            "-sum(net_revenue) filter (where kind = 'return') as given_back, "
            "sum(net_revenue) filter (where kind = 'sale') as sold",
            "category",
            "category",
            joins=_PRODUCT,
        ),
    ),
    "revenue by week on the web": (
        _by(_REVENUE, "cast(date_trunc('week', happened_on) as date) as week", "week", "channel = 'web'"),
    ),
    "discounts by brand": (
        _by(
            "sum(discount) filter (where revenue) as given, "
            "sum(net_revenue + discount) filter (where revenue) as before",
            "brand",
            "brand",
            joins=_PRODUCT,
        ),
    ),
    "revenue by month beside last year": (_by(_REVENUE, _MONTH, "month"),),
    "twenty largest products and the rest": (_TOP, _OTHERS),
    "revenue by category as shares": (_by(_REVENUE, "category", "category", joins=_PRODUCT),),
    "running revenue by month": (_by(_REVENUE, _MONTH, "month"),),
    "quantity by subcategory in one region": (
        _by(
            f"sum(quantity) filter (where revenue) as quantity, {_REVENUE}",
            "subcategory",
            "subcategory",
            "region = 'Region 3'",
            f"{_PRODUCT} {_PLACE}",
        ),
    ),
    "new customers by month": (
        "select cast(date_trunc('month', first) as date) as month, count(*) from (select customer_id, "
        "min(happened_on) as first from ({line}) where kind = 'sale' and customer_id is not null group by customer_id) "
        "group by grouping sets ((month), ()) order by month",
    ),
    "customers by month": (_by(_CUSTOMERS, _MONTH, "month"),),
    "orders and basket by month": (_by(f"{_ORDERS}, {_REVENUE}", _MONTH, "month"),),
    "customers by region of a year": (
        _by(
            f"{_CUSTOMERS}, sum(net_revenue) filter (where revenue and customer_id is not null) as of_customers",
            "region",
            "region",
            _YEAR,
            _PLACE,
        ),
    ),
    "customers and orders by category": (_by(f"{_CUSTOMERS}, {_ORDERS}", "category", "category", joins=_PRODUCT),),
    "customers by channel on one": (_by(_CUSTOMERS, _MONTH, "month", "channel = 'web'"),),
}
