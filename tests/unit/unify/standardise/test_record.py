"""The table ``linkable``: every record there, each field in its form."""

from datetime import date
from typing import Any

import pyarrow as pa
from sqlglot import exp

from clientela.contracts.tables import CONTRACTS
from clientela.unify.standardise import LINKABLE, Standardised, standardise
from clientela.unify.standardise.persons import birth_date
from clientela.warehouse.engine import MAIN, Engine

TODAY = date(2026, 1, 1)
COLUMNS = ("customer_ref", "source", "first_run", *CONTRACTS["customer_record"].names)


def linked(*records: dict[str, Any], threads: int = 1) -> tuple[list[dict[str, Any]], Standardised]:
    """What becomes of records, in the order of their pseudonyms."""
    kinds = {"first_run": pa.int64(), "birth_date": pa.date32()}
    rows = [{"customer_ref": f"r{n:02d}", "source": "crm", "first_run": 1, **each} for n, each in enumerate(records)]
    told = {name: pa.array([each.get(name) for each in rows], kinds.get(name, pa.string())) for name in COLUMNS}
    with Engine.in_memory(threads=threads) as engine:
        engine.register("given", pa.table(told))
        record = exp.table_("record", db="main", catalog=MAIN)
        engine.run(exp.Create(this=record, kind="TABLE", expression=exp.select(*COLUMNS).from_("given")))
        found = standardise(engine, country="ES", today=TODAY)
        assert engine.tables(MAIN) == {"record", "linkable"}, "nothing else is left behind"
        linkable = exp.select(*LINKABLE).from_(exp.table_("linkable", db="main", catalog=MAIN)).order_by("customer_ref")
        return engine.fetch(linkable).to_pylist(), found


def test_a_record_is_standardised_in_every_field():
    [row], _ = linked(
        {
            "first_name": "Sr. Pepe",
            "last_name": "García-López",
            "company": "Acme, S.L.",
            "street": "C/ Mayor 3, 2º A",
            "postal_code": "8001",
            "city": "Barcelona.",
            "country": "Spain",
            "email": "Pepe.Garcia@Acme.es",
            "phone": "600 123 457",
            "birth_date": date(1980, 5, 4),
            "tax_id": "12.345.678-Z",
            "gender": "Hombre",
        }
    )
    assert len(row.pop("content")) == 32
    assert row == {
        "customer_ref": "r00",
        "source": "crm",
        "first_run": 1,
        "kind": "person",
        "first_name": "pepe",
        "first_key": "jose",
        "last_name": "garcia lopez",
        "last_key": "garsi",
        "full_name": "garcia lopez pepe",
        "company": "acme",
        "legal_form": "sl",
        "street": "calle mayor",
        "house_number": "3",
        "postal_code": "08001",
        "city": "barcelona",
        "country": "ES",
        "email": "pepe.garcia@acme.es",
        "email_key": "pepe.garcia@acme.es",
        "email_local": "pepe.garcia",
        "email_domain": "acme.es",
        "email_verified": True,
        "phone": "+34600123457",
        "phone_verified": True,
        "birth_date": date(1980, 5, 4),
        "tax_id": "12345678Z",
        "gender": "m",
        "generation": None,
    }


def test_who_shares_a_name_with_a_parent_or_a_child_says_which_of_both():
    rows, _ = linked(
        {"first_name": "Jan", "last_name": "Jansen jr."},
        {"first_name": "Jan", "last_name": "Jansen Sr"},
        {"full_name": "José García López (hijo)"},
        {"full_name": "Smith Jr., John, PhD"},
        {"first_name": "Junior", "last_name": "Padre"},
    )
    assert [row["generation"] for row in rows] == ["younger", "elder", "younger", "younger", None]
    assert [row["last_name"] for row in rows] == ["jansen", "jansen", "garcia lopez", "smith", "padre"]


def test_who_names_no_country_is_read_in_that_of_the_postal_code():
    dialled = {"first_name": "Kees", "phone": "06 1234 5678"}
    rows, _ = linked(dialled | {"postal_code": "1234ab"}, dialled | {"postal_code": "28001"})
    assert [row["phone"] for row in rows] == ["+31612345678", None]
    assert [row["country"] for row in rows] == [None, None], "it is read so, and not said to be so"


