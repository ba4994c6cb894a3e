"""A company whose worth was forecast and whose chances of leaving are given, and its tiers in a knowledge base."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from importlib.resources import files
from typing import Any

import numpy as np

from clientela.access.rights import Scope
from clientela.analyse.customer.lifetime.fit import fit_lifetime
from clientela.analyse.customer.tiers.fit import fit_tiers
from clientela.analyse.customer.tiers.investment_tier import INVESTMENT_TIER
from clientela.contracts.analysis import Arrays, KnowledgeBase
from clientela.cube.knowledge import knowledge
from clientela.cube.view import AS_OF_TABLES
from clientela.warehouse.asof import as_known
from clientela.warehouse.model import ALL, parse_file
from tests.unit.analyse.lifetime.shops import AS_OF, HORIZON_DAYS, LEARNED_AT, Shop, added_up, counted, valued
from tests.unit.analyse.test_churn_risk import rows
from tests.unit.cube.published import Published, line

DEFAULTS = dict(INVESTMENT_TIER.fit_parameters)


def told(
    published: Published, company: Shop, *, known_leaving: bool = True, **parameters: float
) -> tuple[KnowledgeBase, dict[str, Arrays]]:
    """The knowledge base after a run, and what the fit of the tiers gave."""
    features = company.features()
    first = AS_OF.replace(year=AS_OF.year - 1).isoformat()
    customers = sorted({row["customer_id"] for row in features} | {0})
    published.add(order_line=[line(str(each), each, first, "10") for each in customers])
    worth = dict(fit_lifetime(counted(published, features), company.context))
    published.add(lifetime_cell=rows(worth["lifetime_cell"]))
    scores = valued(published)
    if known_leaving:
        scores += _leaving([row for row in features if row["as_of"] == AS_OF])
    published.add(score=scores)
    added_up(published)
    tables = tiers(published, company, parameters)
    learned = {"contract_hash": "0", "learned_at": LEARNED_AT}
    published.add(
        customer_tier=rows(tables["customer_tier"]),
        model=[
            {**learned, **row, "analysis": name}
            for name, fitted in (("lifetime-value", worth), ("investment-tier", tables))
            for row in rows(fitted["model"])
        ],
        backtest=[{"analysis": "lifetime-value", **row} for row in rows(worth["backtest"])],
    )
    return seen(published), tables


def seen(published: Published, scope: Scope | None = None) -> KnowledgeBase:
    """What somebody sees of it; everything without a scope."""
    return knowledge(
        published.engine, snapshot="7", tables=published.tables, people=None, currency="EUR", timezone="Europe/Madrid",
        lapse_days=30, run_as_of=AS_OF, run_known_at=LEARNED_AT, as_of=None, scope=scope,
    )  # fmt: skip


def tiers(published: Published, company: Shop, parameters: Mapping[str, float]) -> dict[str, Arrays]:
    """The tiers from the scores that are there."""
    published.add(**{name: [] for name in ("lifetime_cell", "contract_worth") if name not in published.tables})
    source = (files("clientela.analyse.customer.tiers") / "tier_input.sql").read_text("utf-8")
    tree = as_known(parse_file(source, "tier_input").tree, ALL, as_of_tables=AS_OF_TABLES)
    found = published.engine.fetch(tree, {"as_of": AS_OF}).to_pylist()
    found.sort(key=lambda row: row["customer_id"])
    given = {
        each.name: np.array([float(row[each.name]) for row in found])
        for each in ALL["tier_input"].columns
        if each.name not in ("customer_id", "as_of")
    }
    given["customer_id"] = np.array([row["customer_id"] for row in found], dtype=np.int64)
    context = replace(company.context, parameters={**DEFAULTS, **parameters})
    return dict(fit_tiers({"tier_input": given}, context))


def _leaving(features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A chance of leaving that grows with the silence."""
    found = []
    for row in features:
        chance = min((row["age_days"] - row["recency_days"]) / (2 * HORIZON_DAYS), 0.97)
        figures = {"value": chance, "low": chance * 0.9, "high": min(chance * 1.1, 1.0)}
        found.append(
            {
                "analysis": "churn-risk",
                "customer_id": row["customer_id"],
                "as_of": AS_OF,
                "unit": "probability",
                "model_version": "1",
                **{name: Decimal(f"{value:.6f}") for name, value in figures.items()},
            }
        )
    return found
