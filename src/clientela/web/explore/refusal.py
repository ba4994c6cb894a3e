"""Why a question cannot be answered, in one sentence, in the visitor's language where it is an often met one."""

from __future__ import annotations

from clientela.contracts.text import Text, text
from clientela.errors import ClientelaError, ExistsError, NotPermittedError, UnknownNameError, UnreachableError
from clientela.present.say import say, worded

_KINDS: dict[str, Text] = {
    "measure": text("measure"),
    "dimension": text("dimension"),
    "field": text("dimension"),
    "period": text("period"),
    "column to order by": text("column to order by"),
    "view": text("view"),
    "table": text("table"),
    "column": text("column"),
}


def sentence(error: ClientelaError, locale: str) -> str:
    """The sentence beside the form.

    Examples
    --------
    >>> sentence(UnknownNameError("measure", "revenu", ["revenue"]), "en")
    "There is no measure 'revenu'. Did you mean 'revenue'?"
    """
    if isinstance(error, UnknownNameError) and error.kind in _KINDS:
        kind = _KINDS[error.kind]
        _, found, near = str(error).partition("Did you mean '")
        if found:
            meant = near.removesuffix("'?")
            return say(
                text("There is no {kind} '{name}'. Did you mean '{near}'?", kind=kind, name=error.name, near=meant),
                locale,
            )
        return say(text("There is no {kind} '{name}'.", kind=kind, name=error.name), locale)
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
