"""Why a job failed, kept so that a page can say it in its reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from clientela.contracts.text import Amount, Period, Text, Value, text
from clientela.errors import ClientelaError

_SAYS = "says"
_DAY, _MOMENT, _PERIOD, _NUMBER, _AMOUNT = "day", "moment", "period", "number", "amount"  # what JSON has no form for


def kept(error: ClientelaError) -> dict[str, Any] | None:
    """The messages of an error as JSON, counted nouns and figures too; None where it can be said in English alone."""
    messages = [each for each in error.sentences if isinstance(each, Text)]
    return {_SAYS: [_plain(each) for each in messages]} if messages else None


def told(result: object) -> Text | None:
    """The sentence again; None where none was kept.

    Examples
    --------
    >>> told(kept(ClientelaError(text("'{name}' is empty.", name="a.csv")))).values["name"]
    'a.csv'
    """
    said = result.get(_SAYS) if isinstance(result, Mapping) else None
    if not said:
        return None
    first, *others = map(_message, said)
    for each in others:
        first = text("{one}; {other}", one=first, other=each)
    return first


def _plain(message: Text) -> dict[str, Any]:
    said: dict[str, Any] = {
        "id": message.id,
        "values": {name: _value(each) for name, each in message.values.items()},
    }
    more = {"plural": message.plural, "count": message.count, "told": message.told and dict(message.told)}
    return said | {name: each for name, each in more.items() if each is not None}


def _value(value: Value) -> Any:  # noqa: PLR0911 - one line a type
    match value:
        case Text():
            return _plain(value)
        case Amount():
            return {_AMOUNT: [_value(value.value), value.unit, value.currency, value.digits]}
        case Period():
            return {_PERIOD: [value.first.isoformat(), value.last.isoformat()]}
        case Decimal():
            return {_NUMBER: str(value)}
        case datetime():
            return {_MOMENT: value.isoformat()}
        case date():
            return {_DAY: value.isoformat()}
        case _:
            return value


def _message(said: Mapping[str, Any]) -> Text:
    values = {name: _read(each) for name, each in said["values"].items()}
    return Text(str(said["id"]), values, said.get("plural"), said.get("count"), said.get("told"))


def _read(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if "id" in value:
        return _message(value)
    ((kind, said),) = value.items()
    return _READ[kind](said)


_READ: Mapping[str, Callable[[Any], Value]] = MappingProxyType(
    {
        _DAY: date.fromisoformat,
        _MOMENT: datetime.fromisoformat,
        _PERIOD: lambda said: Period(*map(date.fromisoformat, said)),
        _NUMBER: Decimal,
        _AMOUNT: lambda said: Amount(_read(said[0]), *said[1:]),
    }
)
