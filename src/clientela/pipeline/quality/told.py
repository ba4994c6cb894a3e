"""The measurements in words: a sentence for each, the six properties on a page, the weak ones first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from clientela.contracts.report import QualityFinding, QualityRow
from clientela.contracts.text import Amount, Text, Value, ntext, text
from clientela.pipeline.quality.checks import BILLED, FUTURE, PRICE, REFERENCES, REFERS, RULES, WANTED
from clientela.pipeline.quality.duplicates import DUPLICATE
from clientela.pipeline.quality.measures import (
    ACCESSIBLE,
    COMPLETE,
    CORRECT,
    CURRENT,
    GOOD,
    LOOK,
    PROPERTIES,
    SHOWN,
    UNFIT,
    UNIQUE,
    VALID,
    Measure,
    place,
)

NAMES: Mapping[str, Text] = {
    VALID: text("Valid"),
    CURRENT: text("Current"),
    COMPLETE: text("Complete"),
    CORRECT: text("Correct"),
    UNIQUE: text("Unique"),
    ACCESSIBLE: text("Accessible"),
}
MEANINGS: Mapping[str, Text] = {
    VALID: text("Rows keep the types and the rules of their table"),
    CURRENT: text("The newest that is known is as new as its source promises"),
    COMPLETE: text("What should be filled is filled"),
    CORRECT: text("Nothing contradicts itself or another table"),
    UNIQUE: text("Every row came once, every key says one thing, and every customer has one record"),
    ACCESSIBLE: text("Every delivery was there and could be used; the figures are published"),
}
VERDICTS: Mapping[str, Text] = {
    GOOD: text("good"),
    LOOK: text("look at it"),
    UNFIT: text("unfit"),
    SHOWN: text("not judged"),
}
_ORDER = {UNFIT: 0, LOOK: 1, SHOWN: 2, GOOD: 3}
_SAYS = {(each.table, each.column, each.name): each.says for each in RULES}
_REFERS = {(each.table, each.column): each for each in REFERENCES}
SMALL = Decimal("0.01")


def finding(each: Measure) -> Text:
    """What was counted, as a sentence without its number."""
    if each.rule == DUPLICATE:
        return _duplicates(each.source)
    said = {
        VALID: text("Rows of {table} from {source} that broke a rule and stay out"),
        UNIQUE: text("Rows of {table} from {source} that came twice, or contradict another of their key"),
        ACCESSIBLE: text("Deliveries of {table} from {source} that were missing, unreadable or stay out"),
        CURRENT: text("Age of the newest row of {table} from {source}, on the day of the run"),
    }.get(each.property, _SAYS.get((each.table_name, each.column_name, each.rule)))
    if said is not None:
        places = {"source": each.source, "table": each.table_name}
        return Text(said.id, {name: value for name, value in places.items() if f"{{{name}}}" in said.id})
    if each.property == COMPLETE:
        what: Value = each.column_name
        if each.column_name in WANTED.get(each.table_name, {}):
            what = WANTED[each.table_name][each.column_name].what
        without = text("Rows of {table} from {source} without {missing}")
        return Text(without.id, {"source": each.source, "table": each.table_name, "missing": what})
    if each.rule == REFERS:
        refer = _REFERS.get((each.table_name, each.column_name))
        return text(
            "Rows of {table} from {source} where {missing} is not in the table {other}",
            source=each.source,
            table=each.table_name,
            missing=text("the customer") if refer is None else refer.what,
            other="customer_record" if refer is None else refer.to,
        )
    of_its_own = {
        FUTURE: text("Rows of {table} from {source} dated after the day of the run"),
        PRICE: text("Sales from {source} at more than 30 times the usual price of their product, or less than a 30th"),
        BILLED: text("Invoices from {source} that ask for another amount than the lines of their order"),
    }.get(each.rule, text("Weak rows of {table} from {source}"))
    return Text(of_its_own.id, {"source": each.source, "table": each.table_name})


def _duplicates(source: str) -> Text:
    """Records that are another's duplicate: of one source by itself, or of all together (``source`` is empty)."""
    if not source:
        return text("Customer records of all systems together that are the same customer as another")
    return text("Customer records of {source} that are the same customer as another of it", source=source)


