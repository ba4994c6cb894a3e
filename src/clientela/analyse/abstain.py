"""Saying that there is no answer, and why: the same shape for every analysis."""

from __future__ import annotations

from collections.abc import Iterable

from clientela.contracts.analysis import Analysis, KnowledgeBase, Result
from clientela.contracts.insight import Insight
from clientela.contracts.text import Text, ntext, text

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


def left_out(results: Iterable[Result]) -> tuple[Text, ...]:
    """What is to be said where figures of so few customers are hidden that sums over the others are too small."""
    least = max((each.least for each in results if each.hidden), default=0)
    if not least:
        return ()
    return (
        ntext(
            "Figures of fewer than {n} customer are hidden from you and count as 0 here.",
            "Figures of fewer than {n} customers are hidden from you and count as 0 here.",
            "n",
            n=least,
        ),
    )
