"""The reference tables that dimensions are looked up in."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

from clientela.cube.declared.seen_by.shape import Lookup


def _beside(file: str) -> str:
    """A query that stands beside this file, as it walks up a tree to any depth."""
    return (files(__package__) / f"{file}.sql").read_text("utf-8")


def _of_group(family: str, column: str) -> str:
    """The group of each customer on the date asked about, of a kind that every customer has at most one of."""
    return f"""
        select customer_id, max(segment) as {column}
        from group_member
        where family = '{family}' and valid_from <= cast(:as_of as date)
            and (valid_to is null or valid_to > cast(:as_of as date))
        group by customer_id
    """  # noqa: S608 - texts of this file alone


_STAFF = _beside("of_staff")
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
            Lookup(name="of_territory", key="territory_id", table="territory", sql=_beside("of_territory")),
            Lookup(
                name="of_campaign",
                key="campaign_id",
                table="campaign",
                sql="select campaign_id, max(name) as name from campaign group by campaign_id",
            ),
            Lookup(name="of_owner", key="owner_id", own_key="staff_id", table="staff", sql=_STAFF),
            Lookup(name="of_agent", key="agent_id", own_key="staff_id", table="staff", sql=_STAFF),
            Lookup(
                name="of_segment",
                key="customer_id",
                table="segment_member",
                sql="""
                select customer_id, segment
                from segment_member
                where valid_from <= cast(:as_of as date) and (valid_to is null or valid_to > cast(:as_of as date))
                """,
                many=True,
            ),
            Lookup(
                name="of_investment_tier",
                key="customer_id",
                table="customer_tier",
                sql="select customer_id, max(tier) as investment_tier from customer_tier group by customer_id",
            ),
            Lookup(
                name="of_class",
                key="customer_id",
                table="customer_class",
                sql="""
                select customer_id, max(class) as customer_class, max(class_before) as class_before
                from customer_class group by customer_id
                """,
            ),
            Lookup(
                name="of_customer",
                key="customer_id",
                table="customer",
                sql="""
                select customer_id, max(sector) as sector, max(payment_terms_days) as payment_terms_days
                from customer group by customer_id
                """,
            ),
            *(
                Lookup(name=f"of_{column}", key="customer_id", table="group_member", sql=_of_group(family, column))
                for family, column in (("rfm", "rfm_group"), ("cluster", "cluster"), ("life", "life_state"))
            ),
        )
    }
)
