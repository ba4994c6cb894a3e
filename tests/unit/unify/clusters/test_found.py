"""The work tables of customers found and of what became of each pair."""

import hashlib
from collections.abc import Sequence

import pyarrow as pa
import pytest
import sqlglot
from sqlglot import exp

from clientela.unify.clusters.found import Figures, write_found
from clientela.unify.decisions import Standing
from clientela.warehouse.engine import Engine

NOBODY = Standing(joined={}, parted={}, apart_since={})


def ref(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def given(
    engine: Engine, keys: list[tuple[str, str, int]], scored: Sequence[tuple[str, str, float, float, str | None]]
) -> None:
    """The tables that the stages before write: a key by record, system and first run; a pair by two records."""
    engine.register("keys", pa.table({
        "customer_ref": [ref(name) for name, _, _ in keys],
        "source": [source for _, source, _ in keys],
        "record_id": [name for name, _, _ in keys],
        "first_run": pa.array([run for _, _, run in keys], pa.int64()),
    }))  # fmt: skip
    engine.register("pairs", pa.table({
        "customer_ref_l": pa.array([min(ref(a), ref(b)) for a, b, *_ in scored], pa.string()),
        "customer_ref_r": pa.array([max(ref(a), ref(b)) for a, b, *_ in scored], pa.string()),
        "match_weight": pa.array([weight for _, _, weight, _, _ in scored], pa.float64()),
        "match_probability": pa.array([p for _, _, _, p, _ in scored], pa.float64()),
        "rule": pa.array([rule for *_, rule in scored], pa.string()),
    }))  # fmt: skip
    for given_, name in (("keys", "customer_key"), ("pairs", "scored_pair")):
        made = sqlglot.parse_one("create or replace table memory.main.made as select * from given")
        for each in made.find_all(exp.Table):
            each.set("this", exp.to_identifier(name if each.db else given_))
        engine.run(made)


def table(engine: Engine, name: str, *columns: str) -> list[tuple[object, ...]]:
    names = {ref(each): each for each in "abcdefgh"}
    rows = engine.fetch(exp.select(*columns).from_(exp.table_(name, db="main", catalog="memory"))).to_pylist()
    return sorted((tuple(names.get(value, value) for value in row.values()) for row in rows), key=str)


def decisions(joined: list[str] = [], parted: list[str] = []) -> Standing:  # noqa: B006  # only read
    def pairs(said: list[str]) -> dict[tuple[str, str], str]:
        return {tuple(sorted(map(ref, two))): f"said-{two}" for two in said}  # type: ignore[misc]  # of two letters

    return Standing(joined=pairs(joined), parted=pairs(parted), apart_since={})


def found(engine: Engine, said: Standing = NOBODY, *, largest: int = 50) -> Figures:
    return write_found(engine, said, join_above=0.95, ask_above=0.5, largest=largest)


KEYS = [("a", "shop", 2), ("b", "erp", 2), ("c", "shop", 1), ("d", "shop", 3), ("e", "shop", 3)]
SCORED = [("a", "b", 9.0, 0.998, None), ("b", "c", 2.0, 0.8, None), ("d", "e", 1.5, 0.74, "verified e-mail")]


@pytest.fixture
def engine():  # type: ignore[no-untyped-def]  # a fixture
    with Engine.in_memory() as made:
        given(made, KEYS, SCORED)
        yield made


def test_the_oldest_is_of_the_first_run_then_of_the_first_system_then_of_the_first_key(engine: Engine) -> None:
    figures = found(engine)
    assert table(
        engine, "found", "customer_ref", "oldest_ref", "match_probability::double as p", "towards_ref", "by"
    ) == [
        ("a", "b", 0.998, "b", "model"),
        ("b", "b", 0.998, None, None),
        ("d", "d", 1.0, None, None),
        ("e", "d", 1.0, "d", "rule"),
    ]
    assert figures == Figures(customers=2, records=4, bridges=0, apart_by_size=0, apart_by_person=0, full=0)


def test_a_pair_is_joined_or_asked_about_or_kept_apart(engine: Engine) -> None:
    columns = ("least(customer_ref_l, customer_ref_r) as l", "status", "reason", "is_bridge", "decision")
    found(engine)
    said = {status for _, status, *_ in table(engine, "pair_status", *columns)}
    assert said == {"joined", "uncertain"}
    found(engine, decisions(joined=["bc"], parted=["ab", "de"]))
    rows = engine.fetch(sqlglot.parse_one("select * from memory.main.pair_status")).to_pylist()
    names = {ref(each): each for each in "abcde"}
    told = {
        "".join(sorted((names[r["customer_ref_l"]], names[r["customer_ref_r"]]))): (
            r["status"],
            r["reason"],
            r["decision"],
        )
        for r in rows
    }
    assert told == {
        "ab": ("kept apart", "person", "said-ab"),
        "bc": ("joined", None, "said-bc"),
        "de": ("kept apart", "person", "said-de"),
    }
    assert table(engine, "found", "customer_ref", "oldest_ref", "by", "decision") == [
        ("b", "c", "person", "said-bc"),
        ("c", "c", None, None),
    ]


def test_nobody_is_asked_about_two_customers_whom_a_person_keeps_apart(engine: Engine) -> None:
    found(engine, decisions(parted=["ac"]))  # a and b are one, so b and c are answered too
    assert ("kept apart", "person") in table(engine, "pair_status", "status", "reason")
    assert ("uncertain", None) not in table(engine, "pair_status", "status", "reason")


def test_a_pair_that_the_limit_of_size_kept_apart_says_so(engine: Engine) -> None:
    given(engine, KEYS, [("a", "b", 9.0, 0.998, None), ("b", "c", 8.0, 0.996, None)])
    figures = found(engine, largest=2)
    assert table(engine, "pair_status", "status", "reason") == [("joined", None), ("kept apart", "size")]
    assert (figures.apart_by_size, figures.full) == (1, 2)


def test_of_a_record_that_may_be_either_of_two_a_person_is_asked(engine: Engine) -> None:
    given(engine, KEYS, [("a", "b", 6.0, 0.985, None), ("b", "c", 6.0, 0.985, None), ("d", "e", 9.0, 0.998, None)])
    two = exp.select(
        exp.alias_(exp.Literal.string(min(ref("a"), ref("c"))), "customer_ref_l"),
        exp.alias_(exp.Literal.string(max(ref("a"), ref("c"))), "customer_ref_r"),
    )
    figures = write_found(engine, NOBODY, join_above=0.95, ask_above=0.5, largest=50, apart=two)
    assert figures == Figures(customers=1, records=2, bridges=0, apart_by_size=0, apart_by_person=0, full=0, doubted=2)
    assert table(engine, "pair_status", "status", "reason") == [
        ("joined", None), ("uncertain", None), ("uncertain", None)
    ]  # fmt: skip


def test_a_pair_that_only_a_person_spoke_of_stands_there_too(engine: Engine) -> None:
    found(engine, decisions(joined=["ae"]))
    assert ("joined", "said-ae") in table(engine, "pair_status", "status", "decision")


def test_what_was_decided_about_a_record_that_is_gone_is_passed_over(engine: Engine) -> None:
    found(engine, decisions(joined=["ah"], parted=["bh"]))
    assert len(table(engine, "pair_status", "status")) == 3


def test_a_bridge_is_flagged_on_its_pair(engine: Engine) -> None:
    sure = [("a", "b", 9.0, 0.998, None), ("b", "d", 5.0, 0.97, None), ("d", "e", 9.0, 0.998, None)]
    given(engine, KEYS, sure)
    assert found(engine).bridges == 1
    flagged = engine.fetch(sqlglot.parse_one("select * from memory.main.pair_status where is_bridge")).to_pylist()
    assert [{r["customer_ref_l"], r["customer_ref_r"]} for r in flagged] == [{ref("b"), ref("d")}]


def test_without_any_pair_nothing_is_found(engine: Engine) -> None:
    given(engine, KEYS, [])
    assert found(engine) == Figures(customers=0, records=0, bridges=0, apart_by_size=0, apart_by_person=0, full=0)
    assert table(engine, "found", "customer_ref") == table(engine, "pair_status", "status") == []
