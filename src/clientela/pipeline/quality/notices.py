"""What befell a run, as sentences that a report says in its language, a terminal in English, a manifest as data."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from clientela.capture.arrive import State
from clientela.capture.conform import Conformed
from clientela.contracts.text import Amount, Text, Value, ntext, text
from clientela.errors import NotConvergedError, UndefinedError
from clientela.pipeline.quality.quarantine import HELD, key_of
from clientela.pipeline.quality.taken import Taken

_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that had to stay out. ``said`` is for every reader; ``detail``: the English sentence with the cause.

    ``analysis``: whose answer the run could not compute; else it is about what ``source`` brought for ``table``.
    """

    source: str
    table: str
    said: Text
    detail: str
    analysis: str = ""


def of(taken: Taken) -> tuple[Notice, ...]:
    """What had to stay out of a run: files that are missing or cannot be read, batches with too many bad rows."""
    found = []
    for each in taken.deliveries:
        place = {"source": each.source, "table": each.table, "path": each.path, "detail": each.note}
        if each.state is State.REFUSED and each.note:
            found.append(refused(**place))
        elif each.state is State.MISSING and each.note:
            before = any((c.batch.source, c.batch.table) == (each.source, each.table) for c in taken.conformed)
            found.append(missing(**place, before=before))
    out = {key_of(each): each for each in taken.conformed if each.note and taken.state(each) == HELD}
    return (*found, *map(held, out.values()))


def held(batch: Conformed) -> Notice:
    """A batch with more bad rows than its source allows."""
    source, table, path = batch.batch.source, batch.batch.table, batch.batch.path
    values: dict[str, Value] = {
        "source": source,
        "path": path,
        "bad": batch.quarantined,
        "rows": batch.count.records - batch.count.blank,
        "share": Amount(Decimal(str(batch.section.max_bad)), "share"),
    }
    if batch.section.source.delivery == "full":
        said = ntext(
            "The delivery from {source} stays out, and what it delivered before still counts: of the {rows} row in "
            "{path}, {bad} cannot be used (at most {share} may be).",
            "The delivery from {source} stays out, and what it delivered before still counts: of the {rows} rows in "
            "{path}, {bad} cannot be used (at most {share} may be).",
            "rows",
            **values,
        )
    else:
        said = ntext(
            "{path} from {source} stays out, and what came before still counts: of its {rows} row, {bad} cannot be "
            "used (at most {share} may be).",
            "{path} from {source} stays out, and what came before still counts: of its {rows} rows, {bad} cannot be "
            "used (at most {share} may be).",
            "rows",
            **values,
        )
    return Notice(source=source, table=table, said=said, detail=f"{batch.note} {_what_to_do(source)}")


def refused(*, source: str, table: str, path: str, detail: str) -> Notice:
    """A file that cannot be read; the cause is told where technicians look."""
    said = text(
        "{path} from {source} cannot be read and stays out; what came before still counts.", path=path, source=source
    )
    return Notice(source=source, table=table, said=said, detail=detail)


def missing(*, source: str, table: str, path: str, before: bool, detail: str) -> Notice:
    """A source that brought no file."""
    if before:
        said = text(
            "{source} brought nothing: there is no file {path}; what came before still counts.",
            source=source,
            path=path,
        )
    else:
        said = text("{source} has brought nothing yet: there is no file {path}.", source=source, path=path)
    return Notice(source=source, table=table, said=said, detail=detail)


def uncomputed(analysis: str, error: Exception) -> Notice:
    """An analysis whose fit failed: what kind of error and where; its message may hold a customer's value."""
    if isinstance(error, NotConvergedError):
        cause = text("an estimate did not settle")
    elif isinstance(error, UndefinedError):
        cause = text("a figure is not defined for these data")
    else:
        cause = text("a mistake in the program ({error})", error=type(error).__name__)
    said = text(
        "The analysis {analysis} could not be computed in the last run: {cause}. Everything else was computed.",
        analysis=analysis,
        cause=cause,
    )
    *_, (frame, line) = traceback.walk_tb(error.__traceback__)
    where = f"{type(error).__name__} in {frame.f_globals.get('__name__')}, line {line}"
    return Notice(source="", table="", said=said, detail=f"{english(said)} ({where})", analysis=analysis)


