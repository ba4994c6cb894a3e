"""What a run measures of everything that was delivered: six properties, by source, table and column."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from clientela.capture.arrive import State
from clientela.config import Settings
from clientela.pipeline.quality.duplicates import duplicates
from clientela.pipeline.quality.measures import ACCESSIBLE, UNIQUE, VALID, Limits, Measure, age, limits, share
from clientela.pipeline.quality.quarantine import HELD, MENDED
from clientela.pipeline.quality.scan import Newest, scan
from clientela.pipeline.quality.taken import Taken
from clientela.warehouse.build import Build

USELESS = (State.REFUSED, State.MISSING)
_ALL_OF_THEM = Limits(look=Decimal(0), unfit=Decimal(1))  # of files none may be missing


def measure(build: Build, taken: Taken, settings: Settings, *, today: date, now: datetime) -> tuple[Measure, ...]:
    """Everything that is measured, by source and table, then by property."""
    bounds = limits(settings)
    mapped = {
        place: frozenset(name for batch in taken.batches(*place) for name in batch.columns) for place in taken.places
    }
    found, newest = scan(build, mapped, bounds, today=today)
    measures = []
    for source, table in taken.places:
        batches = taken.batches(source, table)
        accepted = sum(each.accepted for each in batches)
        open_ = sum(each.quarantined for each in batches if taken.state(each) != MENDED)
        again = sum(each.count.doubled + each.count.clashing for each in batches)
        if batches:
            measures.append(share(source, table, "", VALID, open_, accepted + open_, bounds))
            measures.append(share(source, table, "", UNIQUE, again, accepted + again, bounds, harmless=True))
        measures.append(_accessible(taken, source, table))
    measures += [each for place in newest if (each := _current(taken, settings, place, today, now)) is not None]
    return (*measures, *found, *duplicates(build, bounds))


def _accessible(taken: Taken, source: str, table: str) -> Measure:
    """How many of the files could not be used: not found, not to be read, or over their budget of bad rows."""
    files = [each for each in taken.deliveries if (each.source, each.table) == (source, table)]
    paths = {each.path for each in files if each.state not in USELESS}
    held = {
        each.batch.path
        for each in taken.conformed
        if (each.batch.source, each.batch.table) == (source, table) and taken.state(each) == HELD
    }
    useless = sum(each.state in USELESS for each in files) + len(held)
    checked = sum(each.state in USELESS for each in files) + len(paths | held)
    return share(source, table, "", ACCESSIBLE, useless, checked, _ALL_OF_THEM, harmless=True)


def _current(taken: Taken, settings: Settings, newest: Newest, today: date, now: datetime) -> Measure | None:
    """How old the newest fact is; of what has no event time, the newest delivery."""
    section = next(
        (
            each.section
            for each in taken.conformed
            if (each.batch.source, each.batch.table) == (newest.source, newest.table)
        ),
        None,
    )
    if section is None:
        return None
    moment = now.astimezone(UTC).replace(tzinfo=None)
    if section.contract.event_time is not None:
        if newest.day is None or newest.moment is None:
            return None
        days, exact = (today - newest.day).days, moment - newest.moment
        column = section.contract.event_time
    else:
        arrived = max((each.batch.arrived_at for each in taken.batches(newest.source, newest.table)), default=None)
        if arrived is None:
            return None
        zone = ZoneInfo(settings.company.timezone)
        days = (today - arrived.astimezone(zone).date()).days
        exact, column = now - arrived, ""
    within = section.source.fresh_within
    return age(newest.source, newest.table, column, days=days, exact=max(exact, exact * 0), within=within)
