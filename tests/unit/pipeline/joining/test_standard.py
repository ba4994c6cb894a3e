"""Standardised records are kept: whatever came, changed or went, the table is that of reading all records anew."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from clientela.capture.conform.kept import seal
from clientela.contracts.tables import CONTRACTS
from clientela.pipeline.joining import standard
from clientela.unify.standardise import LINKABLE, Standardised, content, standardise, write_standard
from clientela.warehouse.engine import MAIN, Engine
from clientela.warehouse.store.landing import Landing

TODAY = date(2026, 3, 1)
COLUMNS = ("customer_ref", "source", "first_run", *CONTRACTS["customer_record"].names)
KINDS = {"first_run": pa.int64(), "birth_date": pa.date32()}
Rows = list[dict[str, Any]]


def ref(number: int) -> str:
    """A pseudonym; the first digits are those by which a record is told."""
    return f"{number:015x}".ljust(64, "0")


def record(number: int, **said: Any) -> dict[str, Any]:
    return {"customer_ref": ref(number), "source": "crm", "first_run": 1, **said}


@contextmanager
def engine_with(rows: Rows, today: date) -> Iterator[Engine]:
    told = {name: pa.array([each.get(name) for each in rows], KINDS.get(name, pa.string())) for name in COLUMNS}
    with Engine.in_memory(threads=1) as engine:
        engine.register("given", pa.table(told))
        query = exp.select(*COLUMNS, exp.alias_(content(today), "content")).from_("given")
        engine.run(exp.Create(this=exp.table_("record", db="main", catalog=MAIN), kind="TABLE", expression=query))
        engine.unregister("given")
        yield engine


def table(engine: Engine) -> Rows:
    assert set(engine.column_types(exp.select("*").from_(exp.table_("linkable", db="main", catalog=MAIN)))) == {
        *LINKABLE
    }
    query = exp.select(*LINKABLE).from_(exp.table_("linkable", db="main", catalog=MAIN)).order_by("customer_ref")
    rows: Rows = engine.fetch(query).to_pylist()
    return rows


def kept(folder: Path, rows: Rows, *, today: date = TODAY, country: str = "ES") -> tuple[Rows, Standardised, int]:
    """The table, what was found and how many records were read by the forms, with what earlier calls kept."""
    read: list[int] = []

    def counted(*given: Any, **named: Any) -> int:
        read.append(write_standard(*given, **named))
        return read[-1]

    with pytest.MonkeyPatch.context() as patch, engine_with(rows, today) as engine:
        patch.setattr("clientela.pipeline.joining.standard.write_standard", counted)
        found = standard.write_linkable(engine, Landing(folder), country=country, today=today)
        assert engine.tables(MAIN) == {"record", "linkable"}, "nothing else is left behind"
        return table(engine), found, sum(read)


def anew(rows: Rows, *, today: date = TODAY, country: str = "ES") -> tuple[Rows, Standardised]:
    with engine_with(rows, today) as engine:
        found = standardise(engine, country=country, today=today)
        return table(engine), found


def parts(folder: Path) -> list[Path]:
    return sorted((folder / "landing" / "standardised").iterdir())


PEOPLE = [
    record(1, first_name="Pepe", last_name="García", email="pepe@acme.es", phone="600 123 457", street="C/ Mayor 3"),
    record(2, full_name="Acme, S.L.", email="info@acme.es", country="Spain", postal_code="8001"),
    record(3, first_name="N/A", email="ana@@acme", phone="12", birth_date=date(1900, 1, 1)),
    record(4),
]


def test_only_what_is_new_or_says_something_else_is_read(tmp_path: Path) -> None:
    assert kept(tmp_path, PEOPLE) == (*anew(PEOPLE), 4)
    assert kept(tmp_path, PEOPLE) == (*anew(PEOPLE), 0)
    later = [*PEOPLE[:2], record(3, first_name="Ana"), record(5, full_name="Eva Ruiz")]
    assert kept(tmp_path, later) == (*anew(later), 2)
    assert kept(tmp_path, PEOPLE) == (*anew(PEOPLE), 0), "what a record said before is still known"


def test_what_is_not_read_by_a_form_is_that_of_today(tmp_path: Path) -> None:
    kept(tmp_path, PEOPLE)
    moved = [{**each, "source": "shop", "first_run": 7, "language": "es"} for each in PEOPLE]
    assert kept(tmp_path, moved) == (*anew(moved), 0)


def test_two_who_say_the_same_are_two(tmp_path: Path) -> None:
    twins = [{**PEOPLE[0], "customer_ref": ref(n)} for n in (7, 8)]
    kept(tmp_path, twins[:1])
    assert kept(tmp_path, twins) == (*anew(twins), 1)


def test_a_day_of_birth_that_was_to_come_or_is_too_long_ago_is_read_again(tmp_path: Path) -> None:
    days = [date(2026, 3, 2), date(1906, 3, 1), date(1980, 5, 4), date(1900, 1, 1)]
    born = [record(n, birth_date=day) for n, day in enumerate(days)]
    rows, _, _ = kept(tmp_path, born)
    assert [each["birth_date"] for each in rows] == [None, days[1], days[2], None]
    tomorrow = date(2026, 3, 2)
    rows, found, read = kept(tmp_path, born, today=tomorrow)
    assert [each["birth_date"] for each in rows] == [days[0], None, days[2], None]
    assert ((rows, found), read) == (anew(born, today=tomorrow), 2)


def test_what_was_kept_for_another_country_or_by_other_forms_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(tmp_path, PEOPLE)
    assert kept(tmp_path, PEOPLE, country="IT") == (*anew(PEOPLE, country="IT"), 4)
    assert len(parts(tmp_path)) == 1, "only the newest stays"
    monkeypatch.setattr(standard, "_code", lambda: "another")
    assert kept(tmp_path, PEOPLE, country="IT")[2] == 4
    monkeypatch.setattr(standard, "version", lambda _: "another")
    assert kept(tmp_path, PEOPLE, country="IT")[2] == 4
    assert kept(tmp_path, PEOPLE, country="IT")[2] == 0


@pytest.mark.parametrize("name", ["rows.parquet", "sums.json"])
def test_a_flipped_bit_is_noticed_and_costs_only_time(tmp_path: Path, name: str) -> None:
    kept(tmp_path, PEOPLE)
    later = [*PEOPLE, record(5, full_name="Eva Ruiz")]
    kept(tmp_path, later)
    file = parts(tmp_path)[0] / name
    told = bytearray(file.read_bytes())
    told[len(told) // 2] ^= 1
    file.write_bytes(told)
    assert kept(tmp_path, later) == (*anew(later), 4)
    assert kept(tmp_path, later) == (*anew(later), 0)


def test_a_part_that_was_never_finished_does_not_count(tmp_path: Path) -> None:
    kept(tmp_path, PEOPLE)
    [place] = parts(tmp_path)
    place.rename(place.with_name(place.name + ".part"))
    assert kept(tmp_path, PEOPLE) == (*anew(PEOPLE), 4)
    assert [each.suffix for each in parts(tmp_path)] == [""]


def test_records_that_stand_there_twice_are_all_read_anew(tmp_path: Path) -> None:
    kept(tmp_path, PEOPLE)
    [place] = parts(tmp_path)
    rows = pq.read_table(place / "rows.parquet")
    pq.write_table(pa.concat_tables([rows, rows]), place / "rows.parquet")
    seal(place)
    assert kept(tmp_path, PEOPLE) == (*anew(PEOPLE), 4)


def test_rows_that_outlived_their_records_go_in_time(tmp_path: Path) -> None:
    for number in range(5):
        told = [record(n, full_name=f"Ana Ruiz {number}") for n in range(4)]
        assert kept(tmp_path, told) == (*anew(told), 4)
    assert sum(pq.read_metadata(each / "rows.parquet").num_rows for each in parts(tmp_path)) <= 8
    assert kept(tmp_path, told) == (*anew(told), 0)


def test_many_small_parts_become_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standard, "MOST_PARTS", 3)
    people = [record(n, full_name=f"Ana Ruiz {n}") for n in range(8)]
    for number in range(1, 9):
        assert kept(tmp_path, people[:number])[2] == 1
        assert len(parts(tmp_path)) <= 4
    assert kept(tmp_path, people) == (*anew(people), 0)


def test_nothing_is_left_once_it_is_forgotten(tmp_path: Path) -> None:
    kept(tmp_path, PEOPLE)
    standard.forget(Landing(tmp_path))
    assert not (tmp_path / "landing" / "standardised").exists()
    assert kept(tmp_path, [])[2] == 0


SAID = {
    "first_name": st.sampled_from(["Ana", "ana ", "Pepe", "N/A", ""]),
    "last_name": st.sampled_from(["García", "de la Cruz", "xxx"]),
    "full_name": st.sampled_from(["Ana García", "Acme S.L.", "desconocido"]),
    "company": st.sampled_from(["Acme SL", "Ruiz & Co"]),
    "email": st.sampled_from(["ana@x.es", "info@x.es", "no@no.com", "ana@@x"]),
    "phone": st.sampled_from(["600 123 457", "12", "000000", "+39 02 1234567"]),
    "street": st.sampled_from(["C/ Mayor 3", "12 High St"]),
    "postal_code": st.sampled_from(["8001", "SW1A1AA", "00000"]),
    "country": st.sampled_from(["ES", "Italia", "GB", "?"]),
    "birth_date": st.sampled_from([date(2026, 3, day) for day in (1, 2, 3)] + [date(1906, 3, 2), date(1970, 1, 1)]),
    "kind": st.sampled_from(["person", "organisation"]),
}
DELIVERED = st.dictionaries(
    st.integers(0, 11), st.fixed_dictionaries({}, optional={name: st.none() | each for name, each in SAID.items()})
)
DAYS = st.lists(st.tuples(DELIVERED, st.sets(st.integers(0, 11), max_size=3)), min_size=2, max_size=4)


@pytest.mark.slow
@settings(max_examples=6, deadline=None)
@given(days=DAYS)
def test_whatever_is_delivered_changed_and_taken_away_all_is_as_if_read_anew(
    days: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("w")
    held: dict[int, dict[str, Any]] = {}
    for number, (came, gone) in enumerate(days, start=1):
        held = {key: said for key, said in {**held, **came}.items() if key not in gone}
        rows = [record(key, **said) for key, said in held.items()]
        random.Random(number).shuffle(rows)  # noqa: S311 - an order, no secret
        today = day_of(number)
        assert kept(folder, rows, today=today)[:2] == anew(rows, today=today)


def day_of(number: int) -> date:
    """A day later with each delivery."""
    return TODAY.replace(day=number)
