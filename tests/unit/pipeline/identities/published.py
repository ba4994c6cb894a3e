"""A published snapshot of a few people made by hand: their records, the pairs found, what happened to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlglot import exp

from clientela.capture.suppression.identifiers import customer_ref
from clientela.contracts.derived import DERIVED
from clientela.contracts.tables import CONTRACTS
from clientela.pipeline.create import make_secret, read_secret
from clientela.warehouse.build import Build
from clientela.warehouse.physical import all_columns
from tests.unit.cube.published import arrow

DAY = datetime.fromisoformat("2024-01-01")
ALL = {**CONTRACTS, **DERIVED}


@dataclass
class People:
    """Rows to publish; ``add`` a record, ``pair`` two of them, then ``publish``."""

    folder: Path
    secret: bytes = b""
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        make_secret(self.folder)
        self.secret = read_secret(self.folder)

    def ref(self, key: str) -> str:
        """The pseudonym of ``system:key``."""
        return customer_ref(self.secret, *key.split(":", 1))

    def number(self, key: str) -> int:
        """The number a record gives to a customer of its own."""
        return int(self.ref(key)[:15], 16)

    def add(self, key: str, of: str | None = None, run: int = 1, sure: str = "1", **said: object) -> None:
        """A record, of the customer of the record ``of``, else a customer of its own."""
        source, record_id = key.split(":", 1)
        customer = self.ids[key] = self.number(of or key)
        self._row("identity", customer_ref=self.ref(key), source=source, record_id=record_id, customer_id=customer,
                  match_probability=Decimal(sure), first_run=run)  # fmt: skip
        if said:
            known = {"known_from": DAY, "known_assumed": False, "happened_at": DAY, "happened_on": DAY.date()}
            self._row("customer_record", source=source, record_id=self.ref(key), customer_id=customer, **known, **said)

    def pair(
        self,
        one: str,
        other: str,
        weight: float | None,
        probability: float,
        status: str,
        *fields: tuple[str, str, float],
        bridge: bool = False,
        rule: str | None = None,
        decision: str | None = None,
    ) -> None:
        """Two records that are, or may be, one; ``fields``: name, likeness and bits."""
        left, right = sorted((one, other), key=self.ref)
        ends = {"customer_ref_l": self.ref(left), "customer_ref_r": self.ref(right)}
        bits = None if weight is None else Decimal(str(weight))
        self._row("identity_pair", **ends, customer_id_l=self.ids[left], customer_id_r=self.ids[right],
                  match_weight=bits, match_probability=Decimal(str(probability)), rule=rule, status=status,
                  is_bridge=bridge, decision=decision)  # fmt: skip
        for name, likeness, said in fields:
            self._row("identity_evidence", **ends, field=name, likeness=likeness, match_weight=Decimal(str(said)))

    def event(
        self, run: int, kind: str, key: str, before: int, after: int, by: str, decision: str | None = None
    ) -> None:
        """A record that came to be another customer."""
        self._row("identity_event", run=run, at=DAY, kind=kind, customer_ref=self.ref(key), from_customer_id=before,
                  to_customer_id=after, by=by, decision=decision)  # fmt: skip

    def identifier(self, kind: str, value: str, key: str) -> None:
        """A value that a record is looked up by."""
        self._row("identifier", kind=kind, value=value, customer_ref=self.ref(key), customer_id=self.ids[key])

    def sold(self, key: str, revenue: str, kind: str = "sale") -> None:
        """An order line of a customer."""
        number = str(len(self.rows.get("order_line", ())))
        self._row("order_line", source="shop", order_id=number, line_no="1", kind=kind, customer_id=self.ids[key],
                  net_revenue=Decimal(revenue), happened_at=DAY, happened_on=DAY.date(), known_from=DAY,
                  known_assumed=False, cost_assumed=False)  # fmt: skip

    def publish(self) -> Path:
        """Publish the rows as a snapshot; the folder it lies in."""
        with Build(self.folder, 1) as build:
            for name, rows in self.rows.items():
                fields = {each.name: each.type for each in all_columns(ALL[name]).values()}
                build.engine.register("given", arrow(fields, self._in_order(name, rows)))
                build.create(name, exp.select(*(exp.column(each, quoted=True) for each in fields)).from_("given"))
                build.engine.unregister("given")
            build.publish({"currency": "EUR", "as_of": date(2024, 7, 1).isoformat(), "version": "test"})
        return self.folder

    def _row(self, table: str, **values: object) -> None:
        self.rows.setdefault(table, []).append(values)

    @staticmethod
    def _in_order(name: str, rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        return sorted(rows, key=lambda row: (row["kind"], row["value"])) if name == "identifier" else rows
