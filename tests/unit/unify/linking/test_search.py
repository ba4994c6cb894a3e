"""Which pairs are compared: counted first, none for what too many share, and only what changed when asked."""

from dataclasses import replace

import pytest
from sqlglot import exp

from clientela.errors import ClientelaError
from clientela.unify.linking import learn, link, number
from clientela.unify.linking.fresh import Before
from clientela.unify.linking.work import add, place
from tests.unit.unify.linking.people import NOW, crowd, linkable, record, rows


def refs(*names: str) -> exp.Query:
    listed = exp.values([(name,) for name in names], alias="listed", columns=["customer_ref"])
    return exp.select("customer_ref").from_(listed)


def pairs(engine, **options):
    found = link(engine, options.pop("model", None) or learn(engine, now=NOW), **options)
    return found, {(row["customer_ref_l"], row["customer_ref_r"]): row for row in rows(engine, "scored_pair")}


def test_ten_thousand_records_of_one_phone_and_postcode_are_not_compared_for_it():
    hub = {"phone": "+34900000000", "postal_code": "28001", "street": "gran via", "house_number": "1"}
    with linkable(record(f"r{n:05}", first_name=f"n{n}", last_name=f"s{n}", **hub) for n in range(10_000)) as engine:
        found, kept = pairs(engine)
    told = {(each.figure, each.about): each.value for each in found.figures}
    assert kept == {}
    assert told["pairs compared", ""] == 0
    assert told["values left out", "phone"] == told["values left out", "address"] == 1


def test_a_blocking_rule_that_would_compare_too_much_is_left_out_and_named():
    family = [record(f"a{n}", last_name="sanz", postal_code="28001", first_name=f"n{n}x") for n in range(20)]
    one = {"email": "eva@x.es", "first_name": "eva"}
    with linkable([*family, record("b", **one), record("c", **one)]) as engine:
        found, kept = pairs(engine, pairs_per_record=1)
    assert "last name and postal code" in found.refused
    assert set(kept) == {("b", "c")}


def test_when_no_blocking_rule_is_cheap_enough_it_says_what_to_do():
    with linkable(record(f"a{n}", last_name="sanz", postal_code="1", city="x") for n in range(40)) as engine:
        model = learn(engine, now=NOW)
        with pytest.raises(ClientelaError, match=r"raise 'pairs_per_record' or lower 'shared_by' in \[identity\]"):
            link(engine, model, pairs_per_record=1)


@pytest.mark.slow
def test_what_changed_alone_gives_the_pairs_of_looking_at_all():
    people = crowd(1500)
    new = {row["customer_ref"] for row in people[::40]}
    old = [row for row in people if row["customer_ref"] not in new]
    with linkable(people) as engine:
        model = learn(engine, now=NOW)
        _, whole = pairs(engine, model=model)
    with linkable(old) as engine:
        _, before = pairs(engine, model=model)
    with linkable(people) as engine:
        _, fresh = pairs(engine, model=model, changed=refs(*new))
        again = {row["customer_ref"] for row in rows(engine, "relinked")}
    assert new <= again
    kept = {pair: row for pair, row in before.items() if not again & set(pair)}
    assert kept | fresh == whole
    assert len(fresh) < len(whole) / 4


def test_a_new_record_that_makes_a_phone_shared_by_too_many_takes_back_what_it_joined():
    jan = {"first_name": "jan", "last_name": "jansen", "phone": "+31612345678"}
    three = [record(ref, **jan) for ref in ("a", "b", "c")]
    with linkable(three) as engine:
        model = learn(engine, now=NOW)
        _, before = pairs(engine, model=model, shared_by=3)
    with linkable([*three, record("d", first_name="eva", phone=jan["phone"])]) as engine:
        _, fresh = pairs(engine, model=model, shared_by=3, changed=refs("d"))
        again = {row["customer_ref"] for row in rows(engine, "relinked")}
        _, whole = pairs(engine, model=model, shared_by=3)
    assert before[("a", "b")]["rule"] == "phone and surname"
    assert again == {"a", "b", "c", "d"}
    assert fresh == whole
    assert not any(row["rule"] for row in whole.values())


def test_each_pair_is_compared_once_however_many_rules_find_it():
    same = {
        "first_name": "eva",
        "last_name": "sanz",
        "email": "e@x.es",
        "phone": "+34600000000",
        "postal_code": "28001",
    }
    with linkable([record("a", **same), record("b", **same)]) as engine:
        found, kept = pairs(engine)
    told = {each.about: each.value for each in found.figures if each.figure == "pairs compared"}
    assert told[""] == 1
    assert told["e-mail"] == told["phone"] == told["name and postal code"] == 1
    assert len(kept) == 1


def left(engine) -> Before:
    """What a search left, as rows that another engine can be told."""

    def told(table: str, *names: str) -> exp.Query:
        kinds = {"about": "varchar", "value": exp.DType.UBIGINT, "customer_ref": "varchar"}
        found = [tuple(row[name] for name in names) for row in rows(engine, table)]
        listed = exp.values(found or [(None,) * len(names)], alias="told", columns=names)
        typed = [exp.alias_(exp.cast(exp.column(name), kinds[name]), name) for name in names]
        return exp.select(*typed).from_(listed).where(exp.column(names[0]).is_(exp.null()).not_())

    return Before(crowded=told("crowded_value", "about", "value"), mates=told("mate", "about", "value", "customer_ref"))


NEIGHBOURS = [record(ref, first_name="ann", last_name="king", postal_code="28001") for ref in ("a", "b", "c")]


