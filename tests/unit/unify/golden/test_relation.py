"""How customers belong together: as systems say, and as a shared home or a company's name shows."""

from __future__ import annotations

import pytest

from clientela.contracts.derived.people import CUSTOMER_RELATION
from clientela.unify.golden.fields import Survivorship
from clientela.unify.golden.relation import customer_relation
from clientela.warehouse.physical import shape_breaches
from tests.unit.unify.golden.people import People, Row, shown, table

PLAIN = Survivorship()
NAMES = ("from_customer_id", "to_customer_id", "kind", "basis")


def derived(records: str, *, shared_by: int = 50, rules: Survivorship = PLAIN) -> list[tuple[str, str, str]]:
    """Who belongs to whom, as which."""
    people = People(table(records), rules=rules)
    rows = shown(people, customer_relation(shared_by=shared_by, delivered=False), *NAMES)
    assert {row["basis"] for row in rows} <= {"derived"}
    return [(row["from_customer_id"], row["kind"], row["to_customer_id"]) for row in rows]


def said(records: str, relation: str, *names: str) -> list[Row]:
    people = People(table(records))
    people.relation(table(relation))
    return shown(people, customer_relation(shared_by=50), *NAMES, *names)


FOUR = "who | record_id\nAna | a1\nBo | b1\nCy | c1\nDi | d1"


def test_what_was_delivered_holds_between_customers_while_it_is_current():
    found = said(
        FOUR,
        """
        from | to  | kind             | valid_from | valid_to   | known_until
        Ana  | Bo  | works_at         | 2020-01-01 | 2022-01-01 |
        Ana  | Cy  | works_at         | 2020-01-01 |            | 2021-01-01
        Bo   | Bo  | household        |            |            |
        Cy   |     | household        |            |            |
             | Cy  | household        |            |            |
        Cy   | Di  | belongs_to_group |            |            |
        """,
        *("valid_from", "valid_to"),
    )
    assert found == table(
        """
        from_customer_id | to_customer_id | kind             | basis     | valid_from | valid_to
        Ana              | Bo             | works_at         | delivered | 2020-01-01 | 2022-01-01
        Cy               | Di             | belongs_to_group | delivered |            |
        """
    )


def test_what_two_systems_say_of_one_pair_is_one_relation_that_ends_when_all_ended():
    found = said(
        FOUR,
        """
        from | to | kind     | valid_from | valid_to
        Ana  | Bo | works_at | 2020-01-01 | 2022-01-01
        Ana  | Bo | works_at |            | 2023-01-01
        Cy   | Di | works_at | 2020-01-01 | 2022-01-01
        Cy   | Di | works_at | 2019-01-01 |
        """,
        *("valid_from", "valid_to"),
    )
    assert found == table(
        """
        from_customer_id | to_customer_id | kind     | basis     | valid_from | valid_to
        Ana              | Bo             | works_at | delivered | 2020-01-01 | 2023-01-01
        Cy               | Di             | works_at | delivered | 2019-01-01 |
        """
    )


HOME = """
    who | record_id | first_run | first_name | last_name | kind         | street    | postal_code | city
    Cy  | a1        | 3         | Cy         | Gil       | person       | Calle A 1 | 28001       | Madrid
    Ana | b1        | 1         | Ana        | GIL       | person       | CALLE A 1 | 28001       | Madrid
    Bo  | c1        | 2         | Bo         | Gil       | person       | calle a 1 | 28001       | Madrid
    Di  | d1        | 1         | Di         | Ruiz      | person       | Calle A 1 | 28001       | Madrid
    Ed  | e1        | 1         | Ed         | Gil       | person       | Calle A 2 | 28001       | Madrid
    Flo | f1        | 1         | Flo        | Gil       | person       | Calle A 1 | 08001       | Barcelona
    Gus | g1        | 1         | Gus        | Gil       | person       | Calle A   | 28001       | Madrid
    Gil | h1        | 1         |            | Gil       | organisation | Calle A 1 | 28001       | Madrid
    """


