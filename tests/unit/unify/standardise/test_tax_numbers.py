"""Tax numbers: one form, and none thrown away that is not known."""

import pytest
from hypothesis import given

from clientela.unify.standardise.tax_numbers import TAX_ID
from tests.unit.unify.standardise.written import COUNTRIES, WRITTEN


@pytest.mark.parametrize(
    ("written", "country", "kept"),
    [
        ("12.345.678-z", "ES", "12345678Z"),
        ("ES-12345678Z", None, "12345678Z"),
        ("ESB12345674", "ES", "B12345674"),
        ("NIF: B12345674", "ES", "B12345674"),
        ("1234567L", "ES", "01234567L"),
        ("X1234567L", "ES", "X1234567L"),
        ("IT 00743110157", "IT", "00743110157"),
        ("rssmra80a01h501u", "IT", "RSSMRA80A01H501U"),
        ("NL123456782B01", "NL", "123456782B01"),
        ("1234.56.782", "NL", "123456782"),
        ("11222333", "NL", "011222333"),
        ("VAT GB 973 2456 82", "GB", "973245682"),
        ("QQ 12 34 56 C", "GB", "QQ123456C"),
        ("078-05-1120", "US", "078051120"),
        ("DE136695976", None, "136695976"),
        ("5304218", "AU", "5304218"),
        ("ZZ-99/A-17", None, "ZZ99A17"),
        ("00000000T", "ES", None),
        ("123456789", None, None),
        ("111111111", None, None),
        ("pendiente", "ES", None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_a_tax_number_is_letters_and_digits_without_what_its_form_tells(
    written: str | None, country: str | None, kept: str | None
):
    assert TAX_ID.of(tax_id=written, country=country)["tax_id"] == kept


@given(WRITTEN, COUNTRIES)
def test_a_standard_tax_number_stays_as_it_is(written: str, country: str | None):
    number = TAX_ID.of(tax_id=written, country=country)["tax_id"]
    assert TAX_ID.of(tax_id=number, country=country)["tax_id"] == number
