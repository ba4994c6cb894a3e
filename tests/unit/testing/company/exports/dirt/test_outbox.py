"""What leaves the company: files as they are, with dirt, or empty at first."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from clientela.testing.company.company import Company
from clientela.testing.company.exports.dirt.outbox import Outbox
from clientela.testing.company.exports.forms import Csv, Json, Sheet, content
from clientela.testing.company.world import World

RATES = Sheet({"currency": pa.array(["GBP"]), "day": pa.array(["2023-01-02"]), "rate": pa.array(["1.15"])}, Csv(","))
VISITS = Sheet(
    {
        "visit": pa.array([f"V{n}" for n in range(400)]),
        "account": pa.array(["u0000001"] * 400),
        "pages": pa.array(["3"] * 400),
    },
    Csv(","),
)


def test_a_file_that_is_lost_arrives_empty_and_whole_a_week_later() -> None:
    box = Outbox(World.plain(empty_files=1.0))
    first = box.send({"web-visits-1.csv": VISITS}, 0)
    assert first.files == {"web-visits-1.csv": b""}
    (told,) = first.wrong.to_pylist()
    assert (told["file"], told["line"], told["kind"], told["expected"]) == (
        "web-visits-1.csv",
        0,
        "empty_files",
        "refused",
    )
    second = box.send({"rates-2.csv": RATES}, 1)
    assert second.files == {"web-visits-1.csv": content(VISITS), "rates-2.csv": content(RATES)}
    assert second.wrong.num_rows == 0
    assert set(box.send({}, 2).files) == set()


def test_json_without_a_row_is_not_sent_and_a_table_with_a_header_is() -> None:
    nothing = {"visit": pa.array([], pa.string())}
    sent = Outbox(World()).send(
        {"cases-1.jsonl": Sheet(nothing, Json()), "web-visits-1.csv": Sheet(nothing, Csv(","))}, 0
    )
    assert sent.files == {"web-visits-1.csv": b'"visit"\n'}


def test_what_is_wrong_in_all_files_of_a_week_is_told_together() -> None:
    sent = Outbox(World.plain(unreadable_numbers=0.1)).send(
        {"web-visits-1.csv": VISITS, "rates-1.csv": RATES, "web-visits-2.csv": VISITS}, 7
    )
    told = sent.wrong.to_pylist()
    assert {(each["week"], each["source"], each["table_name"], each["file"]) for each in told} == {
        (7, "web", "interaction", "web-visits-1.csv"),
        (7, "web", "interaction", "web-visits-2.csv"),
    }
    assert sent.files["web-visits-1.csv"] != sent.files["web-visits-2.csv"]  # each file has its own dirt


def test_dirt_changes_nothing_of_what_happens(tmp_path: Path) -> None:
    clean, dirty = World(customers=300, weeks=4), World.messy(customers=300, weeks=4, abroad=0.0)
    for name, world in (("clean", clean), ("dirty", dirty)):
        folder = tmp_path / name
        Company(world, exports=folder / "exports", truth=folder / "truth").deliver(world.ends)
    told = {
        path.relative_to(tmp_path / "clean" / "truth"): path.read_bytes()
        for path in (tmp_path / "clean" / "truth").rglob("*.parquet")
        if not {path.stem, path.parent.name} & {"dirt", "world"}
    }
    assert len(told) > 10
    assert all((tmp_path / "dirty" / "truth" / path).read_bytes() == content for path, content in told.items())
    for path in (tmp_path / "clean" / "exports").glob("*.csv"):
        one, other = (tmp_path / name / "exports" / path.name for name in ("clean", "dirty"))
        same = set(one.read_bytes().splitlines()) & set(other.read_bytes().splitlines())
        assert len(same) >= 0.8 * len(set(one.read_bytes().splitlines())) - 3, path.name
