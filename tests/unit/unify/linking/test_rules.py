"""What a rule joins whatever the model says, and what it leaves apart."""

from dataclasses import replace
from datetime import date

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from clientela.unify.linking import LinkModel, learn, link
from clientela.unify.linking.customer import CUSTOMER
from clientela.unify.linking.work import place
from tests.unit.unify.linking.people import NOW, linkable, record, rows

JAN = {"first_name": "jan", "last_name": "jansen", "phone": "+31612345678"}

DOOR = {
    "first_name": "jan", "last_name": "jansen", "street": "kerkstraat", "house_number": "7", "postal_code": "1234AB",
    "city": "ede",
}  # fmt: skip

PEREZ = DOOR | {"first_name": "ana", "last_name": "perez soler", "last_key": "peres"}


def ruled(*records: dict[str, object], shared_by: int = 50) -> dict[tuple[str, str], str]:
    """The pairs that a rule joined."""
    with linkable(records) as engine:
        link(engine, learn(engine, now=NOW), shared_by=shared_by)
        found = rows(engine, "scored_pair")
    return {(row["customer_ref_l"], row["customer_ref_r"]): row["rule"] for row in found if row["rule"]}


def likenesses(*records: dict[str, object]) -> dict[str, str]:
    """What each field says of two records."""
    with linkable(records) as engine:
        link(engine, learn(engine, now=NOW), ask_above=0)
        return {row["field"]: row["likeness"] for row in rows(engine, "scored_field")}


def weight(*records: dict[str, object]) -> float:
    """The match weight of two records, in bits."""
    with linkable(records) as engine:
        link(engine, learn(engine, now=NOW), ask_above=0)
        return float(rows(engine, "scored_pair")[0]["match_weight"])


def joined(*records: dict[str, object]) -> set[tuple[str, str]]:
    """The pairs that a rule or the model joined."""
    with linkable(records) as engine:
        link(engine, learn(engine, now=NOW))
        found = rows(engine, "scored_pair")
    return {
        (row["customer_ref_l"], row["customer_ref_r"])
        for row in found
        if row["rule"] or row["match_probability"] >= 0.95
    }


@pytest.mark.parametrize(
    ("one", "other", "rule"),
    [
        ({"first_name": "jan", "email": "j@x.nl"}, {"first_name": "jan", "email": "j@x.nl"}, "e-mail"),
        ({"first_name": "jan", "email": "j@x.nl"}, {"first_name": "j", "email": "j@x.nl"}, "e-mail"),
        ({"first_name": "jan", "email": "j@x.nl"}, {"email": "j@x.nl"}, "e-mail"),
        ({"first_name": "jan", "email": "j@x.nl"}, {"first_name": "ana", "email": "j@x.nl"}, None),
        ({"email": "i@x.nl", "email_verified": False}, {"email": "i@x.nl", "email_verified": False}, None),
        (JAN, JAN | {"first_name": "johan", "first_key": "jan"}, "phone and surname"),
        (JAN, JAN | {"first_name": "piet"}, None),
        (JAN, JAN | {"last_name": "de vries"}, None),
        (JAN | {"gender": "m"}, JAN | {"first_name": "jane", "gender": "f"}, None),
        (JAN | {"tax_id": "111111111"}, JAN | {"tax_id": "999999999"}, None),
        ({"first_name": "eva", "tax_id": "12345678Z"}, {"first_name": "eva", "tax_id": "12345678Z"}, "tax number"),
        ({"first_name": "eva", "tax_id": "12345678Z"}, {"first_name": "luis", "tax_id": "12345678Z"}, None),
        ({"first_name": "eva", "tax_id": "123"}, {"first_name": "eva", "tax_id": "123"}, None),
        (DOOR, DOOR, "name and door"),
        (DOOR, DOOR | {"first_name": "johan"}, None),
        (DOOR | {"email": "thuis@x.nl"}, DOOR | {"email": "werk@x.nl"}, None),
        (DOOR | {"phone": "+31612345678"}, DOOR | {"phone": "+31687654321"}, None),
        (DOOR | {"birth_date": date(1950, 4, 3)}, DOOR | {"email": "jansen81@x.nl"}, None),
        (JAN | {"birth_date": date(1950, 4, 3)}, JAN | {"email": "jansen81@x.nl"}, None),
        (JAN | {"birth_date": date(1981, 4, 3)}, JAN | {"email": "jansen81@x.nl"}, "phone and surname"),
        (JAN | {"email": "thuis@x.nl"}, JAN | {"email": "werk@x.nl"}, None),
        (JAN | {"generation": "elder"}, JAN | {"generation": "younger"}, None),
        (DOOR | {"generation": "elder"}, DOOR | {"generation": "younger"}, None),
        (JAN | {"generation": "elder"}, JAN, "phone and surname"),
        (PEREZ, PEREZ, "name and door"),
        (PEREZ, PEREZ | {"last_name": "perez gil"}, None),
        (PEREZ, PEREZ | {"last_name": "perez solet"}, "name and door"),
        (PEREZ, PEREZ | {"last_name": "perez"}, "name and door"),
        (PEREZ | {"email": "ana@x.es"}, PEREZ | {"last_name": "perez gil", "email": "ana@x.es"}, None),
    ],
)
def test_a_rule_joins_what_nothing_known_contradicts(one, other, rule):
    assert ruled(record("a", **one), record("b", **other)).get(("a", "b")) == rule


