"""Hostile SQL on a published workspace: no file outside is read, none is changed, and nothing outlives its limit.

Once as a person types it, through the gate that `test_typed_sql` looks at; once with the gate off, straight into the
process that runs what the gate lets through, as somebody would who had found a way around it.
"""

# ruff: noqa: S608 -- hostile on purpose
from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any
from unittest.mock import patch

import pytest

import clientela
from clientela.errors import ClientelaError, QueryError, SandboxError
from clientela.pipeline.asking import typed
from clientela.pipeline.asking.watched import Look
from clientela.warehouse.store.snapshot import current
from tests.access.test_typed_sql import HARMLESS, hostile
from tests.pipeline.company import NOW, buying, shop

OUTSIDE = "canary-of-a-file-outside"
LIMIT = 3.0
AT_ONCE = 1.0  # within so many seconds after its limit a process is gone
OWN = HARMLESS | {"select * from people.customer"}  # whoever owns the folder may read what is personal
TABLES = ", ".join(f"order_line as t{place}" for place in range(24))
# What the gate may let through, as it reads published tables alone, and what runs until somebody ends it.
ENDLESS = {
    "a join of everything with everything": f"select count(*) from {TABLES} where t0.net_revenue > t1.net_revenue",
    "a sort of a product": "select a.order_id from order_line a, order_line b, order_line c, order_line d, order_line e"
    " order by a.net_revenue * b.net_revenue * c.net_revenue, d.order_id, e.order_id",
}
HEAVY = {
    "ten thousand parentheses": f"select {'(' * 10_000}1{')' * 10_000}",
    "a list of a hundred thousand": f"select 1 from order_line where order_id in ({', '.join(['1'] * 100_000)})",
    "a text of a billion": "select repeat('x', 1000000000) from order_line",
    "a text doubled again and again": f"select length({'concat(' * 40}'x'{', order_id)' * 40}) from order_line",
    "patterns that backtrack": "select count(*) from order_line where order_id like '%a%a%a%a%a%a%a%a%a%a%a%a%a%'",
}  # fmt: skip
# What only somebody past the gate could send.
PAST = {
    "a series without end": "select count(*) from generate_series(1, 1000000000000) as s(n) where n % 7 = 3",
    "a recursion without end": "with recursive t(n) as (select 1 union all select n + 1 from t) select max(n) from t",
    "a text of a billion": "select length(repeat('x', 1000000000)) + length(repeat('y', 2000000000))",
    "a list of a billion": "select len(range(1000000000))",
    "a pattern": "select regexp_matches(repeat('a', 5000), '(a*)*(a*)*(a*)*b') from generate_series(1, 1000000)",
}
READS = (
    "select * from read_text('{outside}')", "select * from read_blob('{outside}')", "select * from '{outside}'",
    "select * from read_csv('{outside}', header = false)", "select * from glob('{folder}/*')",
    "copy (select 1) to '{folder}/written.csv'", "attach '{folder}/made.duckdb' as made",
    "select * from read_parquet('{folder}/*')",
    "create table facts.made as select 1", "delete from facts.order_line", "set enable_external_access = true",
    "set temp_directory = '{folder}/spill'", "install httpfs", "load '{folder}/x.duckdb_extension'",
    "export database '{folder}/all'", "call pragma_version()", "select getenv('HOME')", "pragma database_list",
    "select current_setting('secret_directory')", "select * from duckdb_secrets()", "create secret (type s3)",
    "checkpoint facts", "select * from query('select * from read_text(''{outside}'')')",
)  # fmt: skip


class Place:
    """A published workspace, and a file outside of it that nobody may read."""

    def __init__(self, folder: Path) -> None:
        made = shop(folder / "w")
        made.deliver("orders-1.csv", buying(150))
        made.workspace.run(now=NOW)
        self.whole, self.folder = folder, made.workspace.folder
        self.outside = folder / "outside.txt"
        self.outside.write_text(OUTSIDE)
        published = current(self.folder)
        assert published is not None
        self.snapshot = published.name

    def files(self) -> Mapping[str, str]:
        """Every file with the hash of its content."""
        return {
            str(path.relative_to(self.whole)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.whole.rglob("*"))
            if path.is_file()
        }

    def typed(self, said: str, seconds: float = LIMIT) -> typed.Rows:
        return typed.run_sql(
            self.folder, said, look=Look(login="test", now=datetime(2024, 7, 2, tzinfo=UTC)), seconds=seconds
        )

    def past_the_gate(self, said: str, seconds: float = LIMIT) -> Any:
        told = {"folder": str(self.folder), "snapshot": self.snapshot, "sql": said, "parameters": {}, "people": False}
        return typed.run_limited(
            "clientela.warehouse.store.answered:answered",
            told,
            memory_bytes=typed.MEMORY_BYTES,
            cpu_seconds=2 * seconds,
            wall_seconds=seconds,
            file_bytes=8 << 20,
        )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("hostile"))


