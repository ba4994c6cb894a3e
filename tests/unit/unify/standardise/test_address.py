"""Addresses of several countries."""

import pytest
from hypothesis import example, given

from clientela.unify.standardise.address.postal import CITY, COUNTRY, POSTAL_CODE
from clientela.unify.standardise.address.streets import HOUSE, STREET
from tests.unit.unify.standardise.written import COUNTRIES, WRITTEN


def street(written: str | None, country: str | None) -> tuple[str | None, str | None]:
    house = HOUSE.of(street=written, country=country)
    return STREET.of(name=house["name"], country=country)["street"], house["house_number"]


@pytest.mark.parametrize(
    ("written", "country", "name", "number"),
    [
        ("C/ Mayor, 12, 3º B", "ES", "calle mayor", "12"),
        ("Calle de la Princesa nº 5", "ES", "calle princesa", "5"),
        ("Avda. de América s/n", "ES", "avenida america", None),
        ("Pza. Sta. Ana 2 bis", "ES", "plaza santa ana", "2"),
        ("Calle 2 de Mayo 14", "ES", "calle 2 mayo", "14"),
        ("Via Roma, 12/3", "IT", "via roma", "12"),
        ("V.le Europa 4", "IT", "viale europa", "4"),
        ("P.zza S. Marco 1", "IT", "piazza san marco", "1"),
        ("C.so Garibaldi 10 int. 3", "IT", "corso garibaldi", "10"),
        ("Via 4 Novembre 12", "IT", "via 4 novembre", "12"),
        ("Kerkstr. 12-a", "NL", "kerkstraat", "12"),
        ("Kerkstraat 12 II", "NL", "kerkstraat", "12"),
        ("Oranjepln. 4", "NL", "oranjeplein", "4"),
        ("Nieuwe Veldwg. 10", "NL", "nieuwe veldweg", "10"),
        ("Pº de la Castellana, 3", "ES", "paseo castellana", "3"),
        ("Burg. van Tuyllaan 3hs", "NL", "burgemeester van tuyllaan", "3"),
        ("12 High St", "GB", "high street", "12"),
        ("Flat 3, 12 High Street", "GB", "high street", "12"),
        ("221B Baker St.", "GB", "baker street", "221"),
        ("St James Rd 5", "GB", "saint james road", "5"),
        ("123 N Main St Apt 4", "US", "n main street", "123"),
        ("Hauptstr. 5", "DE", "hauptstrasse", "5"),
        ("12 rue de la Paix", "FR", "rue paix", "12"),
        ("5 High Rd", None, "high road", "5"),
        ("unknown", "ES", None, None),
        ("-", "ES", None, None),
        (None, "ES", None, None),
    ],
)
def test_a_street_has_one_spelling_and_its_number_apart(
    written: str | None, country: str | None, name: str | None, number: str | None
):
    assert street(written, country) == (name, number)


@pytest.mark.parametrize(
    ("written", "country", "kept"),
    [
        ("8001", "ES", "08001"),
        ("E-28001", "ES", "28001"),
        ("28001.0", "ES", "28001"),
        ("100", "IT", "00100"),
        ("I-20121", "IT", "20121"),
        ("1234ab", "NL", "1234 AB"),
        ("NL-1234 AB", "NL", "1234 AB"),
        ("1234 AB", None, "1234 AB"),
        ("sw1a1aa", "GB", "SW1A 1AA"),
        ("M1 1ae", None, "M1 1AE"),
        ("94105-6789", "US", "94105"),
        ("3816BW", "ES", "3816 BW"),
        ("SW52HU", "ES", "SW5 2HU"),
        ("2134", "US", "02134"),
        ("2000-123", "PT", "2000-123"),
        ("D-10115", "DE", "10115"),
        ("2600", "AU", "2600"),
        ("ABC", "ES", None),
        ("28 01", "ES", "02801"),
        ("00000", "ES", None),
        ("99999", "IT", None),
        ("12345", "ES", None),
        ("0000AA", "NL", None),
        ("desconocido", "ES", None),
        ("", "ES", None),
        (None, "ES", None),
    ],
)
def test_a_postal_code_has_its_countrys_form(written: str | None, country: str | None, kept: str | None):
    assert POSTAL_CODE.of(postal_code=written, country=country)["postal_code"] == kept


def test_countries_become_codes_and_towns_fold():
    written = ["ES", "es", "Spain", "España", "UK", "U.S.A.", "Paesi Bassi", "NLD", "Wakanda", None]
    codes = ["ES", "ES", "ES", "ES", "GB", "US", "NL", "NL", None, None]
    assert [COUNTRY.of(country=each)["country"] for each in written] == codes
    towns = ["'s-Gravenhage", "St. Albans", "Milan", "L’Hospitalet", "onbekend"]
    assert [CITY.of(city=each)["city"] for each in towns] == ["den haag", "saint albans", "milano", "lhospitalet", None]


@given(WRITTEN, COUNTRIES)
@example("NA¢", None)
def test_a_standard_postal_code_stays_as_it_is(written: str, country: str | None):
    code = POSTAL_CODE.of(postal_code=written, country=country)["postal_code"]
    assert POSTAL_CODE.of(postal_code=code, country=country)["postal_code"] == code


@given(WRITTEN)
def test_a_standard_town_or_country_stays_as_it_is(written: str):
    city, country = CITY.of(city=written)["city"], COUNTRY.of(country=written)["country"]
    assert CITY.of(city=city)["city"] == city
    assert COUNTRY.of(country=country)["country"] == country


@given(WRITTEN, COUNTRIES)
def test_reading_a_street_never_fails(written: str, country: str | None):
    name, number = street(written, country)
    assert number is None or number.isdigit()
    assert name is None or name == name.strip()
