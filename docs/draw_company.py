"""Draws docs/images/synthetic-company.svg from the truth of two worlds: `python docs/draw_company.py [CUSTOMERS]`."""

from __future__ import annotations

import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import vl_convert

from clientela.present.chart.tokens import FONT, colour
from clientela.testing.company.company import Company
from clientela.testing.company.dealings.subscriptions import share_that_stays
from clientela.testing.company.truth import read
from clientela.testing.company.world import World

PICTURE = Path(__file__).parent / "images" / "synthetic-company.svg"
WIDTH, HEIGHT, COLUMNS, LOOK_FROM, HORIZON = 196, 104, 3, 104, 52
INK, SECOND, GRID, AXIS = (colour(role, "light") for role in ("ink", "second", "grid", "axis"))
MAIN, OTHER, CONTEXT = (colour(role, "light") for role in ("c1", "c2", "border"))
Panel = dict[str, Any]


class Lived:
    """A world lived to its end, with what was expected of its customers after two years."""

    def __init__(self, folder: Path, world: World) -> None:
        self.world, self.folder = world, folder / "truth"
        company = Company(world, exports=folder / "w" / "exports", truth=self.folder)
        company.deliver(world.begins + timedelta(weeks=LOOK_FROM))
        company.expect(HORIZON)
        company.deliver(world.ends)

    def table(self, name: str) -> SimpleNamespace:
        """The columns of a table of the truth as arrays."""
        table = read(self.folder, name)
        return SimpleNamespace(**{each: table[each].to_numpy() for each in table.column_names})

    def sales(self) -> SimpleNamespace:
        """The first line of each order of a known customer."""
        lines = self.table("line")
        kept = (lines.customer >= 0) & (lines.returns < 0) & (lines.line == 1)
        return SimpleNamespace(customer=lines.customer[kept], at=lines.at[kept])


def main(customers: int) -> None:
    """Live two worlds and write the picture."""
    with tempfile.TemporaryDirectory() as folder:
        usual = Lived(Path(folder) / "usual", World(customers=customers, records=False))
        second = Lived(Path(folder) / "second", World.second(customers=customers, records=False))
        panels = [
            purchases_a_week(usual, "Purchases a week: season, Christmas, promotions"),
            purchases_a_week(second, "The second world has one shock"),
            gaps(usual, second),
            lives(usual),
            rates(usual),
            spending(usual),
            promotions(usual),
            subscriptions(usual),
            invoices(usual),
            accounts(usual),
            arrivals(usual),
            expected(usual, second),
        ]
    PICTURE.write_text(vl_convert.vegalite_to_svg(picture(panels)) + "\n", encoding="utf-8")


def purchases_a_week(lived: Lived, title: str) -> Panel:
    """A line over the weeks; the shock as a band."""
    count = np.bincount(np.floor(lived.sales().at).astype(int), minlength=lived.world.weeks)[4:]
    rows = [{"x": week, "y": int(each)} for week, each in enumerate(count, 4)]
    layers = [line(rows, "week", "")]
    if lived.world.shock:
        begins = lived.world.shock_begins
        band = [{"x": begins, "x2": begins + lived.world.shock_weeks}]
        layers.insert(0, {"data": {"values": band}, "mark": {"type": "rect", "color": colour("band", "light")},
                          "encoding": {"x": quantitative("x", "week"), "x2": {"field": "x2"}}})  # fmt: skip
    return panel(title, layers)


def gaps(usual: Lived, second: Lived) -> Panel:
    """How long the gaps of often buying customers are, in their own mean gaps, in both worlds."""
    rows = []
    for name, lived in (("by chance", usual), ("of three stages", second)):
        sales, who = lived.sales(), lived.table("customer")
        order = np.lexsort((sales.at, sales.customer))
        customer, at = sales.customer[order], sales.at[order]
        same = (np.diff(customer) == 0) & (who.rate[customer[1:]] > 0.25)
        share, edges = np.histogram((np.diff(at) * who.rate[customer[1:]])[same], np.arange(0, 3.01, 0.1))
        rows += [{"x": round(float(x), 2), "y": float(y), "by": name}
                 for x, y in zip(edges[:-1] + 0.05, share / share.sum(), strict=True)]  # fmt: skip
    return panel("Gaps in the two worlds: chance, or more regular", lines(rows, "gap, in a customer's mean gaps", "%"))