def test_the_same_name_and_phone_of_two_ages_is_father_and_son():
    father, son = (
        record(ref, **JAN, birth_date=date(year, 4, day)) for ref, year, day in (("a", 1950, 3), ("b", 1981, 27))
    )
    assert ruled(father, son) == {}


def test_jr_and_sr_of_one_name_at_one_door_are_two_whatever_they_share():
    home = DOOR | {"phone": "+31612345678", "email": "thuis@jansen.nl"}
    assert joined(record("a", **home, generation="elder"), record("b", **home, generation="younger")) == set()
    assert joined(record("a", **home, generation="elder"), record("b", **home, generation="elder")) == {("a", "b")}


def test_a_child_of_its_parents_name_has_another_mother_so_the_second_family_name_tells_them_apart():
    home = PEREZ | {"phone": "+34612345678", "email": "casa@x.es"}
    mother, daughter = record("a", **home), record("b", **home | {"last_name": "perez gil"})
    assert joined(mother, daughter) == set()
    born = {"birth_date": date(1990, 5, 4)}
    assert joined(record("a", **home, **born), record("b", **home | {"last_name": "perez gil"}, **born)) == {("a", "b")}
    assert likenesses(mother, daughter)["others_nearby"] == "parent and child of one name, by the other family name"


def test_both_family_names_at_one_door_say_one_customer_although_all_else_differs():
    one, other = {"email": "ana@x.es", "phone": "+34612345678"}, {"email": "soler@y.es", "phone": "+34687654321"}
    alone = PEREZ | {"last_name": "perez"}
    both = weight(record("a", **PEREZ, **one), record("b", **PEREZ, **other))
    assert both > weight(record("a", **alone, **one), record("b", **alone, **other)) + 2


@pytest.mark.parametrize(
    ("name", "second"),
    [("perez soler", "soler"), ("van den berg", None), ("de luca", None), ("de la cruz gil", "gil"), ("bakker", None)],
)
def test_a_family_name_with_small_words_before_it_is_one(name: str, second: str | None) -> None:
    with linkable([record("a", last_name=name)]) as engine:
        told = engine.fetch(
            exp.select(exp.alias_(CUSTOMER.columns["surname"].copy(), "one"),
                       exp.alias_(CUSTOMER.columns["second_surname"].copy(), "two")).from_(place("linkable"))
        ).to_pylist()[0]  # fmt: skip
    assert told["two"] == second
    assert told["one"] == (name if second is None else name.removesuffix(f" {second}"))


@given(st.lists(st.lists(st.sampled_from(["", "de", "la", "san", "d", "perez", "gil", "o"]), max_size=5), max_size=60))
def test_what_is_had_sooner_is_what_the_patterns_say(names: list[list[str]]) -> None:
    told = pa.table({"last_name": pa.array([None, *(" ".join(words) for words in names)], pa.string())})
    assert set(CUSTOMER.sooner) == {"surname", "second_surname"}
    with duckdb.connect() as connection:
        connection.register("told", told)
        for name, sooner in CUSTOMER.sooner.items():
            asked = f"({sooner.sql(dialect='duckdb')}, {CUSTOMER.columns[name].sql(dialect='duckdb')})"
            found = connection.sql(f"select {asked} from told").fetchall()  # noqa: S608 - made of our own conditions
            assert [one for ((one, _),) in found] == [other for ((_, other),) in found]