def test_one_family_name_at_one_address_is_a_household_that_bears_the_oldest_members_number():
    assert derived(HOME) == [("Bo", "household", "Ana"), ("Cy", "household", "Ana")]


def test_an_address_that_too_many_records_have_makes_no_household():
    assert derived(HOME, shared_by=5) == [("Bo", "household", "Ana"), ("Cy", "household", "Ana")]
    assert derived(HOME, shared_by=4) == []


def test_one_person_in_two_records_is_no_household_and_where_they_moved_from_counts_no_more():
    records = """
        who | record_id | last_name | street    | postal_code | updated_at
        Ana | a1        | Gil       | Calle A 1 | 28001       | 2024-01-01
        Ana | a2        | Gil       | Calle A 1 | 28001       | 2023-01-01
        Ana | a3        | Gil       | Calle B 2 | 28001       | 2020-01-01
        Bo  | b1        | Gil       | Calle B 2 | 28001       | 2020-01-01
        """
    assert derived(records) == []
    assert derived(records.replace("2020-01-01\n        Bo", "2025-01-01\n        Bo")) == [("Bo", "household", "Ana")]


WORK = """
    who  | record_id | kind         | last_name | company | postal_code | city   | domain
    Acme | a1        | organisation |           | Acme    | 28001       | Madrid | acme.es
    Ana  | p1        | person       | Gil       | ACME    | 08001       | Girona |
    Bo   | p2        | person       | Gil       | Other   | 28001       | Madrid | acme.es
    """


def test_a_person_works_at_the_organisation_with_the_companys_name():
    assert derived(WORK) == [("Ana", "works_at", "Acme")]


@pytest.mark.parametrize(
    ("postal_code", "city", "domain", "employer"),
    [
        ("28001", "Madrid", "acme.es", "Acme"),
        ("28001", "", "", "Acme"),
        ("", "Sevilla", "", "Sur"),
        ("41001", "Madrid", "", "Sur"),  # the postal code says more than the town
        ("41001", "Madrid", "acme.es", "Acme"),  # and the domain more than both
        ("", "Lugo", "", None),
        ("08001", "", "", None),
    ],
)
def test_where_several_bear_the_name_the_place_decides_or_nothing_does(
    postal_code: str, city: str, domain: str, employer: str | None
):
    records = f"""
        who  | record_id | kind         | company | postal_code   | city   | domain
        Acme | a1        | organisation | Acme    | 28001         | Madrid | acme.es
        Sur  | a2        | organisation | Acme    | 41001         | Sevilla |
        Uno  | a3        | organisation | Acme    | 08001         | Lugo   |
        Dos  | a4        | organisation | Acme    | 08001         | Lugo   |
        Ana  | p1        | person       | Acme    | {postal_code} | {city} | {domain}
        """
    assert derived(records) == ([("Ana", "works_at", employer)] if employer else [])
    assert derived(records, shared_by=3) == []


def test_nothing_is_derived_where_a_system_says_so():
    found = said(
        WORK,
        """
        from | to | kind
        Ana  | Bo | works_at
        """,
    )
    assert found == table(
        """
        from_customer_id | to_customer_id | kind     | basis
        Ana              | Bo             | works_at | delivered
        """
    )


def test_without_records_only_what_was_delivered_stands():
    people = People([], keys=table("who | record_id\nAna | a1\nBo | b1"))
    for name in ("record", "linkable"):
        people.engine.run(people.drop(name))
    people.relation(table("from | to | kind\nAna | Bo | household"))
    assert shown(people, customer_relation(shared_by=50, records=False), *NAMES) == table(
        """
        from_customer_id | to_customer_id | kind      | basis
        Ana              | Bo             | household | delivered
        """
    )
    assert people.rows(customer_relation(shared_by=50, records=False, delivered=False)) == []


def test_the_query_keeps_the_contract():
    people = People(table(WORK))
    people.relation([])
    for records in (True, False):
        for delivered in (True, False):
            query = customer_relation(shared_by=50, records=records, delivered=delivered)
            assert shape_breaches(CUSTOMER_RELATION, people.engine.column_types(query)) == ()
