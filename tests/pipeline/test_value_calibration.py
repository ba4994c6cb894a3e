"""What customers are said to bring comes, in a world of the model's kind and in another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pytest

from clientela.estimators.arrays import Floats, floats
from clientela.testing.company import truth
from clientela.testing.company.world import World
from clientela.warehouse.store.snapshot import current
from tests.pipeline.calibration import SEEN_WEEKS, lived
from tests.pipeline.calibration import world as made_of

CUSTOMERS = 4_000
DAYS = 98  # the rest of the world, fourteen weeks
ASKED = f"\n[analysis.lifetime-value]\nvalue_days = {DAYS}\ndiscount_rate = 0.0\n"


@dataclass(frozen=True)
class Valued:
    """What each customer was said to bring, with the range, and what they brought."""

    said: Floats
    low: Floats
    high: Floats
    came: Floats

    @property
    def slope(self) -> float:
        """How much more came where one more was said, by tenths of what was said: who brings much strays much."""
        tenths = np.array_split(np.argsort(self.said, kind="stable"), 10)
        said, came = (np.array([each[at].mean() for at in tenths]) for each in (self.said, self.came))
        return float(np.polyfit(said, came, 1)[0])


def valued(folder: Path, world: World) -> Valued:
    """What the product said of a world that it saw for 142 weeks, beside what came."""
    today = lived(folder, world, ASKED)
    brought = _brought(folder / "truth")
    published = current(folder / "w")
    assert published is not None
    with duckdb.connect() as connection:
        for name in ("facts", "people"):
            connection.execute(f"attach '{published.paths[name]}' as {name} (read_only)")
        rows = connection.sql(
            "select fact.source || ':' || person.record_id as key, score.value, score.low, score.high from facts.score "
            "join facts.identity as fact using (customer_id) join people.identity as person using (customer_ref) "
            "where score.analysis = 'lifetime-value' and score.as_of = ? order by 1",
            params=[today],
        ).fetchall()
    columns = [floats([float(row[place]) for row in rows]) for place in (1, 2, 3)]
    return Valued(*columns, came=floats([brought.get(row[0], 0.0) for row in rows]))


def _brought(folder: Path) -> dict[str, float]:
    """The margin of what each bought in the fourteen weeks, by their key."""
    lines, held = truth.read(folder, "line"), truth.read(folder, "account")
    account, at, revenue, cost = (lines[name].to_numpy() for name in ("account", "at", "revenue", "cost"))
    there = (account >= 0) & (at >= SEEN_WEEKS) & (at < SEEN_WEEKS + DAYS / 7)
    total = np.bincount(account[there], (revenue - cost)[there] / 100, minlength=held.num_rows)
    keys = zip(*(held[name].to_pylist() for name in ("account", "system", "number")), strict=True)
    return {f"{system}:{number}": float(total[each]) for each, system, number in keys}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Pareto/NBD", "Not Pareto/NBD"])
def test_what_customers_bring_is_what_was_said(tmp_path: Path, name: str) -> None:
    found = valued(tmp_path, made_of(name, CUSTOMERS))
    assert found.said.size > 0.9 * CUSTOMERS
    assert 0.9 < found.slope < 1.1
    assert found.came.sum() == pytest.approx(found.said.sum(), rel=0.1)
    asked = found.said > 1.0  # of the others hardly a cent is expected, and none comes
    inside = (found.low <= found.came) & (found.came <= found.high)
    assert 0.75 <= inside[asked].mean() <= 0.85
