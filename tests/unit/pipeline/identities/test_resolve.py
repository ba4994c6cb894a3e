"""Any identifier finds its customer as surely as it is one, and what nobody has finds nobody for certain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import integers, sampled_from, text, tuples
from sqlglot import exp

from clientela.errors import NothingPublishedError, UsageError
from clientela.pipeline.create import make_secret
from clientela.pipeline.identities.resolve import Resolver, resolver
from clientela.warehouse.engine import NOTHING
from clientela.warehouse.store.snapshot import Reader, current
from tests.some import examples
from tests.unit.pipeline.identities.published import People


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> People:
    made = People(tmp_path_factory.mktemp("people"))
    made.add("crm:1")
    made.add("shop:7", of="crm:1", sure="0.98", run=2)
    made.add("crm:7")
    made.add("shop:9")
    made.add("crm:600123456")
    for kind, value, key in [
        ("e-mail", "ana@example.org", "crm:1"),
        ("e-mail", "ana@example.org", "shop:7"),
        ("e-mail", "home@example.org", "crm:7"),
        ("e-mail", "home@example.org", "shop:9"),
        ("phone", "+34600111222", "shop:7"),
        ("phone", "+34600123456", "crm:1"),
        ("tax number", "12345678Z", "shop:9"),
        ("name", "ana garcia", "crm:1"),
        ("name", "ana garzia lopez", "crm:7"),
        ("name", "john smith", "shop:9"),
    ]:
        made.identifier(kind, value, key)
    made.publish()
    return made


@pytest.fixture(scope="module")
def find(people: People) -> Iterator[Resolver]:
    snapshot = current(people.folder)
    assert snapshot is not None
    with Reader(snapshot) as reader:
        yield Resolver(reader, people.secret, "ES")


def test_the_number_of_a_customer_and_one_it_had_earlier_are_certain(people: People, find: Resolver) -> None:
    now = people.number("crm:1")
    for number in (now, people.number("shop:7")):
        found = find.find(str(number))
        assert (found.customer_id, found.confidence, found.by) == (now, 1.0, "number")


def test_a_key_with_its_system_is_as_sure_as_the_record_is_that_customer(people: People, find: Resolver) -> None:
    found = find.find("shop:7")
    assert (found.customer_id, found.confidence, found.by) == (people.number("crm:1"), 0.98, "record")
    assert find.find(" crm:7 ").customer_id == people.number("crm:7")


def test_a_key_of_two_systems_means_two_customers_and_neither_for_certain(people: People, find: Resolver) -> None:
    found = find.find("7")
    assert found.customer_id is None
    assert {each.customer_id for each in found.candidates} == {people.number("crm:1"), people.number("crm:7")}
    assert sum(each.probability for each in found.candidates) < 1


def test_a_key_of_one_system_is_not_certain_without_it(people: People, find: Resolver) -> None:
    found = find.find("9")
    assert (found.customer_id, found.by, found.confidence) == (people.number("shop:9"), "key", 0.99)


@pytest.mark.parametrize(
    ("value", "by", "confidence"),
    [("Ana@Example.org", "e-mail", 0.9702), ("600 111 222", "phone", 0.931), ("12345678-z", "tax number", 0.999)],
)
def test_what_one_customer_has_finds_them_and_is_not_certain(
    people: People, find: Resolver, value: str, by: str, confidence: float
) -> None:
    found = find.find(value)
    assert found.customer_id == people.number("shop:9" if by == "tax number" else "crm:1")
    assert (found.by, found.confidence) == (by, pytest.approx(confidence, abs=1e-6))


def test_what_two_customers_share_gives_both(people: People, find: Resolver) -> None:
    found = find.find("home@example.org")
    assert found.customer_id is None
    assert [each.probability for each in found.candidates] == [0.497487, 0.497487]


def test_digits_that_are_a_key_of_one_and_a_telephone_of_another_give_both(people: People, find: Resolver) -> None:
    found = find.find("600123456")
    assert found.customer_id is None
    assert {each.customer_id for each in found.candidates} == {people.number("crm:1"), people.number("crm:600123456")}


def test_a_name_that_one_customer_has_finds_them_beside_those_with_similar_ones(people: People, find: Resolver) -> None:
    found = find.find("García, Ana")
    assert (found.customer_id, found.by) == (people.number("crm:1"), "name")
    assert found.confidence == pytest.approx(0.8 * 0.98)
    assert [each.customer_id for each in found.candidates] == [people.number("crm:7")]


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("jon smith", "shop:9"),
        ("Smith", "shop:9"),
        ("ana@example.com", "crm:1"),
        ("anna@example.org", "crm:1"),
        ("600111223", "crm:1"),
        ("+44 600 111 222", "crm:1"),
        ("12345679Z", "shop:9"),
    ],
)
def test_what_nobody_has_finds_nobody_and_shows_who_has_something_like_it(
    people: People, find: Resolver, value: str, key: str
) -> None:
    found = find.find(value)
    assert (found.customer_id, found.confidence, found.by) == (None, 0.0, None)
    assert people.number(key) in [each.customer_id for each in found.candidates]
    assert all(each.probability < 1 for each in found.candidates)


@pytest.mark.parametrize("value", ["nobody", "shop:8", "77", "9" * 19, "9" * 40, "x@y.zz", "Ω≈ç", "'; drop table", "%"])
def test_what_is_like_nothing_finds_nothing(find: Resolver, value: str) -> None:
    found = find.find(value)
    assert (found.customer_id, found.candidates) == (None, ())


def test_saying_nothing_is_a_mistake(find: Resolver) -> None:
    with pytest.raises(UsageError, match="nothing was named"):
        find.find("  ")


def test_before_the_first_run_there_is_nobody_to_find(tmp_path: Path) -> None:
    make_secret(tmp_path)
    with pytest.raises(NothingPublishedError), resolver(tmp_path) as asked:
        asked.find("1")


def test_without_what_is_personal_a_number_and_a_key_still_find(people: People) -> None:
    snapshot = current(people.folder)
    assert snapshot is not None
    with Reader(snapshot, people=False) as reader:
        asked = Resolver(reader, people.secret, None)
        assert asked.find("crm:7").customer_id == people.number("crm:7")
        assert asked.find("ana@example.org").customer_id is None


def asked(find: Resolver, value: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tables that finding a value looks at, in order."""
    looked: list[str] = []
    fetch = Reader.fetch

    def noted(self: Reader, query: exp.Expr, parameters: Mapping[str, object] = NOTHING) -> pa.Table:
        looked.extend(f"{each.db}.{each.name}" for each in query.find_all(exp.Table) if each.db)
        return fetch(self, query, parameters)

    with monkeypatch.context() as patched:
        patched.setattr(Reader, "fetch", noted)
        find.find(value)
    return looked


