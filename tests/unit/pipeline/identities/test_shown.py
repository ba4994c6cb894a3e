"""What a person sees of pairs, customers and their history, on a snapshot made by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from clientela.cli.shown.identity import pair_lines
from clientela.contracts.identity import PairSeen
from clientela.contracts.text import Text
from clientela.errors import NothingPublishedError, PersonError
from clientela.pipeline.create import make_secret
from clientela.pipeline.identities import words
from clientela.pipeline.identities.history import history
from clientela.pipeline.identities.review import review
from clientela.pipeline.identities.why import chain, why
from clientela.present.say import say
from clientela.unify import decisions
from clientela.unify.linking.customer import CUSTOMER
from tests.unit.pipeline.identities.published import People


def said(pair: PairSeen) -> list[str]:
    return [say(each) for each in pair.reasons]


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    made = People(tmp_path_factory.mktemp("people"))
    made.add("crm:1", first_name="Francisco", last_name="García", phone="+34 600 123 456",
             birth_date=date(1980, 3, 1), street="Calle Mayor 5", city="Madrid")  # fmt: skip
    made.add("shop:88", run=2, first_name="Paco", last_name="Garcia", phone="600123456",
             birth_date=date(1980, 3, 7), street="C/ Mayor, 5", city="Madrid")  # fmt: skip
    made.add("crm:2", full_name="Ana López", email="ana@gmail.com")
    made.add("shop:90", of="crm:2", run=2, sure="0.98", full_name="Ana Lopez", email="ana@gmail.com")
    made.add("shop:91", of="crm:2", run=2, sure="0.97", full_name="A. Lopez", email="ana.l@outlook.com")
    made.add("crm:3", full_name="Rosa Vidal")
    made.add("crm:4", full_name="Rosa Vidal")
    fields = (("phone", "exact", 9.8), ("birth_date", "one digit, or day and month turned", 2.1),
              ("first_name", "nickname", 3.0), ("last_name", "exact", 7.9), ("address", "exact", 5.1),
              ("email", "unknown", 0.0), ("any two records", "before they are compared", -19.7),
              ("others_nearby", "namesakes of two ages", -5.0))  # fmt: skip
    made.pair("crm:1", "shop:88", 3.2, 0.902, "uncertain", *fields)
    made.pair("crm:2", "shop:90", 14.2, 1, "joined", ("email", "exact", 13.0), rule="e-mail")
    made.pair("shop:90", "shop:91", 5.9, 0.97, "joined", ("last_name", "exact", 8.0), bridge=True)
    made.pair("crm:2", "crm:3", 0.1, 0.51, "uncertain")
    made.pair("shop:91", "crm:3", 0.9, 0.65, "uncertain")
    made.pair("crm:3", "crm:4", None, 0, "kept apart", decision="d1")
    made.sold("crm:1", "1240.50")
    made.sold("shop:88", "310")
    made.sold("shop:88", "-10", kind="return")
    made.sold("crm:1", "500", kind="shipping")
    made.sold("crm:2", "99")
    made.event(2, "merged", "shop:90", made.number("shop:90"), made.number("crm:2"), "rule")
    made.event(3, "merged", "shop:91", made.number("shop:91"), made.number("crm:2"), "model")
    made.event(4, "merged", "crm:4", made.number("crm:4"), made.number("crm:3"), "model")
    made.event(5, "split", "crm:4", made.number("crm:3"), made.number("crm:4"), "person", "d1")
    made.publish()
    return made


def test_most_money_comes_first_and_of_two_customers_the_likeliest_pair(people: People) -> None:
    found = review(people.folder, company="Shop")
    assert [(each.left.key, each.right.key, each.revenue) for each in found.pairs] == [
        ("crm:1", "shop:88", Decimal("1540.5")),  # 1240.50 + 310 - 10; shipping is no revenue
        ("crm:3", "shop:91", Decimal("99")),
        ("shop:90", "shop:91", Decimal("99")),  # one customer: counted once
    ]
    assert [each.status for each in found.pairs] == ["uncertain", "uncertain", "joined"]
    assert (found.uncertain, found.bridges) == (2, 1)


def test_a_limit_shows_fewer_and_counts_all(people: People) -> None:
    found = review(people.folder, company="Shop", limit=1)
    assert (len(found.pairs), found.uncertain) == (1, 2)


def test_the_reason_is_in_words_with_what_weighs_most_first(people: People) -> None:
    first = review(people.folder, company="Shop").pairs[0]
    assert said(first) == [
        "same telephone",
        "same last name",
        "same address",
        "they look like namesakes of two ages",
        "first name is a nickname",
        "birth date differs in one digit",
    ]


def test_what_differs_is_marked_and_what_is_only_written_otherwise_is_not(people: People) -> None:
    first = review(people.folder, company="Shop").pairs[0]
    assert {each.field: each.differs for each in first.lines} == {
        "full_name": True,
        "birth_date": True,
        "phone": False,
        "street": False,
        "city": False,
        "created_on": False,
    }


def test_two_records_of_one_system_and_moment_say_each_one_of_several(tmp_path: Path) -> None:
    made = People(tmp_path)
    made.add("crm:1", full_name="Ana Ruiz", city="Madrid", company="Sol", country="ES")
    made.add("crm:2", of="crm:1", full_name="Ana Ruiz", city="Toledo", country="ES")
    made.add("shop:1", of="crm:1", full_name="Ana Ruiz", city="Madrid")
    made.pair("crm:1", "crm:2", 9, 0.99, "joined")
    made.publish()
    (pair,) = why(tmp_path, "crm:1", "crm:2").pairs
    lines = {each.field: each for each in pair.lines}
    city, company = lines["city"], lines["company"]
    assert isinstance(city.left, Text)
    assert isinstance(company.right, Text)
    assert (say(city.left), city.differs) == ("one of: Madrid, Toledo", True)
    assert (say(company.right), company.differs) == ("one of: –, Sol", True)
    assert (lines["country"].left, lines["country"].differs) == ("ES", False)
    shop = next(each for each in why(tmp_path, "shop:1").records if each.key == "shop:1")
    assert shop.said["city"] == "Madrid"
    assert any("one of: Madrid, Toledo" in each for each in pair_lines(pair, longest=1, drawn=False))


def test_the_weights_add_up_to_the_weight_of_the_pair(people: People) -> None:
    first = review(people.folder, company="Shop").pairs[0]
    assert first.match_weight == 3.2
    assert sum(each.match_weight for each in first.evidence) == pytest.approx(3.2)
    assert [each.field for each in first.evidence][:2] == [None, "phone"]
    assert "email" not in [each.field for each in first.evidence]


def test_where_a_rule_fits_and_a_person_is_asked_all_the_same_it_is_said_why() -> None:
    said_of = words.reasons((), (), "name and door", open_=True)
    assert [say(each) for each in said_of] == ["it may be either of two people of this name who are a generation apart"]
    assert [say(each) for each in words.reasons((), (), "name and door")] == [
        "same name at one address, and nothing contradicts it"
    ]


def test_every_likeness_and_field_of_customers_has_words() -> None:
    for field in CUSTOMER.fields:
        assert field.name in words.NAMES, field.name
        for level in field.levels:
            assert level.likeness in {*words.LIKENESSES, ""}, (field.name, level.likeness)


def test_before_the_first_run_there_is_nothing_to_review(tmp_path: Path) -> None:
    make_secret(tmp_path)
    with pytest.raises(NothingPublishedError):
        review(tmp_path, company="Shop")


def test_a_snapshot_without_records_has_nothing_to_review(tmp_path: Path) -> None:
    made = People(tmp_path)
    made.add("shop:1")
    made.publish()
    assert review(tmp_path, company="Shop").pairs == ()
    assert say(why(tmp_path, "shop:1").answer) == "This customer has one record; nothing was joined."


def test_a_customer_is_held_together_by_pairs(people: People) -> None:
    found = why(people.folder, "crm:2")
    assert found.customers == (people.number("crm:2"),)
    assert say(found.answer) == (
        "3 records are this customer, held together by 2 pairs. 1 of them alone holds two groups together: "
        "look at it first."
    )
    assert [each.key for each in found.records] == ["crm:2", "shop:90", "shop:91"]
    assert [each.is_bridge for each in found.pairs] == [True, False]


def test_two_records_of_a_customer_are_led_to_each_other(people: People) -> None:
    found = why(people.folder, "crm:2", "shop:91")
    assert found.together
    assert (
        say(found.answer) == f"Both records are customer {people.number('crm:2')}: 2 pairs lead from one to the other."
    )
    assert [(each.left.key, each.right.key) for each in found.pairs] == [("crm:2", "shop:90"), ("shop:90", "shop:91")]
    assert "joined directly" in say(why(people.folder, "crm:2", "shop:90").answer)


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        ("crm:1", "shop:88", "It is not sure: they may be one customer with a probability of 90.2%."),
        ("crm:3", "crm:4", "They are two customers because a person said so."),
        ("crm:1", "crm:4", "No two records of them are alike enough to ask about."),
    ],
)
def test_two_customers_are_two_for_a_reason(people: People, one: str, other: str, answer: str) -> None:
    found = why(people.folder, one, other)
    assert not found.together
    assert say(found.answer) == answer


def test_an_unknown_value_is_a_mistake_that_does_not_repeat_it(people: People) -> None:
    with pytest.raises(PersonError) as caught:
        why(people.folder, "somebody@example.org")
    assert "somebody" not in str(caught.value)


def test_a_chain_takes_the_fewest_pairs(people: People) -> None:
    pairs = why(people.folder, "crm:2").pairs
    assert chain(pairs, people.ref("crm:2"), people.ref("crm:2")) == ()
    assert chain(pairs, people.ref("crm:2"), people.ref("crm:1")) == ()


def test_a_history_tells_what_came_and_joined(people: People) -> None:
    told = history(people.folder, "crm:2")
    happened = [(each.run, each.kind, each.record.key if each.record else None, each.by) for each in told.happened]
    assert sorted(happened[:1] + happened[3:]) == [
        (1, "created", "crm:2", None),
        (2, "merged", "shop:90", "rule"),
        (3, "merged", "shop:91", "model"),
    ]
    assert {each[2] for each in happened[1:3]} == {"shop:90", "shop:91"}


def test_an_earlier_number_has_a_history_too(people: People) -> None:
    told = history(people.folder, str(people.number("shop:90")))
    assert (told.asked, told.customer_id) == (people.number("shop:90"), people.number("crm:2"))


def test_the_person_behind_an_event_and_the_reason_are_told(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    decided = decisions.Decision(
        id="d1", kind="split", pairs=(), by="Ben", at=datetime(2024, 1, 5, tzinfo=UTC), reason="twins"
    )
    monkeypatch.setattr("clientela.pipeline.identities.history.told", lambda _: {"d1": decided})
    last = history(people.folder, "crm:4").happened[-1]
    assert (last.kind, last.by, last.person, last.reason) == ("split", "person", "Ben", "twins")
    assert (last.from_customer_id, last.to_customer_id) == (people.number("crm:3"), people.number("crm:4"))
