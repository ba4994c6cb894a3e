"""A company in which hotels bring most, and people who have not bought; all that look-alike makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

import numpy as np

from clientela.access.rights import Scope
from clientela.analyse.customer.lookalike.fit import fit_look_alike
from clientela.contracts.analysis import Arrays, KnowledgeBase
from clientela.cube.knowledge import knowledge
from clientela.cube.view import AS_OF_TABLES
from clientela.warehouse.asof import as_known
from clientela.warehouse.model import ALL, parse_file
from tests.unit.analyse.lifetime.shops import AS_OF, HORIZON_DAYS, LEARNED_AT, Shop, counted, shop
from tests.unit.analyse.test_churn_risk import rows
from tests.unit.cube.published import Published, line, reference

SECTORS = ("Retail", "Offices", "Schools", "Clinics", "Hotels")
PEOPLE = 100_000  # the id of the first who has not bought
TEXTS = ("task", "kind", "country", "region", "sector", "came_by", "list_kind", "channel", "silence", "purchases",
         "age", "basket", "recent")  # fmt: skip


@dataclass(frozen=True)
class Company:
    """``factor``: how much more hotels spend; ``people``: how many there are who have not bought."""

    shop: Shop
    people: int = 50
    consents: bool = True
    empty: dict[str, Any] = field(default_factory=dict)

    def sector(self, customer: int) -> str:
        return SECTORS[customer % len(SECTORS)]

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """What was delivered, and who the customers are."""
        bought = self.shop.purchases
        begins = AS_OF - timedelta(days=self.shop.days)
        first: dict[int, int] = {}
        for customer, day in zip(bought.customer.astype(int).tolist(), bought.day.astype(int).tolist(), strict=True):
            if day < self.shop.days:
                first[customer] = min(first.get(customer, day), day)
        lines = [
            line(str(customer), customer, (begins + timedelta(days=day)).isoformat(), "10", channel="store")
            for customer, day in first.items()
        ]
        who = [*sorted(first), *range(PEOPLE, PEOPLE + self.people)]
        customers = [
            {
                "customer_id": each, "records": 1, "sources": 1, "kind": "organisation", "country": "ES",
                "region": "Aragon", "sector": self.sector(each), "first_created_on": AS_OF - timedelta(days=400),
            }
            for each in who
        ]  # fmt: skip
        made = datetime(2023, 6, 1)
        records = [reference(customer_id=each, happened_at=made, happened_on=made.date(), list_id=None) for each in who]
        given = [("given", 0), ("withdrawn", 1)] if self.consents else []
        consents = [
            {"customer_id": each, "purpose": "news", "channel": "email", "decision": decision, "at": made, "records": 1}
            for each in who
            for decision, rest in given
            if each % 3 == rest
        ]
        return {
            "order_line": lines, "customer": customers, "customer_record": records, "contact_list": [],
            "customer_consent": consents, "consent": [],
        }  # fmt: skip


def company(seed: int, customers: int, *, hotels: float = 4.0, **more: Any) -> Company:
    """A company whose hotels spend so many times as much as the others."""
    plain = shop(seed, customers)
    is_hotel = plain.purchases.customer.astype(int) % len(SECTORS) == len(SECTORS) - 1
    return Company(replace(plain, amounts=plain.amounts * np.where(is_hotel, hotels, 1.0)), **more)


def found(published: Published, name: str) -> list[dict[str, Any]]:
    """What a model of look-alike gives as of the date."""
    model = parse_file((files("clientela.analyse.customer.lookalike") / f"{name}.sql").read_text("utf-8"), name)
    tree = as_known(model.tree, ALL, as_of_tables=AS_OF_TABLES if model.kind == "as-of" else ())
    return published.engine.fetch(
        tree, {"as_of": AS_OF, "known_at": LEARNED_AT, "horizon_days": HORIZON_DAYS}
    ).to_pylist()


def arrays(table: list[dict[str, Any]]) -> Arrays:
    """``alike_count`` as the run gives it to the fit."""
    types = {"as_of": "datetime64[D]", **dict.fromkeys(TEXTS, object)}
    names = [each.name for each in ALL["alike_count"].columns]
    table = sorted(table, key=lambda row: [str(row[name]) for name in names])
    return {name: np.array([row[name] for row in table], dtype=types.get(name, float)) for name in names}


def learned(published: Published, made: Company) -> dict[str, Arrays]:
    """What the fit gives; ``alike_trait`` is in the engine after it."""
    published.add(**made.tables())
    counted(published, made.shop.features())
    published.add(alike_trait=found(published, "alike_trait"))
    counts = arrays(found(published, "alike_count"))
    return dict(fit_look_alike({"alike_count": counts}, replace(made.shop.context, parameters={})))


def told(published: Published, made: Company) -> tuple[KnowledgeBase, dict[str, Arrays]]:
    """The knowledge base after a run, and what the fit gave."""
    tables = learned(published, made)
    named = {"analysis": "look-alike"}
    published.add(
        alike_cell=rows(tables["alike_cell"]),
        model=[{**named, "contract_hash": "0", "learned_at": LEARNED_AT, **row} for row in rows(tables["model"])],
        backtest=[{**named, **row} for row in rows(tables["backtest"])],
    )
    published.add(look_alike=[{**row, "as_of": AS_OF} for row in found(published, "look_alike")])
    return seen(published), tables


def seen(published: Published, scope: Scope | None = None) -> KnowledgeBase:
    """What somebody sees of it; everything without a scope."""
    return knowledge(
        published.engine, snapshot="7", tables=published.tables, people=None, currency="EUR", timezone="Europe/Madrid",
        lapse_days=30, run_as_of=AS_OF, run_known_at=LEARNED_AT, as_of=None, scope=scope,
    )  # fmt: skip
