"""What is compared of two customers, field by field.

The figures beside the likenesses are the shipped model. They hold where the data cannot teach better: u of a name is
what a mixed list of customers of four countries shows, m leaves a tenth of the values to errors and changes.
"""

from __future__ import annotations

from clientela.unify.linking.comparing import (
    Condition,
    Field,
    Level,
    Seen,
    begins,
    crossed,
    edits,
    known,
    same,
    similar,
    unknown,
)
from clientela.unify.linking.customer import alike as pair
from clientela.unify.linking.customer.alike import both, either, no, surely

APART = 2.0**-40  # outweighs all that two people who live together share
DOUBTED = 2.0**-12  # takes a pair that is sure by its name and address to a person
SCANTY = 2.0**-6  # an initial and a name that many bear
NEARBY, ANOTHER_NEARBY = 2.0**-2, 2.0**-4  # a street is small, and in it live families

FIRST_NAME = Field(
    name="first_name",
    column="first_name",
    unknown=unknown("first_name"),
    levels=(
        # Who shares a door or a telephone is family before he is anybody: the name says no more than it does there.
        Level(
            likeness="the same in one home",
            when=both(pair.HOME, pair.LIKE_LAST, pair.SAME_FIRST),
            m=0.80,
            u=0.05,
            seen=Seen(
                share=(pair.DOORS, ("phone",)),
                surely_two=both(known("first_name"), pair.LIKE_LAST, pair.TWO_BY_BIRTH),
                beside=True,
            ),
            inside="exact",
        ),
        Level(likeness="exact", when=same("first_name"), m=0.80, u=0.006, term="first_name"),
        # Its weight is the last name's: that both are crossed is one piece of evidence, not two.
        Level(
            likeness="swapped with the last name", when=crossed("first_name", "last_name"), m=0.01, u=0.01, fixed=True
        ),
        Level(likeness="nickname", when=same("first_key"), m=0.04, u=0.001),
        Level(likeness="very similar", when=similar("first_name", 0.92), m=0.06, u=0.003),
        Level(likeness="initial", when=pair.INITIAL, m=0.01, u=0.004),
        Level(
            likeness="similar",
            when=either(similar("first_name", 0.85), begins("first_name", whole_words=True)),
            m=0.03,
            u=0.008,
        ),
        Level(likeness="a slip apart", when=pair.SLIPPED, m=0.03, u=0.008, weighs_as="similar"),
        Level(likeness="different", when=None, m=0.05, u=0.97),
    ),
)
LAST_NAME = Field(
    name="last_name",
    column="last_name",
    unknown=unknown("last_name"),
    levels=(
        Level(
            likeness="the same in one home",
            when=both(pair.HOME, pair.LIKE_LAST),
            m=0.82,
            u=0.6,
            seen=Seen(share=(pair.DOORS, ("phone",)), surely_two=both(known("last_name"), pair.TWO_BY_NAME)),
            inside="exact",
        ),
        Level(likeness="exact", when=same("surname"), m=0.82, u=0.002, term="surname"),
        Level(
            likeness="swapped with the first name", when=crossed("first_name", "last_name"), m=0.01, u=1e-6, fixed=True
        ),
        Level(likeness="one letter", when=edits("surname", 1), m=0.06, u=3e-4),
        Level(likeness="very similar", when=similar("surname", 0.92), m=0.02, u=0.002),
        Level(likeness="sounds alike", when=same("last_key"), m=0.02, u=0.001),
        Level(likeness="part of the other", when=begins("last_name", whole_words=True), m=0.02, u=0.001),
        Level(likeness="similar", when=similar("surname", 0.85), m=0.02, u=0.005),
        Level(likeness="different", when=None, m=0.05, u=0.99),
    ),
)
SECOND_SURNAME = Field(  # who has two family names shares both with few; in a family it is told with the first
    name="second_surname",
    column="second_surname",
    unknown=either(
        unknown("second_surname"),
        crossed("first_name", "last_name"),
        both(
            either(pair.HOME, both(same("postal_code"), unknown("street", "house_number"))),
            pair.LIKE_LAST,
            no(surely(pair.SAME_FIRST)),
            surely(either(same("second_surname"), similar("second_surname", 0.85))),
        ),
    ),
    levels=(
        # Brothers share both, but have two given names; a child that bears a parent's has the other parent's second.
        Level(
            likeness="the same in one home",
            when=both(pair.HOME, same("second_surname", "surname"), pair.SAME_FIRST),
            m=0.86,
            u=0.2,
            seen=Seen(
                share=(pair.DOORS, ("phone",)),
                surely_two=both(known("second_surname"), same("surname"), pair.SAME_FIRST, pair.TWO_BY_BIRTH),
            ),
            inside="exact",
        ),
        Level(likeness="exact", when=same("second_surname"), m=0.86, u=0.004, term="second_surname"),
        Level(likeness="one letter", when=edits("second_surname", 1), m=0.06, u=0.001),
        Level(likeness="similar", when=similar("second_surname", 0.85), m=0.03, u=0.005),
        Level(likeness="different", when=None, m=0.05, u=0.99),
    ),
)
FULL_NAME = Field(  # where the parts of the name are not known of both
    name="full_name",
    column="full_name",
    unknown=either(unknown("full_name"), known("first_name"), known("last_name"), known("company")),
    levels=(
        Level(
            likeness="the same one word",
            when=both(
                same("full_name"),
                pair.ONE_WORD,
            ),
            m=0.05,
            u=0.02,
            fixed=True,
        ),
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
        Level(likeness="one digit, or day and month turned", when=pair.NEAR_BIRTH, m=0.04, u=0.002),
        Level(likeness="two of day, month and year", when=pair.TWO_PARTS, m=0.02, u=0.008),
        Level(likeness="different", when=None, m=0.02, u=0.99),
    ),
)
YEAR = Field(  # many write the year of their birth into their e-mail address
    name="birth_year",
    column="year",
    unknown=either(known("birth"), unknown("year"), surely(same("email_local"))),
    told_twice=pair.TOLD_YEAR_TWICE,
    levels=(
        Level(likeness="exact", when=same("year"), m=0.60, u=0.02),
        Level(likeness="different", when=None, m=0.40, u=0.98),
    ),
)


