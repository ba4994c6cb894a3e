"""A fit that raises costs its own answer: the rest is published, and everywhere it is said which answer and why."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlglot import exp
from threadpoolctl import threadpool_info, threadpool_limits

from clientela import config
from clientela.contracts.analysis import Analysis, Arrays, FitContext
from clientela.cube.registry import Registry
from clientela.errors import ConfigurationError, MachineError, NotConvergedError
from clientela.pipeline import run as runs
from clientela.pipeline import serving
from clientela.pipeline.overseen import runs as overseen
from clientela.pipeline.questions import questions
from clientela.warehouse.journal import JsonLines
from clientela.workspace import Workspace
from tests.pipeline.company import NOW, Shop, buying, shop

NAME, SECRET = "churn-risk", "ana@example.com"
Fit = Callable[[Mapping[str, Arrays], FitContext], Mapping[str, Arrays]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop that ran once with every fit whole."""
    found = shop(tmp_path_factory.mktemp("failed") / "w")
    found.deliver("orders-1.csv", buying(40))
    found.workspace.run(now=NOW)
    return found


@pytest.fixture
def fit_of_churn(monkeypatch: pytest.MonkeyPatch) -> Callable[[Fit], None]:
    """Puts another fit in the place of that of churn-risk."""

    def put(fit: Fit) -> None:
        others = [replace(each, fit=fit) if each.name == NAME else each for each in questions().all()]
        monkeypatch.setattr(runs, "questions", lambda: Registry(others))

    return put


def raising(error: Exception) -> Fit:
    def fit(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
        raise error

    return fit


def whole() -> Analysis:
    return questions().get(NAME)


def said(workspace: Workspace, name: str) -> str | None:
    return workspace.ask(name).abstained


def tables_of(workspace: Workspace) -> dict[str, tuple[int, int]]:
    return dict(workspace.fingerprints())


def test_the_rest_is_published_and_its_own_answer_says_why_there_is_none(made, fit_of_churn):
    before = tables_of(made.workspace)
    fit_of_churn(raising(ValueError(SECRET)))
    done = made.workspace.run(now=NOW)
    assert done.failed == (NAME,)
    assert said(made.workspace, NAME) == (
        "The analysis churn-risk could not be computed in the last run: a mistake in the program (ValueError). "
        "Everything else was computed."
    )
    after = tables_of(made.workspace)
    same = {name for name in before if before[name] == after[name]}
    assert {"order_line", "customer_feature", "life_cycle", "lifetime_money"} <= same
    assert said(made.workspace, "customer-base") is None


def test_it_is_a_warning_of_the_run_the_status_and_the_journal_and_none_of_them_quotes_the_error(made, fit_of_churn):
    fit_of_churn(raising(ValueError(SECRET)))
    done = made.workspace.run(now=NOW)
    (warning,) = done.warnings
    assert "churn-risk could not be computed" in warning
    assert "(ValueError in tests.pipeline.test_failed_fit, line " in warning
    assert made.workspace.status().warnings == (warning,)
    assert JsonLines(made.workspace.folder / runs.RUNS).read()[-1]["not_computed"] == [NAME]
    newest = overseen.runs(made.workspace.folder, config.load(made.workspace.folder), limit=1)[0]
    assert (newest.outcome, newest.not_computed) == ("published", (NAME,))
    told = [path for path in made.workspace.folder.rglob("*") if path.suffix in (".json", ".jsonl", ".html")]
    assert told and not [path.name for path in told if SECRET in path.read_text(encoding="utf-8")]


def test_the_next_run_has_the_answer_again(made, fit_of_churn):
    fit_of_churn(raising(KeyError("recency_days")))
    made.workspace.run(now=NOW)
    lost = tables_of(made.workspace)
    fit_of_churn(whole().fit)
    done = made.workspace.run(now=NOW + timedelta(hours=1))
    assert (done.failed, done.warnings, made.workspace.status().warnings) == ((), (), ())
    assert "could not be computed" not in (said(made.workspace, NAME) or "")
    assert tables_of(made.workspace)["backtest"] != lost["backtest"]


def test_of_a_fit_that_fails_half_way_nothing_is_left(made, fit_of_churn):
    analysis = whole()
    last = analysis.writes[-1]

    def half(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
        return {name: arrays for name, arrays in analysis.fit(tables, context).items() if name != last}

    fit_of_churn(half)
    assert made.workspace.run(now=NOW).failed == (NAME,)
    with serving.opened(made.workspace.folder) as (reader, _):
        for name in analysis.writes:
            rows = reader.fetch(exp.select("*").from_(exp.table_(name, db="main", catalog="facts"))).to_pylist()
            assert [row for row in rows if row.get("analysis", NAME) == NAME] == [], name


def test_an_estimate_that_does_not_settle_is_said_in_words(made, fit_of_churn):
    fit_of_churn(raising(NotConvergedError("the loss is 1.5 at ana@example.com")))
    made.workspace.run(now=NOW)
    assert "could not be computed in the last run: an estimate did not settle." in str(said(made.workspace, NAME))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), MachineError),
        (MemoryError(), MachineError),
        (ConfigurationError("[analysis.churn-risk]: 'share' is 7; it must be at most 1."), ConfigurationError),
    ],
    ids=["disk", "memory", "settings"],
)
def test_what_the_machine_or_a_person_must_mend_still_stops_the_run(made, fit_of_churn, error, expected):
    before = made.workspace.status().snapshot
    fit_of_churn(raising(error))
    with pytest.raises(expected):
        made.workspace.run(now=NOW)
    assert made.workspace.status().snapshot == before


def test_a_fit_multiplies_with_one_thread_whatever_the_machine_has(made, fit_of_churn):
    seen: list[int] = []
    learn = whole().fit
    assert learn is not None

    def fit(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
        seen.extend(each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas")
        return learn(tables, context)

    fit_of_churn(fit)
    with threadpool_limits(limits=2, user_api="blas"):
        assert 2 in {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}
        made.workspace.run(now=NOW)
    assert set(seen) == {1}
