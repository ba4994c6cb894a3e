"""The records as three systems of a company would deliver them, each in files of its own form; the truth apart."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv

from clientela.testing.company.people.drawn import Numbers
from clientela.warehouse.store.snapshot import current
from tests.identity.records import SYSTEMS, Delivered
from tests.pipeline.company import EVERY

if TYPE_CHECKING:
    from clientela.workspace import Workspace

NOW = datetime(2024, 7, 1, 8, 0, tzinfo=UTC)
FORMS = {
    "shop": (",", {"id": "record_id", "first name": "given", "last name": "surname", "e-mail": "email",
                   "mobile": "phone", "address": "street", "zip": "postal", "town": "city", "country": "country",
                   "birthday": "born", "company": "company", "registered": "created"}),
    "crm": (";", {"Nr": "record_id", "Art": "kind", "Given": "given", "Family": "surname", "Firm": "company",
                  "Tax": "tax", "Street": "street", "Post": "postal", "Town": "city", "Land": "country",
                  "Phone": "phone", "Mail": "email", "Born": "born", "Made": "created"}),
    "till": (",", {"card": "record_id", "name": "name", "phone": "phone", "mail": "email", "zip": "postal",
                   "born": "born", "since": "created"}),
}  # fmt: skip

COMPANY = """\
[company]
name = "Everyone"
currency = "EUR"
timezone = "{timezone}"

[run]
{every}
threads = {threads}
memory_limit = "{memory}"
"""

SOURCES = """
[[source]]
name = "shop"
table = "customer_record"
path = "exports/shop-*.csv"
delivery = "upsert"
[source.columns]
record_id = "id"
first_name = "first name"
last_name = "last name"
email = "e-mail"
phone = "mobile"
street = "address"
postal_code = "zip"
city = "town"
country = "country"
birth_date = "birthday"
company = "company"
created_at = "registered"

[[source]]
name = "crm"
table = "customer_record"
path = "exports/crm-*.csv"
delivery = "upsert"
format = {{ delimiter = ";" }}
[source.columns]
record_id = "Nr"
kind = "Art"
first_name = "Given"
last_name = "Family"
company = "Firm"
tax_id = "Tax"
street = "Street"
postal_code = "Post"
city = "Town"
country = "Land"
phone = "Phone"
email = "Mail"
birth_date = "Born"
created_at = "Made"

[[source]]
name = "till"
table = "customer_record"
path = "exports/till-*.csv"
delivery = "upsert"
[source.columns]
record_id = "card"
full_name = "name"
phone = "phone"
email = "mail"
postal_code = "zip"
birth_date = "born"
created_at = "since"
"""


def workspace(
    folder: Path,
    *,
    sources: str = SOURCES,
    threads: int = 2,
    memory: str = "1200MB",
    timezone: str = "Europe/Madrid",
    secret: str = "5d" * 32,
    extra: str = "",
) -> Workspace:
    """A new workspace with a known secret and empty exports; a folder that is there is emptied."""
    import clientela

    shutil.rmtree(folder, ignore_errors=True)
    (folder / "exports").mkdir(parents=True)
    (folder / "secrets").mkdir()
    text = (
        COMPANY.format(every=EVERY, threads=threads, memory=memory, timezone=timezone)
        + extra
        + sources.replace("{{", "{").replace("}}", "}")
    )
    (folder / "clientela.toml").write_text(text, encoding="utf-8")
    key = folder / "secrets" / "pseudonym.key"
    key.touch(mode=0o600)
    key.write_text(secret + "\n", encoding="ascii")
    return clientela.open(folder)


def write(folder: Path, table: pa.Table, number: int = 1) -> None:
    """One file of each system into the workspace's exports, the rows in the order of the table."""
    name = pc.binary_join_element_wise(table["given"], table["surname"], " ", null_handling="skip")
    table = table.append_column("name", name)
    for system in SYSTEMS:
        delimiter, columns = FORMS[system]
        rows = table.filter(pc.equal(table["system"], system))
        if not rows.num_rows:
            continue
        form = pa.table({theirs: rows[ours] for theirs, ours in columns.items()})
        options = pc_csv.WriteOptions(delimiter=delimiter, quoting_style="needed")
        pc_csv.write_csv(form, folder / "exports" / f"{system}-{number}.csv", options)


def split(made: Delivered, later: float) -> tuple[pa.Table, pa.Table]:
    """The records of the first delivery and those that come later, a share of all."""
    first = made.table.num_rows - int(made.table.num_rows * later)
    return made.table.slice(0, first), made.table.slice(first)


@dataclass(frozen=True, slots=True)
class Found:
    """What a published snapshot says of the records of a table, in its order."""

    customer_id: Numbers
    customer_ref: pa.Array
    probability: np.ndarray


def found(folder: Path, table: pa.Table) -> Found:
    """The customer of each record, from the published identity."""
    published = current(folder)
    assert published is not None
    asked = table.select(["system", "record_id"]).append_column("place", pa.array(np.arange(table.num_rows)))
    with duckdb.connect() as connection:
        for name in ("facts", "people"):
            connection.execute(f"attach '{published.paths[name]}' as {name} (read_only)")
        connection.register("asked", asked)
        answer = connection.sql(
            "select customer_id, customer_ref, match_probability from asked "
            "join facts.identity as fact on fact.source = asked.system "
            "join people.identity as person using (customer_ref) "
            "where person.record_id = asked.record_id order by place"
        ).to_arrow_table()
    assert answer.num_rows == table.num_rows
    return Found(
        answer["customer_id"].to_numpy(),
        answer["customer_ref"].combine_chunks(),
        answer["match_probability"].to_numpy(),
    )
