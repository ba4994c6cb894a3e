"""What is asked of segments: which there are, who is in one, why somebody is, how many a condition would fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from sqlglot import exp

from clientela.access.area import EVERYTHING
from clientela.config import Settings
from clientela.contracts.analysis import Result
from clientela.contracts.derived.people import CUSTOMER
from clientela.contracts.filter import And, Condition, Filter, Operator, Or
from clientela.cube.fields import personal_fields, public_fields
from clientela.cube.knowledge import SnapshotKnowledge
from clientela.cube.scoped import within
from clientela.cube.segments.language import leaves, shown, understood
from clientela.cube.segments.preview import fitting
from clientela.errors import NotPermittedError, QueryError, UnknownNameError, UsageError
from clientela.pipeline import serving
from clientela.pipeline.asking.scope import Asker, opens_people
from clientela.pipeline.asking.seen import seen_by
from clientela.pipeline.asking.watched import Look, entered
from clientela.pipeline.declared.catalogue import catalogue_of
from clientela.pipeline.segments.sizes import sizes_of
from clientela.pipeline.segments.told import (
    Counted,
    Declared,
    Held,
    Listing,
    Members,
    Shown,
    Stay,
    Turned,
    Versioned,
    Why,
)
from clientela.pipeline.serving import Serving
from clientela.warehouse.store.snapshot import Reader

Told = TypeVar("Told")
MOST = 1_000
_TURNED = ("because", "by", "was", "is", "table", "key", "on")
_MEMBER = ("customer_id", "valid_from", "entered_because", "entered_by", "entered_table", "entered_key", "entered_on")


def listed(folder: Path, settings: Settings, *, as_of: date | None, asker: Asker | None) -> Listing:
    """The segments there are, with how many are in each of the customers that are seen."""

    def told(kb: SnapshotKnowledge, served: Serving) -> Listing:
        sizes, customers, least = sizes_of(kb)
        return Listing(
            as_of=kb.as_of,
            snapshot=kb.snapshot,
            segments=tuple(_declared(kb, settings, name, sizes) for name in _names(kb, settings)),
            customers=customers,
            least=least,
            notices=served.notices,
        )

    return _asked(folder, as_of, asker, told)


def shown_one(folder: Path, settings: Settings, name: str, *, as_of: date | None, asker: Asker | None) -> Shown:
    """One segment with its conditions and versions.

    Raises
    ------
    UnknownNameError
        There is none of that name.
    """

    def told(kb: SnapshotKnowledge, served: Serving) -> Shown:
        _refuse_unknown(kb, settings, name)
        segment = _declared(kb, settings, name, sizes_of(kb)[0])
        versions = tuple(
            Versioned(
                version=row["version"],
                where=row["definition"],
                mark=row["mark"],
                valid_from=row["valid_from"],
                valid_to=row["valid_to"],
                members=segment.size if row["version"] == segment.version else None,
            )
            for row in _versions(kb)
            if row["segment"] == name
        )
        return Shown(
            segment=segment,
            conditions=tuple(map(shown, leaves(understood(segment.where, kb.view.catalogue.fiscal)))),
            versions=versions,
            as_of=kb.as_of,
            snapshot=served.snapshot.name,
        )

    return _asked(folder, as_of, asker, told)


def members(
    folder: Path,
    settings: Settings,
    name: str,
    *,
    columns: Sequence[str] = (),
    as_of: date | None,
    asker: Asker | None,
    look: Look,
    limit: int = 100,
    cursor: str | None = None,
) -> Members:
    """A page of who is in a segment on a date, since when, and by what; with columns of the customer beside it.

    Raises
    ------
    NotPermittedError
        The asker sees no customer by number, or not a column.
    """
    if not 1 <= limit <= MOST:
        raise QueryError(f"a page has 1 to {MOST} members, not {limit}.")

    def told(kb: SnapshotKnowledge, served: Serving) -> Members:
        _refuse_unknown(kb, settings, name)
        _refuse_many(kb)
        page = kb.records("segment_member", _MEMBER, _in_force(kb, name), limit=limit, cursor=cursor)
        rows = _beside(kb, page, columns) if columns else replace(page, next_cursor=None)
        personal = [f"column:customer.{each}" for each in columns if each in personal_fields(CUSTOMER)]
        action = "personal.read" if personal else "segment.read"
        entered(
            folder,
            look,
            action,
            objects=[f"segment:{name}", *personal],
            counts={"rows": len(rows.rows)},
            snapshot=kb.snapshot,
        )
        return Members(name=name, as_of=kb.as_of, snapshot=kb.snapshot, rows=rows, cursor=page.next_cursor)

    return _asked(folder, as_of, asker, told)


def _beside(kb: SnapshotKnowledge, page: Result, columns: Sequence[str]) -> Result:
    """The page with columns of the customers beside it."""
    known = [*public_fields(CUSTOMER), *personal_fields(CUSTOMER), "customer_key"]
    for each in columns:
        if each not in known:
            raise UnknownNameError("column of a customer", each, known)
    who = tuple(row[0] for row in page.rows)
    asked = [each for each in dict.fromkeys(columns) if each != "customer_id"]
    if not who or not asked:
        return replace(page, next_cursor=None)
    where = Condition("customer_id", Operator.IN, who)  # type: ignore[arg-type] # numbers
    found = kb.records("customer", ["customer_id", *asked], where, limit=len(who))
    place = {row[0]: number for number, row in enumerate(found.rows)}
    nothing = (None,) * len(asked)
    rows = tuple((*row, *(found.rows[place[row[0]]][1:] if row[0] in place else nothing)) for row in page.rows)
    width = len(page.columns)
    hidden = {
        (number, width + column - 1)
        for number, row in enumerate(page.rows)
        for column in range(1, len(asked) + 1)
        if row[0] not in place or (place[row[0]], column) in found.hidden
    }
    return replace(
        page,
        columns=(*page.columns, *found.columns[1:]),
        rows=rows,
        hidden=page.hidden | hidden,
        next_cursor=None,
    )


def why(
    folder: Path,
    settings: Settings,
    name: str,
    customer: str,
    *,
    as_of: date | None,
    asker: Asker | None,
    look: Look,
) -> Why:
    """Every time that a customer was in a segment, the facts that turned it, and how each condition stands.

    Raises
    ------
    UsageError
        The customer is no number, or none that the asker sees.
    """
    if not (customer.isascii() and customer.isdigit() and int(customer) < 2**63):
        raise UsageError(f"'{customer}' is no customer's number; `clientela identity find` tells it.")

    def told(kb: SnapshotKnowledge, served: Serving) -> Why:
        _refuse_unknown(kb, settings, name)
        _refuse_many(kb)
        number = int(customer)
        segment = _declared(kb, settings, name, {})
        found = fitting(kb, understood(segment.where, kb.view.catalogue.fiscal), only=number)
        if not len(found.customer):
            raise UsageError(
                f"there is no customer {customer} as of {kb.as_of} among those you see; `clientela identity find` "
                "tells a customer's number."
            )
        page, columns = _stays(kb, name, number)
        stays = tuple(
            _stay(dict(zip(columns, row, strict=True)))
            for row in page.rows
            if row[1] <= kb.as_of  # type: ignore[operator] # a date
        )
        held = []
        for leaf, asked in enumerate(found.segment.leaves):
            value, holds = found.of(leaf, 0)
            held.append(Held(condition=shown(asked), value=value, holds=holds))
        entered(
            folder,
            look,
            "segment.explained",
            objects=[f"segment:{name}", f"customer:{customer}"],
            counts={"rows": len(stays)},
            snapshot=kb.snapshot,
        )
        return Why(
            name=name,
            customer=customer,
            as_of=kb.as_of,
            snapshot=kb.snapshot,
            is_in=any(each.valid_to is None or each.valid_to > kb.as_of for each in stays),
            stays=stays,
            conditions=tuple(held),
            hidden=tuple(sorted({columns[place] for _, place in page.hidden})),
        )

    return _asked(folder, as_of, asker, told)


def _stays(kb: SnapshotKnowledge, name: str, customer: int) -> tuple[Result, list[str]]:
    """The times of one customer in a segment; what the asker may see in no row is left out."""
    where = And((Condition("segment", Operator.EQ, name), Condition("customer_id", Operator.EQ, customer)))
    columns = [
        "version",
        "valid_from",
        "valid_to",
        *(f"{when}_{each}" for when in ("entered", "left") for each in _TURNED),
    ]
    scope = kb.view.scope
    if scope is not None:
        columns = [each for each in columns if scope.of_column("segment_member", each)]
    if not {"version", "valid_from", "valid_to"} <= {*columns}:
        raise NotPermittedError("who is in which segment cannot be seen with your rights.")
    return kb.records("segment_member", columns, where, order=["valid_from"], limit=MOST), columns


def _stay(row: Mapping[str, Any]) -> Stay:
    def turned(when: str) -> Turned:
        told = {each: row.get(f"{when}_{each}") for each in _TURNED}
        return Turned(now=told.pop("is"), **told)

    over = row["valid_to"] is not None
    return Stay(
        version=row["version"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        entered=turned("entered"),
        left=turned("left") if over else None,
    )


def counted(folder: Path, said: str, *, as_of: date | None, asker: Asker | None) -> Counted:
    """How many of the customers that are seen a condition fits, before it is given a name.

    Raises
    ------
    QueryError
        It cannot be read.
    NotPermittedError
        The asker sees no customers one by one, or not what it names.
    """
    where = understood(said, catalogue_of(folder).fiscal)

    def told(kb: SnapshotKnowledge, served: Serving) -> Counted:
        found = fitting(kb, where)
        return Counted(
            where=said,
            conditions=tuple(map(shown, leaves(where))),
            as_of=kb.as_of,
            snapshot=served.snapshot.name,
            fitting=int(found.fits.sum()),
            customers=len(found.customer),
        )

    return _asked(folder, as_of, asker, told)


def _asked(
    folder: Path, as_of: date | None, asker: Asker | None, told: Callable[[SnapshotKnowledge, Serving], Told]
) -> Told:
    def read(reader: Reader, served: Serving) -> Told:
        return told(seen_by(reader, served.snapshot, as_of, asker=asker, catalogue=catalogue_of(folder)), served)

    return serving.read(folder, read, people=opens_people(asker))


def _refuse_many(kb: SnapshotKnowledge) -> None:
    if kb.view.scope is not None and kb.view.scope.of_many is not None:
        raise NotPermittedError(
            "who sees figures of many customers only sees how many are in a segment, not who; "
            "`clientela segment list` shows that."
        )


def _names(kb: SnapshotKnowledge, settings: Settings) -> list[str]:
    """Every segment that is declared, or was in force on the date."""
    return sorted({*settings.segment, *(row["segment"] for row in _versions(kb) if _is_in_force(row, kb.as_of))})


def _refuse_unknown(kb: SnapshotKnowledge, settings: Settings, name: str) -> None:
    known = {*settings.segment, *(row["segment"] for row in _versions(kb))}
    if name not in known:
        raise UnknownNameError("segment", name, sorted(known))


def _versions(kb: SnapshotKnowledge) -> list[dict[str, Any]]:
    """Every version in the snapshot; what a segment means is no secret of a customer's."""
    if "segment" not in kb.view.tables:
        return []
    names = ("segment", "version", "mark", "definition", "owner", "valid_from", "valid_to")
    asked = exp.select(*names).from_("segment").order_by("segment", "version")
    return [dict(zip(names, row, strict=True)) for row in kb.view.rows(within(asked, EVERYTHING), {})]


