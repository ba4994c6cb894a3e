"""Draw docs/images/identity-curves.svg: precision against recall on published and generated records.

    python -m tests.identity.curves FOLDER_OF_PUBLISHED_SETS [RECORDS]

Ours are the pairs that a run publishes when it asks from 1 % on; Splink's are those of its tutorial's settings.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import vl_convert

from clientela.present.chart.tokens import FONT, SERIES, colour
from clientela.warehouse.store.snapshot import current
from tests.identity import sets
from tests.identity.baselines import splink_untuned
from tests.identity.delivery import NOW, SOURCES, found, workspace, write
from tests.identity.records import delivered
from tests.identity.scoring import joined_by, of_pairs, score
from tests.identity.test_published_sets import SPLINK_FAKE, SPLINK_FEBRL

PICTURE = Path(__file__).parents[2] / "docs" / "images" / "identity-curves.svg"
ASK_FROM_1_PERCENT = "\n[identity]\nask_above = 0.01\n"
SPLINK_PEOPLE = {"given": "name", "surname": "name", "born": "%Y-%m-%d", "email": "email", "phone": "term",
                 "postal": "term", "city": "term"}  # fmt: skip
OURS, SPLINK, EXACT = "clientela", "Splink, tutorial settings", "one field, letter for letter"
Rows = list[dict[str, object]]


def main(data: Path, records: int) -> None:
    """Run everything and write the picture."""
    rows: Rows = []
    for title, chosen, kinds, exact in (
        ("febrl4", sets.febrl4(data), SPLINK_FEBRL, "soc_sec_id"),
        ("febrl3", sets.febrl3(data), SPLINK_FEBRL, "soc_sec_id"),
        ("fake_1000", sets.fake_1000(data), SPLINK_FAKE, "email"),
    ):
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "w"
            company = workspace(place, sources=chosen.settings, timezone=chosen.timezone, extra=ASK_FROM_1_PERCENT)
            chosen.write(place / "exports")
            company.run(now=NOW)
            rows += _compared(title, place, chosen.table, chosen.truth, chosen.rows, kinds, exact)
    made = delivered(records)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "w"
        company = workspace(place, sources=SOURCES, extra=ASK_FROM_1_PERCENT)
        write(place, made.table)
        company.run(now=NOW)
        born = pc.cast(made.table["born"], pa.string())
        plain = made.table.set_column(made.table.column_names.index("born"), "born", born)
        said = plain.select(list(SPLINK_PEOPLE)).to_pylist()
        title = f"{records:,} generated"
        rows += _compared(title, place, made.table, made.truth, said, SPLINK_PEOPLE, "email")
    PICTURE.write_text(vl_convert.vegalite_to_svg(_spec(rows)) + "\n", encoding="utf-8")


def _compared(
    title: str,
    place: Path,
    table: pa.Table,
    truth: Sequence[object],
    said: list[dict[str, str]],
    kinds: dict[str, str],
    exact: str,
) -> Rows:
    """The curves of ours and Splink's pairs and the point of one field; and, on the terminal, the scores."""
    ours, by_field = found(place, table), joined_by([row[exact] for row in said])
    groups, theirs = splink_untuned(said, kinds)
    named = {ref: number for number, ref in enumerate(ours.customer_ref.to_pylist())}
    left, right, weight = _pairs(place, named)
    print(f"{title}: {OURS}: {score(truth, ours.customer_id)}")  # noqa: T201 - a script tells what it found
    print(f"{title}: {SPLINK}: {score(truth, groups)}")  # noqa: T201
    print(f"{title}: {exact}: {score(truth, by_field)}")  # noqa: T201
    point = score(truth, by_field)
    return [
        *_curve(title, OURS, of_pairs(truth, left, right, weight)),
        *_curve(title, SPLINK, of_pairs(truth, theirs[:, 0].astype(int), theirs[:, 1].astype(int), theirs[:, 2])),
        {"set": title, "by": EXACT, "precision": point.precision, "recall": point.recall, "place": 0},
    ]


def _pairs(place: Path, named: dict[str, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    published = current(place)
    assert published is not None
    with duckdb.connect(str(published.paths["facts"]), read_only=True) as connection:
        rows = connection.execute(
            "select customer_ref_l, customer_ref_r, case when rule is null then match_weight else 999 end "
            "from identity_pair"
        ).fetchall()
    left, right = (np.array([named[row[place]] for row in rows], dtype=int) for place in (0, 1))
    return left, right, np.array([float(row[2]) for row in rows])


def _curve(title: str, by: str, curve: np.ndarray) -> Rows:
    """At most 200 points of a curve, its ends among them; below a recall of 5 % it says little."""
    curve = curve[curve[:, 2] > 0.05]
    kept = np.unique(np.linspace(0, len(curve) - 1, 200).astype(int))
    return [
        {"set": title, "by": by, "precision": round(float(p), 5), "recall": round(float(r), 5), "place": number}
        for number, (_, p, r) in enumerate(curve[kept])
    ]


def _spec(rows: Rows) -> dict[str, object]:
    """One small picture a set; where everybody is nearly right, only the corner is shown."""
    titles = list(dict.fromkeys(str(row["set"]) for row in rows))
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": "white",
        "data": {"values": rows},
        "concat": [_panel(title, near=title.startswith("febrl")) for title in titles],
        "columns": 2,
        "config": {"font": FONT, "view": {"stroke": None}, "legend": {"columnPadding": 40, "labelLimit": 300}},
    }


def _panel(title: str, *, near: bool) -> dict[str, object]:
    ink, grid = colour("ink", "light"), colour("grid", "light")
    colours = {"domain": [OURS, SPLINK, EXACT], "range": [colour(each, "light") for each in SERIES[:3]]}
    by = {"field": "by", "type": "nominal", "scale": colours, "legend": {"title": None, "orient": "top"}}
    axis = {"format": "%", "gridColor": grid, "domain": False, "ticks": False, "labelColor": ink, "titleColor": ink}
    across, up = ([0.85, 1.0], [0.95, 1.0]) if near else ([0.0, 1.0], [0.5, 1.0])
    x = {
        "field": "recall",
        "type": "quantitative",
        "scale": {"domain": across, "nice": False},
        "axis": {**axis, "title": "true pairs found", "tickCount": 5},
    }
    y = {
        "field": "precision",
        "type": "quantitative",
        "scale": {"domain": up, "nice": False},
        "axis": {**axis, "title": "pairs found that are true", "tickCount": 5},
    }
    seen = f"datum.precision >= {up[0]} && datum.recall >= {across[0]}"
    line = {
        "transform": [{"filter": f"datum.by != '{EXACT}'"}],
        "mark": {"type": "line", "strokeWidth": 2.5, "clip": True},
        "encoding": {"x": x, "y": y, "color": by, "order": {"field": "place"}},
    }
    point = {
        "transform": [{"filter": f"datum.by == '{EXACT}' && {seen}"}],
        "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
        "encoding": {"x": x, "y": y, "color": by},
    }
    return {
        "title": {"text": title, "color": ink, "fontWeight": 600},
        "transform": [{"filter": f"datum.set == '{title}'"}],
        "width": 300,
        "height": 200,
        "layer": [line, point],
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 50_000)
