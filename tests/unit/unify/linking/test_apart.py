"""Who is surely two although a third record may be like both."""

from datetime import date
from typing import Any

import pytest
from sqlglot import exp

from clientela.unify.linking.customer.apart import two_of_one_name
from clientela.unify.linking.work import place, write
from tests.unit.unify.linking.people import linkable, record

FATHER = {
    "first_name": "jan", "last_name": "jansen", "street": "kerkstraat", "house_number": "7",
    "birth_date": date(1950, 5, 3),
}  # fmt: skip
SON = FATHER | {"birth_date": date(1981, 11, 27)}


@pytest.mark.parametrize(
    ("one", "other", "two"),
    [
        (FATHER, SON, True),
        (FATHER, SON | {"house_number": "9"}, False),
        (FATHER | {"phone": "+31612345678"}, SON | {"house_number": "9", "phone": "+31612345678"}, True),
        (FATHER, SON | {"first_name": "piet"}, False),
        (FATHER, SON | {"birth_date": date(1951, 11, 27)}, False),  # not a generation
        (FATHER, SON | {"birth_date": date(1980, 5, 3)}, False),  # a slip
        (FATHER, SON | {"birth_date": None}, False),
        (FATHER | {"generation": "elder"}, FATHER | {"generation": "younger"}, True),
        (FATHER | {"tax_id": "12345678Z"}, SON | {"tax_id": "12345678Z"}, False),
    ],
)
def test_one_name_in_one_home_and_two_generations_are_two(
    one: dict[str, Any], other: dict[str, Any], two: bool
) -> None:
    with linkable([record("a", **one), record("b", **other)]) as engine:
        write(engine, "aged", exp.select("customer_ref").from_(place("linkable")))
        found = engine.fetch(two_of_one_name()).to_pylist()
        assert found == ([{"customer_ref_l": "a", "customer_ref_r": "b"}] if two else [])
        write(engine, "aged", exp.select("customer_ref").from_(place("linkable")).where("customer_ref = 'a'"))
        assert engine.fetch(two_of_one_name()).num_rows == 0
