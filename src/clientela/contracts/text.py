"""Sentences before they are said in a language: a message id and its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Union

Value = Union[str, int, float, Decimal, date, datetime, "Text", "Amount", "Period", None]


@dataclass(frozen=True, slots=True)
class Period:
    """The days from ``first`` to ``last``, both included; said as a month, a quarter, a year or a range."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with the way it is to be said.

    ``unit``: ``money`` (in ``currency``), ``share`` (0.04 is said 4.0 %), ``count``, ``number``,
    ``days``; ``digits``: fraction digits to show (None: what suits the unit).
    """

    value: Decimal | int | float
    unit: str = "number"
    currency: str | None = None
    digits: int | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """One message: ``id`` is the English sentence with ``{name}`` places, ``values`` fill them.

    ``plural`` is the English plural of ``id`` and ``count`` the name of the value that is counted;
    one counted noun a message. ``told``: the words of a company's own by language, which no
    catalogue has; they have no places, and a language that is not told is said in the words of ``id``.
    """

    id: str
    values: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    plural: str | None = None
    count: str | None = None
    told: Mapping[str, str] | None = None


def text(id: str, /, **values: Value) -> Text:
    """A message without a counted noun. The extractor of message catalogues looks for this call.

    Examples
    --------
    >>> text("Revenue was {revenue}.", revenue=Amount(10, "money", "EUR")).id
    'Revenue was {revenue}.'
    """
    return Text(id, MappingProxyType(dict(values)))


def ntext(id: str, plural: str, count: str, /, **values: Value) -> Text:
    """A message with one counted noun: ``count`` names the value that decides between the forms.

    Examples
    --------
    >>> ntext("{n} customer", "{n} customers", "n", n=2).plural
    '{n} customers'
    """
    return Text(id, MappingProxyType(dict(values)), plural, count)
