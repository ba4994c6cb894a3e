"""The layers of a picture: bars, lines, dots, their intervals and the words at them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import Any

from clientela.contracts.schema import Type
from clientela.present.chart.axes import PX_OF_LETTER
from clientela.present.chart.points import Drawing, Point, label_of
from clientela.present.chart.tokens import SERIES, TEXT_PX, Theme, colour
from clientela.present.say import say

Layer = dict[str, Any]
PHONE = 420  # below this width a picture is drawn for a phone
PX_OF_STRONG = 8.0  # a letter of weight 600
LINE_PX = 16
NAME_LINES = 3  # as many as stand beside a bar
PLOT_PX = 230  # about the height of the lines themselves
VALUE_ROOM = 72  # px kept beside lying bars for their values
INCOMPLETE = "datum.role === 'incomplete'"


def standing_bars(drawn: Drawing, theme: Theme, width: int, *, small: bool) -> list[Layer]:
    """Bars from zero: what the sentence speaks of in colour, the rest as its context, unfinished periods hollow."""
    mark = {"type": "bar", "cornerRadiusEnd": 2, "strokeWidth": 1.5}
    if drawn.series:
        layers: list[Layer] = [
            {"mark": mark, "encoding": {**_by_series(drawn, theme, small=small), "xOffset": _offset(drawn)}}
        ]
    else:
        layers = [{"mark": mark, "encoding": _bar_colours(theme)}]
    layers += _whiskers(drawn, theme)
    if not small and not drawn.series:
        layers += _bar_labels(drawn, theme, width)
    return layers


def lying_bars(drawn: Drawing, names: dict[str, Any], theme: Theme, width: int, *, small: bool) -> list[Layer]:
    """Bars beside their names, their values at the end, room for them on both sides of zero."""
    low, high = drawn.bounds
    room = width if small else max(60, width - name_width(drawn, width) - 12)
    right = 0.0 if small else _room_of(point.said for point in drawn.points if (point.y or 0) >= 0)
    left = 0.0 if small or low >= 0 else max(VALUE_ROOM, _room_of(p.said for p in drawn.points if (p.y or 0) < 0))
    span = (high - low or 1.0) * room / max(40.0, room - left - right)
    domain = [low - left / room * span, high + right / room * span]
    x = {"field": "y", "type": "quantitative", "stack": None, "scale": {"domain": domain, "nice": False}, "axis": None}
    bars: Layer = {"mark": {"type": "bar", "cornerRadiusEnd": 2, "strokeWidth": 1.5}, "encoding": {"x": x}}
    if drawn.series:
        bars["encoding"] |= {**_by_series(drawn, theme, small=small), "yOffset": _offset(drawn)}
    else:
        bars["encoding"] |= _bar_colours(theme, negative=True)
    layers = [bars]
    if drawn.chart.interval:
        ends = {"x": {**x, "field": "low"}, "x2": {"field": "high"}}
        layers.append(
            {"mark": _whisker(theme) | {"strokeWidth": 4, "color": colour("surface", theme)}, "encoding": ends}
        )
        layers.append({"mark": _whisker(theme), "encoding": {**ends}})  # seen on the bar as beside it
    if not small:
        layers += _end_labels(drawn, x, theme)
    for layer in layers:
        layer["encoding"]["y"] = names
    return [*layers, _zero_line(x, theme)] if low < 0 else layers


def lines(drawn: Drawing, theme: Theme, width: int, *, small: bool) -> list[Layer]:
    """A line for each series, named at its end; the points the sentence speaks of; unfinished ones hollow."""
    whole = {"filter": f"!({INCOMPLETE})"}
    layers: list[Layer] = []
    if drawn.chart.interval:
        band: Layer = {"mark": {"type": "area", "color": colour("band", theme)}, "transform": [whole]}
        band["encoding"] = {"y": {"field": "low"}, "y2": {"field": "high"}}
        if drawn.series:
            band["encoding"]["detail"] = {"field": "series", "type": "nominal"}
            band["mark"] |= {"opacity": 0.6}
        layers.append(band)
    layers += _diagonal(drawn, theme, width, small=small)
    line: Layer = {"mark": {"type": "line", "strokeWidth": 2.25}, "transform": [whole], "encoding": {}}
    line["encoding"] = _line_colours(drawn, theme) if drawn.series else {}
    if not drawn.series:
        line["mark"]["color"] = colour("c1", theme)
    layers.append(line)
    layers += _lone_points(drawn, theme)
    layers += _hollow(theme) if drawn.chart.incomplete else []
    layers += _spots(drawn, theme, width, small=small)
    if drawn.series and not small:
        layers += _line_names(drawn, theme)
    return layers


def dots(drawn: Drawing, theme: Theme, width: int, *, small: bool) -> list[Layer]:
    """A dot for each row with its interval."""
    layers = _diagonal(drawn, theme, width, small=small) + _whiskers(drawn, theme)
    mark: Layer = {"mark": {"type": "point", "filled": True, "opacity": 1, "size": 56}}
    mark["encoding"] = _by_series(drawn, theme, small=small) if drawn.series else _bar_colours(theme)
    return [*layers, mark]


def name_width(drawn: Drawing, width: int) -> int:
    """The room for the names beside lying bars, at most two fifths of the picture."""
    longest = max((_letters(str(point.x)) for point in drawn.points), default=0.0)
    return int(min(longest * PX_OF_LETTER + 8, width * 0.4))


def folded(name: str, room: int) -> list[str]:
    """A name on as many as three lines of ``room`` px; what still does not fit ends in an ellipsis.

    >>> folded("Same customers, prices of last year, one more shop", 150)
    ['Same customers,', 'prices of last year,', 'one more shop']
    >>> folded("Same customers, prices of last year, one more shop in the south", 150)
    ['Same customers,', 'prices of last year,', 'one more shop in th…']
    >>> folded("BREAD/BUNS/ROLLS and milk", 120)
    ['BREAD/BUNS/', 'ROLLS and milk']
    """
    letters = room / PX_OF_LETTER
    lines: list[str] = []
    rest = [part for word in name.split() for part in _parts(f"{word} ", letters)]
    while rest and len(lines) < NAME_LINES:
        taken = 1
        while taken < len(rest) and _letters("".join(rest[: taken + 1]).rstrip()) <= letters:
            taken += 1
        lines.append("".join(rest[:taken]).rstrip())
        rest = rest[taken:]
    if rest:
        lines[-1] = f"{lines[-1]}…"
    return [_shortened(line, letters) for line in lines] or [name]


def _parts(word: str, letters: float) -> list[str]:
    """A word as it is, or what its strokes part where it is longer than the room."""
    return re.split(r"(?<=/)(?=\S)", word) if _letters(word.rstrip()) > letters else [word]


def _shortened(line: str, letters: float) -> str:
    if _letters(line) <= letters:
        return line
    kept = line.rstrip("…")
    while len(kept) > 1 and _letters(kept) + 1 > letters:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def _letters(name: str) -> float:
    """How many letters of common width a name is as wide as; capitals are wider."""
    return sum(1.25 if letter.isupper() else 1.0 for letter in name)


def _bar_colours(theme: Theme, *, negative: bool = False) -> dict[str, Any]:
    fill = [
        {"test": INCOMPLETE, "value": colour("surface", theme)},
        {"test": "datum.role === 'context'", "value": colour("c1-context", theme)},
    ]
    if negative:
        fill.insert(1, {"test": "datum.y < 0", "value": colour("c2", theme)})
    return {
        "fill": {"condition": fill, "value": colour("c1", theme)},
        "stroke": {"condition": {"test": INCOMPLETE, "value": colour("axis", theme)}, "value": None},
    }


def _by_series(drawn: Drawing, theme: Theme, *, small: bool) -> dict[str, Any]:
    scale = {"domain": list(drawn.series), "range": [colour(role, theme) for role in SERIES[: len(drawn.series)]]}
    colours: dict[str, Any] = {"field": "series", "type": "nominal", "scale": scale}
    return {"color": {**colours, "legend": None} if small else colours}


def _line_colours(drawn: Drawing, theme: Theme) -> dict[str, Any]:
    return _by_series(drawn, theme, small=True)


def _offset(drawn: Drawing) -> dict[str, Any]:
    return {"field": "series", "type": "nominal", "sort": list(drawn.series)}


def _whisker(theme: Theme) -> dict[str, Any]:
    return {"type": "rule", "strokeWidth": 1.5, "color": colour("second", theme)}


def _whiskers(drawn: Drawing, theme: Theme) -> list[Layer]:
    if not drawn.chart.interval:
        return []
    encoding: dict[str, Any] = {"y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}}
    if drawn.series and not drawn.on_scale:
        encoding["xOffset"] = _offset(drawn)
    return [{"mark": _whisker(theme), "encoding": encoding}]


def _zero_line(x: dict[str, Any], theme: Theme) -> Layer:
    mark = {"type": "rule", "color": colour("axis", theme)}
    return {"data": {"values": [{"y": 0}]}, "mark": mark, "encoding": {"x": {**x, "field": "y"}}}


def _words(rows: Sequence[dict[str, Any]], theme: Theme, *, strong: bool = True, **mark: Any) -> list[Layer]:
    """Text at points, with a halo of the surface so that what it crosses does not cut it."""
    letters = {"type": "text", "fontSize": TEXT_PX, "fontWeight": 600 if strong else "normal", **mark}
    halo = {**letters, "stroke": colour("surface", theme), "strokeWidth": 5, "strokeJoin": "round", "aria": False}
    ink = {**letters, "color": colour("ink" if strong else "third", theme)}
    halo["color"] = colour("surface", theme)
    text = {"text": {"field": "words", "type": "nominal"}}
    return [{"data": {"values": list(rows)}, "mark": each, "encoding": dict(text)} for each in (halo, ink)]


def _bar_labels(drawn: Drawing, theme: Theme, width: int) -> list[Layer]:
    """The values of the bars the sentence speaks of; of the last one alone where there is no room for all."""
    spoken = [point for point in drawn.points if point.role == "highlight" and point.y is not None]
    if not spoken:
        return []
    places = list(dict.fromkeys(point.x for point in drawn.points))
    step = (width - 60) / len(places)
    crowded = len(spoken) > 1 and _room_of(point.said for point in spoken) > step
    layers: list[Layer] = []
    for point in spoken[-1:] if crowded else spoken:
        at = (places.index(point.x) + 0.5) * step
        half = len(point.said) * PX_OF_STRONG / 2
        align = "right" if at + half > width - 60 else "left" if at < half else "center"
        shift = {"right": step * 0.38, "left": -step * 0.38, "center": 0}[align]
        above = (point.y or 0.0) >= 0
        row = {**point.row(), "words": point.said}
        layers += _words([row], theme, align=align, dx=shift, dy=-10 if above else 12)
    return layers


def _end_labels(drawn: Drawing, x: dict[str, Any], theme: Theme) -> list[Layer]:
    layers: list[Layer] = []
    for sign, align, dx in ((1, "left", 6), (-1, "right", -6)):
        side = [point for point in drawn.points if point.y is not None and (point.y >= 0) == (sign > 0)]
        rows = [{**point.row(), "words": point.said, "end": _end(point, sign)} for point in side]
        for layer in _words(rows, theme, align=align, dx=dx, baseline="middle")[1:] if rows else []:
            layer["encoding"]["x"] = {**x, "field": "end"}
            if drawn.series:
                layer["encoding"]["yOffset"] = _offset(drawn)
            layers.append(layer)
    return layers


def _end(point: Point, sign: int) -> float:
    bound = point.high if sign > 0 else point.low
    return bound if bound is not None else (point.y or 0.0)


def _lone_points(drawn: Drawing, theme: Theme) -> list[Layer]:
    """A dot for each series of one point alone, of which a line would show nothing."""
    shown = [point for point in drawn.points if point.y is not None and point.role != "incomplete"]
    often = Counter(point.series for point in shown)
    lone = [point for point in shown if often[point.series] == 1]
    if not lone or drawn.chart.incomplete:
        return []
    mark = {"type": "point", "filled": True, "size": 40, "opacity": 1}
    dots_: Layer = {"data": {"values": [point.row() for point in lone]}, "mark": mark, "encoding": {}}
    if drawn.series:
        dots_["encoding"] = _line_colours(drawn, theme)
    else:
        mark["color"] = colour("c1", theme)
    return [dots_]


def _hollow(theme: Theme) -> list[Layer]:
    mark = {"type": "point", "size": 64, "strokeWidth": 2, "opacity": 1, "color": colour("axis", theme)}
    mark["fill"] = colour("surface", theme)
    return [{"transform": [{"filter": INCOMPLETE}], "mark": mark}]


def _spots(drawn: Drawing, theme: Theme, width: int, *, small: bool) -> list[Layer]:
    """The points of a line the sentence speaks of, each with its words on the side where there is room."""
    spoken = [point for point in drawn.points if point.role == "highlight" and point.y is not None]
    if not spoken:
        return []
    mark = {"type": "point", "filled": True, "size": 64, "opacity": 1}
    spots: Layer = {"data": {"values": [point.row() for point in spoken]}, "mark": mark, "encoding": {}}
    if drawn.series:
        spots["encoding"] = _line_colours(drawn, theme)
    else:
        mark["color"] = colour("c1", theme)
    layers = [spots]
    if small or drawn.series:
        return layers
    order = list(dict.fromkeys(point.x for point in drawn.points))
    for point in spoken:
        words = label_of(point, drawn)
        row = {**point.row(), "words": words.split(": ", 1) if width < PHONE else words}
        late = _share_of_way(point, drawn, order) > 0.6
        above: dict[str, Any] = (
            {"align": "right", "dx": -10, "dy": 0} if width < PHONE else {"align": "right", "dx": -2, "dy": -14}
        )
        place = above if late else {"align": "left", "dx": 9, "dy": 6}
        layers += _words([row], theme, **place)
    return layers


def _share_of_way(point: Point, drawn: Drawing, order: list[Any]) -> float:
    if isinstance(point.x, int | float):
        xs = [float(each.x) for each in drawn.points if isinstance(each.x, int | float)]
        return (float(point.x) - min(xs)) / ((max(xs) - min(xs)) or 1.0)
    return order.index(point.x) / max(1, len(order) - 1)


def _line_names(drawn: Drawing, theme: Theme) -> list[Layer]:
    """The name of each series at the end of its line, in its colour."""
    ends: dict[str, Point] = {}
    for point in drawn.points:
        if point.series is not None and point.y is not None and point.role != "incomplete":
            ends[point.series] = point
    low, high = drawn.bounds
    px_each = PLOT_PX / ((high - low) or 1.0)
    layers, free = [], float("-inf")
    for series, point in sorted(ends.items(), key=lambda end: -(end[1].y or 0.0)):
        at = (high - (point.y or 0.0)) * px_each
        free = max(at - 10, free + LINE_PX)
        words = _words([{**point.row(), "words": series}], theme, align="right", dx=-2, dy=free - at)
        words[-1]["mark"]["color"] = colour(SERIES[drawn.series.index(series)], theme)
        layers += words
    return layers


def _diagonal(drawn: Drawing, theme: Theme, width: int, *, small: bool) -> list[Layer]:
    """What chance or perfection would give: equal shares on both axes, else straight to the last point."""
    if drawn.chart.diagonal is None or not drawn.points:
        return []
    x_end = max(float(point.x) for point in drawn.points if isinstance(point.x, int | float))
    y_end = drawn.bounds[1]
    if drawn.x.type is Type.SHARE and drawn.y.type is Type.SHARE:
        x_end = y_end = max(x_end, y_end)
    mark = {"type": "line", "strokeDash": [4, 4], "strokeWidth": 1.5, "color": colour("axis", theme)}
    ends = [{"x": 0, "y": 0}, {"x": x_end, "y": y_end}]
    layers: list[Layer] = [{"data": {"values": ends}, "mark": mark}]
    if not small:
        words = wrap(say(drawn.chart.diagonal, drawn.locale), 40 if width >= PHONE else 14)
        length = max((len(line) for line in words), default=0) * PX_OF_LETTER
        before = 1 - length / (width - 60)  # where on the way the words begin, if they end with it
        at = {"x": x_end, "y": y_end * max(0.16, before - 0.14), "words": words}
        layers += _words([at], theme, strong=False, align="right", dx=-2)
    return layers


def _room_of(words: Iterable[str]) -> float:
    return max((len(each) for each in words), default=0) * PX_OF_STRONG + 14
