import dataclasses
import json
import re
import xml.etree.ElementTree as ET
from datetime import date
from decimal import Decimal

import altair as alt
import pytest

from clientela.contracts.insight import Chart, Mark, Table
from clientela.contracts.schema import Type
from clientela.contracts.text import text
from clientela.errors import UnknownNameError, UsageError
from clientela.present.chart.axes import d3_locale
from clientela.present.chart.points import days_apart, description, drawing
from clientela.present.chart.vega import vega
from clientela.present.picture import png, save, svg
from tests.unit.present import sample

NB = "\N{NO-BREAK SPACE}"
CHARTS = {
    "bars in time": sample.sales_chart,
    "bars on their side": sample.effects_chart,
    "a curve with its diagonal": sample.gain_chart,
    "dots with intervals": sample.calibration_chart,
    "a row of bars": lambda: sample.value().chart,
}


def by_region(regions: int, mark: Mark = Mark.LINE, kind: Type = Type.MONEY) -> Chart:
    return Chart(
        mark=mark,
        title=text("Revenue"),
        subtitle=text("US dollars"),
        data=Table(
            columns=(
                sample.column("month", Type.DATE, "Month"),
                sample.column("region", Type.TEXT, "Region"),
                sample.column("revenue", kind, "Revenue", "USD" if kind is Type.MONEY else None),
            ),
            rows=tuple((month, f"R{k}", Decimal(k)) for k in range(1, regions + 1) for month in sample.MONTHS[:2]),
            caption=text("Revenue"),
        ),
        x="month",
        y="revenue",
        series="region",
    )


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("width", [908, 320])
@pytest.mark.parametrize("locale", ["en", "es"])
def test_every_picture_is_valid_vega_lite(name, width, locale):
    spec = vega(CHARTS[name](), locale, width=width)
    alt.Chart.from_dict(spec)  # raises when the schema does not hold
    assert json.loads(json.dumps(spec)) == spec


def test_series_are_valid_vega_lite_too():
    for mark in Mark:
        alt.Chart.from_dict(vega(by_region(3, mark)))


def test_bars_begin_at_zero_and_tell_what_the_sentence_speaks_of():
    spec = vega(sample.sales_chart(), theme="tokens")
    assert spec["encoding"]["y"]["scale"]["zero"] is True
    assert [row["role"] for row in spec["data"]["values"]] == ["context"] * 9 + ["highlight"] * 3
    assert spec["layer"][0]["encoding"]["fill"]["value"] == "var(--c1)"


def test_an_unfinished_period_is_hollow_and_grey_and_the_line_does_not_reach_it():
    chart = dataclasses.replace(sample.sales_chart(), mark=Mark.LINE, incomplete=(date(2017, 12, 1),))
    spec = vega(chart, theme="light")
    line = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "line")
    assert line["transform"] == [{"filter": "!(datum.role === 'incomplete')"}]
    hollow = next(layer for layer in spec["layer"] if layer["mark"].get("fill") == "#ffffff")
    assert hollow["mark"]["color"] == "#858a91"


def test_a_page_colours_the_picture_and_a_file_has_its_own():
    assert '"var(--c1)"' in json.dumps(vega(sample.sales_chart(), theme="tokens"))
    assert "var(" not in json.dumps(vega(sample.sales_chart(), theme="dark"))
    assert vega(sample.sales_chart(), theme="tokens")["background"] is None


def test_more_than_five_series_are_four_and_the_others():
    drawn = drawing(by_region(7), "en")
    assert drawn.series == ("R7", "R6", "R5", "R4", "Other")
    assert [point.y for point in drawn.points if point.series == "Other"] == [6.0, 6.0]  # 1 + 2 + 3
    assert drawing(by_region(7), "es").series[-1] == "Otros"


def test_what_does_not_add_up_is_left_to_the_table():
    assert drawing(by_region(7, kind=Type.SHARE), "en").series == ("R7", "R6", "R5", "R4")


def test_the_axis_says_months_and_the_year_once():
    axis = vega(sample.sales_chart(), "es")["encoding"]["x"]["axis"]
    assert axis["labelExpr"].startswith('{"2017-01-01": ["ene", "2017"], "2017-02-01": "feb"')
    few = vega(sample.sales_chart(), width=320)["encoding"]["x"]["axis"]
    assert few["values"] == [f"2017-{month:02}-01" for month in range(1, 13, 2)]


def test_money_on_an_axis_is_short_and_zero_is_plain():
    label = vega(sample.sales_chart(), "en")["encoding"]["y"]["axis"]["labelExpr"]
    assert label == "datum.value === 0 ? '0' : \"$\" + format(datum.value / 1000, ',.0f') + \"k\""
    spanish = vega(sample.sales_chart(), "es")["encoding"]["y"]["axis"]["labelExpr"]
    assert json.loads(spanish.rsplit(" + ", 1)[1]) == f"{NB}mil{NB}US$"


def test_spanish_numbers_on_axes_are_ours():
    spanish = d3_locale("es", "EUR")
    assert spanish["number"]["percent"] == f"{NB}%"
    assert spanish["number"]["currency"] == ["", f"{NB}€"]
    assert (spanish["time"]["days"][0], spanish["time"]["months"][0]) == ("domingo", "enero")
    assert d3_locale("en", "USD")["number"]["currency"] == ["$", ""]


def test_the_drawn_axis_has_the_spanish_percent():
    assert f">20{NB}%<" in svg(sample.gain_chart(), "es").replace("&#160;", NB)


