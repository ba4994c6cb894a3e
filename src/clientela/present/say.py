"""A message said in a language: its translation, its plural, its values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType

from babel.messages.catalog import Message as Entry
from babel.messages.pofile import read_po

from clientela.contracts.text import Amount, Period, Text, Value, text
from clientela.errors import ClientelaError, UnknownCustomerError, UnknownNameError, joined, nearest
from clientela.present import formats

PLACE = re.compile(r"\{(\w+)\}")
SOURCE_LANGUAGE = "en"

Forms = tuple[str, ...]


KINDS: Mapping[str, Text] = MappingProxyType(  # of names that may be unknown
    {
        "analysis": text("question"),
        "column": text("column"),
        "column of a customer": text("column"),
        "column to order by": text("column to order by"),
        "customer": text("customer"),
        "decision": text("decision"),
        "dimension": text("dimension"),
        "field": text("dimension"),
        "file": text("file"),
        "job": text("job"),
        "kind of event": text("kind of event"),
        "kind of file": text("kind of file"),
        "kind of peers": text("kind of customers to compare with"),
        "language": text("language"),
        "list": text("list"),
        "measure": text("measure"),
        "operator": text("comparison"),
        "page": text("page"),
        "period": text("period"),
        "picture": text("picture"),
        "quality": text("quality"),
        "role": text("role"),
        "segment": text("segment"),
        "session or token": text("session or token"),
        "snapshot": text("snapshot"),
        "source": text("source"),
        "status": text("state"),
        "table": text("table"),
        "unit": text("unit"),
        "upload": text("upload"),
        "user": text("user"),
        "view": text("view"),
        "way to come in": text("way to come in"),
    }
)
_NAMED = 60  # so many letters of a name that is none are said again


def messages_of(error: ClientelaError) -> tuple[Text, ...]:
    """What an error says, as messages; none where it can be said in English alone."""
    if isinstance(error, UnknownCustomerError):
        return (text("There is no such customer, or they were erased; look for them by name."),)
    if isinstance(error, UnknownNameError) and error.kind in KINDS:
        near = nearest(error.name, error.known)
        kind, name = KINDS[error.kind], error.name[:_NAMED]
        if near is not None:
            return (text("There is no {kind} '{name}'. Did you mean '{near}'?", kind=kind, name=name, near=near),)
        return (text("There is no {kind} '{name}'.", kind=kind, name=name),)
    return tuple(each for each in error.sentences if isinstance(each, Text))


def worded(error: ClientelaError, locale: str = SOURCE_LANGUAGE) -> str:
    """What an error says, in a language where it can be said in one; it begins with a capital, unless with a name.

    Examples
    --------
    >>> worded(ClientelaError(text("'{name}' is a PDF; deliver the table itself.", name="a.pdf")), "en")
    "'a.pdf' is a PDF; deliver the table itself."
    >>> worded(UnknownNameError("measure", "revenu", ["revenue"]), "en")
    "There is no measure 'revenu'. Did you mean 'revenue'?"
    """
    messages = messages_of(error)
    said = joined(say(each, locale) for each in messages) if messages else str(error)
    return said if messages and messages[0].id.startswith("{") else said[:1].upper() + said[1:]


def say(message: Text, locale: str = SOURCE_LANGUAGE) -> str:
    """The sentence in a language; in English where its translation is missing (a test says which).

    Raises
    ------
    UnknownNameError
        The language is not offered.
    KeyError
        The sentence has a place that no value fills.

    Examples
    --------
    >>> from clientela.contracts.text import ntext
    >>> say(ntext("{n} customer", "{n} customers", "n", n=2469), "en")
    '2,469 customers'
    """
    if locale not in formats.LANGUAGES:
        formats.patterns(locale)  # refuses a language that is not offered
    if message.told is not None:
        return message.told.get(locale, message.id)
    sentence = _form(message, locale)
    if "{" not in sentence:
        return sentence
    said = [*_pieces(sentence)]
    said[1::2] = [say_value(message.values[name], locale) for name in said[1::2]]
    return "".join(said)


def say_value(value: Value, locale: str = SOURCE_LANGUAGE) -> str:  # noqa: PLR0911 - one line a type
    """A value as a sentence says it: None is unknown, dates in full, numbers with separators."""
    match value:
        case None:
            return say(text("unknown"), locale)
        case bool():
            return say(text("yes") if value else text("no"), locale)
        case str():
            return value
        case Text():
            return say(value, locale)
        case Amount():
            return formats.amount(value, locale)
        case Period():
            return formats.period(value, locale)
        case datetime():
            return formats.moment(value, locale)
        case date():
            return formats.day(value, locale)
        case _:
            return formats.number(value, locale)


def _form(message: Text, locale: str) -> str:
    forms = catalogue(locale).get(message.id) or (message.id, message.plural or message.id)
    if message.count is None or len(forms) == 1:
        return forms[0]
    value = message.values[message.count]
    if not isinstance(value, Amount | int | float | Decimal):
        raise TypeError(f"'{message.id}' counts '{message.count}', which is no number but {value!r}")
    return forms[0] if _is_one(value, locale) else forms[1]


@lru_cache(maxsize=formats.KEPT)
def _is_one(value: Amount | float | Decimal, locale: str) -> bool:
    """Whether a number is said in the singular; the same numbers return on every page."""
    return bool(formats.spoken(locale).plural_form(formats.counted(value)) == "one")


@lru_cache(maxsize=formats.KEPT)
def _pieces(sentence: str) -> tuple[str, ...]:
    """What stands between the places of a sentence, and in between their names."""
    return tuple(PLACE.split(sentence))


@cache
def catalogue(locale: str) -> Mapping[str, Forms]:
    """What is translated: message id to its form, or its forms for one and for other numbers."""
    source = files("clientela.present") / "locale" / locale / "LC_MESSAGES" / "clientela.po"
    if locale == SOURCE_LANGUAGE or not source.is_file():
        return {}
    with source.open("rb") as stream:
        entries = read_po(stream, locale=locale, abort_invalid=True)
    said = {entry.id: forms_of(entry) for entry in entries if entry.id and not entry.fuzzy}
    return {key if isinstance(key, str) else key[0]: forms for key, forms in said.items() if all(forms)}


def forms_of(entry: Entry) -> Forms:
    """The translations of one entry: one, or one for each kind of number; empty where there is none."""
    return (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ("",))
