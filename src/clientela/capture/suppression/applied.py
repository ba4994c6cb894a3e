"""The list of suppressed persons applied to what was landed before: only batches that hold one are written again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from clientela.capture.kept import collected
from clientela.capture.mapping import Section, section_of, understand
from clientela.capture.suppression.listed import Suppressed
from clientela.capture.suppression.matching import BatchFile, matches
from clientela.capture.suppression.rewriting import Scrubbed, without
from clientela.config import Settings
from clientela.warehouse.engine import Engine
from clientela.warehouse.store.landing import Batch, Landing

CONFORMED = "conformed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """A batch that was written again: as it was and as it is, and what was taken out of it."""

    was: Batch
    now: Batch
    scrubbed: Scrubbed


def reapply(
    settings: Settings,
    landing: Landing,
    suppressed: Suppressed,
    *,
    now: datetime,
    progress: Callable[[str], None] = lambda _: None,
) -> Iterator[Rewritten]:
    """Every batch that held a suppressed person, as soon as it is written again without them.

    A batch is replaced whole or not at all; stopped anywhere, what is left is done by the next call.
    Only the holder of the lock may.
    """
    if not suppressed:
        return
    with Engine.in_memory(threads=settings.run.threads, memory_limit=settings.run.memory_limit) as engine:
        hits = []
        for batch, section in batches(settings, landing):
            progress(f"Looking through {batch.path}")
            file = BatchFile(landing.path_of(batch), section)
            if found := matches(file, suppressed, engine):
                hits.append((batch, file, found))
    forget(landing, [batch for batch, _, _ in hits])
    for batch, file, found in hits:
        progress(f"Rewriting {batch.path}")
        part = file.path.with_name(file.path.name + ".part")
        try:
            scrubbed = without(file, found, suppressed, part)
            new = landing.rewrite(batch, part, batch.rows - scrubbed.removed, now=now)
        finally:
            part.unlink(missing_ok=True)
        yield Rewritten(was=batch, now=new, scrubbed=scrubbed)


def batches(settings: Settings, landing: Landing) -> Iterator[tuple[Batch, Section | None]]:
    """Every batch of the landing once, with the section that reads it, if one does."""
    sections = understand(settings)
    once = {batch.file: batch for batch in landing.arrivals()}
    for batch in once.values():
        if landing.path_of(batch).exists():
            yield batch, section_of(sections, batch.source, batch.table, batch.path)


def forget(landing: Landing, batches: Collection[Batch]) -> None:
    """Remove what was typed from these batches, and whatever does not say from which it was."""
    folder, files = landing.folder / CONFORMED, {batch.file for batch in batches}
    if not files or not folder.exists():
        return
    collected.forget(folder, files)
    for place in folder.iterdir():
        if not place.name.startswith(collected.PREFIX) and _typed_from(place) in (None, *files):
            shutil.rmtree(place)


def _typed_from(place: Path) -> str | None:
    try:
        said = json.loads((place / "about.json").read_text(encoding="utf-8"))["batch"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return str(said)
