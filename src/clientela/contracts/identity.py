"""What a person is shown to decide who is who: records side by side, what speaks for one customer and against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from clientela.contracts.text import Text, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSeen:
    """One record of one system and the customer it is. ``said``: what it says now, as delivered, by column."""

    customer_ref: str
    source: str
    record_id: str
    customer_id: int
    match_probability: float = 1.0
    first_run: int = 0
    said: Mapping[str, Value] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The record as a person names it.

        Examples
        --------
        >>> RecordSeen(customer_ref="", source="shop", record_id="4711", customer_id=1).key
        'shop:4711'
        """
        return f"{self.source}:{self.record_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSays:
    """What one field says about a pair, in bits. ``field`` None: what is known before any field is compared.

    ``said``: the likeness in the model's word, for programs.
    """

    field: str | None
    name: Text
    likeness: Text
    match_weight: float
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One field of two records side by side; ``differs``: both say something, and not the same."""

    field: str
    name: Text
    left: Value
    right: Value
    differs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSeen:
    """Two records that are, or may be, one customer.

    ``match_weight``: in bits; None where only a person said so. ``status``: joined, uncertain or kept apart.
    ``decision``: of the person who decided about it. ``revenue``: of both customers; None where nothing is sold.
    ``reasons``: what speaks for one customer and against it, what weighs most first.
    """

    left: RecordSeen
    right: RecordSeen
    match_weight: float | None
    match_probability: float
    status: str
    is_bridge: bool
    rule: str | None = None
    decision: str | None = None
    revenue: Decimal | None = None
    lines: tuple[Line, ...] = ()
    evidence: tuple[FieldSays, ...] = ()
    reasons: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The pairs a person is asked about, most money first. ``uncertain``, ``bridges``: how many there are in all."""

    company: str
    currency: str
    snapshot: str
    as_of: date
    uncertain: int
    bridges: int
    pairs: tuple[PairSeen, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why records are one customer, or two customers are not one.

    ``customers``: whom it is about, one or two. ``together``: whether they are one. ``pairs``: what holds them
    together, or was found between them. ``answer``: in one sentence.
    """

    customers: tuple[int, ...]
    together: bool
    answer: Text
    records: tuple[RecordSeen, ...]
    pairs: tuple[PairSeen, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One thing that happened to a customer. ``kind``: created, joined in, left or moved to another number."""

    run: int
    at: datetime | None
    kind: str
    record: RecordSeen | None
    customer_ref: str
    from_customer_id: int | None
    to_customer_id: int
    by: str | None = None
    decision: str | None = None
    person: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What became of a number: the customer it is now, their records, and all that happened to them."""

    asked: int
    customer_id: int
    records: tuple[RecordSeen, ...]
    happened: tuple[Happened, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody who may be meant. ``probability`` is below 1; ``name``: as it is written, where one is known."""

    customer_id: int
    probability: float
    how: Text
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Who is meant by what was said: one customer with a confidence, else candidates.

    ``by``: what the value was found to be: ``number``, ``record``, ``key``, ``tax number``, ``e-mail``, ``phone``,
    ``name``; None when nobody has it. ``how``: the same in words, or why nobody was found.
    """

    customer_id: int | None
    confidence: float
    by: str | None
    how: Text
    name: str | None = None
    candidates: tuple[Candidate, ...] = ()
