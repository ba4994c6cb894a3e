"""A company's people as tables in sight: what records say, whose they are, and what is made of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlglot import exp

from clientela.contracts.delivered.people import CUSTOMER_RECORD
from clientela.contracts.schema import Type
from clientela.unify.golden.fields import Survivorship
from clientela.unify.golden.members import write_together
from clientela.unify.golden.standing import write_placed
from clientela.warehouse.engine import MAIN, Engine
from clientela.warehouse.physical import FACTS, PEOPLE

Row = dict[str, Any]
PLAIN = Survivorship()
_ARROW = {
    Type.TEXT: pa.string(),
    Type.INT: pa.int64(),
    Type.DATE: pa.date32(),
    Type.INSTANT: pa.timestamp("us"),
    Type.MONEY: pa.decimal128(18, 4),
}
_MADE = datetime(2020, 1, 1)  # naive UTC, as all moments in the tables
_PLACEHOLDERS = ("unknown", "000000")
_FOLDED = (
    *("first_name", "last_name", "full_name", "company", "street", "postal_code", "city", "country"),
    *("email", "phone", "tax_id", "gender"),
)


def table(text: str) -> list[Row]:
    """The rows of a table written in columns between bars; an empty cell is null."""
    head, *lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return [{name: cell or None for name, cell in zip(head, line, strict=True)} for line in lines]


def ref_of(source: str, record_id: str) -> str:
    """The pseudonym of a key."""
    return hashlib.sha256(f"{source}/{record_id}".encode()).hexdigest()


def number(ref: str) -> int:
    """The number that a pseudonym gives."""
    return int(ref[:15], 16)


class People:
    """Records whose column ``who`` says whose they are, in an engine with the files and work tables of a run."""

    def __init__(
        self, records: Sequence[Row], *, keys: Sequence[Row] = (), rules: Survivorship = PLAIN, threads: int = 2
    ) -> None:
        self.engine = Engine.in_memory(threads=threads)
        for database in (FACTS, PEOPLE):
            self.engine.attach(Path(":memory:"), database, read_only=False)
        rows = [_record(each) for each in records]
        identity = _identity([*rows, *(_record(each) for each in keys)])
        self.whose = {row["customer_id"]: row["who"] for row in identity}
        self._write(MAIN, "record", pa.Table.from_pylist(rows, _record_schema()))
        self._write(FACTS, "identity", _arrow(identity, ("customer_ref", "source", "customer_id", "first_run")))
        self._write(PEOPLE, "identity", _arrow(identity, ("customer_ref", "record_id")))
        self._write(MAIN, "linkable", pa.Table.from_pylist([_linkable(each) for each in rows], _linkable_schema()))
        write_together(self.engine)
        write_placed(self.engine, rules)

    def customer_id(self, who: str) -> int:
        """The number of a customer."""
        return next(each for each, name in self.whose.items() if name == who)

    def drop(self, name: str) -> exp.Drop:
        """The statement that takes a work table away."""
        return exp.Drop(tables=[exp.table_(name, db="main", catalog=MAIN)], kind="TABLE")

    def rows(self, query: exp.Query) -> list[Row]:
        """The rows of a query."""
        return self.engine.fetch(query).to_pylist()

    def relation(self, rows: Sequence[Row]) -> None:
        """Write ``relation``: who belongs to whom, by customers."""
        listed = [
            {
                **{f"{end}_customer_id": self.customer_id(row[end]) if row[end] else None for end in ("from", "to")},
                "kind": row["kind"],
                "valid_from": _day(row.get("valid_from")),
                "valid_to": _day(row.get("valid_to")),
                "known_until": datetime.fromisoformat(row["known_until"]) if row.get("known_until") else None,
            }
            for row in rows
        ]
        schema = pa.schema(
            [
                *((f"{end}_customer_id", pa.int64()) for end in ("from", "to")),
                ("kind", pa.string()),
                *((name, pa.date32()) for name in ("valid_from", "valid_to")),
                ("known_until", pa.timestamp("us")),
            ]
        )
        self._write(FACTS, "relation", pa.Table.from_pylist(listed, schema))

    def consent(self, rows: Sequence[Row]) -> exp.Query:
        """The versions of ``consent`` as the base table has them before its customers are named."""
        listed = [
            {
                "source": row["source"],
                "record_id": number(ref_of(row["source"], row["record_id"])),
                "purpose": row.get("purpose") or "newsletter",
                "channel": row.get("channel") or "e-mail",
                "decision": row["decision"],
                "happened_at": datetime.fromisoformat(row["at"]),
                "known_until": datetime.fromisoformat(row["known_until"]) if row.get("known_until") else None,
            }
            for row in rows
        ]
        schema = pa.schema(
            [
                ("source", pa.string()),
                ("record_id", pa.int64()),
                *((name, pa.string()) for name in ("purpose", "channel", "decision")),
                *((name, pa.timestamp("us")) for name in ("happened_at", "known_until")),
            ]
        )
        self._write(MAIN, "delivered_consent", pa.Table.from_pylist(listed, schema))
        return exp.select("*").from_(exp.table_("delivered_consent", db="main", catalog=MAIN))

    def _write(self, database: str, name: str, rows: pa.Table) -> None:
        self.engine.register("given", rows)
        place = exp.table_(name, db="main", catalog=database)
        self.engine.run(exp.Create(this=place, kind="TABLE", expression=exp.select("*").from_("given")))
        self.engine.unregister("given")


def shown(people: People, query: exp.Query, *names: str) -> list[Row]:
    """The rows of a query by these columns, in order; customers are called by their names, numbers are text."""
    found = []
    for row in people.rows(query):
        told = {name: row.get("customer_id") if name == "who" else row[name] for name in names}
        found.append({name: _shown(people, name, each) for name, each in told.items()})
    return sorted(found, key=lambda each: [str(value) for value in each.values()])


def _shown(people: People, name: str, value: Any) -> str | None:
    if name == "who" or name.endswith("customer_id"):
        return people.whose[value]
    return None if value is None else str(value)


def _record(given: Mapping[str, str | None]) -> Row:
    """A row of the work table ``record``, beside the customer it is said to be."""
    source, key = given.get("source") or "shop", given["record_id"] or ""
    row: Row = {each.name: _typed(each.type, given.get(each.name)) for each in CUSTOMER_RECORD.columns}
    row |= {"who": given["who"], "source": source, "record_id": key, "customer_ref": ref_of(source, key)}
    row["first_run"] = int(given.get("first_run") or 1)
    row["created_at"] = row["created_at"] or _MADE
    row["created_on"] = row["created_at"].date()
    row["is_verified"] = given.get("verified") == "yes"
    row["domain"] = given.get("domain")
    return row


def _typed(kind: Type, value: str | None) -> object:
    if value is None or kind is Type.TEXT:
        return value
    if kind is Type.INT:
        return int(value)
    if kind is Type.MONEY:
        return Decimal(value)
    return _day(value) if kind is Type.DATE else datetime.fromisoformat(value)


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _identity(rows: Sequence[Row]) -> list[Row]:
    """Each record's customer: the number of the oldest record of the same person."""
    oldest: dict[str, Row] = {}
    for row in sorted(rows, key=lambda each: (each["first_run"], each["source"], each["record_id"])):
        oldest.setdefault(row["who"], row)
    return [{**row, "customer_id": number(oldest[row["who"]]["customer_ref"])} for row in rows]


