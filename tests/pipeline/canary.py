"""A company in which one person is everywhere: in several systems and formats, in every personal field, in notes,
in columns nobody maps, in lines that cannot be read. Every word about them is a canary that can be searched for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

import clientela
from clientela.warehouse.store.snapshot import current
from clientela.workspace import Workspace, create
from tests.pipeline.company import buying

NOW = datetime(2024, 7, 1, 8, 0, tzinfo=UTC)
KEY, EMAIL, PHONE = "CANARYKEY77", "Canary.Bird@Example.org", "+34 600 777 888"
CRM_KEY = 770_077_001
# Every word that is about the person and nobody else.
WORDS = (
    "Canary Nombre",
    "Calle Canaria 7",
    "CANARY-postcode",
    "CANARY-note",
    "CANARY-address",
    "CANARY-baddate",
    "CANARY-broken",
    "CANARY-birth",
    "CANARY-complaint",
    "CANARY-comment",
    "CANARY-iphash",
    "CANARY-guest",
    "CANARY-member",
    "CANARY-tax-12345678",
    "CANARY-fan",
)

SETTINGS = """
[run]
max_bad = 0.5

[[source]]
name = "shop"
table = "order_line"
path = "exports/orders-*.csv"
delivery = "upsert"
format = { delimiter = ";" }
[source.columns]
order_id = "No"
line_no = "Line"
customer_ref = "Customer"
ordered_at = "Date"
product_id = "Product"
quantity = "Pieces"
net_revenue = { expr = "Pieces * Price" }

[[source]]
name = "shop"
table = "customer_record"
path = "exports/people-*.jsonl"
delivery = "upsert"
[source.columns]
record_id = "id"
full_name = "name"
email = "mail"
phone = "tel"
street = "street"
postal_code = "zip"
birth_date = "born"
created_at = "since"

[[source]]
name = "shop"
table = "service_case"
path = "exports/cases.csv"
delivery = "upsert"
[source.columns]
case_id = "Case"
customer_ref = "Customer"
opened_at = "Opened"
text = "Words"

[[source]]
name = "shop"
table = "survey_answer"
path = "exports/answers.csv"
delivery = "append"

[[source]]
name = "shop"
table = "interaction"
path = "exports/visits.csv"
delivery = "append"

[[source]]
name = "shop"
table = "consent"
path = "exports/consent.csv"
delivery = "append"

[[source]]
name = "crm"
table = "customer_record"
path = "exports/crm.parquet"
delivery = "full"
[source.columns]
record_id = "Id"
full_name = "Name"
email = "Mail"
tax_id = "Tax"
created_at = "Since"

