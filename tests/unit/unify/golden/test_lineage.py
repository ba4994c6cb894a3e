"""Where each field of a customer with several records comes from, and why from there."""

from __future__ import annotations

import pytest

from clientela.contracts.derived.people import CUSTOMER_LINEAGE
from clientela.unify.golden.fields import Rule, Survivorship
from clientela.unify.golden.lineage import customer_lineage
from clientela.warehouse.physical import shape_breaches
from tests.unit.unify.golden.people import People, Row, ref_of, shown, table

PLAIN = Survivorship()


def lineage(records: str, rules: Survivorship = PLAIN) -> list[Row]:
    """The lineage with the key of the record in place of its pseudonym; kind, which every record has, left out."""
    rows = table(records)
    people = People(rows, rules=rules)
    keys = {ref_of(row.get("source") or "shop", row["record_id"]): row["record_id"] for row in rows}
    names = ("who", "field", "customer_ref", "source", "rule", "candidates")
    told = [row for row in shown(people, customer_lineage(rules), *names) if row["field"] != "kind"]
    return [
        {("record" if name == "customer_ref" else name): keys.get(row[name], row[name]) for name in names}
        for row in told
    ]


def test_every_rule_is_said_where_it_decided():
    found = lineage(
        """
        who | source | record_id | email   | phone | tax_id | language | sector | gender | verified | updated_at
        Ana | shop   | a1        | a@x.com | 1     |        | en       | food   |        | yes      | 2020-01-01
        Ana | crm    | a2        | b@x.com |       | T1     | es       | food   | f      |          | 2024-01-01
        Ana | shop   | a3        | B@X.com | 2     |        | es       | FOOD   | f      | yes      | 2022-01-01
        """,
        Survivorship(believe=("crm",)),
    )
    assert found == table(
        """
        who | field    | record | source | rule            | candidates
        Ana | email    | a3     | shop   | freshest        | 2
        Ana | gender   | a2     | crm    | agreed          | 1
        Ana | language | a2     | crm    | source priority | 2
        Ana | phone    | a3     | shop   | freshest        | 2
        Ana | sector   | a2     | crm    | agreed          | 1
        Ana | tax_id   | a2     | crm    | only value      | 1
        """
    )


def test_the_rule_is_the_first_that_set_the_value_apart_from_the_next_best():
    found = lineage(
        """
        who | source | record_id | email   | sector | nationality | updated_at | verified
        Ana | shop   | a1        | a@x.com | food   | ES          | 2020-01-01 | yes
        Ana | shop   | a2        | b@x.com | drinks | IT          | 2020-01-01 |
        Ana | shop   | a3        | c@x.com |        |             | 2024-01-01 |
        """
    )
    assert found == table(
        """
        who | field       | record | source | rule          | candidates
        Ana | email       | a1     | shop   | verified      | 3
        Ana | nationality | a1     | shop   | tie           | 2
        Ana | sector      | a2     | shop   | most complete | 2
        """
    )


def test_fields_that_move_together_come_from_one_record():
    found = lineage(
        """
        who | record_id | first_name | last_name | street    | postal_code | city   | region | updated_at
        Ana | a1        | Ana        | Gil       | Calle A 1 | 28001       | Madrid | MD     | 2020-01-01
        Ana | a2        | Anita      | gil       | Via B 2   |             | Roma   |        | 2022-01-01
        Ana | a3        | Ani        |           |           |             | Napoli | NA     | 2024-01-01
        """
    )
    assert found == table(
        """
        who | field      | record | source | rule     | candidates
        Ana | city       | a2     | shop   | freshest | 3
        Ana | first_name | a2     | shop   | freshest | 3
        Ana | last_name  | a2     | shop   | agreed   | 1
        Ana | street     | a2     | shop   | freshest | 2
        """
    )


@pytest.mark.parametrize(("rule", "record"), [("source priority", "a2"), ("freshest", "a3"), ("most complete", "a4")])
def test_the_rule_that_goes_first_for_a_field_is_the_one_that_is_said(rule: Rule, record: str):
    records = """
        who | source | record_id | email            | verified | updated_at
        Ana | shop   | a1        | a@x.com          | yes      | 2020-01-01
        Ana | crm    | a2        | b@x.com          |          | 2019-01-01
        Ana | shop   | a3        | c@x.com          |          | 2024-01-01
        Ana | shop   | a4        | ana.gil@long.com |          | 2018-01-01
        """
    found = lineage(records, Survivorship(believe=("crm",), instead={"email": rule}))
    assert [(row["record"], row["rule"], row["candidates"]) for row in found] == [(record, rule, "4")]


def test_a_placeholder_is_no_candidate_and_an_alone_record_has_no_lineage():
    found = lineage(
        """
        who | record_id | phone  | city
        Ana | a1        | 000000 | Rome
        Ana | a2        | 123    | unknown
        Bo  | b1        | 77     | Turin
        """
    )
    assert found == table(
        """
        who | field | record | source | rule       | candidates
        Ana | city  | a1     | shop   | only value | 1
        Ana | phone | a2     | shop   | only value | 1
        """
    )


def test_the_query_keeps_the_contract_and_has_no_row_without_records():
    people = People(table("who | record_id | email\nAna | a1 | a@x.com\nAna | a2 |"))
    for records in (True, False):
        types = people.engine.column_types(customer_lineage(PLAIN, records=records))
        assert shape_breaches(CUSTOMER_LINEAGE, types) == ()
    assert people.rows(customer_lineage(PLAIN, records=False)) == []
