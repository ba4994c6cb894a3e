"""Every analysis of customers over a synthetic company: what its tables and its fit take in a run, and its answer."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import perf_counter, process_time

import clientela
from clientela.testing.company.company import Company
from clientela.testing.company.exports.settings import settings
from clientela.testing.company.world import World
from clientela.warehouse.model import load_models
from clientela.workspace import create
from tests.benchmarks.child import peak_bytes

AREA = "customer"
POOLS = """
[[cost_pool]]
name = "Parcels"
line = "delivery"
driver = "orders"
channel = "web"
figures = { 2023 = 300000, 2024 = 300000 }

[[cost_pool]]
name = "Cards"
line = "payment"
driver = "revenue"
figures = { 2023 = 150000, 2024 = 150000 }

[[cost_pool]]
name = "Desk"
line = "service"
driver = "minutes"
figures = { 2023 = 200000, 2024 = 200000 }

[[cost_pool]]
name = "Winning"
line = "acquisition"
driver = "new_customers"
figures = { 2023 = 250000, 2024 = 250000 }
"""


def write_company(folder: str, customers: int, weeks: int, weeks_a_file: int = 13) -> dict[str, object]:
    """The company's workspace, not yet run; a file for a quarter, as reading a file costs as much as many rows.

    Its customers are known by their numbers alone and its files are clean: this measures analyses, not how people are
    recognised nor how files are mended. Nothing arrives late, so that a quarter's file says what its weeks' files said.
    """
    made = Path(folder)
    world = _world(customers, weeks)
    weekly = made.with_name(made.name + "-weekly")
    truth = made.with_name(made.name + "-truth")
    for each in (weekly, truth):
        shutil.rmtree(each, ignore_errors=True)
    create(made, name="Synthetic company", currency=world.currency, timezone=world.timezone)
    (made / "clientela.toml").write_text(settings(world) + POOLS, encoding="utf-8")
    (made / "exports").mkdir(exist_ok=True)
    company = Company(world, exports=weekly, truth=truth)
    for week in range(1, weeks + 1):
        company.deliver(world.begins + timedelta(weeks=week))
        for path in sorted(weekly.iterdir()):
            _append(path, made / "exports", (week - 1) // weeks_a_file)
            path.unlink()
    shutil.rmtree(weekly)
    shutil.rmtree(truth)
    put_right(made / "exports")
    return {"bytes": sum(path.stat().st_size for path in (made / "exports").iterdir()), "until": world.ends.isoformat()}


def put_right(exports: Path) -> None:
    """Of invoices and cases, which are sent again when they are paid or closed, keep in each file the newest row.

    Two versions of a row in one file contradict each other, and neither would be believed.
    """
    for path in sorted(exports.glob("office-invoices-*.csv")):
        head, *rows = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(head + _newest((row.partition(b";")[0].decode(), row) for row in rows))
    for path in sorted(exports.glob("cases-*.jsonl")):
        told = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(_newest((json.loads(row)["id"], row) for row in told))


def _newest(rows: Iterable[tuple[str, bytes]]) -> bytes:
    newest: dict[str, bytes] = {}
    for key, row in rows:
        newest[key] = row
    return b"".join(newest.values())


def work_out(folder: str, until: str) -> dict[str, object]:
    """A run of the workspace: seconds of processor of each step, as its messages of progress part them, and memory.

    ``peaks``: of each step that needed more memory than all before it, how much.
    """
    seconds: dict[str, float] = {}
    peaks: dict[str, int] = {}
    began, last = process_time(), "Starting"

    def step(message: str) -> None:
        nonlocal began, last
        seconds[last] = round(seconds.get(last, 0.0) + process_time() - began, 3)
        if peak_bytes() > max(peaks.values(), default=0):
            peaks[last] = peak_bytes()
        began, last = process_time(), message

    clientela.open(Path(folder)).run(now=datetime.combine(date.fromisoformat(until), time(6), UTC), progress=step)
    step("Done")
    return {"steps": seconds, "peaks": peaks, "analyses": _of_analyses(seconds)}


def _of_analyses(seconds: dict[str, float]) -> dict[str, float]:
    """Of the steps those that work out what analyses of customers tell: their tables and fits, and the features."""
    from clientela.workspace import analyses

    others = {f"{each.name} (fit)" for each in analyses() if each.area != AREA}
    others |= {model.name for model in load_models("clientela.analyse.sales", "clientela.pipeline.quality")}
    named = {step.removeprefix("Computing "): taken for step, taken in seconds.items() if step.startswith("Computing ")}
    return {name: taken for name, taken in named.items() if name not in others}


def ask_all(folder: str) -> dict[str, object]:
    """Each analysis of customers, asked once of the whole company: its seconds of processor and of the clock."""
    from clientela.workspace import analyses

    workspace = clientela.open(Path(folder))
    processor, clock, abstained = {}, {}, {}
    for analysis in analyses():
        if analysis.area != AREA:
            continue
        used, began = process_time(), perf_counter()
        said = workspace.ask(analysis.name)
        processor[analysis.name] = round(process_time() - used, 3)
        clock[analysis.name] = round(perf_counter() - began, 3)
        abstained[analysis.name] = said.abstained
    return {
        "processor": processor,
        "clock": clock,
        "abstained": {name: why for name, why in abstained.items() if why},
    }


def _world(customers: int, weeks: int) -> World:
    return World(customers=customers, weeks=weeks, records=False, late=0.0, corrected=0.0, surveys=0.0, visits=0.05)


def _append(path: Path, folder: Path, number: int) -> None:
    """Add what a week's file says to the file of its quarter; what is delivered whole takes the place of the last."""
    stem, dash, week = path.stem.rpartition("-20")
    if path.suffix == ".xlsx":
        return
    if not dash or "W" not in week:
        shutil.copyfile(path, folder / path.name)
        return
    whole = folder / f"{stem}-{number:03}{path.suffix}"
    content = path.read_bytes()
    if whole.exists() and path.suffix != ".jsonl":
        content = content.partition(b"\n")[2]
    with whole.open("ab") as file:
        file.write(content)