def lives(lived: Lived) -> Panel:
    """The share of customers that stays, beside the formula."""
    who, week = lived.table("customer"), np.arange(0, 157, 4)
    life = np.nan_to_num(who.leaves - who.joins, nan=np.inf)
    stays = (lived.world.leaving_weeks / (lived.world.leaving_weeks + week)) ** lived.world.leaving_shape
    rows = [{"x": int(x), "y": float((life > x).mean()), "by": "customers"} for x in week]
    rows += [{"x": int(x), "y": float(y), "by": "formula"} for x, y in zip(week, stays, strict=True)]
    return panel("Who is still a customer, weeks after coming", lines(rows, "weeks", "%", dashed="formula"))


def rates(lived: Lived) -> Panel:
    """How often customers buy while they are customers."""
    rate = lived.table("customer").rate * 52
    return panel("How often they buy: some weekly, many seldom", [bars(*np.histogram(rate, np.arange(0, 31, 1.5)),
                 "purchases a year")])  # fmt: skip


def spending(lived: Lived) -> Panel:
    """What customers usually pay for a product."""
    spend = lived.table("customer").spend
    return panel("What they usually pay, against the mean", [bars(*np.histogram(spend, np.arange(0, 3.01, 0.15)),
                 "times the mean")])  # fmt: skip


def promotions(lived: Lived) -> Panel:
    """Purchases in promoted and usual weeks, by elasticity."""
    sales, who, week = lived.sales(), lived.table("customer"), lived.table("calendar")
    there, cut = who.rate[:, None] * np.ones(1), week.cut > 0
    rows = []
    fifth = np.searchsorted(np.quantile(who.elasticity, [0.2, 0.4, 0.6, 0.8]), who.elasticity)
    leaves = np.nan_to_num(who.leaves, nan=np.inf)
    for part in range(5):
        ours = fifth == part
        open_ = np.clip(np.minimum(week.week[:, None] + 1, leaves[ours]) - np.maximum(week.week[:, None],
                        who.joins[ours]), 0, 1)  # fmt: skip
        expected = week.busyness * (open_ * there[ours, 0]).sum(axis=1)
        later = ours[sales.customer] & (sales.at > who.joins[sales.customer] + 1e-3 + 1 / 7)
        came = np.bincount(np.floor(sales.at[later]).astype(int), minlength=lived.world.weeks)
        usual = came[~cut].sum() / expected[~cut].sum()
        lift = came[cut].sum() / expected[cut].sum() / usual - 1
        rows.append({"x": float(who.elasticity[ours].mean()), "y": float(lift)})
    truth = [{"x": x, "y": x * lived.world.promotion_depth} for x in (0, 4)]
    return panel("In a promotion they buy more, each by an elasticity", [
        {**line(truth, "elasticity", "%"), "mark": {"type": "line", "color": CONTEXT, "strokeDash": [4, 3]}},
        points(rows, "elasticity", "%"),
    ])  # fmt: skip


def subscriptions(lived: Lived) -> Panel:
    """The share of subscriptions that last, beside the formula."""
    seen, month = lived.table("subscription"), np.arange(0, 37, 2)
    rows = [{"x": int(x), "y": float((seen.months > x).mean()), "by": "subscriptions"} for x in month]
    rows += [{"x": int(x), "y": float(share_that_stays(lived.world, np.array(x))), "by": "formula"} for x in month]
    return panel("Who keeps a subscription, months after its beginning", lines(rows, "months", "%", dashed="formula"))


def invoices(lived: Lived) -> Panel:
    """When invoices are paid."""
    seen = lived.table("invoice")
    days = (seen.paid - seen.due)[~np.isnan(seen.paid)]
    never = f"{np.isnan(seen.paid).mean():.1%} are never paid"
    share, edges = np.histogram(np.clip(days, -60, 63), np.arange(-60, 64, 3))
    return panel(f"When invoices are paid; {never}", [bars(share, edges, "days after they are due", split=0)])


