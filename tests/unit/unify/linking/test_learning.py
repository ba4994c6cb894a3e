"""A model depends on the records alone, and says nothing about any one of them."""

import json
import logging
import math
import random
from datetime import date

import pytest

from clientela.unify.linking import learn, link, scoring
from clientela.unify.linking.customer import CUSTOMER
from tests.unit.unify.linking.people import NOW, SYLLABLES, crowd, linkable, record, rows


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
    rows = [
        row | {"surname": row["last_name"], "postal_town": f"{row['postal_code']} {row['city']}"}  # one surname each
        for row in people
    ]
    for column, told in model.document["terms"].items():
        often = {value for value in told["values"] if sum(row[column] == value for row in rows) >= 10}
        assert set(told["values"]) == often
    text = json.dumps(model.document)
    assert not any(row["email"] and row["email"] in text for row in people)


def test_it_learns_from_the_records_and_knows_how_they_were_compared(model):
    assert model.document["basis"] == "learned"
    assert model.fits(CUSTOMER)
    assert 0.2 < model.document["prior"] * 1799 < 0.5  # each has a third of another record of the same customer


def test_likeness_never_speaks_against_nor_difference_for(model):
    quiet = {field.name for field in CUSTOMER.fields if field.quiet}
    for field in model.document["splink"]["comparisons"]:
        if field["output_column_name"] in quiet:
            continue
        said = [each for each in field["comparison_levels"] if not each.get("is_null_level")]
        said = [each for each in said if "told with the home" not in each["label_for_charts"]]
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


def test_pairs_compared_by_two_statements_are_those_of_one(people, model, monkeypatch):
    found = []
    for few in (0, scoring.MANY + 1):
        monkeypatch.setattr(scoring, "FEW", few)
        with linkable(people) as engine:
            link(engine, model)
            found.append((rows(engine, "scored_pair"), rows(engine, "scored_told")))
            assert not [name for name in engine.tables("memory") if name.startswith("link_")]
    assert found[0] == found[1]
    assert len(found[0][0]) > 100


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


def of_home(number: int, *, generations: bool, one_email: bool) -> list[dict[str, object]]:
    """Two records of one name at one door: of one age, or parent and child; with one e-mail address or two."""
    name = {"first_name": f"{SYLLABLES[number % 18]}{SYLLABLES[number // 18 % 18]}na", "last_name": f"jansen{number}"}
    door = {"street": "kerkstraat", "house_number": str(number), "postal_code": "1234AB", "city": "ede"}
    born = [date(1950, 1 + number % 12, 1 + number % 28), date(1985, 1 + (number + 5) % 12, 1 + (number + 9) % 28)]
    return [
        record(
            f"{number}-{each}",
            **name,
            **door,
            birth_date=born[each if generations else 0],
            email=f"home{number}-{0 if one_email else each}@x.nl",
        )
        for each in (0, 1)
    ]


def test_what_another_email_says_of_two_namesakes_at_one_door_is_counted_where_birth_dates_tell() -> None:
    """Here one customer in ten has two addresses, and of parent and child nine in ten have."""
    homes = [of_home(n, generations=n % 4 == 0, one_email=(n % 40 == 0) if n % 4 == 0 else n % 10 != 1)
             for n in range(400)]  # fmt: skip
    with linkable([each for two in homes for each in two]) as engine:
        learned = learn(engine, now=NOW)
    field = next(
        each for each in learned.document["splink"]["comparisons"] if each["output_column_name"] == "reached_at_home"
    )
    said = {each["label_for_charts"]: each for each in field["comparison_levels"]}["two e-mail addresses"]
    assert said["m_probability"] == pytest.approx(0.135, abs=0.03)
    assert said["u_probability"] == pytest.approx((90 + 30 * 0.4) / (100 + 30), abs=0.03)
