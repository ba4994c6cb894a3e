"""Telephone numbers as the world dials them (E.164); the library phonenumbers is the judge.

Most numbers need no judge: what the library's own rules for a country say of a national number is one pattern, and what
fits it in SQL is valid. Every other distinct value is put to the library.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from clientela.unify.standardise.placeholders import PHONE_COUNTS, PHONE_ENDS, SAME_DIGITS, phone_says_nothing
from clientela.unify.standardise.text import (
    Form,
    Text,
    Truth,
    begins,
    both,
    choose,
    column,
    constant,
    either,
    fits,
    is_long,
    is_there,
    joined,
    no,
    rest,
    same,
)

USUAL = ("ES", "IT", "NL", "GB", "US", "DE", "FR", "PT")
MOST_REGIONS = 30
_KINDS = (
    *("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan"),
    "voicemail",
)


@dataclass(frozen=True, slots=True)
class Phone:
    """What was read: a number that can exist, or none; whether it is one in force; whether it was a placeholder."""

    number: str | None
    verified: bool = False
    placeholder: bool = False


Lengths = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """How numbers of a region are dialled, as far as patterns can say.

    ``kinds``: for each set of lengths the pattern of numbers in force. A national number that begins with one of
    ``read_otherwise`` may mean another number.
    """

    name: str
    code: str  # of the country
    abroad: str  # dialled before another country's code
    trunk: str  # dialled before a national number, or nothing
    read_otherwise: tuple[str, ...]
    longest: int
    any_kind: tuple[Lengths, str]
    kinds: tuple[tuple[Lengths, str], ...]


def phone(said: str | None, country: str | None) -> Phone:
    """What the library says of a number as written, dialled from a country.

    Examples
    --------
    >>> phone("600 123 456", "ES")
    Phone(number='+34600123456', verified=True, placeholder=False)
    >>> phone("600 000 000", "ES").placeholder, phone("12", "ES").number
    (True, None)
    """
    import phonenumbers

    if said is None or not any(each.isdigit() for each in said):
        return Phone(None, placeholder=True)
    nothing = phone_says_nothing(re.sub("[^0-9]", "", said))
    try:
        number = phonenumbers.parse(said, country)
    except phonenumbers.NumberParseException:
        return Phone(None, placeholder=nothing)
    if nothing or phone_says_nothing(phonenumbers.national_significant_number(number)):
        return Phone(None, placeholder=True)
    if not phonenumbers.is_possible_number(number):
        return Phone(None)
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Phone(written, verified=phonenumbers.is_valid_number(number))


@cache
def region(name: str) -> Region | None:
    """How numbers of a region are dialled; None where a pattern cannot say it, and the library has to be asked."""
    import phonenumbers

    told: Any = phonenumbers.PhoneMetadata.metadata_for_region(name)
    if told is None:
        return None
    first = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[told.country_code][0]
    trunk = told.national_prefix_for_parsing or ""
    plain = re.fullmatch(r"[0-9|]*", trunk) and re.fullmatch("[0-9]+", told.international_prefix or "")
    if first != name or not plain or told.national_prefix_transform_rule or told.leading_digits:
        return None
    others = tuple(each for each in trunk.split("|") if each)
    kinds: dict[Lengths, list[str]] = {}
    for each in _KINDS:
        kind = getattr(told, each)
        if kind and kind.national_number_pattern:
            kinds.setdefault(kind.possible_length, []).append(kind.national_number_pattern)
    every = told.general_desc
    return Region(
        name=name,
        code=str(told.country_code),
        abroad=told.international_prefix,
        trunk=others[0] if others else "",
        read_otherwise=others,
        longest=max(every.possible_length),
        any_kind=(every.possible_length, _ascii(every.national_number_pattern)),
        kinds=tuple((lengths, "|".join(map(_ascii, patterns))) for lengths, patterns in kinds.items()),
    )


def quick(regions: Collection[str]) -> Form:
    """The form that decides the plain cases among numbers dialled from these regions: E.164, or nothing if unsure."""
    names = sorted({*regions, *USUAL}, key=lambda name: (name not in USUAL, name))
    known = [each for name in names[:MOST_REGIONS] if (each := region(name)) is not None]
    return Form(
        given=("phone", "country"),
        steps=(
            {"dialled": column("phone").sub(_BETWEEN)},
            {"dialled": choose((both(fits(_dialled, _NUMBER), no(fits(_dialled, _SAYS_NOTHING))), _dialled))},
            {"world": choose((fits(_dialled, "^[+]"), _dialled), *(arm for each in known for arm in _from(each)))},
            {"national": choose(*(arm for each in known for arm in _without_trunk(each)))},
            {"number": choose(*((_in_force(each), joined(constant(f"+{each.code}"), _national)) for each in known))},
        ),
        gives=("number",),
    )


_BETWEEN = "[ ./()-]+"  # what people put between digits, and the library leaves out
_NUMBER = "^[+]?[0-9]{5,17}$"
_COUNTS = f"{PHONE_COUNTS}|{SAME_DIGITS}"
_SAYS_NOTHING = "|".join((PHONE_ENDS, _COUNTS.replace("^", "^[+]?")))
_dialled, _world, _national = column("dialled"), column("world"), column("national")


def _from(each: Region) -> tuple[tuple[Truth, Text], ...]:
    """A number without a plus as dialled from a region, made international."""
    here = same(column("country"), constant(each.name))
    too_long = f"^{each.code}[0-9]{{{each.longest - len(each.code) + 1},}}$"
    return (
        (
            both(here, begins(_dialled, constant(each.abroad))),
            joined(constant("+"), rest(_dialled, constant(each.abroad))),
        ),
        (both(here, fits(_dialled, too_long)), joined(constant("+"), _dialled)),
        (both(here, is_there(_dialled)), joined(constant(f"+{each.code}"), _dialled)),
    )


def _without_trunk(each: Region) -> tuple[tuple[Truth, Text], ...]:
    prefix, trunk = constant(f"+{each.code}"), constant(f"+{each.code}{each.trunk}")
    arms = ((begins(_world, prefix), rest(_world, prefix)),)
    return ((begins(_world, trunk), rest(_world, trunk)), *arms) if each.trunk else arms


def _in_force(each: Region) -> Truth:
    """Whether the library would say so, for all that begins with the code of the region."""
    otherwise = [begins(_national, constant(start)) for start in each.read_otherwise]
    return both(
        begins(_world, constant(f"+{each.code}")),
        _of_kind(each.any_kind),
        either(*map(_of_kind, each.kinds)),
        *(no(truth) for truth in otherwise),
        no(fits(_national, _COUNTS)),
    )


def _of_kind(kind: tuple[Lengths, str]) -> Truth:
    lengths, pattern = kind
    return both(is_long(_national, lengths), fits(_national, f"^(?:{pattern})$"))


def _ascii(pattern: str) -> str:
    return pattern.replace(r"\d", "[0-9]")
