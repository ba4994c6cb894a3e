"""Whatever is delivered, changed, taken away or decided: a run that writes little says what a run of all says."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import clientela
from clientela.pipeline.joining import increment, renewed
from clientela.unify import decisions
from clientela.warehouse.store.landing import Landing
from clientela.warehouse.store.snapshot import Reader, current
from tests.pipeline.acquainted import LINE, NOW, SHOP, Company, Row, acquainted, company

DAY = timedelta(days=1)
PERSONAL = ("identity", "identifier", "customer", "customer_record")
CACHES = ("linked", "pairs", "standardised")


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few the records are, only those of whom anything is another are written."""
    monkeypatch.setattr(renewed, "MOST_TOUCHED", 1.0)
    monkeypatch.setattr(renewed, "MOST_REPLACED", 1000.0)
    monkeypatch.setattr(increment, "MOST_CHANGED", 1.0)


def told(folder: Path) -> dict[str, Any]:
    """What is known of everybody: the public tables' fingerprints, and every row of the personal ones."""
    found: dict[str, Any] = dict(clientela.open(folder).fingerprints())
    made = Company(clientela.open(folder))
    snapshot = current(folder)
    assert snapshot is not None
    with Reader(snapshot) as reader:
        there = reader.people or frozenset()
    for table in sorted(there & set(PERSONAL)):
        with Reader(snapshot) as reader:
            from sqlglot import exp

            place = exp.table_(table, db="main", catalog="people")
            names = list(reader.fetch(exp.select("*").from_(place).limit(0)).column_names)
        found[f"people.{table}"] = made.rows(table, *(n for n in names if n != "known_from"), people=True)
    return found


def of_all(folder: Path, again: Path, *, now: Any) -> dict[str, Any]:
    """The same of a run that knows nothing but the landing."""
    shutil.rmtree(again, ignore_errors=True)
    shutil.copytree(folder, again)
    for name in CACHES:
        shutil.rmtree(again / "landing" / name, ignore_errors=True)
    clientela.open(again).run(now=now)
    return told(again)


def renewed_some(folder: Path) -> bool:
    """Whether the last run began as the one before."""
    (place,) = (folder / "landing" / "linked").glob("*/told.json")
    return int(json.loads(place.read_text())["replaced"]) > 0


def check(made: Company, again: Path, day: int, what: str) -> None:
    assert told(made.folder) == of_all(made.folder, again, now=NOW + day * DAY), what


def test_a_record_more_is_written_beside_all_that_stay(known: Company, tmp_path: Path, little: None) -> None:
    made = known
    made.deliver("shop-2.csv", [("s5", "Martita", "Quintanilla", "marta.q@gmail.com", "", "", "", "", "1980-02-03")])
    made.workspace.run(now=NOW + DAY)
    assert renewed_some(made.folder)
    assert made.customers()["s5"] == made.customers()["9001"]
    check(made, tmp_path / "again", 1, "one more")


DOOR = ("Calle Olmo 5", "28012", "Madrid")


def homes(made: Company) -> set[tuple[int, int]]:
    """Who lives with whom."""
    rows = made.rows("customer_relation", "from_customer_id", "to_customer_id", "kind")
    return {(one, other) for one, other, kind in rows if kind == "household"}


def test_a_son_who_comes_later_takes_back_what_only_the_fathers_name_had_joined(tmp_path: Path, little: None) -> None:
    """Either may be the one without a birth date; when the son is gone again, it is the father's as before."""
    made = acquainted(tmp_path / "w")
    first = [("f1", "Andrés", "Urrutia", "", "", *DOOR, "1950-05-03"), ("x1", "Andrés", "Urrutia", "", "", *DOOR, "")]
    made.deliver("shop-2.csv", first)
    made.workspace.run(now=NOW)
    before = made.customers()
    assert before["f1"] == before["x1"]
    made.deliver("shop-3.csv", [("b1", "Andrés", "Urrutia", "", "", *DOOR, "1984-11-27")])
    made.workspace.run(now=NOW + DAY)
    assert renewed_some(made.folder)
    now = made.customers()
    assert len({now["f1"], now["x1"], now["b1"]}) == 3
    assert now["f1"] == before["f1"]
    assert homes(made) >= {(now["b1"], now["f1"]), (now["x1"], now["f1"])}
    assert made.figures()["pairs left open by a third record"] == 2
    check(made, tmp_path / "again", 1, "the son")
    made.deliver(
        "shop-4.csv", [("b1", "Benito", "Larrañaga", "", "", "Calle Sur 1", "20001", "Donostia", "1984-11-27")]
    )
    made.workspace.run(now=NOW + 2 * DAY)
    assert made.customers()["x1"] == before["x1"]
    assert before["f1"] not in {each for pair in homes(made) for each in pair}
    check(made, tmp_path / "again", 2, "no son any more")


WRITTEN = """
create or replace table memory.main.touched_ref as
"""
CHANGED_AND_GONE = """
create or replace table memory.main.touched_ref as
select customer_ref from memory.main.record_new
union
select customer_ref from memory.main.record_gone
union
"""


