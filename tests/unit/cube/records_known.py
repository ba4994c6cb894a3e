"""Small companies whose records are known to be one customer, as a run would publish them; and plain counts of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.unit.cube.published import AS_OF, Published, Row, line

AT = datetime.fromisoformat("2024-07-01")


def ref(number: int) -> str:
    """A pseudonym whose number is ``number``."""
    return f"{number:015x}{'0' * 49}"


@dataclass(frozen=True)
class Rec:
    """One record: ``of`` is the number of the oldest record of its customer."""

    number: int
    of: int
    source: str = "crm"
    probability: str = "1"
    by: str = "rule"
    created: date | None = None
    kind: str | None = None


@dataclass
class Company:
    """Records, what each of them bought or gave back (number of the record, day, revenue), and uncertain pairs."""

    records: Sequence[Rec]
    bought: Sequence[tuple[int, date, Decimal]] = ()
    uncertain: Sequence[tuple[int, int]] = ()
    bridges: Sequence[tuple[int, int]] = ()
    lines: list[Row] = field(default_factory=list)

    @property
    def customer_of(self) -> dict[int, int]:
        return {each.number: each.of for each in self.records}

    def publish(self, published: Published) -> Published:
        """The tables as a run writes them."""
        of = self.customer_of
        members: dict[int, list[Rec]] = {}
        for each in self.records:
            members.setdefault(each.of, []).append(each)
        several = {who for who, records in members.items() if len(records) > 1}
        self.lines = [
            line(f"o{n}", of[record], str(day), str(revenue), kind="sale" if revenue > 0 else "return")
            for n, (record, day, revenue) in enumerate(self.bought)
        ]
        published.add(
            identity=[
                {
                    "customer_ref": ref(each.number), "source": each.source, "customer_id": each.of,
                    "match_probability": Decimal(each.probability), "first_run": 1,
                }
                for each in self.records
            ],
            identity_event=[
                {
                    "run": 1, "at": AT, "kind": "merged", "customer_ref": ref(each.number),
                    "from_customer_id": each.number, "to_customer_id": each.of, "by": each.by,
                }
                for each in self.records
                if each.number != each.of
            ],
            identity_pair=[self._pair(pair, "uncertain") for pair in self.uncertain]
            + [self._pair(pair, "joined", bridge=True) for pair in self.bridges],
            identity_figure=[
                {"figure": "records", "about": "", "value": Decimal(len(self.records))},
                {"figure": "pairs compared", "about": "", "value": Decimal(7)},
            ],
            customer=[
                {
                    "customer_id": who, "records": len(records), "sources": len({each.source for each in records}),
                    "kind": records[0].kind,
                    "first_created_on": min((each.created for each in records if each.created), default=None),
                }
                for who, records in members.items()
            ],
            order_line=self.lines,
            order_record=[
                {"source": "shop", "order_id": f"o{n}", "customer_id": of[record], "customer_ref": ref(record)}
                for n, (record, _, _) in enumerate(self.bought)
                if of[record] in several
            ],
            customer_record=[
                {
                    "source": each.source, "customer_id": each.of, "happened_at": AT - timedelta(days=1),
                    "happened_on": (AT - timedelta(days=1)).date(), "known_from": AT - timedelta(days=1),
                    "known_assumed": False,
                }
                for each in self.records
            ],
        )  # fmt: skip
        return published

    def _pair(self, pair: tuple[int, int], status: str, *, bridge: bool = False) -> dict[str, Any]:
        one, other = sorted(pair)
        return {
            "customer_ref_l": ref(one), "customer_ref_r": ref(other), "customer_id_l": self.customer_of[one],
            "customer_id_r": self.customer_of[other], "match_weight": Decimal(3), "match_probability": Decimal("0.8"),
            "status": status, "is_bridge": bridge,
        }  # fmt: skip

    def in_the_year(self) -> list[tuple[int, date, Decimal]]:
        return [each for each in self.bought if AS_OF - timedelta(days=365) <= each[1] < AS_OF]

    def top(self, *, by_record: bool) -> set[int]:
        """The customers (by a record of theirs) in the tenth that brings the most."""
        spent: dict[tuple[int, int], Decimal] = {}
        buys: set[tuple[int, int]] = set()
        for record, _, revenue in self.in_the_year():
            key = (self.customer_of[record], record if by_record else 0)
            spent[key] = spent.get(key, Decimal(0)) + revenue
            buys |= {key} if revenue > 0 else set()
        ranked = sorted(buys, key=lambda key: (-spent[key], key))
        size, rest = divmod(len(ranked), 10)
        return {who for who, _ in ranked[: size + (rest > 0)]}


def grown(seed: int, customers: int = 60) -> Company:
    """A company by chance: customers with one to five records in three systems, who bought or not."""
    rng = random.Random(seed)  # noqa: S311 -- repeatable rows, no secret
    records: list[Rec] = []
    bought: list[tuple[int, date, Decimal]] = []
    number = 1
    for _ in range(customers):
        of, kind = number, rng.choice(("person", "organisation", None))
        for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5))):
            created = AS_OF - timedelta(days=rng.randrange(-20, 900)) if rng.random() < 0.6 else None
            records.append(
                Rec(
                    number=number,
                    of=of,
                    source=rng.choice(("crm", "erp", "shop")),
                    probability="1" if number == of else f"0.{rng.randrange(90, 100)}",
                    by=rng.choice(("rule", "model", "person")),
                    created=created,
                    kind=kind,
                )
            )
            for _ in range(rng.choice((0, 0, 1, 2, 4))):
                day = AS_OF - timedelta(days=rng.randrange(2, 700))
                bought.append((number, day, Decimal(rng.randrange(1, 400))))
                if rng.random() < 0.1:
                    bought.append((number, day + timedelta(days=1), -bought[-1][2]))
            number += 1
    pairs = [(a.number, b.number) for a in records for b in records if a.of < b.of]
    return Company(records, bought, rng.sample(pairs, 4))
