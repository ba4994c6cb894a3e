"""What a person typed, in every form in which the tables may hold it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from clientela.capture.suppression import identifiers as ids
from clientela.unify.standardise.companies import COMPANY
from clientela.unify.standardise.emails import email
from clientela.unify.standardise.names import WHOLE
from clientela.unify.standardise.phones import phone
from clientela.unify.standardise.tax_numbers import TAX_ID

LONGEST = 500
_BITS = 60  # of a pseudonym, that make a customer's number
_DIALLED = re.compile(r"\+?[0-9 ()./\-]{6,30}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What a value may be: a customer's number, a key, and the standard forms under which ``identifier`` has it.

    ``digits``: of what may be a telephone number, also where nobody knows from which country.
    """

    number: int | None
    key: str
    tax_id: str | None = None
    email: str | None = None
    phone: str | None = None
    digits: str | None = None
    names: tuple[str, ...] = ()

    @property
    def forms(self) -> tuple[tuple[str, str], ...]:
        """Kind and value as the table ``identifier`` has them."""
        said = (("tax number", self.tax_id), ("e-mail", self.email), ("phone", self.phone))
        return (*((kind, form) for kind, form in said if form), *(("name", each) for each in self.names))


def typed(value: str, *, country: str | None = None) -> Typed | None:
    """The forms of a value, dialled and written as in a country; None when it says nothing.

    Examples
    --------
    >>> typed("Ana García").names, typed("600 123 456", country="ES").phone
    (('ana garcia',), '+34600123456')
    >>> typed("  "), typed("5124095576030430").number
    (None, 5124095576030430)
    """
    readable = value.encode(errors="replace").decode()  # a byte that is no letter comes from a shell as half of a sign
    plain = " ".join(readable.replace("\0", " ").split())[:LONGEST]
    if not plain:
        return None
    dialled = _DIALLED.fullmatch(plain) is not None
    digits = re.sub("[^0-9]", "", plain) if dialled else ""
    return Typed(
        number=_number(plain),
        key=plain,
        tax_id=TAX_ID.of(tax_id=plain, country=country)["tax_id"] if ids.tax_id(plain) else None,
        email=email(plain).address if "@" in plain else None,
        phone=phone(plain, country).number if dialled else None,
        digits=digits if len(digits) >= 6 else None,
        names=_names(plain, country) if _may_be_a_name(plain) else (),
    )


def _number(plain: str) -> int | None:
    """A customer's number, if it may be one."""
    if not (plain.isascii() and plain.isdigit() and len(plain) < 20):
        return None
    number = int(plain)
    return number if number < 2**_BITS else None


def _may_be_a_name(plain: str) -> bool:
    """Whether it is more letters than digits, and no address."""
    return "@" not in plain and sum(map(str.isalpha, plain)) > sum(map(str.isdigit, plain))


def _names(plain: str, country: str | None) -> tuple[str, ...]:
    """The name as a person's (its words in order) and as a company's."""
    person = WHOLE.of(full_name=plain, country=country)["full"]
    company = COMPANY.of(company=plain)["company"]
    both = (" ".join(sorted(person.split())) if person else None, company)
    return tuple(dict.fromkeys(each for each in both if each))
