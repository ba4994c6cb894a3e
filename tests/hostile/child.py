"""What runs in a process of its own: one file read, and the most memory that took."""

from __future__ import annotations

import json
import platform
import resource
import sys
from datetime import UTC, datetime
from pathlib import Path


def peak_bytes() -> int:
    """The highest resident memory of this process; on Linux not ru_maxrss, which starts at the parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    unit = 1 if platform.system() == "Darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def main(folder: Path) -> None:
    """Land and type the only source of a workspace."""
    from clientela.capture.arrive import land
    from clientela.capture.conform import conform
    from clientela.config import load
    from clientela.warehouse.engine import Engine
    from clientela.warehouse.store.landing import Landing

    settings, landing = load(folder, {}), Landing(folder)
    began = peak_bytes()
    deliveries = land(settings, folder, landing, run=1, now=datetime(2024, 6, 1, tzinfo=UTC))
    landed = peak_bytes()
    told: dict[str, object] = {"states": [each.state.value for each in deliveries], "began": began, "landed": landed}
    if landing.arrivals():
        with Engine.in_memory(threads=2, memory_limit="256MB") as engine:
            (found,) = conform(settings, folder, landing, engine, b"k" * 32)
        told["count"] = [found.count.accepted, found.count.quarantined, found.count.blank]
    json.dump({**told, "peak": peak_bytes()}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
