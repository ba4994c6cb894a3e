"""How a contract lies in the two files."""

from __future__ import annotations

import pytest

from clientela.contracts.derived import DERIVED
from clientela.contracts.schema import Column, Contract, Type
from clientela.contracts.tables import CONTRACTS
from clientela.warehouse.physical import PEOPLE, parts, shape_breaches

ALL = {**CONTRACTS, **DERIVED}


def laid(name: str) -> dict[str, tuple[str, ...]]:
    return {part.database: part.names for part in parts(ALL[name])}


def test_a_fact_has_its_event_time_and_customer_replaced_and_its_versions_beside() -> None:
    assert laid("opportunity_stage") == {
        "facts": (
            "source",
            "opportunity_id",
            "stage",
            "probability",
            "happened_at",
            "happened_on",
            "known_from",
            "known_until",
            "known_assumed",
        )
    }
    assert laid("invoice")["facts"][:6] == ("source", "invoice_id", "customer_id", "order_id", "amount", "due_on")


def test_a_reference_has_no_event_and_a_relation_two_customers() -> None:
    assert laid("relation")["facts"] == (
        "source",
        "from_customer_id",
        "to_customer_id",
        "kind",
        "valid_from",
        "valid_to",
        "known_from",
        "known_until",
        "known_assumed",
    )


def test_beside_each_instant_lies_its_day() -> None:
    facts = laid("opportunity")["facts"]
    assert facts[facts.index("closed_at") + 1] == "closed_on"


@pytest.mark.parametrize("name", ALL)
def test_what_is_personal_never_lies_in_the_facts(name: str) -> None:
    personal = {column.name for column in ALL[name].columns if column.personal}
    for part in parts(ALL[name]):
        if part.database != PEOPLE:
            assert not personal & set(part.names)
        else:
            assert personal <= set(part.names)
            assert "known_from" in part.names or name in DERIVED


def test_quarantine_lies_with_people_alone() -> None:
    assert set(laid("quarantine")) == {"people"}
    assert laid("customer_record")["people"][-2:] == ("customer_id", "known_from")


def test_where_several_keys_may_be_one_customer_the_key_is_not_unique() -> None:
    keys = {name: parts(contract)[0].key for name, contract in ALL.items()}
    assert keys["order_line"] == ("source", "order_id", "line_no", "known_from")
    assert keys["opportunity_stage"] == ("source", "opportunity_id", "happened_at", "known_from")
    assert keys["consent"] == ()
    assert keys["customer_feature"] == ("customer_id", "as_of")


@pytest.mark.parametrize(
    ("type", "given", "fits"),
    [
        (Type.INT, "INTEGER", True),
        (Type.INT, "HUGEINT", False),
        (Type.INT, "DOUBLE", False),
        (Type.MONEY, "DECIMAL(3,1)", True),
        (Type.MONEY, "DECIMAL(18,6)", False),
        (Type.MONEY, "DECIMAL(38,4)", False),
        (Type.MONEY, "INTEGER", True),
        (Type.NUMBER, "BIGINT", False),
        (Type.NUMBER, '"NULL"', True),
        (Type.DATE, "TIMESTAMP", False),
        (Type.TEXT, "VARCHAR", True),
        (Type.TEXT, "INTEGER", False),
        (Type.INSTANT, "TIMESTAMP WITH TIME ZONE", False),
    ],
)
def test_a_type_fits_when_nothing_is_lost(type: Type, given: str, fits: bool) -> None:
    contract = Contract(name="t", description="", key=("k",), columns=(Column(name="k", type=type),))
    assert (shape_breaches(contract, {"k": given}) == ()) is fits
