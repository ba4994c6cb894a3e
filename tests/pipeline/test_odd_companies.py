"""Whatever a company delivers, little or odd: every question is answered, or says in plain words what it lacks."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from clientela.contracts.insight import Insight, Level
from clientela.present.say import say
from clientela.workspace.made import analyses
from tests.pipeline.company import NOW
from tests.pipeline.odd_companies import NAMES, odd

ALWAYS = ("all bought once",)  # the others in `make test-all`
# what no sentence for a person holds: values that are none, and places that nothing was put in
NOT_SAID = re.compile(r"\bnan\b|\binf\b|\bNone\b(?! of)|NaN|Infinity|\{[a-z_]+\}|\bnull\b|Traceback")
DAYS_ENOUGH = re.compile(r"([\d,]+) days? of history (?:is|are) too short.* needs ([\d,]+)")


@pytest.mark.parametrize(
    "name", [each if each in ALWAYS else pytest.param(each, marks=pytest.mark.slow) for each in NAMES]
)
def test_every_question_is_answered_or_says_what_it_lacks(name: str, tmp_path: Path) -> None:
    company = odd(name, tmp_path / "w")
    done = company.workspace.run(now=NOW)
    assert done.failed == ()
    wrong = []
    for analysis in analyses():
        answer = company.workspace.ask(analysis.name)
        texts = [answer.to_text("en"), answer.to_text("es"), json.dumps(answer.to_dict(), allow_nan=False, default=str)]
        answer._repr_html_()
        told = [] if "markup" in name else [found.group() for text in texts[:2] for found in NOT_SAID.finditer(text)]
        wrong += [(analysis.name, each) for each in (*told, *_faults(answer.said))]
    assert not wrong, (name, wrong)


def _faults(said: Insight) -> list[str]:
    """What an answer lacks, or says wrongly, whatever it is about."""
    found = []
    if said.abstained is not None:
        sentence = say(said.abstained, "en")
        days = DAYS_ENOUGH.search(sentence)
        if days and int(days[1].replace(",", "")) >= int(days[2].replace(",", "")):
            found.append(sentence)
        return found if said.headline is None and said.figure is None else [*found, "answers and abstains"]
    if said.headline is None:
        found.append("no sentence")
    if said.level is Level.FORECAST and said.evidence is None:
        found.append("a forecast without evidence")
    figure = said.figure
    if figure is not None and figure.low is not None and figure.high is not None:
        low, value, high = (float(getattr(each, "value", each)) for each in (figure.low, figure.value, figure.high))  # type: ignore[arg-type] # amounts
        if not low <= value <= high:
            found.append(f"{value} is not between {low} and {high}")
    elif figure is not None and said.level is Level.FORECAST:
        found.append("a forecast without a range")
    return found
