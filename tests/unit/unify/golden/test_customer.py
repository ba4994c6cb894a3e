"""Each customer once: of every field the value that stands best."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from clientela.contracts.derived.people import CUSTOMER
from clientela.errors import ConfigurationError
from clientela.unify.golden import members
from clientela.unify.golden.customer import customer
from clientela.unify.golden.fields import FIELDS, Survivorship
from clientela.unify.golden.lineage import customer_lineage
from clientela.unify.golden.members import TOGETHER, published, write
from clientela.unify.golden.standing import write_placed
from clientela.warehouse.physical import all_columns, shape_breaches
from tests.unit.unify.golden.people import People, Row, shown, table

PLAIN = Survivorship()


def golden(records: str, *names: str, rules: Survivorship = PLAIN, keys: Sequence[Row] = ()) -> list[Row]:
    people = People(table(records), keys=keys, rules=rules)
    return shown(people, customer(), "who", *names)


def test_an_alone_record_is_the_customer_as_delivered():
    found = golden(
        """
        who | record_id | first_name | last_name | email         | payment_terms_days | credit_limit
        Ana | a1        | Ana        | García    | Ana@Mail.com  | 30                 | 1000.5
        """,
        *("records", "sources", "first_name", "last_name", "email", "payment_terms_days", "credit_limit"),
    )
    assert found == [
        {
            "who": "Ana",
            "records": "1",
            "sources": "1",
            "first_name": "Ana",
            "last_name": "García",
            "email": "Ana@Mail.com",
            "payment_terms_days": "30",
            "credit_limit": "1000.5000",
        }
    ]


def test_a_customer_without_any_record_still_is_a_customer():
    keys = table(
        """
        who | source | record_id
        Bo  | erp    | b1
        Bo  | till   | b2
        Cy  | till   | c1
        """
    )
    found = golden("who | record_id | email\nAna | a1 | a@x.com", "records", "sources", "email", keys=keys)
    assert found == table(
        """
        who | records | sources | email
        Ana | 1       | 1       | a@x.com
        Bo  | 2       | 2       |
        Cy  | 1       | 1       |
        """
    )


def test_without_any_record_at_all_no_work_table_is_read():
    people = People([], keys=table("who | source | record_id\nAna | erp | 1\nAna | shop | 2\nBo | erp | 3"))
    for name in ("record", "linkable"):
        people.engine.run(people.drop(name))
    assert shown(people, customer(records=False), "who", "records", "sources", "full_name") == table(
        """
        who | records | sources | full_name
        Ana | 2       | 2       |
        Bo  | 1       | 1       |
        """
    )


def test_a_verified_address_stands_before_a_fresher_one_that_is_not():
    found = golden(
        """
        who | record_id | email        | phone | verified | updated_at
        Ana | a1        | info@x.com   | 1     |          | 2024-01-01
        Ana | a2        | ana@x.com    | 2     | yes      | 2020-01-01
        """,
        *("email", "phone"),
    )
    assert found == [{"who": "Ana", "email": "ana@x.com", "phone": "2"}]


def test_the_system_that_is_believed_most_stands_before_the_fresher():
    records = """
        who | source | record_id | language | updated_at
        Ana | shop   | a1        | en       | 2024-01-01
        Ana | crm    | a2        | es       | 2020-01-01
        Ana | erp    | a3        | nl       | 2022-01-01
        """
    assert golden(records, "language") == [{"who": "Ana", "language": "en"}]
    assert golden(records, "language", rules=Survivorship(believe=("crm", "erp"))) == [{"who": "Ana", "language": "es"}]
    assert golden(records, "language", rules=Survivorship(believe=("till", "erp"))) == [
        {"who": "Ana", "language": "nl"}
    ]


def test_what_was_never_changed_is_as_fresh_as_when_it_was_made():
    found = golden(
        """
        who | record_id | language | created_at | updated_at
        Ana | a1        | en       | 2019-01-01 | 2021-01-01
        Ana | a2        | es       | 2022-01-01 |
        """,
        "language",
        "first_created_on",
    )
    assert found == [{"who": "Ana", "language": "es", "first_created_on": "2019-01-01"}]


def test_of_two_equally_fresh_values_the_longer_stands_then_the_first_by_system_and_key():
    found = golden(
        """
        who | source | record_id | sector       | nationality
        Ana | shop   | a1        | food         | IT
        Ana | shop   | a2        | food, drinks | NL
        Ana | erp    | a3        | food         | ES
        """,
        "sector",
        "nationality",
    )
    assert found == [{"who": "Ana", "sector": "food, drinks", "nationality": "ES"}]


def test_a_number_comes_from_the_record_that_says_more():
    found = golden(
        """
        who | record_id | payment_terms_days | city | sector
        Ana | a1        | 30                 |      |
        Ana | a2        | 60                 | Rome | food
        """,
        "payment_terms_days",
    )
    assert found == [{"who": "Ana", "payment_terms_days": "60"}]


def test_a_placeholder_never_stands():
    found = golden(
        """
        who | record_id | first_name | last_name | phone  | city | region  | job_title | updated_at
        Ana | a1        | Unknown    | unknown   | 000000 | Rome | unknown | -         | 2024-01-01
        Ana | a2        | Ana        | Gil       | 123    |      |         |           | 2020-01-01
        Bo  | b1        | Unknown    |           | 000000 |      | NA      | n/a       |
        """,
        *("first_name", "last_name", "phone", "city", "region", "job_title"),
    )
    assert found == table(
        """
        who | first_name | last_name | phone | city | region | job_title
        Ana | Ana        | Gil       | 123   | Rome |        |
        Bo  |            |           |       |      | NA     |
        """
    )


def test_the_address_of_an_office_stands_only_where_nothing_better_is_known():
    found = golden(
        """
        who  | record_id | email         | verified | updated_at
        Acme | a1        | info@acme.es  |          | 2024-01-01
        Bo   | b1        | info@bo.es    |          | 2024-01-01
        Bo   | b2        | bo@bo.es      | yes      | 2020-01-01
        """,
        "email",
    )
    assert found == [{"who": "Acme", "email": "info@acme.es"}, {"who": "Bo", "email": "bo@bo.es"}]


@pytest.mark.parametrize(
    ("country", "known", "fresher", "stands"),
    [
        ("ES", "12345678Z", "1234", "12345678Z"),
        ("ES", "ES12345678Z", "1234", "ES12345678Z"),
        ("", "12345678Z", "1234", "12345678Z"),
        ("NL", "12345678Z", "1234", "1234"),  # neither has the form of the country
    ],
)
def test_a_tax_number_of_its_countrys_form_stands_before_another(country: str, known: str, fresher: str, stands: str):
    found = golden(
        f"""
        who | record_id | country   | tax_id    | updated_at
        Ana | a1        | {country} | {known}   | 2020-01-01
        Ana | a2        | {country} | {fresher} | 2024-01-01
        """,
        "tax_id",
    )
    assert found == [{"who": "Ana", "tax_id": stands}]


def test_an_address_comes_from_one_record_and_a_name_from_one_record():
    found = golden(
        """
        who | record_id | first_name | last_name | street    | postal_code | city   | region | updated_at
        Ana | a1        | Ana        | Gil       | Calle A 1 | 28001       | Madrid | MD     | 2020-01-01
        Ana | a2        | Anita      | Gil Ruiz  | Via B 2   | 00100       | Roma   |        | 2022-01-01
        """,
        *("first_name", "last_name", "street", "postal_code", "city", "region"),
    )
    assert found == table(
        """
        who | first_name | last_name | street  | postal_code | city | region
        Ana | Anita      | Gil Ruiz  | Via B 2 | 00100       | Roma |
        """
    )


def test_a_whole_address_and_a_whole_name_stand_before_a_fresher_part():
    found = golden(
        """
        who | record_id | first_name | last_name | street    | postal_code | city   | job_title | company | updated_at
        Ana | a1        | Ana        | Gil       | Calle A 1 | 28001       | Madrid | buyer     | Acme    | 2020-01-01
        Ana | a2        | Anita      |           |           |             | Roma   | boss      |         | 2024-01-01
        """,
        *("first_name", "last_name", "street", "city", "company", "job_title"),
    )
    assert found == table(
        """
        who | first_name | last_name | street    | city   | company | job_title
        Ana | Ana        | Gil       | Calle A 1 | Madrid | Acme    | buyer
        """
    )


def test_another_rule_may_go_first_for_a_field():
    records = """
        who | source | record_id | email       | street          | city   | verified | updated_at
        Ana | crm    | a1        | ana@x.com   | Calle A 1       | Madrid | yes      | 2020-01-01
        Ana | shop   | a2        | info@xx.com | Calle Larga 2   | Madrid |          | 2024-01-01
        """
    believed = Survivorship(believe=("crm",), instead={"email": "freshest", "address": "most complete"})
    assert golden(records, "email", "street", rules=Survivorship(believe=("crm",))) == [
        {"who": "Ana", "email": "ana@x.com", "street": "Calle A 1"}
    ]
    assert golden(records, "email", "street", rules=believed) == [
        {"who": "Ana", "email": "info@xx.com", "street": "Calle Larga 2"}
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("emial", "unknown field 'emial'; known: 'address', "),
        ("street", "'street' moves with the rest of the address; write address instead"),
        ("job_title", "'job_title' moves with the rest of the company; write company instead"),
    ],
)
def test_a_rule_for_what_is_no_field_of_its_own_is_refused(name: str, said: str):
    with pytest.raises(ConfigurationError) as refused:
        Survivorship(instead={name: "freshest"})
    assert said in str(refused.value)
    assert refused.value.exit_code == 3


@pytest.mark.parametrize("seed", range(5))
def test_rows_in_any_order_and_threads_give_the_same_customers(seed: int):
    records = [
        {
            "who": f"W{n % 40}",
            "source": ("erp", "shop")[n % 2],
            "record_id": f"k{n}",
            "first_name": f"N{n % 3}",
            "last_name": "Gil",
            "email": f"{n % 7}@x.com",
            "verified": "yes" if n % 5 == 0 else None,
            "city": ("Roma", None, "Napoli")[n % 3],
            "street": f"Via {n % 4}",
            "language": ("it", "es")[n % 2],
        }
        for n in range(200)
    ]
    told = sorted(People(records, threads=1).rows(customer()), key=lambda row: row["customer_id"])
    shuffled = [records[n] for n in np.random.default_rng(seed).permutation(len(records))]
    assert sorted(People(shuffled).rows(customer()), key=lambda row: row["customer_id"]) == told


TEXTS = (
    *("full_name", "first_name", "last_name", "company", "job_title", "street", "postal_code", "city", "region"),
    *("country", "email", "phone", "tax_id", "language", "sector", "gender"),
)
WORDS = (None, "Ana", "ana", "Gil", "unknown", "N/A", "-- n.a. --", "TEST", "test@x.com", "000000", "12")
CHOICES = dict.fromkeys(TEXTS, WORDS) | {
    "verified": (None, "yes"),
    "kind": (None, "person", "organisation"),
    "payment_terms_days": (None, "30"),
    "credit_limit": (None, "10.5"),
    "birth_date": (None, "1980-05-01"),
    "updated_at": (None, "2020-01-01"),
}
SAID = st.fixed_dictionaries({name: st.sampled_from(said) for name, said in CHOICES.items()})


def together_all(people: People, rules: Survivorship) -> list[Row]:
    """The customers as they are where each, also of one record, goes the way of those with several."""
    keys = exp.select("customer_ref", "source", "customer_id").from_(published("identity"))
    write(people.engine, TOGETHER, keys)
    write_placed(people.engine, rules)
    return sorted(people.rows(customer()), key=lambda row: row["customer_id"])


@given(said=st.lists(SAID, min_size=1, max_size=40), keys=st.integers(0, 2))
@settings(max_examples=5, deadline=None)
def test_a_customer_of_one_record_is_what_survives_of_that_record(said: list[Row], keys: int):
    rows = [{**row, "who": f"W{n}", "record_id": f"k{n}"} for n, row in enumerate(said)]
    silent = [{"who": f"S{n}", "source": "till", "record_id": f"s{n}"} for n in range(keys)]
    people = People(rows, keys=silent)
    alone = sorted(people.rows(customer()), key=lambda row: row["customer_id"])
    assert len(alone) == len(said) + keys
    assert together_all(people, PLAIN) == alone


@given(said=st.lists(SAID, min_size=2, max_size=40))
@settings(max_examples=4, deadline=None)
def test_fields_that_no_record_says_may_be_left_out_of_the_work(said: list[Row]):
    rows = [{**row, "who": f"W{n % 12}", "record_id": f"k{n}"} for n, row in enumerate(said)]
    people = People([{**row, "job_title": None, "email": None, "city": None} for row in rows])
    whole = [sorted(map(str, people.rows(query))) for query in (customer(), customer_lineage(PLAIN))]
    fields = members.said(people.engine)
    assert {each.name for each in FIELDS} - {each.name for each in fields} >= {"job_title", "email", "city"}
    write_placed(people.engine, PLAIN, fields)
    asked = (customer(fields), customer_lineage(PLAIN, fields))
    assert [sorted(map(str, people.rows(query))) for query in asked] == whole


@pytest.mark.parametrize(
    ("said", "is_nothing"),
    [
        ("unknown", True),
        ("NA", False),  # short words may be codes
        ("N/A", True),
        ("n / d", False),
        ("-- Not available --", True),
        ("*", True),
        ("Testa", False),
        ("no data given", False),
        ("Unknown Pleasures", False),
        ("d'unknown", False),
        ("123", False),
    ],
)
def test_words_that_say_nothing_are_told_from_those_that_say_something(said: str, is_nothing: bool):
    people = People([{"who": "Ana", "record_id": "a1", "sector": said}])
    assert people.rows(customer())[0]["sector"] == (None if is_nothing else said)


def test_after_a_merge_and_a_split_the_customers_are_what_they_were():
    apart = table(
        """
        who | record_id | first_name | last_name | email   | credit_limit | birth_date
        Ana | a1        | Ana        | Gil       | a@x.com | 10           | 1980-05-01
        Bo  | b1        | Bo         |           | b@x.com |              |
        Cy  | c1        | Cy         | Cox       |         | 99.1234      |
        """
    )
    merged = [{**row, "who": "Ana"} if row["who"] == "Bo" else row for row in apart]
    before, between, after = (People(rows).rows(customer()) for rows in (apart, merged, apart))
    key = "customer_id"
    assert sorted(before, key=lambda row: row[key]) == sorted(after, key=lambda row: row[key])
    assert len(between) == 2
    cy = next(row for row in between if row["first_name"] == "Cy")
    assert cy in before
    assert cy["credit_limit"] == Decimal("99.1234")


def test_the_query_keeps_the_contract():
    people = People(table("who | record_id | email\nAna | a1 | a@x.com\nAna | a2 |"))
    for records in (True, False):
        types = people.engine.column_types(customer(records=records))
        assert shape_breaches(CUSTOMER, types) == ()
        assert set(types) == set(all_columns(CUSTOMER))
