"""Draw docs/images/churn-calibration.svg: the chance we gave of leaving, beside who left, in two synthetic worlds.

    python -m tests.pipeline.calibration [CUSTOMERS]

One world is Pareto/NBD; the customers of the other buy in gaps of three stages and had one shock. The product sees
each for 142 weeks, says who will leave, and then the worlds live on. Files are clean, and each customer has one
account: what is judged is the forecast alone.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from clientela.analyse.customer.churn.candidates import BASELINE, chances, learn, moment
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.calibration import Bins, brier, calibration_bins, calibration_line
from clientela.estimators.discrimination import discrimination
from clientela.present.chart.tokens import FONT, colour
from clientela.testing.company import truth
from clientela.testing.company.company import Company
from clientela.testing.company.exports.settings import settings
from clientela.testing.company.world import World
from clientela.warehouse.store.snapshot import current
from clientela.workspace import create
from clientela.workspace import open as open_workspace

PICTURE = Path(__file__).parents[2] / "docs" / "images" / "churn-calibration.svg"
SEEN_WEEKS, HORIZON_DAYS = 142, 92
HISTORY = ("repeat_purchases", "recency_days", "age_days", "recent_purchases")
COUNTS = ("customers", "observed", "has_left", "at_stake", "at_stake_norm")
WORLDS: Mapping[str, Callable[..., World]] = {"Pareto/NBD": World, "Not Pareto/NBD": World.second}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What was said of each customer, and whether they left; ``naive`` is the share that left in the horizon before.

    ``silence`` is what the simplest method would have said.
    """

    method: str
    said: Floats
    silence: Floats
    left: Floats
    naive: float

    @property
    def each(self) -> Floats:
        """One for each customer."""
        return np.ones(self.left.size)

    @property
    def bins(self) -> Bins:
        """What was said and what came, by tenths."""
        return calibration_bins(self.said, self.each, self.left)

    def figures(self) -> dict[str, dict[str, float]]:
        """How each method did: the product's, the simplest, the same chance for all."""
        same = np.full(self.left.size, self.naive)
        methods = {self.method: self.said, "silence": self.silence, "the same for all": same}
        return {name: self._judged(said) for name, said in methods.items()}

    def _judged(self, said: Floats) -> dict[str, float]:
        seen = (said, self.each, self.left)
        told = {"brier": brier(*seen), "ece": calibration_bins(*seen).error, "expected": float(said.sum())}
        told |= {"left": float(self.left.sum()), "n": float(self.left.size)}
        if np.ptp(said) > 0:
            told |= {"auc": discrimination(*seen).auc, "slope": calibration_line(*seen).slope}
        return told


def lived(folder: Path, world: World, asked: str = "") -> date:
    """Let the product see a world for 142 weeks, then let the world live on; returns the day of the product's run.

    The files are those of years instead of weeks, which hold the same rows and are read sooner.

    Parameters
    ----------
    asked : more settings, as TOML
    """
    company, today = seen(folder, world, SEEN_WEEKS, asked)
    company.deliver(world.ends)
    return today


def seen(folder: Path, world: World, weeks: int, asked: str = "") -> tuple[Company, date]:
    """The company after its first weeks, which the product saw, and the day of that.

    The files are those of years instead of weeks, which hold the same rows and are read sooner.

    Parameters
    ----------
    asked : more settings, as TOML
    """
    create(folder / "w", name="Synthetic", currency="EUR", timezone="Europe/Madrid")
    (folder / "w" / "clientela.toml").write_text(settings(world) + asked, encoding="utf-8")
    company = Company(world, exports=folder / "w" / "exports", truth=folder / "truth", yearly_weeks=weeks)
    today = world.begins + timedelta(weeks=weeks)
    company.deliver(today)
    open_workspace(folder / "w").run(now=datetime.combine(today, time(6), UTC))
    return company, today


def judged(folder: Path, world: World) -> Judged:
    """What the product said of a world that it saw for 142 weeks, beside what came."""
    today = lived(folder, world)
    who, said, silence, method = _said(folder / "w", today)
    bought = _bought(folder / "truth", SEEN_WEEKS)
    before = _bought(folder / "truth", SEEN_WEEKS - HORIZON_DAYS / 7)
    assert set(who) == set(bought), "a chance for each who has bought, and for nobody else"
    left = floats([not bought[each] for each in who])
    naive = 1 - float(np.mean(list(before.values())))
    return Judged(method=method, said=said, silence=silence, left=left, naive=naive)


def _said(workspace: Path, today: date) -> tuple[list[str], Floats, Floats, str]:
    """Keys of customers, what the published snapshot says of them, what silence alone would, and which method won."""
    published = current(workspace)
    assert published is not None
    with duckdb.connect() as connection:
        for name in ("facts", "people"):
            connection.execute(f"attach '{published.paths[name]}' as {name} (read_only)")
        scored = connection.sql(
            "select fact.source || ':' || person.record_id as key, score.value, repeat_purchases, recency_days, "
            "age_days, recent_purchases from facts.score "
            "join facts.identity as fact using (customer_id) join people.identity as person using (customer_ref) "
            "join facts.customer_feature as feature on feature.customer_id = score.customer_id "
            "and feature.as_of = score.as_of "
            "where score.analysis = 'churn-risk' and score.as_of = ? order by 1",
            params=[today],
        ).to_arrow_table()
        counts = connection.sql("select * from facts.churn_count").to_arrow_table()
        ((method,),) = connection.sql(
            "select candidate from facts.model where analysis = 'churn-risk' and winner"
        ).fetchall()
    return (*_with_silence(scored, counts, today), method)


