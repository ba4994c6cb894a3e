"""What was compared before is taken over, and the pairs are those of comparing all: whatever came, changed or went."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from clientela.pipeline.joining import compare as compared
from clientela.pipeline.joining.compare import Comparison
from clientela.warehouse.store.landing import Landing
from tests.unit.unify.linking.people import NOW, crowd, linkable, record, rows

ASKED = Comparison(ask_above=0.5, shared_by=3, pairs_per_record=500)
Rows = list[dict[str, Any]]


def versioned(people: Rows) -> Rows:
    """With the hash of what each says, as standardising adds it."""
    said = [{name: each for name, each in row.items() if name not in ("customer_ref", "content")} for row in people]
    return [{**row, "content": str(sorted(map(str, each.items())))} for row, each in zip(people, said, strict=True)]


def compare(folder: Path, people: Rows, asked: Comparison = ASKED) -> tuple[list[Any], dict[str, int]]:
    with linkable(versioned(people)) as engine:
        figures = compared.compare(engine, Landing(folder), asked, now=NOW, progress=lambda _: None)
        found = [rows(engine, "scored_pair"), rows(engine, "scored_field")]
    return found, {each.figure: each.value for each in figures if each.about == ""}


def both(tmp_path: Path, before: Rows, after: Rows) -> dict[str, int]:
    """Compare after what was compared before, and alone by the same model: the pairs are the same; the figures."""
    compare(tmp_path / "kept", before)
    found, figures = compare(tmp_path / "kept", after)
    for path in (tmp_path / "kept" / "landing" / "models").iterdir():
        place = tmp_path / "alone" / "landing" / "models" / path.name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(path.read_bytes())
    alone, _ = compare(tmp_path / "alone", after)
    assert found == alone
    return figures


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


def test_nothing_new_compares_nothing(tmp_path: Path) -> None:
    people = crowd(60)
    figures = both(tmp_path, people, people)
    assert figures["records compared"] == 0


def test_other_settings_compare_all_again(tmp_path: Path) -> None:
    people = [record(f"a{n}", **JAN) for n in range(3)]
    compare(tmp_path, people)
    _, figures = compare(tmp_path, people, Comparison(ask_above=0.6, shared_by=3, pairs_per_record=500))
    assert figures["records compared"] == 3
    assert len(list((tmp_path / "landing" / "pairs").iterdir())) == 1, "only the newest stays"


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
