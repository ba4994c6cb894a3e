"""The shares that the issue fixes are those that the tables of the truth hold, and those that the exports show."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from clientela.testing.company.people.population.people import People
from clientela.testing.company.people.truth import (
    duplicate_pairs,
    groups,
    households,
    similar_pairs,
    who_is_who,
)
from clientela.testing.company.people.written.companies import company_names
from tests.unit.testing.company.people.peopled import accounts_of, at_the_end, people_of, plain_people, within


@pytest.fixture(scope="module")
def people() -> People:
    return people_of()


def counted(table: pa.Table, name: str) -> dict[str, int]:
    return {each["values"]: each["counts"] for each in table[name].value_counts().to_pylist()}


def test_every_account_has_one_record_under_its_number_and_companies_have_contacts(people: People) -> None:
    held, truth = accounts_of(people.world), who_is_who(people)
    accounts = int((held.since < people.world.weeks).sum())
    count = counted(truth, "system")
    lettered = pc.match_substring_regex(truth["record_id"], "^[ACD]")
    assert truth.num_rows - pc.sum(lettered).as_py() == accounts
    assert len(set(zip(truth["system"].to_pylist(), truth["record_id"].to_pylist(), strict=True))) == truth.num_rows
    firms = pc.sum(pc.and_(pc.equal(truth["kind"], "organisation"), pc.invert(lettered))).as_py()
    assert count["addresses"] == pytest.approx(0.1 * people.world.customers, rel=0.1)
    assert count["office"] / firms == pytest.approx(1 + people.world.contacts + people.world.entered_twice, rel=0.15)


def test_a_quarter_of_the_persons_would_have_several_accounts() -> None:
    """Some would get theirs after the world's end."""
    people = plain_people(second_accounts=0.25, weeks=520, founders=1.0)
    many = np.bincount(people.records.person)
    assert within(float((many > 1).mean()), 0.25, len(many))


def test_of_the_pairs_of_records_a_third_share_neither_and_a_tenth_changed(people: People) -> None:
    pairs = duplicate_pairs(people)
    assert pairs.num_rows > 3_000
    shares, changed = (pairs[name].to_numpy(zero_copy_only=False) for name in ("shares_contact", "changed"))
    persons = len(pc.unique(pairs["person"]))  # pairs of one person are not independent
    assert within(1 - float(shares.mean()), 0.35, persons)
    assert within(float(changed.mean()), 0.10, persons)


def test_what_the_records_say_shows_who_shares_what(people: People) -> None:
    """Not one pair of the truth says otherwise than the delivered values, however those are written."""
    rows, texts = at_the_end(people)
    email = np.array(texts["email"].to_pylist(), dtype=object)
    end = np.full(len(rows), float(people.world.weeks))
    phone = np.where(people.forms.known[1], people.at(rows, end).phone_of, -1 - rows)
    truth = who_is_who(people)
    place = {
        key: row
        for row, key in enumerate(zip(truth["system"].to_pylist(), truth["record_id"].to_pylist(), strict=True))
    }
    pairs = duplicate_pairs(people).to_pylist()
    one = np.array([place[each["system_l"], each["record_l"]] for each in pairs])
    other = np.array([place[each["system_r"], each["record_r"]] for each in pairs])
    same_email = np.array([a is not None and a == b for a, b in zip(email[one], email[other], strict=True)])
    assert (same_email | (phone[one] == phone[other])).tolist() == [each["shares_contact"] for each in pairs]
    said = people.at(rows, end)
    differs = np.zeros(len(pairs), bool)
    for name in ("last", "town", "street", "house"):
        differs |= getattr(said, name)[one] != getattr(said, name)[other]
    assert differs.tolist() == [each["changed"] for each in pairs]


def test_of_the_addresses_one_in_25_holds_two_similar_persons(people: People) -> None:
    homes = households(people)
    addresses = len(pc.unique(homes["household"]))
    count = counted(similar_pairs(people), "kind")
    similar = sum(count[kind] for kind in ("parent and child", "twins", "siblings"))
    assert within(similar / addresses, 0.04, addresses)
    assert within(count["couple"] / addresses, 0.12, addresses)
    assert within(count["flat share"] / addresses, 0.02, addresses)
    of_kind = homes.filter(pc.equal(homes["kind"], "twins"))
    assert of_kind.num_rows == 2 * count["twins"]


