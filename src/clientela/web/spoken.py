"""Sentences that were written down in English, in few forms, found again as messages: a page says them in its language.

What looks at files and what keeps the journal of runs write for terminals, settings and logs; a page reads it there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from types import MappingProxyType

from clientela.contracts.text import Amount, Text, Value
from clientela.present.say import PLACE

_HOLDS: Mapping[str, str] = MappingProxyType(
    {"n": r"[\d,]+", "most": r"[\d,]+", "share": r"[\d.]+%", "known": r"[^;?]+"}
)
_SENTENCES = frozenset({"why", "what", "more"})  # places in which stands another sentence of the same forms


def spoken(said: str | None, forms: tuple[Text, ...]) -> Text | str:
    """The message that says so; the sentence as it stands where it is of none of the forms.

    Parameters
    ----------
    forms : without values; the first that fits is taken

    Examples
    --------
    >>> from clientela.contracts.text import text
    >>> spoken("a.csv is empty", (text("{file} is empty"),)).values["file"]
    'a.csv'
    >>> spoken("it is blue", (text("{file} is empty"),))
    'it is blue'
    """
    for form in forms:
        found = _pattern(form.plural or form.id).fullmatch(said or "")
        if found is not None:
            values = {name: _value(name, value, forms) for name, value in found.groupdict().items()}
            return Text(form.id, values, form.plural, form.count)
    return said or ""


@cache
def _pattern(english: str) -> re.Pattern[str]:
    """What the sentence looks like with something in its places."""
    pieces = PLACE.split(english)
    pieces[::2] = map(re.escape, pieces[::2])
    pieces[1::2] = [f"(?P<{name}>{_HOLDS.get(name, '.+?')})" for name in pieces[1::2]]
    return re.compile("".join(pieces), re.DOTALL)


def _value(name: str, said: str, forms: tuple[Text, ...]) -> Value:
    if name == "share":
        number = Decimal(said.removesuffix("%"))
        return Amount(number / 100, "share", digits=max(0, -int(number.as_tuple().exponent)))
    if name in ("n", "most"):
        return int(said.replace(",", ""))
    return spoken(said, forms) if name in _SENTENCES else said
