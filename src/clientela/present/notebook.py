"""An insight that shows itself in a notebook."""

from __future__ import annotations

from markupsafe import Markup

from clientela.contracts.insight import Insight
from clientela.present.chart.tokens import css
from clientela.present.views import render, stylesheet


def insight_html(insight: Insight, locale: str = "en") -> str:
    """An insight as a piece of HTML that needs nothing else: sentence, picture, evidence, table."""
    style = Markup(css(".clientela") + stylesheet())  # noqa: S704 - our own files
    return render("notebook.html", locale, insight=insight, style=style)
