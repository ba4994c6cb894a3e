"""What the first answer would have to load, loaded before anybody is listened to.

Whoever opens the overview first after a start waits for the figures and for nothing else.
"""

from __future__ import annotations

from clientela.contracts.insight import Chart, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import text
from clientela.http.visit import LANGUAGES
from clientela.pipeline.questions import questions
from clientela.present.picture import svg
from clientela.web.templating import environment

_FIRST = ("_", "page.html", "parts/", "overview/", "customers/")  # the pages people begin with, and what stands on all
_ANY = Chart(
    mark=Mark.BAR,
    title=text("Revenue month by month"),
    subtitle=text("Revenue"),
    data=Table(
        columns=(
            TableColumn(name="month", type=Type.TEXT, label=text("Month")),
            TableColumn(name="revenue", type=Type.INT, label=text("Revenue")),
        ),
        rows=(("", 1), (" ", 2)),
        caption=text("Revenue, oldest first"),
    ),
    x="month",
    y="revenue",
)


def load() -> None:
    """Load the analyses, the templates and what draws pictures."""
    questions()
    for language in LANGUAGES:
        templates = environment(language)
        for name in templates.list_templates():
            if name.startswith(_FIRST):
                templates.get_template(name)
    svg(_ANY)