def test_when_a_number_or_a_key_with_its_system_is_found_no_address_or_name_is_looked_for(
    people: People, find: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value in (str(people.number("crm:1")), str(people.number("shop:7")), "crm:7"):
        assert "people.identifier" not in asked(find, value, monkeypatch)


def test_when_an_address_is_found_nothing_like_it_is_looked_for(
    find: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asked(find, "ana@example.org", monkeypatch).count("people.identifier") == 1
    assert asked(find, "anna@example.org", monkeypatch).count("people.identifier") == 2


def test_the_systems_are_asked_for_once_in_a_session(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = current(people.folder)
    assert snapshot is not None
    with Reader(snapshot) as reader:
        session = Resolver(reader, people.secret, "ES")
        first, second = (asked(session, "nobody@nowhere.org", monkeypatch) for _ in range(2))
    assert first == ["facts.identity", *second]


def test_who_else_may_be_meant_by_a_name_shares_what_the_one_who_has_it_leaves(tmp_path: Path) -> None:
    made = People(tmp_path)
    for number, last in enumerate("abcdefghijklmno"):
        made.add(f"crm:{number}")
        made.identifier("name", f"ana garci{last}", f"crm:{number}")
    made.publish()
    with resolver(tmp_path) as session:
        found = session.find("Ana García")
    assert (found.customer_id, found.confidence) == (made.number("crm:0"), 0.8)
    assert len(found.candidates) == 10
    assert 0.1 < sum(each.probability for each in found.candidates) < 0.2


def test_a_name_is_found_alike_however_it_begins(tmp_path: Path) -> None:
    made = People(tmp_path)
    made.add("crm:1")
    made.identifier("name", "kristina olsson", "crm:1")
    made.publish()
    with resolver(tmp_path) as session:
        for slip in ("Cristina Olsson", "Olsson Kristna", "Kristina Olson"):
            assert [each.customer_id for each in session.find(slip).candidates] == [made.number("crm:1")], slip


KNOWN = ("crm:1", "shop:7", "ana@example.org", "+34 600 111 222", "12345678Z", "ana garcia", "9", "600123456")
SLIPS = tuples(sampled_from(KNOWN), integers(0, 20), text(max_size=1)).map(
    lambda it: it[0][: it[1]] + it[2] + it[0][it[1] :]
)


@given(value=SLIPS | text(min_size=1).filter(lambda said: said.replace("\0", " ").strip()))
@settings(max_examples=examples(200), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_nobody_is_found_for_certain_but_by_number_or_key(
    people: People, find: Resolver, value: str
) -> None:
    found = find.find(value)
    known = {str(each) for each in people.ids.values()} | {str(people.number(key)) for key in people.ids}
    if found.confidence == 1:
        assert " ".join(value.replace("\0", " ").split()) in known | set(people.ids)  # a NUL is typed by nobody
    assert found.confidence + sum(each.probability for each in found.candidates) <= 1.0
