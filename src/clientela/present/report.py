"""The report to the management, and what is held of a person: each one HTML file that needs nothing else."""

from __future__ import annotations

from markupsafe import Markup

from clientela.contracts.insight import Insight
from clientela.contracts.report import PersonPage, ReportPage
from clientela.contracts.text import Text, text
from clientela.present.chart.tokens import css
from clientela.present.document import plain_value
from clientela.present.views import render, stylesheet


def report(page: ReportPage, locale: str = "en") -> str:
    """The page in a language: what matters first, each insight in depth, how far to trust it, the words used."""
    first = _first(page)
    judged = [row for row in page.quality if row.good is not None]
    return render(
        "report.html",
        locale,
        page=page,
        first=first,
        headline=page.headline or (first.headline if first else None) or NOTHING,
        findings=[insight for insight in page.insights if page.headline is not None or insight is not first],
        weak=[each for each in page.findings if each.state in WEAK],
        others=[each for each in page.findings if each.state not in WEAK],
        good=sum(row.good is True for row in judged),
        judged=len(judged),
        style=Markup(css(".clientela") + stylesheet()),  # noqa: S704 - our own files
    )


WEAK = ("unfit", "look")
NOTHING: Text = text("There is nothing to report yet.")


def _first(page: ReportPage) -> Insight | None:
    """The first insight that answers."""
    return next((insight for insight in page.insights if insight.headline is not None), None)


def person(page: PersonPage, locale: str = "en") -> str:
    """The page as one HTML file that needs nothing else."""
    sections = [
        {
            "name": section.name,
            "title": section.title,
            "says": section.says,
            "columns": section.columns,
            "rows": [[plain_value(value, locale) for value in row] for row in section.rows],
        }
        for section in page.sections
    ]
    style = Markup(css(".clientela") + stylesheet())  # noqa: S704 - our own files
    return render("person.html", locale, page=page, sections=sections, style=style)