def _is_in_force(row: Mapping[str, Any], day: date) -> bool:
    begun = row["valid_from"] is None or row["valid_from"] <= day
    return bool(begun and (row["valid_to"] is None or row["valid_to"] > day))


def _declared(kb: SnapshotKnowledge, settings: Settings, name: str, sizes: Mapping[str, int | None]) -> Declared:
    """A segment by its version in force on the date, else as it is declared and no run has followed yet."""
    found = [row for row in _versions(kb) if row["segment"] == name]
    told = next((row for row in reversed(found) if _is_in_force(row, kb.as_of)), None)
    said = settings.segment.get(name)
    return Declared(
        name=name,
        version=None if told is None else told["version"],
        where=told["definition"] if told is not None else said.where if said is not None else found[-1]["definition"],
        owner=(said.owner if said is not None else told["owner"] if told is not None else "") or "",
        title=(said.title or {}) if said is not None else {},
        description=(said.description or {}) if said is not None else {},
        valid_from=None if told is None else told["valid_from"],
        size=None if told is None else sizes.get(name, 0),
        published=told is not None,
        hidden=told is not None and sizes.get(name, 0) is None,
    )


def _in_force(kb: SnapshotKnowledge, name: str) -> Filter:
    """Who was in a segment on the date."""
    return And(
        (
            Condition("segment", Operator.EQ, name),
            Condition("valid_from", Operator.LE, kb.as_of),
            Or((Condition("valid_to", Operator.IS_NULL), Condition("valid_to", Operator.GT, kb.as_of))),
        )
    )
