"""A chart as SVG or PNG, drawn in this process: no browser, no network."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from markupsafe import escape

from clientela.contracts.insight import Chart, Insight
from clientela.errors import UsageError
from clientela.present.chart.points import description, drawing
from clientela.present.chart.tokens import Theme
from clientela.present.chart.vega import vega
from clientela.present.say import say

OPENING = re.compile(r"<svg\b[^>]*>")
CLIP = re.compile(r"\bclip\d+\b")  # numbered across all pictures of a process
UNUSED = re.compile(r' (?:class|aria-[a-z]+|role|pointer-events)="[^"]*"')


def svg(
    chart: Chart,
    locale: str = "en",
    *,
    theme: Theme = "light",
    width: int = 640,
    height: int | None = None,
    small: bool = False,
    titled: bool = True,
    id: str = "chart",
) -> str:
    """The picture as SVG that says what it shows: ``role=img`` with a title and a description.

    Parameters
    ----------
    id :
        Begins the ids in it, so that several pictures can stand in one page.
    """
    spec = vega(chart, locale, theme=theme, width=width, height=height, small=small, titled=titled)
    return _told(_drawn(json.dumps(spec, sort_keys=True)), chart, locale, id)


@lru_cache(maxsize=256)  # of some 20 kB: a page that is shown again draws nothing anew
def _drawn(written: str) -> str:
    """What a specification looks like, as SVG."""
    import vl_convert  # V8 comes with it: only who draws pays for it

    spec = json.loads(written)
    drawn: str = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[], **_locales(spec))
    return drawn


def png(
    chart: Chart, locale: str = "en", *, theme: Theme = "light", width: int = 640, height: int | None = None
) -> bytes:
    """The picture as PNG, two pixels a px."""
    import vl_convert

    spec = vega(chart, locale, theme=theme, width=width, height=height)
    drawn: bytes = vl_convert.vegalite_to_png(spec, scale=2, allowed_base_urls=[], **_locales(spec))
    return drawn


def save(insight: Insight, path: Path, locale: str = "en") -> None:
    """Write the picture of an insight, as SVG or PNG by the ending of ``path``.

    Raises
    ------
    UsageError
        Another ending, an insight without a picture, or a place that cannot be written.
    """
    ending = path.suffix.lower()
    if ending not in (".svg", ".png"):
        raise UsageError(f"a picture is written as .svg or .png, not as '{path.name}'.")
    if insight.chart is None:
        raise UsageError(f"'{insight.analysis}' has no picture to write{_why(insight, locale)}.")
    drawn = svg(insight.chart, locale).encode() if ending == ".svg" else png(insight.chart, locale)
    try:
        path.write_bytes(drawn)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}. Choose another file.") from None


def _why(insight: Insight, locale: str) -> str:
    if insight.abstained is None:
        return ""
    return ": " + say(insight.abstained, locale).rstrip(".")


def _locales(spec: dict[str, Any]) -> dict[str, Any]:
    locale = spec["config"]["locale"]
    return {"format_locale": locale["number"], "time_format_locale": locale["time"]}


def _told(drawn: str, chart: Chart, locale: str, id: str) -> str:
    """The drawing as one image with a name; roles and labels of its parts, which nobody hears then, are dropped."""
    opening = OPENING.search(drawn)
    assert opening is not None  # noqa: S101 - vl-convert writes one
    inside = UNUSED.sub("", drawn[opening.end() :])
    clips = {name: f"{id}-clip{at}" for at, name in enumerate(dict.fromkeys(CLIP.findall(inside)))}
    inside = CLIP.sub(lambda name: str(escape(clips[name[0]])), inside)
    kept = UNUSED.sub("", opening[0])
    title, told = escape(say(chart.title, locale)), escape(description(drawing(chart, locale)))
    names = f' role="img" aria-labelledby="{escape(id)}-title {escape(id)}-told">'
    return (
        kept[:-1]
        + names
        + f'<title id="{escape(id)}-title">{title}</title><desc id="{escape(id)}-told">{told}</desc>'
        + inside
    )
