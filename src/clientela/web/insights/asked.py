"""What the address of an insight asks for: its parameters and the day, each checked beside its field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from clientela.contracts.analysis import Analysis, Parameter
from clientela.contracts.text import Text, text
from clientela.errors import UsageError
from clientela.http.visit import Visit
from clientela.pipeline.answer import typed
from clientela.present.say import worded
from clientela.present.views import Show
from clientela.web.insights import words

AS_OF = "as_of"
_MOST_CHARACTERS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the form. ``choices``: pairs of value and word, where there are few; ``kind``: of the input."""

    name: str
    label: str
    value: str
    kind: str
    hint: str = ""
    error: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for. ``said``: what the address says; ``wrong``: the error of a field by its name."""

    parameters: Mapping[str, Parameter]
    as_of: date | None
    said: Mapping[str, str]
    wrong: Mapping[str, str]

    @property
    def key(self) -> tuple[object, ...]:
        """What tells one question from another."""
        return (tuple(sorted(self.parameters.items())), self.as_of)


def asked(visit: Visit, analysis: Analysis) -> Asked:
    """What the address asks an analysis for."""
    show = Show(visit.lang)
    told, wrong, said = dict[str, Parameter](), dict[str, str](), dict[str, str]()
    for name, default in analysis.parameters.items():
        value = visit.request.query_params.get(name)
        if value is None or value == "":
            continue
        said[name] = value[:_MOST_CHARACTERS]
        try:
            told[name] = typed(analysis.name, name, value[:_MOST_CHARACTERS], default)
        except UsageError:
            wrong[name] = show.say(_must_be(default))
    as_of, day = None, visit.request.query_params.get(AS_OF)
    if day:
        said[AS_OF] = day[:_MOST_CHARACTERS]
        try:
            as_of = date.fromisoformat(day)
        except ValueError:
            wrong[AS_OF] = show.t("Write a day like 2017-12-31.")
    return Asked(parameters=told, as_of=as_of, said=said, wrong=wrong)


def _must_be(default: Parameter) -> Text:
    if isinstance(default, bool):
        return text("Write yes or no.")
    if isinstance(default, int):
        return text("Write a whole number, such as {default}.", default=str(default))
    return text("Write a number, such as {default}.", default=str(default))


def blamed(error: UsageError, analysis: Analysis, asked: Asked, locale: str) -> dict[str, str]:
    """The field an error of the analysis speaks of, with what it says; '' for all of them."""
    said = str(error)
    named = next((name for name in analysis.parameters if f"'{name}'" in said or f"unknown {name} " in said), None)
    if named is None and asked.as_of is not None and "as of" in said:
        named = AS_OF
    return {named or "": worded(error, locale)}


def fields(analysis: Analysis, asked: Asked, wrong: Mapping[str, str], shown: date | None, show: Show) -> list[Field]:
    """The fields of the form, with what is asked for and what is wrong with it.

    Parameters
    ----------
    shown : the day of the answer that is shown
    """
    made = []
    for name, default in analysis.parameters.items():
        label, hint = words.parameter(analysis.name, name)
        choices = tuple((value, show.say(word)) for value, word in words.choices(analysis.name, name))
        if isinstance(default, bool):
            choices = (("yes", show.t("yes")), ("no", show.t("no")))
        made.append(
            Field(
                name=name,
                label=show.say(label),
                value=asked.said.get(name, written(default)),
                kind="number" if isinstance(default, int | float) and not isinstance(default, bool) else "text",
                hint=show.say(hint) if hint is not None and not choices else "",
                error=wrong.get(name, ""),
                choices=choices,
            )
        )
    day = asked.said.get(AS_OF) or (shown.isoformat() if shown is not None else "")
    made.append(Field(name=AS_OF, label=show.t("As of"), value=day, kind="date", error=wrong.get(AS_OF, "")))
    return made


def written(value: Parameter) -> str:
    """A parameter as a field holds it, and an address.

    Examples
    --------
    >>> written(20.0), written(0.1), written(True)
    ('20', '0.1', 'yes')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def link(asked: Asked, analysis: Analysis, as_of: date) -> str:
    """The question part of an address that asks for exactly this, whatever is published later."""
    parameters = {**analysis.parameters, **asked.parameters}
    pairs = [(name, written(value)) for name, value in parameters.items()]
    return urlencode([*pairs, (AS_OF, as_of.isoformat())])
