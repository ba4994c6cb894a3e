"""What each record says of every field of a customer, and which keys belong to customers of several."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from clientela.unify.golden.fields import FIELDS, TAX_NUMBER_FITS, Field
from clientela.unify.standardise.placeholders import WORDS
from clientela.unify.standardise.tax_numbers import NATIONAL
from clientela.warehouse.engine import MAIN, Engine, called
from clientela.warehouse.physical import FACTS, column

CUSTOMER, REF = "customer_id", "customer_ref"
TOGETHER = "together"
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


def same(name: str) -> str:
    """The column with a value in the form in which two spellings of it are equal."""
    return f"same_{name}"


def write(engine: Engine, name: str, rows: exp.Query) -> None:
    """Write a work table anew."""
    engine.run(exp.Create(this=work(name), kind="TABLE", replace=True, expression=rows))


def write_together(engine: Engine, keys: exp.Table | None = None) -> None:
    """Write the work table ``together``: the keys of the customers that have several; who has one is not in it.

    Parameters
    ----------
    keys : all keys of the customers that are looked at; else those of ``identity``.
    """
    named = keys if keys is not None else published("identity")
    often = exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1))
    several = exp.select(column(CUSTOMER)).from_(named.copy()).group_by(column(CUSTOMER)).having(often)
    rows = exp.select(column(REF), column("source"), column(CUSTOMER)).from_(named.copy())
    write(engine, TOGETHER, rows.where(exp.In(this=column(CUSTOMER), query=several.subquery(copy=False))))


def alone(key: str) -> exp.Expr:
    """Whether a key, one of ``identity`` under this name, is all that is known of its customer."""
    several = exp.select(column(CUSTOMER)).from_(work(TOGETHER))
    return exp.Not(this=exp.In(this=of(key, CUSTOMER), query=several.subquery(copy=False)))


def define(engine: Engine) -> None:
    """Tell an engine what the fields of a record call."""
    engine.define(_SAYS_NOTHING, ("told",), _says_nothing(column("told")))


def said(engine: Engine) -> tuple[Field, ...]:
    """The fields that any record says, or that something else may say in its place: most systems know a few."""
    listed = [exp.alias_(exp.Count(this=column(each.name)), each.name, quoted=True) for each in FIELDS]
    counted = engine.fetch(exp.select(*listed).from_(work("record"))).to_pylist()[0]
    return tuple(each for each in FIELDS if each.else_by or counted[each.name])


def values(fields: Sequence[Field]) -> list[exp.Expr]:
    """What a record says of these fields, by their names, from `sources`."""
    return [exp.alias_(_value(each), each.name, quoted=True, copy=False) for each in fields]


def sources(
    keys: exp.Query | exp.Table, name: str, fields: Sequence[Field], *, compared: bool, join: str
) -> exp.Select:
    """The rows of ``record``, and as ``standard`` what ``linkable`` knows of them, for keys under a name.

    Parameters
    ----------
    compared : whether also the forms are needed in which two spellings of a value are equal.
    join : ``left`` where a key may have no record.
    """
    rows = keys.subquery(name, copy=False) if isinstance(keys, exp.Query) else exp.alias_(keys, name, table=True)
    record = exp.alias_(work("record"), "record", table=True)
    standard = _standard(fields, compared=compared).subquery("standard", copy=False)
    return (  # the tree is large: it is handed on, not copied
        exp.select()
        .from_(rows, copy=False)
        .join(record, on=_is("record", name), join_type=join, copy=False)
        .join(standard, on=_is("standard", name), join_type=join, copy=False)
    )


def equal(name: str, value: str) -> exp.Expr:
    """Whether a column is a text."""
    return exp.EQ(this=column(name), expression=exp.Literal.string(value))


def there(name: str) -> exp.Expr:
    """Whether a column has a value."""
    return exp.Not(this=exp.Is(this=column(name), expression=exp.null()))


def _is(table: str, other: str) -> exp.Expr:
    return exp.EQ(this=of(table, REF), expression=of(other, REF))


def _standard(fields: Sequence[Field], *, compared: bool) -> exp.Select:
    """What ``linkable`` knows of a record; whether there is a value is one bit, cheaper to join than the value."""
    listed: dict[str, exp.Expr] = {}
    for each in fields:
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
        exp.If(this=equal("country", country), true=_fits(f"(?:{country})?(?:{form})"))
        for country, form in NATIONAL.items()
    ]
    unknown = exp.Is(this=column("country"), expression=exp.null())
    ifs.append(exp.If(this=unknown, true=_fits("|".join(NATIONAL.values()))))
    return exp.Case(ifs=ifs, default=exp.false())


def _fits(form: str) -> exp.Expr:
    return exp.RegexpLike(this=column("tax_id"), expression=exp.Literal.string(f"^(?:{form})$"))


def _value(of_field: Field) -> exp.Expr:
    """What a record says of a field: as delivered; null where it is a placeholder or cannot be read."""
    told: exp.Expr = of("record", of_field.name)
    if of_field.else_by:
        told = exp.func("coalesce", told, of("standard", of_field.else_by))
    conditions: list[exp.Expr] = [of("standard", f"tells_{of_field.name}")] if of_field.told_by else []
    if of_field.by_words:
        conditions.append(exp.Not(this=called(_SAYS_NOTHING, of("record", of_field.name))))
    return exp.Case(ifs=[exp.If(this=exp.and_(*conditions, copy=False), true=told)]) if conditions else told


def _says_nothing(told: exp.Expr) -> exp.Expr:
    """Whether a text is one of the words that people write where they know nothing.

    A text whose letters are not those of such a word is told by one look, which is nearly every text.
    """
    lower = exp.Lower(this=told)
    signs = exp.Literal.string(_SIGNS)
    bare = exp.Trim(this=exp.func("translate", lower, signs, exp.Literal.string(" " * len(_SIGNS))))
    maybe = "|".join(word.replace(" ", "[^a-z]") for word in _NOTHING if word)
    looks = exp.RegexpLike(this=lower.copy(), expression=exp.Literal.string(f"^[^a-z]*(?:{maybe})?[^a-z]*$"))
    says = exp.RegexpLike(this=bare, expression=exp.Literal.string(f"^(?:{'|'.join(_NOTHING)})$"))
    return exp.Case(ifs=[exp.If(this=looks, true=says)], default=exp.false())


def _one_text(columns: Sequence[str]) -> exp.Expr:
    """Several columns as one text; of one column that column."""
    if len(columns) == 1:
        return exp.cast(column(columns[0]), "varchar")
    parts = [exp.func("coalesce", exp.cast(column(each), "varchar"), exp.Literal.string("")) for each in columns]
    spaced = [each for part in parts for each in (exp.Literal.string(" "), part)]
    return exp.func("concat", *spaced[1:])