def test_two_of_one_given_name_who_answer_one_switchboard_are_colleagues():
    work = {"first_name": "maria", "company": "trasporti bianchi", "phone": "+393335526634"}
    rossi = record("a", **work, last_name="rossi", email="maria.rossi@bianchi.it")
    conti = record("b", **work, last_name="conti", email="maria.conti@bianchi.it")
    assert joined(rossi, conti) == set()
    assert likenesses(rossi, conti)["others_nearby"] == "colleagues"


def test_namesakes_at_one_door_with_one_telephone_and_two_addresses_for_email_may_be_parent_and_child():
    family = DOOR | {"phone": "+31612345678"}
    one, other = record("a", **family, email="jan@x.nl"), record("b", **family, email="jansen@y.nl")
    assert ruled(one, other) == {}
    assert weight(one, other) < weight(record("a", **DOOR), record("b", **DOOR))  # a family shares its telephone
    said = likenesses(one, other)
    assert said["reached_at_home"] == "one telephone, two e-mail addresses"
    assert (said["phone"], said["email"]) == ("the same, told with the home", "different, told with the home")


def test_a_letter_left_out_of_a_short_name_is_a_slip_and_another_letter_another_name():
    home = {"last_name": "jansen", "email": "jansen@x.nl"}
    assert joined(record("a", first_name="amy", **home), record("b", first_name="ay", **home)) == {("a", "b")}
    assert joined(record("a", first_name="tom", **home), record("b", first_name="tim", **home)) == set()


def test_an_initial_that_may_be_either_of_two_is_joined_to_neither_by_a_rule():
    home = {"last_name": "jansen", "phone": "+31612345678"}
    three = [record(ref, first_name=name, **home) for ref, name in (("a", "jan"), ("b", "johanna"), ("c", "j"))]
    assert ruled(*three[:1], three[2]) == {("a", "c"): "phone and surname"}
    assert ruled(record("a", first_name="jan", **home), record("b", first_name="petra", **home), three[2]) == {}


def test_a_person_is_never_the_company_with_the_same_address_and_phone():
    shared = {"email": "jan@jansen.nl", "phone": "+31612345678", "tax_id": "123456789"}
    person = record("a", first_name="jan", last_name="jansen", company="jansen", **shared)
    firm = record("b", kind="organisation", company="jansen", **shared)
    assert joined(person, firm) == set()


def test_organisations_are_joined_by_domain_and_company():
    firm = {"kind": "organisation", "company": "acme", "email_domain": "acme.nl"}
    found = ruled(record("a", **firm), record("b", **firm), record("c", **firm | {"company": "roadrunner"}))
    assert found == {("a", "b"): "domain and company"}


def test_a_value_that_too_many_records_have_joins_nobody():
    crowd = [record(f"r{n}", first_name="jan", last_name="jansen", phone="+31612345678") for n in range(6)]
    assert len(ruled(*crowd[:5], shared_by=5)) == 10
    assert ruled(*crowd, shared_by=5) == {}


HOME = {
    "last_name": "jansen", "street": "kerkstraat", "house_number": "7", "postal_code": "1234AB", "city": "ede",
    "phone": "+31612345678", "email": "thuis@jansen.nl",
}  # fmt: skip


def test_two_people_who_share_all_of_a_household_stay_two():
    assert joined(record("a", first_name="jan", **HOME), record("b", first_name="marieke", **HOME)) == set()


def test_twins_stay_two():
    born = {"birth_date": date(1990, 2, 3)}
    twins = record("a", first_name="anouk", **born, **HOME), record("b", first_name="sophie", **born, **HOME)
    assert joined(*twins) == set()


