"""What the overview of one person tells: four figures that fit their roles, and what the analyses say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from clientela.analyse.sales.period import GRAINS, Calendar, calendar
from clientela.analyse.sales.sales_trend import MEASURES as OF_SALES
from clientela.config import Settings
from clientela.contracts.filter import Condition, Operator
from clientela.contracts.insight import Figure
from clientela.contracts.text import Amount, Period, Text, Value, text
from clientela.cube.declared.measure import MEASURES, Unit, parts_of
from clientela.cube.knowledge import SnapshotKnowledge
from clientela.cube.rollup.cover import is_everything
from clientela.errors import NotPermittedError, QueryError
from clientela.pipeline import serving
from clientela.pipeline.asking.noted import Noting
from clientela.pipeline.asking.scope import Asker
from clientela.pipeline.asking.seen import seen_by
from clientela.pipeline.asking.watched import Look
from clientela.pipeline.declared.catalogue import catalogue_in
from clientela.pipeline.quality.gate import fitness
from clientela.pipeline.questions import questions
from clientela.pipeline.serving import Serving
from clientela.pipeline.telling.answers import Answered, answered, place
from clientela.warehouse.store.snapshot import Reader

SHOWN = 4
TREND = 8  # periods
STEADY = 0.005
# What a role looks at first, and what it looks at where that is not known or not theirs.
SALES = ("revenue", "customers", "days_per_customer", "basket", "orders", "new_customers")
OF_ROLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "service": ("cases", "closing_days", "complaints", "csat", *SALES),
        "marketing": ("revenue", "customers", "messages_sent", "responses", *SALES),
        "finance": ("revenue", "margin", "invoiced", "overdue", *SALES),
    }
)
LESS_IS_BETTER = frozenset({"complaints", "closing_days", "reply_days", "overdue", "lost_customers", "returns"})
NEITHER = frozenset({"cases", "messages_sent", "contacts", "invoiced"})
LABELS: Mapping[str, Text] = MappingProxyType(
    {
        "customers": text("Customers who bought"),
        "days_per_customer": text("Purchase days per customer"),
        "basket": text("Revenue per purchase"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigure:
    """One figure of the strip: now, and how it went. ``trend``: of the periods before and this, oldest first."""

    measure: str
    label: Text
    figure: Figure
    before: Amount
    trend: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What the overview tells.

    Parameters
    ----------
    roles : of whoever asks, by name; empty: the company itself
    period, previous : what the figures are of, and what they are compared with; None: too little is known yet
    personal : personal data were read for it
    """

    roles: tuple[str, ...]
    answered: tuple[Answered, ...]
    keys: tuple[KeyFigure, ...]
    period: Period | None
    previous: Period | None
    as_of: date
    personal: bool


def overview(folder: Path, settings: Settings, asker: Asker | None, look: Look) -> Overview:
    """What the overview of whoever asks tells.

    Raises
    ------
    NotPermittedError
        They hold no role that shows anything.
    NothingPublishedError
        No run has published anything yet.
    """
    roles = tuple(dict.fromkeys(each.role for each in asker.held)) if asker is not None else ()

    def told(reader: Reader, served: Serving) -> Overview:
        noting = Noting(reader)
        kb = seen_by(noting, served.snapshot, None, asker=asker, catalogue=catalogue_in(settings)).remembering()
        asked = sorted((each for each in questions().all() if each.overview), key=place)
        periods = _periods(kb)
        if periods is not None:
            _ask_together(kb, periods.grain, _wanted(roles))
        found = answered(kb, fitness(served.snapshot.manifest, settings), asked)
        keys = tuple(_keys(kb, periods, _wanted(roles))) if periods is not None else ()
        noting.enter(folder, look, snapshot=served.snapshot.name, rows=0)
        return Overview(
            roles=roles,
            answered=found,
            keys=keys,
            period=periods.whole[-1] if periods is not None else None,
            previous=periods.whole[-2] if periods is not None else None,
            as_of=kb.as_of,
            personal=bool(noting.seen),
        )

    return serving.read(folder, told, people=False)  # it shows nobody, so it is kept for all of a scope


def _periods(kb: SnapshotKnowledge) -> Calendar | None:
    """The longest periods of which two are whole; None where there is none, or nothing of sales is theirs to see."""
    try:
        first = _first_day(kb)
    except (NotPermittedError, QueryError):
        return None
    if first is None:
        return None
    found = (calendar(first, kb.as_of, grain) for grain in GRAINS)
    return next((each for each in found if len(each.whole) >= 2), None)