def _with_silence(scored: pa.Table, counts: pa.Table, today: date) -> tuple[list[str], Floats, Floats]:
    days = np.array(counts["as_of"], dtype="datetime64[D]")
    origins = [each for each in np.unique(days) if each < np.datetime64(today)]
    learned = learn([BASELINE], [_moment(counts, days == each, each.astype(date)) for each in origins], HORIZON_DAYS)
    now = _moment(counts, days == np.datetime64(today), today)
    chance, _ = chances(learned[BASELINE], now, HORIZON_DAYS)
    histories = zip(now.repeats, now.recency, now.age, now.recent, strict=True)
    of = {tuple(map(int, history)): each for history, each in zip(histories, chance, strict=True)}
    rows = zip(*(scored[name].to_pylist() for name in HISTORY), strict=True)
    silence = floats([of[row] for row in rows])
    return scored["key"].to_pylist(), floats(scored["value"].to_numpy()), silence


def _moment(counts: pa.Table, there: np.ndarray, on: date) -> Any:
    columns = {name: floats(counts[name].to_numpy().astype(float)[there]) for name in (*HISTORY, *COUNTS)}
    return moment(on, columns)


def _bought(folder: Path, week: float) -> Mapping[str, bool]:
    """Of all who had bought before a moment, by their key: whether they bought in the horizon after it."""
    lines = truth.read(folder, "line")
    account, at = lines["account"].to_numpy(), lines["at"].to_numpy()
    sale = (account >= 0) & (lines["returns"].to_numpy() < 0)
    known = np.unique(account[sale & (at < week)])
    again = np.unique(account[sale & (at >= week) & (at < week + HORIZON_DAYS / 7)])
    held = truth.read(folder, "account")
    names = {
        each: f"{system}:{number}"
        for each, system, number in zip(*(held[c].to_pylist() for c in ("account", "system", "number")), strict=True)
    }
    return dict(zip((names[each] for each in known.tolist()), np.isin(known, again).tolist(), strict=True))


def world(name: str, customers: int) -> World:
    """One of the two worlds, its files clean and each customer with one account."""
    few: dict[str, Any] = {"records": False, "second_accounts": 0.0, "late": 0.0, "corrected": 0.0, "weeks": 156}
    none = dict.fromkeys(("visits", "calls", "mailings", "cases", "surveys", "subscribers"), 0.0)
    return WORLDS[name](customers=customers, **few, **none)


def main(customers: int) -> None:
    """Judge both worlds, say the figures, draw them."""
    found = {}
    for name in WORLDS:
        with tempfile.TemporaryDirectory() as folder:
            found[name] = judged(Path(folder), world(name, customers))
        sys.stdout.write(f"{name}: the method that serves is {found[name].method}\n")
        for method, told in found[name].figures().items():
            sys.stdout.write(f"  {method}: " + ", ".join(f"{each} {value:.4f}" for each, value in told.items()) + "\n")
        sys.stdout.flush()
    draw(found)


def draw(found: Mapping[str, Judged]) -> None:
    """Write the picture: what was said and what came, a panel for each world."""
    import vl_convert

    panels = [_panel(name, each) for name, each in found.items()]
    picture = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": "white",
        "padding": 12,
        "hconcat": panels,
        "spacing": 40,
        "config": {"font": FONT, "view": {"stroke": None}},
    }
    PICTURE.write_text(vl_convert.vegalite_to_svg(picture) + "\n", encoding="utf-8")


def _panel(name: str, found: Judged) -> dict[str, Any]:
    bins, told = found.bins, next(iter(found.figures().values()))
    columns = zip(bins.expected, bins.observed, bins.low, bins.high, strict=True)
    rows = [dict(zip(("said", "left", "low", "high"), map(float, each), strict=True)) for each in columns]
    perfect = {"data": {"values": [{"said": 0, "left": 0}, {"said": 1, "left": 1}]}}
    dashed = {"type": "line", "color": colour("border", "light"), "strokeDash": [4, 3]}
    across, up = _axis("said", "chance we gave"), _axis("left", "share that left")
    counts = f"{told['expected']:,.0f} expected to leave, {told['left']:,.0f} did"
    title = f"{name}: {counts}"
    blue = colour("c1", "light")
    bar = {"mark": {"type": "rule", "color": colour("c1-context", "light"), "strokeWidth": 1.5},
           "encoding": {"x": across, "y": {**up, "field": "low"}, "y2": {"field": "high"}}}  # fmt: skip
    dot = {"mark": {"type": "point", "filled": True, "size": 46, "opacity": 1, "color": blue},
           "encoding": {"x": across, "y": up}}  # fmt: skip
    return {
        "title": {"text": title, "anchor": "start", "color": colour("ink", "light"), "fontSize": 13,
                  "fontWeight": 600, "offset": 10, "subtitleColor": colour("second", "light"), "subtitleFontSize": 12,
                  "subtitle": "Dot: a tenth of the customers; bar: 95 % interval"},
        "width": 360, "height": 300,
        "layer": [{**perfect, "mark": dashed, "encoding": {"x": across, "y": up}},
                  {"data": {"values": rows}, "layer": [bar, dot]}],
    }  # fmt: skip


def _axis(field: str, title: str) -> dict[str, Any]:
    axis = {"title": title, "format": ".0%", "grid": field == "left", "gridColor": colour("grid", "light"),
            "domain": field == "said", "domainColor": colour("axis", "light"), "ticks": False, "tickCount": 5,
            "labelColor": colour("second", "light"), "titleColor": colour("second", "light"), "titleFontWeight": 400,
            "labelFontSize": 12, "titleFontSize": 12, "labelPadding": 4}  # fmt: skip
    return {"field": field, "type": "quantitative", "axis": axis, "scale": {"domain": [0, 1]}}


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
