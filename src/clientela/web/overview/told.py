"""The overview in words: which sentence comes first, what stands on the strip, which cards there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from clientela.contracts.insight import Figure, Insight, Level
from clientela.contracts.text import Amount, Text, Value, text
from clientela.pipeline.telling.answers import Answered
from clientela.pipeline.telling.overview import KeyFigure, Overview
from clientela.present.views import Chip, FigureView, Show, Spark, chip

Linked = Callable[..., str]
MOST_FACTS = 3
MOVED = 1.25  # a line from zero is flat below
MAIN = "sales-trend"  # whose picture is the large one
PAST, AHEAD = (Level.HAPPENED, Level.WHY), (Level.FORECAST, Level.ALERT, Level.ALTERNATIVES)
ROLES: Mapping[str, Text] = {
    "executive": text("Overview for executives"),
    "manager": text("Overview for managers"),
    "analyst": text("Overview for analysts"),
    "statistician": text("Overview for statisticians"),
    "marketing": text("Overview for marketing"),
    "sales": text("Overview for sales"),
    "service": text("Overview for service"),
    "finance": text("Overview for finance"),
    "data-protection-officer": text("Overview for data protection"),
    "administrator": text("Overview for administrators"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One figure of the strip, said."""

    label: str
    value: str
    chip: Chip | None
    before: str
    spark: Spark | None
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card: an insight, a figure to watch, or a question that has no answer yet."""

    address: str
    insight: Insight | None = None
    title: str = ""
    watch: Chip | None = None
    lines: tuple[tuple[str, str], ...] = ()
    why: str = ""
    foot: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Cards under one head."""

    title: str
    says: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The overview as its template shows it."""

    kicker: str
    headline: str
    lead: str
    keys: tuple[Key, ...]
    compared: str
    chart: FigureView | None
    files: Mapping[str, str] = field(default_factory=dict)
    computed: str = ""
    sections: tuple[Section, ...] = ()


def told(found: Overview, show: Show, linked: Linked) -> Told:
    """The overview in the language of a page.

    Parameters
    ----------
    linked : the address of a page by its name; '' where the visitor may not open it
    """
    open_ones = [each for each in found.answered if each.insight is not None]
    said = [each.insight for each in open_ones if each.insight and each.insight.headline is not None]
    main = next((each for each in said if each.analysis == MAIN), said[0] if said else None)
    chart = show.drawn(main.chart, "overview-chart", "full") if main is not None and main.chart else None
    return Told(
        kicker=_kicker(found.roles, show),
        headline=_headline(main, found.keys, show),
        lead=" ".join(show.say(each) for each in _lead(main, said)),
        keys=tuple(_key(each, show, linked) for each in found.keys),
        compared=_compared(found, show),
        chart=chart,
        files=_files(main, linked) if chart is not None else {},
        computed=f"{linked('insight', name=main.analysis)}#computed" if main is not None and main.computed else "",
        sections=tuple(_sections(found, main, show, linked)),
    )


def _headline(main: Insight | None, keys: Sequence[KeyFigure], show: Show) -> str:
    """The first answer; else how the first figure went."""
    if main is not None and main.headline is not None:
        return show.say(main.headline)
    went = next((said for each in keys if (said := _went(each)) is not None), None)
    return show.say(went) if went is not None else show.t("There is no answer for you yet")


def _went(each: KeyFigure) -> Text | None:
    """How a figure went, in a sentence; None where there is nothing to compare it with."""
    change = each.figure.change
    if change is None:
        return None
    values: dict[str, Value] = {"what": each.label, "before": each.before, "now": each.figure.value}
    share = Amount(abs(change), "share")
    if change < 0:
        return text("{what} fell by {change}, from {before} to {now}.", change=share, **values)
    return text("{what} rose by {change}, from {before} to {now}.", change=share, **values)


def _kicker(roles: Sequence[str], show: Show) -> str:
    known = next((ROLES[role] for role in roles if role in ROLES), None)
    return show.say(known) if known is not None else show.t("Overview")


def _lead(main: Insight | None, said: Sequence[Insight]) -> list[Text]:
    """The next facts of the first answer, then what is expected."""
    if main is None:
        return []
    ahead = [each.headline for each in said if each.level is Level.FORECAST and each.headline is not None]
    return [*main.lead[: MOST_FACTS - bool(ahead)], *ahead[:1]]


def _files(main: Insight | None, linked: Linked) -> dict[str, str]:
    address = linked("insight-chart", name=main.analysis, at=0, ending="csv") if main is not None else ""
    return {"csv": address} if address else {}


def _key(each: KeyFigure, show: Show, linked: Linked) -> Key:
    short = chip(_bare(each), show.locale)
    return Key(
        label=show.say(each.label),
        value=show.value(each.figure.value),
        chip=short,
        before=show.t("{before} before", before=each.before),
        spark=_spark(each, show),
        address=_explored(each, linked),
    )


def _spark(each: KeyFigure, show: Show) -> Spark | None:
    """How it went, where that shows at the size of a word."""
    moved = len(each.trend) > 2 and min(each.trend) >= 0 and max(each.trend) > MOVED * min(each.trend)
    return show.spark(each.trend) if moved else None


def _explored(each: KeyFigure, linked: Linked) -> str:
    address = linked("explore")
    return f"{address}?measures={each.measure}&by=month" if address else ""


def _bare(each: KeyFigure) -> Figure:
    return replace(each.figure, compared_with=None)


def _compared(found: Overview, show: Show) -> str:
    if found.period is None or found.previous is None:
        return ""
    return show.t("{period}, compared with {previous}", period=found.period, previous=found.previous)


def _sections(found: Overview, main: Insight | None, show: Show, linked: Linked) -> Iterator[Section]:
    others = [each for each in found.answered if main is None or each.analysis.name != main.analysis]
    past = list(_cards(others, PAST, linked))
    watch = [*_cards(others, AHEAD, linked), *_watched(found, show, linked), *_unanswered(others, show, linked)]
    if past:
        yield Section(
            title=show.t("What happened, and why"),
            says=_compared(found, show) or show.t("As of {day}", day=found.as_of),
            cards=tuple(past),
        )
    if watch:
        yield Section(
            title=show.t("What to watch"),
            says=show.t("Forecasts carry their range; every method was tested on months it had not seen"),
            cards=tuple(watch),
        )


def _cards(answered: Sequence[Answered], levels: Sequence[Level], linked: Linked) -> Iterator[Card]:
    for each in answered:
        if each.insight is not None and each.insight.headline is not None and each.insight.level in levels:
            yield Card(address=linked("insight", name=each.analysis.name), insight=each.insight)


def _watched(found: Overview, show: Show, linked: Linked) -> Iterator[Card]:
    """The figures of the strip that went the wrong way."""
    for each in found.keys:
        said = _went(each) if each.figure.better is False else None
        short = chip(_bare(each), show.locale)
        if short is not None and said is not None:
            yield Card(
                address=_explored(each, linked),
                title=show.say(said),
                watch=short,
                lines=tuple(_periods(found, each, show)),
                foot=_first_fall(each, show),
            )


def _periods(found: Overview, each: KeyFigure, show: Show) -> Iterator[tuple[str, str]]:
    if found.previous is not None and found.period is not None:
        yield show.value(found.previous), show.value(each.before)
        yield show.value(found.period), show.value(each.figure.value)


def _first_fall(each: KeyFigure, show: Show) -> str:
    """How often it went this way lately."""
    way = each.figure.change or 0
    falls = sum((after - before) * way > 0 for before, after in pairwise(each.trend))
    if len(each.trend) < 3:
        return ""
    return show.t("{n} of the last {all} changes went this way", n=falls, all=len(each.trend) - 1)


def _unanswered(answered: Sequence[Answered], show: Show, linked: Linked) -> Iterator[Card]:
    for each in answered:
        if each.insight is not None and each.insight.abstained is not None:
            yield Card(
                address=linked("insight", name=each.analysis.name),
                title=show.say(each.insight.question),
                why=show.say(each.insight.abstained),
            )
