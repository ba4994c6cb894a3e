"""A company whose files keep coming: a workspace that a run is busy with for seconds, the same for each number."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

import clientela
from clientela.warehouse.store.landing import Landing
from clientela.warehouse.store.snapshot import current
from clientela.workspace import Workspace, create
from tests.pipeline.company import DEAREST, shop

CUSTOMERS = 1_500
DAYS = 540
SETTINGS = f"""
[run]
threads = 2
{DEAREST}

[[source]]
name = "shop"
table = "order_line"
path = "exports/orders-*.csv"
delivery = "upsert"

[[source]]
name = "shop"
table = "product"
path = "exports/products-*.csv"
delivery = "full"
"""
FIRST = datetime(2023, 1, 2, tzinfo=UTC)


def begun(folder: Path, *, whole: bool = False) -> Workspace:
    """A new workspace without any file yet; all of them give a customer the same pseudonym.

    Its runs compute all analyses when ``whole``, else not the dearest of them.
    """
    create(folder, name="Corner Shop", currency="EUR", timezone="Europe/Madrid")
    (folder / "secrets" / "pseudonym.key").write_text("ab" * 32 + "\n")
    (folder / "exports").mkdir()
    toml = folder / "clientela.toml"
    toml.write_text(toml.read_text() + (SETTINGS.replace(DEAREST, "") if whole else SETTINGS))
    return clientela.open(folder)


def now(delivery: int) -> datetime:
    """When a delivery is run: a day after the other, once the shop's history has ended."""
    return FIRST + timedelta(days=DAYS + delivery, hours=6)


def deliver(folder: Path, delivery: int, lines: int) -> None:
    """Write the files of one delivery: new orders and corrections of older ones, and all products there are."""
    rng = np.random.default_rng([7, delivery])
    first = delivery == 0
    history = DAYS if first else 1
    at = np.sort(rng.integers(0, history * 86_400, lines)) + (0 if first else (DAYS + delivery - 1) * 86_400)
    order = np.arange(lines) + delivery * 1_000_000
    if not first:
        order[: lines // 10] = rng.choice(lines, lines // 10, replace=False)  # orders of the first delivery, corrected
    table = pa.table(
        {
            "order_id": np.char.add("o", order.astype(str)),
            "line_no": np.full(lines, "1"),
            "customer_ref": np.char.add("c", rng.integers(0, CUSTOMERS, lines).astype(str)),
            "ordered_at": (np.datetime64("2023-01-02", "s") + at).astype(str),
            "product_id": np.char.add("p", rng.integers(0, 40, lines).astype(str)),
            "quantity": rng.integers(1, 5, lines),
            "net_revenue": rng.gamma(3.0, 12.0, lines).round(2) + 1,
        }
    )
    _write(table, folder / "exports" / f"orders-{delivery:04}.csv")
    products = np.arange(40 + delivery % 5)
    named = pa.table(
        {"product_id": np.char.add("p", products.astype(str)), "name": np.char.add("n", products.astype(str))}
    )
    _write(named, folder / "exports" / "products-1.csv")


def _write(table: pa.Table, path: Path) -> None:
    part = path.with_suffix(".tmp")
    pc.write_csv(table, part)
    part.replace(path)


def small(folder: Path, exports: Path | None = None) -> Workspace:
    """A shop with a published snapshot, whose facts count as known when they happened: whenever it is run."""
    made = shop(folder, extra='known = "happened"', settings=f"\n[run]\nthreads = 2\n{DEAREST}\n")
    if exports is not None:
        toml = folder / "clientela.toml"
        toml.write_text(toml.read_text().replace('"exports/orders', f'"{exports}/orders'))
        exports.mkdir()
    more(exports or made.exports, 0)
    made.workspace.run()
    return made.workspace


def more(exports: Path, delivery: int, lines: int = 300) -> None:
    """A new file for a small workspace."""
    rng = np.random.default_rng([11, delivery])
    number = np.arange(lines) + delivery * 1_000_000
    at = np.sort(rng.integers(0, DAYS * 86_400, lines))
    table = pa.table(
        {
            "order_id": np.char.add("o", number.astype(str)),
            "line_no": np.full(lines, "1"),
            "customer_ref": np.char.add("c", rng.integers(0, max(20, lines // 8), lines).astype(str)),
            "ordered_at": (np.datetime64("2023-01-02", "s") + at).astype(str),
            "product_id": np.char.add("p", rng.integers(0, 40, lines).astype(str)),
            "quantity": np.full(lines, 1),
            "net_revenue": rng.gamma(3.0, 12.0, lines).round(2) + 1,
        }
    )
    _write(table, exports / f"orders-{delivery:04}.csv")


@dataclass(frozen=True, slots=True)
class Killed:
    """What became of a run: the points it passed, how long it took, its code (negative: the signal)."""

    points: list[str]
    seconds: float
    code: int


Fingerprints = Mapping[str, tuple[int, int]]


def arrivals(folder: Path) -> tuple[dict[str, Any], ...]:
    """The acknowledged arrivals: whole lines of the journal."""
    path = folder / "landing" / "arrivals.jsonl"
    whole, _, _ = (path.read_bytes() if path.exists() else b"").rpartition(b"\n")
    return tuple(json.loads(line)[1] for line in whole.splitlines())  # before it its sum


def published(folder: Path) -> Fingerprints | None:
    """The fingerprints of what is published, every byte of it checked; None when nothing is."""
    snapshot = current(folder)
    if snapshot is None:
        return None
    snapshot.verify()
    return clientela.open(folder).fingerprints()


def left_over(folder: Path) -> list[str]:
    """Files that no snapshot and no arrival names."""
    snapshots = folder / "snapshots"
    named = {"CURRENT"}
    for manifest in snapshots.glob("snapshot-*.json"):
        named |= {manifest.name, *(each["name"] for each in json.loads(manifest.read_text())["files"].values())}
    extra = [path.name for path in snapshots.glob("*") if path.name not in named]
    landed = {f"{each['hash']}.parquet" for each in arrivals(folder)}
    extra += [path.name for path in (folder / "landing" / "batches").rglob("*.*") if path.name not in landed]
    return extra + [
        path.name for path in folder.rglob("*") if path.name.endswith((".part", ".build", ".wal", ".unfinished"))
    ]


def acknowledged_are_kept(before: Sequence[dict[str, Any]], folder: Path) -> None:
    """Every arrival that was acknowledged is still journalled, in its place, and its batch is whole."""
    now_there = arrivals(folder)
    assert list(now_there[: len(before)]) == list(before)
    assert Landing(folder).damaged() == ()
    assert len({(each["table"], each["hash"]) for each in now_there}) == len(now_there), "a batch was landed twice"
