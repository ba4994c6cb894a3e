"""Telephone numbers: the library is the judge, and the quick way never says anything else."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clientela.unify.standardise.phones import USUAL, phone, quick, region
from tests.some import examples
from tests.unit.unify.standardise.written import WRITTEN

QUICK = quick(USUAL)


@pytest.mark.parametrize(
    ("written", "country", "number", "verified"),
    [
        ("600 123 456", "ES", "+34600123456", True),
        ("+34 600-12-34-56", None, "+34600123456", True),
        ("0034600123456", "IT", "+34600123456", True),
        ("34600123456", "ES", "+34600123456", True),
        ("06 6982 1234", "IT", "+390669821234", True),
        ("06-12345679", "NL", "+31612345679", True),
        ("(020) 7946 0958", "GB", "+442079460958", True),
        ("+44 (0)20 7946 0958", "ES", "+442079460958", True),
        ("(212) 456-7890", "US", "+12124567890", True),
        ("600 123 456 ext. 12", "ES", "+34600123456", True),
        ("200 123 456", "ES", "+34200123456", False),  # may exist one day
        ("600 123 456", None, None, False),
        ("600 000 000", "ES", None, False),
        ("123456789", "ES", None, False),
        ("+34 999999999", None, None, False),
        ("12", "ES", None, False),
        ("unknown", "ES", None, False),
        (None, "ES", None, False),
    ],
)
def test_a_number_becomes_what_the_world_dials(
    written: str | None, country: str | None, number: str | None, verified: bool
):
    told = phone(written, country)
    assert (told.number, told.verified) == (number, verified)


def test_placeholders_are_told_from_numbers_that_are_wrong():
    assert [phone(each, "ES").placeholder for each in ["n/a", "000000", "600000000", "12345", "61234567"]] == [
        *(True, True, True, False, False)
    ]


EXAMPLES = [
    (phonenumbers.format_number(number, shape), name)
    for name in USUAL
    for kind in range(11)
    if (number := phonenumbers.example_number_for_type(name, kind)) is not None
    for shape in (0, 1, 2)
]


def agree(written: str, country: str | None) -> bool:
    """Whether the quick way decides, and that it then says what the library says."""
    number = QUICK.of(phone=written, country=country)["number"]
    told = phone(written, country)
    assert number is None or (told.number, told.verified) == (number, True)
    return number is not None


def test_the_quick_way_decides_nearly_all_examples_as_the_library_does():
    decided = [agree(written, country) for written, country in EXAMPLES]
    assert sum(decided) >= 0.95 * len(decided) > 150


@pytest.mark.parametrize("written", ["+49222222", "222222", "+12345678", "+49 2222-22"])
def test_a_placeholder_is_no_number_however_short(written: str):
    assert not any(agree(written, country) for country in (None, "DE"))
    assert phone(written, "DE").placeholder


def test_every_usual_country_has_a_quick_way_and_a_shared_code_has_none():
    assert all(region(name) for name in USUAL)
    assert region("CA") is None
    assert region("XX") is None


NATIONAL = st.from_regex(r"[0-9]{6,12}", fullmatch=True)
PREFIXES = st.sampled_from(
    ["", "", "0", "1", "00", "+", "011", "34", "+34", "0039", "39", "+31", "+310", "+44", "0044", "+1", "+49"]
)


@settings(max_examples=examples(1500), deadline=None)
@given(PREFIXES, NATIONAL, st.sampled_from([None, *USUAL]), st.sampled_from(["", " ", "-", "/", "."]))
def test_the_quick_way_never_contradicts_the_library(prefix: str, digits: str, country: str | None, sign: str):
    agree(prefix + sign + sign.join([digits[:3], digits[3:6], digits[6:]]), country)


@settings(max_examples=examples(500), deadline=None)
@given(st.sampled_from(EXAMPLES), st.integers(0, 9999), PREFIXES, st.sampled_from([None, *USUAL]))
def test_the_quick_way_agrees_near_numbers_that_exist(
    example: tuple[str, str], last: int, prefix: str, country: str | None
):
    near = f"{example[0][:-4]}{last:04d}"
    agree(near, example[1])
    agree(prefix + near.lstrip("+"), country)


@given(WRITTEN, st.sampled_from([None, "XX", "", *USUAL]))
def test_any_text_is_read_without_failing_and_what_is_read_stays(written: str, country: str | None):
    told = phone(written, country)
    if told.number is not None:
        assert phone(told.number, country) == told
    agree(written, country)
