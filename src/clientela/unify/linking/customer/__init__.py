"""How customers are compared: one way for all data, chosen by reason and tuned to no data set."""

from __future__ import annotations

from sqlglot import exp

from clientela.unify.linking.comparing import Comparing, Identifier
from clientela.unify.linking.customer.alike import GENERATION, OTHER_BIRTH, UNLIKE_FIRST, YEAR_IN_EMAIL, both
from clientela.unify.linking.customer.fields import (
    ADDRESS,
    BIRTH_DATE,
    COMPANY,
    EMAIL,
    FIRST_NAME,
    FULL_NAME,
    LAST_NAME,
    NEIGHBOURS,
    PHONE,
    PLACE,
    REACHED,
    SECOND_SURNAME,
    TAX_ID,
    TOWN,
    YEAR,
)
from clientela.unify.linking.customer.finding import BLOCKS, RULES, SURELY, TRAININGS
from clientela.unify.standardise.names import PARTICLES, TWO_SURNAMES

_PLAIN = (
    "kind",
    "first_name",
    "first_key",
    "last_name",
    "last_key",
    "full_name",
    "company",
    "street",
    "house_number",
    "postal_code",
    "city",
    "email",
    "email_local",
    "email_domain",
    "email_verified",
    "phone",
    "tax_id",
    "gender",
    "generation",
)


_ONE_SURNAME = f"^(?:(?:{'|'.join(PARTICLES)}) )*[^ ]+$"
_EMPTY = exp.Literal.string("")


def _written(form: str) -> exp.Expr:
    return exp.func("strftime", exp.column("birth_date"), exp.Literal.string(form), dialect="duckdb")


def _changed(name: str, pattern: str, by: str) -> exp.Expr:
    said = [exp.column(name), *(exp.Literal.string(each) for each in (pattern, by, "g"))]
    return exp.func("regexp_replace", *said, dialect="duckdb")


def _surname(group: int) -> exp.Expr:
    """The first of two family names, or the second, where there are two: Pérez Soler has two, Van den Berg one."""
    parts = [exp.column("last_name"), exp.Literal.string(TWO_SURNAMES), exp.Literal.number(group)]
    found = exp.func("regexp_extract", *parts, dialect="duckdb")
    is_one = exp.RegexpLike(this=exp.column("last_name"), expression=exp.Literal.string(_ONE_SURNAME))
    return exp.Case(
        ifs=[exp.If(this=is_one, true=exp.null())], default=exp.Nullif(this=found, expression=_EMPTY.copy())
    )


def _surname_sooner(group: int) -> exp.Expr:
    """The same, where most family names have one word or two: of these no pattern has to be asked."""
    name, number, text = exp.column("last_name"), exp.Literal.number, exp.Literal.string

    def call(function: str, *arguments: exp.Expr) -> exp.Expr:
        return exp.func(function, *(each.copy() for each in arguments), dialect="duckdb")

    space = call("instr", name, text(" "))
    first, after = call("left", name, space - number(1)), call("substr", name, space + number(1))
    two = exp.not_(first.copy().isin(*map(text, PARTICLES)))
    of_two = exp.Case(ifs=[exp.If(this=two, true=(first if group == 1 else after).copy())])
    has_two = exp.and_(space.copy() > 1, after.copy().neq(_EMPTY), exp.not_(call("contains", after, text(" "))))
    of_several = exp.Case(ifs=[exp.If(this=has_two, true=of_two)], default=_surname(group))
    return exp.Case(ifs=[exp.If(this=call("contains", name, text(" ")), true=of_several)])


# A postal code that half a country has names no place: then the town that is said with it does.
_POSTAL_TOWN = exp.DPipe(
    this=exp.DPipe(this=exp.column("postal_code"), expression=exp.Literal.string(" ")), expression=exp.column("city")
)

CUSTOMER = Comparing(
    table="linkable",
    key="customer_ref",
    columns={name: exp.column(name) for name in _PLAIN}
    | {
        "birth": _written("%Y%m%d"),
        "birth_turned": _written("%Y%d%m"),
        "year": exp.func("coalesce", _written("%y"), YEAR_IN_EMAIL),
        "surname": exp.func("coalesce", _surname(1), exp.column("last_name"), dialect="duckdb"),
        "second_surname": _surname(2),
        "postal_town": _POSTAL_TOWN,
        "email_number": _changed("email_local", "[^0-9]+", ""),
        "email_letters": _changed("email_local", "[^a-z]+", ""),
    },
    fields=(
        FIRST_NAME,
        LAST_NAME,
        SECOND_SURNAME,
        FULL_NAME,
        COMPANY,
        BIRTH_DATE,
        YEAR,
        EMAIL,
        PHONE,
        REACHED,
        TAX_ID,
        ADDRESS,
        PLACE,
        TOWN,
        NEIGHBOURS,
    ),
    blocks=BLOCKS,
    identifiers=(
        Identifier(name="tax_id", keys=("tax_id",), clears=("tax_id",)),
        Identifier(name="email", keys=("email",), clears=("email", "email_local", "email_number", "email_letters")),
        Identifier(name="email_local", keys=("email_local",), clears=("email_local", "email_number", "email_letters")),
        Identifier(name="phone", keys=("phone",), clears=("phone",)),
        Identifier(name="address", keys=("street", "house_number", "postal_code"), clears=("street", "house_number")),
    ),
    rules=RULES,
    trainings=TRAININGS,
    surely=SURELY,
    surely_two=(UNLIKE_FIRST, both(OTHER_BIRTH, GENERATION)),
    sooner={
        "surname": exp.func("coalesce", _surname_sooner(1), exp.column("last_name"), dialect="duckdb"),
        "second_surname": _surname_sooner(2),
    },
    together=tuple((each, "surname") for each in ("first_name", "city", "postal_code", "postal_town")),
)

__all__ = ["CUSTOMER"]
