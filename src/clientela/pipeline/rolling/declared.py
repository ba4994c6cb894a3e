"""The figures that settings ask to be counted beforehand: `[cube] rollups`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clientela.config import CountedBefore, Settings
from clientela.cube.declared.measure import Figure, parts_of
from clientela.cube.figures.question import understood
from clientela.cube.filters import SEGMENT
from clientela.cube.rollup.choose import Need, needs
from clientela.cube.rollup.shape import Shape
from clientela.cube.rollup.steps import held_for
from clientela.errors import ClientelaError

_LIMITS: Mapping[str, str] = MappingProxyType(
    {"territory": "territories", "product": "products", "campaign": "campaigns"}
)


def declared(settings: Settings, measures: Mapping[str, Figure]) -> list[Need]:
    """What is to be counted of each fact, in the order of the settings.

    Parameters
    ----------
    measures : all there are, those of the company among them
    """
    return [*dict.fromkeys(need for each in settings.cube.rollups for need in needs({_shape(each): 1.0}, measures))]


def rollup_problems(settings: Settings, measures: Mapping[str, Figure]) -> list[str]:
    """What is wrong with the figures that are to be counted beforehand, a sentence each; found before a run begins."""
    told = ((number, _problem(each, measures)) for number, each in enumerate(settings.cube.rollups, 1))
    return [f"[cube] rollups, number {number}: {said}" for number, said in told if said is not None]


def _problem(each: CountedBefore, measures: Mapping[str, Figure]) -> str | None:
    try:
        understood(each.measures, each.by, None, (), None, measures)
    except ClientelaError as error:
        return str(error)
    if SEGMENT in each.by:
        return "a customer may be in several segments, so figures by 'segment' are not counted beforehand; leave it out"
    counted = needs({_shape(each): 1.0}, measures)
    held = {name for need in counted for name in need.measures}
    for name in each.measures:
        missing = [part for part in parts_of(measures[name], measures) if part.name not in held]
        if missing:
            return _cannot(name, each, adds_up=held_for(missing[0].aggregate) is not None)
    return None


def _cannot(name: str, each: CountedBefore, *, adds_up: bool) -> str:
    if not adds_up and each.within:
        apart = next((name for name in each.within if name != "territory"), each.within[0])  # by territories it can be
        return (
            f"'{name}' counts different ones, which parts of the company do not add up to, so it is not counted "
            f"beforehand within a {apart}; leave out 'within' or the measure"
        )
    if not adds_up:
        return (
            f"'{name}' counts different ones, which days do not add up to, so it is not counted beforehand by part of "
            "the fiscal year; name parts of the calendar year"
        )
    return f"the rows of '{name}' do not say which {each.within[0]} they are of, so leave out 'within' or the measure"


def _shape(each: CountedBefore) -> Shape:
    limits = tuple(_LIMITS[name] for name in each.within)
    return Shape(measures=each.measures, by=each.by, limits=limits)