def _first_day(kb: SnapshotKnowledge) -> date | None:
    """The first day of sales; for who sees figures of many only, that of the first month they see."""
    if kb.view.scope is None or kb.view.scope.of_many is None:
        return kb.first_day
    months = kb.query(("revenue",), by=("month",), order=("month",)).rows
    return _day(months[0][0]) if months else None


def _wanted(roles: Sequence[str]) -> tuple[str, ...]:
    first = next((OF_ROLES[role] for role in roles if role in OF_ROLES), SALES)
    return tuple(dict.fromkeys(first))


def _ask_together(kb: SnapshotKnowledge, grain: str, wanted: Sequence[str]) -> None:
    """Count in one pass what the strip and the answer about sales both tell, where both are of order lines."""
    names = tuple(dict.fromkeys((*OF_SALES, *wanted[:SHOWN])))
    facts = {part.fact for name in names for part in parts_of(MEASURES[name], MEASURES)}
    if len(facts) == 1 and (kb.view.scope is None or kb.view.scope.of_many is None):
        with suppress(NotPermittedError, QueryError):  # who may not see one of them is told so where it is asked
            kb.query(names, by=(grain,), order=(grain,))


def _keys(kb: SnapshotKnowledge, periods: Calendar, wanted: Sequence[str]) -> Iterator[KeyFigure]:
    """The first few of the wanted figures that are theirs to see and known in the last whole period."""
    shown = periods.whole[-TREND:]
    tried: set[str] = set()
    made = 0
    for names in (wanted[:SHOWN], *((each,) for each in wanted)):  # at once, else each by itself
        open_names = [each for each in names if each not in tried]
        if made >= SHOWN or not open_names:
            continue
        for name, values in _asked(kb, periods.grain, open_names, shown):
            tried.add(name)
            key = _key(name, [values.get(each.first) for each in shown], kb.currency, shown[-2])
            if key is not None:
                made += 1
                yield key


def _asked(
    kb: SnapshotKnowledge, grain: str, names: Sequence[str], shown: Sequence[Period]
) -> Iterator[tuple[str, Mapping[date, Value]]]:
    """Each figure by period; none of them where one is not theirs to see, or cannot be seen by time."""
    scope = kb.view.scope
    # The company's own roll-ups answer for all time at once, and figures of many are told of whole times only.
    whole = scope is None or scope.of_many is not None or any(is_everything(each.reach) for each in scope.rights)
    told = kb.remembered is not None and kb.remembered.holds(names, (grain,), None, (grain,))
    where = None if whole or told else Condition("day", Operator.BETWEEN, (shown[0].first, shown[-1].last))
    try:
        found = kb.query(names, by=(grain,), where=where, order=(grain,))
    except (NotPermittedError, QueryError):
        return
    at = {column.name: place for place, column in enumerate(found.columns)}
    for name in names:
        yield (
            name,
            {
                _day(row[0]): row[at[name]]
                for number, row in enumerate(found.rows)
                if (number, at[name]) not in found.hidden
            },
        )


def _key(name: str, values: Sequence[Value], currency: str, previous: Period) -> KeyFigure | None:
    measure = MEASURES[name]
    numbers = [float(each) if isinstance(each, int | float | Decimal) else None for each in values]
    now, then = numbers[-1], numbers[-2]
    if now is None or then is None:
        return None
    change = now / then - 1 if then > 0 and measure.unit is not Unit.SHARE else None
    rose_well = name not in LESS_IS_BETTER
    better = None if change is None or name in NEITHER or abs(change) < STEADY else (change > 0) is rose_well
    return KeyFigure(
        measure=name,
        label=LABELS.get(name, measure.label),
        figure=Figure(
            value=_amount(values[-1], measure.unit, currency),
            caption=measure.label,
            change=change,
            better=better,
            compared_with=text("{period}", period=previous),
        ),
        before=_amount(values[-2], measure.unit, currency),
        trend=tuple(each for each in numbers if each is not None),
    )


def _amount(value: Value, unit: Unit, currency: str) -> Amount:
    number: int | float | Decimal = value if isinstance(value, int | float | Decimal) else 0
    if unit is Unit.MONEY:
        return Amount(number, "money", currency, digits=0 if abs(float(number)) >= 1000 else 2)
    if unit is Unit.COUNT:
        return Amount(number, "count")
    if unit is Unit.SHARE:
        return Amount(number, "share")
    return Amount(number, "number", digits=2 if abs(float(number)) < 100 else 0)


def _day(value: Value) -> date:
    if isinstance(value, datetime):
        return value.date()
    assert isinstance(value, date)  # noqa: S101 - a period begins with a day
    return value
