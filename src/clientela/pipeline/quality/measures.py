"""How far the data can be trusted: what was measured in the run, and how a person reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from clientela.contracts.report import QualityRow
from clientela.contracts.text import Amount, Text, ntext, text

TOLERATED = Decimal("0.01")  # a share of rows up to which a weakness does not change what figures say
FRESH_DAYS = 7
GOOD, LOOK = "good", "look"


@dataclass(frozen=True, slots=True)
class Measure:
    """One property of good data, measured on one column ('' for the whole table) of one source.

    ``found`` of ``checked`` are weak; ``measured`` is their share, or days where the property is ``current``.
    """

    source: str
    table_name: str
    column_name: str
    property: str
    measured: Decimal | None
    found: int | None
    checked: int | None
    verdict: str


def delivered(source: str, table: str, *, accepted: int, quarantined: int, repeated: int) -> tuple[Measure, ...]:
    """What every delivery is measured on: rows that broke a rule, rows delivered twice."""
    return (
        _share(source, table, "", "valid", quarantined, accepted + quarantined),
        _share(source, table, "", "unique", repeated, accepted),
    )


def order_lines(rows: Iterable[Mapping[str, Any]], *, today: date, products: bool, costs: bool) -> tuple[Measure, ...]:
    """What order lines are measured on.

    Parameters
    ----------
    rows :
        One a source, of the table ``order_line_quality``.
    products, costs :
        Whether a product table, and any cost of goods, was delivered: else nothing is missing of them.
    """
    measured: list[Measure] = []
    for row in rows:
        source, lines = row["source"], row["lines"]
        days = (today - row["newest_on"]).days
        verdict = GOOD if days <= FRESH_DAYS else LOOK
        measured.append(Measure(source, "order_line", "ordered_at", "current", Decimal(days), None, lines, verdict))
        measured.append(_share(source, "order_line", "customer_ref", "complete", row["without_customer"], lines))
        if products:
            measured.append(_share(source, "order_line", "product_id", "complete", row["without_product"], lines))
            measured.append(_share(source, "order_line", "product_id", "correct", row["unknown_product"], lines))
        if costs:
            measured.append(_share(source, "order_line", "cost_of_goods", "complete", row["without_cost"], lines))
        measured.append(_share(source, "order_line", "net_revenue", "correct", row["without_revenue"], lines))
    return tuple(measured)


def document(measures: Iterable[Measure]) -> list[dict[str, Any]]:
    """The measures as plain data for the manifest, each with its sentence in English."""
    return [
        {**asdict(each), "measured": None if each.measured is None else str(each.measured), "says": _english(each)}
        for each in measures
    ]


def rows(stored: Iterable[Mapping[str, Any]], *, published_at: datetime) -> tuple[QualityRow, ...]:
    """The measures as a report shows them, and last that they can be read at all."""
    measures = [Measure(**{k: v for k, v in each.items() if k != "says"}) for each in stored]
    shown = [
        QualityRow(
            quality=PROPERTIES[each.property],
            found=_finding(each),
            measured=_amount(each),
            verdict=_verdict(each),
            good=each.verdict == GOOD,
        )
        for each in measures
    ]
    accessible = QualityRow(
        quality=text("Accessible"),
        found=text("The figures are published and can be read"),
        measured=published_at,
        verdict=text("in time"),
        good=True,
    )
    return (*sorted(shown, key=lambda row: _ORDER.index(row.quality.id)), accessible)


PROPERTIES: Mapping[str, Text] = {
    "valid": text("Valid"),
    "current": text("Current"),
    "complete": text("Complete"),
    "correct": text("Correct"),
    "unique": text("Unique"),
}
FINDINGS: Mapping[tuple[str, str], Text] = {
    ("valid", ""): text("Rows of {source} that broke a rule and stay out"),
    ("unique", ""): text("Rows of {source} that were delivered again"),
    ("current", ""): text("Age of the newest purchase of {source} on the day of the run"),
    ("complete", "customer_ref"): text("Lines of {source} sold without knowing to whom"),
    ("complete", "product_id"): text("Lines of {source} without a product"),
    ("complete", "cost_of_goods"): text("Lines of {source} whose cost is unknown"),
    ("correct", "product_id"): text("Lines of {source} whose product is not in the product table"),
    ("correct", "net_revenue"): text("Lines of {source} without revenue; counted, but worth nothing"),
}
_ORDER = [each.id for each in PROPERTIES.values()]


def _share(source: str, table: str, column: str, property: str, found: int, checked: int) -> Measure:
    share = (Decimal(found) / checked).quantize(Decimal("0.000001")) if checked else None
    verdict = GOOD if share is None or share <= TOLERATED else LOOK
    return Measure(source, table, column, property, share, found, checked, verdict)


def _finding(each: Measure) -> Text:
    said = FINDINGS.get((each.property, each.column_name)) or FINDINGS[each.property, ""]
    return Text(said.id, {"source": each.source})


def _amount(each: Measure) -> Amount | Text | None:
    if each.measured is None:
        return None
    if each.property == "current":
        days = int(Decimal(each.measured))
        return ntext("{days} day", "{days} days", "days", days=days)
    share = Decimal(each.measured)
    return Amount(share, "share", digits=2 if share and share < TOLERATED else 1)


def _verdict(each: Measure) -> Text:
    if each.verdict != GOOD:
        return text("look at it")
    return {
        "valid": text("valid"),
        "current": text("current"),
        "complete": text("within 1%"),
        "correct": text("within 1%"),
        "unique": text("unique"),
    }[each.property]


def _english(each: Measure) -> str:
    found = _finding(each)
    said = found.id.format(**{name: str(value) for name, value in found.values.items()})
    if each.measured is None:
        return said
    if each.property == "current":
        return f"{said}: {each.measured} days"
    return f"{said}: {each.found:,} of {each.checked:,} ({each.measured * 100:.2f}%)"