def test_a_name_and_postal_code_that_one_too_many_gets_brings_nobody_together_any_more():
    with linkable(NEIGHBOURS) as engine:
        model = learn(engine, now=NOW)
        _, before = pairs(engine, model=model, shared_by=3, ask_above=0.0001)
    new = {"last_name": "king", "first_name": "ann", "postal_code": "28001"}
    with linkable([*NEIGHBOURS, record("d", **new)]) as engine:
        _, fresh = pairs(engine, model=model, shared_by=3, ask_above=0.0001, changed=refs("d"))
        again = {row["customer_ref"] for row in rows(engine, "relinked")}
        _, whole = pairs(engine, model=model, shared_by=3, ask_above=0.0001)
    assert set(before) == {("a", "b"), ("a", "c"), ("b", "c")}
    assert again == {"a", "b", "c", "d"}
    assert fresh == whole == {}


def test_a_name_and_postal_code_that_one_too_many_lost_brings_together_again():
    four = [*NEIGHBOURS, record("d", first_name="ann", last_name="king", postal_code="28001")]
    with linkable(four) as engine:
        model = learn(engine, now=NOW)
        _, before = pairs(engine, model=model, shared_by=3, ask_above=0.0001)
        told = left(engine)
    with linkable(NEIGHBOURS) as engine:
        _, fresh = pairs(engine, model=model, shared_by=3, ask_above=0.0001, changed=refs("nobody"), before=told)
    assert before == {}
    assert set(fresh) == {("a", "b"), ("a", "c"), ("b", "c")}


def test_what_a_changed_record_said_before_is_counted_again_and_nothing_else() -> None:
    """Of four of one name and postal code one moved: three are few, and are brought together; others stay crowded."""
    others = [record(f"o{n}", first_name="eva", last_name="roy", postal_code="08001") for n in range(4)]
    four = [*NEIGHBOURS, record("d", first_name="ann", last_name="king", postal_code="28001")]
    with linkable([*four, *others]) as engine:
        model = learn(engine, now=NOW)
        pairs(engine, model=model, shared_by=3, ask_above=0.0001)
        told, names = left(engine), list(rows(engine, "linkable")[0])
    with linkable([four[3]]) as engine:
        values = [tuple(row[name] for name in names) for row in rows(engine, "linkable")]
        kinds = engine.column_types(exp.select("*").from_("memory.main.linkable"))
    form = exp.select(
        *(exp.cast(exp.convert(value), kinds[name]).as_(name) for name, value in zip(names, values[0], strict=True))
    )
    told = replace(told, forms=form)
    moved = record("d", first_name="ann", last_name="king", postal_code="50001")
    with linkable([*NEIGHBOURS, moved, *others]) as engine:
        _, some = pairs(engine, model=model, shared_by=3, ask_above=0.0001, changed=refs("d"), before=told)
        crowded = {(row["about"], row["value"]) for row in rows(engine, "crowded_value")}
        again = {row["customer_ref"] for row in rows(engine, "relinked")}
        _, whole = pairs(engine, model=model, shared_by=3, ask_above=0.0001)
        assert crowded == {(row["about"], row["value"]) for row in rows(engine, "crowded_value")}
    assert {"a", "b", "c", "d"} == again
    assert some == {pair: row for pair, row in whole.items() if again & set(pair)}
    assert ("a", "b") in some


@pytest.mark.parametrize(("neighbours", "together"), [(3, 1), (4, 0)])
def test_an_address_that_too_many_share_brings_nobody_together_by_street(neighbours: int, together: int) -> None:
    """The address is of street, number and postal code: with it go street and number, of which a block is."""
    home = {"street": "gran via", "house_number": "1", "postal_code": "28001"}
    people = [record(f"r{n}", first_name=f"n{n}", last_name="sanz" if n < 2 else f"s{n}", **home) for n in range(9)]
    with linkable(people[:neighbours]) as engine:
        found, _ = pairs(engine, shared_by=3)
    told = {each.about: each.value for each in found.figures if each.figure == "pairs compared"}
    assert told["last name and street"] == together
    assert told["last name and postal code"] == 1


def test_what_was_hashed_before_a_delivery_counts_without_who_went_and_with_who_came() -> None:
    """Four of one name and postal code are too many; one goes, another says something new of himself, a fifth comes."""
    gone = record("g", first_name="ann", last_name="king", postal_code="28001")
    told = [record("b", first_name="ann", last_name="king", postal_code="28001", gender="f"), record("e", city="leon")]
    with linkable([NEIGHBOURS[0], NEIGHBOURS[2], *told]) as engine:
        model = learn(engine, now=NOW)
        _, whole = pairs(engine, model=model, shared_by=3, ask_above=0.0001)
        new = exp.select("*").from_("memory.main.linkable").where(exp.column("customer_ref").isin("b", "e"))
        came = engine.fetch(new)
    with linkable([*NEIGHBOURS, gone]) as engine:
        number(engine, model, exp.select("rowid", "*").from_(place("linkable")))
        engine.run(exp.delete(place("linkable")).where(exp.column("customer_ref").isin("b", "g")))
        engine.register("came", came)
        add(engine, "linkable", exp.select("*").from_("came"))
        engine.unregister("came")
        options = {"model": model, "shared_by": 3, "ask_above": 0.0001, "changed": refs("b", "e")}
        _, some = pairs(engine, **options, numbered=True)
    assert set(whole) == {("a", "b"), ("a", "c"), ("b", "c")}
    assert some == {pair: row for pair, row in whole.items() if "b" in pair}
