"""A company lives week by week, the same each time, and keeps its truth apart."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from clientela.errors import UsageError
from clientela.testing.company.company import Company
from clientela.testing.company.exports.numbers import customer_numbers
from clientela.testing.company.truth import read
from clientela.testing.company.world import World


def company(folder: Path, **world: object) -> Company:
    given = {"customers": 300, "weeks": 8, **world}
    return Company(World(**given), exports=folder / "exports", truth=folder / "truth")  # type: ignore[arg-type]


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_world_begun_again_sends_the_same_bytes_whatever_the_steps(tmp_path: Path) -> None:
    at_once, by_week = company(tmp_path / "a"), company(tmp_path / "b")
    at_once.deliver(at_once.world.ends)
    while by_week.today < by_week.world.ends:
        (week,) = by_week.deliver(by_week.today + timedelta(weeks=1))
        assert week.known_on == by_week.today
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    other = company(tmp_path / "c", seed=2)
    other.deliver(other.world.ends)
    assert contents(tmp_path / "a" / "exports") != contents(tmp_path / "c" / "exports")


def test_only_whole_weeks_are_sent_each_once(tmp_path: Path) -> None:
    made = company(tmp_path)
    assert made.deliver(made.world.begins + timedelta(days=6)) == []
    assert [week.number for week in made.deliver(made.world.begins + timedelta(days=15))] == [0, 1]
    assert made.deliver(made.world.begins + timedelta(days=15)) == []
    assert sorted(path.name for path in (tmp_path / "exports").glob("office-lines-*")) == [
        "office-lines-2023-W01.tsv",
        "office-lines-2023-W02.tsv",
    ]


def test_the_first_weeks_may_leave_in_files_of_a_year_with_the_same_rows(tmp_path: Path) -> None:
    clean = {"late": 0.0, "corrected": 0.0, "weeks": 5}  # what is put right stands once in a file of years
    weekly, yearly = (
        Company(
            World(customers=300, **clean), exports=tmp_path / name / "exports", truth=tmp_path / name / "truth",
            yearly_weeks=weeks,
        )
        for name, weeks in (("weekly", 0), ("yearly", 3))
    )  # fmt: skip
    for each in (weekly, yearly):
        sent = each.deliver(each.world.ends)
    assert [bool(week.files) for week in sent] == [False, False, True, True, True]
    rows = {
        name: sorted(
            row
            for path in (tmp_path / name / "exports").glob("office-lines-*")
            for row in path.read_text("utf-8-sig").splitlines()[1:]
        )
        for name in ("weekly", "yearly")
    }
    assert rows["weekly"] == rows["yearly"] != []
    names = sorted(path.name for path in (tmp_path / "yearly" / "exports").glob("office-lines-*"))
    assert names == ["office-lines-1.tsv", "office-lines-2023-W04.tsv", "office-lines-2023-W05.tsv"]


def test_who_is_sent_something_buys_more_in_the_week_after(tmp_path: Path) -> None:
    def lines_of(folder: Path, contacted: bool) -> tuple[int, int]:
        made = company(folder, customers=4_000, response=2.0, fatigue=0.0, founders=1.0)
        made.deliver(made.world.begins + timedelta(weeks=6))
        if contacted:
            accounts = made.accounts
            numbers = {
                number
                for system in range(3)
                for number in customer_numbers((accounts.system == system).nonzero()[0], system).to_pylist()
            }
            assert made.receive([*sorted(numbers), "nobody"]) >= 4_000
        made.deliver(made.world.begins + timedelta(weeks=8))
        weeks = [pq.read_table(folder / "truth" / "line" / f"week-{week:04}.parquet") for week in (6, 7)]
        return weeks[0].num_rows, weeks[1].num_rows

    after, usual = lines_of(tmp_path / "sent", True), lines_of(tmp_path / "not", False)
    assert after[0] > 2 * usual[0]
    assert after[1] == pytest.approx(usual[1], rel=0.15)


def test_what_is_expected_at_a_date_is_kept_and_knows_who_was_just_contacted(tmp_path: Path) -> None:
    made = company(tmp_path, customers=500, weeks=12, response=1.0, founders=1.0, returned=0.2)
    made.deliver(made.world.begins + timedelta(weeks=6))
    before = made.expect(4)
    reached = read(tmp_path / "truth", "account").slice(0, 300)
    assert made.receive(reached["number"].to_pylist()) > 200
    after = made.expect(4)
    gain = (after["purchases"].to_numpy() - before["purchases"].to_numpy())[reached["customer"].to_numpy()]
    assert (gain >= 0).all()
    assert gain.mean() > 0.05
    assert read(tmp_path / "truth", "expected_value").equals(after)
    assert set(after["state"].to_pylist()) == {"customer", "left"}
    assert (after["back_revenue"].to_numpy() <= 0).all()
    assert after["back_revenue"].to_numpy().sum() < 0
    made.expect(2)
    assert read(tmp_path / "truth", "expected_value").num_rows == 1_000


@pytest.mark.parametrize("truth", ["w/truth", "w/exports", "w/exports/truth"])
def test_the_truth_cannot_lie_where_the_product_could_find_it(tmp_path: Path, truth: str) -> None:
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "clientela.toml").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="the truth would lie"):
        Company(World(), exports=tmp_path / "w" / "exports", truth=tmp_path / truth)


def test_nothing_is_sent_after_the_end_of_the_world(tmp_path: Path) -> None:
    made = company(tmp_path)
    with pytest.raises(UsageError, match="ends on 2023-02-27; asked until 2030-01-01"):
        made.deliver(date(2030, 1, 1))
