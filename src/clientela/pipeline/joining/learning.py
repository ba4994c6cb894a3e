"""A model learned because a person asks for it: from then on every run compares by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from clientela.capture.conform import conform
from clientela.config import Settings
from clientela.contracts.delivered.people import CUSTOMER_RECORD
from clientela.errors import UsageError
from clientela.pipeline.create import read_secret
from clientela.pipeline.deliveries import deliveries
from clientela.pipeline.joining import models, records
from clientela.pipeline.joining.compare import Comparison, model_for
from clientela.pipeline.joining.identify import Given, write_linkable
from clientela.pipeline.joining.keys import KEY, keys, write
from clientela.warehouse.engine import Engine
from clientela.warehouse.store import lock
from clientela.warehouse.store.landing import Landing

BY_A_PERSON = "somebody asked for it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """A new model. ``before``: the one that held until now; ``basis``: learned, or shipped where too few records are
    there to learn from; ``records``: from how many."""

    version: str
    before: str | None
    basis: str
    records: int


def learn_again(folder: Path, settings: Settings, *, now: datetime, progress: Callable[[str], None]) -> Learned:
    """Learn a model from what was landed so far; the next run compares by it.

    Raises
    ------
    UsageError
        No source delivers names, addresses or numbers of customers.
    LockedError
        A run is at work.
    """
    landing, asked = Landing(folder), settings.identity
    with (
        lock.builder(folder, now=now),
        Engine.in_memory(threads=settings.run.threads, memory_limit=settings.run.memory_limit) as engine,
    ):
        conformed = conform(settings, folder, landing, engine, read_secret(folder), progress=progress)
        if not records.comparable(conformed):
            raise UsageError(
                "no source delivers names, e-mail addresses, telephone or tax numbers of customers, so there is "
                "nothing to learn from; add a [[source]] for customer_record and run `clientela run`."
            )
        stored = models.newest(landing)
        write(engine, KEY, keys(conformed))
        given = Given(
            conformed=conformed,
            sources=deliveries(CUSTOMER_RECORD, conformed, ()),
            settings=settings,
            landing=landing,
            published=(),
            now=now,
            progress=progress,
        )
        write_linkable(engine, given)
        comparison = Comparison(
            ask_above=asked.ask_above, shared_by=asked.shared_by, pairs_per_record=asked.pairs_per_record
        )
        model, _ = model_for(engine, landing, comparison, now=now, progress=progress, again=BY_A_PERSON)
    return Learned(
        version=model.version,
        before=stored.model.version if stored is not None else None,
        basis=str(model.document.get("basis")),
        records=int(model.document.get("records", 0)),
    )
