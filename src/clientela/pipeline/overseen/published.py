"""What the snapshot that serves says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clientela.errors import SnapshotError
from clientela.pipeline.facts import Loaded
from clientela.pipeline.quality.measures import Measure, stored
from clientela.pipeline.serving import serving


@dataclass(frozen=True, slots=True)
class Published:
    """The manifest of the snapshot that serves; empty where none does, or it cannot be read."""

    name: str | None
    manifest: Mapping[str, Any]

    @property
    def run(self) -> int:
        """The run that made it; 0 where there is none."""
        return int(self.manifest.get("run", 0))

    @property
    def sources(self) -> tuple[Loaded, ...]:
        """What each source brought until then."""
        return tuple(Loaded(**each) for each in self.manifest.get("sources", ()))

    @property
    def measures(self) -> tuple[Measure, ...]:
        """What was measured of the data."""
        return tuple(stored(self.manifest.get("quality", ())))

    @property
    def lineage(self) -> tuple[Mapping[str, Any], ...]:
        """Which step wrote which table from which."""
        return tuple(self.manifest.get("lineage", ()))

    @property
    def tables(self) -> Mapping[str, int]:
        """The rows of every table."""
        found: Mapping[str, int] = self.manifest.get("tables", {})
        return found


def published(folder: Path) -> Published:
    """What serves now."""
    try:
        served = serving(folder)
    except SnapshotError:
        return Published(None, {})
    return Published(served.snapshot.name, served.snapshot.manifest) if served else Published(None, {})