def accounts(lived: Lived) -> Panel:
    """How many accounts persons have."""
    held, who = lived.table("account"), lived.table("customer")
    number = np.bincount(np.bincount(held.customer)[~who.company])[1:]
    rows = [{"x": str(x), "y": float(y)} for x, y in enumerate(number / number.sum(), 1)]
    return panel("Accounts of a person: the same human, twice or more", [columns(rows, "accounts")])


def arrivals(lived: Lived) -> Panel:
    """How many of a week's orders came late or wrong."""
    made, came = lived.table("line"), lived.table("arrived_line")
    happened = np.zeros(made.order.max() + 1)
    happened[made.order] = np.floor(made.at)
    late = came.week - happened[came.order]
    share = np.bincount(late.astype(int), minlength=5) / len(made.at)
    rows = [{"x": str(x), "y": float(y)} for x, y in enumerate(share[1:], 1)]
    return panel("What arrives weeks after it happened: late, or put right", [columns(rows, "weeks after")])


def expected(usual: Lived, second: Lived) -> Panel:
    """Margin expected for a year, in tenths of customers, and what came."""
    rows = []
    for name, lived in (("first world", usual), ("second world", second)):
        said, lines_ = lived.table("expected_value"), lived.table("line")
        there = said.state == "customer"
        later = (lines_.at >= LOOK_FROM) & (lines_.customer >= 0)
        came = np.bincount(lines_.customer[later], (lines_.revenue - lines_.cost)[later], len(said.customer))
        margin = (said.margin + said.back_margin)[there]
        tenth = np.searchsorted(np.quantile(margin, np.arange(0.1, 1, 0.1)), margin)
        rows += [{"x": float(margin[tenth == part].mean() / 100), "y": float(came[there][tenth == part].mean() / 100),
                  "by": name} for part in range(10)]  # fmt: skip
    top = max(row["x"] for row in rows)
    same = {"data": {"values": [{"x": 0, "y": 0}, {"x": top, "y": top}]},
            "mark": {"type": "line", "color": CONTEXT, "strokeDash": [4, 3]}}  # fmt: skip
    dots = points(rows, "expected margin of a year, €", "", by=True)
    return panel("What is expected is what comes, in tenths of customers", [{**same, "encoding": dots["encoding"]
                 | {"color": {"value": CONTEXT}}}, dots])  # fmt: skip


def panel(title: str, layers: list[Panel]) -> Panel:
    """One small picture with its finding as the title."""
    return {"title": {"text": wrapped(title), "anchor": "start", "color": INK, "fontSize": 12, "fontWeight": 600,
                      "lineHeight": 15, "offset": 8},
            "width": WIDTH, "height": HEIGHT, "layer": layers}  # fmt: skip


def wrapped(title: str) -> list[str]:
    """A title on at most two lines."""
    words, made = title.split(), [""]
    for word in words:
        if len(made[-1]) + len(word) > 32 and len(made) == 1:
            made.append("")
        made[-1] = f"{made[-1]} {word}".strip()
    return made


def quantitative(field: str, title: str, form: str = "") -> Panel:
    """An axis of numbers."""
    axis = {"title": title or None, "grid": field == "y", "gridColor": GRID, "domain": field == "x",
            "domainColor": AXIS, "ticks": False, "labelColor": SECOND, "titleColor": SECOND, "titleFontWeight": 400,
            "labelFontSize": 11, "titleFontSize": 11, "tickCount": 4, "labelPadding": 4}  # fmt: skip
    if form:
        axis["format"] = ".0%" if form == "%" else form
    return {"field": field, "type": "quantitative", "axis": axis, "scale": {"nice": field == "y"}}


