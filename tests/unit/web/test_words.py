"""What a page calls an analysis and its parameters: each by a name made for people, none by that of the code."""

from __future__ import annotations

import pytest

from clientela.pipeline.questions import questions
from clientela.web.insights import words

ANALYSES = questions().all()
PARAMETERS = tuple((each.name, name) for each in ANALYSES for name in (*each.parameters, *each.fit_parameters))


def test_every_analysis_has_a_title() -> None:
    assert [each.name for each in ANALYSES if each.name not in words.TITLES] == []


@pytest.mark.parametrize(("analysis", "name"), PARAMETERS)
def test_every_parameter_is_called_by_words(analysis: str, name: str) -> None:
    assert f"{analysis}.{name}" in words.PARAMETERS or name in words.PARAMETERS


def test_what_is_chosen_from_words_can_be_left_as_it_is() -> None:
    """Where values have words, the default is one of them: else the form would ask for another answer by itself."""
    for analysis in ANALYSES:
        for name, default in {**analysis.parameters, **analysis.fit_parameters}.items():
            values = [value for value, _ in words.choices(analysis.name, name)]
            assert not values or default in values, (analysis.name, name)


def test_every_choice_belongs_to_a_parameter() -> None:
    declared = {name for _, name in PARAMETERS} | {f"{analysis}.{name}" for analysis, name in PARAMETERS}
    assert set(words.CHOICES) <= declared
    assert set(words.PARAMETERS) <= declared
