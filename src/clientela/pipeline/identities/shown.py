"""Records and pairs of the published snapshot, as a person is to see them: what they say, side by side."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from functools import cache
from typing import Any

import sqlglot
from sqlglot import exp

from clientela.capture.suppression import identifiers as ids
from clientela.contracts.identity import Line, PairSeen, RecordSeen
from clientela.contracts.text import Text, Value, text
from clientela.pipeline.identities import words
from clientela.warehouse.store.snapshot import Reader

FIELDS: Mapping[str, Text] = {
    "kind": text("kind"),
    "full_name": text("name"),
    "company": text("company"),
    "tax_id": text("tax number"),
    "birth_date": text("birth date"),
    "gender": text("gender"),
    "email": text("e-mail address"),
    "phone": text("telephone"),
    "street": text("street"),
    "postal_code": text("postal code"),
    "city": text("city"),
    "region": text("region"),
    "country": text("country"),
    "language": text("language"),
    "created_on": text("known since"),
}
_NEVER_DIFFERS = ("created_on",)  # two records of one person are made on two days
_SHOWN_BY: Mapping[str, tuple[AbstractSet[str], ...]] = {  # a field we show: the fields of the model that it is
    "full_name": ({"full_name"}, {"first_name", "last_name"}),
    "street": ({"address"},),
}


def tree(sql: str) -> exp.Query:
    """A query of ours as a tree of its own; places for values are written ``:name``."""
    return _parsed(sql).copy()


@cache
def _parsed(sql: str) -> exp.Query:
    parsed = sqlglot.parse_one(sql, dialect="duckdb")
    assert isinstance(parsed, exp.Query)  # noqa: S101 - every text given here is one
    return parsed


_KEYS = """
select own.customer_ref, own.source, who.record_id, own.customer_id, own.match_probability, own.first_run
from (
    select customer_ref, source, customer_id, match_probability, first_run from facts.identity
    where customer_ref in (select unnest(:refs))
) as own
left join (
    select customer_ref, record_id from people.identity where customer_ref in (select unnest(:refs))
) as who on who.customer_ref = own.customer_ref
"""
_SAID = """
select record_id as customer_ref, source, customer_id, known_from, full_name, first_name, last_name, street,
    postal_code, email, phone, gender, birth_date, tax_id
from people.customer_record
where record_id in (select unnest(:refs))
qualify row_number() over (partition by record_id order by known_from desc) = 1
"""
_SAID_OPENLY = """
select source, customer_id, known_from, kind, company, city, region, country, language, happened_on as created_on
from facts.customer_record
where customer_id in (select unnest(:customers)) and known_until is null
"""
_EVIDENCE = """
select customer_ref_l, customer_ref_r, field, likeness, match_weight
from facts.identity_evidence
where customer_ref_l in (select unnest(:refs))
order by abs(match_weight) desc, field
"""
_REVENUE = """
select customer_id, sum(net_revenue) as revenue
from facts.order_line
where customer_id in (select unnest(:customers)) and known_until is null
    and kind in ('sale', 'return', 'cancellation')
