"""What the commands that look after a workspace show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clientela.pipeline.care.backup import BackedUp
    from clientela.pipeline.care.dry_run import Difference, Trial
    from clientela.pipeline.care.plan import Plan
    from clientela.pipeline.care.restore import Restored
    from clientela.pipeline.care.rollback import Kept, WentBack
    from clientela.pipeline.care.schedule import Event


def kept_lines(kept: Sequence[Kept]) -> Iterator[str]:
    """The snapshots, a line each; an arrow before the one that serves."""
    if not kept:
        yield "Nothing is published yet. Next: clientela run"
    for each in kept:
        sign = "->" if each.serves else "  "
        published = (each.published_at or "-")[:16].replace("T", " ")
        yield f"{sign} {each.name}  as of {each.as_of or '-'}  published {published} UTC  {_size(each.size)}"


def went_back_lines(done: WentBack) -> Iterator[str]:
    """What serves now."""
    before = f", no longer {done.before}" if done.before else ""
    yield f"Snapshot {done.snapshot} serves{before}: figures as of {done.as_of}. The next run publishes a new one."


def backup_lines(done: BackedUp) -> Iterator[str]:
    """A backup that was written."""
    snapshot = f"snapshot {done.snapshot}" if done.snapshot else "no snapshot"
    yield f"Wrote {done.path}: {_size(done.size)}, {_counted(done.batches, 'batch', 'batches')}, {snapshot}."
    yield "It holds the key behind the pseudonyms and what is personal. Only you can read it; keep it so."
    for name in done.dropped:
        yield f"Dropped {name}."
    for note in done.notes:
        yield f"! {note}"


def backup_document(done: BackedUp) -> dict[str, Any]:
    """A backup as plain data."""
    return {**asdict(done), "path": str(done.path)}


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def restored_lines(done: Restored) -> Iterator[str]:
    """A workspace that was restored."""
    made_at = done.made_at[:16].replace("T", " ")
    yield f"Restored {done.company} into {done.folder}: {done.files} files of {made_at} UTC."
    for note in done.notes:
        yield f"! {note}"
    said = f"snapshot {done.snapshot} serves" if done.snapshot else "nothing is published; next: clientela run"
    yield f"Every file is what was backed up; {said}."


def restored_document(done: Restored) -> dict[str, Any]:
    """A restored workspace as plain data."""
    return {**asdict(done), "folder": str(done.folder)}


def event_line(event: Event) -> str:
    """One thing the schedule did."""
    return f"{'' if event.ok else '! '}{event.at:%Y-%m-%d %H:%M} {event.job}: {event.says}"


def event_document(event: Event) -> dict[str, Any]:
    """One thing the schedule did, as plain data."""
    return {"at": event.at.isoformat(timespec="seconds"), "job": event.job, "ok": event.ok, "says": event.says}


def trial_lines(trial: Trial) -> Iterator[str]:
    """What a run would have published."""
    for loaded in trial.done.sources:
        bad = f", {loaded.quarantined:,} in quarantine" if loaded.quarantined else ""
        yield f"{loaded.source}: {loaded.table}, {loaded.new_files} new, {loaded.rows:,} rows{bad}"
    now = f"snapshot {trial.published}" if trial.published else "nothing"
    yield f"Nothing was published; it would have been as of {trial.done.as_of}. Published is {now}."
    changed = [each for each in (*trial.figures, *trial.tables) if each.published != each.would_be]
    if changed:
        yield "What would differ:"
        width = max(len(each.name) for each in changed)
        for each in changed:
            yield f"  {each.name:<{width}}  {_number(each.published):>16} -> {_number(each.would_be):>16}"
    else:
        yield "No table and no main figure would differ."
    for warning in trial.done.warnings:
        yield f"! {warning}"


def trial_document(trial: Trial) -> dict[str, Any]:
    """What a run would have published, as plain data; figures as text."""

    def said(each: Difference) -> dict[str, Any]:
        plain = (None if value is None else str(value) for value in (each.published, each.would_be))
        return dict(zip(("name", "published", "would_be"), (each.name, *plain), strict=True))

    return {
        "dry_run": True,
        "would_publish": asdict(trial.done),
        "published": trial.published,
        "tables": [asdict(each) for each in trial.tables],
        "figures": [said(each) for each in trial.figures],
    }


def plan_lines(plan: Plan) -> Iterator[str]:
    """What a run would do."""
    for each in plan.arriving:
        size = f", {_size(each.size)}" if each.size is not None else ""
        yield f"{each.state:<10} {each.source}: {each.table}, {each.path}{size}" + (
            f" ({each.note})" if each.note else ""
        )
    if plan.typed_again:
        yield f"Read again, as the mapping or the code changed: {', '.join(plan.typed_again)}"
    yield f"As of: {plan.as_of}."
    yield f"Tables: {', '.join(plan.tables)}."
    yield f"Analyses: {', '.join(plan.analyses)}."
    if plan.dropped:
        yield f"Snapshots that make room: {', '.join(plan.dropped)}."
    yield f"Room: about {_size(plan.needed)} needed, {_size(plan.free)} free."
    for warning in plan.warnings:
        yield f"! {warning}"


def plan_document(plan: Plan) -> dict[str, Any]:
    """What a run would do, as plain data."""
    return asdict(plan)


def _number(value: object) -> str:
    return "-" if value is None else f"{value:,}"


def _size(size: int) -> str:
    for unit, one in (("GB", 1e9), ("MB", 1e6)):
        if size >= one:
            return f"{size / one:,.1f} {unit}"
    return f"{size / 1e3:,.1f} kB"
