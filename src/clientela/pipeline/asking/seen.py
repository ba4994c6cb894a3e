"""The knowledge base of an open snapshot, whole or as one person sees it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from clientela.access.rights import Scope
from clientela.cube.knowledge import SnapshotKnowledge, knowledge
from clientela.pipeline.asking.scope import Asker, scope_in
from clientela.warehouse.store.snapshot import Reader, Snapshot


def knowledge_in(
    reader: Reader,
    snapshot: Snapshot,
    as_of: date | None,
    *,
    known_at: datetime | None = None,
    scope: Scope | None = None,
) -> SnapshotKnowledge:
    """The knowledge base in an open snapshot, as of a date and as known at a moment, as somebody may see it."""
    manifest = snapshot.manifest
    return knowledge(
        reader,
        snapshot=snapshot.name,
        tables=reader.tables,
        people=reader.people,
        currency=manifest["currency"],
        timezone=manifest["timezone"],
        lapse_days=manifest["lapse_days"],
        run_as_of=date.fromisoformat(manifest["as_of"]),
        run_known_at=datetime.fromisoformat(manifest["known_at"]),
        as_of=as_of,
        asked_known_at=known_at,
        scope=scope,
    )


def seen_by(
    folder: Path,
    reader: Reader,
    snapshot: Snapshot,
    as_of: date | None,
    *,
    known_at: datetime | None = None,
    asker: Asker | None,
) -> SnapshotKnowledge:
    """The knowledge base as a person sees it; whole where nobody is named.

    Raises
    ------
    NotPermittedError
        They hold no role that shows anything.
    UsageError
        There is no such person.
    """
    if asker is None:
        return knowledge_in(reader, snapshot, as_of, known_at=known_at)
    scope = scope_in(folder, knowledge_in(reader, snapshot, None), asker)
    return knowledge_in(reader, snapshot, as_of, known_at=known_at, scope=scope)
