"""Snapshots are published whole or not at all, and read safely."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp, parse_one

from clientela.errors import MachineError, SnapshotError, TooLargeError, WarehouseError
from clientela.warehouse.build import Build
from clientela.warehouse.store.snapshot import POINTS, Reader, current, point_to, retained, sweep
from tests.unit.warehouse.small import CONTRACTS


class KilledError(BaseException):
    """The process ends here: nothing after it runs."""


def query(sql: str) -> exp.Query:
    tree = parse_one(sql, read="duckdb")
    assert isinstance(tree, exp.Query)
    return tree


def customers(n: int) -> exp.Query:
    return exp.select("range as customer_id", "1 as records").from_(f"range({n})", dialect="duckdb")


def publish(workspace: Path, number: int, n: int, *, killed_at: str | None = None, keep: int = 3) -> None:
    def at(point: str) -> None:
        if point == killed_at:
            raise KilledError

    # not as a context: a killed process tidies nothing up
    build = Build(workspace, number, contracts=CONTRACTS, at=at, keep=keep)
    build.create("customer", customers(n))
    build.create("identity", query("select 'r' as customer_ref, 's' as source, 'eve' as record_id, 1 as customer_id"))
    build.publish({"as_of": "2017-10-01"})
    build.__exit__(None, None, None)


def counted(workspace: Path) -> int:
    snapshot = current(workspace)
    assert snapshot is not None
    snapshot.verify()
    with Reader(snapshot) as reader:
        return int(reader.fetch(query("select count(*) as n from customer"))["n"][0].as_py())


def test_nothing_is_published_in_a_new_workspace(tmp_path: Path) -> None:
    assert current(tmp_path) is None
    assert retained(tmp_path) == ()


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_point_the_old_or_the_new_snapshot_is_whole(tmp_path: Path, point: str) -> None:
    publish(tmp_path, 1, 100)
    with pytest.raises(KilledError):
        publish(tmp_path, 2, 200, killed_at=point)
    replaced = POINTS.index(point) >= POINTS.index("current replaced")
    assert counted(tmp_path) == (200 if replaced else 100)

    publish(tmp_path, 3, 300)  # the next run removes what the killed one left, and publishes
    assert counted(tmp_path) == 300
    named = {path.name for each in retained(tmp_path) for path in each.paths.values()}
    assert {path.name for path in (tmp_path / "snapshots").glob("*.duckdb")} == named
    assert not list((tmp_path / "snapshots").glob("*.build*"))


def test_the_last_three_stay_and_one_can_go_back(tmp_path: Path) -> None:
    for number in range(1, 6):
        publish(tmp_path, number, number)
    assert [each.number for each in retained(tmp_path)] == [5, 4, 3]
    assert len(list((tmp_path / "snapshots").glob("*.duckdb"))) == 6
    point_to(retained(tmp_path)[2])
    assert counted(tmp_path) == 3
    assert sweep(tmp_path, keep=1) != ()
    assert [each.number for each in retained(tmp_path)] == [5, 3]  # what is published never goes


def test_a_reader_keeps_its_snapshot_while_others_are_published(tmp_path: Path) -> None:
    publish(tmp_path, 1, 10, keep=1)
    old = current(tmp_path)
    assert old is not None
    with Reader(old) as reader:
        publish(tmp_path, 2, 20, keep=1)
        assert not old.paths["facts"].exists()
        assert reader.fetch(query("select count(*) as n from customer"))["n"][0].as_py() == 10
    assert counted(tmp_path) == 20


@pytest.mark.parametrize("database", ["facts", "people"])
@pytest.mark.parametrize("harm", ["missing", "cut", "header", "wal"])
def test_a_damaged_file_is_found_when_it_is_opened(tmp_path: Path, database: str, harm: str) -> None:
    publish(tmp_path, 1, 1000)
    snapshot = current(tmp_path)
    assert snapshot is not None
    path = snapshot.paths[database]
    content = path.read_bytes()
    if harm == "missing":
        path.unlink()
    elif harm == "cut":
        path.write_bytes(content[:-4096])
    elif harm == "header":
        path.write_bytes(b"\0" * 4096 + content[4096:])
    else:
        path.with_name(path.name + ".wal").write_bytes(b"forged")
    with pytest.raises(SnapshotError, match=r"snapshot 1-\w{8} is damaged: .*; run `clientela run` to build it anew"):
        Reader(snapshot)


@settings(max_examples=25, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_never_changes_an_answer(
    tmp_path_factory: pytest.TempPathFactory, place: float, bit: int
) -> None:
    workspace = tmp_path_factory.mktemp("flip")
    publish(workspace, 1, 5000)
    snapshot = current(workspace)
    assert snapshot is not None
    content = bytearray(snapshot.paths["facts"].read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    snapshot.paths["facts"].write_bytes(content)
    with pytest.raises(SnapshotError, match="was changed"):
        snapshot.verify()
    try:
        with Reader(snapshot) as reader:
            total = reader.fetch(query("select sum(customer_id) as total from customer"))["total"][0].as_py()
    except SnapshotError:
        return
    assert total == sum(range(5000))  # the bit lay where nothing is stored


@pytest.mark.parametrize("content", ["", "{", '{"number": 1}', '{"number": 1, "files": {"facts": {}}}', "[]"])
def test_a_damaged_manifest_is_told_by_name(tmp_path: Path, content: str) -> None:
    publish(tmp_path, 1, 1)
    (manifest,) = (tmp_path / "snapshots").glob("*.json")
    manifest.write_text(content)
    with pytest.raises(SnapshotError, match=manifest.name):
        current(tmp_path)


def test_a_manifest_that_cannot_be_opened_now_is_not_called_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, 1, 1)
    read = Path.read_text

    def refuse(path: Path, *args: Any, **named: Any) -> str:
        if path.suffix == ".json":
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE), str(path))
        return read(path, *args, **named)

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(MachineError, match="too many files are open"):
        current(tmp_path)
    with pytest.raises(MachineError, match="too many files are open"):  # else a sweep would take them for gone
        retained(tmp_path)


def test_a_run_mends_a_damaged_manifest(tmp_path: Path) -> None:
    publish(tmp_path, 1, 1)
    (manifest,) = (tmp_path / "snapshots").glob("*.json")
    manifest.write_text("{")
    publish(tmp_path, 2, 2)
    assert counted(tmp_path) == 2
    assert [each.number for each in retained(tmp_path)] == [2]


def test_what_a_killed_build_left_is_removed_by_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "snapshots"
    (folder / "spill-1").mkdir(parents=True)
    (folder / "spill-1" / "block").touch()
    (folder / "facts-1.build").write_bytes(b"half")
    (folder / "facts-1.build.wal").touch()
    with Build(tmp_path, 1) as build:
        assert build.tables() == frozenset()
    assert list(folder.iterdir()) == []


def test_a_manifest_cannot_name_a_file_elsewhere(tmp_path: Path) -> None:
    publish(tmp_path, 1, 1)
    (manifest,) = (tmp_path / "snapshots").glob("*.json")
    told = json.loads(manifest.read_text())
    told["files"]["facts"]["name"] = "../../etc/passwd"
    manifest.write_text(json.dumps(told))
    with pytest.raises(SnapshotError):
        current(tmp_path)


HOSTILE = (
    "select * from read_blob('{facts}')",
    "select * from read_csv('{facts}')",
    "select * from glob('{folder}/*')",
    "copy (select 1) to '{folder}/written.csv'",
    "copy (select 1) to '{facts}.wal'",
    "attach '{facts}' as again",
    "attach '{people}' as again (read_only)",
    "set enable_external_access = true",
    "set lock_configuration = false",
    "set disabled_filesystems = ''",
    "create table customer2 as select 1 as a",
    "delete from customer",
    "drop table customer",
    "install httpfs",
)


@pytest.mark.parametrize("sql", HOSTILE)
def test_no_statement_reaches_a_file_or_changes_one(tmp_path: Path, sql: str) -> None:
    publish(tmp_path, 1, 10)
    snapshot = current(tmp_path)
    assert snapshot is not None
    said = sql.format(folder=tmp_path, **{name: str(path) for name, path in snapshot.paths.items()})
    before = {path.name for path in (tmp_path / "snapshots").iterdir()}
    with Reader(snapshot) as reader, pytest.raises(WarehouseError):
        reader.fetch(parse_one(said, read="duckdb"))
    assert {path.name for path in (tmp_path / "snapshots").iterdir()} == before
    snapshot.verify()


def test_without_people_the_file_is_not_even_attached(tmp_path: Path) -> None:
    publish(tmp_path, 1, 10)
    snapshot = current(tmp_path)
    assert snapshot is not None
    with Reader(snapshot, people=False) as reader:
        assert not reader.has_people
        assert reader.people is None
        with pytest.raises(WarehouseError):
            reader.fetch(query("select record_id from people.identity"))
    with Reader(snapshot) as reader:
        assert reader.people == {"identity"}
        assert reader.fetch(query("select record_id from people.identity")).to_pylist() == [{"record_id": "eve"}]


def test_an_answer_that_needs_too_much_memory_says_so(tmp_path: Path) -> None:
    publish(tmp_path, 1, 10)
    snapshot = current(tmp_path)
    assert snapshot is not None
    with Reader(snapshot, memory_limit="20MB") as reader, pytest.raises(TooLargeError, match="ask for fewer rows"):
        reader.fetch(
            query("select count(distinct a.range * 1000 + b.range) as n from range(10000) as a, range(999) as b")
        )
