"""What whoever asks may set of an answer: read, and refused in words of every language where it cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from clientela.contracts.analysis import Parameter
from clientela.contracts.text import Text, text
from clientela.errors import UsageError


def whole_number(parameters: Mapping[str, Parameter], name: str, least: int, most: int) -> int:
    """The whole number that a parameter holds, from ``least`` to ``most``.

    Raises
    ------
    UsageError
        It is smaller or larger.

    Examples
    --------
    >>> whole_number({"list": 20}, "list", 1, 5000)
    20
    """
    value = int(parameters[name])
    if not least <= value <= most:
        raise UsageError(
            text(
                "'{name}' is {value}; it is a whole number from {least} to {most}.",
                name=name,
                value=value,
                least=least,
                most=most,
            )
        )
    return value


def one_of(parameters: Mapping[str, Parameter], name: str, known: Iterable[str]) -> str:
    """The word that a parameter holds, one of those ``known``.

    Raises
    ------
    UsageError
        It is another.
    """
    value = str(parameters[name])
    if value not in (names := tuple(known)):
        raise UsageError(not_known(name, value, names))
    return value


def not_known(name: str, value: str, known: Iterable[str]) -> Text:
    """That a parameter holds a word that means nothing, and which do."""
    return text("'{name}' is '{value}'; it is one of {known}.", name=name, value=value[:40], known=", ".join(known))
