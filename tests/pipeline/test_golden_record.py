"""Two systems know the same people: one customer each, with the best of both, in every table of a snapshot."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlglot

import clientela
from clientela.errors import ConfigurationError
from clientela.warehouse.store.snapshot import Reader, current
from clientela.workspace import Workspace, create

NOW = datetime(2024, 7, 1, 8, 0, tzinfo=UTC)
SOURCES = """
[[source]]
name = "{name}"
table = "{table}"
path = "exports/{name}-{table}-*.csv"
delivery = "{delivery}"
"""
SYSTEMS = (
    ("crm", "customer_record", "upsert"),
    ("shop", "customer_record", "upsert"),
    ("shop", "order_line", "upsert"),
    ("crm", "consent", "append"),
    ("shop", "consent", "append"),
    ("crm", "relation", "full"),
)
FILES = {
    "crm-customer_record": """
        record_id,kind,first_name,last_name,company,email,phone,street,postal_code,city,birth_date,created_at
        C1,person,Ana,García López,,ana.garcia@example.com,,Calle Mayor 1,28013,Madrid,1980-05-01,2020-01-01
        C2,person,Luis,García,Acme SL,luis@example.com,,Calle Mayor 1,28013,Madrid,,2020-02-01
        C3,organisation,,,ACME S.L.,,,Gran Vía 8,28013,Madrid,,2020-03-01
        """,
    "shop-customer_record": """
        record_id,kind,first_name,last_name,company,email,phone,street,postal_code,city,birth_date,created_at
        S1,person,ANA,Garcia Lopez,,Ana.Garcia@example.com,600 123 456,Calle Luna 5,28004,MADRID,1980-05-01,2023-01-01
        """,
    "shop-order_line": """
        order_id,customer_ref,ordered_at,net_revenue
        1,S1,2024-06-01,10.00
        2,S9,2024-06-02,20.00
        """,
    "crm-consent": "record_id,purpose,channel,at,decision\nC1,newsletter,e-mail,2021-01-01,given",
    "shop-consent": "record_id,purpose,channel,at,decision\nS1,newsletter,e-mail,2020-01-01,withdrawn",
    "crm-relation": "from_ref,to_ref,kind,valid_from\nC3,C2,belongs_to_group,2020-01-01",
}


@dataclass(frozen=True, slots=True)
class Company:
    workspace: Workspace

    @property
    def folder(self) -> Path:
        return self.workspace.folder

    def rows(self, table: str, columns: str = "*", order: str = "all") -> list[dict[str, Any]]:
        snapshot = current(self.folder)
        assert snapshot is not None
        with Reader(snapshot) as reader:
            return reader.fetch(
                sqlglot.parse_one(f"select {columns} from {table} order by {order}", dialect="duckdb")  # noqa: S608
            ).to_pylist()

    def people(self) -> dict[str, dict[str, Any]]:
        """Each customer by their first name or company; one of whom nothing is known is nobody."""
        open_part = {row["customer_id"]: row for row in self.rows("facts.customer")}
        told = [{**open_part[row["customer_id"]], **row} for row in self.rows("people.customer")]
        return {row["first_name"] or row["company"] or "nobody": row for row in told}


def company(folder: Path, settings: str = "", files: Iterable[tuple[str, str]] = tuple(FILES.items())) -> Company:
    create(folder, name="Two Systems", currency="EUR", timezone="Europe/Madrid")
    (folder / "exports").mkdir()
    toml = folder / "clientela.toml"
    listed = [SOURCES.format(name=name, table=table, delivery=how) for name, table, how in SYSTEMS]
    toml.write_text(toml.read_text() + "".join(listed) + settings)
    for name, said in files:
        lines = [line.strip() for line in said.strip().splitlines()]
        (folder / "exports" / f"{name}-1.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    made = Company(clientela.open(folder))
    made.workspace.run(now=NOW)
    return made


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    return company(tmp_path_factory.mktemp("two") / "w", '[identity]\nbelieve = ["crm"]\n')


def test_two_records_are_one_customer_with_the_best_of_both(two):
    ana = two.people()["Ana"]
    assert {name: ana[name] for name in ("records", "sources", "last_name", "email", "phone", "street", "city")} == {
        "records": 2,
        "sources": 2,
        "last_name": "García López",
        "email": "ana.garcia@example.com",
        "phone": "600 123 456",
        "street": "Calle Mayor 1",
        "city": "Madrid",
    }
    assert {name: each["records"] for name, each in two.people().items()} == {
        "Ana": 2,
        "Luis": 1,
        "ACME S.L.": 1,
        "nobody": 1,
    }


def test_lineage_says_which_system_each_field_is_from(two):
    ana = two.people()["Ana"]["customer_id"]
    told = {row["field"]: (row["source"], row["rule"]) for row in two.rows("facts.customer_lineage")}
    assert {row["customer_id"] for row in two.rows("facts.customer_lineage")} == {ana}
    assert told["phone"] == ("shop", "only value")
    assert told["email"] == ("crm", "agreed")
    assert told["first_name"] == ("crm", "agreed")
    assert told["street"] == ("crm", "source priority")


def test_consent_relations_and_households_are_those_of_customers(two):
    people = {name: each["customer_id"] for name, each in two.people().items()}
    consent = two.rows("facts.customer_consent")
    assert [(row["customer_id"], row["decision"], row["records"]) for row in consent] == [
        (people["Ana"], "withdrawn", 2)
    ]
    related = {
        (row["from_customer_id"], row["kind"], row["to_customer_id"]) for row in two.rows("facts.customer_relation")
    }
    assert (people["ACME S.L."], "belongs_to_group", people["Luis"]) in related
    assert (people["Luis"], "works_at", people["ACME S.L."]) in related
    assert (people["Luis"], "household", people["Ana"]) in related


def test_an_export_shows_the_customer_and_an_erasure_leaves_nothing_of_them(tmp_path):
    made = company(tmp_path / "w")
    ana = made.people()["ANA"]["customer_id"]  # nobody is believed first, so the fresher name stands
    refs = {row["customer_ref"] for row in made.rows("facts.identity") if row["customer_id"] == ana}
    held = json.loads(json.dumps(made.workspace.persons.export(str(ana)), default=str))["held"]
    names = {each["name"] for each in held}
    assert {
        *("facts.customer", "people.customer", "facts.customer_lineage", "facts.customer_consent"),
        *("facts.identity", "facts.identity_event", "facts.identity_pair", "facts.identity_evidence"),
        "people.identifier",
    } <= names

    made.workspace.persons.erase(str(ana), now=NOW + timedelta(hours=1))

    left = json.dumps({name: made.rows(name) for name in sorted(_tables(made.folder))}, default=str, ensure_ascii=False)
    assert [each for each in (str(ana), *refs, "ana.garcia", "García López", "600 123 456") if each in left] == []
    assert "Luis" in made.people()


def _tables(folder: Path) -> set[str]:
    snapshot = current(folder)
    assert snapshot is not None
    with Reader(snapshot) as reader:
        facts = {f"facts.{name}" for name in reader.tables if name.startswith(("customer", "identity"))}
        return facts | {f"people.{name}" for name in (reader.people or ())}


def test_a_rule_for_an_unknown_field_stops_the_run_before_anything_is_published(tmp_path):
    with pytest.raises(ConfigurationError, match="'street' moves with the rest of the address"):
        company(tmp_path / "w", '[identity]\nsurvivorship = { street = "freshest" }\n')
    assert current(tmp_path / "w") is None


def test_without_any_record_each_key_is_a_customer_of_whom_nothing_is_known(tmp_path):
    made = company(tmp_path / "w", files=[("shop-order_line", FILES["shop-order_line"])])
    told = [(row["records"], row["sources"], row["kind"]) for row in made.rows("facts.customer")]
    assert told == [(1, 1, None), (1, 1, None)]
    assert made.rows("facts.customer_lineage") == made.rows("facts.customer_relation") == []
