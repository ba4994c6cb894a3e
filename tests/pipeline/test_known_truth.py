"""What a run must never do: change with names, order, threads; let the future into the past."""

from __future__ import annotations

import random
import shutil
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import clientela
from tests.pipeline.company import HEADER, NOW, Shop, buying, shop

QUESTIONS = ("sales-trend", "customer-value", "churn-risk")
LINES = buying(60)


def figures(made: Shop, **asked: Any) -> dict[str, Any]:
    """Everything the questions answer, without the snapshot's name."""
    answers = {}
    for name in QUESTIONS:
        said = made.workspace.ask(name, **asked).to_dict()
        said.pop("snapshot")
        answers[name] = said
    return answers


def fingerprints(made: Shop) -> Mapping[str, tuple[int, int]]:
    return made.workspace.fingerprints()


def with_secret(folder: Path, **settings: str) -> Shop:
    made = shop(folder, **settings)
    (folder / "secrets" / "pseudonym.key").write_text("5e" * 32)
    return made


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The shop after one run; only to be looked at."""
    made = with_secret(tmp_path_factory.mktemp("plain") / "w", settings="\n[run]\nthreads = 2\n")
    made.deliver("orders-1.csv", LINES)
    made.workspace.run(now=NOW)
    return made


def test_names_order_files_and_threads_change_no_figure_and_no_fingerprint(tmp_path: Path, plain: Shop) -> None:
    renamed = ("Order", "Line", "Customer", "When", "Product", "Pieces", "Net", "Cost")
    columns = "\n".join(f'{ours} = "{theirs}"' for ours, theirs in zip(HEADER, renamed, strict=True))
    other = with_secret(tmp_path / "other", settings=f"[source.columns]\n{columns}\n\n[run]\nthreads = 1\n")
    shuffled = list(LINES)
    random.Random(7).shuffle(shuffled)  # noqa: S311 - an order, not a secret
    half = len(shuffled) // 2
    other.deliver("orders-b.csv", shuffled[:half], renamed)
    other.deliver("orders-a.csv", shuffled[half:], renamed)
    other.workspace.run(now=NOW)

    assert figures(plain) == figures(other)
    assert fingerprints(plain) == fingerprints(other)
    assert fingerprints(plain)["order_line"][0] == len(LINES)


def test_running_again_without_new_files_changes_nothing(tmp_path: Path, plain: Shop) -> None:
    made = Shop(clientela.open(Path(shutil.copytree(plain.workspace.folder, tmp_path / "w"))))
    before = (figures(made), fingerprints(made))
    done = made.workspace.run(now=NOW + timedelta(hours=1))
    assert [loaded.new_files for loaded in done.sources] == [0]
    assert (figures(made), fingerprints(made)) == before


def test_rows_delivered_later_change_no_earlier_answer(tmp_path: Path) -> None:
    made = shop(tmp_path / "w")
    early = [line for line in LINES if str(line[3]) < "2024-04-01"]
    made.deliver("orders-1.csv", early)
    made.workspace.run(now=datetime(2024, 4, 1, 6, tzinfo=UTC))
    before = {name: made.workspace.ask(name).to_dict() for name in QUESTIONS[:2]}
    # the rest, and late lines for a quarter that was closed: they arrive in July
    late = [["late", "1", "c1", "2024-02-10 10:00:00", "p1", "1", "999.00", ""]]
    made.deliver("orders-2.csv", [line for line in LINES if str(line[3]) >= "2024-04-01"] + late)
    made.workspace.run(now=NOW)
    for name, answered in before.items():
        again = made.workspace.ask(name, as_of=date.fromisoformat(answered["as_of"])).to_dict()
        assert {**again, "snapshot": ""} == {**answered, "snapshot": ""}


def revenue_as_of(made: Shop, day: date) -> Decimal:
    table = made.workspace.ask("sales-trend", as_of=day, parameters={"period": "week"}).table.to_pydict()
    return sum(table["revenue"], Decimal(0))


def test_a_correction_shows_only_after_it_was_known(tmp_path: Path) -> None:
    made = shop(tmp_path / "w")
    lines = [[f"o{day}", "1", "c1", f"2024-01-{day:02} 10:00:00", "p1", "1", "10.00", ""] for day in range(1, 29)]
    made.deliver("orders-1.csv", lines)
    made.workspace.run(now=datetime(2024, 1, 29, 6, tzinfo=UTC))
    assert revenue_as_of(made, date(2024, 1, 29)) == Decimal("280")
    # on 5 February the shop corrects an order of 10 January
    corrected = [["o10", "1", "c1", "2024-01-10 10:00:00", "p1", "1", "110.00", ""]]
    made.deliver("orders-2.csv", [*corrected, ["o99", "1", "c1", "2024-02-04 10:00:00", "p1", "1", "10.00", ""]])
    made.workspace.run(now=datetime(2024, 2, 5, 6, tzinfo=UTC))
    assert revenue_as_of(made, date(2024, 1, 29)) == Decimal("280")
    assert revenue_as_of(made, date(2024, 2, 4)) == Decimal("280")
    assert revenue_as_of(made, date(2024, 2, 5)) == Decimal("390")


def test_a_full_delivery_deletes_what_it_leaves_out(tmp_path: Path) -> None:
    made = shop(tmp_path / "w", delivery="full")
    lines = [[f"o{day}", "1", "c1", f"2024-01-{day:02} 10:00:00", "p1", "1", "10.00", ""] for day in range(1, 29)]
    made.deliver("orders-1.csv", lines)
    made.workspace.run(now=datetime(2024, 1, 29, 6, tzinfo=UTC))
    made.deliver("orders-1.csv", [line for line in lines if line[0] != "o10"])
    made.workspace.run(now=datetime(2024, 1, 30, 6, tzinfo=UTC), as_of=date(2024, 1, 30))
    assert revenue_as_of(made, date(2024, 1, 29)) == Decimal("280")
    assert revenue_as_of(made, date(2024, 1, 30)) == Decimal("270")


@pytest.mark.parametrize("customers", [0, 1, 5])
def test_thin_data_abstains_in_words(tmp_path: Path, customers: int) -> None:
    made = shop(tmp_path / "w")
    made.deliver("orders-1.csv", buying(customers, seed=3))
    made.workspace.run(now=NOW)
    for name in ("customer-value", "churn-risk"):
        insight = made.workspace.ask(name)
        assert insight.headline is None
        assert insight.abstained is not None
        assert insight.abstained.endswith(".")
    assert made.workspace.report().exists()


def test_one_day_of_sales_abstains_in_words(tmp_path: Path) -> None:
    made = shop(tmp_path / "w")
    made.deliver("orders-1.csv", [[f"o{n}", "1", f"c{n}", "2024-06-30 10:00:00", "p", "1", "5", ""] for n in range(40)])
    made.workspace.run(now=NOW)
    assert made.workspace.ask("sales-trend").abstained
    assert made.workspace.ask("churn-risk").abstained
    assert made.workspace.ask("customer-value").headline  # who carries the revenue can be said


def test_thirty_customers_get_what_happened_and_an_interval_or_a_reason(tmp_path: Path) -> None:
    made = shop(tmp_path / "w")
    made.deliver("orders-1.csv", buying(30, seed=5))
    made.workspace.run(now=NOW)
    assert made.workspace.ask("sales-trend").headline
    assert made.workspace.ask("customer-value").headline
    risk = made.workspace.ask("churn-risk")
    if risk.abstained is None:
        low, high = risk.to_dict()["evidence"]["interval"]
        assert low < high
    else:
        assert len(risk.abstained) > 40


def test_a_forecast_for_a_day_without_scores_names_the_command(plain: Shop) -> None:
    abstained = plain.workspace.ask("churn-risk", as_of=date(2024, 5, 3)).abstained
    assert abstained is not None
    assert "clientela run --as-of 2024-05-03" in abstained
