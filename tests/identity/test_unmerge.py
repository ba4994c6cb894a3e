"""A merge that is taken back leaves no trace in the customers; and of merged permissions the strictest holds."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from clientela import config
from clientela.pipeline.identities import decide
from clientela.pipeline.identities.decide import Who
from clientela.warehouse.store.snapshot import current
from tests.identity.delivery import NOW, SOURCES, found, workspace, write
from tests.identity.records import delivered

# What a customer is; how it came about (pairs, events) tells of the merge and its end, as it should.
CUSTOMERS = ("customer", "customer_lineage", "customer_consent", "customer_relation")
CONSENT = """
[[source]]
name = "shop"
table = "consent"
path = "exports/consent-*.csv"
delivery = "append"
"""
PURPOSES, CHANNELS = ("news", "offers"), ("e-mail", "phone")
Rows = dict[str, list[tuple[object, ...]]]


class World:
    """A company of four hundred records, some of them with permissions, run once."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.step = folder, 0
        self.table = delivered(400, seed=51, duplicates=0.25).table
        self.company = workspace(folder, sources=SOURCES + CONSENT)
        write(folder, self.table)
        self.events = self._permissions()
        self.run()

    def _permissions(self) -> list[tuple[str, str, str, int, str]]:
        rng = np.random.default_rng(52)
        shop = self.table.filter(pa.compute.equal(self.table["system"], "shop"))["record_id"].to_pylist()
        keys, days = rng.choice(shop, 500), rng.permutation(500)
        events = [
            (str(key), str(rng.choice(PURPOSES)), str(rng.choice(CHANNELS)), int(day),
             "given" if rng.random() < 0.7 else "withdrawn")
            for key, day in zip(keys, days, strict=True)
        ]  # fmt: skip
        with (self.folder / "exports" / "consent-1.csv").open("w", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["record_id", "purpose", "channel", "at", "decision", "proof"])
            for key, purpose, channel, day, decision in events:
                writer.writerow([key, purpose, channel, NOW.date() - timedelta(days=day + 1), decision, "form"])
        return events

    @property
    def now(self) -> Who:
        self.step += 1
        return Who(by="Eva", now=NOW + timedelta(hours=self.step), reason="she told us", later=True)

    def run(self) -> None:
        self.step += 1
        self.company.run(now=NOW + timedelta(hours=self.step))

    def join(self, one: str, other: str) -> str:
        settings = config.load(self.folder)
        return decide.join(self.folder, settings, one, other, self.now, progress=lambda _: None).id

    def split(self, whole: str, parts: list[str]) -> None:
        decide.split(self.folder, config.load(self.folder), whole, parts, self.now, progress=lambda _: None)

    def undo(self, decision: str) -> None:
        decide.undo(self.folder, config.load(self.folder), decision, self.now, progress=lambda _: None)

    def customers(self) -> np.ndarray:
        return found(self.folder, self.table).customer_id

    def key(self, row: int) -> str:
        return f"{self.table['system'][row].as_py()}:{self.table['record_id'][row].as_py()}"

    def rows(self) -> Rows:
        """Every row of what a customer is, from both files, in one order."""
        published = current(self.folder)
        assert published is not None
        found_rows: Rows = {}
        for kind, path in published.paths.items():
            with duckdb.connect(str(path), read_only=True) as connection:
                there = {row[0] for row in connection.execute("show tables").fetchall()}
                for name in sorted(there & {*CUSTOMERS, "identity"}):
                    found_rows[f"{kind}.{name}"] = connection.execute(
                        f"select * from {name} order by all"  # noqa: S608 - a name of our own
                    ).fetchall()
        return found_rows

    def fingerprints(self) -> dict[str, tuple[int, int]]:
        return {
            n: each for n, each in self.company.fingerprints().items() if n.split(".")[-1] in (*CUSTOMERS, "identity")
        }


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("unmerge") / "w")


def strangers(world: World, seed: int, pairs: int) -> list[tuple[int, int]]:
    """Rows of customers who are not each other, each customer in one pair at most."""
    ids = world.customers()
    rng = np.random.default_rng(seed)
    first = rng.permutation(np.unique(ids, return_index=True)[1])[: 2 * pairs]
    return list(zip(first[:pairs].tolist(), first[pairs:].tolist(), strict=True))


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_merge_that_is_taken_back_leaves_the_customers_byte_for_byte(world: World, seed: int) -> None:
    before, prints, ids = world.rows(), world.fingerprints(), world.customers()
    assert {name.split(".")[-1] for name in before} >= {"customer", "customer_lineage", "identity"}
    merged = strangers(world, seed, 6)
    decisions = [world.join(world.key(one), world.key(other)) for one, other in merged]
    world.run()
    after = world.customers()
    assert all(after[one] == after[other] for one, other in merged)
    assert len(np.unique(after)) == len(np.unique(ids)) - len(merged)
    assert world.rows() != before
    for decision in decisions:
        world.undo(decision)
    world.run()
    assert world.rows() == before
    assert world.fingerprints() == prints


@pytest.mark.parametrize("seed", [3, pytest.param(4, marks=pytest.mark.slow)])
def test_a_merge_that_is_split_again_leaves_the_customers_byte_for_byte(world: World, seed: int) -> None:
    before, prints, ids = world.rows(), world.fingerprints(), world.customers()
    merged = strangers(world, seed, 4)
    for one, other in merged:
        world.join(world.key(one), world.key(other))
    world.run()
    assert world.rows() != before
    for one, other in merged:
        parts = [world.key(row) for row in np.flatnonzero(ids == ids[other])]
        world.split(world.key(one), parts)
    world.run()
    assert world.rows() == before
    assert world.fingerprints() == prints


def test_of_the_permissions_of_merged_records_the_strictest_holds(world: World) -> None:
    for one, other in strangers(world, 5, 40):
        world.join(world.key(one), world.key(other))
    world.run()
    ids = dict(zip(map(world.key, range(world.table.num_rows)), world.customers().tolist(), strict=True))
    latest: dict[tuple[str, str, str], tuple[int, str]] = {}
    for key, purpose, channel, day, decision in world.events:
        place = (f"shop:{key}", purpose, channel)
        latest[place] = min(latest.get(place, (10_000, "")), (day, decision))
    expected: dict[tuple[int, str, str], set[str]] = defaultdict(set)
    for (key, purpose, channel), (_, decision) in latest.items():
        expected[ids[key], purpose, channel].add(decision)
    strictest = {place: "withdrawn" if "withdrawn" in said else "given" for place, said in expected.items()}
    assert sum(len(said) > 1 for said in expected.values()) >= 5, "no merge brought two decisions together"
    published = current(world.folder)
    assert published is not None
    with duckdb.connect(str(published.paths["facts"]), read_only=True) as connection:
        rows = connection.execute("select customer_id, purpose, channel, decision from customer_consent").fetchall()
    assert {(customer, purpose, channel): decision for customer, purpose, channel, decision in rows} == strictest
