"""The fields of a customer: which of them move together, which values are none, and when two are one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from clientela.contracts.delivered.people import CUSTOMER_RECORD
from clientela.contracts.derived.people import CUSTOMER
from clientela.contracts.schema import Type
from clientela.errors import ConfigurationError, did_you_mean

Rule = Literal["source priority", "freshest", "most complete"]
NAME, ADDRESS, WORK = "name", "address", "company"
TAX_NUMBER_FITS = "tax_id_fits"  # a tax number is verified by its form


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column of ``customer``.

    ``group``: fields of one group come from one record; a field that stands alone is a group of its own.
    ``told_by``: the columns of ``linkable`` that are all null where the value is a placeholder or cannot be read.
    ``by_words``: a placeholder has to be told by its own words, as ``linkable`` has no such column, or may have taken
    it from another field. ``same_by``: the columns of ``linkable`` in which two spellings of one value are equal.
    ``verified_by``: what says that the value is verified. ``else_by``: the one that stands in where the record
    says nothing.
    """

    name: str
    group: str
    told_by: tuple[str, ...] = ()
    same_by: tuple[str, ...] = ()
    verified_by: str | None = None
    else_by: str | None = None
    by_words: bool = False

    @property
    def is_text(self) -> bool:
        """Whether the longer of two values may be the more complete."""
        return CUSTOMER_RECORD.column(self.name).type is Type.TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Survivorship:
    """What decides between values: the systems believed most first, and the rule that goes first for a field instead.

    Raises
    ------
    ConfigurationError
        ``instead`` names no field, or one that moves with others.
    """

    believe: tuple[str, ...] = ()
    instead: Mapping[str, Rule] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems = [_unknown(name) for name in self.instead if name not in GROUPS]
        if problems:
            raise ConfigurationError(f"clientela.toml cannot be used: {'; '.join(problems)}", problems=problems)


def _standard(name: str, *, group: str = "", verified_by: str | None = None, by_words: bool = False) -> Field:
    """A field that ``linkable`` has in a form that can be compared."""
    return Field(
        name=name,
        group=group or name,
        told_by=_TOLD_BY.get(name, (name,)),
        same_by=_SAME_BY.get(name, (name,)),
        verified_by=verified_by,
        by_words=by_words,
    )


def _plain(name: str, *, group: str = "") -> Field:
    """A field that only the record has."""
    return Field(name=name, group=group or name, by_words=CUSTOMER_RECORD.column(name).type is Type.TEXT)


_SAME_BY = {"street": ("street", "house_number")}
# the address of an office (info@) names nobody, but it is one: of it, linkable keeps the domain
_TOLD_BY = {"street": ("street", "house_number"), "email": ("email", "email_domain")}
FIELDS: tuple[Field, ...] = (
    Field(name="kind", group="kind", else_by="kind"),
    _standard("full_name", group=NAME, by_words=True),
    _standard("first_name", group=NAME, by_words=True),
    _standard("last_name", group=NAME, by_words=True),
    _standard("company", group=WORK, by_words=True),
    _plain("job_title", group=WORK),
    _standard("street", group=ADDRESS),
    _standard("postal_code", group=ADDRESS),
    _standard("city", group=ADDRESS),
    _plain("district", group=ADDRESS),
    _plain("region", group=ADDRESS),
    _standard("country", group=ADDRESS),
    _standard("email", verified_by="email_verified"),
    _standard("phone", verified_by="phone_verified"),
    _standard("gender"),
    _standard("birth_date"),
    _plain("nationality"),
    _standard("tax_id", verified_by=TAX_NUMBER_FITS),
    _plain("language"),
    _plain("sector"),
    _plain("payment_terms_days"),
    _plain("credit_limit"),
)
GROUPS: Mapping[str, tuple[Field, ...]] = {
    name: tuple(each for each in FIELDS if each.group == name) for name in dict.fromkeys(each.group for each in FIELDS)
}
assert {each.name for each in FIELDS} < set(CUSTOMER.names)  # noqa: S101 - a promise of two files to each other


def _unknown(name: str) -> str:
    together = next((each.group for each in FIELDS if each.name == name), None)
    if together:
        return f"[identity] survivorship: '{name}' moves with the rest of the {together}; write {together} instead"
    return f"[identity] survivorship: unknown field '{name}'; {did_you_mean(name, GROUPS)}"
