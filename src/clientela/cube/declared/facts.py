"""The facts that measures are counted on, and the dimensions each of them reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

from clientela.cube.declared.dimension import AGENT, CAMPAIGN, COST, LINE, OF_CUSTOMER, OWNER, PLACE, PRODUCT, TIME
from clientela.warehouse.portable import parse_model


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Rows to count. Its query stands beside this file in ``NAME.sql``; ``day`` is the day of a row.

    ``dimensions``: what its rows can be seen by. A customer's first purchase has a day and a
    customer, yet no one product or channel. ``of_purchases``: its rows are worked out for each customer by
    themselves, from nothing but the days on which they bought.
    """

    name: str
    description: str
    dimensions: frozenset[str]
    of_purchases: bool = False

    @property
    def rows(self) -> exp.Query:
        """The query that gives the fact's rows, as a tree of its own."""
        return _rows(self.name).copy()

    @property
    def tables(self) -> frozenset[str]:
        """The tables its rows are made of."""
        return _tables(self.name)


@cache
def _rows(name: str) -> exp.Query:
    return parse_model((files(__package__) / f"{name}.sql").read_text("utf-8"), name, proved=True)  # by the tests


@cache
def _tables(name: str) -> frozenset[str]:
    scopes = traverse_scope(_rows(name))
    sources = (source for scope in scopes for source in scope.sources.values())
    return frozenset(source.name for source in sources if isinstance(source, exp.Table))


def _by_segment(fact: Fact) -> Fact:
    """The fact, seen by the segments and groups of its customers too where it names them."""
    return replace(fact, dimensions=fact.dimensions | OF_CUSTOMER) if "customer" in fact.dimensions else fact


FACTS: Mapping[str, Fact] = MappingProxyType(
    {
        each.name: _by_segment(each)
        for each in (
            Fact(name="order_line", description="Order lines.", dimensions=LINE),
            Fact(
                name="customer_start",
                description="Each customer's first purchase.",
                dimensions=TIME | {"customer"},
                of_purchases=True,
            ),
            Fact(
                name="customer_loss",
                description="Each time a customer counted as lost.",
                dimensions=TIME | {"customer"},
                of_purchases=True,
            ),
            Fact(
                name="customer_return",
                description="Each time a customer who counted as lost bought again.",
                dimensions=TIME | {"customer"},
                of_purchases=True,
            ),
            Fact(name="invoice", description="Invoices.", dimensions=TIME | {"customer", "source", "payment_method"}),
            Fact(
                name="subscription",
                description="Subscriptions, by the day they began.",
                dimensions=TIME | PRODUCT | {"customer", "source"},
            ),
            Fact(
                name="subscription_end",
                description="Subscriptions that ended, by the day they did.",
                dimensions=TIME | PRODUCT | {"customer", "source", "reason"},
            ),
            Fact(
                name="interaction",
                description="Contacts with customers.",
                dimensions=TIME
                | CAMPAIGN
                | {"customer", "source", "channel", "contact_kind", "direction", "device", "outcome"}
                | AGENT,
            ),
            Fact(
                name="service_case",
                description="Cases.",
                dimensions=TIME
                | PRODUCT
                | {"customer", "source", "channel", "case_kind", "reason", "severity", "outcome"},
            ),
            Fact(
                name="service_cost",
                description="Direct costs of contacts, cases and campaigns.",
                dimensions=TIME | {"customer", "channel", "serving"},
            ),
            Fact(
                name="allocated_cost",
                description="Pools of costs shared out over customers, by month.",
                dimensions=TIME | COST | {"customer"},
            ),
            Fact(
                name="survey_answer",
                description="Answers to surveys.",
                dimensions=TIME | PRODUCT | {"customer", "source", "about"},
            ),
            Fact(
                name="opportunity",
                description="Opportunities, by the day they were opened.",
                dimensions=TIME | PRODUCT | PLACE | OWNER | {"customer", "source", "status", "lost_reason"},
            ),
            Fact(
                name="contact",
                description="What campaigns sent, and whom they held back.",
                dimensions=TIME | CAMPAIGN | {"customer", "source", "arm", "status"},
            ),
            Fact(
                name="response",
                description="Reactions to campaigns.",
                dimensions=TIME | CAMPAIGN | {"customer", "source", "arm"},
            ),
            Fact(
                name="campaign",
                description="Campaigns, by the day they start.",
                dimensions=TIME | CAMPAIGN | OWNER | {"source"},
            ),
            Fact(
                name="contact_list",
                description="Address lists, by the day they were delivered.",
                dimensions=TIME | {"source", "list_id", "supplier"},
            ),
            Fact(name="target", description="What was planned.", dimensions=TIME | PLACE | OWNER | {"source"}),
            Fact(name="score", description="Forecasts for customers.", dimensions=frozenset({"customer"})),
            Fact(
                name="known_customer",
                description="Every customer known by any key, on the day they came.",
                dimensions=TIME | {"customer", "customer_kind", "records_each", "systems"},
            ),
            Fact(
                name="customer_year",
                description="Customers who bought within the 365 days before the date.",
                dimensions=frozenset({"customer"}),
                of_purchases=True,
            ),
            Fact(
                name="customer_month",
                description="Each month in which a customer bought.",
                dimensions=TIME | {"customer", "first_month", "months_since_first"},
                of_purchases=True,
            ),
            Fact(
                name="duplicate_record",
                description="Records that are the same customer as an older one.",
                dimensions=frozenset({"customer", "system_pair", "found_by"}),
            ),
            Fact(
                name="record_pair",
                description="Pairs of records that are, or may be, one customer.",
                dimensions=frozenset({"system_pair"}),
            ),
            Fact(
                name="uncertain_line",
                description="Order lines of customers who may be the same as another.",
                dimensions=TIME | {"customer"},
            ),
            Fact(
                name="duplicate_effect",
                description="Customers who bought under several records.",
                dimensions=frozenset({"customer"}),
            ),
            Fact(
                name="decided_consent",
                description="What customers may be contacted for.",
                dimensions=frozenset({"customer"}),
            ),
            Fact(
                name="segment_member",
                description="Customers who are in a segment.",
                dimensions=frozenset({"customer"}),
            ),
            Fact(
                name="customer_tier",
                description="Customers by whether to invest in them.",
                dimensions=frozenset({"customer"}),
            ),
            Fact(
                name="service_worth",
                description="What customers with contracts are expected to bring, by service.",
                dimensions=PRODUCT | {"customer", "services_held"},
            ),
            Fact(
                name="customer_wallet",
                description="What customers spend of each category, and the room assumed to be left.",
                dimensions=frozenset({"customer", "wallet_category"}),
            ),
            Fact(
                name="record_field",
                description="What the records of each system know.",
                dimensions=frozenset({"source", "field"}),
            ),
        )
    }
)
