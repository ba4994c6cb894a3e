"""What the records of each customer say, and how each of them stands for every field."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from clientela.unify.golden.fields import (
    ADDRESS,
    FIELDS,
    GROUPS,
    NAME,
    TAX_NUMBER_FITS,
    WORK,
    Field,
    Survivorship,
)
from clientela.unify.standardise.placeholders import WORDS
from clientela.unify.standardise.tax_numbers import NATIONAL
from clientela.warehouse.engine import MAIN, Engine, called
from clientela.warehouse.physical import FACTS, column

CUSTOMER, REF = "customer_id", "customer_ref"
_CRITERIA = ("verified", "source priority", "freshest", "most complete")
# A place is one number of 19 digits, the smaller the better; its first digit is 0 or 1, so that it fits into 63 bits.
WHOLE, RECORD = "whole", "record"
PLACED = "placed"
ORDER = "record_order"  # the place of a record among those of its customer; the last digits of any place
RECORDS = 100_000
_DIGITS = {WHOLE: 1, "verified": 1, "source priority": 3, "freshest": 5, "most complete": 4, RECORD: 5}
_LONGEST, _FILLED = 9999, 1000
# Short words may be codes: NA is Naples.
_NOTHING = ("", *sorted(word for word in WORDS if len(word) > 3 or " " in word))
_SIGNS = "/.-_?*"  # what people write between the letters of n/a
_SAYS_NOTHING = "golden_says_nothing"


def work(name: str) -> exp.Table:
    """A table of this run alone."""
    return exp.table_(name, db="main", catalog=MAIN)


def published(name: str, database: str = FACTS) -> exp.Table:
    """A table of the snapshot that is being built."""
    return exp.table_(name, db="main", catalog=database)


def of(table: str, name: str) -> exp.Column:
    """A column of a named table."""
    return exp.column(exp.to_identifier(name, quoted=True), table=table)


def place(group: str) -> str:
    """The column that says how a record stands for a group of fields; null where it says nothing of them."""
    return f"place_{group}"


def wins(group: str) -> str:
    """The column that says whether the fields of a group come from this record."""
    return f"wins_{group}"


def same(name: str) -> str:
    """The column with a value in the form in which two spellings of it are equal."""
    return f"same_{name}"


def several() -> exp.Select:
    """The customers that have several keys."""
    often = exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1))
    return exp.select(column(CUSTOMER)).from_(published("identity")).group_by(column(CUSTOMER)).having(often)


def write_placed(engine: Engine, rules: Survivorship) -> None:
    """Write the work table ``placed``: the records of the customers with several keys, and how each of them stands.

    Of each record what it says of every field, as delivered and in the form in which two spellings are equal, how it
    stands for every group, and whether it wins those of several fields. The golden queries read it, and call what is
    defined here.
    """
    define(engine)
    engine.run(exp.Create(this=work(PLACED), kind="TABLE", replace=True, expression=_placed(rules)))


def define(engine: Engine) -> None:
    """Tell an engine what `said` calls."""
    engine.define(_SAYS_NOTHING, ("told",), _says_nothing(column("told")))


def said(*, together: bool) -> exp.Select:
    """What each record of the customers with several keys (``together``), or of all others, says.

    Of those together, beside the values those forms of them in which two spellings are equal.
    """
    listed = [
        of("identity", CUSTOMER),
        *(of("record", name) for name in (REF, "source", "record_id", "created_on")),
        exp.alias_(exp.func("coalesce", of("record", "updated_at"), of("record", "created_at")), "told_at"),
        *(exp.alias_(_value(each), each.name, quoted=True, copy=False) for each in FIELDS),
        *(of("standard", each.verified_by) for each in FIELDS if each.verified_by),
        *(of("standard", same(each.name)) for each in FIELDS if together and each.same_by),
    ]
    return (  # the tree is large: it is handed on, not copied
        members(listed, together=together).join(
            _standard(compared=together).subquery("standard", copy=False), on=_is("standard"), copy=False
        )
    )


def members(listed: Sequence[exp.Expr], *, together: bool) -> exp.Select:
    """Columns of ``record`` and ``identity``, of the customers with several keys (``together``) or of all others."""
    many = exp.In(this=of("identity", CUSTOMER), query=several().subquery(copy=False))
    return (
        exp.select(*listed, copy=False)
        .from_(exp.alias_(work("record"), "record", table=True), copy=False)
        .join(exp.alias_(published("identity"), "identity", table=True), on=_is("identity"), copy=False)
        .where(many if together else exp.Not(this=many), copy=False)
    )


def there(name: str) -> exp.Expr:
    """Whether a column has a value."""
    return exp.Not(this=exp.Is(this=column(name), expression=exp.null()))


def _is(table: str) -> exp.Expr:
    return exp.EQ(this=of(table, REF), expression=of("record", REF))


def _standard(*, compared: bool) -> exp.Select:
    """What ``linkable`` knows of a record; whether there is a value is one bit, cheaper to join than the value."""
    listed: dict[str, exp.Expr] = {}
    for each in FIELDS:
        if each.told_by:
            listed[f"tells_{each.name}"] = exp.or_(*map(there, each.told_by), copy=False)
        if each.same_by and compared:
            listed[same(each.name)] = _one_text(each.same_by)
        for name in (each.verified_by, each.else_by):
            if name:
                listed[name] = _tax_number_fits() if name == TAX_NUMBER_FITS else column(name)
    named = (exp.alias_(each, name, copy=False) for name, each in listed.items())
    return exp.select(column(REF), *named, copy=False).from_(work("linkable"), copy=False)


def _tax_number_fits() -> exp.Expr:
    """Whether a tax number has the form that those of its country have; without a country, that of any."""
    ifs = [
        exp.If(this=_equal("country", country), true=_fits(f"(?:{country})?(?:{form})"))
        for country, form in NATIONAL.items()
    ]
    unknown = exp.Is(this=column("country"), expression=exp.null())
    ifs.append(exp.If(this=unknown, true=_fits("|".join(NATIONAL.values()))))
    return exp.Case(ifs=ifs, default=exp.false())


def _fits(form: str) -> exp.Expr:
    return exp.RegexpLike(this=column("tax_id"), expression=exp.Literal.string(f"^(?:{form})$"))


def _value(of_field: Field) -> exp.Expr:
    """What a record says of a field: as delivered, trimmed; null where it is a placeholder or cannot be read."""
    told: exp.Expr = of("record", of_field.name)
    if of_field.is_text:
        told = exp.Nullif(this=exp.Trim(this=told), expression=exp.Literal.string(""))
    if of_field.else_by:
        told = exp.func("coalesce", told, of("standard", of_field.else_by))
    conditions: list[exp.Expr] = [of("standard", f"tells_{of_field.name}")] if of_field.told_by else []
    if of_field.by_words:
        conditions.append(exp.Not(this=called(_SAYS_NOTHING, of("record", of_field.name))))
    return exp.Case(ifs=[exp.If(this=exp.and_(*conditions, copy=False), true=told)]) if conditions else told


def _says_nothing(told: exp.Expr) -> exp.Expr:
    """Whether a text is one of the words that people write where they know nothing."""
    signs = exp.Literal.string(_SIGNS)
    bare = exp.func("translate", exp.Lower(this=told), signs, exp.Literal.string(" " * len(_SIGNS)))
    words: list[exp.Expr] = [exp.Literal.string(word) for word in _NOTHING]
    return exp.In(this=exp.Trim(this=bare), expressions=words)


def _compared(of_field: Field) -> exp.Expr:
    """A value in the form in which two spellings of it are equal, as text; it is made of the columns of ``said``."""
    told: exp.Expr = exp.Lower(this=exp.cast(column(of_field.name), "varchar"))
    if of_field.same_by:
        told = exp.func("coalesce", column(same(of_field.name)), told)
    return exp.Case(ifs=[exp.If(this=there(of_field.name), true=told)])


def _one_text(columns: Sequence[str]) -> exp.Expr:
    """Several columns as one text; of one column that column."""
    if len(columns) == 1:
        return exp.cast(column(columns[0]), "varchar")
    parts = [exp.func("coalesce", exp.cast(column(each), "varchar"), exp.Literal.string("")) for each in columns]
    spaced = [each for part in parts for each in (exp.Literal.string(" "), part)]
    return exp.func("concat", *spaced[1:])


def _placed(rules: Survivorship) -> exp.Select:
    """The query for ``placed``: what is said, then its order, then its places, then the best of them."""
    carried = (CUSTOMER, REF, "source", "created_on", *(each.name for each in FIELDS))
    forms = [same(each.name) for each in FIELDS]
    compare = [exp.alias_(_compared(each), same(each.name), copy=False) for each in FIELDS]
    stood = [exp.alias_(_place(group, rules), place(group), copy=False) for group in GROUPS]
    best = [exp.alias_(_best(group), wins(group), copy=False) for group in GROUPS if len(GROUPS[group]) > 1]
    places = [place(group) for group in GROUPS]

    def step(rows: exp.Select, name: str, kept: Sequence[str], more: Sequence[exp.Expr]) -> exp.Select:
        listed = map(column, (*carried, *kept))
        return exp.select(*listed, *more, copy=False).from_(rows.subquery(name, copy=False), copy=False)

    rows = step(said(together=True), "together", (), [*compare, *_orders()])
    rows = step(rows, "ordered", (*forms, ORDER), stood)
    return step(rows, "stood", (*forms, ORDER, *places), best)


def criteria(group: str, rules: Survivorship) -> tuple[str, ...]:
    """What decides for a group of fields, in order; the record's own place comes last, so that nothing is left open."""
    first = [rules.instead[group]] if group in rules.instead else []
    return (WHOLE, *first, *(each for each in _CRITERIA if each not in first), RECORD)


