"""What a line of each journal says: its parts, and of what kind each is, so that one that was changed is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import isfinite
from types import MappingProxyType
from typing import Any

_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class Part:
    """What a value must be. ``called``: how a sentence calls it."""

    holds: Callable[[Any], bool]
    called: str


def wrong(journal: str, record: Mapping[str, Any]) -> str | None:
    """What a record of a journal says that cannot be, as the end of a sentence; None when each part is of its kind.

    A part that is not there is none of this: earlier versions said less, and who needs it says that it is missing.

    Parameters
    ----------
    journal : the name of its file; of one that is not known here nothing is asked.

    Examples
    --------
    >>> wrong("rewrites.jsonl", {"file": "batches/shop/x.parquet", "rows": "12"})
    "no whole number as 'rows'"
    """
    for name, part in PARTS.get(journal, {}).items():
        if name in record and not part.holds(record[name]):
            return f"no {part.called} as '{name}'"
    return None


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST


def _moment(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(datetime.fromisoformat(value).astimezone(UTC))
    except (ValueError, OverflowError):
        return False


def _utc(value: Any) -> bool:
    return _moment(value) and datetime.fromisoformat(value).tzinfo is None


def _day(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _or_none(holds: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or holds(value)


def _list_of(holds: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(holds, value))


def _record_of(**parts: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, dict) and all(name in value and holds(value[name]) for name, holds in parts.items())
    )


def _row_of(*parts: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, list)
        and len(value) == len(parts)
        and all(holds(each) for holds, each in zip(parts, value, strict=True))
    )


def _number_said(value: Any) -> bool:
    try:
        return isinstance(value, str) and isfinite(float(value))
    except ValueError:
        return False


def _one_of(*said: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in said


_MEASURE = _row_of(
    *(_text,) * 5, _or_none(_number_said), _or_none(_whole), _or_none(_whole), _one_of("good", "look", "unfit", "shown")
)
TEXT, WHOLE, MOMENT = Part(_text, "text"), Part(_whole, "whole number"), Part(_moment, "moment")


_IDENTIFIERS = ("record", "email", "phone", "tax_id")
_COUNTS = dict.fromkeys(("removed", "anonymised", "mentions", "broken"), WHOLE)
_TEXTS = Part(_list_of(_text), "list of texts")

PARTS: Mapping[str, Mapping[str, Part]] = MappingProxyType(
    {
        "runs.jsonl": {
            "run": WHOLE,
            "started_at": Part(_utc, "moment in UTC"),
            "ended_at": Part(_or_none(_utc), "moment in UTC"),
            "as_of": Part(_or_none(_day), "day"),
            "outcome": TEXT,
            "message": Part(_or_none(_text), "text"),
            "version": TEXT,
            "format": WHOLE,
            "not_computed": _TEXTS,
        },
        "quality.jsonl": {"run": WHOLE, "measures": Part(_list_of(_MEASURE), "list of measurements")},
        "erasures.jsonl": {
            "erasure": TEXT,
            "state": TEXT,
            "at": MOMENT,
            "reason": TEXT,
            "asked": _TEXTS,
            "records": WHOLE,
            "shared": WHOLE,
            "source": TEXT,
            "table": TEXT,
            "file": TEXT,
            "delivered_as": _TEXTS,
            "was": TEXT,
            "is": TEXT,
            **_COUNTS,
            "snapshots_dropped": _TEXTS,
            "snapshot": Part(_or_none(_text), "text"),
            "reports_removed": _TEXTS,
            "still_held": Part(
                _record_of(
                    files=_list_of(_record_of(path=_text, rows=_whole)), backups=_list_of(_text), backups_kept=_whole
                ),
                "list of what is still held",
            ),
            "elsewhere": _TEXTS,
        },
        "arrivals.jsonl": {
            "hash": TEXT,
            "source": TEXT,
            "table": TEXT,
            "path": TEXT,
            "arrived_at": MOMENT,
            "run": WHOLE,
            "sequence": WHOLE,
            "rows": WHOLE,
            "format": Part(_one_of("parquet", "text"), "format"),
            "sha256": TEXT,
            "size": WHOLE,
        },
        "rewrites.jsonl": {
            "file": TEXT,
            "rows": WHOLE,
            "sha256": TEXT,
            "size": WHOLE,
            "was": Part(_or_none(_text), "text"),
            "at": MOMENT,
        },
        "deliveries.jsonl": {
            "source": TEXT,
            "table": TEXT,
            "run": WHOLE,
            "arrived_at": MOMENT,
            "files": Part(_list_of(_record_of(path=_text, hash=_text)), "list of files"),
        },
        "suppressed.jsonl": {
            "erasure": TEXT,
            "at": MOMENT,
            "identifiers": Part(_list_of(_row_of(_one_of(*_IDENTIFIERS), _text)), "list of identifiers"),
        },
        "segments.jsonl": {
            "segment": TEXT,
            "version": WHOLE,
            "mark": TEXT,
            "where": TEXT,
            "removed": Part(lambda value: isinstance(value, bool), "true or false"),
            "from": Part(_or_none(_day), "day"),
            "run": WHOLE,
            "at": MOMENT,
        },
        "identities.jsonl": {"run": WHOLE, "rows": WHOLE, "sha256": TEXT, "size": WHOLE},
    }
)
