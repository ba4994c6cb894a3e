"""What templates show: figures with their drawings, chips, small pictures; and the templates' environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from clientela.contracts.insight import Chart, Figure, Insight, Level
from clientela.contracts.text import Amount, Text, Value, ntext, text
from clientela.present.chart.points import drawing
from clientela.present.picture import svg
from clientela.present.say import say, say_value
from clientela.present.table import TableView, csv_link, table_view

WIDE_PX, PAPER_PX, PHONE_PX, SMALL_PX = 908, 600, 320, 264
FULL: Mapping[str, int] = {"wide": 1104, "column": 736, "paper": 600, "phone": PHONE_PX}
COLUMN: Mapping[str, int] = {"column": 736, "paper": 600, "phone": PHONE_PX}
HALF: Mapping[str, int] = {"half": 516, "phone": PHONE_PX}
SPACES = {"full": FULL, "column": COLUMN, "half": HALF}  # how much room a page of the web application has
MOST_ROWS, MOST_POINTS = 12, 200
STEADY = 0.005  # a change below half a percent is none

LEVELS: dict[Level, tuple[str, Text]] = {
    Level.HAPPENED: ("happened", text("What happened")),
    Level.WHY: ("why", text("Why")),
    Level.FORECAST: ("forecast", text("What will happen")),
    Level.ALERT: ("alert", text("To watch")),
    Level.ALTERNATIVES: ("alternatives", text("Alternatives")),
}
NOT_YET = ("unanswered", text("Not answered yet"))


@dataclass(frozen=True, slots=True)
class FigureView:
    """A picture on a page: its finding, its measure, its drawings by width, its table, its file.

    ``ruled`` lists name and value where a phone is too narrow for the drawing.
    """

    id: str
    title: str
    subtitle: str
    drawings: tuple[tuple[str, Markup], ...]
    ruled: tuple[tuple[str, str], ...]
    table: TableView
    csv: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A change in short: arrow, number, word; ``tone`` is better, worse or steady."""

    arrow: str
    said: str
    tone: str


@dataclass(frozen=True, slots=True)
class Range:
    """An interval as a small picture, in px of its width."""

    low: float
    high: float
    at: float
    low_said: str
    high_said: str
    width: int = SMALL_PX


@dataclass(frozen=True, slots=True)
class Spark:
    """A few numbers as a line no larger than a word: its points and its end, in px of its size."""

    points: str
    x: float
    y: float
    width: int = 72
    height: int = 20


@dataclass(frozen=True, slots=True)
class Show:
    """What a template may call, in one language."""

    locale: str

    def say(self, message: Text) -> str:
        """A message of an insight."""
        return say(message, self.locale)

    def value(self, value: Value) -> str:
        """A value as a sentence says it."""
        return say_value(value, self.locale)

    def t(self, id: str, /, **values: Value) -> str:
        """A message of the template."""
        return say(Text(id, values), self.locale)

    def nt(self, id: str, plural: str, count: str, /, **values: Value) -> str:
        """A message of the template with one counted noun."""
        return say(Text(id, values, plural, count), self.locale)

    def level(self, insight: Insight) -> tuple[str, str]:
        """The mark of an insight's level and its word; one that abstained is not answered yet."""
        mark, word = NOT_YET if insight.abstained is not None else LEVELS[insight.level]
        return mark, say(word, self.locale)

    def sure(self, insight: Insight) -> list[str]:
        """How sure we are, a sentence each."""
        return [say(message, self.locale) for message in sure(insight)]

    def table(self, insight: Insight) -> tuple[TableView, str] | None:
        """The table of an insight and its file."""
        if insight.table is None:
            return None
        return table_view(insight.table, self.locale, MOST_ROWS), csv_link(insight.table, self.locale)

    def candidates(self, insight: Insight) -> TableView | None:
        """The methods that were tried."""
        tried = insight.evidence.candidates if insight.evidence else None
        return None if tried is None else table_view(tried, self.locale)

    def figure(self, chart: Chart, id: str) -> FigureView:
        """A chart with a drawing for each width it is shown at."""
        return figure_view(chart, id, self.locale)

    def drawn(self, chart: Chart, id: str, space: str) -> FigureView:
        """A chart with a drawing for each width of a space of a page: ``full``, ``column`` or ``half``; no file."""
        return figure_view(chart, id, self.locale, SPACES[space], file=False)

    def small(self, insight: Insight, id: str, width: int = SMALL_PX) -> Markup | None:
        """The picture of an insight for a card; None when it has none or a range says more."""
        if insight.chart is None or self.range(insight) is not None:
            return None
        return Markup(  # noqa: S704 - vl-convert and our own template wrote it, every text in it escaped
            svg(insight.chart, self.locale, theme="tokens", width=width, small=True, titled=False, id=id)
        )

    def chip(self, insight: Insight) -> Chip | None:
        """The change of an insight's figure in short."""
        return None if insight.figure is None else chip(insight.figure, self.locale)

    def spark(self, values: tuple[float, ...], most: float | None = None) -> Spark | None:
        """How a measurement went run by run, as a small line."""
        return spark(values, most)

    def range(self, insight: Insight) -> Range | None:
        """The interval of an insight's figure as a small picture."""
        return None if insight.figure is None else range_of(insight.figure, self.locale)


