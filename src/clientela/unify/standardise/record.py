"""The work table ``linkable``: every record of ``record`` in the form in which records are compared.

Each field is read once for each distinct value and joined back: names, towns and streets repeat, and what a library has
to judge is judged once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from clientela.unify.standardise.address.postal import CITY, POSTAL_CODE
from clientela.unify.standardise.companies import COMPANY
from clientela.unify.standardise.emails import DETAILS
from clientela.unify.standardise.names import FIRST, LAST
from clientela.unify.standardise.persons import GENDER, RECORD, birth_date_sql
from clientela.unify.standardise.text import call, define, literal
from clientela.unify.standardise.values import HAD, KEYS, NAMES, RAW, Values, of, place, same, table
from clientela.warehouse.engine import Engine
from clientela.warehouse.store.copies import beside

LINKABLE = (
    *("customer_ref", "source", "first_run", "kind", "first_name", "first_key", "last_name", "last_key", "full_name"),
    *("company", "legal_form", "street", "house_number", "postal_code", "city", "country", "email", "email_key"),
    *("email_local", "email_domain", "email_verified", "phone", "phone_verified", "birth_date", "tax_id", "gender"),
    *("generation", "content"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standardised:
    """What was found, in records.

    ``placeholders``: of each field, the values that say nothing and became null. ``invalid``: e-mail addresses that
    nobody can have, and telephone numbers that are not in force. ``roles``: addresses of an office, not of a person.
    """

    rows: int
    placeholders: Mapping[str, int]
    invalid: Mapping[str, int]
    roles: int


def content(today: date | None) -> exp.Expr:
    """The hash of all that is read of a row of ``record``: where it is the same, so is what comes of the row.

    Of a day of birth that is what remains of it today. The engine's own hash is cheap; another version of the engine
    may have another.
    """
    return call("hash", *map(exp.column, ("kind", "country", *RAW)), birth_date_sql(today))


def standardise(engine: Engine, *, country: str | None, today: date | None = None) -> Standardised:
    """What was found while the work table ``linkable`` was written from ``record``.

    Parameters
    ----------
    country : the company's own: how numbers and codes are read where a record names no country.
    today : the day of the run; no one is born after it.
    """
    write_standard(engine, country=country, today=today)
    return found(engine)


def write_standard(
    engine: Engine, *, country: str | None, today: date | None, records: str = "record", into: str = "linkable"
) -> int:
    """Write a work table with the columns of ``linkable``, and `FLAGS`, from one with those of ``record``; its rows."""
    define(engine)
    values = Values(engine, country, records)
    try:
        values.countries()
        if values.rows > FEW or values.threads < 2:
            _repeated(values)
            _seldom(values)
        else:  # reading the statements takes longer than carrying them out, and the engine reads one on one processor
            reading = beside(lambda: _repeated(values))
            try:
                _seldom(values)
            finally:
                reading.exception()  # when it has ended, whatever came of it
            reading.result()
        values.keys()
        return engine.run(exp.Create(this=place(into), kind="TABLE", replace=True, expression=_linkable(today)))
    finally:
        values.clear()


def _repeated(values: Values) -> None:
    for field, form in _REPEATED.items():
        values.read(field, form)
    values.whole_names()


def _seldom(values: Values) -> None:
    values.inline()
    values.judged()


def found(engine: Engine) -> Standardised:
    """What became of the values of ``linkable``, counted by its `FLAGS`, which go."""
    counted = exp.select(FLAGS, exp.alias_(exp.Count(this=exp.Star()), "rows")).from_(place("linkable")).group_by(FLAGS)
    rows = [(row[FLAGS], row["rows"]) for row in engine.fetch(counted).to_pylist()]
    drop = exp.Drop(tables=[exp.column(FLAGS)], kind="COLUMN")
    engine.run(exp.Alter(this=place("linkable"), kind="TABLE", actions=[drop]))
    return told(rows)


def told(counted: Sequence[tuple[int, int]]) -> Standardised:
    """What was found, from how many records have which `FLAGS`."""
    numbers = {name: sum(n for flags, n in counted if flags >> bit & 1) for bit, name in enumerate(_counted())}
    return Standardised(
        rows=sum(n for _, n in counted),
        placeholders={name: numbers[f"lost_{name}"] for name in _LOST},
        invalid={name: numbers[f"wrong_{name}"] for name in _WRONG},
        roles=numbers["roles"],
    )


_REPEATED = {
    "first_name": FIRST,
    "last_name": LAST,
    "company": COMPANY,
    "city": CITY,
    "gender": GENDER,
    "postal_code": POSTAL_CODE,
}
_HAD = tuple(f"had_{name}" for name in HAD)
FEW = 100_000  # records
FLAGS = "flags"  # what `found` counts, one bit each
# What the tables of repeated values bring to a record, under the names that its form asks for.
_BROUGHT = {
    "own_first": ("first_name", "first_name"),
    "own_last": ("last_name", "last_name"),
    "first_generation": ("first_name", "generation"),
    "last_generation": ("last_name", "generation"),
    "whole_generation": ("full_name", "generation"),
    "own_company": ("company", "company"),
    "own_form": ("company", "legal_form"),
    "whole_full": ("full_name", "full"),
    "whole_first": ("full_name", "given"),
    "whole_last": ("full_name", "family"),
    "whole_company": ("whole_company", "company"),
    "whole_form": ("whole_company", "sure_form"),
    "city": ("city", "city"),
    "gender": ("gender", "gender"),
    "postal_code": ("postal_code", "postal_code"),
    "street": ("street", "street"),
}
_MADE = ("house_number", "tax_id")
# Whether a record lost a value to a placeholder, or has one that is wrong: of the columns before they are named.
_LOST = {name: f"{name} is null" for name in HAD} | {
    "street": "street is null and house_number is null",
    "email": "placeholder is not null",
    "phone": "phone_placeholder",
}
_WRONG = {
    "email": "email_domain is null and email is null and placeholder is null and role is null",
    "phone": "not phone_verified and not phone_placeholder",
}


def _linkable(today: date | None) -> exp.Select:
    """The whole query: values brought to records, put together, keys added, and the hash of it all."""
    kept = (*KEYS[:3], *_HAD, *_MADE, "region", "land", "birth_date", "number", "phone_verified", "phone_placeholder")
    details = DETAILS.query(_brought(today), *kept, *_BROUGHT, "kind")
    beside = [name for name in _BROUGHT if name not in RECORD.given]
    return _hashed(_keyed(RECORD.query(details, *kept, *beside, "role", "placeholder", "domain")))


def _brought(today: date | None) -> exp.Select:
    """Each record with the forms of its values side by side."""
    number = call("coalesce", of("i", "number"), of("at_phone", "number"))
    made = {
        "number": number,
        "phone_verified": call("coalesce", of("at_phone", "verified"), number.copy().is_(exp.null()).not_()),
        "phone_placeholder": call("coalesce", of("at_phone", "placeholder"), exp.false()),
        "birth_date": birth_date_sql(today),
        "trimmed": of("i", "trimmed"),
        "address": call("coalesce", of("i", "address"), of("at_email", "address")),
    }
    made |= {name: of(f"at_{source}", column) for name, (source, column) in _BROUGHT.items()}
    made |= {name: of("i", name) for name in (*KEYS, *_HAD, *_MADE, "region", "land")}
    rows = exp.select(*(exp.alias_(each, name) for name, each in made.items())).from_(table("inline").as_("i"))
    for field in _REPEATED:
        rows = _joined(rows, field, same(f"at_{field}.raw", f"i.{field}", "region"))
    rows = _joined(rows, "street", same("at_street.raw", "i.name", "region"))
    rows = _joined(rows, "email", same("at_email.trimmed", "i.trimmed"))
    rows = _joined(rows, "phone", same("at_phone.phone", "i.phone", "region"))
    each = [exp.NullSafeEQ(this=of("at_full_name", f"raw_{name}"), expression=of("i", name)) for name in NAMES]
    rows = _joined(rows, "full_name", exp.and_(of("at_full_name", "region").eq(of("i", "region")), *each))
    nobody = [of("i", name).is_(exp.null()) for name in ("first_name", "last_name")]
    return _joined(rows, "whole_company", exp.and_(same("at_whole_company.raw", "i.full_name"), *nobody))


def _joined(rows: exp.Select, name: str, on: exp.Expr) -> exp.Select:
    return rows.join(table(name).as_(f"at_{name}"), on=on, join_type="left", copy=False)


def _keyed(rows: exp.Select) -> exp.Select:
    """The records with the keys of their names, under the names that the table promises."""
    made = {
        "first_key": of("first", "first_key"),
        "last_key": of("last", "last_key"),
        "email_verified": exp.and_(of("r", "email").is_(exp.null()).not_(), of("r", "role").is_(exp.null())),
        "email_domain": of("r", "domain"),
        "first_run": exp.cast(of("r", "first_run"), "bigint"),
        "country": of("r", "land"),
        "phone": of("r", "number"),
    }
    names = (*(name for name in LINKABLE if name != "content"), *_HAD, "role", "placeholder", "phone_placeholder")
    listed = [exp.alias_(made.get(name, of("r", name)), name) for name in names]
    in_language = of("first", "region").eq(of("r", "region"))
    first = exp.and_(same("first.raw", "r.first_name"), in_language)
    return (
        exp.select(*listed, copy=False)
        .from_(rows.subquery("r", copy=False), copy=False)
        .join(table("first_key").as_("first"), on=first, join_type="left", copy=False)
        .join(table("last_key").as_("last"), on=same("last.raw", "r.last_name"), join_type="left", copy=False)
    )


def _hashed(rows: exp.Select) -> exp.Select:
    """The records with a hash of all that records are compared by."""
    compared = [name for name in LINKABLE if name not in (*KEYS[:3], "content")]
    told = [call("coalesce", exp.cast(exp.column(name), "varchar"), literal("")) for name in compared]
    content_hash = exp.alias_(call("md5", call("concat_ws", literal("|"), *told)), "content")
    names = [name for name in LINKABLE if name != "content"]
    return exp.select(*names, content_hash, _flagged(), copy=False).from_(
        rows.subquery("standard", copy=False), copy=False
    )


def _flagged() -> exp.Expr:
    """What became of the values of a record, one bit each."""
    bits = [
        exp.Case(ifs=[exp.If(this=exp.condition(said), true=exp.Literal.number(1 << bit))], default=_ZERO.copy())
        for bit, said in enumerate(_counted().values())
    ]
    total: exp.Expr = exp.cast(_ZERO.copy(), "integer")
    for each in bits:
        total = exp.Add(this=total, expression=each)
    return exp.alias_(exp.cast(total, "integer"), FLAGS, copy=False)


def _counted() -> dict[str, str]:
    """What is counted, and when."""
    counted = {f"lost_{name}": f"had_{name} and {said}" for name, said in _LOST.items()}
    counted |= {f"wrong_{name}": f"had_{name} and {said}" for name, said in _WRONG.items()}
    return counted | {"roles": "role is not null"}


_ZERO = exp.Literal.number(0)
