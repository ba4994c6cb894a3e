"""All insights there are, by what they answer and of which area."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from clientela.contracts.insight import Insight, Level
from clientela.pipeline.telling.answers import AREAS, Answered
from clientela.present.views import Show
from clientela.web.insights import words

Linked = Callable[..., str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One insight of the list: its answer, else its question with why there is none."""

    address: str
    area: str
    question: str
    insight: Insight | None = None
    why: str = ""
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The insights of one level."""

    title: str
    listed: tuple[Listed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One area to look at alone; ``name`` '' for all of them."""

    name: str
    label: str
    count: int


def groups(answered: Sequence[Answered], area: str, show: Show, linked: Linked) -> list[Group]:
    """The insights of an area ('' for all), level by level."""
    found = []
    for level in Level:
        of_it = [each for each in answered if each.analysis.level is level and area in ("", each.analysis.area)]
        if of_it:
            listed = tuple(_listed(each, show, linked) for each in of_it)
            found.append(Group(title=show.say(words.LEVELS[level]), listed=listed))
    return found


def tabs(answered: Sequence[Answered], show: Show) -> list[Tab]:
    """The areas there are insights of, all of them first."""
    counted = {area: sum(each.analysis.area == area for each in answered) for area in AREAS}
    others = [Tab(name=area, label=show.say(words.area(area)), count=n) for area, n in counted.items() if n]
    return [Tab(name="", label=show.t("All areas"), count=len(answered)), *others]


def _listed(each: Answered, show: Show, linked: Linked) -> Listed:
    insight = each.insight
    abstained = insight.abstained if insight is not None else None
    return Listed(
        address=linked("insight", name=each.analysis.name),
        area=show.say(words.area(each.analysis.area)),
        question=show.say(each.analysis.question),
        insight=insight if insight is not None and insight.headline is not None else None,
        why=show.say(abstained) if abstained is not None else "",
        refused=bool(each.refused),
    )
