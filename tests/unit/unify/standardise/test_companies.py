"""Companies: the legal form apart, "and" alike in every language."""

import pytest
from hypothesis import given

from clientela.unify.standardise.companies import COMPANY, WHOLE_COMPANY
from tests.unit.unify.standardise.written import WRITTEN


@pytest.mark.parametrize(
    ("written", "name", "legal_form"),
    [
        ("Construcciones García y Hijos, S.L.", "construcciones garcia hijos", "sl"),
        ("Talleres Ruiz SLU", "talleres ruiz", "slu"),
        ("Aceros del Norte, Sociedad Anónima", "aceros del norte", "sa"),
        ("Rossi S.p.A.", "rossi", "spa"),
        ("F.lli Bianchi S.n.c.", "f lli bianchi", "snc"),
        ("Verdi e Neri s.r.l.", "verdi neri", "srl"),
        ("Bakker en Zn. B.V.", "bakker zn", "bv"),
        ("De Groot V.O.F.", "de groot", "vof"),
        ("Philips N.V.", "philips", "nv"),
        ("Smith & Sons Ltd.", "smith sons", "ltd"),
        ("Smith and Sons Limited", "smith sons", "ltd"),
        ("Acme Co., Ltd", "acme", "ltd"),
        ("Big Shop PLC", "big shop", "plc"),
        ("Acme Inc.", "acme", "inc"),
        ("Acme, L.L.C.", "acme", "llc"),
        ("Müller GmbH & Co. KG", "muller", "gmbh co kg"),
        ("Dupont S.A.R.L.", "dupont", "sarl"),
        ("Silva Lda", "silva", "lda"),
        ("S.L.", "s l", None),
        ("particular", None, None),
        ("Geen", None, None),
        ("n/a", None, None),
        ("1234", None, None),
        (None, None, None),
    ],
)
def test_a_company_is_its_name_and_its_legal_form(written: str | None, name: str | None, legal_form: str | None):
    assert COMPANY.of(company=written) == {"company": name, "legal_form": legal_form}


@pytest.mark.parametrize(
    ("written", "legal_form"),
    [("Ruiz e Hijos, S.L.", "sl"), ("Acme GmbH", "gmbh"), ("João Sá", None), ("Ana Ruiz", None)],
)
def test_a_whole_name_is_a_companys_only_where_the_legal_form_is_sure(written: str, legal_form: str | None):
    assert WHOLE_COMPANY.of(company=written)["sure_form"] == legal_form


@given(WRITTEN)
def test_a_standard_company_stays_as_it_is(written: str):
    name = COMPANY.of(company=written)["company"]
    assert COMPANY.of(company=name)["company"] == name
