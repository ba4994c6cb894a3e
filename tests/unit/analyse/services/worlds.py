"""A company whose customers order and have contracts, and what its run makes of them, in a knowledge base."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from clientela.access.rights import Scope
from clientela.analyse.customer.lifetime.fit import fit_lifetime
from clientela.analyse.customer.subscriptions.fit import fit_subscriptions
from clientela.contracts.analysis import Arrays, KnowledgeBase
from clientela.cube.knowledge import knowledge
from tests.unit.analyse.lifetime.shops import AS_OF, LEARNED_AT, Shop, added_up, arrays, bought_on, counted, made, shop
from tests.unit.analyse.lifetime.shops import valued as scored
from tests.unit.analyse.subscriptions.portfolio import Portfolio, few, portfolio
from tests.unit.analyse.subscriptions.test_subscription_tables import contract
from tests.unit.analyse.subscriptions.test_subscription_tables import made as made_of_contracts
from tests.unit.analyse.test_churn_risk import rows
from tests.unit.analyse.tiers.worlds import _leaving, tiers
from tests.unit.cube.published import Published, line, reference

SERVICES = "clientela.analyse.customer.services"
PRODUCTS = ("care", "net", "phone")
COSTS = {"care": "4", "net": "10", "phone": None}  # of a list price of 20


@dataclass(frozen=True, kw_only=True)
class Firm:
    """Its orders and its contracts; contract n is of customer n % ``customers``, for a product by turns."""

    orders: Shop
    contracts: Portfolio
    customers: int
    lines: Sequence[Mapping[str, Any]] = ()
    free: frozenset[str] = frozenset()  # contracts for which nothing is paid

    def product(self, number: int) -> str | None:
        """The product of a contract; one in twenty names none."""
        return None if number % 20 == 19 else PRODUCTS[number // self.customers % len(PRODUCTS)]


def firm(orders: int = 300, contracts: int = 1_000, customers: int = 400, **more: Any) -> Firm:
    """Customers 0 to ``orders`` - 1 have ordered, the rest have contracts at most."""
    return Firm(orders=shop(1, orders), contracts=portfolio(2, contracts), customers=customers, **more)


def unforeseen_orders(company: Firm) -> Firm:
    """The same contracts, and too few orders to say anything of."""
    return replace(company, orders=bought_on((0, 300), (0, 350), (1, 400)))


def unforeseen_contracts(company: Firm) -> Firm:
    """The same orders, and contracts of which none has ended."""
    return replace(company, contracts=few(np.full(40, 10**6)))


def run(published: Published, company: Firm, *, known_leaving: bool = True) -> dict[str, Arrays]:
    """Publish all that a run makes of it; returns what the fit of contracts gave."""
    first = (AS_OF - timedelta(days=company.orders.days)).isoformat()
    known = [line("1", 0, first, "10", product_id="soap"), *company.lines]
    published.add(order_line=known, subscription=_subscribed(company), product=_products())
    worth = dict(fit_lifetime(counted(published, company.orders.features()), company.orders.context))
    for name in ("lifetime_cell", "lifetime_each", "lifetime_period", "payback"):
        published.add(**{name: rows(worth[name])})
    features = [{**row, "as_of": AS_OF} for row in made_of_contracts(published, "subscription_feature")]
    published.add(subscription_feature=features)
    published.add(subscription_margin=made_of_contracts(published, "subscription_margin"))
    basis = arrays(published, "lifetime_basis")
    given = {"subscription_period": _period(published, company, basis), "lifetime_basis": basis}
    ends = dict(fit_subscriptions({**given, "lifetime_period": worth["lifetime_period"]}, company.contracts.context))
    for name in ("subscription_cell", "contract_outlook"):
        published.add(**{name: rows(ends[name])})
    for name in ("contract_delivery", "contract_worth"):
        published.add(**{name: [{**row, "as_of": AS_OF} for row in made(published, name, SERVICES)]})
    newest = [row for row in company.orders.features() if row["as_of"] == AS_OF]
    published.add(score=[*scored(published), *(_leaving(newest) if known_leaving else ())])
    added_up(published)
    published.add(lifetime_tenth=[{**row, "as_of": AS_OF} for row in made(published, "lifetime_tenth")])
    tables = tiers(published, company.orders, {"invest_cost": 8.0})
    learned = {"contract_hash": "0", "learned_at": LEARNED_AT}
    fitted = {"lifetime-value": worth, "subscription-churn": ends, "investment-tier": tables}
    published.add(
        customer_tier=rows(tables["customer_tier"]),
        model=[{**learned, **row, "analysis": name} for name, each in fitted.items() for row in rows(each["model"])],
        backtest=[
            {"analysis": name, **row}
            for name, each in fitted.items()
            if "backtest" in each
            for row in rows(each["backtest"])
        ],
    )
    return ends


def seen(published: Published, scope: Scope | None = None) -> KnowledgeBase:
    """What somebody sees of it; everything without a scope."""
    return knowledge(
        published.engine, snapshot="7", tables=published.tables, people=None, currency="EUR", timezone="Europe/Madrid",
        lapse_days=30, run_as_of=AS_OF, run_known_at=LEARNED_AT, as_of=None, scope=scope,
    )  # fmt: skip


def _subscribed(company: Firm) -> list[Mapping[str, object]]:
    firm, found = company.contracts, []
    for each in firm.running():
        began = AS_OF - timedelta(days=int(firm.today - firm.starts[each]))
        by_year = bool(firm.yearly[each])
        due = Decimal(str(firm.amount[each])) * (12 if by_year else 1)
        found.append(
            contract(
                str(each),
                began.isoformat(),
                period="year" if by_year else "month",
                amount=Decimal(0) if str(each) in company.free else due,
                customer_id=int(each) % company.customers,
                product_id=company.product(int(each)),
            )
        )
    return found


def _products() -> list[Mapping[str, object]]:
    return [
        reference(
            product_id=key,
            name=key.capitalize(),
            list_price=Decimal(20),
            unit_cost=None if COSTS[key] is None else Decimal(str(COSTS[key])),
        )
        for key in PRODUCTS
    ]


def _period(published: Published, company: Firm, basis: Arrays) -> Arrays:
    """``subscription_period`` with the margins that the contracts' model gives."""
    kept = {
        row["subscription_id"]: row["margin_a_month"] for row in made_of_contracts(published, "subscription_margin")
    }
    paid = {
        row["subscription_id"]: row["amount_a_month"] for row in made_of_contracts(published, "subscription_margin")
    }
    whole = sum(map(float, paid.values()))
    margins = [each for each in kept.values() if each is not None]
    share = sum(map(float, margins)) / whole if margins and whole else np.nan
    return replace(company.contracts, share_kept=share).period()
