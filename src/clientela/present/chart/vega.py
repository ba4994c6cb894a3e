"""A chart of the contracts as Vega-Lite, in the colours and the language asked for."""

from __future__ import annotations

import json
from textwrap import wrap
from typing import Any

from clientela.contracts.insight import Chart, Mark
from clientela.present.chart import axes, marks
from clientela.present.chart.points import Drawing, description, drawing
from clientela.present.chart.tokens import FONT, TEXT_PX, Theme, colour
from clientela.present.say import say

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
HEIGHT, BAR_HEIGHT, SMALL_HEIGHT = 280, 38, 64
FOLDED_HEIGHTS = (BAR_HEIGHT, 48, 62)  # of a bar whose name stands on one, two, three lines


def vega(
    chart: Chart,
    locale: str = "en",
    *,
    theme: Theme = "light",
    width: int = 640,
    height: int | None = None,
    small: bool = False,
    titled: bool = True,
) -> dict[str, Any]:
    """The picture as a Vega-Lite specification.

    Parameters
    ----------
    theme :
        ``tokens`` leaves colours to the CSS variables of the page; ``light`` and ``dark`` are hex.
    width, height : in px
        The size it is shown at, never scaled up; height None: what suits the marks.
    small :
        For a card: marks only, no axes, no words.
    titled :
        Whether title and subtitle stand in the picture (a file) or beside it (a page).
    """
    drawn = drawing(chart, locale)
    spec: dict[str, Any] = {
        "$schema": SCHEMA,
        "description": description(drawn),
        "background": None if theme == "tokens" else colour("surface", theme),
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": 0 if theme == "tokens" else 16,
        "width": width,
        "height": height or _height(drawn, width, small=small),
        "data": {"values": [point.row() for point in drawn.points]},
        "config": _config(drawn, theme, width),
    }
    if titled and not small:
        spec["title"] = _title(drawn, theme, width)
        spec["height"] += 20 * len(spec["title"]["text"]) + 17 * len(spec["title"]["subtitle"]) + 20
    if drawn.lies:
        names = _names(drawn, width, small=small)
        spec["layer"] = marks.lying_bars(drawn, names, theme, width, small=small)
    else:
        spec["layer"] = _layers(drawn, theme, width, small=small)
        spec["encoding"] = {"x": _x(drawn, width, small=small), "y": _y(drawn, small=small)}
    return spec


def _layers(drawn: Drawing, theme: Theme, width: int, *, small: bool) -> list[dict[str, Any]]:
    draw = {Mark.BAR: marks.standing_bars, Mark.LINE: marks.lines, Mark.POINT: marks.dots}[drawn.chart.mark]
    return draw(drawn, theme, width, small=small)


def _height(drawn: Drawing, width: int, *, small: bool) -> int:
    if small:
        return SMALL_HEIGHT
    if not drawn.lies:
        return HEIGHT
    most_lines = max((len(lines) for lines in _lines(drawn, width).values()), default=1)
    each = max(FOLDED_HEIGHTS[most_lines - 1], BAR_HEIGHT // 2 * len(drawn.series))
    return max(2, len({point.x for point in drawn.points})) * each


def _x(drawn: Drawing, width: int, *, small: bool) -> dict[str, Any]:
    if not drawn.on_scale:
        axis = None if small else {**axes.place_axis(drawn, width), "labelAngle": 0, "grid": False}
        scale = {"paddingInner": 0.24, "paddingOuter": 0.12}
        return {"field": "x", "type": "ordinal", "sort": None, "axis": axis, "scale": scale}
    if drawn.in_time:
        axis = None if small else {**axes.time_axis(drawn, width), "grid": False}
        return {"field": "x", "type": "temporal", "axis": axis, "scale": {"type": "utc"}}
    xs = [float(point.x) for point in drawn.points if isinstance(point.x, int | float)] or [0.0]
    axis = None if small else {**axes.number_axis(drawn.x, (min(xs), max(xs)), drawn.locale), "grid": False}
    if axis is not None:
        axis["title"] = axes.x_title(drawn, width)
    scale = {"nice": False, "zero": min(xs) < 0.5 * max(xs)}
    return {"field": "x", "type": "quantitative", "axis": axis, "scale": scale}


def _y(drawn: Drawing, *, small: bool) -> dict[str, Any]:
    low, high = drawn.bounds
    from_zero = drawn.chart.mark is Mark.BAR or low < 0.6 * high
    scale: dict[str, Any] = {"zero": from_zero, "nice": not small}
    axis = None if small else {**axes.number_axis(drawn.y, (low, high), drawn.locale), "domain": False}
    return {"field": "y", "type": "quantitative", "stack": None, "axis": axis, "scale": scale}


def _names(drawn: Drawing, width: int, *, small: bool) -> dict[str, Any]:
    room = marks.name_width(drawn, width)  # kept also where the page has another font than the one it is drawn with
    axis: dict[str, Any] = {"title": None, "labelLimit": room, "minExtent": room}
    axis |= {"ticks": False, "domain": False, "grid": False}
    lines = _lines(drawn, width)
    if any(len(each) > 1 for each in lines.values()):
        said = f"({json.dumps(lines)})[datum.label]"
        lifts = [
            {"test": f"{said}.length === {many}", "value": -marks.LINE_PX * (many - 1) / 2}
            for many in range(2, marks.NAME_LINES + 1)
        ]
        axis |= {
            "labelExpr": said,
            "labelLineHeight": marks.LINE_PX,
            "labelOffset": {"condition": lifts, "value": 0},  # else the first of the lines would stand at the bar
        }
    scale = {"paddingInner": 0.4, "paddingOuter": 0.2}
    return {"field": "x", "type": "ordinal", "sort": None, "axis": None if small else axis, "scale": scale}


def _lines(drawn: Drawing, width: int) -> dict[str, list[str]]:
    """Each name beside a lying bar, on the lines it takes."""
    room = marks.name_width(drawn, width)
    return {str(point.x): marks.folded(str(point.x), room) for point in drawn.points}


def _title(drawn: Drawing, theme: Theme, width: int) -> dict[str, Any]:
    letters = max(20, int((width - 32) / (1.32 * axes.PX_OF_LETTER)))
    return {
        "text": wrap(say(drawn.chart.title, drawn.locale), letters),
        "subtitle": wrap(say(drawn.chart.subtitle, drawn.locale), int(letters * 1.25)),
        "anchor": "start",
        "frame": "bounds",
        "color": colour("ink", theme),
        "fontSize": 16,
        "subtitleColor": colour("third", theme),
        "subtitleFontSize": TEXT_PX,
        "offset": 16,
    }


def _config(drawn: Drawing, theme: Theme, width: int) -> dict[str, Any]:
    return {
        "font": FONT,
        "locale": axes.d3_locale(drawn.locale, drawn.y.unit if drawn.y.type.value == "money" else None),
        "view": {"stroke": None},
        "axis": {
            "labelFontSize": TEXT_PX,
            "titleFontSize": TEXT_PX,
            "titleFontWeight": "normal",
            "labelColor": colour("third", theme),
            "titleColor": colour("third", theme),
            "gridColor": colour("grid", theme),
            "domainColor": colour("axis", theme),
            "tickColor": colour("axis", theme),
            "ticks": False,
            "labelPadding": 8,
            "titlePadding": 10,
        },
        "legend": {
            "orient": "top",
            "columns": max(2, width // 130),
            "labelFontSize": TEXT_PX,
            "labelColor": colour("second", theme),
            "title": None,
            "symbolType": "square",
        },
    }