def amount(measured: Decimal | None, property: str) -> Value:
    """A measurement as it is said: a share, or an age."""
    if measured is None:
        return None
    if property == CURRENT:
        if measured % 1:
            hours = int(measured * 24)
            return ntext("{hours} hour", "{hours} hours", "hours", hours=hours) if measured < 2 else _days(measured)
        return _days(measured)
    return Amount(measured, "share", digits=2 if measured and measured < SMALL else 1)


def _days(measured: Decimal) -> Text:
    return ntext("{days} day", "{days} days", "days", days=int(measured))


def properties(measures: Sequence[Measure]) -> tuple[QualityRow, ...]:
    """The six properties, each good when all its measurements are; with the share that was good, run by run."""
    rows = []
    for name in PROPERTIES:
        of_it = [each for each in measures if each.property == name]
        judged = [each for each in of_it if each.verdict != SHOWN]
        worst = min((each.verdict for each in judged), key=_ORDER.__getitem__, default=SHOWN)
        if not of_it and name != ACCESSIBLE:
            rows.append(QualityRow(quality=NAMES[name], found=MEANINGS[name], measured=None, verdict=VERDICTS[SHOWN]))
            continue
        good = sum(each.verdict == GOOD for each in judged)
        told: Value = text("{good} of {all} good", good=good, all=len(judged))
        if not judged:
            told = amount(max(each.measured or Decimal(0) for each in of_it), name) if of_it else None
        rows.append(
            QualityRow(
                quality=NAMES[name],
                found=MEANINGS[name],
                measured=told,
                verdict=VERDICTS[GOOD if not of_it else worst],
                good=None if worst == SHOWN and of_it else worst in (GOOD, SHOWN),
                trend=_good_by_run(judged),
            )
        )
    return tuple(rows)


def weakest_first(measures: Iterable[Measure]) -> list[Measure]:
    """Unfit ones, then those to be looked at, then the rest; among them the worst share first."""

    def weight(each: Measure) -> tuple[int, Decimal, int, tuple[str, ...]]:
        share = Decimal(1) if each.property == CURRENT else each.measured or Decimal(0)
        return _ORDER[each.verdict], -share, PROPERTIES.index(each.property), place(each)

    return sorted(measures, key=weight)


def findings(measures: Iterable[Measure], owners: Mapping[tuple[str, str], str]) -> tuple[QualityFinding, ...]:
    """Every measurement as a page shows it: unfit, then to be looked at, then the rest; the worst share first."""
    return tuple(
        QualityFinding(
            quality=NAMES[each.property],
            found=finding(each),
            measured=amount(each.measured, each.property),
            before=amount(each.before[-1].measured, each.property) if each.before else None,
            verdict=VERDICTS[each.verdict],
            state=each.verdict,
            source=each.source,
            owner=owners.get((each.source, each.table_name)),
            trend=tuple(float(past.measured) for past in each.before if past.measured is not None)
            + ((float(each.measured),) if each.measured is not None else ()),
        )
        for each in weakest_first(measures)
    )


def _good_by_run(judged: Sequence[Measure]) -> tuple[float, ...]:
    """Which share of the measurements was good, oldest run first, this one last."""
    runs = sorted({past.run for each in judged for past in each.before})
    shares = []
    for run in runs:
        verdicts = [
            past.verdict for each in judged for past in each.before if past.run == run and past.verdict != SHOWN
        ]
        if verdicts:
            shares.append(sum(verdict == GOOD for verdict in verdicts) / len(verdicts))
    now = [sum(each.verdict == GOOD for each in judged) / len(judged)] if judged else []
    return (*shares, *now)