def spark(values: tuple[float, ...], most: float | None = None) -> Spark | None:
    """Numbers from 0 to ``most`` (None: the largest of them) as a small line; None when there is none to compare.

    Examples
    --------
    >>> spark((0.0, 1.0)).points
    '3.0,17.0 69.0,3.0'
    """
    if len(values) < 2:
        return None
    inset, size = 3.0, Spark("", 0, 0)
    top = most or max(values) or 1.0
    step = (size.width - 2 * inset) / (len(values) - 1)
    rise = size.height - 2 * inset
    points = [(inset + n * step, size.height - inset - rise * value / top) for n, value in enumerate(values)]
    said = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return Spark(said, round(points[-1][0], 1), round(points[-1][1], 1))


def figure_view(
    chart: Chart, id: str, locale: str, widths: Mapping[str, int] | None = None, *, file: bool = True
) -> FigureView:
    """A chart with its drawings: a wide one, one for paper, one for the phone; its table and its file."""
    drawn = drawing(chart, locale)
    negative = drawn.lies and any((point.y or 0) < 0 for point in drawn.points)
    asked = widths or {"wide": WIDE_PX, "paper": PAPER_PX, "phone": PHONE_PX}
    widths = {name: px for name, px in asked.items() if not (negative and name == "phone")}
    draw = partial(svg, chart, locale, theme="tokens", titled=False)
    return FigureView(
        id=id,
        title=say(chart.title, locale),
        subtitle=say(chart.subtitle, locale),
        drawings=tuple((name, Markup(draw(width=px, id=f"{id}-{name}"))) for name, px in widths.items()),  # noqa: S704 - as above
        ruled=tuple((point.x_said, point.said) for point in drawn.points) if negative else (),
        table=table_view(chart.data, locale, MOST_POINTS),
        csv=csv_link(chart.data, locale) if file else "",
    )


def sure(insight: Insight) -> tuple[Text, ...]:
    """How sure we are: the test in words; what is counted needs none."""
    evidence = insight.evidence
    if evidence is None:
        return () if insight.abstained is not None else insight.sure or (text("Counted, not estimated."),)
    if evidence.sentences:
        return evidence.sentences
    return (
        ntext(
            "Tested on {n} customer in a period the method had not seen: {metric} {value} ({low} to {high}); "
            "the baseline, {baseline}, reached {baseline_value}.",
            "Tested on {n} customers in a period the method had not seen: {metric} {value} ({low} to {high}); "
            "the baseline, {baseline}, reached {baseline_value}.",
            "n",
            n=evidence.n,
            metric=evidence.metric,
            value=Amount(evidence.value, digits=3),
            low=Amount(evidence.interval[0], digits=3),
            high=Amount(evidence.interval[1], digits=3),
            baseline=evidence.baseline,
            baseline_value=Amount(evidence.baseline_value, digits=3),
        ),
    )


def chip(figure: Figure, locale: str) -> Chip | None:
    """A change in short; None when there is nothing to compare with."""
    if figure.change is None:
        return None
    size = Amount(abs(figure.change), "share")
    steady = figure.better is None or abs(figure.change) < STEADY
    arrow = "▲" if figure.change > 0 else "▼" if figure.change < 0 else "■"
    what = figure.compared_with
    if what is None:
        word = text("{change} · steady", change=size) if steady else None
        word = word or (
            text("{change} · better", change=size) if figure.better else text("{change} · worse", change=size)
        )
    elif steady:
        word = text("{change} · steady since {what}", change=size, what=what)
    elif figure.better:
        word = text("{change} · better than {what}", change=size, what=what)
    else:
        word = text("{change} · worse than {what}", change=size, what=what)
    return Chip(arrow, say(word, locale), "steady" if steady else "better" if figure.better else "worse")


def range_of(figure: Figure, locale: str) -> Range | None:
    """The interval of a figure in the middle half of a small picture; None when it has none."""
    if figure.low is None or figure.high is None:
        return None
    low, high, value = (float(each.value) for each in (figure.low, figure.high, figure.value))
    if not low <= value <= high or low == high:
        return None
    start, length = SMALL_PX * 0.25, SMALL_PX * 0.5
    return Range(
        low=round(start, 1),
        high=round(start + length, 1),
        at=round(start + (value - low) / (high - low) * length, 1),
        low_said=say_value(figure.low, locale),
        high_said=say_value(figure.high, locale),
    )


def render(template: str, locale: str, **context: object) -> str:
    """A template filled in a language, everything in it escaped."""
    show = Show(locale)
    functions: dict[str, Callable[..., object]] = {"t": show.t, "nt": show.nt, "say": show.say}
    return _environment().get_template(template).render(show=show, locale=locale, **functions, **context)


def stylesheet() -> str:
    """The style of the house, as it stands in every page."""
    environment = _environment()
    assert environment.loader is not None  # noqa: S101 - made with one below
    return environment.loader.get_source(environment, "style.css")[0]


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("clientela.present"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
