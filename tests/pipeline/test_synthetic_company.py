"""The product on the synthetic company: what it says is what is true."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from clientela.testing.company.company import Company, Week
from clientela.testing.company.exports.settings import settings
from clientela.testing.company.world import World
from clientela.workspace import create
from clientela.workspace import open as open_workspace
from tests.pipeline.company import fewer

FIRST, LATER = 3, 3  # weeks: in the first run together, then one a run


class Lived:
    """A company and a workspace that gets what it sends."""

    def __init__(self, folder: Path, world: World) -> None:
        self.truth = folder / "truth"
        self.workspace_folder = folder / "w"
        create(self.workspace_folder, name="Synthetic", currency="EUR", timezone="Europe/Madrid")
        (self.workspace_folder / "clientela.toml").write_text(fewer(settings(world)), encoding="utf-8")
        self.workspace = open_workspace(self.workspace_folder)
        self.company = Company(world, exports=self.workspace_folder / "exports", truth=self.truth)

    def live(self, weeks: int) -> list[Week]:
        sent = self.company.deliver(self.company.today + timedelta(weeks=weeks))
        self.workspace.run(now=datetime.combine(self.company.today, time(6), UTC))
        return sent

    def revenue(self, as_of: date) -> Decimal:
        table = self.workspace.ask("sales-trend", as_of=as_of, parameters={"period": "week"}).table.to_pydict()
        return sum(table["revenue"], Decimal(0))

    def true_revenue(self, weeks: int) -> Decimal:
        """Of all that happened in the first weeks, whenever it arrived."""
        return Decimal(pc.sum(self._of("line", weeks)["revenue"]).as_py()) / 100

    def known_revenue(self, weeks: int) -> Decimal:
        """Of all that had arrived after so many weeks, as it had last arrived by then."""
        said = self._of("arrived_line", weeks).select(["order", "line", "revenue"]).to_pylist()
        newest = {(each["order"], each["line"]): each["revenue"] for each in said}
        return Decimal(sum(newest.values())) / 100

    def _of(self, name: str, weeks: int):  # type: ignore[no-untyped-def] # a table of pyarrow, which has no types
        return pq.read_table([self.truth / name / f"week-{week:04}.parquet" for week in range(weeks)])


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    world = World(
        customers=600, weeks=FIRST + LATER, late=0.08, corrected=0.08, returned=0.1, rate_weeks=2.0, records=False
    )
    made = Lived(tmp_path_factory.mktemp("company"), world)
    made.live(FIRST)
    for _ in range(LATER):
        made.live(1)
    return made


def test_revenue_is_the_truth_to_the_cent_once_all_has_arrived(tmp_path: Path) -> None:
    made = Lived(tmp_path, World(customers=300, weeks=2, late=0, corrected=0, rate_weeks=2.0))
    made.live(2)
    assert made.revenue(made.company.today) == made.true_revenue(2) > 5_000
    assert made.workspace.quarantine().rows == ()  # nor is anything bad in the records of who they are


def test_each_past_week_is_told_as_it_was_known_then(lived: Lived) -> None:
    newest = FIRST + LATER
    for weeks in range(FIRST + 1, newest + 1):
        # what a Monday's run learned is known on the day after; for the newest run, at once
        day = lived.company.world.begins + timedelta(weeks=weeks, days=int(weeks < newest))
        known = lived.known_revenue(weeks)
        assert lived.revenue(day) == known, weeks
        assert known != lived.true_revenue(weeks)  # what was late or wrong makes a difference each week


def test_nothing_that_was_sent_is_bad(lived: Lived) -> None:
    assert lived.workspace.quarantine().rows == ()
