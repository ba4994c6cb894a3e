"""Something happens to persons at a drawn week; some of their records learn of it and are sent again."""

from __future__ import annotations

import numpy as np
import pytest

from clientela.testing.company.people.population.changes import breaks
from clientela.testing.company.people.population.records import LIST
from clientela.testing.company.people.said import said
from tests.unit.testing.company.people.peopled import people_of, plain_people


@pytest.mark.parametrize("records", [2, 3, 4, 6])
def test_the_share_holds_for_pairs_however_many_records_a_person_has(records: int) -> None:
    rng = np.random.default_rng(1)
    run = np.cumsum(rng.random((60_000, records)) < np.append(0.0, np.full(records - 1, breaks(0.35, records))), axis=1)
    one, other = np.triu_indices(records, 1)
    assert (run[:, one] != run[:, other]).mean() == pytest.approx(0.35, abs=0.005)


def test_nothing_happens_where_the_world_says_so() -> None:
    people = plain_people(second_accounts=0.5)
    for change in (people.reach, people.home):
        assert not change.after.any()
        assert np.isinf(change.at).all()
    rows, _ = people.sent(0, people.world.weeks)
    assert np.array_equal(np.sort(rows), np.arange(len(people.records)))


def test_who_moves_is_sent_again_with_the_new_address_and_the_old_record_stays_as_it_was() -> None:
    people = plain_people(moves=0.01)
    told = np.flatnonzero(np.isfinite(people.home.at))
    assert len(told) > 0.3 * len(people.records)
    at = people.home.at[told]
    before, after = (said(people, told, at + shift) for shift in (-1e-6, 0.0))
    moved = people.lived.moved[people.home.after[told]]
    street, surname = (
        np.array(before[name].to_pylist(), object) != np.array(after[name].to_pylist(), object)
        for name in ("street", "surname")
    )
    assert street[moved].mean() > 0.99  # a few move to the same number in a street of the same name
    assert (surname == people.lived.married[people.home.after[told]]).mean() > 0.99
    assert 0.005 < surname.mean() < 0.2
    assert before["phone"].equals(after["phone"])
    assert before["email"].equals(after["email"])
    week = int(at[0])
    rows, moments = people.sent(week)
    assert told[0] in rows
    assert moments[rows == told[0]] == at[0]


def test_of_two_records_one_learns_and_the_other_does_not() -> None:
    people = plain_people(second_accounts=1.0, nothing_shared=0.5, changed_between=0.5)
    made = people.records
    pair = np.flatnonzero((made.many == 2) & (made.first == np.arange(len(made))))
    for change in (people.reach, people.home):
        apart = pair[change.run[pair] != change.run[pair + 1]]
        assert 0.45 < len(apart) / len(pair) < 0.55
        assert np.isinf(change.at[apart]).all()  # the older one stays as it was
        updated = np.isfinite(change.at[apart + 1])
        assert 0.3 < updated.mean() < 0.55  # the newer one knew at once, or was told later
        late = apart[updated] + 1
        assert (change.before[late] == change.before[late - 1]).all()
        assert (change.at[late] > made.since[late]).all()
        assert (change.at[late] < people.world.weeks).all()


def test_a_new_telephone_or_e_mail_comes_as_often_as_the_world_says() -> None:
    people = plain_people(new_contacts=0.004, founders=1.0, weeks=100)
    happened = np.isfinite(people.reach.happened)
    assert happened.mean() == pytest.approx((1 - np.exp(-0.004 * 98)) * 0.6, abs=0.02)  # six in ten records are told
    version = people.reach.after[happened]
    assert 0.45 < people.lived.phone[version].mean() < 0.55
    assert not (people.lived.phone & people.lived.email)[version].any()


def test_each_record_is_sent_when_it_is_made_and_when_it_changes_and_not_otherwise() -> None:
    people = people_of(customers=2_000, weeks=40)
    sent = np.zeros(len(people.records), int)
    for week in range(40):
        rows, at = people.sent(week)
        assert (np.diff(at) >= 0).all()
        assert ((at >= week) & (at < week + 1)).all()
        sent[rows] += 1
    assert (sent >= 1).all()
    changes = sum(np.isfinite(change.at).astype(int) for change in (people.reach, people.home))
    assert (sent <= 1 + changes).all()
    assert sent.sum() > 1.05 * len(sent)


def test_a_bought_list_comes_once_with_strangers_and_with_persons_who_were_customers_already() -> None:
    people = people_of(customers=5_000)
    made = people.records
    listed = np.flatnonzero(made.system == LIST)
    assert np.isinf(people.reach.at[listed]).all()
    assert np.isinf(people.home.at[listed]).all()
    assert set(np.floor(made.since[listed])) == {52.0, 104.0}
    known = made.person[listed] < people.world.customers
    assert known.mean() == pytest.approx(0.3, abs=0.05)
    assert (made.since[made.first[listed[known]]] < made.since[listed[known]]).all()
