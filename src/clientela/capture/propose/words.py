"""What the words of a header mean, in English, Spanish, Italian and Dutch."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

OWN, WEAK = "~", "?"  # before a pattern: full only in a file about the table; always a guess
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LONGEST = 5  # words in a phrase
_LINKS = ("", "s", "e", "en", "n")  # what stands between the parts of a Dutch compound
_GUESS, _ELSEWHERE = 0.6, 0.55
_EXTRA_KNOWN, _EXTRA_UNKNOWN, _EXTRA_OWN = 0.3, 0.2, 0.04


@dataclass(frozen=True, slots=True)
class Meaning:
    """The notions of a header, and the words that are not known."""

    notions: frozenset[str]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to name a column: notions that must all be there."""

    notions: frozenset[str]
    mark: str = ""


@lru_cache(maxsize=1)
def _book() -> tuple[dict[tuple[str, ...], str], frozenset[str], dict[str, tuple[str, ...]]]:
    """Phrases and their notions, words that say nothing, values that stand for a choice."""
    said = tomllib.loads((files(__package__) / "words.toml").read_text(encoding="utf-8"))
    stop = frozenset(said["stop"]["words"])
    pairs = [(tuple(word.split()), notion) for notion, words in said["notions"].items() for word in words]
    phrases: dict[tuple[str, ...], str] = {}
    for parts, notion in pairs:
        phrases.setdefault(parts, notion)
    for parts, notion in pairs:  # "fecha de alta" is also written fecha_alta
        short = tuple(part for part in parts if part not in stop)
        if len(short) > 1 or len(short) == len(parts):
            phrases.setdefault(short, notion)
    return phrases, stop, {choice: tuple(words) for choice, words in said["choices"].items()}


@lru_cache(maxsize=1)
def patterns() -> dict[str, dict[str, tuple[Pattern, ...]]]:
    """For each table and column the ways to name it; under ``_about`` the notions the table is about."""
    said = tomllib.loads((files(__package__) / "patterns.toml").read_text(encoding="utf-8"))
    return {
        table: {column: tuple(_pattern(each) for each in ways) for column, ways in columns.items()}
        for table, columns in said.items()
    }


def plain(text: str) -> str:
    """Without accents and in lower case: ``Núm. Artículo`` is ``num. articulo``.

    Examples
    --------
    >>> plain("Nº Artículo")
    'no articulo'
    """
    if text.isascii():
        return text.lower()
    spread = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in spread if not unicodedata.combining(sign)).lower()


def words_of(header: str) -> tuple[str, ...]:
    """The words of a header, single letters joined.

    Examples
    --------
    >>> words_of("InvoiceNo"), words_of("P.V.P."), words_of("fecha_de_alta")
    (('invoice', 'no'), ('pvp',), ('fecha', 'de', 'alta'))
    """
    found = re.findall(r"[a-z]+|[0-9]+", plain(_CAMEL.sub(" ", header)))
    joined: list[str] = []
    single = False
    for word in found:
        if len(word) == 1 and word.isalpha() and single:
            joined[-1] += word
        else:
            joined.append(word)
        single = len(word) == 1 and word.isalpha()
    return tuple(joined)


@lru_cache(maxsize=4096)
def meaning(header: str) -> Meaning:
    """The notions a header names.

    Examples
    --------
    >>> sorted(meaning("Klantnummer").notions), sorted(meaning("fecha_factura").notions)
    (['customer', 'id'], ['date', 'invoice'])
    """
    stop = _book()[1]
    words = list(words_of(header))
    notions: list[str] = []
    unknown: list[str] = []
    place = 0
    while place < len(words):
        taken = _phrase(words, place)
        if taken is not None:
            notions.append(taken[0])
            place += taken[1]
        elif parts := _compound(words[place]):
            words[place : place + 1] = parts
        else:
            if words[place] not in stop and "howmany" not in notions:  # number of …: whatever it is
                unknown.append(words[place])
            place += 1
    return Meaning(frozenset(notions), tuple(unknown))


def meanings(headers: Sequence[str]) -> tuple[dict[str, Meaning], frozenset[str]]:
    """What each header of a file means, and what all of them begin with (seller_id, seller_city): it says nothing.

    Examples
    --------
    >>> named, about = meanings(["seller_id", "seller_city", "seller_state"])
    >>> sorted(named["seller_city"].notions), sorted(about)
    (['city'], ['owner'])
    """
    firsts = {words_of(header)[:1] for header in headers}
    shared = len(headers) >= 3 and len(firsts) == 1 and all(len(words_of(header)) > 1 for header in headers)
    if not shared:
        return {header: meaning(header) for header in headers}, frozenset()
    first = firsts.pop()
    named = {header: meaning(" ".join(words_of(header)[1:])) for header in headers}
    return named, meaning(first[0]).notions


def _phrase(words: Sequence[str], place: int) -> tuple[str, int] | None:
    """The notion of the longest phrase that begins here, and how many words it takes."""
    phrases, stop, _ = _book()
    for length in range(min(_LONGEST, len(words) - place), 0, -1):
        part = tuple(words[place : place + length])
        notion = phrases.get(part)
        if notion is None and part[0] not in stop and part[-1] not in stop:
            notion = phrases.get(tuple(word for word in part if word not in stop))
        if notion is not None and not (length == 1 and part[0] in stop):
            return notion, length
    return None


def fit(header: Meaning, way: Pattern, about: frozenset[str], *, own: bool) -> float:
    """How well a header names a column, 0 to 1.

    Parameters
    ----------
    header
        What it says.
    way
        One way to name the column.
    about
        The notions the table is about: they add nothing.
    own
        Whether the file is about the table.
    """
    if not way.notions <= header.notions:
        return 0.0
    score = 1.0
    extras = header.notions - way.notions - about - {"record", "unique"}
    if way.mark == OWN and extras:  # the id of something else
        return 0.0
    if way.mark == WEAK:
        score = _GUESS
    elif way.mark == OWN:
        score = 0.95 if own else _ELSEWHERE
    for extra in header.notions - way.notions:
        score -= _EXTRA_OWN if extra in about or extra in ("record", "unique") else _EXTRA_KNOWN
    return max(0.0, score - _EXTRA_UNKNOWN * len(header.unknown))


def choice_of(value: str, choices: tuple[str, ...]) -> str | None:
    """The choice of a contract that a value of a file stands for, if its word is known.

    Examples
    --------
    >>> choice_of("Ganada", ("open", "won", "lost"))
    'won'
    """
    said = plain(value).strip().replace("_", " ").replace("-", " ")
    for choice in choices:
        words = (choice, *_book()[2].get(choice, ()))
        if said in {word.replace("_", " ").replace("-", " ") for word in words}:
            return choice
    return None


def _pattern(said: str) -> Pattern:
    mark = said[0] if said[0] in (OWN, WEAK) else ""
    return Pattern(frozenset(said.removeprefix(mark).split()), mark)


@lru_cache(maxsize=4096)
def _compound(word: str) -> tuple[str, ...]:
    """The known parts of a word written together, none when it has an unknown one."""
    phrases, _, _ = _book()
    if len(word) < 5 or not word.isalpha():
        return ()
    for cut in range(len(word) - 2, 2, -1):
        tail = word[cut:]
        if (tail,) not in phrases:
            continue
        for link in _LINKS:
            head = word[:cut].removesuffix(link) if link and word[:cut].endswith(link) else word[:cut]
            if link and head == word[:cut]:
                continue
            if len(head) > 2 and (head,) in phrases:
                return head, tail
    return ()
