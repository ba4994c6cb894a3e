"""The languages there are."""

from __future__ import annotations

from clientela.errors import UsageError

LANGUAGES = ("en", "es")
FIGURE_LANGUAGES = (*LANGUAGES, "it", "nl")


def language(lang: str, *, of_figures: bool = False) -> str:
    """The language, when it is offered; for figures more are than for answers and reports.

    Raises
    ------
    UsageError
        It is not offered.
    """
    offered = FIGURE_LANGUAGES if of_figures else LANGUAGES
    if lang not in offered:
        beside = "; `clientela query` answers in it" if lang in FIGURE_LANGUAGES else ""
        raise UsageError(f"language '{lang}' is not offered; known: {', '.join(map(repr, offered))}{beside}.")
    return lang
