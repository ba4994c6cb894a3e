"""Models are read with their header and put in order by what they read and write."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import clientela
from clientela.errors import ModelError
from clientela.warehouse.model import in_order, load_models, parse_file

HEADER = "-- {name}\n-- What it is for,\n-- in two lines.\n-- Grain: customer_id, day\n-- Kind: as-of\n"
SELECT = (
    "select customer_id, happened_on as day from order_line where happened_on > cast(:as_of as date) and tax > :tax"
)


@dataclass(frozen=True)
class Step:
    name: str
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()


def test_a_file_is_read_with_its_header() -> None:
    model = parse_file(HEADER.format(name="day") + SELECT, "day")
    assert model.kind == "as-of"
    assert model.grain == ("customer_id", "day")
    assert model.purpose == "What it is for, in two lines."
    assert model.reads == {"order_line"}
    assert model.parameters == {"tax"}
    assert (model.writes, model.part) == ("day", None)


def test_a_part_names_the_shared_table_and_the_analysis() -> None:
    model = parse_file(HEADER.format(name="day") + "-- Part of: score (churn-risk)\n" + SELECT, "day")
    assert (model.writes, model.part) == ("score", "churn-risk")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("", "its first line is '-- day', as the file is named; the next lines say what it is for; '-- Grain"),
        ("-- days\n-- Purpose.\n-- Grain: a\n-- Kind: state\n", "its first line is '-- day'"),
        ("-- day\n-- Grain: a\n-- Kind: state\n", "the next lines say what it is for"),
        ("-- day\n-- Purpose.\n-- Kind: state\n", "'-- Grain: column, column'"),
        ("-- day\n-- Purpose.\n-- Grain: a\n-- Kind: daily\n", "'-- Kind: state' or '-- Kind: as-of'"),
        ("-- day\n-- Purpose.\n-- Grain: a\n-- Kind: state\n-- Part of: score\n", "'-- Part of: table (analysis)'"),
    ],
)
def test_an_incomplete_header_is_refused(header: str, said: str) -> None:
    with pytest.raises(ModelError) as caught:
        parse_file(header + SELECT, "day")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("select", "said"),
    [
        ("select net_revenu from order_line", "reads column 'net_revenu', which order_line lacks; known: "),
        (
            "select o.net_revenu from order_line as o join product as p using (product_id)",
            "Did you mean 'net_revenue'?",
        ),
        ("select customer_ref from order_line", "reads column 'customer_ref'"),
        ("select known_until from order_line", "reads column 'known_until'"),
        ("select email from customer_record", "reads column 'email'"),
        ("with t as (select kind from order_line) select kid from t", "reads column 'kid'"),
    ],
)
def test_a_column_that_the_contract_lacks_is_refused_by_name(select: str, said: str) -> None:
    with pytest.raises(ModelError) as caught:
        parse_file(HEADER.format(name="day") + select, "day")
    assert said in str(caught.value)


def test_every_model_of_the_product_names_columns_there_are() -> None:
    """A run does not look again; here each is read as a model of somebody else's would be."""
    stages = ("analyse", "features", "pipeline", "unify")
    files = [path for stage in stages for path in (Path(clientela.__file__).parent / stage).rglob("*.sql")]
    loaded = {model.name for model in load_models(*(f"clientela.{stage}" for stage in stages))}
    assert {parse_file(path.read_text("utf-8"), path.stem).name for path in files} == loaded
    assert len(loaded) > 50


def test_models_are_found_beside_the_code_and_in_its_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "shop_models"
    (package / "deeper").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "deeper" / "__init__.py").touch()
    (package / "late.sql").write_text(HEADER.format(name="late") + SELECT)
    (package / "deeper" / "early.sql").write_text(HEADER.format(name="early") + SELECT)
    monkeypatch.syspath_prepend(tmp_path)
    try:
        assert [model.name for model in load_models("shop_models")] == ["early", "late"]
        (package / "deeper" / "late.sql").write_text(HEADER.format(name="late") + SELECT)
        with pytest.raises(ModelError, match="two files make this table"):
            load_models("shop_models")
    finally:
        sys.modules.pop("shop_models", None)


def test_a_step_comes_after_all_that_write_what_it_reads() -> None:
    steps = [
        Step("report", ("score", "customer"), ("insight",)),
        Step("churn", ("feature",), ("score", "model")),
        Step("value", ("feature",), ("score",)),
        Step("feature", ("order_line",), ("feature",)),
        Step("customer", ("order_line",), ("customer",)),
    ]
    ordered = [step.name for step in in_order(steps, {"order_line"})]
    assert ordered == ["customer", "feature", "churn", "value", "report"]


def test_an_unknown_table_is_refused_by_name() -> None:
    with pytest.raises(ModelError) as caught:
        in_order([Step("churn", ("featur",), ("score",)), Step("feature", (), ("feature",))], {"order_line"})
    assert str(caught.value) == (
        "model 'churn': reads table 'featur', which nothing writes; known: 'feature', 'order_line', 'score'. "
        "Did you mean 'feature'?"
    )


def test_steps_that_wait_for_each_other_are_refused_by_name() -> None:
    with pytest.raises(ModelError) as caught:
        in_order([Step("a", ("tc",), ("ta",)), Step("b", ("ta",), ("tb",)), Step("c", ("tb",), ("tc",))], ())
    assert "waits for itself: " in str(caught.value)
    assert {"a", "b", "c"} <= set(str(caught.value).split())


def test_a_step_cannot_read_what_it_alone_writes() -> None:
    with pytest.raises(ModelError, match="waits for itself"):
        in_order([Step("a", ("ta",), ("ta",))], ())


def test_a_step_may_read_what_others_wrote_to_a_table_it_shares() -> None:
    steps = [Step("b", ("score",), ("score",)), Step("a", (), ("score",))]
    assert [step.name for step in in_order(steps, ())] == ["a", "b"]


def test_two_steps_of_one_name_are_refused() -> None:
    with pytest.raises(ModelError, match="two steps bear this name"):
        in_order([Step("a"), Step("a")], ())


@st.composite
def graphs(draw: st.DrawFn) -> list[Step]:
    n = draw(st.integers(0, 8))
    reads = [draw(st.sets(st.integers(0, max(i - 1, 0)), max_size=3)) if i else set() for i in range(n)]
    names = draw(st.permutations([f"s{i}" for i in range(n)]))
    return [Step(names[i], tuple(f"t{names[j]}" for j in reads[i]), (f"t{names[i]}",)) for i in range(n)]


@given(graphs(), st.randoms())
def test_the_order_respects_every_read_and_does_not_depend_on_how_steps_are_given(
    steps: list[Step], random: object
) -> None:
    ordered = in_order(steps, ())
    shuffled = list(steps)
    random.shuffle(shuffled)  # type: ignore[attr-defined] -- hypothesis' own Random
    assert in_order(shuffled, ()) == ordered
    assert sorted(each.name for each in ordered) == sorted(each.name for each in steps)
    written: set[str] = set()
    for step in ordered:
        assert set(step.reads) <= written
        written |= set(step.writes)
