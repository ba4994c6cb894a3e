"""Who became whom, run by run: what changed is kept, replayed it is the state, every number leads to today's."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pytest
import sqlglot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from clientela.unify import decisions, events
from clientela.unify.clusters.found import write_found
from clientela.warehouse.engine import Engine
from clientela.warehouse.store import orphans
from clientela.warehouse.store.journals import counted
from clientela.warehouse.store.landing import Landing

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
SURE, UNSURE = (9.0, 0.998), (2.0, 0.8)


def ref(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def number(name: str) -> int:
    """The number a record begins with."""
    return int(ref(name)[:15], 16)


class Company:
    """A workspace whose records and scored pairs are said, run by run."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.landing = folder, Landing(folder)
        self.run_number, self.published = 0, list[int]()
        self.keys: dict[str, int] = {}
        self.given = set[int]()  # every number that a customer ever had
        self.scored: dict[tuple[str, str], tuple[float, float]] = {}
        self.now = BEGIN

    def run(self, *, publish: bool = True, largest: int = 50) -> dict[str, int]:
        """The customer of each record, after a run of everything from a new engine."""
        self.run_number += 1
        self.now += timedelta(hours=1)
        with Engine.in_memory() as engine:
            self._given(engine)
            standing = decisions.standing(decisions.read(self.landing))
            write_found(engine, standing, join_above=0.95, ask_above=0.5, largest=largest)
            told = {"run": self.run_number, "now": self.now, "published": self.published}
            events.record(engine, self.landing, standing, **told)  # type: ignore[arg-type]  # as named
            self._publish(engine)
            identity = {row["name"]: row["customer_id"] for row in _rows(engine, "select * from identity")}
            self.changes = {
                row["name"]: (row["kind"], row["from_customer_id"], row["to_customer_id"], row["by"], row["decision"])
                for row in _rows(
                    engine,
                    "select change.*, record_id as name from memory.main.identity_change as change "
                    "join memory.main.customer_key using (customer_ref)",
                )
            }
            self.given |= {number(name) for name in self.keys}
            self.present = {each: events.present(engine.fetch, each) for each in [*self.given, 1]}
        if publish:
            self.published.append(self.run_number)
        return identity

    def state(self) -> dict[str, int]:
        """What the events say of each record of which there is one."""
        names = {ref(name): name for name in self.keys}
        with Engine.in_memory() as engine:
            events.replay(engine, self.landing, self.published)
            rows = _rows(engine, "select * from memory.main.identity_was")
        return {names[row["customer_ref"]]: row["customer_id"] for row in rows if row["customer_ref"] in names}

    def join(self, *pairs: str) -> str:
        return self._decide("join", pairs)

    def split(self, *pairs: str) -> str:
        return self._decide("split", pairs)

    def undo(self, of: str) -> str:
        self.now += timedelta(minutes=1)
        return decisions.undo(self.landing, of, by="ana", now=self.now).id

    def _decide(self, kind: decisions.Kind, pairs: tuple[str, ...]) -> str:
        self.now += timedelta(minutes=1)
        said = [(ref(pair[0]), ref(pair[1])) for pair in pairs]
        return decisions.decide(self.landing, kind, said, by="ana", now=self.now, reason="").id

    def _given(self, engine: Engine) -> None:
        keys = sorted(self.keys)
        scored = [pair for pair in self.scored if set(pair) <= set(keys)]
        tables = {
            "customer_key": pa.table({
                "customer_ref": [ref(each) for each in keys],
                "source": ["shop"] * len(keys),
                "record_id": keys,
                "first_run": pa.array([self.keys[each] for each in keys], pa.int64()),
            }),
            "scored_pair": pa.table({
                "customer_ref_l": pa.array([min(ref(a), ref(b)) for a, b in scored], pa.string()),
                "customer_ref_r": pa.array([max(ref(a), ref(b)) for a, b in scored], pa.string()),
                "match_weight": pa.array([self.scored[each][0] for each in scored], pa.float64()),
                "match_probability": pa.array([self.scored[each][1] for each in scored], pa.float64()),
                "rule": pa.array([None] * len(scored), pa.string()),
            }),
        }  # fmt: skip
        for name, table in tables.items():
            engine.register("given", table)
            engine.run(exp.select("*").from_("given").ctas(exp.table_(name, db="main", catalog="memory")))

    def _publish(self, engine: Engine) -> None:
        engine.run(
            sqlglot.parse_one("""
            create table identity as
            select key.customer_ref, source, record_id as name, first_run,
                id63(coalesce(oldest_ref, key.customer_ref)) as customer_id
            from memory.main.customer_key as key left join memory.main.found using (customer_ref)
        """)
        )
        every = events.history(self.landing, self.published).subquery("event")
        engine.run(exp.select("*").from_(every).ctas("identity_event"))


