"""One measurement of the data, and what it is worth: good, to be looked at, unfit, or only shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from clientela.config import Settings, lapse

GOOD, LOOK, UNFIT, SHOWN = "good", "look", "unfit", "shown"
VALID, CURRENT, COMPLETE, CORRECT, UNIQUE, ACCESSIBLE = (
    "valid",
    "current",
    "complete",
    "correct",
    "unique",
    "accessible",
)
PROPERTIES = (VALID, CURRENT, COMPLETE, CORRECT, UNIQUE, ACCESSIBLE)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What an earlier run measured."""

    run: int
    measured: Decimal | None
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One property of good data, measured on one column ('' for the whole table) of one source.

    ``rule`` tells apart what is asked of one column. ``found`` of ``checked`` are weak; ``measured`` is
    their share, or the age in days where the property is ``current``. ``before``: what earlier runs
    measured, oldest first.
    """

    source: str
    table_name: str
    column_name: str = ""
    property: str
    rule: str = ""
    measured: Decimal | None
    found: int | None = None
    checked: int | None = None
    verdict: str
    before: tuple[Past, ...] = ()


Place = tuple[str, str, str, str, str]  # source, table, column, property, rule


def place(measure: Measure) -> Place:
    """What is measured again in the next run."""
    return (measure.source, measure.table_name, measure.column_name, measure.property, measure.rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Shares of weak rows: above ``look`` they are to be looked at, above ``unfit`` no answer rests on them."""

    look: Decimal
    unfit: Decimal

    def verdict(self, share: Decimal | None, *, harmless: bool = False) -> str:
        """What a share of weak rows is worth.

        Examples
        --------
        >>> limits = Limits(look=Decimal("0.01"), unfit=Decimal("0.2"))
        >>> [limits.verdict(Decimal(share)) for share in ("0.01", "0.011", "0.2", "0.21")]
        ['good', 'look', 'look', 'unfit']
        >>> limits.verdict(Decimal("0.5"), harmless=True)
        'look'
        """
        if share is None or share <= self.look:
            return GOOD
        return LOOK if harmless or share <= self.unfit else UNFIT


def limits(settings: Settings) -> Limits:
    """The limits that ``[quality]`` sets."""
    said = settings.quality
    return Limits(look=Decimal(str(said.look_above)), unfit=Decimal(str(said.unfit_above)))


def share(
    source: str,
    table: str,
    column: str,
    property: str,
    found: int,
    checked: int,
    limits: Limits,
    *,
    rule: str = "",
    harmless: bool = False,
) -> Measure:
    """A measurement that counts weak rows."""
    part = Decimal(found) / checked if checked else None
    return Measure(
        source=source,
        table_name=table,
        column_name=column,
        property=property,
        rule=rule,
        measured=None if part is None else part.quantize(Decimal("0.000001")),
        found=int(found or 0),
        checked=int(checked),
        verdict=limits.verdict(part, harmless=harmless),
    )


def age(source: str, table: str, column: str, *, days: int, exact: timedelta, within: str | None) -> Measure:
    """How old the newest fact is, against what its source promises.

    Parameters
    ----------
    days :
        Whole days from its day to that of the run: what a promise in days or weeks is held against.
    exact :
        The time since it: what a promise in hours is held against.
    within :
        ``fresh_within`` of the source; None: nothing is promised, so nothing is judged.
    """
    promised = lapse(within) if within else None
    by_day = promised is None or promised % DAY == timedelta(0)
    old = timedelta(days=days) if by_day else exact
    verdict = SHOWN if promised is None else GOOD if old <= promised else UNFIT
    return Measure(
        source=source,
        table_name=table,
        column_name=column,
        property=CURRENT,
        measured=(Decimal(old // timedelta(seconds=1)) / 86400).quantize(Decimal("0.000001")),
        verdict=verdict,
    )


def document(measures: Iterable[Measure]) -> list[dict[str, Any]]:
    """The measurements as plain data for the manifest."""
    return [_plain(asdict(each)) for each in measures]


def stored(documents: Iterable[Mapping[str, Any]]) -> tuple[Measure, ...]:
    """The measurements of a manifest; what an older snapshot did not yet tell is left out."""
    known = Measure.__dataclass_fields__
    found = []
    for each in documents:
        told = {name: value for name, value in each.items() if name in known}
        told["measured"] = _number(told["measured"])
        told["before"] = tuple(
            Past(run=past["run"], measured=_number(past["measured"]), verdict=past["verdict"])
            for past in told.get("before", ())
        )
        found.append(Measure(**told))
    return tuple(found)


def with_past(measures: Iterable[Measure], past: Mapping[Place, tuple[Past, ...]]) -> tuple[Measure, ...]:
    """The measurements, each with what earlier runs measured at its place."""
    return tuple(replace(each, before=past.get(place(each), ())) for each in measures)


def _number(said: str | None) -> Decimal | None:
    return None if said is None else Decimal(said)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Decimal) else value
