"""The generated people are what the proofs take them for: repeatable, valid, told apart by the truth alone."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import phonenumbers
import pyarrow.compute as pc
import pytest

from clientela.testing.company.people.names import lists as names
from tests.identity.records import PLACEHOLDERS, Delivered, delivered
from tests.identity.scoring import components, joined_by, of_pairs, score


@pytest.fixture(scope="module")
def made() -> Delivered:
    return delivered(20_000, seed=3)


def test_one_seed_gives_the_same_records_and_another_others(made: Delivered) -> None:
    assert made.table.equals(delivered(20_000, seed=3).table)
    assert not made.table.equals(delivered(20_000, seed=4).table)


def test_a_tenth_of_the_records_are_of_somebody_who_had_one_already(made: Delivered) -> None:
    assert len(made.truth) == 20_000
    assert len(np.unique(made.truth)) == 18_000


@pytest.mark.parametrize("language", names.LANGUAGES)
def test_a_language_has_two_hundred_given_and_four_hundred_family_names(language: str) -> None:
    women, men = names.first_names(language)
    assert len({*women, *men}) >= 190
    assert len(set(names.family_names(language))) >= 400
    assert set(names.nicknames(language)) <= {*women, *men}


def test_names_are_as_unevenly_spread_as_real_ones(made: Delivered) -> None:
    spanish = made.table.filter(pc.equal(made.table["country"], "ES"))
    counts = spanish["given"].value_counts().field("counts").to_numpy()
    assert counts.max() > 20 * np.median(counts)


def test_telephone_numbers_are_valid_where_nobody_mistyped_them(made: Delivered) -> None:
    rows = made.table.select(["phone", "country", "life"]).slice(0, 4_000).to_pylist()
    clean = [r for r in rows if r["phone"] and r["phone"] not in PLACEHOLDERS["phone"] and "typing" not in r["life"]]
    bad = [r for r in clean if not phonenumbers.is_valid_number(phonenumbers.parse(r["phone"], r["country"]))]
    assert len(clean) > 2_000
    assert len(bad) < 0.01 * len(clean), bad[:5]


def test_only_couples_share_an_address_for_e_mail(made: Delivered) -> None:
    bearers: dict[str, set[tuple[int, str]]] = defaultdict(set)
    for email, person, trap in zip(*(made.table[n].to_pylist() for n in ("email", "person", "trap")), strict=True):
        if email and email not in PLACEHOLDERS["email"]:
            bearers[email].add((person, trap))
    shared = [each for each in bearers.values() if len(each) > 1]
    assert len(shared) > 30
    assert {trap for each in shared for _, trap in each} <= {"couple", ""}
    assert sum("couple" in {trap for _, trap in each} for each in shared) > 0.9 * len(shared)


def test_a_father_and_his_son_share_name_and_door_and_not_the_birth_date(made: Delivered) -> None:
    people = made.people
    pair = np.flatnonzero(people.trap == 1)
    father, son = pair[: len(pair) // 2], pair[len(pair) // 2 :]
    for same in ("first", "last", "town", "street", "house", "country"):
        assert (getattr(people, same)[father] == getattr(people, same)[son]).all()
    assert (people.born[son] - people.born[father] >= 8_000).all()


def test_pairs_and_b_cubed_are_counted_as_by_hand() -> None:
    found = score(["a", "a", "a", "b", "b", "c"], [1, 1, 2, 2, 3, 4])
    assert (found.precision, found.recall, found.f1) == (0.5, 0.25, pytest.approx(1 / 3))
    assert found.b_precision == pytest.approx((1 + 1 + 0.5 + 0.5 + 1 + 1) / 6)
    assert found.b_recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 0.5 + 0.5 + 1) / 6)
    assert score([1, 2], [1, 2]).f1 == 1.0


def test_one_address_in_capitals_is_one_and_none_is_nobodys() -> None:
    assert joined_by(["A@b.com", None, "a@B.com ", None]).tolist() == [0, 1, 0, 3]


def test_pairs_that_touch_are_one_group_and_a_curve_counts_each_threshold() -> None:
    left, right = np.array([0, 1, 3]), np.array([1, 2, 4])
    groups = components(5, left, right)
    assert len(set(groups.tolist())) == 2
    curve = of_pairs([0, 0, 1, 2, 2], left, right, np.array([9.0, 5.0, 5.0]))
    assert curve.tolist() == [[9.0, 1.0, 0.5], [5.0, pytest.approx(2 / 3), 1.0]]
