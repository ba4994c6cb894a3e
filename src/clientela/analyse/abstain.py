"""Saying that there is no answer, and why: the same shape for every analysis."""

from __future__ import annotations

from clientela.contracts.analysis import Analysis, KnowledgeBase
from clientela.contracts.insight import Insight
from clientela.contracts.text import Text, text

NO_SALES = text("There are no sales yet. Deliver a file of orders and run clientela again.")


def abstain(analysis: Analysis, kb: KnowledgeBase, reason: Text) -> Insight:
    """The insight of an analysis that cannot stand behind an answer; ``reason`` names what is missing."""
    return Insight(
        analysis=analysis.name,
        area=analysis.area,
        level=analysis.level,
        question=analysis.question,
        as_of=kb.as_of,
        snapshot=kb.snapshot,
        abstained=reason,
    )
