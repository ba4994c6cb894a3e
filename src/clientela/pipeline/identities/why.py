"""Why records are one customer, and why two customers are or are not one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from clientela.contracts.identity import Found, PairSeen, RecordSeen, Why
from clientela.contracts.text import Amount, Text, ntext, text
from clientela.errors import PersonError
from clientela.pipeline.identities import shown
from clientela.pipeline.identities.resolve import Resolver, resolver
from clientela.warehouse.store.snapshot import Reader

_COLUMNS = """
select
    customer_ref_l, customer_ref_r, customer_id_l, customer_id_r, match_weight, match_probability, rule, status,
    is_bridge, decision
from facts.identity_pair
"""
_WITHIN = (
    _COLUMNS
    + """
where status = 'joined' and customer_id_l = :one and customer_id_r = :one
order by is_bridge desc, match_probability desc, match_weight desc nulls first, customer_ref_l, customer_ref_r
limit 200
"""
)
_BETWEEN = (
    _COLUMNS
    + """
where (customer_id_l = :one and customer_id_r = :other) or (customer_id_l = :other and customer_id_r = :one)
order by match_probability desc, match_weight desc nulls first, customer_ref_l, customer_ref_r
limit 200
"""
)


def why(folder: Path, one: str, other: str | None = None) -> Why:
    """Why the records of one customer are one, or why two customers or records are, or are not, one.

    Raises
    ------
    PersonError
        A value means nobody, or several.
    NothingPublishedError
        No run has published anything yet.
    """
    with resolver(folder) as asked:
        first = customer(asked, one)
        if other is None:
            return _one(asked.reader, first)
        second = customer(asked, other)
        if first == second:
            return _same(asked.reader, first, _record(asked, one), _record(asked, other))
        return _two(asked.reader, first, second)


def customer(asked: Resolver, said: str) -> int:
    """The customer that a value means, surely enough to look at them or to decide about them.

    Raises
    ------
    PersonError
        It means nobody, or several, or it is no more than a name.
    """
    found = asked.find(said)
    if found.customer_id is not None and found.by != "name":
        return found.customer_id
    raise _unsure(found)


def _unsure(found: Found) -> PersonError:
    meant = [each.customer_id for each in found.candidates]
    if found.customer_id is not None:
        meant = [found.customer_id, *meant]
    listed = ", ".join(str(each) for each in meant[:10])
    if not meant:
        return PersonError(
            "nobody here is known by this value; say a customer's number, system:key, an e-mail address, a telephone "
            "or tax number. `clientela identity find` also looks for names.",
        )
    return PersonError(
        f"this value may mean several customers: {listed}. Say the one you mean by number; "
        "`clientela identity find` says who they are.",
        candidates=tuple(str(each) for each in meant),
    )


def _one(reader: Reader, number: int) -> Why:
    records = shown.records_of(reader, [number])
    pairs = _pairs(reader, _WITHIN, one=number)
    if len(records) == 1:
        answer = text("This customer has one record; nothing was joined.")
    else:
        bridges = sum(each.is_bridge for each in pairs)
        answer = ntext(
            "{n} record is this customer, held together by {pairs}.",
            "{n} records are this customer, held together by {pairs}.",
            "n",
            n=len(records),
            pairs=ntext("{n} pair", "{n} pairs", "n", n=len(pairs)),
        )
        if bridges:
            answer = text("{said} {bridges}", said=answer, bridges=_bridges(bridges))
    return Why(customers=(number,), together=True, answer=answer, records=tuple(records.values()), pairs=pairs)


def _bridges(number: int) -> Text:
    return ntext(
        "{n} of them alone holds two groups together: look at it first.",
        "{n} of them alone hold two groups together: look at them first.",
        "n",
        n=number,
    )


def _same(reader: Reader, number: int, one: RecordSeen | None, other: RecordSeen | None) -> Why:
    """Two names of one customer: the pairs that lead from one record to the other."""
    whole = _one(reader, number)
    if one is None or other is None or one.customer_ref == other.customer_ref:
        said = text("Both are customer {number}. {answer}", number=str(number), answer=whole.answer)
        return Why(customers=(number,), together=True, answer=said, records=whole.records, pairs=whole.pairs)
    way = chain(whole.pairs, one.customer_ref, other.customer_ref)
    if len(way) == 1:
        said = text("Both records are customer {number}: they were joined directly.", number=str(number))
    elif way:
        said = text(
            "Both records are customer {number}: {pairs} lead from one to the other.",
            number=str(number),
            pairs=ntext("{n} pair", "{n} pairs", "n", n=len(way)),
        )
    else:
        said = text("Both records are customer {number}.", number=str(number))
    refs = {each for pair in way for each in (pair.left.customer_ref, pair.right.customer_ref)}
    records = tuple(each for each in whole.records if each.customer_ref in refs) or (one, other)
    return Why(customers=(number,), together=True, answer=said, records=records, pairs=way)


def _two(reader: Reader, one: int, other: int) -> Why:
    records = shown.records_of(reader, [one, other])
    pairs = _pairs(reader, _BETWEEN, one=one, other=other)
    return Why(
        customers=(one, other),
        together=False,
        answer=_apart(pairs),
        records=tuple(records.values()),
        pairs=pairs,
    )


def _apart(pairs: Sequence[PairSeen]) -> Text:
    """Why two customers are not one."""
    decided = [each for each in pairs if each.status == "kept apart" and each.decision is not None]
    if decided:
        return text("They are two customers because a person said so.")
    if any(each.status == "kept apart" for each in pairs):
        return text("They are alike, but as one they would have more records than a customer may have.")
    if pairs:
        likely = max(each.match_probability for each in pairs)
        return text(
            "It is not sure: they may be one customer with a probability of {probability}.",
            probability=Amount(likely, "share"),
        )
    return text("No two records of them are alike enough to ask about.")


def _pairs(reader: Reader, sql: str, **given: int) -> tuple[PairSeen, ...]:
    if "identity_pair" not in reader.tables:
        return ()
    return shown.pairs(reader, reader.fetch(shown.tree(sql), given).to_pylist())


def _record(asked: Resolver, said: str) -> RecordSeen | None:
    """The record that a value names, when it names one."""
    refs = asked.refs(said)
    return shown.records(asked.reader, refs).get(refs[0]) if len(refs) == 1 else None


def chain(pairs: Sequence[PairSeen], start: str, end: str) -> tuple[PairSeen, ...]:
    """The fewest pairs that lead from one record to another; of as few, those that stand first."""
    before: dict[str, PairSeen | None] = {start: None}
    waiting: list[str] = [start]
    while waiting and end not in before:
        reached: list[str] = []
        for here in waiting:
            for pair in _beside(pairs, here):
                there = _other(pair, here)
                if there not in before:
                    before[there] = pair
                    reached.append(there)
        waiting = reached
    way: list[PairSeen] = []
    here = end
    while (last := before.get(here)) is not None:
        way.insert(0, last)
        here = _other(last, here)
    return tuple(way)


def _beside(pairs: Collection[PairSeen], ref: str) -> list[PairSeen]:
    return [each for each in pairs if ref in (each.left.customer_ref, each.right.customer_ref)]


def _other(pair: PairSeen, ref: str) -> str:
    return pair.right.customer_ref if pair.left.customer_ref == ref else pair.left.customer_ref
