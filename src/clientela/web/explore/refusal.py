"""Why a question cannot be answered, in one sentence, in the visitor's language where it is an often met one."""

from __future__ import annotations

from clientela.contracts.text import text
from clientela.errors import ClientelaError, ExistsError, NotPermittedError, UnreachableError
from clientela.present.say import say, worded


def sentence(error: ClientelaError, locale: str) -> str:
    """The sentence beside the form."""
    if isinstance(error, UnreachableError):
        return say(
            text(
                "'{measure}' cannot be seen by '{dimension}': leave one of the two out.",
                measure=error.measure,
                dimension=error.dimension,
            ),
            locale,
        )
    if isinstance(error, NotPermittedError):
        return say(text("Your roles do not show this: {reason}", reason=worded(error, locale)), locale)
    if isinstance(error, ExistsError):
        return say(text("There is one of this name already; choose another."), locale)
    return worded(error, locale)