def worth(criterion: str, order: Sequence[str]) -> int:
    """What one step of a criterion is worth in a place, given the order of the criteria."""
    digits = sum(_DIGITS[each] for each in order[order.index(criterion) + 1 :])
    return int(10**digits)


def _orders() -> list[exp.Expr]:
    """How fresh a record is among those of its customer, its place in the order of their keys, how much it says."""
    newest = exp.Ordered(this=column("told_at"), desc=True, nulls_first=False)
    fresh = exp.Window(this=exp.DenseRank(), partition_by=[column(CUSTOMER)], order=exp.Order(expressions=[newest]))
    keys = [exp.Ordered(this=column(name), nulls_first=False) for name in ("source", "record_id")]
    order = exp.Window(this=exp.RowNumber(), partition_by=[column(CUSTOMER)], order=exp.Order(expressions=keys))
    verified = [column(each.verified_by) for each in FIELDS if each.verified_by]
    return [
        *verified,
        exp.alias_(fresh, "fresh"),
        exp.alias_(order, ORDER),
        exp.alias_(_filled(FIELDS), "filled"),
    ]


def _place(group: str, rules: Survivorship) -> exp.Expr:
    """How a record stands for a group, as one number; null where it says nothing of it."""
    fields = GROUPS[group]
    verified_by = fields[0].verified_by
    steps: dict[str, exp.Expr] = {
        WHOLE: _zero_if(_whole(group)),
        "verified": _zero_if(column(verified_by)) if verified_by else exp.Literal.number(0),
        "source priority": _believed(rules.believe),
        "freshest": exp.Least(this=column("fresh"), expressions=[exp.Literal.number(99_999)]),
        "most complete": exp.Literal.number(_LONGEST) - _completeness(fields),
        RECORD: column(ORDER),
    }
    order = criteria(group, rules)
    total: exp.Expr = exp.cast(exp.Literal.number(0), "bigint")
    for criterion, step in steps.items():
        worthy = exp.Literal.number(worth(criterion, order))
        part = exp.Mul(this=exp.Paren(this=exp.cast(step, "bigint", copy=False)), expression=worthy)
        total = exp.Add(this=total, expression=part)
    said_any = exp.or_(*(there(each.name) for each in fields), copy=False)
    return exp.Case(ifs=[exp.If(this=said_any, true=total)])


