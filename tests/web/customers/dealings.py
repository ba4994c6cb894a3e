"""A company of a few people known to two systems, with all that can happen to a customer: to look at their pages."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import clientela
from clientela.workspace import Workspace, create

NOW = datetime(2024, 7, 1, 8, 0, tzinfo=UTC)
NAMES = {
    "c0": ("Ana", "García López", "ana.garcia@example.org", "+34600111222", "Sevilla", "north"),
    "c1": ("Bruno", "Díaz", "bruno@example.org", "+34600333444", "Oviedo", "north"),
    "c2": ("<script>alert(1)</script>", "Pérez", "perez@example.org", "+34600555666", "Oviedo", "north"),
    "c3": ("Ana", "Torres", "torres@example.org", "+34600777888", "Cádiz", "south"),
    "c4": ("Zoë", "Müller", "zoe@example.org", "+34600999000", "Cádiz", "south"),
    "c5": ("Silent", "Garza", "garza@example.org", "+34600121212", "Cádiz", "south"),
}
SOURCES = (
    ("shop", "territory"), ("shop", "product"), ("shop", "customer_record"), ("shop", "order_line"),
    ("office", "customer_record"), ("shop", "service_case"), ("shop", "interaction"), ("shop", "contact"),
    ("shop", "survey_answer"), ("shop", "consent"),
)  # fmt: skip
SEGMENTS = """
[segment.regulars]
where = "orders >= 5"
"""


def lived(folder: Path) -> Workspace:
    """The company, run once; Ana García has a record in both systems."""
    create(folder, name="Corner Shop", currency="EUR", timezone="Europe/Madrid")
    toml = folder / "clientela.toml"
    told = toml.read_text("utf-8")
    for source, table in SOURCES:
        told += (
            f'\n[[source]]\nname = "{source}"\ntable = "{table}"\npath = "{source}-{table}.csv"\ndelivery = "full"\n'
        )
    toml.write_text(told + SEGMENTS, "utf-8")
    _write(folder, "shop-territory", [
        {"territory_id": "spain", "name": "Spain", "level": "nation", "parent_id": ""},
        {"territory_id": "north", "name": "The North", "level": "region", "parent_id": "spain"},
        {"territory_id": "south", "name": "The South", "level": "region", "parent_id": "spain"},
    ])  # fmt: skip
    _write(folder, "shop-product", [
        {"product_id": f"p{n}", "name": f"Thing {n}", "category": ("Garden", "Kitchen", "Toys")[n]} for n in range(3)
    ])  # fmt: skip
    _write(folder, "shop-customer_record", [_record(key, *NAMES[key]) for key in NAMES])
    _write(folder, "office-customer_record", [_record("m-1", *NAMES["c0"])])
    _write(folder, "shop-order_line", [*_lines()])
    _write(folder, "shop-service_case", [
        _event(case_id="k1", who="c0", opened_at="2024-06-01 10:00", closed_at="", kind="complaint", reason="late"),
        _event(case_id="k2", who="c1", opened_at="2024-05-01 10:00", closed_at="2024-05-03 10:00", kind="request",
               reason="invoice"),
    ])  # fmt: skip
    _write(folder, "shop-interaction", [
        _event(interaction_id="i1", who="c0", started_at="2024-06-10 09:00", channel="phone", direction="in",
               kind="call", outcome="answered"),
    ])  # fmt: skip
    _write(folder, "shop-contact", [
        _event(contact_id="m1", who="c0", campaign_id="spring", sent_at="2024-06-15 09:00", status="sent",
               arm="treated"),
    ])  # fmt: skip
    _write(folder, "shop-survey_answer", [
        _event(answer_id="a1", who="c0", answered_at="2024-06-20 09:00", instrument="nps", score="9"),
    ])  # fmt: skip
    _write(folder, "shop-consent", [
        {"record_id": "c0", "purpose": "offers", "channel": "e-mail", "at": "2024-03-02 09:00", "decision": "given"},
        {"record_id": "c0", "purpose": "offers", "channel": "phone", "at": "2024-05-09 09:00",
         "decision": "withdrawn"},
        {"record_id": "c1", "purpose": "offers", "channel": "post", "at": "2024-05-09 09:00", "decision": "given"},
    ])  # fmt: skip
    opened = clientela.open(folder)
    opened.run(now=NOW)
    return opened


def _record(key: str, first: str, last: str, email: str, phone: str, city: str, _: str) -> Mapping[str, str]:
    return {
        "record_id": key, "full_name": f"{first} {last}", "first_name": first, "last_name": last, "email": email,
        "phone": phone, "street": "Calle Mayor 1", "postal_code": "41013", "city": city, "created_at": "2023-01-05",
    }  # fmt: skip


def _event(**told: str) -> Mapping[str, str]:
    return {"customer_ref" if name == "who" else name: value for name, value in told.items()}


def _lines() -> Iterable[Mapping[str, object]]:
    """Orders at steady gaps; the last customer has been silent for long."""
    number = 0
    for place, key in enumerate(NAMES):
        day, gap = date(2023, 8, 1), 20 + 4 * place
        until = date(2024, 2, 1) if key == "c5" else date(2024, 6, 30)
        while day <= until:
            number += 1
            yield {
                "order_id": f"o{number}", "line_no": 1, "customer_ref": key, "ordered_at": f"{day} 11:00:00",
                "kind": "sale", "product_id": f"p{number % 3}", "quantity": 2, "net_revenue": 40 + 10 * place,
                "cost_of_goods": 20, "channel": "store" if number % 2 else "web", "territory_id": NAMES[key][5],
            }  # fmt: skip
            day += timedelta(days=gap)


def _write(folder: Path, name: str, rows: Sequence[Mapping[str, object]]) -> None:
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*rows[0]])
        writer.writeheader()
        writer.writerows(rows)
