"""The moments of a run between which a crash may fall: a run passes by them, a test of crashes stops there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

At = Callable[[str], None]

# Of a publication, in their order.
PUBLICATION = (
    "checkpointed",
    "facts synced",
    "people synced",
    "facts renamed",
    "people renamed",
    "files named",
    "manifest written",
    "current prepared",
    "current replaced",
    "published",
)
# Of a whole run, in the order in which it first passes them; those before PUBLICATION it passes many times.
POINTS = (
    "line written",  # of a journal; not yet synced
    "line synced",
    "run begun",
    "batch written",
    "batch named",
    "arrival journalled",
    "delivery journalled",  # only of a source that delivers in full
    "batch typed",
    "typed batch named",
    "table written",
    *PUBLICATION,
    "snapshots swept",
    "run ended",
)
# Of an erasure, before, within and after its run.
ERASURE = (
    "erasure begun",
    "rewrite written",
    "rewrite journalled",
    "rewrite named",
    "batch forgotten",
    "snapshots dropped",
    "erasure done",
)

# Of a run that joins records to customers, and of the erasure of one who was joined.
IDENTITY = (
    *("link model kept", "events kept", "linked written", "linked kept"),
    "identities forgotten",
)

# Of a run in which many small batches become one.
COLLECTION = ("batches collected", "collection named")

_watching: list[At] = []


def reached(point: str) -> None:
    """Tell whoever watches that the run has come to one of ``POINTS``; outside tests nobody does."""
    for watch in _watching:
        watch(point)


@contextmanager
def watched(watch: At) -> Iterator[None]:
    """Let ``watch`` be called at every point; what it raises ends the run there."""
    _watching.append(watch)
    try:
        yield
    finally:
        _watching.remove(watch)