def _whole(group: str) -> exp.Expr:
    """Whether a record says enough of a group to stand before one that says a part of it."""
    if group == NAME:
        return exp.or_(there("full_name"), exp.and_(there("first_name"), there("last_name")))
    if group == ADDRESS:
        return exp.and_(there("street"), exp.or_(there("postal_code"), there("city")))
    return there("company") if group == WORK else exp.true()


def _zero_if(condition: exp.Expr) -> exp.Expr:
    return exp.Case(ifs=[exp.If(this=condition, true=exp.Literal.number(0))], default=exp.Literal.number(1))


def _believed(believe: Sequence[str]) -> exp.Expr:
    """The place of a system among those that are believed first; all others come after them."""
    if not believe:
        return exp.Literal.number(0)
    ifs = [exp.If(this=_equal("source", name), true=exp.Literal.number(number)) for number, name in enumerate(believe)]
    return exp.Case(ifs=ifs, default=exp.Literal.number(len(believe)))


def _completeness(fields: Sequence[Field]) -> exp.Expr:
    """How complete a value is: the longer text; of a group first the more fields; of a number the fuller record."""
    if not any(each.is_text for each in fields):
        return exp.Least(this=column("filled"), expressions=[exp.Literal.number(_LONGEST)])
    length: exp.Expr = exp.Literal.number(0)
    for each in fields:
        letters = exp.func("coalesce", exp.Length(this=column(each.name)), exp.Literal.number(0))
        length = exp.Add(this=length, expression=letters)
    if len(fields) == 1:
        return exp.Least(this=length, expressions=[exp.Literal.number(_LONGEST)])
    shortened = exp.Least(this=length, expressions=[exp.Literal.number(_FILLED - 1)])
    return exp.paren(_filled(fields)) * _FILLED + shortened


def _filled(fields: Sequence[Field]) -> exp.Expr:
    """How many of the fields a record says."""
    counted: exp.Expr = exp.Literal.number(0)
    for each in fields:
        one = exp.Case(ifs=[exp.If(this=there(each.name), true=exp.Literal.number(1))], default=exp.Literal.number(0))
        counted = exp.Add(this=counted, expression=one)
    return counted


def _best(group: str) -> exp.Expr:
    first = exp.Window(this=exp.Min(this=column(place(group))), partition_by=[column(CUSTOMER)])
    return exp.EQ(this=column(place(group)), expression=first)


def _equal(name: str, value: str) -> exp.Expr:
    return exp.EQ(this=column(name), expression=exp.Literal.string(value))