def refused(place: Place, statements: list[str]) -> None:
    before = place.files()
    for said in statements:
        try:
            told = place.typed(said, seconds=20)
        except ClientelaError as error:
            assert OUTSIDE not in str(error)
            continue
        assert said in OWN, told.sql
    assert place.files() == before


def test_what_is_hostile_changes_no_file_of_a_workspace(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place.whole)
    refused(place, [each for each in hostile()[::25] if each not in OWN])


@pytest.mark.slow
def test_nothing_that_is_hostile_changes_a_file_of_a_workspace(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place.whole)
    refused(place, hostile())


@contextmanager
def clocked() -> Iterator[list[float]]:
    """How many seconds each process with limits took; to read and to narrow what was typed is not its time."""
    took: list[float] = []
    whole = typed.run_limited

    def run(*arguments: Any, **more: Any) -> Any:
        begun = monotonic()
        try:
            return whole(*arguments, **more)
        finally:
            took.append(monotonic() - begun)

    with patch.object(typed, "run_limited", run):
        yield took


def ended(place: Place, said: str, *, gate: bool) -> float:
    """How many seconds something ran that had to be ended; what it said is an error, and nothing was written."""
    before = place.files()
    with pytest.raises((QueryError, SandboxError)) as caught, clocked() as took:
        told = place.typed(said) if gate else place.past_the_gate(said)
        if "failed" in told:  # the engine itself refused
            raise QueryError(str(told["failed"]))
    assert "\n" not in str(caught.value)
    assert place.files() == before
    (seconds,) = took
    return seconds


def test_a_query_without_end_is_gone_a_second_after_its_limit(place: Place) -> None:
    assert ended(place, ENDLESS["a join of everything with everything"], gate=True) < LIMIT + AT_ONCE


def test_past_the_gate_a_recursion_without_end_is_gone_a_second_after_its_limit(place: Place) -> None:
    assert ended(place, PAST["a recursion without end"], gate=False) < LIMIT + AT_ONCE


@pytest.mark.slow
@pytest.mark.parametrize("said", ENDLESS.values(), ids=ENDLESS)
def test_what_never_ends_is_gone_a_second_after_its_limit(place: Place, said: str) -> None:
    assert ended(place, said, gate=True) < LIMIT + AT_ONCE


@pytest.mark.slow
@pytest.mark.parametrize("said", PAST.values(), ids=PAST)
def test_past_the_gate_what_never_ends_is_gone_a_second_after_its_limit(place: Place, said: str) -> None:
    assert ended(place, said, gate=False) < LIMIT + AT_ONCE


@pytest.mark.parametrize("said", HEAVY.values(), ids=HEAVY)
def test_what_is_heavy_is_answered_or_refused_within_its_limit(place: Place, said: str) -> None:
    before = place.files()
    with clocked() as took:
        try:
            told = place.typed(said)
            assert len(told.rows) <= typed.MOST_ROWS
        except ClientelaError as error:
            assert len(str(error)) < 500
    assert all(seconds < LIMIT + AT_ONCE for seconds in took)
    assert place.files() == before


def beyond(place: Place, said: str) -> None:
    """Nothing outside is read and nothing is written, even past the gate."""
    before = place.files()
    try:
        told = json.dumps(place.past_the_gate(said.format(outside=place.outside, folder=place.whole), seconds=20))
    except SandboxError as error:
        told = str(error)
    assert OUTSIDE not in told
    assert "/root" not in told
    assert place.files() == before


@pytest.mark.parametrize("said", [READS[0], READS[5]])
def test_past_the_gate_a_file_is_neither_read_nor_written(place: Place, said: str) -> None:
    beyond(place, said)


@pytest.mark.slow
@pytest.mark.parametrize("said", READS)
def test_past_the_gate_nothing_outside_is_read_or_written(place: Place, said: str) -> None:
    beyond(place, said)


def test_the_workspace_still_answers(place: Place) -> None:
    assert clientela.open(place.folder).query("orders").table.rows[0][0] > 100