group by customer_id
"""


def records(reader: Reader, refs: Iterable[str]) -> dict[str, RecordSeen]:
    """The records behind pseudonyms with what they say now; one that is not there any more is left out."""
    wanted = sorted(set(refs))
    if not wanted or "identity" not in reader.tables:
        return {}
    keys = reader.fetch(tree(_KEYS), {"refs": wanted}).to_pylist()
    said = _said(reader, wanted, sorted({row["customer_id"] for row in keys}))
    return {
        row["customer_ref"]: RecordSeen(
            customer_ref=row["customer_ref"],
            source=row["source"],
            record_id=row["record_id"],
            customer_id=row["customer_id"],
            match_probability=float(row["match_probability"]),
            first_run=row["first_run"],
            said=said.get(row["customer_ref"], {}),
        )
        for row in keys
    }


def records_of(reader: Reader, customers: Sequence[int]) -> dict[str, RecordSeen]:
    """All records of customers, by pseudonym, the oldest first."""
    asked = tree(
        "select customer_ref from facts.identity where customer_id in (select unnest(:customers)) "
        "order by first_run, source, customer_ref"
    )
    refs = reader.fetch(asked, {"customers": list(customers)}).column("customer_ref").to_pylist()
    found = records(reader, refs)
    return dict(sorted(found.items(), key=lambda each: _age(each[1])))


def _age(record: RecordSeen) -> tuple[int, str, str]:
    """What the oldest record of a customer has the smallest of."""
    return record.first_run, record.source, record.record_id


def pairs(reader: Reader, rows: Sequence[Mapping[str, Any]]) -> tuple[PairSeen, ...]:
    """Rows of ``identity_pair`` with their two records side by side and what speaks for and against."""
    refs = {row[name] for row in rows for name in ("customer_ref_l", "customer_ref_r")}
    seen = records(reader, refs)
    evidence = _evidence(reader, rows)
    made = []
    for row in rows:
        both = row["customer_ref_l"], row["customer_ref_r"]
        if not all(ref in seen for ref in both):
            continue
        left, right = sorted((seen[ref] for ref in both), key=_age)
        told = evidence.get(both, ())
        lines = side_by_side(left, right, {name for name, likeness, _ in told if likeness == words.SAME})
        weight = None if row["match_weight"] is None else float(row["match_weight"])
        fields = words.evidence(told, weight)
        made.append(
            PairSeen(
                left=left,
                right=right,
                match_weight=weight,
                match_probability=float(row["match_probability"]),
                status=row["status"],
                is_bridge=row["is_bridge"],
                rule=row["rule"],
                decision=row["decision"],
                revenue=row.get("revenue"),
                lines=lines,
                evidence=fields,
                reasons=words.reasons(fields, lines, row["rule"], open_=row["status"] == "uncertain"),
            )
        )
    return tuple(made)


def side_by_side(left: RecordSeen, right: RecordSeen, alike: Collection[str] = ()) -> tuple[Line, ...]:
    """What two records say, field by field; fields of which neither says anything are left out.

    Parameters
    ----------
    alike : the fields that were found to say the same, however they are written.
    """
    lines = []
    for name, label in FIELDS.items():
        one, other = left.said.get(name), right.said.get(name)
        if one is None and other is None:
            continue
        both = one is not None and other is not None and name not in _NEVER_DIFFERS
        covered = any(each <= set(alike) for each in _SHOWN_BY.get(name, ({name},)))
        open_ = isinstance(one, Text) or isinstance(other, Text)  # one of several: they are not all the same
        differs = both and not covered and (open_ or not _same(name, one, other))
        lines.append(Line(field=name, name=label, left=one, right=other, differs=differs))
    return tuple(lines)


def revenue(reader: Reader, customers: Sequence[int]) -> dict[int, Decimal]:
    """What each customer brought so far; nothing where no sales are delivered."""
    if "order_line" not in reader.tables:
        return {}
    rows = reader.fetch(tree(_REVENUE), {"customers": list(customers)}).to_pylist()
    return {row["customer_id"]: row["revenue"] for row in rows}


def number_of(ref: str) -> int:
    """The number that a record's pseudonym gives to a customer of its own.

    Examples
    --------
    >>> number_of("0123456789abcdef0")
    5124095576030430
    """
    return int(ref[:15], 16)


def plain(value: Value) -> str:
    """A value without what only its spelling adds: case, accents, spaces, marks.

    Examples
    --------
    >>> plain("García-Pérez,  S.L."), plain(None)
    ('garciaperezsl', '')
    """
    said = unicodedata.normalize("NFKD", "" if value is None else str(value))
    return "".join(sign for sign in said.casefold() if sign.isalnum())


def _same(name: str, one: Value, other: Value) -> bool:
    if name == "phone":
        return (ids.phone(str(one)) or plain(one)) == (ids.phone(str(other)) or plain(other))
    if name == "tax_id":
        return (ids.tax_id(str(one)) or plain(one)) == (ids.tax_id(str(other)) or plain(other))
    if name == "email":
        return str(one).strip().casefold() == str(other).strip().casefold()
    return plain(one) == plain(other)


def _said(reader: Reader, refs: Sequence[str], customers: Sequence[int]) -> dict[str, dict[str, Value]]:
    if "customer_record" not in (reader.people or ()):
        return {}
    openly = _openly(reader, customers)
    found: dict[str, dict[str, Value]] = {}
    for row in reader.fetch(tree(_SAID), {"refs": list(refs)}).to_pylist():
        version = row.pop("source"), row.pop("customer_id"), row.pop("known_from")
        ref, first, last = row.pop("customer_ref"), row.pop("first_name"), row.pop("last_name")
        row["full_name"] = row["full_name"] or " ".join(filter(None, (first, last))) or None
        both = {**row, **openly.get(version, {})}
        found[ref] = {name: value for name, value in both.items() if value is not None}
    return found


def _openly(reader: Reader, customers: Sequence[int]) -> dict[tuple[Any, ...], dict[str, Value]]:
    """What is not personal of each version; where records of one version say several things, that it is one of them.

    The facts file does not say which record of a customer a version is of, and two records that one system delivered
    of one customer may have a moment in common.
    """
    if "customer_record" not in reader.tables:
        return {}
    found: dict[tuple[Any, ...], dict[str, set[Value]]] = {}
    for row in reader.fetch(tree(_SAID_OPENLY), {"customers": list(customers)}).to_pylist():
        version = row.pop("source"), row.pop("customer_id"), row.pop("known_from")
        values = found.setdefault(version, {})
        for name, value in row.items():
            values.setdefault(name, set()).add(value)
    return {version: {name: one_of(several) for name, several in values.items()} for version, values in found.items()}


def one_of(values: AbstractSet[Value]) -> Value:
    """A value, or that it is one of several; nothing said is one of them too.

    Examples
    --------
    >>> one_of({"Madrid"}), one_of({None})
    ('Madrid', None)
    >>> one_of({"Madrid", None}).values["values"]
    '–, Madrid'
    """
    if len(values) == 1:
        return next(iter(values))
    listed = sorted("" if each is None else str(each) for each in values)
    return text("one of: {values}", values=", ".join(each or "–" for each in listed))


def _evidence(reader: Reader, rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], list[tuple[str, str, float]]]:
    if "identity_evidence" not in reader.tables or not rows:
        return {}
    wanted = {(row["customer_ref_l"], row["customer_ref_r"]) for row in rows}
    found: dict[tuple[str, str], list[tuple[str, str, float]]] = {}
    told = reader.fetch(tree(_EVIDENCE), {"refs": sorted({one for one, _ in wanted})}).to_pylist()
    for row in told:
        pair = row["customer_ref_l"], row["customer_ref_r"]
        if pair in wanted:
            found.setdefault(pair, []).append((row["field"], row["likeness"], float(row["match_weight"])))
    return found