def _told(when: Condition) -> Level:
    return Level(likeness="different, told with the home", when=when, m=0.5, u=0.5, fixed=True, inside="different")


EMAIL = Field(
    name="email",
    column="email",
    unknown=unknown("email"),
    levels=(
        Level(likeness="exact", when=same("email"), m=0.60, others=0.05),
        # Most addresses are made of the name, so those of namesakes are alike: that the name agrees is told already.
        # What a name does not say is a number, and a slip of the finger that no other way to write it explains.
        Level(
            likeness="same name and number at another provider",
            when=both(same("email_local"), pair.NUMBERED),
            m=0.03,
            u=0.0005,
        ),
        Level(likeness="similar", when=pair.SLIP, m=0.05, u=0.0005),
        Level(likeness="same name at another provider", when=same("email_local"), m=0.05, u=0.05, fixed=True),
        _told(both(pair.OTHER_EMAIL, pair.NAMESAKES)),
        Level(likeness="different", when=None, m=0.30, u=0.999),
    ),
)
PHONE = Field(
    name="phone",
    column="phone",
    unknown=unknown("phone"),
    levels=(
        Level(
            likeness="the same, told with the home",
            when=both(pair.ONE_PHONE, pair.NAMESAKES),
            m=0.5,
            u=0.5,
            fixed=True,
            inside="exact",
        ),
        Level(
            likeness="the same in one home",
            when=both(pair.DOOR_TOLD, same("phone")),
            m=0.60,
            u=0.4,
            seen=Seen(share=(pair.DOORS,), surely_two=both(known("phone"), pair.TWO_BY_NAME)),
            inside="exact",
        ),
        Level(
            likeness="exact",
            when=same("phone"),
            m=0.60,
            others=0.2,
            seen=Seen(share=(("phone",),), surely_two=pair.TWO_BY_NAME, of_all=True),
        ),
        Level(likeness="one digit", when=edits("phone", 1), m=0.04, others=1.0),
        _told(both(pair.OTHER_PHONE, no(pair.SAME_EMAIL), pair.NAMESAKES)),
        Level(likeness="different", when=None, m=0.36, u=0.999),
    ),
)


def _reached(likeness: str, when: Condition, m: float, u: float) -> Level:
    """What two of one name at one door have of how to reach them, counted where birth dates tell one from two."""
    seen = Seen(share=(pair.DOORS,), surely_two=pair.NAMESAKES_OF_TWO_AGES, surely_one=pair.NAMESAKES_OF_ONE_AGE)
    return Level(likeness=likeness, when=when, m=m, u=u, fixed=True, seen=seen)