def _rows(engine: Engine, sql: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = engine.fetch(sqlglot.parse_one(sql, dialect="duckdb")).to_pylist()
    return rows


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    made = Company(tmp_path)
    made.keys = {"a": 1, "b": 1, "c": 1, "d": 1}
    yield made


def test_who_joins_another_is_merged_from_the_number_of_his_own(company: Company) -> None:
    company.scored = {("a", "b"): SURE}
    assert company.run() == {"a": number("a"), "b": number("a"), "c": number("c"), "d": number("d")}
    assert company.changes == {"b": ("merged", number("b"), number("a"), "model", None)}
    company.run()
    assert company.changes == {}  # nothing changed since
    assert [each.run for each in company.landing.events.kept()] == [1]


def test_a_person_who_joins_two_customers_is_named_for_all_who_change(company: Company) -> None:
    company.scored = {("a", "b"): SURE, ("c", "d"): SURE}
    company.run()
    said = company.join("ac")
    assert set(company.run().values()) == {number("a")}
    assert company.changes == {
        "c": ("merged", number("c"), number("a"), "person", said),
        "d": ("merged", number("c"), number("a"), "person", said),
    }


def test_a_split_names_the_person_also_for_who_goes_along(company: Company) -> None:
    company.scored = {("a", "b"): SURE, ("a", "c"): SURE, ("c", "d"): SURE}
    company.run()
    said = company.split("ac", "bc")
    assert company.run() == {"a": number("a"), "b": number("a"), "c": number("c"), "d": number("c")}
    assert company.changes == {
        "c": ("split", number("a"), number("c"), "person", said),
        "d": ("split", number("a"), number("c"), "person", said),
    }


def test_what_is_taken_back_splits_by_who_took_it_back(company: Company) -> None:
    before = company.run()
    said = company.join("ab")
    company.run()
    back = company.undo(said)
    assert company.run() == before
    assert company.changes == {"b": ("split", number("a"), number("b"), "person", back)}


def test_evidence_that_is_no_longer_there_splits_by_the_model(company: Company) -> None:
    company.undo(company.join("ab"))  # long ago; it has nothing to do with what follows
    company.scored = {("a", "b"): SURE}
    company.run()
    company.scored = {}
    company.run()
    assert company.changes == {"b": ("split", number("a"), number("b"), "model", None)}


def test_events_of_a_run_that_published_nothing_never_happened(company: Company) -> None:
    company.scored = {("a", "b"): SURE}
    company.run(publish=False)
    assert company.state() == {}
    company.run()
    assert company.changes == {"b": ("merged", number("b"), number("a"), "model", None)}
    assert company.state() == {"b": number("a")}


def test_a_number_leads_to_the_customer_of_today_through_every_change(company: Company) -> None:
    company.scored = {("b", "c"): SURE}
    company.run()
    company.join("ab")
    company.run()
    assert [company.present[number(each)] for each in "abcd"] == [number("a")] * 3 + [number("d")]
    company.split("bc", "ac")
    company.run()
    assert [company.present[number(each)] for each in "abc"] == [number("a"), number("a"), number("c")]
    assert company.present[1] is None  # never given


def test_the_number_of_who_was_erased_leads_to_who_was_one_with_him_or_nowhere(company: Company) -> None:
    company.scored = {("a", "b"): SURE, ("a", "c"): SURE, ("b", "c"): SURE}
    company.run()
    del company.keys["a"], company.keys["d"]
    with Engine.in_memory() as engine:
        events.forget(engine, company.landing, {ref("a"), ref("d")}.__contains__)
    assert company.run() == {"b": number("b"), "c": number("b")}
    assert company.changes == {
        "b": ("split", number("a"), number("b"), "person", None),
        "c": ("split", number("a"), number("b"), "person", None),
    }
    assert [company.present[number(each)] for each in "abcd"] == [number("b")] * 3 + [None]


def test_an_erased_person_leaves_the_events_of_every_run(company: Company) -> None:
    company.scored = {("a", "b"): SURE, ("c", "d"): SURE}
    company.run(publish=False)
    company.run()
    company.run()
    with Engine.in_memory() as engine:
        done = events.forget(engine, company.landing, lambda each: each == ref("b"))
        assert done == ("identity/events-1.parquet", "identity/events-2.parquet")
        assert events.forget(engine, company.landing, lambda each: each == ref("b")) == ()
        told = _rows(engine, events.kept(company.landing, [1, 2]).sql(dialect="duckdb"))
    assert {row["customer_ref"] for row in told} == {ref("d")}
    assert company.landing.damaged() == ()


def test_a_lost_or_changed_file_of_events_is_missed(company: Company) -> None:
    company.scored = {("a", "b"): SURE}
    company.run()
    assert counted(company.folder) == {"landing/identities.jsonl": 1}
    assert company.landing.damaged() == ()
    path = company.folder / "landing" / "identity" / "events-1.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    assert company.landing.damaged() == ("identity/events-1.parquet",)
    path.unlink()
    assert company.landing.damaged() == ("identity/events-1.parquet",)


def test_events_that_were_never_journalled_are_removed_by_the_next_run(company: Company) -> None:
    company.scored = {("a", "b"): SURE}
    company.run()
    folder = company.folder / "landing" / "identity"
    (folder / "events-2.parquet").write_bytes(b"of a run that was killed")
    (folder / "events-3.parquet.part").write_bytes(b"half")
    removed = orphans.remove(company.folder, now=BEGIN)
    assert removed == ("landing/identity/events-2.parquet", "landing/identity/events-3.parquet.part")
    assert [path.name for path in folder.iterdir()] == ["events-1.parquet"]


def test_a_rewrite_that_was_interrupted_is_finished_when_it_was_journalled(company: Company) -> None:
    company.scored = {("a", "b"): SURE}
    company.run()
    folder = company.folder / "landing" / "identity"
    place, waiting = folder / "events-1.parquet", folder / "events-1.parquet.rewritten"
    with Engine.in_memory() as engine:
        old = place.read_bytes()
        events.forget(engine, company.landing, lambda each: each == ref("b"))
        new = place.read_bytes()
    place.write_bytes(old)
    waiting.write_bytes(new)  # it was journalled, then the machine stopped
    assert company.landing.damaged() == ()
    assert company.landing.settle() == ("identity/events-1.parquet",)
    assert place.read_bytes() == new
    waiting.write_bytes(old)  # never journalled
    assert company.landing.settle() == ()
    assert [path.name for path in folder.iterdir()] == ["events-1.parquet"]


# --- laws

NAMES = "abcdef"
PAIRS = ["".join(each) for each in combinations(NAMES, 2)]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("join"), st.sampled_from(PAIRS)),
        st.tuples(st.just("split"), st.sampled_from(PAIRS)),
        st.tuples(st.just("undo"), st.integers(0, 5)),
        st.tuples(st.just("score"), st.sampled_from(PAIRS)),
        st.tuples(st.just("forget pair"), st.sampled_from(PAIRS)),
        st.tuples(st.just("new"), st.sampled_from(NAMES)),
        st.tuples(st.just("failed run"), st.just(0)),
        st.tuples(st.just("run"), st.just(0)),
    ),
    max_size=12,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_replayed_events_are_the_state_and_every_number_ever_given_leads_to_its_record(steps) -> None:  # type: ignore[no-untyped-def]  # drawn
    with TemporaryDirectory() as folder:
        company, made, undone = Company(Path(folder)), [], set()
        company.keys = {"a": 1, "b": 1}
        for kind, about in [*steps, ("run", 0)]:
            if kind in ("join", "split"):
                made.append(getattr(company, kind)(about))
            elif kind == "undo" and about < len(made) and made[about] not in undone:
                undone.add(made[about])
                company.undo(made[about])
            elif kind == "score":
                company.scored[(about[0], about[1])] = SURE
            elif kind == "forget pair":
                company.scored.pop((about[0], about[1]), None)
            elif kind == "new":
                company.keys.setdefault(about, company.run_number + 1)
            elif kind == "failed run":
                company.run(publish=False, largest=3)
            elif kind == "run":
                before = {name: number(name) for name in company.keys} | company.state()
                identity = company.run(largest=3)
                changed = {name: identity[name] for name in identity if identity[name] != before[name]}
                assert {name: each[2] for name, each in company.changes.items()} == changed
                state = {name: number(name) for name in company.keys} | company.state()
                assert state == identity
                assert {number(name): identity[name] for name in identity} | {1: None} == company.present


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sets(st.sampled_from(PAIRS)), st.sampled_from(PAIRS), st.booleans())
def test_merged_and_taken_apart_again_everything_is_as_it_was_byte_for_byte(sure, pair, undo) -> None:  # type: ignore[no-untyped-def]  # drawn
    with TemporaryDirectory() as folder:
        company = Company(Path(folder))
        company.keys = dict.fromkeys(NAMES, 1)
        company.scored = {(each[0], each[1]): SURE for each in sure}
        before = company.run()
        one, other = before[pair[0]], before[pair[1]]
        if one == other:
            return
        said = company.join(pair)
        merged = company.run()
        assert merged[pair[0]] == merged[pair[1]]
        if undo:
            company.undo(said)
        else:
            records = {name for name in before if before[name] == one}
            others = {name for name in before if before[name] == other}
            company.split(*(a + b for a in sorted(records) for b in sorted(others)))
        assert repr(company.run()).encode() == repr(before).encode()
        assert {name: each[3] for name, each in company.changes.items()} == dict.fromkeys(company.changes, "person")
