"""The published sets as tables, with the truth of each and the settings by which the product reads them."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

FEBRL = """
[[source]]
name = "{name}"
table = "customer_record"
path = "exports/{name}.csv"
delivery = "upsert"
format = {{ date = "%Y%m%d" }}
[source.columns]
record_id = "rec_id"
first_name = "given_name"
last_name = "surname"
street = {{ expr = "concat(coalesce(street_number, ''), ' ', coalesce(address_1, ''))" }}
city = "suburb"
postal_code = "postcode"
region = "state"
birth_date = {{ expr = "{birth}" }}
tax_id = "soc_sec_id"
created_at = {{ expr = "'20200101'" }}
"""

# Some of the birth dates are none (1956-17-31): unknown is what a company would map them to.
BIRTH = (
    "case when substring(text(date_of_birth), 5, 2) between '01' and '12' "
    "and right(text(date_of_birth), 2) between '01' and '31' "
    "and right(text(date_of_birth), 4) not in ('0229', '0230', '0231', '0431', '0631', '0931', '1131') "
    "then text(date_of_birth) end"
)

FAKE = """
[[source]]
name = "fake"
table = "customer_record"
path = "exports/fake.csv"
delivery = "upsert"
[source.columns]
record_id = "unique_id"
first_name = "first_name"
last_name = "surname"
birth_date = "dob"
city = "city"
email = "email"
created_at = {{ expr = "'2020-01-01'" }}
"""


@dataclass(frozen=True, slots=True)
class Published:
    """One set: its files' rows, who each is of, and how they are mapped."""

    files: dict[str, list[dict[str, str]]]
    settings: str
    truth: list[str]
    timezone: str

    @property
    def table(self) -> pa.Table:
        """System and key of every row, in the order of the truth."""
        key = "rec_id" if "rec_id" in next(iter(self.files.values()))[0] else "unique_id"
        rows = [(name, row[key]) for name, rows in self.files.items() for row in rows]
        return pa.table({"system": [name for name, _ in rows], "record_id": [key for _, key in rows]})

    @property
    def rows(self) -> list[dict[str, str]]:
        return [row for rows in self.files.values() for row in rows]

    def write(self, exports: Path) -> None:
        """The files, as they were published but for blanks around the cells."""
        for name, rows in self.files.items():
            with (exports / f"{name}.csv").open("w", newline="", encoding="utf-8") as out:
                writer = csv.DictWriter(out, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)


def febrl4(data: Path) -> Published:
    files = {name: list(_rows(data / "febrl" / f"dataset{name[-2:]}.csv.gz")) for name in ("febrl4a", "febrl4b")}
    return _febrl(files)


def febrl3(data: Path) -> Published:
    return _febrl({"febrl3": list(_rows(data / "febrl" / "dataset3.csv.gz"))})


def fake_1000(data: Path) -> Published:
    rows = list(_rows(data / "splink_fake_1000" / "fake_1000.csv"))
    truth = [row.pop("cluster") for row in rows]
    return Published({"fake": rows}, FAKE, truth, "Europe/London")


def _febrl(files: dict[str, list[dict[str, str]]]) -> Published:
    truth = [row["rec_id"].split("-")[1] for rows in files.values() for row in rows]
    return Published(files, "".join(FEBRL.format(name=name, birth=BIRTH) for name in files), truth, "Australia/Sydney")


def _rows(path: Path) -> Iterator[dict[str, str]]:
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    for row in csv.DictReader(text.splitlines(), skipinitialspace=True):
        yield {name: (value or "").strip() for name, value in row.items()}
