"""Analyses that the settings leave out of the runs: nothing is computed for them, and whoever asks is told why."""

from __future__ import annotations

import pytest
from sqlglot import exp

from clientela.cli.shown.answers import status_lines
from clientela.errors import ConfigurationError
from clientela.pipeline import serving
from clientela.pipeline.quality.notices import english
from clientela.pipeline.questions import questions
from tests.pipeline.company import NOW, Shop, buying, shop

LEFT = ("churn-risk", "clusters")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, list[str]]:
    """A shop that ran once without two of its analyses, and what the run said."""
    found = shop(tmp_path_factory.mktemp("left-out") / "w", settings=f"\n[run]\nwithout = {list(LEFT)}\n")
    found.deliver("orders-1.csv", buying(40))
    said: list[str] = []
    done = found.workspace.run(now=NOW, progress=said.append)
    assert (done.warnings, done.failed) == ((), ())
    return found, said


def test_nothing_is_computed_for_them_and_all_else_is(made: tuple[Shop, list[str]]) -> None:
    found, said = made
    computed = {each.removeprefix("Computing ").removesuffix(" (fit)") for each in said if each.endswith(" (fit)")}
    assert computed == {each.name for each in questions().all() if each.fit is not None} - set(LEFT)
    with serving.opened(found.workspace.folder) as (reader, _):
        for name in LEFT:
            for table in questions().get(name).writes:
                rows = reader.fetch(exp.select("*").from_(exp.table_(table, db="main", catalog="facts"))).to_pylist()
                assert [row for row in rows if row.get("analysis", name) == name] == [], table
    assert found.workspace.ask("life-cycle").abstained is None


@pytest.mark.parametrize("name", LEFT)
def test_who_asks_is_told_that_it_is_left_out_and_how_to_have_it(made: tuple[Shop, list[str]], name: str) -> None:
    insight = made[0].workspace.ask(name)
    assert insight.abstained == (
        f"The settings of this company leave {name} out of its runs, so nothing was computed for it."
    )
    assert list(map(english, insight.said.next)) == [
        f"To have it, take {name} out of the list without in [run] of clientela.toml, then run clientela again."
    ]


def test_the_status_names_them_and_a_plan_does_not(made: tuple[Shop, list[str]]) -> None:
    workspace = made[0].workspace
    assert workspace.status().without == LEFT
    assert "Left out by the settings: churn-risk, clusters." in list(status_lines(workspace.status()))
    planned = workspace.plan(now=NOW).analyses
    assert set(LEFT).isdisjoint(planned)
    assert "life-cycle" in planned


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sales-trend", "without in [run]: a run computes nothing for 'sales-trend', it is answered when it is asked"),
        ("cluster", "without in [run]: unknown analysis 'cluster'"),
    ],
)
def test_what_no_run_computes_cannot_be_left_out(tmp_path, name: str, said: str) -> None:
    wrong = shop(tmp_path / "w", settings=f'\n[run]\nwithout = ["{name}"]\n')
    with pytest.raises(ConfigurationError) as caught:
        wrong.workspace.run(now=NOW)
    (problem,) = caught.value.problems
    assert problem.startswith(said)
