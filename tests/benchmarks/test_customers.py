"""Looking for a customer among a million, and opening a page: what a person waits for, beside a scan of all names."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter, process_time

import pytest
from sqlglot import exp, parse_one

from clientela import config
from clientela.contracts.derived import DERIVED
from clientela.pipeline import serving
from clientela.pipeline.asking import watched
from clientela.pipeline.clock import Clock
from clientela.pipeline.create import read_secret
from clientela.pipeline.customers.one import one
from clientela.pipeline.customers.search import search
from clientela.pipeline.customers.told import CustomerSeen
from clientela.pipeline.pages.told import write_told
from clientela.pipeline.pages.written import write_pages
from clientela.warehouse.build import Build
from clientela.warehouse.physical import ENGINE_TYPES, all_columns
from clientela.workspace import create
from tests.benchmarks.test_find import FROM, TABLES, people

pytestmark = pytest.mark.benchmark
EACH = 60
ID_MS, NAME_MS, PAGE_MS = 150, 400, 200  # at most, of 95 (pages: 99) in 100
AS_OF = date(2024, 7, 1)
NOW = datetime(2024, 7, 1, 8, tzinfo=UTC)
SOURCE = '\n[[source]]\nname = "crm"\ntable = "customer_record"\npath = "none-*.csv"\ndelivery = "full"\n'
SCAN = "select customer_id from people.customer where lower(full_name) like :said order by customer_id"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, float]]:
    folder = tmp_path_factory.mktemp("pages") / "company"
    create(folder, name="Million", currency="EUR", timezone="Europe/Madrid")
    toml = folder / "clientela.toml"
    toml.write_text(toml.read_text("utf-8") + SOURCE, "utf-8")
    settings = config.load(folder)
    known = NOW.replace(tzinfo=None)
    dates = Clock(
        as_of=AS_OF, known_at=known, today=AS_OF, origins=(), first_day=None, last_day=None, timezone="Europe/Madrid"
    )
    with Build(folder, 1) as build:
        build.engine.register("made", people(read_secret(folder)))
        build.engine.run(parse_one("create table memory.main.person as select * from made", dialect="duckdb"))
        build.engine.unregister("made")
        for table, given in TABLES.items():
            listed = [
                f"{given.get(name, f'cast(null as {ENGINE_TYPES[each.type]})')} as {name}"
                for name, each in all_columns(DERIVED[table]).items()
            ]
            query = parse_one(f"select {', '.join(listed)} from {FROM[table]}", dialect="duckdb")  # noqa: S608 - ours
            assert isinstance(query, exp.Query)
            build.create(table, query)
        consent = DERIVED["customer_consent"]
        empty = exp.select(
            *(
                f"cast(null as {ENGINE_TYPES[each.type]}) as {exp.to_identifier(each.name, quoted=True)}"
                for each in consent.columns
            )
        ).where("false")
        build.create("customer_consent", empty)
        began, cpu = perf_counter(), process_time()
        write_pages(build, dates, settings, lapse_days=None, progress=lambda _: None)
        write_told(build, dates, settings, progress=lambda _: None)
        wrote = {"writing_seconds": perf_counter() - began, "writing_cpu_seconds": process_time() - cpu}
        build.publish(
            {
                "currency": "EUR", "as_of": AS_OF.isoformat(), "timezone": "Europe/Madrid", "version": "test",
                "known_at": known.isoformat(), "now": known.isoformat(), "lapse_days": None,
            }
        )  # fmt: skip
    return folder, wrote


def test_customers_1m_found_and_opened(made: tuple[Path, dict[str, float]], note) -> None:  # type: ignore[no-untyped-def]  # of this folder's conftest
    folder, wrote = made
    look = watched.look("", NOW)
    with serving.hold(folder):
        with serving.opened(folder) as (reader, _):
            sample = "select customer_id, full_name, email from people.customer using sample 180 rows (reservoir, 7)"
            rows = reader.fetch(parse_one(sample, dialect="duckdb")).to_pylist()
        numbers, mails = [str(row["customer_id"]) for row in rows[:EACH]], [row["email"] for row in rows[:EACH]]
        words = [row["full_name"].split()[-1][:4] for row in rows[:EACH]]
        seen = [str(row["customer_id"]) for row in rows[EACH:]]
        search(folder, "warm", look=look, asker=None)

        def found(said: str) -> None:
            assert search(folder, said, look=look, asker=None).lines, said

        def opened(number: str) -> None:
            assert isinstance(one(folder, number, look=look, asker=None), CustomerSeen)

        def scanned(said: str) -> None:
            with serving.opened(folder) as (open_reader, _):
                assert open_reader.fetch(parse_one(SCAN, dialect="duckdb"), {"said": f"%{said}%"}).num_rows

        by_number, by_mail, by_word = _took(found, numbers), _took(found, mails), _took(found, words)
        scan, page = _took(scanned, words), _took(opened, seen)
    note(
        **wrote,
        number_ms_95=_of(by_number, 95), email_ms_95=_of(by_mail, 95), word_ms_95=_of(by_word, 95),
        word_ms=statistics.median(by_word), scan_ms=statistics.median(scan), page_ms=statistics.median(page),
        page_ms_99=_of(page, 99), times_faster_than_a_scan=statistics.median(scan) / statistics.median(by_word),
    )  # fmt: skip
    assert max(_of(by_number, 95), _of(by_mail, 95)) <= ID_MS
    assert _of(by_word, 95) <= NAME_MS
    assert _of(page, 99) <= PAGE_MS


def _took(work: Callable[[str], None], values: Sequence[str]) -> list[float]:
    took = []
    for value in values:
        began = perf_counter()
        work(value)
        took.append(1000 * (perf_counter() - began))
    return sorted(took)


def _of(took: Sequence[float], percent: int) -> float:
    return took[min(len(took) - 1, len(took) * percent // 100)]