[[source]]
name = "crm"
table = "relation"
path = "exports/families.csv"
delivery = "full"
"""


@dataclass(frozen=True)
class Canary:
    """The company, with the lines of orders that are not the canary's."""

    workspace: Workspace
    others: list[list[object]] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.workspace.folder

    @property
    def exports(self) -> Path:
        return self.folder / "exports"

    def write(self, name: str, *lines: str) -> None:
        (self.exports / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def revenue(self) -> Decimal:
        """All revenue that is published."""
        published = current(self.folder)
        assert published is not None
        with duckdb.connect(str(published.paths["facts"]), read_only=True) as connection:
            found = connection.execute("select sum(net_revenue) from order_line where known_until is null").fetchall()
        return found[0][0]


HEADER = "No;Line;Customer;Date;Product;Pieces;Price;Note;Ship to"


def canary(folder: Path, *, customers: int = 120) -> Canary:
    """The company with everything delivered, nothing run."""
    create(folder, name="Corner Shop", currency="EUR", timezone="Europe/Madrid")
    (folder / "exports").mkdir()
    toml = folder / "clientela.toml"
    toml.write_text(toml.read_text() + SETTINGS)
    made = Canary(clientela.open(folder), buying(customers))
    made.write("orders-1.csv", HEADER, *(order(line) for line in made.others), *orders(1))
    made.write("orders-2.csv", HEADER, *orders(2))
    made.write("people-1.jsonl", *map(json.dumps, people()))
    made.write(
        "cases.csv",
        "Case,Customer,Opened,Words",
        f"k1,{KEY},2024-05-01,CANARY-complaint about it",
        "k2,c1,2024-05-02,fine",
    )
    made.write(
        "answers.csv",
        "answer_id,customer_ref,answered_at,instrument,score,comment",
        f"a1,{KEY},2024-05-03,nps,3,CANARY-comment",
        "a2,c2,2024-05-03,nps,9,good",
    )
    made.write(
        "visits.csv",
        "interaction_id,customer_ref,started_at,channel,ip_hash,favourite_links",
        f"v1,{KEY},2024-05-03,web,CANARY-iphash,/CANARY-fan",
        "v2,c2,2024-05-03,web,abc,/offers",
    )
    made.write(
        "consent.csv",
        "record_id,purpose,channel,at,decision,proof",
        f"{KEY},news,e-mail,2024-01-01,given,CANARY-fan",
        "c1,news,e-mail,2024-01-01,given,x",
    )
    made.write("families.csv", "from_ref,to_ref,kind", f"{CRM_KEY},5,household", "5,6,household")
    table = {
        "Id": pa.array([CRM_KEY, 5, 6], pa.int64()),
        "Name": ["Canary Nombre", "Eva", "Tom"],
        "Mail": [EMAIL.upper(), "eva@example.org", None],
        "Tax": ["CANARY-tax-12345678", None, None],
        "Since": ["2023-01-01", "2023-01-01", "2023-01-01"],
        "Member": ["CANARY-member", None, None],
    }
    pq.write_table(pa.table(table), made.exports / "crm.parquet")
    return made


def order(line: list[object]) -> str:
    number, place, customer, when, product, pieces, money, _ = line
    return f"{number};{place};{customer};{when};{product};{pieces};{money};;"


def orders(batch: int) -> list[str]:
    """What the canary bought, and where others speak of them."""
    return [
        f"x{batch}1;1;{KEY};2024-06-01 10:00;p1;2;10.50;CANARY-note;CANARY-address",
        f"x{batch}2;1; {KEY} ;2024-06-02 10:00;p2;1;7.25;;CANARY-address",
        f"x{batch}3;1;{KEY};CANARY-baddate;p2;1;99;;",
        f'"x{batch}4;1;{KEY};2024-06-02;CANARY-broken',
        f"x{batch}5;1;;2024-06-03;p2;1;5.00;CANARY-guest;{EMAIL}",
        f"x{batch}6;1;c1;2024-06-03;p2;1;3.00;a gift for {EMAIL.lower()}, please;",
    ]


def people() -> list[dict[str, object]]:
    known = {"id": KEY, "name": "Canary Nombre", "mail": EMAIL, "tel": PHONE, "street": "Calle Canaria 7"}
    return [
        {**known, "zip": "CANARY-postcode", "born": "1980-01-02", "since": "2023-01-01", "fan of": "CANARY-fan"},
        {**known, "id": KEY, "zip": "1", "born": "CANARY-birth", "since": "2023-01-02"},
        {"id": "c1", "name": "Ana", "mail": "ana@example.org", "tel": "600111222", "since": "2023-01-01"},
        {"id": "c2", "name": "Leo", "mail": "leo@example.org", "tel": PHONE, "since": "2023-01-01"},
    ]


def hits(folder: Path, words: tuple[str, ...]) -> dict[str, set[str]]:
    """Where a word stands: in the bytes of a file, in a column of a Parquet file, in a table of a snapshot."""
    found: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.is_relative_to(folder / "exports"):
            continue
        texts = [each.casefold() for each in (path.read_bytes().decode("utf-8", "replace"), *_values(path))]
        for word in words:
            if any(word.casefold() in text for text in texts):
                found.setdefault(word, set()).add(path.relative_to(folder).as_posix())
    return found


def _values(path: Path) -> Iterator[str]:
    if path.suffix == ".parquet":
        yield str(pq.read_table(path).to_pylist())
        yield str(pq.read_metadata(path).metadata)
    if path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as connection:
            for (name,) in connection.execute("select table_name from information_schema.tables").fetchall():
                yield str(connection.sql(f'select * from "{name}"').fetchall())  # noqa: S608 - a name of our own
