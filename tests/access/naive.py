"""Who sees what, in plain Python, row by row: shares no code with the access layer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]
READS = {
    "category": "product.category",
    "brand": "product.brand",
    "product_name": "product.name",
    "product_id": "order_line.product_id",
    "territory": "territory.name",
    "region": "territory.name",
    "nation": "territory.name",
    "channel": "order_line.channel",
    "kind": "order_line.kind",
    "source": "order_line.source",
    "payment_method": "order_line.payment_method",
    "customer": "customer.customer_id",
    "segment": "segment_member.segment",
}
COSTS = ("order_line.cost_of_goods", "order_line.net_revenue")
# What a customer will bring is told in margin, of what they order and of their contracts.
PAID = ("subscription.amount", "subscription.period", "subscription.started_on", "subscription.ended_on")
WORTH = (*COSTS, *PAID, "product.unit_cost", "product.list_price")
OF_CONTRACTS = ("contract_holders", "contract_holders_ordering", "contracts_valued")
TO_COME = ("margin_to_come", *(f"margin_to_come_{part}" for part in ("contracts", "orders", "holders")))
READ_FOR = dict.fromkeys(("customers_valued", *TO_COME, *OF_CONTRACTS), WORTH)
FREE = ("product", "territory")  # of the company, not of its customers


@dataclass(frozen=True)
class Given:
    """One grant as a test writes it down."""

    columns: tuple[str, ...]
    measures: tuple[str, ...]
    everything: bool
    within: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None


def allowed(name: str, patterns: Sequence[str], personal: bool = False) -> bool:
    """Whether a list of patterns takes a name in."""
    for pattern in patterns:
        if pattern[0] == "!" and _fits(name, pattern[1:]):
            return False
    for pattern in patterns:
        if pattern[0] == "!":
            continue
        if personal and pattern in (name, "@personal"):
            return True
        if not personal and _fits(name, pattern):
            return True
    return False


@cache
def _fits(name: str, pattern: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name) is not None


class Person:
    """Somebody with grants, in a company."""

    def __init__(self, grants: Sequence[Given], tables: Tables, on: date) -> None:
        self.parents = {row["territory_id"]: row["parent_id"] for row in tables["territory"]}
        self.products = {row["product_id"]: row for row in tables["product"]}
        self.homes = {row["customer_id"]: row["territory_id"] for row in tables["customer_territory"]}
        self.grants = [
            grant
            for grant in grants
            if (grant.since is None or on >= grant.since) and (grant.until is None or on < grant.until)
            if grant.within or grant.everything
            if not any(self._of_line(grant, name) == set() for name in ("category", "brand", "product"))
            if not self._disjoint(grant)
        ]

    def may(self, measure: str, dimensions: Sequence[str]) -> list[Given]:
        """The grants under which a measure is seen by dimensions."""
        columns = [*(READS[name] for name in dimensions if name in READS), *READ_FOR.get(measure, ())]
        return [
            grant
            for grant in self.grants
            if allowed(measure, grant.measures) and all(allowed(each, grant.columns) for each in columns)
        ]

    def sees(self, grants: Sequence[Given], table: str, row: Row) -> bool:
        """Whether one of the grants takes in a row."""
        if table in FREE:
            return bool(grants)
        if table == "score" and row["analysis"] == "lifetime-value":
            grants = [each for each in grants if all(allowed(name, each.columns) for name in WORTH)]
        return any(all(self._keeps(limit, values, row) for limit, values in each.within.items()) for each in grants)

    def tells(self, grants: Sequence[Given], columns: Sequence[str]) -> bool:
        """Whether some grant can be put on a table with these columns."""
        return any(all(self._has(limit, columns) for limit in each.within) for each in grants)

    def _has(self, limit: str, columns: Sequence[str]) -> bool:
        if limit == "territory":
            return "territory_id" in columns or "customer_id" in columns
        if limit == "customer":
            return "customer_id" in columns
        if limit == "campaign":
            return "campaign_id" in columns
        return "product_id" in columns

    def _keeps(self, limit: str, values: Sequence[str], row: Row) -> bool:
        if limit == "territory":
            if row.get("territory_id") is not None:
                return self._lies(row["territory_id"], values)
            home = self.homes.get(row.get("customer_id"))
            return home is not None and self._lies(home, values)
        if limit == "customer":
            return str(row.get("customer_id")) in values
        if limit == "campaign":
            return row.get("campaign_id") in values
        if limit == "product":
            return row.get("product_id") in values and row.get("product_id") in self.products
        product = self.products.get(row.get("product_id"))
        return product is not None and product[limit] in values

    def _lies(self, territory: str | None, roots: Sequence[str]) -> bool:
        passed = set()
        while territory is not None and territory not in passed:
            if territory in roots:
                return True
            passed.add(territory)
            territory = self.parents.get(territory)
        return False

    def _of_line(self, grant: Given, limit: str) -> set[str] | None:
        if limit not in grant.within:
            return None
        named = "product_id" if limit == "product" else limit
        return {key for key, row in self.products.items() if row[named] in grant.within[limit]}

    def _disjoint(self, grant: Given) -> bool:
        sets = [each for name in ("category", "brand", "product") if (each := self._of_line(grant, name)) is not None]
        return bool(sets) and not set.intersection(*sets)
