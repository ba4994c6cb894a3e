"""One insight as its page shows it: every part of it said, in the order people ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlencode

from clientela.contracts.analysis import Analysis
from clientela.contracts.insight import Chart, Insight, Table
from clientela.contracts.text import Amount, Value
from clientela.present.table import TableView, table_view
from clientela.present.views import Chip, FigureView, Show, sure
from clientela.web.insights.asked import AS_OF, Asked, Field, fields, link

Linked = Callable[..., str]
MOST_ROWS = 50
ACRONYMS = {"auc", "mae", "rmse", "wape"}
CUSTOMER = "customer"  # a column of this name holds what customers are called by


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One figure with its files."""

    view: FigureView
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightPage:
    """One insight.

    Parameters
    ----------
    mark, word : of the level
    headline, lead : the answer, the next facts
    abstained : why there is none
    table, links : its rows, and where one cell of each leads; ``link_at``: which one
    lists_customers : whether the rows are customers
    shown_of : how many rows there are in all, where not all are shown; 0: all are
    all_rows : the address that shows them all
    facts : the names and numbers of the method
    view_link : the address of this very view
    """

    name: str
    question: str
    mark: str
    word: str
    headline: str
    lead: str
    abstained: str
    chip: Chip | None
    as_of: date
    chart: Picture | None = None
    next: tuple[str, ...] = ()
    sure: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    table: TableView | None = None
    links: tuple[str, ...] = ()
    link_at: int = 0
    lists_customers: bool = False
    shown_of: int = 0
    all_rows: str = ""
    table_files: Mapping[str, str] = field(default_factory=dict)
    details: tuple[Picture, ...] = ()
    caveats: tuple[str, ...] = ()
    tried: TableView | None = None
    test: Picture | None = None
    computed: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    view_link: str = ""


def insight_page(
    insight: Insight, analysis: Analysis, asked: Asked, show: Show, linked: Linked, *, all_rows: bool
) -> InsightPage:
    """An insight in the language of its page.

    Parameters
    ----------
    linked : the address of a page by its name; '' where the visitor may not open it
    """
    query = link(asked, analysis, insight.as_of)
    mark, word = show.level(insight)
    charts = charts_of(insight)
    beside = "half" if len(insight.details) > 1 else "full"
    spaces = [*(["column"] if insight.chart is not None else []), *[beside] * len(insight.details), "half"]
    pictures = [_picture(chart, at, insight, show, linked, query, spaces[at]) for at, chart in enumerate(charts)]
    after = 1 if insight.chart is not None else 0
    tested = insight.evidence is not None and insight.evidence.calibration is not None
    table = insight.table
    most = None if all_rows else MOST_ROWS
    address = linked("insight", name=insight.analysis)
    return InsightPage(
        name=insight.analysis,
        question=show.say(insight.question),
        mark=mark,
        word=word,
        headline="" if insight.headline is None else show.say(insight.headline),
        lead=" ".join(show.say(each) for each in insight.lead),
        abstained="" if insight.abstained is None else show.say(insight.abstained),
        chip=show.chip(insight),
        as_of=insight.as_of,
        chart=pictures[0] if insight.chart is not None else None,
        next=tuple(show.say(each) for each in insight.next),
        sure=tuple(show.say(each) for each in sure(insight)),
        fields=tuple(fields(analysis, asked, {}, insight.as_of, show)),
        table=None if table is None else table_view(table, show.locale, most),
        links=() if table is None else _links(table, linked, most, insight.as_of),
        link_at=0 if table is None or table.behind else _customer_at(table) or 0,
        lists_customers=table is not None and _customer_at(table) is not None,
        shown_of=len(table.rows) if table is not None and most is not None and len(table.rows) > most else 0,
        all_rows=f"{address}?{query}&rows=all#rows",
        table_files=_files("insight-table", linked, query, ("csv", "xlsx"), name=insight.analysis) if table else {},
        details=tuple(pictures[after : len(pictures) - tested]),
        caveats=tuple(show.say(each) for each in insight.caveats),
        tried=show.candidates(insight),
        test=pictures[-1] if tested else None,
        computed="" if insight.computed is None else show.say(insight.computed),
        facts=tuple(_facts(insight, show)),
        view_link=f"{address}?{query}",
    )


