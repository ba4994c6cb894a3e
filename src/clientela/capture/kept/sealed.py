"""Typed batches that are kept from run to run: used only while they are what was written, else typed anew."""

from __future__ import annotations

import json
from pathlib import Path

from clientela.warehouse.journal import write_durably
from clientela.warehouse.store.check import changed, chunk_sums, sealed, unsealed

SUMS = "sums.json"


def seal(place: Path) -> None:
    """Write down what the files of a typed batch hold; written last, so that without it nothing counts."""
    told = {path.name: [path.stat().st_size, *chunk_sums(path)] for path in sorted(place.iterdir()) if path.is_file()}
    write_durably(place / SUMS, json.dumps(sealed({"files": told})).encode())


def sound(place: Path) -> bool:
    """Whether a typed batch is there and is what was written."""
    try:
        told = unsealed(json.loads((place / SUMS).read_bytes()))["files"]
        return all(
            (place / name).stat().st_size == size and not changed(place / name, parts)
            for name, (size, *parts) in told.items()
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False
