"""The knowledge base of an open snapshot, whole or as one person sees it."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from clientela.access.rights import Scope
from clientela.cube.declared.catalogue import BUILT_IN, Catalogue
from clientela.cube.knowledge import SnapshotKnowledge, knowledge
from clientela.cube.replica.held import scope_of
from clientela.cube.rollup.shape import of_documents
from clientela.pipeline import serving
from clientela.pipeline.asking.noted import Noting
from clientela.pipeline.asking.scope import Asker, scope_in
from clientela.pipeline.create import cursor_key
from clientela.warehouse.store.snapshot import REPLICA, Reader, Snapshot


def knowledge_in(
    reader: Reader | Noting,
    snapshot: Snapshot,
    as_of: date | None,
    *,
    known_at: datetime | None = None,
    scope: Scope | None = None,
    catalogue: Catalogue = BUILT_IN,
) -> SnapshotKnowledge:
    """The knowledge base in an open snapshot, as of a date and as known at a moment, as somebody may see it.

    In a replica nobody sees more than for whom it was made.
    """
    manifest, workspace = snapshot.manifest, snapshot.folder.parent
    if REPLICA in manifest:
        scope = scope_of(manifest[REPLICA]["rights"])
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
        catalogue=catalogue,
        rollups=serving.remembered(
            workspace, snapshot.name, "rollups", lambda: of_documents(manifest.get("rollups", ()), reader.tables)
        ),
        sealing=partial(serving.remembered, workspace, snapshot.name, "cursor key", partial(cursor_key, workspace)),
    )


def seen_by(
    reader: Reader | Noting,
    snapshot: Snapshot,
    as_of: date | None,
    *,
    known_at: datetime | None = None,
    asker: Asker | None,
    catalogue: Catalogue = BUILT_IN,
) -> SnapshotKnowledge:
    """The knowledge base as a person sees it; whole where nobody is named.

    Raises
    ------
    NotPermittedError
        They hold no role that shows anything.
    """
    if asker is None:
        return knowledge_in(reader, snapshot, as_of, known_at=known_at, catalogue=catalogue)
    scope = scope_today(reader, snapshot, asker)
    return knowledge_in(reader, snapshot, as_of, known_at=known_at, scope=scope, catalogue=catalogue)


def scope_today(reader: Reader | Noting, snapshot: Snapshot, asker: Asker) -> Scope:
    """What a person may see of a snapshot today; where it is held open, worked out once until a right changes.

    Raises
    ------
    NotPermittedError
        They hold no role that shows anything.
    """

    def made() -> Scope:
        return scope_in(knowledge_in(reader, snapshot, None), asker)

    if asker.told is None:
        return made()
    return serving.remembered(snapshot.folder.parent, snapshot.name, ("scope", asker.told, asker.now.date()), made)
