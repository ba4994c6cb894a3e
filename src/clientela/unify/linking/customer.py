"""How customers are compared: one way for all data, chosen by reason and tuned to no data set.

The figures beside the likenesses are the shipped model. They hold where the data cannot teach better: u of a name is
what a mixed list of customers of four countries shows, m leaves a tenth of the values to errors and changes.
"""

from __future__ import annotations

from sqlglot import exp

from clientela.unify.linking.comparing import (
    Block,
    Comparing,
    Condition,
    Field,
    Identifier,
    Level,
    Rule,
    Training,
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

APART = 2.0**-40  # outweighs all that two people who live together share
DOUBTED = 2.0**-12  # takes a pair that is sure by its name and address to a person


def _column(name: str) -> exp.Expr:
    return exp.column(name)


def _both(*conditions: Condition) -> Condition:
    return exp.and_(*(each.copy() for each in conditions))


def _either(*conditions: Condition) -> Condition:
    return exp.or_(*(each.copy() for each in conditions))


def _not(condition: Condition) -> Condition:
    return exp.not_(condition.copy())


_SAME_FIRST = _either(same("first_name"), same("first_key"))
_LIKE_FIRST = _either(_SAME_FIRST, similar("first_name", 0.85), begins("first_name", whole_words=True))
_INITIAL = _both(shorter("first_name", 2), same_part("first_name", 1, 1))
_SWAPPED = exp.func("coalesce", crossed("first_name", "last_name"), exp.false())
_OTHER_GENDER = _both(
    _either(*(_both(a("gender").eq("m"), b("gender").eq("f")) for a, b in ((one, other), (other, one)))),
    _not(_SAME_FIRST),
)
_OTHER_FIRST = _both(
    known("first_name"),
    _either(_not(_either(_LIKE_FIRST, _INITIAL, _SWAPPED)), _both(_OTHER_GENDER, _not(_SWAPPED))),
)
_DAY_AND_MONTH = exp.and_(one("birth").eq(other("birth_turned")), other("birth").eq(one("birth_turned")))
_NEAR_BIRTH = _either(edits("birth", 1), _DAY_AND_MONTH)
_TWO_PARTS = _either(
    same_part("birth", 5, 4),
    _both(same_part("birth", 1, 4), _either(same_part("birth", 5, 2), same_part("birth", 7, 2))),
)
_LIKE_BIRTH = _either(same("birth"), _NEAR_BIRTH)
_LIKE_TAX = _either(same("tax_id"), edits("tax_id", 1))
_OTHER_BIRTH = _both(known("birth"), _not(_LIKE_BIRTH), _not(_TWO_PARTS))
_GENERATION = exp.GTE(
    this=exp.Abs(
        this=exp.Sub(
            this=exp.cast(part("birth", 1, 4, one("birth")), "int"),
            expression=exp.cast(part("birth", 1, 4, other("birth")), "int"),
        )
    ),
    expression=exp.Literal.number(15),
)
_OTHER_TAX = _both(known("tax_id"), _not(_LIKE_TAX))
_LIKE_COMPANY = _either(same("company"), similar("company", 0.85), begins("company", whole_words=True))
_OTHER_COMPANY = _both(known("company"), _not(_LIKE_COMPANY))
_ORGANISATION = one("kind").eq("organisation")
_TAX_SPEAKS = exp.func("coalesce", _LIKE_TAX.copy(), exp.false())  # one letter apart is a slip, not a relative
_SAME_BIRTH = exp.func("coalesce", _LIKE_BIRTH.copy(), exp.false())
_NO_PERSONAL = _both(_not(_TAX_SPEAKS), _not(_SAME_BIRTH))

FIRST_NAME = Field(
    name="first_name",
    column="first_name",
    unknown=unknown("first_name"),
    levels=(
        Level(likeness="exact", when=same("first_name"), m=0.80, u=0.006, term="first_name"),
        # Its weight is the last name's: that both are crossed is one piece of evidence, not two.
        Level(
            likeness="swapped with the last name", when=crossed("first_name", "last_name"), m=0.01, u=0.01, fixed=True
        ),
        Level(likeness="nickname", when=same("first_key"), m=0.04, u=0.001),
        Level(likeness="very similar", when=similar("first_name", 0.92), m=0.06, u=0.003),
        Level(likeness="initial", when=_INITIAL, m=0.01, u=0.004),
        Level(
            likeness="similar",
            when=_either(similar("first_name", 0.85), begins("first_name", whole_words=True)),
            m=0.03,
            u=0.008,
        ),
        Level(likeness="different", when=None, m=0.05, u=0.97),
    ),
)
LAST_NAME = Field(
    name="last_name",
    column="last_name",
    unknown=unknown("last_name"),
    levels=(
        Level(likeness="exact", when=same("last_name"), m=0.82, u=0.002, term="last_name"),
        Level(
            likeness="swapped with the first name", when=crossed("first_name", "last_name"), m=0.01, u=1e-6, fixed=True
        ),
        Level(likeness="very similar", when=similar("last_name", 0.92), m=0.06, u=0.002),
        Level(likeness="sounds alike", when=same("last_key"), m=0.02, u=0.001),
        Level(likeness="part of the other", when=begins("last_name", whole_words=True), m=0.02, u=0.001),
        Level(likeness="similar", when=similar("last_name", 0.85), m=0.02, u=0.005),
        Level(likeness="different", when=None, m=0.05, u=0.99),
    ),
)
FULL_NAME = Field(  # where the parts of the name are not known of both
    name="full_name",
    column="full_name",
    unknown=_either(unknown("full_name"), known("first_name", "last_name"), known("company")),
    levels=(
        Level(likeness="exact", when=same("full_name"), m=0.75, u=2e-5),
        Level(likeness="very similar", when=similar("full_name", 0.92), m=0.10, u=2e-4),
        Level(likeness="similar", when=similar("full_name", 0.85), m=0.05, u=0.002),
        Level(likeness="different", when=None, m=0.10, u=0.99),
    ),
)
COMPANY = Field(
    name="company",
    column="company",
    unknown=unknown("company"),
    levels=(
        Level(likeness="exact", when=same("company"), m=0.80, u=0.0005, term="company"),
        Level(likeness="very similar", when=similar("company", 0.92), m=0.06, u=0.0005),
        Level(likeness="part of the other", when=begins("company", whole_words=True), m=0.05, u=0.0005),
        Level(likeness="similar", when=similar("company", 0.85), m=0.03, u=0.005),
        Level(likeness="different", when=None, m=0.06, u=0.99),
    ),
)
BIRTH_DATE = Field(
    name="birth_date",
    column="birth",
    unknown=unknown("birth"),
    levels=(
        Level(likeness="exact", when=same("birth"), m=0.92, u=5e-5),
        Level(likeness="one digit, or day and month turned", when=_NEAR_BIRTH, m=0.04, u=0.002),
        Level(likeness="two of day, month and year", when=_TWO_PARTS, m=0.02, u=0.008),
        Level(likeness="different", when=None, m=0.02, u=0.99),
    ),
)
EMAIL = Field(
    name="email",
    column="email",
    unknown=unknown("email"),
    levels=(
        Level(likeness="exact", when=same("email"), m=0.60, others=0.05),
        # Most addresses are made of the name, so of namesakes many are alike: that the name agrees is told already.
        Level(likeness="same name at another provider", when=same("email_local"), m=0.05, u=0.0005),
        Level(likeness="similar", when=similar("email", 0.94), m=0.05, u=0.001),
        Level(likeness="different", when=None, m=0.30, u=0.999),
    ),
)
PHONE = Field(
    name="phone",
    column="phone",
    unknown=unknown("phone"),
    levels=(
        Level(likeness="exact", when=same("phone"), m=0.60, others=0.2),
        Level(likeness="one digit", when=edits("phone", 1), m=0.04, others=1.0),
        Level(likeness="different", when=None, m=0.36, u=0.999),
    ),
)
TAX_ID = Field(
    name="tax_id",
    column="tax_id",
    unknown=unknown("tax_id"),
    levels=(
        Level(likeness="exact", when=same("tax_id"), m=0.92, others=0.01),
        Level(likeness="one letter", when=edits("tax_id", 1), m=0.06, others=1.0),
        Level(likeness="different", when=None, m=0.02, u=0.999),
    ),
)
ADDRESS = Field(
    name="address",
    column="street",
    unknown=unknown("street"),
    levels=(
        Level(likeness="exact", when=same("street", "house_number"), m=0.65, others=2.0),
        Level(likeness="similar", when=_both(similar("street", 0.9), same("house_number")), m=0.10, others=2.0),
        Level(likeness="same street", when=similar("street", 0.9), m=0.10, u=0.002),
        Level(likeness="different", when=None, m=0.15, u=0.99),
    ),
)
PLACE = Field(
    name="place",
    column="postal_code",
    unknown=_both(unknown("postal_code"), unknown("city")),
    levels=(
        Level(likeness="exact", when=same("postal_code"), m=0.75, u=0.001, term="postal_code"),
        Level(likeness="same town", when=same("city"), m=0.10, u=0.01, term="city"),
        Level(likeness="similar", when=_either(edits("postal_code", 1), similar("city", 0.9)), m=0.05, u=0.01),
        Level(likeness="different", when=None, m=0.10, u=0.98),
    ),
)
# People who live together, and colleagues, share what the model takes for so many chances; fathers and sons, twins,
# branches of a chain even more. That evidence is not independent, so these levels take it back.
NEIGHBOURS = Field(
    name="others_nearby",
    column="kind",
    unknown=None,
    quiet=True,
    levels=(
        Level(
            likeness="two people of one household or company",
            when=_both(_OTHER_FIRST, _NO_PERSONAL),
            m=APART / 2,
            u=0.5,
            fixed=True,
        ),
        Level(
            likeness="brothers or sisters born together",
            when=_both(_OTHER_FIRST, _SAME_BIRTH, _not(_TAX_SPEAKS)),
            m=APART / 2,
            u=0.5,
            fixed=True,
        ),
        Level(
            likeness="parent and child of one name",
            when=_both(_OTHER_BIRTH, _GENERATION, _not(_TAX_SPEAKS)),
            m=APART / 2,
            u=0.5,
            fixed=True,
        ),
        Level(
            likeness="namesakes of two ages",
            when=_both(_OTHER_BIRTH, _not(_TAX_SPEAKS)),
            m=DOUBTED / 2,
            u=0.5,
            fixed=True,
        ),
        Level(
            likeness="two organisations",
            when=_both(_ORGANISATION, _OTHER_COMPANY, _not(_TAX_SPEAKS)),
            m=APART / 2,
            u=0.5,
            fixed=True,
        ),
        Level(likeness="", when=None, m=0.5, u=0.5, fixed=True),
    ),
)


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

_NO_CONTRADICTION = _both(
    _not(exp.func("coalesce", _OTHER_BIRTH.copy(), exp.false())),
    _not(exp.func("coalesce", _OTHER_TAX.copy(), exp.false())),
)
_APART = _either(
    exp.func("coalesce", _OTHER_FIRST.copy(), exp.false()),
    exp.func("coalesce", _OTHER_BIRTH.copy(), exp.false()),
    exp.func("coalesce", _OTHER_COMPANY.copy(), exp.false()),
)
_UNSURE = _either(unknown("first_name"), _both(_INITIAL, _not(_SAME_FIRST)))
_LAST_AGREES = _either(unknown("last_name"), same("last_key"), similar("last_name", 0.85), _SWAPPED)
_PERSON_AGREES = _both(
    exp.func("coalesce", _either(unknown("first_name"), _LIKE_FIRST, _INITIAL, _SWAPPED), exp.true()),
    _not(exp.func("coalesce", _OTHER_GENDER.copy(), exp.false())),
    _NO_CONTRADICTION,
)
_IS_PERSON = one("kind").eq("person")
RULES = (
    Rule(
        name="tax number",
        group=("kind", "tax_id"),
        when=_both(
            exp.Length(this=one("tax_id")) >= 7,
            _either(
                _both(_IS_PERSON, _PERSON_AGREES, exp.func("coalesce", _LAST_AGREES.copy(), exp.true())),
                _both(_ORGANISATION, exp.func("coalesce", _either(unknown("company"), _LIKE_COMPANY), exp.true())),
            ),
        ),
        unsure=exp.false(),
        apart=exp.false(),
    ),
    Rule(
        name="e-mail",
        group=("kind", "email"),
        when=_both(_IS_PERSON, one("email_verified"), other("email_verified"), _PERSON_AGREES),
        unsure=_UNSURE,
        apart=_APART,
    ),
    Rule(
        name="phone and surname",
        group=("kind", "phone", "last_key"),
        when=_both(_IS_PERSON, _PERSON_AGREES),
        unsure=_UNSURE,
        apart=_APART,
    ),
    Rule(
        name="domain and company",
        group=("kind", "email_domain", "company"),
        when=_both(_ORGANISATION, _NO_CONTRADICTION),
        unsure=exp.false(),
        apart=exp.false(),
    ),
)
TRAININGS = tuple(
    Training(columns=each)
    for each in (
        ("email",),
        ("phone",),
        ("tax_id",),
        ("last_key", "birth"),
        ("first_key", "birth"),
        ("last_key", "first_key", "postal_code"),
        ("birth", "postal_code"),
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
)


def _written(form: str) -> exp.Expr:
    return exp.func("strftime", exp.column("birth_date"), exp.Literal.string(form), dialect="duckdb")


CUSTOMER = Comparing(
    table="linkable",
    key="customer_ref",
    columns={name: _column(name) for name in _PLAIN}
    | {"birth": _written("%Y%m%d"), "birth_turned": _written("%Y%d%m")},
    fields=(
        FIRST_NAME,
        LAST_NAME,
        FULL_NAME,
        COMPANY,
        BIRTH_DATE,
        EMAIL,
        PHONE,
        TAX_ID,
        ADDRESS,
        PLACE,
        NEIGHBOURS,
    ),
    blocks=BLOCKS,
    identifiers=(
        Identifier(name="tax_id", keys=("tax_id",), clears=("tax_id",)),
        Identifier(name="email", keys=("email",), clears=("email", "email_local")),
        Identifier(name="email_local", keys=("email_local",), clears=("email_local",)),
        Identifier(name="phone", keys=("phone",), clears=("phone",)),
        Identifier(name="address", keys=("street", "house_number", "postal_code"), clears=("street", "house_number")),
    ),
    rules=RULES,
    trainings=TRAININGS,
    surely=SURELY,
    within="kind",
)
