"""The published BG/NBD fit of CDNOW, through a workspace: file, capture, features, fit."""

from __future__ import annotations

import csv
import gzip
import json
import math
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from clientela.warehouse.store.snapshot import current
from tests.pipeline.company import shop


def test_cdnow_gives_the_published_parameters(shared_data: Path, tmp_path: Path) -> None:
    made = shop(tmp_path / "w")
    with gzip.open(shared_data / "cdnow" / "CDNOW_sample.txt.gz", "rt") as file:
        rows = [line.split() for line in file]
    header = ("order_id", "line_no", "customer_ref", "ordered_at", "product_id", "quantity", "net_revenue")
    with (made.exports / "orders-1.csv").open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(header)
        for number, (_, customer, day, cds, dollars) in enumerate(rows):
            writer.writerow([number, 1, customer, f"{day[:4]}-{day[4:6]}-{day[6:]}", "cd", cds, dollars])
    made.workspace.run(now=datetime(2024, 7, 1, tzinfo=UTC), as_of=date(1997, 10, 1))
    published = current(made.workspace.folder)
    assert published is not None
    fitted = model(made.workspace.folder, "bg-nbd")
    parameters = json.loads(fitted["parameters"])
    repeat_days = parameters["repeat_purchases"]
    assert parameters["r"] == pytest.approx(0.243, abs=5e-4)
    assert parameters["alpha"] / 7 == pytest.approx(4.414, abs=5e-3)
    assert parameters["a"] == pytest.approx(0.793, abs=5e-4)
    assert parameters["b"] == pytest.approx(2.426, abs=5e-3)
    assert float(fitted["log_likelihood"]) + repeat_days * math.log(7) == pytest.approx(-9582.4, abs=0.05)


def model(folder: Path, candidate: str) -> dict[str, str]:
    from clientela import config
    from clientela.pipeline.answer import knowledge_of

    with knowledge_of(folder, config.load(folder), None) as kb:
        return next(dict(m) for m in kb.evidence("churn-risk").models if m["candidate"] == candidate)  # type: ignore[misc]
