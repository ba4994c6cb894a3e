"""Whom the landing may never hold again: keyed hashes of what names erased persons, no plain value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clientela.capture.suppression.identifiers import Kind, email, keyed, record
from clientela.warehouse.journal import JsonLines
from clientela.warehouse.store.landing import Landing

NAME = "suppressed.jsonl"


@dataclass(frozen=True, slots=True)
class Suppressed:
    """The list of a workspace with the key its hashes were made with; false when nobody was ever erased."""

    secret: bytes
    hashes: Mapping[str, Kind]

    @classmethod
    def of(cls, secret: bytes, identifiers: Iterable[tuple[Kind, str]]) -> Suppressed:
        """The list of these identifiers, in their forms."""
        return cls(secret, {keyed(secret, kind, form): kind for kind, form in identifiers})

    def __bool__(self) -> bool:
        return bool(self.hashes)

    def has(self, kind: Kind, form: str) -> bool:
        """Whether an identifier is on the list."""
        return self.hashes.get(keyed(self.secret, kind, form)) is kind

    def names(self, system: str, key: str) -> bool:
        """Whether a record's key, or the address it is, is on the list."""
        address = email(key)
        return self.has(Kind.RECORD, record(system, key)) or (address is not None and self.has(Kind.EMAIL, address))


NOBODY = Suppressed(b"", {})


def suppressed(landing: Landing, secret: bytes) -> Suppressed:
    """The list as it stands."""
    told = (pair for each in records(landing) for pair in each["identifiers"])
    return Suppressed(secret, {hash: Kind(kind) for kind, hash in told})


def records(landing: Landing) -> tuple[dict[str, Any], ...]:
    """The list as it is kept, a line for each erasure: ``erasure``, ``at``, ``identifiers``; oldest first."""
    return JsonLines(landing.folder / NAME).read()


def suppress(
    landing: Landing, secret: bytes, identifiers: Iterable[tuple[Kind, str]], *, erasure: str, now: datetime
) -> None:
    """Add all identifiers of an erasure, in their forms, to the list at once; then it is on the disk."""
    told = [[kind.value, keyed(secret, kind, form)] for kind, form in sorted(set(identifiers))]
    JsonLines(landing.folder / NAME).append({"erasure": erasure, "at": now, "identifiers": told})


def adopt(landing: Landing, others: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Add the erasures of another list that this one lacks, of a newer one than a backup holds; those added."""
    known = {each["erasure"] for each in records(landing)}
    added = [each for each in others if each["erasure"] not in known]
    for each in added:
        JsonLines(landing.folder / NAME).append({name: each[name] for name in ("erasure", "at", "identifiers")})
    return tuple(each["erasure"] for each in added)