def line(rows: list[Panel], x: str, form: str) -> Panel:
    """One line."""
    return {"data": {"values": rows}, "mark": {"type": "line", "color": MAIN, "strokeWidth": 1.6},
            "encoding": {"x": quantitative("x", x), "y": quantitative("y", "", form)}}  # fmt: skip


def lines(rows: list[Panel], x: str, form: str, dashed: str = "") -> list[Panel]:
    """Two lines with their names at their ends."""
    names = list(dict.fromkeys(row["by"] for row in rows))
    colours = {"domain": names, "range": [MAIN, CONTEXT if dashed else OTHER]}
    named = {"field": "by", "type": "nominal", "scale": colours,
             "legend": {"title": None, "orient": "top-right", "labelFontSize": 11, "labelColor": SECOND, "offset": 0,
                        "symbolType": "stroke", "symbolStrokeWidth": 2}}  # fmt: skip
    made: Panel = {"data": {"values": rows}, "mark": {"type": "line", "strokeWidth": 1.8},
                   "encoding": {"x": quantitative("x", x), "y": quantitative("y", "", form),
                                "color": named}}  # fmt: skip
    if dashed:
        made["encoding"]["strokeDash"] = {
            "field": "by", "type": "nominal", "legend": None,
            "scale": {"domain": names, "range": [[1, 0], [4, 3]]},
        }  # fmt: skip
    return [made]


def points(rows: list[Panel], x: str, form: str, by: bool = False) -> Panel:
    """Dots, filled."""
    encoding: Panel = {"x": quantitative("x", x), "y": quantitative("y", "", form)}
    if by:
        names = list(dict.fromkeys(row["by"] for row in rows))
        encoding["color"] = {
            "field": "by", "type": "nominal", "scale": {"domain": names, "range": [MAIN, OTHER]},
            "legend": {"title": None, "orient": "top-left", "labelFontSize": 11, "labelColor": SECOND, "offset": 0},
        }  # fmt: skip
    return {"data": {"values": rows}, "mark": {"type": "point", "filled": True, "size": 34, "opacity": 1,
                                               **({} if by else {"color": MAIN})}, "encoding": encoding}  # fmt: skip


def bars(share: np.ndarray, edges: np.ndarray, x: str, split: float | None = None) -> Panel:
    """A histogram; what lies beyond the split in the other colour."""
    rows = [{"x": round(float(a), 3), "x2": round(float(b), 3), "y": float(y / share.sum()),
             "by": OTHER if split is not None and a >= split else MAIN}
            for a, b, y in zip(edges[:-1], edges[1:], share, strict=True)]  # fmt: skip
    across = quantitative("x", x)
    if split is not None:
        across["axis"]["values"] = [-60, -30, 0, 30, 60]
    return {"data": {"values": rows}, "mark": {"type": "bar", "binSpacing": 1},
            "encoding": {"x": {**across, "bin": "binned"}, "x2": {"field": "x2"},
                         "y": quantitative("y", "", "%"),
                         "color": {"field": "by", "type": "nominal", "scale": None}}}  # fmt: skip


def columns(rows: list[Panel], x: str) -> Panel:
    """A bar for each name, its share above it."""
    axis = {**quantitative("x", x)["axis"], "labelAngle": 0}
    across = {"field": "x", "type": "ordinal", "axis": axis}
    up = quantitative("y", "", "%")
    bar = {"mark": {"type": "bar", "color": MAIN, "size": 30}, "encoding": {"x": across, "y": up}}
    share = {"field": "y", "type": "quantitative", "format": ".1%"}
    said = {"mark": {"type": "text", "dy": -7, "fontSize": 11, "color": SECOND},
            "encoding": {"x": across, "y": up, "text": share}}  # fmt: skip
    return {"data": {"values": rows}, "layer": [bar, said]}


def picture(panels: list[Panel]) -> Panel:
    """All panels, three in a row."""
    return {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "background": "white", "padding": 12,
            "concat": panels, "columns": COLUMNS, "spacing": {"row": 26, "column": 30},
            "resolve": {"scale": {"color": "independent", "strokeDash": "independent"}},
            "config": {"font": FONT, "view": {"stroke": None}}}  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 12_000)
