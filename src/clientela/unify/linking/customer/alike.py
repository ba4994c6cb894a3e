"""What two records of customers may have in common, and what tells them apart: conditions on a pair."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from clientela.unify.linking.comparing import (
    Condition,
    begins,
    crossed,
    edits,
    known,
    one,
    other,
    part,
    same,
    same_part,
    shorter,
    similar,
    unknown,
)


def both(*conditions: Condition) -> Condition:
    """All of them hold."""
    return exp.and_(*(each.copy() for each in conditions))


def either(*conditions: Condition) -> Condition:
    """One of them holds."""
    return exp.or_(*(each.copy() for each in conditions))


def no(condition: Condition) -> Condition:
    """It is known not to hold."""
    return exp.not_(condition.copy())


def _but_last(name: exp.Expr) -> exp.Expr:
    length = exp.Sub(this=exp.Length(this=name.copy()), expression=exp.Literal.number(1))
    return exp.Substring(this=name.copy(), start=exp.Literal.number(1), length=length)


def _ends(record: Callable[[str], exp.Expr], *letters: str) -> Condition:
    last = exp.func("right", record("first_name"), exp.Literal.number(1), dialect="duckdb")
    return exp.In(this=last, expressions=[exp.Literal.string(each) for each in letters])


def surely(condition: Condition) -> Condition:
    """What is known to be so."""
    return exp.func("coalesce", condition.copy(), exp.false())


SAME_FIRST = either(same("first_name"), same("first_key"))
# A letter is left out or two are swapped by a slip; but Tom is not Tim: of a short name another letter is another name.
SLIPPED = both(
    edits("first_name", 1),
    either(
        exp.Length(this=one("first_name")).neq(exp.Length(this=other("first_name"))),
        no(shorter("first_name", 5)),
        both(
            part("first_name", 1, 1, one("first_name")).eq(part("first_name", 2, 1, other("first_name"))),
            part("first_name", 2, 1, one("first_name")).eq(part("first_name", 1, 1, other("first_name"))),
        ),
    ),
)
LIKE_FIRST = either(SAME_FIRST, similar("first_name", 0.85), begins("first_name", whole_words=True), SLIPPED)
INITIAL = both(shorter("first_name", 2), same_part("first_name", 1, 1))
SWAPPED = exp.func("coalesce", crossed("first_name", "last_name"), exp.false())
OTHER_GENDER = both(
    either(*(both(a("gender").eq("m"), b("gender").eq("f")) for a, b in ((one, other), (other, one)))),
    no(SAME_FIRST),
)
# Mario and Maria, Cornelis and Cornelia: one letter apart, and two people.
OTHER_ENDING = both(
    part("first_name", 1, 40, one("first_name")).neq(other("first_name")),
    exp.Length(this=one("first_name")).eq(exp.Length(this=other("first_name"))),
    _but_last(one("first_name")).eq(_but_last(other("first_name"))),
    either(*(both(_ends(a, "a"), _ends(b, "o", "i", "s")) for a, b in ((one, other), (other, one)))),
)
OTHER_FIRST = both(
    known("first_name"),
    either(no(either(LIKE_FIRST, INITIAL, SWAPPED)), both(either(OTHER_GENDER, OTHER_ENDING), no(SWAPPED))),
)
DAY_AND_MONTH = exp.and_(one("birth").eq(other("birth_turned")), other("birth").eq(one("birth_turned")))
NEAR_BIRTH = either(edits("birth", 1), DAY_AND_MONTH)
TWO_PARTS = either(
    same_part("birth", 5, 4),
    both(same_part("birth", 1, 4), either(same_part("birth", 5, 2), same_part("birth", 7, 2))),
)
LIKE_BIRTH = either(same("birth"), NEAR_BIRTH)
LIKE_TAX = either(same("tax_id"), edits("tax_id", 1))
OTHER_BIRTH = both(known("birth"), no(LIKE_BIRTH), no(TWO_PARTS))
GENERATION = exp.GTE(
    this=exp.Abs(
        this=exp.Sub(
            this=exp.cast(part("birth", 1, 4, one("birth")), "int"),
            expression=exp.cast(part("birth", 1, 4, other("birth")), "int"),
        )
    ),
    expression=exp.Literal.number(15),
)
OTHER_GENERATION = surely(one("generation").neq(other("generation")))  # Jr and Sr, padre and hijo
# Pérez Soler and Pérez Gil have one father's name and two mothers'.
OTHER_SECOND = surely(
    both(
        either(same("surname"), edits("surname", 1)),
        one("second_surname").neq(other("second_surname")),
        no(edits("second_surname", 1)),
        no(similar("second_surname", 0.85)),
        no(begins("second_surname", whole_words=True)),
    )
)
# In few words, as whoever learns takes conditions apart: names that have next to nothing in common, and a generation.
UNLIKE_FIRST = both(one("first_key").neq(other("first_key")), no(similar("first_name", 0.75)))
OTHER_TAX = both(known("tax_id"), no(LIKE_TAX))
LIKE_COMPANY = either(same("company"), similar("company", 0.85), begins("company", whole_words=True))
OTHER_COMPANY = both(known("company"), no(LIKE_COMPANY))
ORGANISATION = either(one("kind").eq("organisation"), other("kind").eq("organisation"))
TAX_SPEAKS = surely(LIKE_TAX)  # one letter apart is a slip, not a relative
SAME_BIRTH = surely(LIKE_BIRTH)
SAME_EMAIL = surely(same("email"))
SAME_PLACE = either(  # a slip in the postal code or in the town does not move a door; another town does
    same("postal_code"),
    same("city"),
    similar("city", 0.9),
    both(edits("postal_code", 1), unknown("city")),
    both(unknown("postal_code"), unknown("city")),
)
OTHER_TOWN = surely(both(one("city").neq(other("city")), no(similar("city", 0.9))))
SAME_DOOR = both(same("street", "house_number"), SAME_PLACE)
LIKE_DOOR = both(either(edits("street", 1), similar("street", 0.9)), same("house_number"), SAME_PLACE)
DOOR_TOLD = either(surely(SAME_DOOR), surely(LIKE_DOOR))
HOME = either(DOOR_TOLD, surely(same("phone")))
OWN_EMAIL = both(SAME_EMAIL, no(HOME))  # what a family shares, it shares beside its door or telephone
LIKE_LAST = either(
    same("last_name"), same("last_key"), similar("last_name", 0.92), begins("last_name", whole_words=True)
)
DOORS = ("street", "house_number", "postal_code")
OTHER_KIND = both(one("kind").neq(other("kind")), no(surely(both(LIKE_FIRST, LIKE_LAST))))
NOTHING_OWN = both(no(SAME_EMAIL), no(TAX_SPEAKS), no(SAME_BIRTH), no(surely(both(unknown("birth"), same("year")))))
# Surely two: nothing that names one person alone agrees, so a damaged name or date of one customer is not counted.
TWO_BY_NAME = both(OTHER_FIRST, NOTHING_OWN)
TWO_BY_BIRTH = both(OTHER_BIRTH, no(TAX_SPEAKS), no(SAME_EMAIL))
HARDLY_NAMED = both(
    either(surely(both(INITIAL, no(SAME_FIRST))), unknown("first_name")),
    known("last_name"),
    NOTHING_OWN,
    no(HOME),
)
NAMED_ALIKE = surely(both(either(LIKE_FIRST, SWAPPED), either(LIKE_LAST, SWAPPED)))
ONE_STREET = both(NAMED_ALIKE, surely(same("postal_code")), no(HOME), unknown("street", "house_number"), NOTHING_OWN)
OTHER_CONTACT = either(*(surely(one(name).neq(other(name))) for name in ("email", "phone")))
NO_PERSONAL = both(no(TAX_SPEAKS), no(SAME_BIRTH))

ONE_WORD = exp.not_(exp.func("contains", one("full_name"), exp.Literal.string(" "), dialect="duckdb"))
NUMBERED = exp.RegexpLike(this=one("email_local"), expression=exp.Literal.string("[0-9]{2}"))
SLIP = both(
    edits("email_letters", 1), one("email_letters").neq(other("email_letters")), same("email_number", "email_domain")
)
OTHER_STREET = surely(one("street").neq(other("street")))
NO_CONTRADICTION = both(
    no(exp.func("coalesce", OTHER_BIRTH.copy(), exp.false())),
    no(exp.func("coalesce", OTHER_TAX.copy(), exp.false())),
)
TWO_PEOPLE = either(
    OTHER_GENERATION,
    exp.func("coalesce", OTHER_FIRST.copy(), exp.false()),
    exp.func("coalesce", OTHER_BIRTH.copy(), exp.false()),
    exp.func("coalesce", OTHER_COMPANY.copy(), exp.false()),
)
UNSURE = either(unknown("first_name"), both(INITIAL, no(SAME_FIRST)))
LAST_AGREES = either(unknown("last_name"), same("last_key"), similar("last_name", 0.85), SWAPPED)
PERSON_AGREES = both(
    no(OTHER_GENERATION),
    either(no(OTHER_SECOND), SAME_BIRTH),
    exp.func("coalesce", either(unknown("first_name"), LIKE_FIRST, INITIAL, SWAPPED), exp.true()),
    no(surely(OTHER_GENDER)),
    no(surely(OTHER_ENDING)),
    NO_CONTRADICTION,
)
SURELY_OTHER_YEAR = surely(both(unknown("birth"), one("year").neq(other("year"))))
OTHER_EMAIL = surely(both(one("email").neq(other("email")), exp.not_(SLIP)))
OTHER_PHONE = surely(both(one("phone").neq(other("phone")), exp.not_(edits("phone", 1))))
# Of one name at one door: one customer, or parent and child. What they share beside it is told together, for who gives
# another e-mail address gives another telephone too, and a family shares either.
NAMESAKES = both(NAMED_ALIKE, DOOR_TOLD)
ONE_PHONE = both(surely(same("phone")), OTHER_EMAIL)
OTHER_REACH = both(OTHER_EMAIL, OTHER_PHONE)
NAMESAKES_OF_ONE_AGE = both(SAME_FIRST, LIKE_LAST, SAME_PLACE, same("birth"))
NAMESAKES_OF_TWO_AGES = both(SAME_FIRST, LIKE_LAST, SAME_PLACE, OTHER_BIRTH, GENERATION, no(TAX_SPEAKS))
# At work many share a telephone, and Maria Rossi and Maria Conti have two addresses for e-mail.
COLLEAGUES = both(
    surely(same("company")), surely(both(known("last_name"), no(LIKE_LAST), no(SWAPPED))), OTHER_EMAIL, NOTHING_OWN
)
IS_PERSON = both(either(one("kind").eq("person"), other("kind").eq("person")), no(OTHER_KIND))
# Two digits at the end, or four that are a year: in which many were born.
YEAR_IN_EMAIL = exp.Nullif(
    this=exp.func(
        "regexp_extract",
        exp.column("email_local"),
        exp.Literal.string("[^0-9](?:19|20)?([0-9]{2})$"),
        exp.Literal.number(1),
        dialect="duckdb",
    ),
    expression=exp.Literal.string(""),
)
TOLD_YEAR_TWICE = part("birth", 3, 2).eq(YEAR_IN_EMAIL)