def test_a_customer_who_is_passed_over_is_noticed(
    known: Company, tmp_path: Path, little: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault made on purpose: who only writes the same town otherwise is not among those that are written anew."""
    assert renewed._REFS.startswith(CHANGED_AND_GONE)
    monkeypatch.setattr(renewed, "_REFS", "".join((WRITTEN, renewed._REFS.removeprefix(CHANGED_AND_GONE))))
    made = known
    (juan,) = (row for row in SHOP if row[0] == "s4")
    again = [*juan[:7], "BILBAO", juan[8]]
    made.deliver("shop-2.csv", [again])
    made.workspace.run(now=NOW + DAY)
    monkeypatch.undo()
    assert told(made.folder)["customer"] != of_all(made.folder, tmp_path / "again", now=NOW + DAY)["customer"]


FIRST, LAST = ("Ana", "Eva", "Pepe", "José", "Tom"), ("Ruiz", "Sanz", "Ibarra", "García")
STREETS = ("Calle Mayor 3", "Calle Luna 9", "Plaza Nueva 8")


class Chance:
    """People with few names, doors and numbers between them, so that much is shared and crosses what may be."""

    def __init__(self, seed: int) -> None:
        self.of = random.Random(seed)  # noqa: S311 - made-up people, no secrets
        self.number = 0

    def record(self, key: str) -> Row:
        one = self.of.choice
        email = f"{one('abcdef')}@x{one('12')}.es" if self.of.random() < 0.6 else ""
        phone = f"60011122{self.of.randrange(9)}" if self.of.random() < 0.6 else ""
        born = f"19{one('78')}0-0{one('123')}-01" if self.of.random() < 0.5 else ""
        street = one(STREETS) if self.of.random() < 0.6 else ""
        return (key, one(FIRST), one(LAST), email, phone, street, one(("28013", "41001")), "Madrid", born)

    def some(self, prefix: str, keys: Sequence[str], new: int) -> list[Row]:
        """A delivery: new records, and some that are there and say something else."""
        fresh = [f"{prefix}{self.number + n}" for n in range(new)]
        self.number += new
        changed = [key for key in keys if key.startswith(prefix) and self.of.random() < 0.15]
        return [self.record(key) for key in (*fresh, *changed)]


def steps(made: Company, chance: Chance, day: int) -> Iterator[str]:
    """What may happen between two runs, one of it."""
    now, landing = NOW + day * DAY, Landing(made.folder)
    keys = sorted(made.customers())
    refs = {key: ref for ref, key in made.rows("identity", "customer_ref", "record_id", people=True)}
    what = chance.of.choice(["came", "came", "came", "whole", "join", "split", "undo", "settings", "orders", "nothing"])
    if what == "came":
        made.deliver(f"shop-{day}.csv", chance.some("s", keys, chance.of.randrange(4)) or [chance.record("s0")])
    elif what == "whole":  # of the office only what is in its last delivery is there
        rows = chance.some("9", keys, 2) + [chance.record(key) for key in keys if key[0] == "9"][:-2]
        made.deliver("office-1.csv", list({row[0]: row for row in rows}.values()))
    elif what in ("join", "split"):
        two = chance.of.sample(keys, 2)
        kind: Any = what
        decisions.decide(landing, kind, [tuple(refs[key] for key in two)], by="Ana", now=now, reason="so")
    elif what == "undo":
        held = [each.id for each in decisions.read(landing) if isinstance(each, decisions.Decision)]
        gone = {each.of for each in decisions.read(landing) if isinstance(each, decisions.Undo)}
        for each in [each for each in held if each not in gone][-1:]:
            decisions.undo(landing, each, by="Ana", now=now)
    elif what == "settings":
        toml = made.folder / "clientela.toml"
        old = toml.read_text().split("\n[identity]")[0]
        new = chance.of.choice(
            ["shared_by = 2", "shared_by = 3", 'believe = ["office"]', "largest = 3", "join_above = 0.99"]
        )
        toml.write_text(f"{old}\n[identity]\nask_above = 0.3\n{new}\n")
    elif what == "orders":
        lines = [(f"o{day}", 1, key, "2024-03-01 10:00:00", "p1", 1, 5, "") for key in (*keys[:2], f"u{day}")]
        made.deliver(f"orders-{day}.csv", lines, LINE)
    yield what


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_step_by_step_all_is_as_if_made_at_once(tmp_path: Path, little: None, seed: int) -> None:
    made = company(tmp_path / "w")
    toml = made.folder / "clientela.toml"
    text = toml.read_text().replace('office-*.csv"\ndelivery = "upsert"', 'office-*.csv"\ndelivery = "full"')
    toml.write_text(text + "\n[identity]\nask_above = 0.3\nshared_by = 3\n")
    chance = Chance(seed)
    made.deliver("shop-0.csv", chance.some("s", (), 12))
    made.deliver("office-1.csv", chance.some("9", (), 8))
    made.order("orders-0.csv", ("o1", "s1", 100.0), ("o2", "s2", 40.0))
    made.workspace.run(now=NOW)
    done, little_written = [], 0
    for day in range(1, 7):
        done += list(steps(made, chance, day))
        made.workspace.run(now=NOW + day * DAY)
        little_written += renewed_some(made.folder)
        check(made, tmp_path / "again", day, f"{done}")
    assert little_written >= 2
