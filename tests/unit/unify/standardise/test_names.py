"""Names of four languages: folded, parted, and with keys that forgive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.unify.standardise.names import FIRST, LAST, LAST_KEY, WHOLE, first_key
from clientela.unify.standardise.nicknames import LANGUAGES, NAME_OF
from tests.unit.unify.standardise.written import COUNTRIES, WRITTEN


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Dr. José", "jose"),
        ("D. Juan", "juan"),
        ("J. R.", "j r"),
        ("Sig.ra Maria", "maria"),
        ("Dhr. Kees", "kees"),
        ("Mrs Mary-Ann", "mary ann"),
        ("Don", "don"),
        ("unknown", None),
        ("Desconocido", None),
        ("sconosciuta", None),
        ("Onbekend", None),
        ("N/A", None),
        ("xxx", None),
        ("-", None),
        ("asdf", None),
        ("12345", None),
        ("", None),
        (None, None),
    ],
)
def test_given_names_lose_titles_and_placeholders_become_none(written: str | None, kept: str | None):
    assert FIRST.of(first_name=written)["first_name"] == kept


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("O'Brien", "obrien"),
        ("Berg, van der", "van der berg"),
        ("Van den Heuvel", "van den heuvel"),
        ("García-López", "garcia lopez"),
        ("De Luca", "de luca"),
        ("Smith Jr.", "smith"),
        ("test", None),
    ],
)
def test_family_names_keep_their_particles(written: str, kept: str | None):
    assert LAST.of(last_name=written)["last_name"] == kept


@pytest.mark.parametrize(
    ("written", "country", "given_name", "family_name"),
    [
        ("García López, Ana", "ES", "ana", "garcia lopez"),
        ("Ana García López", "ES", "ana", "garcia lopez"),
        ("José Antonio García", "ES", "jose antonio", "garcia"),
        ("María del Carmen Ruiz de la Torre", "ES", "maria del carmen", "ruiz de la torre"),
        ("Juan Pablo Pérez Gómez", "ES", "juan pablo", "perez gomez"),
        ("Jan van der Berg", "NL", "jan", "van der berg"),
        ("Dhr. J. de Vries", "NL", "j", "de vries"),
        ("Gianni De Luca", "IT", "gianni", "de luca"),
        ("Dott.ssa Anna Maria Rossi", "IT", "anna maria", "rossi"),
        ("John Michael Smith", "GB", "john michael", "smith"),
        ("Mary O'Brien", "IE", "mary", "obrien"),
        ("John Smith, PhD", "US", "john", "smith"),
        ("Don Smith", "US", "don", "smith"),
        ("Madonna", "US", None, None),
        ("unknown", None, None, None),
    ],
)
def test_a_whole_name_is_parted(written: str, country: str | None, given_name: str | None, family_name: str | None):
    told = WHOLE.of(full_name=written, country=country)
    assert (told["given"], told["family"]) == (given_name, family_name)


def test_what_is_known_of_a_name_helps_to_part_it():
    assert WHOLE.of(full_name="Ana Belén Ruiz", first_name="Ana Belén")["family"] == "ruiz"
    assert WHOLE.of(full_name="Ana Ruiz", last_name="Ruiz")["given"] == "ana"


@pytest.mark.parametrize(
    ("short", "country", "name"),
    [
        ("pepe", "ES", "jose"),
        ("paco", "ES", "francisco"),
        ("lola", "ES", "dolores"),
        ("concha", "MX", "concepcion"),
        ("pepe luis", "ES", "jose luis"),
        ("maricarmen", "ES", "maria carmen"),
        ("maria del carmen", "ES", "maria carmen"),
        ("gianni", "IT", "giovanni"),
        ("beppe", "IT", "giuseppe"),
        ("jan", "NL", "johannes"),
        ("kees", "NL", "cornelis"),
        ("bob", "GB", "robert"),
        ("robert j", "US", "robert"),
        ("pepe", None, "jose"),
        ("jan", None, "jan"),  # Johannes, or Janet
        ("alex", "ES", "alejandro"),
        ("alex", "IT", "alessandro"),
        ("alex", None, "alex"),
        ("lucia", "IT", "lucia"),
    ],
)
def test_a_short_form_leads_to_its_name_in_the_language_of_the_country(short: str, country: str | None, name: str):
    assert first_key(short, country) == name


def test_there_are_hundreds_of_forms_and_none_leads_on():
    for names in NAME_OF.values():
        assert len(names) >= 300
        assert not set(names) & set(names.values())
    assert all(name.isascii() and name == name.lower() for names in NAME_OF.values() for name in names)


def test_a_name_in_two_languages_is_two_names():
    found = {first_key(name, land) for name, land in [("jose", "ES"), ("giuseppe", "IT"), ("joseph", "GB")]}
    assert found == {"jose", "giuseppe", "joseph"}
    assert set(LANGUAGES) == {"en", "es", "it", "nl"}


@pytest.mark.parametrize(
    "alike",
    [
        ("Meijer", "Meyer", "Meier"),
        ("Jiménez", "Giménez", "Ximenez", "Jimenes"),
        ("Vázquez", "Bazques"),
        ("Hernández", "Ernandez"),
        ("Schmidt", "Schmitt", "Smid"),
        ("Hendriks", "Hendrickx", "Hendrix"),
        ("Janssen", "Jansen"),
        ("van der Berg", "v.d. Berg", "Vanderberg"),
        ("De Luca", "Deluca", "Delucca"),
        ("McDonald", "Mac Donald"),
        ("O'Brien", "O Brien", "Obrien"),
        ("García López", "Garcia", "Garzia"),
    ],
)
def test_spellings_of_one_family_name_have_one_key(alike: tuple[str, ...]):
    assert len({LAST_KEY.of(**LAST.of(last_name=each))["last_key"] for each in alike}) == 1


def test_different_family_names_keep_different_keys():
    names = ["Rossi", "Russo", "Rosso", "García", "Gómez", "de Vries", "de Boer", "Smith", "Jones", "Иванов"]
    assert len({LAST_KEY.of(**LAST.of(last_name=each))["last_key"] for each in names}) >= len(names) - 1


@given(WRITTEN)
def test_a_standard_name_stays_as_it_is(written: str):
    first = FIRST.of(first_name=written)["first_name"]
    last = LAST.of(last_name=written)["last_name"]
    assert LAST.of(last_name=last)["last_name"] == last
    assert FIRST.of(first_name=first)["first_name"] == first


@given(WRITTEN, COUNTRIES)
def test_a_key_of_a_key_is_the_key(written: str, country: str | None):
    key = first_key(FIRST.of(first_name=written)["first_name"], country)
    assert first_key(key, country) == key


@given(st.sampled_from(sorted(NAME_OF["es"])), COUNTRIES)
def test_every_form_has_a_key(form: str, country: str | None):
    assert first_key(form, country)