def documents(notices: Iterable[Notice]) -> list[dict[str, Any]]:
    """The notices as plain data for the manifest."""
    return [
        {"source": each.source, "table": each.table, "said": to_plain(each.said), "detail": each.detail}
        | ({"analysis": each.analysis} if each.analysis else {})
        for each in notices
    ]


def stored(documents: Iterable[Any]) -> tuple[Notice, ...]:
    """The notices of a manifest; those of an older snapshot are sentences."""
    return tuple(
        Notice(source="", table="", said=text("{warning}", warning=each), detail=each)
        if isinstance(each, str)
        else Notice(**{**each, "said": from_plain(each["said"])})
        for each in documents
    )


def to_plain(said: Text) -> dict[str, Any]:
    """A sentence as plain data.

    Examples
    --------
    >>> to_plain(text("{n} rows", n=3))["values"]
    {'n': 3}
    """
    values = {name: _plain(value) for name, value in said.values.items()}
    return {"id": said.id, "plural": said.plural, "count": said.count, "values": values}


def from_plain(document: Mapping[str, Any]) -> Text:
    """The sentence of plain data.

    Examples
    --------
    >>> told = ntext("{n} row, {share}", "{n} rows, {share}", "n", n=3, share=Amount(Decimal("0.01"), "share"))
    >>> from_plain(to_plain(told)) == told
    True
    """
    values = {name: _value(value) for name, value in document["values"].items()}
    return Text(document["id"], values, document["plural"], document["count"])


def english(message: Text) -> str:
    """The sentence in English, where no language is chosen.

    Examples
    --------
    >>> english(ntext("{n} row, {share}", "{n} rows, {share}", "n", n=1200, share=Amount(Decimal("0.011"), "share")))
    '1,200 rows, 1.1%'
    """
    one = message.count is None or _number(message.values[message.count]) == 1
    sentence = message.id if one or message.plural is None else message.plural
    return _PLACE.sub(lambda place: said(message.values[place[1]]), sentence)


def _number(value: Value) -> Decimal:
    return Decimal(str(value.value if isinstance(value, Amount) else value))


def said(value: Value) -> str:  # noqa: PLR0911 - one line a type
    """A value as an English sentence says it."""
    match value:
        case None:
            return "unknown"
        case Text():
            return english(value)
        case Amount(unit="share"):
            share = Decimal(str(value.value)) * 100
            digits = 1 if value.digits is None else value.digits
            return f"{share:.{digits}f}%"
        case Amount():
            return f"{value.value:,}"
        case bool() | str():
            return str(value)
        case int() | float() | Decimal():
            return f"{value:,}"
        case _:
            return str(value)


def _plain(value: Value) -> Any:
    match value:
        case Text():
            return {"text": to_plain(value)}
        case Amount():
            told = {"value": str(value.value), "unit": value.unit, "currency": value.currency, "digits": value.digits}
            return {"amount": told}
        case Decimal():
            return {"amount": {"value": str(value), "unit": "number", "currency": None, "digits": None}}
        case date():
            return {"day": value.isoformat()}
        case _:
            return value


def _value(plain: Any) -> Value:
    if not isinstance(plain, Mapping):
        return plain  # type: ignore[no-any-return]  # text and numbers are themselves in JSON
    if "text" in plain:
        return from_plain(plain["text"])
    if "day" in plain:
        return date.fromisoformat(plain["day"])
    told = plain["amount"]
    return Amount(Decimal(told["value"]), told["unit"], told["currency"], told["digits"])


def _what_to_do(source: str) -> str:
    return (
        f"See the rows with `clientela status --quarantine --source {source}`; then correct the file or its mapping, "
        "or allow more with max_bad, and run again."
    )
