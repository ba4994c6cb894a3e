"""Many small files: a run after five hundred deliveries beside a run after ten, of a company that delivers daily."""

from __future__ import annotations

import csv
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.benchmarks.conftest import SECRET, SETTINGS

pytestmark = pytest.mark.benchmark
FEW, MANY, LINES, CUSTOMERS = 10, 500, 100, 2_000
TIMES = 3.0  # the processor's seconds of the later run; its tables have fifty times the rows
BEGAN = datetime(2023, 1, 1, 6, tzinfo=UTC)
HEADER = ("order_id", "line_no", "customer_key", "ordered_at", "product_id", "quantity", "net_revenue", "cost_of_goods")


def deliver(folder: Path, day: int) -> None:
    """The file of one day."""
    chance = random.Random(day)  # noqa: S311 - customers of a benchmark, not a secret
    at = BEGAN + timedelta(days=day)
    with (folder / "exports" / f"orders-{day:04}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(LINES):
            customer = f"c{chance.randrange(CUSTOMERS)}"
            writer.writerow([f"{day}-{number}", 1, customer, f"{at:%Y-%m-%d %H:%M:%S}", "p1", 1, "10.00", "4.00"])


def test_a_run_after_500_files_beside_one_after_10(run_job, note, tmp_path):
    folder = tmp_path / "workspace"
    (folder / "secrets").mkdir(parents=True)
    (folder / "exports").mkdir()
    (folder / "clientela.toml").write_text(SETTINGS.format(memory_limit="600MB", ending="csv"), encoding="utf-8")
    secret = folder / "secrets" / "pseudonym.key"
    secret.touch(mode=0o600)
    secret.write_text(SECRET + "\n", encoding="ascii")

    def run(until: int):
        """Deliver all days up to one and run; then one more day, whose run is measured."""
        for day in range(until):
            if not (folder / "exports" / f"orders-{day:04}.csv").exists():
                deliver(folder, day)
        run_job("workspace_run:run", folder, now=(BEGAN + timedelta(days=until)).isoformat())
        deliver(folder, until)
        return run_job("workspace_run:run", folder, now=(BEGAN + timedelta(days=until + 1)).isoformat())

    early, late = run(FEW - 1), run(MANY - 1)
    assert early.answer["rows"]["order_line"] == FEW * LINES
    assert late.answer["rows"]["order_line"] == MANY * LINES
    times = late.cpu_seconds / early.cpu_seconds
    added = 1000 * (late.cpu_seconds - early.cpu_seconds) / (MANY - FEW)
    note(
        times_the_processor=times,
        milliseconds_a_file=added,
        processor_after_10=early.cpu_seconds,
        processor_after_500=late.cpu_seconds,
        seconds_after_10=early.seconds,
        seconds_after_500=late.seconds,
    )
    assert times <= TIMES
