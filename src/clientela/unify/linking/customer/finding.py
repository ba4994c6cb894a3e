"""Where two records of one customer are looked for, what joins them at once, and what is learned from."""

from __future__ import annotations

from sqlglot import exp

from clientela.unify.linking.comparing import Block, Rule, Training, one, other, part, same, unknown
from clientela.unify.linking.customer import alike as pair
from clientela.unify.linking.customer.alike import both, either, no


def _block(name: str, *keys: str | exp.Expr, wide: bool = False) -> Block:
    return Block(name=name, keys=tuple(exp.column(each) if isinstance(each, str) else each for each in keys), wide=wide)


# Each finds what the others lose by one error or one change, and any two fields that survive bring a pair together.
BLOCKS = (
    _block("tax number", "tax_id"),
    _block("e-mail", "email"),
    _block("phone", "phone"),
    _block("last name and birth", "last_key", "birth"),
    _block("first name and birth", "first_key", "birth"),
    _block("birth and postal code", "birth", "postal_code"),
    _block("name and postal code", "last_key", "first_key", "postal_code"),
    _block("name and town", "last_key", "first_key", "city"),
    _block("whole name and postal code", "full_name", "postal_code"),  # first and last swapped
    _block("whole name and birth", "full_name", "birth"),
    _block("door", "postal_code", "street", "house_number"),
    _block("last name and postal code", "last_key", "postal_code"),
    _block("first name, house and postal code", "first_key", "house_number", "postal_code"),
    _block("last name and street", "last_key", "street", "house_number"),
    _block("first name and street", "first_key", "street", "house_number"),
    _block("both family names", "last_key", "second_surname", part("first_key", 1, 1)),
    _block("name in the e-mail", "email_local"),
    _block("last name and company", "last_key", "company"),
    _block("last name and domain", "last_key", "email_domain"),
    _block("company", "company"),
    _block("company and postal code", "company", "postal_code"),
    _block("company's beginning and postal code", part("company", 1, 5), "postal_code"),
    _block("company's beginning and town", part("company", 1, 5), "city"),
    _block("whole name", "full_name", wide=True),
    _block("birth", "birth", wide=True),
    _block("last name", "last_key", wide=True),
    _block("first name", "first_key", wide=True),
    _block("address", "street", "house_number", wide=True),
    _block("postal code", "postal_code", wide=True),
)

RULES = (
    Rule(
        name="tax number",
        group=("tax_id",),
        when=both(
            exp.Length(this=one("tax_id")) >= 7,
            either(
                both(pair.IS_PERSON, pair.PERSON_AGREES, exp.func("coalesce", pair.LAST_AGREES.copy(), exp.true())),
                both(
                    same("kind"),
                    pair.ORGANISATION,
                    exp.func("coalesce", either(unknown("company"), pair.LIKE_COMPANY), exp.true()),
                ),
            ),
        ),
        unsure=exp.false(),
        apart=exp.false(),
    ),
    Rule(
        name="e-mail",
        group=("email",),
        when=both(pair.IS_PERSON, one("email_verified"), other("email_verified"), pair.PERSON_AGREES),
        unsure=pair.UNSURE,
        apart=pair.TWO_PEOPLE,
    ),
    Rule(
        name="phone and surname",
        group=("phone", "last_key"),
        when=both(
            pair.IS_PERSON,
            pair.PERSON_AGREES,
            no(pair.SURELY_OTHER_YEAR),
            either(pair.SAME_BIRTH, no(pair.OTHER_EMAIL)),  # else it may be parent and child of one name
        ),
        unsure=pair.UNSURE,
        apart=pair.TWO_PEOPLE,
    ),
    Rule(
        name="name and door",
        group=("street", "house_number", "last_key"),
        when=both(
            pair.IS_PERSON,
            either(same("postal_code"), same("city")),
            pair.SAME_FIRST,
            pair.PERSON_AGREES,
            *(no(each) for each in (pair.SURELY_OTHER_YEAR, pair.OTHER_EMAIL, pair.OTHER_PHONE)),
        ),
        unsure=exp.false(),
        apart=exp.false(),
    ),
    Rule(
        name="domain and company",
        group=("kind", "email_domain", "company"),
        when=both(pair.ORGANISATION, pair.NO_CONTRADICTION),
        unsure=exp.false(),
        apart=exp.false(),
    ),
)
TRAININGS = tuple(
    Training(columns=each)
    for each in (
        ("email",),
        ("phone",),
        ("last_key", "birth"),
        ("first_key", "birth"),
        ("last_key", "first_key", "postal_code"),
        ("company", "postal_code"),
    )
)
SURELY = (
    ("tax_id", "last_key"),
    ("tax_id", "company"),
    ("email", "first_key"),
    ("email", "last_key", "birth"),
    ("phone", "first_key", "last_key"),
    ("first_key", "last_key", "birth"),
    ("first_key", "last_key", "postal_code", "house_number"),
    ("first_key", "birth", "postal_code"),
    ("last_key", "birth", "postal_code"),
    ("company", "postal_code", "house_number"),
    ("company", "phone"),
)
