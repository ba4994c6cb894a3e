"""A model depends on the records alone, and says nothing about any one of them."""

import json
import logging
import math
import random

import pytest

from clientela.unify.linking import learn, link
from clientela.unify.linking.customer import CUSTOMER
from tests.unit.unify.linking.people import NOW, crowd, linkable, record, rows


@pytest.fixture(scope="module")
def people():
    return crowd(1500)


@pytest.fixture(scope="module")
def model(people):
    with linkable(people) as engine:
        return learn(engine, now=NOW)


def test_the_model_is_the_same_for_any_order_and_one_thread(people, model):
    shuffled = list(people)
    random.Random(1).shuffle(shuffled)  # noqa: S311 — an order, no secret
    with linkable(shuffled, threads=1) as engine:
        again = learn(engine, now=NOW)
    assert json.dumps(again.document, sort_keys=True) == json.dumps(model.document, sort_keys=True)


def test_no_value_of_fewer_than_ten_records_stands_in_a_model(people, model):
    of = {"surname": "last_name"}  # these people have one each
    for column, told in model.document["terms"].items():
        often = {value for value in told["values"] if sum(row[of.get(column, column)] == value for row in people) >= 10}
        assert set(told["values"]) == often
    text = json.dumps(model.document)
    assert not any(row["email"] and row["email"] in text for row in people)


def test_it_learns_from_the_records_and_knows_how_they_were_compared(model):
    assert model.document["basis"] == "learned"
    assert model.fits(CUSTOMER)
    assert 0.2 < model.document["prior"] * 1799 < 0.5  # each has a third of another record of the same customer


def test_likeness_never_speaks_against_nor_difference_for(model):
    for field in model.document["splink"]["comparisons"][:-1]:
        said = [each for each in field["comparison_levels"] if not each.get("is_null_level")]
        weights = [math.log2(each["m_probability"] / each["u_probability"]) for each in said]
        assert weights[0] > 0 > weights[-1], field["output_column_name"]


def test_the_fields_of_a_pair_add_up_to_its_weight(people, model):
    with linkable(people) as engine:
        link(engine, model)
        pairs, fields = rows(engine, "scored_pair"), rows(engine, "scored_field")
    total: dict[tuple[str, str], float] = {}
    for row in fields:
        pair = row["customer_ref_l"], row["customer_ref_r"]
        total[pair] = total.get(pair, 0) + row["match_weight"]
    assert set(total) == {(row["customer_ref_l"], row["customer_ref_r"]) for row in pairs}
    for row in pairs:
        weight = total[row["customer_ref_l"], row["customer_ref_r"]]
        assert row["match_weight"] == pytest.approx(weight, abs=1e-4)
        assert row["match_probability"] == pytest.approx(1 / (1 + 2**-weight), abs=1e-5)
        assert row["customer_ref_l"] < row["customer_ref_r"]


def test_pairs_are_the_same_for_any_order_and_one_thread(people, model):
    found = []
    for order, threads in ((people, 2), (people[::-1], 1)):
        with linkable(order, threads=threads) as engine:
            link(engine, model)
            found.append((rows(engine, "scored_pair"), rows(engine, "scored_field")))
    assert found[0] == found[1]


def test_what_a_person_is_called_reaches_no_log(people, caplog):
    caplog.set_level(1)
    with linkable(people) as engine:
        link(engine, learn(engine, now=NOW))
    assert [each for each in caplog.records if each.name.startswith("splink")] == []
    assert logging.getLogger("splink").propagate is False


def test_nothing_but_the_results_stays_behind(people, model):
    with linkable(people) as engine:
        link(engine, model)
        told = {"scored_pair", "scored_field", "scored_told", "crowded_value", "mate"}
        assert engine.tables("memory") == {"linkable", *told}


def test_no_records_are_no_pairs():
    with linkable([]) as engine:
        assert link(engine, learn(engine, now=NOW)).pairs == 0
    with linkable([record("a"), record("b")]) as engine:
        assert link(engine, learn(engine, now=NOW)).pairs == 0


def test_the_year_in_an_address_weighs_as_often_as_it_is_the_year_of_birth(people):
    """Of those who write a number, nine in ten write the year of their birth: that is counted in each record alone."""
    told = [
        {**row, "email_local": f"{row['first_name']}{(row['birth_date'].year + (number % 10 == 0)) % 100:02}"}
        for number, row in enumerate(row for row in people if row["birth_date"])
    ]
    with linkable(told) as engine:
        model = learn(engine, now=NOW)
    years = next(each for each in model.document["splink"]["comparisons"] if each["output_column_name"] == "birth_year")
    agree, differ = (each["m_probability"] for each in years["comparison_levels"][1:])
    assert 0.88 < agree < 0.91
    assert agree + differ == pytest.approx(1, abs=1e-3)
