"""The audit log at the size of years: entries are added, and all of them verified."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time

AT_ONCE = 10_000
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def filled(folder: str, entries: int) -> dict[str, float]:
    """Add so many entries; the seconds that took."""
    from clientela.appdb.audit.chain import Entry
    from clientela.appdb.database import open_database

    began = perf_counter()
    with open_database(Path(folder), now=NOW) as database:
        for first in range(0, entries, AT_ONCE):
            seen = [
                Entry(
                    actor=f"user:{number % 97:020x}",
                    action="customer.seen",
                    purpose="service",
                    objects=(f"customer:{number * 7919 % 1_000_003}",),
                    counts={"rows": number % 50},
                    snapshot="12-abcdef01",
                )
                for number in range(first, min(first + AT_ONCE, entries))
            ]
            database.enter(seen, now=NOW)
    size = (Path(folder) / "app.sqlite").stat().st_size
    return {"seconds": perf_counter() - began, "size_mb": size / 1e6}


def appended(folder: str, entries: int) -> dict[str, float]:
    """Add so many entries, each in a transaction of its own; milliseconds for one."""
    from clientela.appdb.database import open_database

    with open_database(Path(folder), now=NOW) as database:
        began, of_processor = perf_counter(), process_time()
        for number in range(entries):
            with database.change(by="user:1", now=NOW) as change:
                change.audit("customer.seen", f"customer:{number}")
        return {
            "milliseconds": (perf_counter() - began) / entries * 1000,
            "cpu_milliseconds": (process_time() - of_processor) / entries * 1000,
        }


def verified(folder: str) -> dict[str, object]:
    """Verify the log; the seconds that took, and how many entries there are."""
    from clientela.appdb.audit.verify import verify
    from clientela.appdb.database import open_database

    with open_database(Path(folder), now=NOW) as database:
        began = perf_counter()
        found = verify(database)
    return {"seconds": perf_counter() - began, "entries": found.entries, "sound": found.broken is None}