def test_father_and_son_of_one_name_in_one_house_stay_two():
    father = record("a", first_name="jan", birth_date=date(1950, 5, 3), **HOME)
    son = record("b", first_name="jan", birth_date=date(1981, 5, 27), **HOME)
    assert joined(father, son) == set()


def test_a_misspelt_person_at_the_same_address_is_one():
    assert joined(record("a", first_name="marieke", **HOME), record("b", first_name="mareike", **HOME)) == {("a", "b")}


def test_mario_and_maria_of_one_home_stay_two():
    pair = record("a", first_name="mario", **HOME), record("b", first_name="maria", **HOME)
    assert joined(*pair) == set()


def test_the_postal_code_tells_nothing_beside_the_door():
    with linkable([record("a", **DOOR), record("b", **DOOR)]) as engine:
        link(engine, learn(engine, now=NOW))
        said = {row["field"]: row["likeness"] for row in rows(engine, "scored_field")}
    assert said["address"] == "exact"
    assert said["place"] == said["town"] == "unknown"


def test_an_address_for_email_that_is_made_of_the_name_says_no_more_than_the_name():
    name = {"first_name": "sara", "last_name": "bruno"}
    one, other = (record(ref, **name, email=f"sara.bruno@{domain}") for ref, domain in (("a", "x.it"), ("b", "y.it")))
    with linkable([one, other]) as engine:
        link(engine, learn(engine, now=NOW))
        said = {row["field"]: (row["likeness"], row["match_weight"]) for row in rows(engine, "scored_field")}
    assert said["email"] == ("same name at another provider", 0)


def test_one_word_in_common_joins_nobody():
    crowd = [record(f"r{n}", full_name="cliente", postal_code="28001", city="madrid") for n in range(5)]
    assert joined(*crowd) == set()


def test_an_initial_and_a_name_in_one_street_join_nobody():
    home = {"last_name": "jansen", "postal_code": "1234AB", "city": "ede"}
    three = [record(ref, first_name=name, **home) for ref, name in (("a", "jan"), ("b", "johanna"), ("c", "j"))]
    assert joined(*three) == set()


def test_a_person_who_is_named_as_the_contact_of_a_company_is_one():
    own = {"first_name": "jan", "last_name": "jansen", "email": "jan@jansen.nl", "phone": "+31612345678"}
    firm = record("b", kind="organisation", company="jansen", **own)
    assert joined(record("a", **own), firm) == {("a", "b")}


def test_another_birth_date_does_not_part_one_address_for_email_but_does_part_one_home():
    own = {"first_name": "jan", "last_name": "jansen", "full_name": "jan jansen", "email": "jan.jansen@x.nl"}
    born = [{"birth_date": date(1950, 5, 3)}, {"birth_date": date(1962, 11, 28)}]
    likely = {"city": "ede", "first_name": "jan"}
    assert joined(record("a", **own | likely | born[0]), record("b", **own | likely | born[1])) == {("a", "b")}
    assert joined(record("a", **HOME | own | born[0]), record("b", **HOME | own | born[1])) == set()


def test_a_comparing_without_rules_joins_nobody_by_a_rule():
    plain = replace(CUSTOMER, rules=())
    with linkable([record("a", **JAN), record("b", **JAN)]) as engine:
        link(engine, learn(engine, now=NOW, comparing=plain), comparing=plain)
        assert [row["rule"] for row in rows(engine, "scored_pair")] in ([], [None])


def test_the_model_of_too_few_records_is_the_shipped_one():
    with linkable([record("a", first_name="jan")]) as engine:
        model = learn(engine, now=NOW)
    assert model.document["basis"] == "shipped"
    assert LinkModel.of(model.document).version == model.version


@pytest.mark.parametrize(
    ("city", "likeness"),
    [("ede", "exact"), (None, "exact"), ("delft", "same street")],  # a slip, a slip, and what every town has
)
def test_a_digit_between_postal_codes_is_a_slip_unless_the_town_is_another(city: str | None, likeness: str) -> None:
    mail = {"email": "jan@x.nl"}
    with linkable((DOOR | mail, DOOR | mail | {"postal_code": "1244AB", "city": city})) as engine:
        link(engine, learn(engine, now=NOW))
        told = {row["field"]: row["likeness"] for row in rows(engine, "scored_field")}
    assert told["address"] == likeness
