"""What was compared before is taken over, and the pairs are those of comparing all: whatever came, changed or went."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlglot import exp

from clientela.pipeline.joining import compare as compared
from clientela.pipeline.joining import increment, linked, models
from clientela.pipeline.joining.compare import Comparison
from clientela.unify.linking import Figure, LinkModel
from clientela.unify.linking.work import place, write
from clientela.warehouse.engine import Engine
from clientela.warehouse.store.landing import Landing
from tests.unit.unify.linking.people import NOW, crowd, linkable, record, rows

ASKED = Comparison(ask_above=0.5, shared_by=3, pairs_per_record=500)
Rows = list[dict[str, Any]]
Figures = tuple[Figure, ...]


def versioned(people: Rows) -> Rows:
    """With the hash of what each says, as standardising adds it."""
    said = [{name: each for name, each in row.items() if name not in ("customer_ref", "content")} for row in people]
    return [{**row, "content": str(sorted(map(str, each.items())))} for row, each in zip(people, said, strict=True)]


def compare(folder: Path, people: Rows, asked: Comparison = ASKED) -> tuple[list[Any], dict[str, int]]:
    """The pairs and what was done: of all, or of what is another than what was left in the folder before."""
    with linkable(versioned(people)) as engine:
        figures = updated(engine, Landing(folder), people, asked) or of_all(engine, Landing(folder), asked)
        found = [rows(engine, "scored_pair"), rows(engine, "scored_field")]
    return found, {each.figure: each.value for each in figures if each.about == ""}


def of_all(engine: Engine, landing: Landing, asked: Comparison) -> Figures:
    file = linked.begun(engine, landing)
    left: list[dict[str, Any]] = []

    def leave(model: LinkModel, pairs: int) -> None:
        for name in ("linkable", "scored_pair", "scored_told", "crowded_value", "mate"):
            copy = exp.select("*").from_(place(name))
            engine.run(exp.Create(this=linked.at(name), kind="TABLE", expression=copy))
        left.append({"name": linked.name_of(asked), "pairs": pairs})

    figures = compared.compare(engine, landing, asked, now=NOW, progress=lambda _: None, leave=leave)
    file.keep(left[0]) if left else file.discard()
    return figures


def updated(engine: Engine, landing: Landing, people: Rows, asked: Comparison) -> Figures | None:
    file = linked.found(engine, landing, linked.name_of(asked))
    stored = models.newest(landing)
    if file is None or stored is None:
        return None
    write(engine, "now", exp.select("*").from_(place("linkable")))
    same = "now.customer_ref = before.customer_ref and now.content = before.content"
    now, before = exp.alias_(place("now"), "now", table=True), exp.alias_(linked.at("linkable"), "before", table=True)
    write(engine, "linkable_new", exp.select("now.*").from_(now).join(before, on=same, join_type="anti"))
    write(engine, "record_gone", exp.select("before.customer_ref").from_(before).join(now, on=same, join_type="anti"))
    increment.put_forms(engine, left=increment.formed_before(engine))
    looked = increment.update_pairs(file, stored.model, asked, len(people), lambda _: None)
    if looked is None:
        linked.hide(engine, "linkable")
        write(engine, "linkable", exp.select("*").from_(place("now")))
        file.discard()
        return None
    for name in ("scored_pair", "scored_told"):  # what the file shows goes with it
        write(engine, f"{name}_now", exp.select("*").from_(place(name)))
        linked.hide(engine, name)
        engine.run(exp.Create(this=place(name), kind="VIEW", expression=exp.select("*").from_(place(f"{name}_now"))))
    file.keep({"name": linked.name_of(asked), "pairs": looked.pairs})
    return looked.figures


def both(tmp_path: Path, before: Rows, after: Rows) -> dict[str, int]:
    """Compare after what was compared before, and alone by the same model: the pairs are the same; the figures."""
    compare(tmp_path / "kept", before)
    found, figures = compare(tmp_path / "kept", after)
    assert found == afresh(tmp_path, after)
    return figures


def afresh(tmp_path: Path, people: Rows) -> list[Any]:
    """What comparing all gives, by the model that holds in ``kept``."""
    shutil.rmtree(tmp_path / "alone", ignore_errors=True)
    shutil.copytree(tmp_path / "kept" / "landing" / "models", tmp_path / "alone" / "landing" / "models")
    found, _ = compare(tmp_path / "alone", people)
    return found


JAN = {"first_name": "jan", "last_name": "jansen", "phone": "+31612345678"}


def test_a_phone_that_one_too_many_gets_joins_nobody_any_more(tmp_path: Path) -> None:
    three = [record(f"a{n}", **JAN) for n in range(3)]
    figures = both(tmp_path, three, [*three, record("b", **{**JAN, "first_name": "eva"})])
    assert figures["records compared"] == 4


def test_a_phone_that_one_too_many_lost_joins_again(tmp_path: Path) -> None:
    four = [record(f"a{n}", **JAN) for n in range(4)]
    both(tmp_path / "gone", four, four[:3])
    both(tmp_path / "changed", four, [*four[:3], record("a3", first_name="eva", last_name="smit")])


def test_who_is_gone_takes_the_doubt_with_him(tmp_path: Path) -> None:
    """Of an address that two people use, an unnamed record may be either's; of one that one uses, it is his."""
    box = {"email": "box@x.es", "last_name": "sanz"}
    people = [record("a", **box), record("b", first_name="eva", **box), record("c", first_name="tom", **box)]
    both(tmp_path, people, people[:2])


