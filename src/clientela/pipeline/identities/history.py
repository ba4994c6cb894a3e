"""What became of a number: which records it began with, what joined it, what left it, who decided and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from clientela.contracts.identity import Happened, History, RecordSeen
from clientela.pipeline.identities import shown
from clientela.pipeline.identities.resolve import resolver
from clientela.pipeline.identities.why import customer
from clientela.unify import decisions
from clientela.unify.decisions import Decision
from clientela.warehouse.store.landing import Landing
from clientela.warehouse.store.snapshot import Reader

_EVENTS = """
select run, at, kind, customer_ref, from_customer_id, to_customer_id, by, decision
from facts.identity_event
where from_customer_id in (select unnest(:numbers)) or to_customer_id in (select unnest(:numbers))
    or customer_ref in (select unnest(:refs))
order by run, kind, customer_ref
"""
_RUNS = "select run, started_at from facts.run"


def history(folder: Path, said: str) -> History:
    """All that happened to a customer, named by any number it ever had or by what else names it.

    Raises
    ------
    PersonError
        The value means nobody, or several.
    NothingPublishedError
        No run has published anything yet.
    """
    with resolver(folder) as asked:
        now = customer(asked, said)
        plain = said.strip()
        number = int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 20 else now
        return of(asked.reader, number, now, decided=told(folder))


def told(folder: Path) -> dict[str, Decision]:
    """What persons decided so far, by the id of the decision."""
    entries = decisions.read(Landing(folder))
    return {each.id: each for each in entries if isinstance(each, Decision)}


def of(reader: Reader, number: int, now: int, *, decided: Mapping[str, Decision]) -> History:
    """All that happened to the number asked for and to the customer it is now, oldest first."""
    own = shown.records_of(reader, [now])
    rows: list[dict[str, Any]] = []
    if "identity_event" in reader.tables:
        given = {"numbers": sorted({number, now}), "refs": sorted(own)}
        rows = reader.fetch(shown.tree(_EVENTS), given).to_pylist()
    others = shown.records(reader, {row["customer_ref"] for row in rows} - own.keys())
    records = {**own, **others}
    begun = _runs(reader)
    created = [
        Happened(
            run=each.first_run,
            at=begun.get(each.first_run),
            kind="created",
            record=each,
            customer_ref=each.customer_ref,
            from_customer_id=None,
            to_customer_id=shown.number_of(each.customer_ref),
        )
        for each in records.values()
    ]
    changed = [_happened(row, records, decided) for row in rows]
    ordered = sorted([*created, *changed], key=lambda each: (each.run, each.kind != "created", each.customer_ref))
    return History(asked=number, customer_id=now, records=tuple(own.values()), happened=tuple(ordered))


def _happened(row: Mapping[str, Any], records: Mapping[str, RecordSeen], decided: Mapping[str, Decision]) -> Happened:
    decision = decided.get(row["decision"] or "")
    return Happened(
        run=row["run"],
        at=row["at"],
        kind=row["kind"],
        record=records.get(row["customer_ref"]),
        customer_ref=row["customer_ref"],
        from_customer_id=row["from_customer_id"],
        to_customer_id=row["to_customer_id"],
        by=row["by"],
        decision=row["decision"],
        person=decision.by if decision else None,
        reason=decision.reason if decision else None,
    )


def _runs(reader: Reader) -> dict[int, datetime]:
    """When each run began."""
    if "run" not in reader.tables:
        return {}
    rows = reader.fetch(shown.tree(_RUNS)).to_pylist()
    return {row["run"]: row["started_at"] for row in rows if row["started_at"] is not None}
