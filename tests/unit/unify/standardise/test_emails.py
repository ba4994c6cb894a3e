"""E-mail addresses: the library is the judge, and the pattern never takes what it refuses."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clientela.unify.standardise.emails import QUICK, checked, email
from tests.some import examples
from tests.unit.unify.standardise.written import WRITTEN


@pytest.mark.parametrize(
    ("written", "address", "key", "domain"),
    [
        (" Ana.Garcia+shop@GMAIL.com ", "ana.garcia+shop@gmail.com", "anagarcia@gmail.com", None),
        ("ana@googlemail.com", "ana@googlemail.com", "ana@gmail.com", None),
        ("ana.ruiz@acme.es", "ana.ruiz@acme.es", "ana.ruiz@acme.es", "acme.es"),
        ("<ana@acme.es>", "ana@acme.es", "ana@acme.es", "acme.es"),
        ("mailto:ana@acme.co.uk", "ana@acme.co.uk", "ana@acme.co.uk", "acme.co.uk"),
        ("josé@acme.es", "josé@acme.es", "josé@acme.es", "acme.es"),
        ("ana@hotmail.es", "ana@hotmail.es", "ana@hotmail.es", None),
        ("ana@libero.it", "ana@libero.it", "ana@libero.it", None),
        ("ana@@acme.es", None, None, None),
        ("ana@localhost", None, None, None),
        ("ana@acme.test", None, None, None),
        ("", None, None, None),
        (None, None, None, None),
    ],
)
def test_an_address_is_in_small_letters_with_its_parts(
    written: str | None, address: str | None, key: str | None, domain: str | None
):
    told = email(written)
    assert (told.address, told.key, told.domain, told.placeholder) == (address, key, domain, False)


@pytest.mark.parametrize(
    "written",
    [
        *("no@no.com", "test@test.com", "a@a.aa", "noemail@acme.es", "sincorreo@acme.es", "nessuna@acme.it"),
        *("geen@acme.nl", "xxx@acme.es", "n/a", "unknown", "no tiene", "onbekend"),
    ],
)
def test_placeholders_are_no_addresses(written: str):
    told = email(written)
    assert (told.address, told.placeholder) == (None, True)


@pytest.mark.parametrize(
    "local",
    ["info", "sales", "noreply", "ventas", "ventas2", "administracion", "receptie", "segreteria", "info.madrid"],
)
def test_an_office_is_no_person(local: str):
    assert email(f"{local}@acme.es").role


def test_a_person_is_no_office():
    assert not any(email(f"{local}@acme.es").role for local in ["ana", "infante", "salesa", "p.ventas", "direk"])


LOCAL = st.from_regex(r"[A-Za-z0-9._+\-]{1,70}", fullmatch=True)
DOMAIN = st.from_regex(r"[A-Za-z0-9.\-]{1,30}\.([a-z]{1,6}|test|local|example|onion|arpa)", fullmatch=True)


@settings(max_examples=examples(800), deadline=None)
@given(LOCAL, DOMAIN)
def test_what_the_pattern_takes_the_library_takes_and_writes_alike(local: str, domain: str):
    told = QUICK.of(email=f"{local}@{domain}")
    assert told["address"] is None or told["address"] == checked(told["trimmed"])


@given(WRITTEN)
def test_any_text_is_read_without_failing(written: str):
    assert email(written).address is None or "@" in str(email(written).address)


@given(st.emails())
def test_a_standard_address_stays_as_it_is(written: str):
    told = email(written)
    if told.address is not None and told.address.isascii():
        assert email(told.address) == told