REACHED = Field(
    name="reached_at_home",
    column="street",
    unknown=either(no(pair.NAMESAKES), pair.SAME_EMAIL),
    quiet=True,
    levels=(
        _reached("one telephone, two e-mail addresses", pair.ONE_PHONE, 0.05, 0.15),
        _reached("two e-mail addresses and two telephones", pair.OTHER_REACH, 0.08, 0.30),
        _reached("two e-mail addresses", pair.OTHER_EMAIL, 0.12, 0.40),
        _reached("two telephones", pair.OTHER_PHONE, 0.12, 0.40),
        Level(likeness="", when=None, m=0.5, u=0.5, fixed=True),
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


def _door(likeness: str, when: Condition, inside: str | None = None) -> Level:
    seen = Seen(share=(pair.DOORS,), surely_two=pair.TWO_BY_NAME, of_all=True)
    return Level(likeness=likeness, when=when, m=0.65, others=1.0, seen=seen, inside=inside)


ADDRESS = Field(
    name="address",
    column="street",
    unknown=unknown("street"),
    levels=(
        # Every town has a high street: where a postal code names no place, the door is in the town that is said.
        _door("exact", both(pair.SAME_DOOR, no(pair.OTHER_TOWN)), inside="the same, in another town"),
        _door("the same, in another town", pair.SAME_DOOR),
        # Of one name it is one door, written twice: no neighbour is called so.
        Level(
            likeness="similar, of one name",
            when=both(pair.LIKE_DOOR, pair.NAMED_ALIKE, no(pair.OTHER_TOWN)),
            m=0.65,
            others=1.0,
            weighs_as="exact",
        ),
        Level(
            likeness="similar",
            when=pair.LIKE_DOOR,
            m=0.10,
            others=0.1,
            seen=Seen(share=(("house_number", "postal_code"),), surely_two=pair.TWO_BY_NAME, of_all=True),
        ),
        Level(likeness="same street", when=similar("street", 0.9), m=0.10, u=0.002),
        Level(likeness="different", when=None, m=0.15, u=0.99),
    ),
)
_ELSEWHERE = Level(  # that the street is another is told: who moves, moves to another town as often as not
    likeness="different, as the street", when=pair.OTHER_STREET, m=0.5, u=0.99, fixed=True, inside="different"
)
PLACE = Field(
    name="place",
    column="postal_code",
    unknown=either(unknown("postal_code"), pair.HOME),  # a home is in one town: it is told with the door
    levels=(
        Level(
            likeness="exact", when=same("postal_town"), m=0.75, u=0.001, term="postal_town", inside="same postal code"
        ),
        Level(likeness="same postal code", when=same("postal_code"), m=0.75, u=0.001, term="postal_code"),
        Level(likeness="same town", when=same("city"), m=0.10, u=0.01, term="city"),
        Level(likeness="similar", when=either(edits("postal_code", 1), similar("city", 0.9)), m=0.05, u=0.01),
        _ELSEWHERE,
        Level(likeness="different", when=None, m=0.10, u=0.98),
    ),
)
TOWN = Field(  # where the postal code of one of them is not known
    name="town",
    column="city",
    unknown=either(unknown("city"), known("postal_code"), pair.HOME),
    levels=(
        Level(likeness="exact", when=same("city"), m=0.80, u=0.01, term="city"),
        Level(likeness="similar", when=similar("city", 0.9), m=0.05, u=0.005),
        _ELSEWHERE,
        Level(likeness="different", when=None, m=0.15, u=0.98),
    ),
)


# People who live together, and colleagues, share what the model takes for so many chances; fathers and sons, twins,
# branches of a chain even more. That evidence is not independent, so these levels take it back.
def _taken_back(likeness: str, when: Condition, weight: float) -> Level:
    return Level(likeness=likeness, when=when, m=weight / 2, u=0.5, fixed=True)


NEIGHBOURS = Field(
    name="others_nearby",
    column="kind",
    unknown=None,
    quiet=True,
    levels=(
        _taken_back("a person and an organisation", pair.OTHER_KIND, APART),
        _taken_back("two people of one household or company", both(pair.OTHER_FIRST, pair.NO_PERSONAL), APART),
        _taken_back("colleagues", pair.COLLEAGUES, APART),
        _taken_back(
            "brothers or sisters born together", both(pair.OTHER_FIRST, pair.SAME_BIRTH, no(pair.TAX_SPEAKS)), APART
        ),
        _taken_back(
            "parent and child of one name, as it says",
            both(pair.OTHER_GENERATION, no(pair.TAX_SPEAKS), no(pair.SAME_BIRTH)),
            APART,
        ),
        _taken_back(
            "parent and child of one name",
            both(pair.OTHER_BIRTH, pair.GENERATION, no(pair.TAX_SPEAKS), no(pair.OWN_EMAIL)),
            APART,
        ),
        _taken_back(
            "parent and child of one name, by the other family name",
            both(pair.OTHER_SECOND, no(pair.TAX_SPEAKS), no(pair.SAME_BIRTH)),
            APART,
        ),
        # Against an e-mail address that is no family's a birth date is a slip more often than a namesake.
        _taken_back("namesakes of two ages", both(pair.OTHER_BIRTH, no(pair.TAX_SPEAKS), no(pair.OWN_EMAIL)), DOUBTED),
        _taken_back("two organisations", both(pair.ORGANISATION, pair.OTHER_COMPANY, no(pair.TAX_SPEAKS)), APART),
        _taken_back("hardly anything said", pair.HARDLY_NAMED, SCANTY),
        _taken_back(
            "one name in one street, other contacts", both(pair.ONE_STREET, pair.OTHER_CONTACT), ANOTHER_NEARBY
        ),
        _taken_back("one name in one street", pair.ONE_STREET, NEARBY),
        Level(likeness="", when=None, m=0.5, u=0.5, fixed=True),
    ),
)
