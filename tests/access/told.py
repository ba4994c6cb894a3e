"""A company whose every personal field holds a canary, in every table that has one, and all that can be asked of it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import clientela
from clientela.cli.app import run as command
from clientela.contracts.schema import Contract, Type
from clientela.contracts.tables import CONTRACTS
from clientela.workspace import create

NOW = datetime(2024, 7, 1, 8, 0, tzinfo=UTC)
PEOPLE = 14  # more than the ten whom a figure of many tells of
BORN = "1931-07-{:02}"
# What each table needs beside what is personal in it; a personal column, or a table with one, is found by itself.
PLAIN: Mapping[str, Mapping[str, str]] = {
    "customer_record": {"created_at": "2024-01-05", "city": "Lodi", "kind": "person"},
    "interaction": {"interaction_id": "n{}", "started_at": "2024-05-03", "channel": "phone", "kind": "call"},
    "service_case": {"case_id": "k{}", "opened_at": "2024-05-02", "kind": "complaint"},
    "survey_answer": {"answer_id": "a{}", "answered_at": "2024-05-04", "instrument": "nps", "score": "9"},
    "order_line": {
        "order_id": "o{}", "line_no": "1", "ordered_at": "2024-04-0{}", "net_revenue": "10{}.5", "product_id": "p1",
        "cost_of_goods": "6", "channel": "web", "territory_id": "t1",
    },
    "consent": {"purpose": "offers", "channel": "e-mail", "at": "2024-02-01", "decision": "given"},
    "invoice": {"invoice_id": "i{}", "issued_on": "2024-04-01", "due_on": "2024-05-01", "amount": "50"},
    "territory": {"territory_id": "t1", "name": "North", "level": "region"},
    "product": {"product_id": "p1", "name": "Soap", "category": "wash"},
}  # fmt: skip
SETTINGS = """
[run]
threads = 1

[segment.big]
where = "city = 'Lodi'"
"""
SOURCE = """
[[source]]
name = "{source}"
table = "{table}"
path = "exports/{source}-{table}.csv"
delivery = "upsert"
max_bad = 0.5
"""


def canary(column: str, person: int) -> str:
    """What a person's field holds: a word to search for, or a value that its rule takes and nothing else holds."""
    if column == "birth_date":
        return BORN.format(person + 1)
    if column in ("phone", "fax"):
        return f"+34 6{'77' if column == 'phone' else '88'} 313 {person:03}"
    if column == "email":
        return f"canary.email{person}@example.org"
    return f"Canary{column.replace('_', '')}{person}"


def marks(column: str) -> tuple[bytes, ...]:
    """What is searched for, in small letters: the canaries of a column, however they are written."""
    if column == "birth_date":
        return b"1931-07", b"/07/1931", b"/7/31", b"jul 1931", b"193107"
    if column in ("phone", "fax"):
        digits = b"677" if column == "phone" else b"688"
        return digits + b"313", digits + b" 313", digits + b"-313"
    return (b"canary.email",) if column == "email" else (f"canary{column.replace('_', '')}".encode(),)


def personal() -> dict[str, tuple[str, ...]]:
    """The personal columns of every contract that is delivered, with the keys that name a person."""
    return {
        each.name: tuple(column.name for column in each.columns if column.personal)
        for each in CONTRACTS.values()
        if any(column.personal for column in each.columns)
    }


def columns() -> tuple[str, ...]:
    """Every column that holds canaries; ``key`` is what a system calls its customers."""
    return ("key", *sorted({name for names in personal().values() for name in names}))


def told(folder: Path) -> Path:
    """The workspace, delivered and run; some of the people are known to a second system too."""
    create(folder, name="Corner Shop", currency="EUR", timezone="Europe/Madrid")
    (folder / "exports").mkdir()
    said = (folder / "clientela.toml").read_text("utf-8") + SETTINGS
    for source, tables, people in (("shop", PLAIN, PEOPLE), ("crm", ("customer_record",), 3)):
        for table in tables:
            _write(folder / "exports" / f"{source}-{table}.csv", CONTRACTS[table], source, people)
            said += SOURCE.format(source=source, table=table)
    (folder / "clientela.toml").write_text(said, "utf-8")
    clientela.open(folder).run(now=NOW)
    return folder


def _write(path: Path, contract: Contract, source: str, people: int) -> None:
    rows = []
    for person in range(people if "{}" in "".join(PLAIN[contract.name].values()) or _names_people(contract) else 1):
        row = {
            name: value.format(person) if name != "ordered_at" else f"2024-04-{person + 1:02}"
            for name, value in PLAIN[contract.name].items()
        }
        for column in contract.columns:
            if column.person:
                row[column.name] = f"Canarykey{source}{person}"
            elif column.personal:
                row[column.name] = canary(column.name, person)
                assert column.type in (Type.TEXT, Type.DATE), (
                    f"say what a canary in {contract.name}.{column.name} looks like"
                )
        rows.append(row)
    if contract.name == "order_line":
        rows.append({**rows[0], "order_id": "broken", "net_revenue": "Canarykey-in-a-number"})  # goes to quarantine
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _names_people(contract: Contract) -> bool:
    return any(column.person for column in contract.columns)


def held(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file of a folder that is not meant to hold what is personal, with its bytes in small letters."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        if (
            path.is_file()
            and inside[0] not in ("landing", "exports", "secrets")
            and not path.name.startswith("people-")
        ):
            yield path, path.read_bytes().lower()


def called(*arguments: str, folder: Path) -> int:
    """Run a command of the command line."""
    return command([*arguments, "-w", str(folder)])


def found(said: bytes, names: tuple[str, ...]) -> list[str]:
    """The columns whose canaries stand in something."""
    small: Any = said.lower()
    return [name for name in names if any(mark in small for mark in marks(name))]