def test_similar_persons_are_similar(people: People) -> None:
    drawn, pairs = people.everybody.drawn, similar_pairs(people)
    for kind, alike, apart in (
        ("parent and child", ("first", "last", "female", "street", "house", "town"), ("born",)),
        ("twins", ("last", "second", "born", "street", "house", "town"), ("first",)),
        ("siblings", ("last", "second", "street", "house", "town"), ("first",)),
        ("couple", ("street", "house", "town"), ("female",)),
    ):
        those = pairs.filter(pc.equal(pairs["kind"], kind))
        one, two = those["one"].to_numpy(), those["two"].to_numpy()
        assert len(one) > 20, kind
        for name in alike:
            assert np.array_equal(getattr(drawn, name)[one], getattr(drawn, name)[two]), (kind, name)
        for name in apart:
            assert (getattr(drawn, name)[one] != getattr(drawn, name)[two]).mean() > 0.95, (kind, name)
    parents = pairs.filter(pc.equal(pairs["kind"], "parent and child"))
    years = (drawn.born[parents["two"].to_numpy()] - drawn.born[parents["one"].to_numpy()]) / 365.25
    assert years.min() > 20
    together = pairs.filter(pc.not_equal(pairs["kind"], "flat share"))
    assert within(pc.mean(pairs["shares_phone"]).as_py(), 0.35, pairs.num_rows)
    assert within(pc.mean(together["shares_email"]).as_py(), 0.175, together.num_rows)


def test_errors_are_as_frequent_as_the_world_says(people: People) -> None:
    truth = who_is_who(people)
    for kind in ("typing", "capitals", "without accents"):
        share = pc.mean(pc.match_substring(truth["damage"], kind).cast("int8")).as_py()
        assert within(share, 0.10 if kind == "typing" else 0.15, truth.num_rows), kind


def test_a_typing_error_can_be_seen_in_what_the_record_says() -> None:
    told = [at_the_end(plain_people(mistyped=share, second_accounts=0.2))[1] for share in (0.0, 1.0)]
    clean, wrong = ({name: each[name].to_pylist() for name in each} for each in told)
    rows = len(clean["given"])
    differs = sum(any(clean[name][row] != wrong[name][row] for name in clean) for row in range(rows))
    assert differs > 0.97 * rows  # a word of two letters, or a day that is its month, stays


def test_a_nickname_stands_where_the_truth_says_so() -> None:
    people = plain_people(nicknames=0.5)
    clean = at_the_end(plain_people())[1]["given"].to_pylist()
    familiar = at_the_end(people)[1]["given"].to_pylist()
    told = [kind == "nickname" for kind in who_is_who(people)["damage"].to_pylist()]
    assert [one != other for one, other in zip(clean, familiar, strict=True)] == told
    assert ("Francisco", "Paco") in set(zip(clean, familiar, strict=True))


def test_companies_of_a_group_are_of_one_nation_and_sisters_bear_one_name_in_another_trade() -> None:
    people = people_of(customers=20_000, organisations=0.5, grouped=0.3, careless=0.0)
    table = groups(people)
    firms = people.everybody.companies
    assert within(table.num_rows / len(firms.customer), 0.3, len(firms.customer), sigmas=6)
    company, head = table["company"].to_numpy(), table["group"].to_numpy()
    assert set(np.bincount(head)[head]) == {2, 3, 4}
    assert np.array_equal(people.everybody.drawn.country[company], people.everybody.drawn.country[head])
    sister = table["one_name"].to_numpy(zero_copy_only=False)
    assert 0.3 < sister.mean() < 0.5
    names = company_names(people.everybody.drawn, np.full(len(people.everybody), 3)).to_pylist()
    trade, owner = zip(*(name.split(" ", 1) if name else ("", "") for name in names), strict=True)
    others = [(one, head_of) for one, head_of in zip(company[sister], head[sister], strict=True) if one != head_of]
    assert len(others) > 100
    assert all(owner[one] == owner[head_of] and trade[one] != trade[head_of] for one, head_of in others)


def test_a_company_that_was_entered_twice_is_the_same_company_written_otherwise() -> None:
    people = people_of(entered_twice=0.5, organisations=0.5, customers=4_000)
    _, texts = at_the_end(people)
    truth = who_is_who(people)
    second = np.flatnonzero(pc.starts_with(truth["record_id"], "D").to_numpy(zero_copy_only=False))
    person, names = truth["person"].to_numpy(), texts["company"].to_pylist()
    first = {
        person[row]: names[row]
        for row in range(truth.num_rows)
        if truth["kind"][row].as_py() == "organisation" and row not in set(second)
    }
    assert 400 < len(second) < 1_100
    pairs = [(first[person[row]], names[row]) for row in second]
    assert 0.4 < np.mean([one != other for one, other in pairs]) < 0.95
    assert np.mean([one.split()[1][:2].lower() == other.split()[1][:2].lower() for one, other in pairs]) > 0.85