ANN = {"first_name": "ann", "last_name": "king", "postal_code": "28001", "street": "gran via"}


def test_a_blocking_value_that_one_too_many_gets_brings_nobody_together_any_more(tmp_path: Path) -> None:
    """They share a name and a postal code and nothing else: without that they are not even compared."""
    three = [record(f"a{n}", **ANN) for n in range(3)]
    anyone = Comparison(ask_above=0.0001, shared_by=3, pairs_per_record=500)
    found, _ = compare(tmp_path, three, anyone)
    assert len(found[0]) == 3
    found, figures = compare(tmp_path, [*three, record("b", **ANN)], anyone)
    assert found[0] == []
    assert figures["records compared"] == 4
    found, _ = compare(tmp_path, [record("b", **ANN), *three[1:]], anyone)
    assert len(found[0]) == 3


def test_what_was_kept_of_an_increment_serves_the_next(tmp_path: Path) -> None:
    """A phone comes to be shared by too many, stays so, is freed again: each step knows what the one before left."""
    jans = [record(f"a{n}", **JAN) for n in range(6)]
    for known in (jans[:3], jans[:4], jans[:6], jans[1:5], jans[2:5], jans[2:3]):
        found, _ = compare(tmp_path / "kept", known)
        assert found == afresh(tmp_path, known)
        assert len(found[0]) == {3: 3, 1: 0}.get(len(known), 0)


def test_nothing_new_compares_nothing(tmp_path: Path) -> None:
    people = crowd(60)
    figures = both(tmp_path, people, people)
    assert figures["records compared"] == figures["pairs compared"] == 0


def test_what_too_many_share_is_told_whether_all_some_or_none_were_compared(tmp_path: Path) -> None:
    jans = [record(f"a{n}", **JAN, postal_code="28001") for n in range(5)]
    told = []
    for known in (jans, jans, [*jans, record("b", first_name="eva")]):
        with linkable(versioned(known)) as engine:
            landing = Landing(tmp_path)
            figures = updated(engine, landing, known, ASKED) or of_all(engine, landing, ASKED)
        told.append({(each.figure, each.about, each.value) for each in figures if each.figure.startswith("values")})
    assert told[0] == told[1] == told[2]
    assert ("values left out", "phone", 1) in told[0]
    assert ("values shared by too many records", "last name and postal code", 1) in told[0]


def test_other_settings_compare_all_again(tmp_path: Path) -> None:
    people = [record(f"a{n}", **JAN) for n in range(3)]
    compare(tmp_path, people)
    _, figures = compare(tmp_path, people, Comparison(ask_above=0.6, shared_by=3, pairs_per_record=500))
    assert figures["records compared"] == 3
    assert len(list((tmp_path / "landing" / "linked").iterdir())) == 1, "only the newest stays"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_whatever_comes_changes_and_goes_the_pairs_are_those_of_comparing_all(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - made-up people, no secrets
    people = crowd(400, seed=seed)
    for row in people:  # few values, so that many are shared by just too many
        row["postal_code"] = str(int(row["postal_code"]) % 40)
        row["phone"] = f"+3460000{chance.randrange(150):04}" if row["phone"] else None
    came = [record(f"new{n}", **{**people[n * 7], "customer_ref": f"new{n}"}) for n in range(12)]
    changed = {row["customer_ref"] for row in chance.sample(people, 12)}
    after = [
        {**row, "phone": people[0]["phone"]} if row["customer_ref"] in changed else row
        for row in people
        if chance.random() > 0.03
    ]
    figures = both(tmp_path, people, [*after, *came])
    assert figures["pairs taken over"] > 0
    assert figures["records compared"] < len(after)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_step_after_step_the_pairs_are_those_of_comparing_all(tmp_path: Path, seed: int) -> None:
    """Few values for many records: at each step some cross what too many share, up and down."""
    chance = random.Random(seed)  # noqa: S311 - made-up people, no secrets
    people = crowd(240, seed=seed)
    for row in people:
        row["postal_code"] = str(int(row["postal_code"]) % 30)
        row["city"], row["street"] = "sol", f"{chance.choice('abc')} street"
        row["phone"] = f"+3460000{chance.randrange(90):04}" if row["phone"] else None
        row["email"] = f"box{chance.randrange(120)}@x.es" if row["email"] else None
    known = people[:150]
    compare(tmp_path / "kept", known)
    for step in range(4):
        known = [row for row in known if chance.random() > 0.04]
        known = [{**row, "phone": None, "last_name": "sanz"} if chance.random() < 0.03 else row for row in known]
        known += people[150 + 20 * step : 170 + 20 * step]
        found, figures = compare(tmp_path / "kept", known)
        assert found == afresh(tmp_path, known)
        assert figures["pairs taken over"] > 0
