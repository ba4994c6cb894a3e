"""What the sources of a table have delivered so far, as capture makes versions of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from clientela.capture.conform import Conformed
from clientela.capture.deliveries import Deliveries, Rows, Whole
from clientela.capture.overlap import overlap
from clientela.contracts.schema import Contract
from clientela.warehouse.engine import Engine
from clientela.warehouse.store.landing import Batch


def deliveries(contract: Contract, conformed: Sequence[Conformed], published: Collection[int]) -> list[Deliveries]:
    """The conformed batches of a table by source; ``published`` are the runs that did so far."""
    sources = dict.fromkeys(each.section.source.name for each in conformed if each.batch.table == contract.name)
    return [_of_source([each for each in conformed if is_of(each, name, contract.name)], published) for name in sources]


def disjoint(engine: Engine, contract: Contract, source: Deliveries) -> Deliveries:
    """The deliveries of a source, marked when no row of theirs can replace another."""
    query = overlap(contract, source)
    return source if query is None else replace(source, disjoint=engine.fetch(query).num_rows == 0)


def is_of(conformed: Conformed, source: str, table: str) -> bool:
    """Whether a batch is what a source delivered to a table."""
    return (conformed.section.source.name, conformed.batch.table) == (source, table)


def utc(moment: datetime) -> datetime:
    """A moment as naive UTC, as the tables hold it."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def _of_source(batches: Sequence[Conformed], published: Collection[int]) -> Deliveries:
    source = batches[0].section.source
    runs = [each.batch.run for each in batches if not each.kept_out] or [0]
    first_run = min((run for run in published if run >= min(runs)), default=max(runs))
    return Deliveries(
        delivery=source.delivery,
        known=source.known,
        first_run=first_run,
        numbered=all("line_no" in each.columns for each in batches),
        wholes=_wholes(batches),
        rows=(*_together(batches), *map(_rows, (each for each in batches if not each.together and not each.kept_out))),
    )


def _rows(batch: Conformed) -> Rows:
    return Rows(
        file=batch.facts,
        columns=batch.columns,
        sequence=batch.batch.sequence,
        run=batch.batch.run,
        arrived_at=utc(batch.batch.arrived_at),
    )


def _together(batches: Sequence[Conformed]) -> tuple[Rows, ...]:
    """The batches that are kept together, read as one: they say themselves how they came."""
    together = [each for each in batches if each.together]
    if not together:
        return ()
    first, *more = dict.fromkeys(each.facts for each in together)
    columns = frozenset().union(*(each.columns for each in together))
    return (replace(_rows(together[0]), file=first, more=tuple(more), columns=columns, together=True),)


def _wholes(batches: Sequence[Conformed]) -> tuple[Whole, ...]:
    """The deliveries of a source that delivers in full: what came in one run."""
    runs = sorted({each.batch.run for each in batches if not each.kept_out})
    held: dict[int, list[Batch]] = {run: [] for run in runs}
    for each in batches:
        if not each.kept_out:
            held[each.batch.run].append(each.batch)
    return tuple(
        Whole(arrived_at=utc(held[run][0].arrived_at), run=run, sequences=tuple(batch.sequence for batch in held[run]))
        for run in runs
    )
