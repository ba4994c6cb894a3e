"""Three years of a synthetic company: its exports and its truth."""

from __future__ import annotations

import shutil
from pathlib import Path

from clientela.testing.company.company import Company
from clientela.testing.company.truth import read
from clientela.testing.company.world import World


def live(folder: str, customers: int, world: str = "messy") -> dict[str, int]:
    """How many rows the company sent and how many lines it sold; the folder is emptied after."""
    place = Path(folder)
    made = getattr(World, world)(customers=customers)
    Company(made, exports=place / "w" / "exports", truth=place / "truth").deliver(made.ends)
    sent = [path for path in (place / "w" / "exports").iterdir() if path.suffix != ".xlsx"]
    rows = sum(_lines(path) for path in sent)
    sold = read(place / "truth", "line").num_rows
    size = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    shutil.rmtree(place)
    return {"rows": rows, "sold": sold, "files": len(sent), "bytes": size}


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