def test_a_record_of_placeholders_is_kept_and_knows_nothing():
    nothing = dict.fromkeys(("first_name", "last_name", "company", "street", "city", "email", "tax_id"), "desconocido")
    [row, empty], found = linked(
        {**nothing, "postal_code": "00000", "phone": "000000", "birth_date": date(1900, 1, 1)}, {}
    )
    known = {name for name, value in row.items() if value not in (None, False)}
    assert known == {"customer_ref", "source", "first_run", "kind", "content"}
    assert row["content"] == empty["content"]
    lost = {*nothing, "postal_code", "phone", "birth_date"}
    assert found.rows == 2
    assert {name for name, number in found.placeholders.items() if number == 1} == lost
    assert sum(found.placeholders.values()) == len(lost)


def test_kind_is_as_given_or_follows_from_the_names():
    rows, _ = linked(
        {"kind": "organisation", "full_name": "Talleres Ruiz"},
        {"company": "Acme SL"},
        {"full_name": "Acme, S.L."},
        {"company": "Acme SL", "full_name": "Acme S.L."},
        {"company": "Acme SL", "full_name": "Ana Ruiz"},
        {"company": "Acme SL", "first_name": "Ana"},
        {"full_name": "João Sá"},
        {},
    )
    assert [(row["kind"], row["company"], row["last_name"]) for row in rows] == [
        ("organisation", "talleres ruiz", None),
        ("organisation", "acme", None),
        ("organisation", "acme", None),
        ("organisation", "acme", None),
        ("person", "acme", "ruiz"),
        ("person", "acme", None),
        ("person", None, "sa"),
        ("person", None, None),
    ]


def test_an_offices_address_stays_with_an_organisation_only():
    rows, found = linked(
        {"first_name": "Ana", "email": "info@acme.es"}, {"company": "Acme SL", "email": "info@acme.es"}
    )
    assert [(row["email"], row["email_domain"], row["email_verified"]) for row in rows] == [
        (None, "acme.es", False),
        ("info@acme.es", "acme.es", False),
    ]
    assert found.roles == 2


def test_figures_tell_placeholders_from_values_that_are_wrong():
    _, found = linked(
        {"email": "ana@@acme.es", "phone": "12"},
        {"email": "no@no.com", "phone": "600000000"},
        {"email": " ", "phone": ""},
    )
    assert found.invalid == {"email": 1, "phone": 1}
    assert (found.placeholders["email"], found.placeholders["phone"]) == (1, 1)


def test_numbers_and_codes_are_read_in_the_records_country_else_in_the_companys():
    rows, _ = linked(
        {"phone": "06 12345679", "country": "NL", "postal_code": "1234ab"},
        {"phone": "600123457", "postal_code": "8001"},
    )
    assert [(row["phone"], row["postal_code"], row["country"]) for row in rows] == [
        ("+31612345679", "1234 AB", "NL"),
        ("+34600123457", "08001", None),
    ]


def test_the_same_comes_out_in_any_order_and_with_any_number_of_threads():
    people = [{"first_name": f"Ana{n}", "phone": f"60012{n:04d}", "email": f"a{n}@x.es"} for n in range(50)]
    rows, _ = linked(*people)
    turned, _ = linked(*reversed(people), threads=2)
    assert [row["content"] for row in rows] == [row["content"] for row in reversed(turned)]


def test_no_record_at_all_leaves_an_empty_table():
    rows, found = linked()
    assert (rows, found.rows, sum(found.placeholders.values())) == ([], 0, 0)


def test_a_day_of_birth_is_refused_when_it_stands_for_none():
    days = [date(1980, 5, 4), date(1970, 1, 1), date(1900, 1, 1), date(2026, 1, 2), date(1905, 1, 1), TODAY]
    kept = [days[0], None, None, None, None, TODAY]
    assert [birth_date(day, TODAY) for day in days] == kept
    rows, _ = linked(*({"birth_date": day} for day in days))
    assert [row["birth_date"] for row in rows] == kept
