import pytest

from clientela.contracts.analysis import Analysis, KnowledgeBase, Parameter
from clientela.contracts.insight import Insight, Level
from clientela.contracts.text import text
from clientela.cube.registry import Registry
from clientela.errors import ConfigurationError, UnknownNameError


def answer(kb: KnowledgeBase, parameters: dict[str, Parameter]) -> Insight:
    raise NotImplementedError


def analysis(name: str, area: str = "customer", level: Level = Level.HAPPENED) -> Analysis:
    return Analysis(name=name, area=area, level=level, question=text("Why?"), answer=answer)  # type: ignore[arg-type]


RISK = analysis("churn-risk", level=Level.FORECAST)
VALUE = analysis("customer-value")
TREND = analysis("sales-trend", area="sales")


def test_an_analysis_is_found_by_its_name():
    assert Registry([RISK, VALUE]).get("churn-risk") is RISK


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match=r"unknown analysis 'churn_risk'.*Did you mean 'churn-risk'"):
        Registry([RISK, VALUE]).get("churn_risk")


def test_two_analyses_of_one_name_are_refused():
    with pytest.raises(ConfigurationError, match="two analyses bear the name 'churn-risk'"):
        Registry([RISK, analysis("churn-risk")])


def test_analyses_are_listed_by_area_and_level():
    registry = Registry([TREND, RISK, VALUE])
    assert registry.all() == (VALUE, RISK, TREND)
    assert registry.all(area="sales") == (TREND,)
    assert registry.all(level=Level.FORECAST) == (RISK,)
