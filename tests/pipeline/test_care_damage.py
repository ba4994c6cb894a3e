"""Whatever is damaged in a workspace is found before a figure rests on it, and named."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import pytest

import clientela
from clientela.cli.app import run as command
from clientela.errors import ClientelaError, LandingError, SnapshotError
from clientela.workspace import Workspace, examine
from tests.pipeline.company import NONE, NOW, Shop, buying, shop

FULL = """
[[source]]
name = "shop"
table = "product"
path = "exports/products.csv"
delivery = "full"
"""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    made = shop(tmp_path_factory.mktemp("damage") / "w", settings=FULL + NONE)
    made.deliver("products.csv", [["p1", "Bread"], ["p2", "Milk"]], header=("product_id", "name"))
    made.deliver("orders-1.csv", buying(40))
    made.workspace.run(now=NOW)
    made.deliver("orders-2.csv", buying(20, seed=2))
    made.workspace.run(now=NOW + timedelta(hours=1))
    return made


@pytest.fixture
def made(sound: Shop, tmp_path: Path) -> Workspace:
    shutil.copytree(sound.workspace.folder, tmp_path / "w")
    return clientela.open(tmp_path / "w")


def one(folder: Path, pattern: str) -> Path:
    return sorted(folder.glob(pattern))[-1]


def harmed(
    folder: Path, pattern: str, chance: random.Random, bits: int, cuts: int
) -> Iterator[tuple[str, Path, bytes]]:
    """So many flipped bits and cuts of a file, one after the other; the file is whole again afterwards."""
    path = one(folder, pattern)
    content = path.read_bytes()
    for _ in range(bits):
        place, bit = chance.randrange(len(content)), chance.randrange(8)
        other = bytearray(content)
        other[place] ^= 1 << bit
        path.write_bytes(other)
        yield f"bit {bit} of byte {place}", path, content
    for _ in range(cuts):
        cut = chance.randrange(len(content))
        path.write_bytes(content[:cut])
        yield f"cut to {cut} of {len(content)}", path, content
    path.write_bytes(content)


FILES = (
    "snapshots/facts-2-*.duckdb",
    "snapshots/people-2-*.duckdb",
    "snapshots/snapshot-2-*.json",
    "snapshots/CURRENT",
    "landing/batches/shop/order_line/*.parquet",
    "landing/batches/shop/product/*.parquet",
    "landing/arrivals.jsonl",
    "landing/deliveries.jsonl",
    "runs.jsonl",
    "quality.jsonl",
)


def accepts(doubtful: str, path: Path, content: bytes) -> bool:
    """Whether what is left says only what was acknowledged: a journal without its last line is what a crash leaves."""
    return path.name in ("runs.jsonl", "quality.jsonl") and path.read_bytes().count(b"\n") >= content.count(b"\n") - 1


@pytest.mark.parametrize(("bits", "cuts"), [(2, 1), pytest.param(6, 2, marks=pytest.mark.slow)])
@pytest.mark.parametrize("pattern", FILES)
def test_no_flipped_bit_and_no_cut_stays_unseen(made: Workspace, pattern: str, bits: int, cuts: int) -> None:
    chance = random.Random(pattern)  # noqa: S311 - where bits flip
    headline = made.ask("sales-trend").headline
    for harm, path, content in harmed(made.folder, pattern, chance, bits, cuts):
        found = [each for each in examine(made.folder) if each.state == "fail"]
        last_line_only = accepts(harm, path, content) and path.read_bytes() == content[: path.stat().st_size]
        lost_newline = accepts(harm, path, content) and path.read_bytes()[:-1] == content[:-1]
        assert found or last_line_only or lost_newline, harm
        named = " ".join(each.says for each in found)
        assert not found or path.name in named, (harm, named)
        if pattern.startswith("snapshots/"):
            asked = made.ask("sales-trend")
            assert asked.said.damage, harm
            expected = "2-" if path.name == "CURRENT" else "1-"  # the newest that is undamaged
            assert asked.said.snapshot.startswith(expected), harm
        else:
            assert made.ask("sales-trend").headline == headline


@pytest.mark.parametrize("pattern", FILES[:3])
def test_the_newest_undamaged_snapshot_stands_in_and_everything_says_so(
    made: Workspace, pattern: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = one(made.folder, pattern)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)
    began = perf_counter()
    assert command(["ask", "sales-trend", "-w", str(made.folder)]) == 1
    assert perf_counter() - began < 5
    out = capsys.readouterr().out
    assert "because" in out
    assert path.name in out
    assert command(["status", "-w", str(made.folder)]) == 1
    assert "These are the figures of snapshot 1-" in capsys.readouterr().out
    assert command(["report", "-w", str(made.folder)]) == 1
    assert "These are the figures of snapshot 1-" in (made.folder / "report.html").read_text()
    assert command(["doctor", "-w", str(made.folder)]) == 1
    assert path.name in capsys.readouterr().out
    made.run(now=NOW + timedelta(hours=2))
    assert made.status().damage == ""
    assert made.status().snapshot is not None


def test_when_no_snapshot_is_left_one_sentence_says_to_run(made: Workspace) -> None:
    for path in (made.folder / "snapshots").glob("facts-*.duckdb"):
        path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(SnapshotError, match=r"run `clientela run` to build it anew\. No other snapshot"):
        made.ask("sales-trend")
    assert made.status().damage
    made.run(now=NOW + timedelta(hours=2))
    assert made.ask("sales-trend").headline


def test_a_damaged_batch_is_landed_again_while_its_file_is_there(made: Workspace) -> None:
    before = made.fingerprints()["order_line"]
    batch = one(made.folder, "landing/batches/shop/order_line/*.parquet")
    content = batch.read_bytes()
    batch.write_bytes(content[: len(content) // 2])
    shutil.rmtree(made.folder / "landing" / "conformed")
    made.run(now=NOW + timedelta(hours=2))
    assert batch.read_bytes() == content
    assert made.fingerprints()["order_line"] == before


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:-9] + b"123456789")])
def test_without_its_file_the_run_stops_and_names_the_batch(made: Workspace, harm: Callable[[Path], object]) -> None:
    batch = one(made.folder, "landing/batches/shop/order_line/*.parquet")
    harm(batch)
    shutil.rmtree(made.folder / "exports")
    served = made.status().snapshot
    with pytest.raises(LandingError, match=f"{batch.name}; restore from a backup"):
        made.run(now=NOW + timedelta(hours=2))
    assert made.status().snapshot == served


def test_a_damaged_typed_batch_is_typed_again(made: Workspace) -> None:
    before = made.fingerprints()
    for path in (made.folder / "landing" / "conformed").rglob("rows.parquet"):
        content = bytearray(path.read_bytes())
        content[len(content) // 3] ^= 1
        path.write_bytes(content)
    made.run(now=NOW + timedelta(hours=1))
    assert {k: v for k, v in made.fingerprints().items() if k == "order_line"} == {
        k: v for k, v in before.items() if k == "order_line"
    }


@pytest.mark.parametrize("name", ["landing/arrivals.jsonl", "landing/deliveries.jsonl", "runs.jsonl"])
def test_a_run_never_goes_on_from_a_journal_that_lost_lines(made: Workspace, name: str) -> None:
    path = made.folder / name
    first = path.read_bytes().splitlines(keepends=True)[0]
    path.write_bytes(first if name != "landing/deliveries.jsonl" else b"")
    with pytest.raises(ClientelaError, match=f"{name.rsplit('/', maxsplit=1)[-1]}.*restore the file from a backup"):
        made.run(now=NOW + timedelta(hours=2))
    assert path.read_bytes() == (first if name != "landing/deliveries.jsonl" else b"")
