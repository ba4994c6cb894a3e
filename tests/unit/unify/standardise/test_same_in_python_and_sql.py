"""Every form says the same of a value in Python, for what a person types, and in SQL, for what a table holds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clientela.unify.standardise.address.postal import CITY, COUNTRY, POSTAL_CODE
from clientela.unify.standardise.address.streets import HOUSE, STREET
from clientela.unify.standardise.companies import COMPANY, WHOLE_COMPANY
from clientela.unify.standardise.emails import DETAILS, QUICK
from clientela.unify.standardise.names import FIRST, LAST, LAST_KEY, WHOLE
from clientela.unify.standardise.persons import GENDER, RECORD
from clientela.unify.standardise.phones import quick
from clientela.unify.standardise.tax_numbers import TAX_ID
from clientela.unify.standardise.text import Form, column, folded
from tests.unit.unify.standardise.written import COUNTRIES, WRITTEN, in_sql

FORMS = {
    "first name": FIRST,
    "last name": LAST,
    "key of a last name": LAST_KEY,
    "whole name": WHOLE,
    "company": COMPANY,
    "company in a whole name": WHOLE_COMPANY,
    "house": HOUSE,
    "street": STREET,
    "postal code": POSTAL_CODE,
    "city": CITY,
    "country": COUNTRY,
    "e-mail": QUICK,
    "parts of an e-mail": DETAILS,
    "phone": quick(["ES", "IT", "NL", "GB"]),
    "tax number": TAX_ID,
    "gender": GENDER,
    "record": RECORD,
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_a_form_says_the_same_in_both(form: Form, data: st.DataObject):
    row = st.fixed_dictionaries(
        {name: COUNTRIES if name == "country" and len(form.given) > 1 else st.none() | WRITTEN for name in form.given}
    )
    rows = data.draw(st.lists(row, min_size=1, max_size=25))
    assert in_sql(form, rows) == [form.of(**each) for each in rows]


def test_every_letter_of_europe_folds_alike_in_both():
    blocks = [(1, 0x250), (0x300, 0x500), (0x1E00, 0x1F00), (0x2000, 0x2070), (0x2100, 0x2190), (0xFF00, 0xFF60)]
    rows = [{"x": f"A{chr(code)}b"} for first, last in blocks for code in range(first, last)]
    form = Form(given=("x",), steps=({"y": folded(column("x"))},), gives=("y",))
    assert in_sql(form, rows) == [form.of(**each) for each in rows]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("José  GARCÍA-López", "jose garcia lopez"),
        ("D’Angelo", "dangelo"),
        ("Strauß & Søn", "strauss son"),
        ("Jose\u0301", "jose"),
        ("Łukasz\tŻ", "lukasz z"),
        ("Ｊａｎ", "jan"),
        (" ., ", None),
        ("Ιωάννης", "ιωαννης"),
    ],
)
def test_folding_leaves_small_letters_digits_and_single_spaces(written: str, kept: str | None):
    form = Form(given=("x",), steps=({"y": folded(column("x"))},), gives=("y",))
    assert form.of(x=written) == {"y": kept} == in_sql(form, [{"x": written}])[0]


def test_a_key_that_a_form_would_overwrite_is_refused():
    with pytest.raises(ValueError, match="another name"):
        in_sql(Form(given=("x",), steps=({"place": column("x")},), gives=("place",)), [{"x": "a"}])
