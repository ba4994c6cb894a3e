"""What the customer records know: how many have an e-mail address, how many of these can be used, by system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from clientela.contracts.analysis import KnowledgeBase
from clientela.contracts.insight import Chart, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Text, Value, text

NAMES: Mapping[str, Text] = {
    "name": text("Name"),
    "email": text("E-mail address"),
    "phone": text("Telephone number"),
    "street": text("Street"),
    "postal_code": text("Postal code"),
    "country": text("Country"),
    "birth_date": text("Date of birth"),
}
REACHED_BY = ("email", "phone", "street")  # without one of these nobody can be reached
WEAK = Decimal("0.02")  # from such a share of unusable values on it is worth a word


@dataclass(frozen=True, slots=True)
class Known:
    """One field in the records of one system."""

    source: str
    field: str
    records: int
    filled: int
    usable: int | None
    copies: int | None


@dataclass(frozen=True, slots=True)
class Fields:
    """What the records know, and for how many customers it is known whether they may be contacted."""

    known: tuple[Known, ...]
    customers: int
    asked: int
    to_contact: int

    def of(self, field: str) -> tuple[int, int, int]:
        """Records, those with a value, those with one that can be used, over all systems."""
        mine = [each for each in self.known if each.field == field]
        return (
            sum(each.records for each in mine),
            sum(each.filled for each in mine),
            sum(each.usable or 0 for each in mine),
        )

    @property
    def copies(self) -> Mapping[str, int]:
        """By field, how many records say the same as an older one of their customer."""
        found: dict[str, int] = {}
        for each in self.known:
            found[each.field] = found.get(each.field, 0) + (each.copies or 0)
        return found

    @property
    def weakest(self) -> Text | None:
        """What to do about the field of which most values cannot be used; None where all is well."""
        shares = {}
        for name in NAMES:
            _, filled, usable = self.of(name)
            if filled:
                shares[name] = Decimal(filled - usable) / filled
        if not shares or max(shares.values()) < WEAK:
            return None
        name = max(shares, key=lambda each: (shares[each], each))
        return text(
            "Have the values mended that cannot be used: {field}, {share} of them.",
            field=NAMES[name],
            share=Amount(shares[name], "share"),
        )


def known_fields(kb: KnowledgeBase, customers: int) -> Fields:
    """What the records of each system know, as the last run counted it, of so many customers."""
    measures = ("field_records", "field_filled", "field_usable", "field_copies")
    rows = kb.query(measures, by=("source", "field")).rows
    consent = kb.query(("customers_asked", "customers_to_contact")).totals or (0, 0)
    return Fields(
        known=tuple(
            Known(str(source), str(field), _whole(records), _whole(filled), _or_none(usable), _or_none(copies))
            for source, field, records, filled, usable, copies in rows
        ),
        customers=customers,
        asked=_whole(consent[0]),
        to_contact=_whole(consent[1]),
    )


def fields_chart(fields: Fields) -> tuple[Chart, ...]:
    """Which share of the records has a value that can be used, field by field; beside it each system by itself."""
    if not fields.known:
        return ()
    shares = {name: _share(usable, records) for name in NAMES for records, _, usable in (fields.of(name),)}
    worst = min(REACHED_BY, key=lambda each: (shares[each], each))
    caption = text("Share of records with a usable value, field by field")
    return (
        Chart(
            mark=Mark.BAR,
            title=text(
                "{field}: {share} of the records have one that can be used.",
                field=NAMES[worst],
                share=Amount(shares[worst], "share"),
            ),
            subtitle=caption,
            data=Table(
                columns=_columns(_sources(fields)),
                rows=(
                    *(_row(fields, name) for name in sorted(NAMES, key=lambda each: (-shares[each], each))),
                    *_consent(fields),
                ),
                caption=caption,
                note=text("A decision on contact is counted by customer, not by record.") if fields.asked else None,
            ),
            x="field",
            y="usable",
            highlight=(NAMES[worst],),
        ),
    )


def _columns(sources: Sequence[str]) -> tuple[TableColumn, ...]:
    return (
        TableColumn(name="field", type=Type.TEXT, label=text("Field")),
        TableColumn(name="usable", type=Type.SHARE, label=text("Records with a usable value")),
        TableColumn(name="filled", type=Type.SHARE, label=text("Records with a value")),
        TableColumn(name="valid", type=Type.SHARE, label=text("Usable, of those with a value")),
        *(
            TableColumn(name=f"in_{source}", type=Type.SHARE, label=text("Usable in {source}", source=source))
            for source in sources
        ),
    )


def _row(fields: Fields, name: str) -> tuple[Value, ...]:
    records, filled, usable = fields.of(name)
    valid = _share(usable, filled) if filled else None
    of_source = {each.source: _share(each.usable or 0, each.records) for each in fields.known if each.field == name}
    by_source = (of_source.get(source) for source in _sources(fields))
    return (NAMES[name], _share(usable, records), _share(filled, records), valid, *by_source)


def _consent(fields: Fields) -> tuple[tuple[Value, ...], ...]:
    """Of how many customers it is known whether they may be contacted, where any source says so."""
    if not fields.asked:
        return ()
    asked = _share(fields.asked, fields.customers)
    return ((text("Decision on contact"), asked, asked, None, *(None for _ in _sources(fields))),)


def _sources(fields: Fields) -> list[str]:
    """The systems, where there are several."""
    names = sorted({each.source for each in fields.known})
    return names if len(names) > 1 else []


def _share(part: int, whole: int) -> Decimal:
    return (Decimal(part) / whole).quantize(Decimal("0.000001")) if whole else Decimal(0)


def _or_none(value: Value) -> int | None:
    return None if value is None else _whole(value)


def _whole(value: Value) -> int:
    return 0 if value is None else int(Decimal(str(value)))