def _linkable(row: Row) -> Row:
    """What standardising would make of the record, in short: folded, placeholders gone."""
    folded = {name: _folded(row[name]) for name in _FOLDED}
    street, _, house = (folded["street"] or "").rpartition(" ")
    is_number = house[:1].isdigit()
    return {
        **folded,
        "customer_ref": row["customer_ref"],
        "kind": row["kind"] or "person",
        "street": (street if is_number else folded["street"]) or None,
        "house_number": house if is_number else None,
        "last_key": folded["last_name"],
        "email_verified": row["is_verified"] and folded["email"] is not None,
        "phone_verified": row["is_verified"] and folded["phone"] is not None,
        **{name: (folded[name] or "").upper() or None for name in ("tax_id", "country")},
        "email": None if folded["email"] and folded["email"].startswith("info@") else folded["email"],
        "email_domain": row["domain"] or (folded["email"] or "").rpartition("@")[2] or None,
        "birth_date": row["birth_date"],
    }


def _folded(value: str | None) -> str | None:
    said = (value or "").strip().lower()
    return said if said and said not in _PLACEHOLDERS else None


def _record_schema() -> pa.Schema:
    own = [
        ("customer_ref", pa.string()),
        ("source", pa.string()),
        ("first_run", pa.int64()),
        ("created_on", pa.date32()),
    ]
    return pa.schema([*own, *((each.name, _ARROW[each.type]) for each in CUSTOMER_RECORD.columns)])


def _linkable_schema() -> pa.Schema:
    text = ("customer_ref", "kind", *_FOLDED, "house_number", "last_key", "email_domain")
    truth = ("email_verified", "phone_verified")
    return pa.schema(
        [*((name, pa.string()) for name in text), *((name, pa.bool_()) for name in truth), ("birth_date", pa.date32())]
    )


def _arrow(rows: Sequence[Row], names: Sequence[str]) -> pa.Table:
    kinds = {"customer_id": pa.int64(), "first_run": pa.int64()}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in names])
    return pa.Table.from_pylist([{name: row[name] for name in names} for row in rows], schema)