def test_the_picture_is_told_to_who_cannot_see_it():
    assert description(drawing(sample.sales_chart(), "en")) == (
        "Revenue month by month. US dollars, January to December 2017. From $350,020 (Feb) to $415,000 (Dec)."
    )


def test_a_drawing_is_one_image_with_a_name():
    root = ET.fromstring(svg(sample.effects_chart(), id="why", titled=False, width=600))  # noqa: S314 - our own
    space = "{http://www.w3.org/2000/svg}"
    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "why-title why-told")
    assert root.find(f"{space}title").text == "What changed revenue from July–September to October–December"
    assert root.find(f"{space}desc").get("id") == "why-told"
    assert root.get("width") == "600"
    words = {"".join(each.itertext()) for each in root.iter(f"{space}text")}
    assert {"$4,035", "−$25,405", "$67,851", "Larger baskets"} <= words


def test_two_drawings_share_no_id_and_a_drawing_is_always_the_same():
    one, other = (svg(sample.sales_chart(), id=id, titled=False) for id in ("a", "b"))
    assert one == svg(sample.sales_chart(), id="a", titled=False)
    ids = [set(re.findall(r'\bid="([^"]*)"', drawn)) for drawn in (one, other)]
    assert ids[0] & ids[1] == set()
    assert re.sub(r"\ba-", "b-", one) == other


def test_values_of_customers_cannot_become_markup():
    chart = dataclasses.replace(
        sample.effects_chart(),
        title=text("<script>alert(1)</script>"),
        data=dataclasses.replace(sample.effects_chart().data, rows=(("<script>x</script>", Decimal(1)),)),
    )
    assert "<script" not in svg(chart)


def test_a_picture_is_written_by_the_ending_of_its_file(tmp_path):
    save(sample.sales(), tmp_path / "a.svg")
    save(sample.sales(), tmp_path / "a.png", "es")
    assert (tmp_path / "a.svg").read_text().startswith("<svg")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert png(sample.sales_chart())[:4] == b"\x89PNG"


def test_what_cannot_be_written_is_said(tmp_path):
    with pytest.raises(UsageError, match=r"written as \.svg or \.png, not as 'a\.gif'"):
        save(sample.sales(), tmp_path / "a.gif")
    with pytest.raises(UsageError, match="has no picture to write: One year is too short"):
        save(sample.abstained(), tmp_path / "a.svg")
    with pytest.raises(UsageError, match="cannot write"):
        save(sample.sales(), tmp_path / "gone" / "a.svg")


def test_a_chart_of_a_column_that_is_not_there_is_refused():
    with pytest.raises(UnknownNameError, match="unknown column 'gone'; known: 'month', 'revenue'"):
        vega(dataclasses.replace(sample.sales_chart(), y="gone"))


@pytest.mark.parametrize("draw", [sample.gain_chart, sample.sales_chart, sample.effects_chart])
def test_an_empty_chart_is_drawn(draw):
    empty = dataclasses.replace(draw(), data=dataclasses.replace(draw().data, rows=()))
    assert svg(empty).startswith("<svg")


def test_days_are_as_far_apart_as_the_nearest_two():
    assert days_apart([date(2017, 1, 2), date(2017, 1, 16), date(2017, 1, 9)]) == 7
    assert days_apart([]) == 1


def of_names(*names: str) -> Chart:
    """Lying bars, one for each name."""
    columns = (sample.column("name", Type.TEXT, "Name"), sample.column("share", Type.SHARE, "Share"))
    rows = tuple((name, 0.5) for name in names)
    return Chart(
        mark=Mark.BAR,
        title=text("Shares"),
        subtitle=text("Of all"),
        data=Table(columns=columns, rows=rows, caption=text("Shares")),
        x="name",
        y="share",
    )


LONG = "Bought most often, purchases of 120 days ago counting half of what they were"


@pytest.mark.parametrize("width", [736, 320])
def test_a_long_name_beside_a_bar_takes_two_or_three_lines_within_its_room(width):
    spec = vega(of_names(LONG, "Short"), width=width)
    alt.Chart.from_dict(spec)
    axis = spec["layer"][0]["encoding"]["y"]["axis"]
    lines = json.loads(axis["labelExpr"].split("(", 1)[1].rsplit(")", 1)[0])
    assert lines["Short"] == ["Short"]
    assert 2 <= len(lines[LONG]) <= 3
    assert axis["labelOffset"]["condition"][len(lines[LONG]) - 2]["value"] == -8 * (len(lines[LONG]) - 1)
    assert all(len(line) * 7 <= axis["minExtent"] for line in lines[LONG])
    drawn = "".join(ET.fromstring(svg(of_names(LONG, "Short"), width=width)).itertext())  # noqa: S314 -- our own picture
    assert all(line in drawn for line in lines[LONG])


def test_names_that_fit_are_left_to_the_axis():
    assert "labelExpr" not in vega(of_names("Short", "Shorter"), width=736)["layer"][0]["encoding"]["y"]["axis"]


def test_a_line_of_one_point_is_drawn_as_a_dot():
    chart = by_region(2)
    alone = dataclasses.replace(chart, data=dataclasses.replace(chart.data, rows=chart.data.rows[:3]))
    dots = [layer for layer in vega(alone)["layer"] if layer["mark"].get("size") == 40]
    assert [row["series"] for layer in dots for row in layer["data"]["values"]] == ["R2"]
    assert not [layer for layer in vega(chart)["layer"] if layer["mark"].get("size") == 40]