def charts_of(insight: Insight) -> tuple[Chart, ...]:
    """The pictures of an insight in their order: the first is its own, the last that of its test."""
    test = insight.evidence.calibration if insight.evidence is not None else None
    own = (insight.chart,) if insight.chart is not None else ()
    return (*own, *insight.details, *((test,) if test is not None else ()))


def _picture(chart: Chart, at: int, insight: Insight, show: Show, linked: Linked, query: str, space: str) -> Picture:
    view = show.drawn(chart, f"{insight.analysis}-{at}", space)
    files = _files("insight-chart", linked, query, ("csv", "svg", "png"), name=insight.analysis, at=at)
    return Picture(view=replace(view, id=f"picture-{at}"), files=files)


def _files(page: str, linked: Linked, query: str, endings: Sequence[str], **path: object) -> dict[str, str]:
    found = {ending: linked(page, ending=ending, **path) for ending in endings}
    return {ending: f"{address}?{query}" for ending, address in found.items() if address}


def _links(table: Table, linked: Linked, most: int | None, as_of: date) -> tuple[str, ...]:
    """Where one cell of each row leads: the first to the rows it is counted from, as of the day of the answer; a
    customer, to who is found by what the cell calls them.

    It is a key of a system where the visitor may see keys, else a number; the search knows both, and opens the one
    customer there is.
    """
    rows_page = linked("explore-rows")
    if table.behind:
        told = table.behind if most is None else table.behind[:most]
        ways = (
            "" if each is None else urlencode({"table": each[0], "where": each[1], AS_OF: as_of.isoformat()})
            for each in told
        )
        return tuple(f"{rows_page}?{way}" if way and rows_page else "" for way in ways)
    search, at = linked("customers"), _customer_at(table)
    if at is None or not search:
        return ()
    rows = table.rows if most is None else table.rows[:most]
    return tuple(f"{search}?{urlencode({'q': _one_of_theirs(row[at])})}" if row[at] is not None else "" for row in rows)


def _one_of_theirs(said: Value) -> str:
    """The first of the keys of somebody with records in several systems: any of them finds the customer."""
    return str(said).partition(", ")[0]


def _customer_at(table: Table) -> int | None:
    """The column that says what customers are called by."""
    return next((at for at, column in enumerate(table.columns) if column.name == CUSTOMER), None)


def _facts(insight: Insight, show: Show) -> list[tuple[str, str]]:
    evidence = insight.evidence
    if evidence is None:
        return []
    low, high = (show.value(Amount(each, digits=3)) for each in evidence.interval)
    return [
        (show.t("Method"), show.say(evidence.method)),
        (show.t("Baseline"), show.say(evidence.baseline)),
        (
            show.t("{metric} on unseen months", metric=_metric(evidence.metric)),
            f"{show.value(Amount(evidence.value, digits=3))} ({low}–{high})",
        ),
        (show.t("The same for the baseline"), show.value(Amount(evidence.baseline_value, digits=3))),
        (show.t("Cases tested"), show.value(Amount(evidence.n, "count"))),
        *((name, show.value(_precise(value))) for name, value in sorted(evidence.parameters.items())),
    ]


def _metric(name: str) -> str:
    """What a measure of evidence is called: a name in capitals where the field writes it so.

    Examples
    --------
    >>> _metric("auc"), _metric("recall_at_10"), _metric("rmse_frequency")
    ('AUC', 'Recall at 10', 'RMSE frequency')
    """
    first, *rest = name.split("_")
    return " ".join([first.upper() if first in ACRONYMS else first.capitalize(), *rest])


def _precise(value: Value) -> Value:
    """A number of the method with three places where it is small: of most of them two say too little."""
    return Amount(value, digits=3) if isinstance(value, float) and abs(value) < 10 else value
