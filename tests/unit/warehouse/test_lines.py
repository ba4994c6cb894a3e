"""A part of a journal's line that is of another kind than it can be is told with its file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clientela.errors import WarehouseError
from clientela.warehouse.journal import JsonLines
from clientela.warehouse.lines import PARTS

AT = "2026-01-02T03:04:05+00:00"
SHA = "5e" * 32
SOUND: dict[str, dict[str, Any]] = {
    "runs.jsonl": {
        "run": 1,
        "started_at": "2026-01-02T03:04:05",
        "ended_at": "2026-01-02T03:05:05.125",
        "as_of": "2026-01-02",
        "outcome": "published",
        "message": "1-5e1f",
        "version": "0.1.0",
        "format": 1,
        "not_computed": ["churn-risk"],
    },
    "quality.jsonl": {
        "run": 1,
        "measures": [
            ["shop", "order_line", "", "valid", "", "0.500000", 1, 2, "look"],
            [*[""] * 5, *[None] * 3, "good"],
        ],
    },
    "erasures.jsonl": {
        "erasure": "20260102T030405-5e1f00",
        "state": "done",
        "at": AT,
        "reason": "asked by letter",
        "asked": [SHA],
        "records": 2,
        "shared": 0,
        "source": "shop",
        "table": "order_line",
        "file": "batches/shop/order_line/5e.parquet",
        "delivered_as": ["exports/orders-1.csv"],
        "was": SHA,
        "is": SHA,
        "removed": 1,
        "anonymised": 2,
        "mentions": 3,
        "broken": 4,
        "snapshots_dropped": ["1-5e1f"],
        "snapshot": "2-5e1f",
        "reports_removed": ["report.html"],
        "still_held": {"files": [{"path": "orders.csv", "rows": 1}], "backups": ["backup-1"], "backups_kept": 3},
        "elsewhere": ["notes.txt"],
    },
    "arrivals.jsonl": {
        "hash": SHA,
        "source": "shop",
        "table": "order_line",
        "path": "exports/orders-1.csv",
        "arrived_at": AT,
        "run": 1,
        "sequence": 1,
        "rows": 3,
        "format": "text",
        "sha256": SHA,
        "size": 99,
    },
    "rewrites.jsonl": {"file": "batches/x.parquet", "rows": 3, "sha256": SHA, "size": 99, "was": SHA, "at": AT},
    "deliveries.jsonl": {
        "source": "shop",
        "table": "order_line",
        "run": 1,
        "arrived_at": AT,
        "files": [{"path": "exports/orders-1.csv", "hash": SHA}],
    },
    "suppressed.jsonl": {"erasure": "20260102T030405-5e1f00", "at": AT, "identifiers": [["email", SHA]]},
    "identities.jsonl": {"run": 1, "rows": 3, "sha256": SHA, "size": 99},
}
OF_ANOTHER_KIND = {
    str: (7, 1.5, True, ["a"], {"a": 1}),
    int: ("7", 1.5, True, -1, 2**63, [7], {"a": 7}, None),
    list: ("a", 7, True, {"a": 1}, [7], [["a", 7]], [None], [{"path": 7}], None),
    dict: ("a", 7, [], {}, {"files": "a", "backups": [], "backups_kept": 1}, None),
}
WRONG = [
    (journal, name, value)
    for journal, record in SOUND.items()
    for name, sound in record.items()
    for value in OF_ANOTHER_KIND[type(sound)]
]


@pytest.mark.parametrize("journal", SOUND)
def test_what_is_sound_is_read_as_it_was_written(tmp_path: Path, journal: str) -> None:
    lines = JsonLines(tmp_path / journal)
    lines.append(SOUND[journal])
    assert lines.read() == (SOUND[journal],)
    assert SOUND[journal].keys() == PARTS[journal].keys()


@pytest.mark.parametrize(("journal", "name", "value"), WRONG)
def test_a_part_of_another_kind_is_told_with_its_file_and_line(
    tmp_path: Path, journal: str, name: str, value: object
) -> None:
    lines = JsonLines(tmp_path / journal)
    lines.append(SOUND[journal])
    lines.append({**SOUND[journal], name: value})
    with pytest.raises(WarehouseError) as caught:
        lines.read()
    said = str(caught.value)
    assert said.startswith(f"line 2 of {journal} has no ")
    assert said.endswith(f" as '{name}'; restore the file from a backup.")
    assert caught.value.exit_code == 1


@pytest.mark.parametrize(
    ("journal", "name", "value"),
    [
        ("runs.jsonl", "started_at", "yesterday"),
        ("runs.jsonl", "started_at", AT),  # a moment of a run bears no zone
        ("runs.jsonl", "as_of", "2026-02-30"),
        ("arrivals.jsonl", "arrived_at", "0001-01-01T00:00:00+14:00"),
        ("arrivals.jsonl", "format", "csv"),
        ("suppressed.jsonl", "identifiers", [["name", SHA]]),
        ("quality.jsonl", "measures", [["shop", "order_line", "", "valid", "", "much", 1, 2, "look"]]),
        ("quality.jsonl", "measures", [["shop", "order_line", "", "valid", "", "0.5", 1, 2, "fine"]]),
    ],
)
def test_a_text_that_is_no_such_thing_is_told_too(tmp_path: Path, journal: str, name: str, value: object) -> None:
    lines = JsonLines(tmp_path / journal)
    lines.append({**SOUND[journal], name: value})
    with pytest.raises(WarehouseError, match=f"line 1 of {journal} has no .* as '{name}'"):
        lines.read()
