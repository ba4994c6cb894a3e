"""Why a job failed, kept so that a page can say it in its reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from clientela.contracts.text import Text, Value, text
from clientela.errors import ClientelaError

_SAYS, _DAY = "says", "day"


def kept(error: ClientelaError) -> dict[str, Any] | None:
    """The messages of an error as JSON; None where it can be said in English alone."""
    messages = [each for each in error.sentences if isinstance(each, Text)]
    if not messages or any(each.told is not None or each.count is not None for each in messages):
        return None
    return {_SAYS: [_plain(each) for each in messages]}


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
    return {"id": message.id, "values": {name: _value(each) for name, each in message.values.items()}}


def _value(value: Value) -> Any:
    if isinstance(value, Text):
        return _plain(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return {_DAY: value.isoformat()}
    return value if isinstance(value, str | int | float) or value is None else str(value)


def _message(said: Mapping[str, Any]) -> Text:
    return Text(str(said["id"]), {name: _read(each) for name, each in said["values"].items()})


def _read(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return date.fromisoformat(value[_DAY]) if _DAY in value else _message(value)
