"""Who is who as plain data for JSON and CSV: records, pairs, what speaks for and against, what was decided."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from clientela.contracts.identity import Found, Happened, History, PairSeen, RecordSeen, Review, Why
from clientela.contracts.text import Value
from clientela.present.document import Plain, plain_value
from clientela.present.say import say
from clientela.present.table import FORMULA


def review_json(review: Review, locale: str = "en") -> dict[str, Any]:
    """The pairs a person is asked about, as a document."""
    return {
        "company": review.company,
        "snapshot": review.snapshot,
        "as_of": review.as_of.isoformat(),
        "currency": review.currency,
        "uncertain": review.uncertain,
        "bridges": review.bridges,
        "pairs": [pair_json(each, locale) for each in review.pairs],
    }


def why_json(why: Why, locale: str = "en") -> dict[str, Any]:
    """Why customers are, or are not, one, as a document."""
    return {
        "customers": [str(each) for each in why.customers],
        "together": why.together,
        "answer": say(why.answer, locale),
        "records": [record_json(each, locale) for each in why.records],
        "pairs": [pair_json(each, locale) for each in why.pairs],
    }


def history_json(history: History) -> dict[str, Any]:
    """What became of a number, as a document."""
    return {
        "asked": str(history.asked),
        "customer_id": str(history.customer_id),
        "records": [record_json(each) for each in history.records],
        "happened": [_happened(each) for each in history.happened],
    }


def found_json(found: Found, locale: str = "en") -> dict[str, Any]:
    """Who was meant, as a document; numbers of customers as text, as they are longer than a number of JSON."""
    return {
        "customer_id": None if found.customer_id is None else str(found.customer_id),
        "confidence": found.confidence,
        "by": found.by,
        "how": say(found.how, locale),
        "name": found.name,
        "candidates": [
            {
                "customer_id": str(each.customer_id),
                "probability": each.probability,
                "how": say(each.how, locale),
                "name": each.name,
            }
            for each in found.candidates
        ],
    }


def record_json(record: RecordSeen, locale: str = "en") -> dict[str, Any]:
    """A record with what it says."""
    return {
        "key": record.key,
        "source": record.source,
        "record_id": record.record_id,
        "customer_id": str(record.customer_id),
        "match_probability": record.match_probability,
        "first_run": record.first_run,
        "says": {name: plain_value(value, locale) for name, value in record.said.items()},
    }


def pair_json(pair: PairSeen, locale: str = "en") -> dict[str, Any]:
    """A pair with its two records, what differs, and what each field weighs."""
    return {
        "status": pair.status,
        "bridge": pair.is_bridge,
        "match_probability": pair.match_probability,
        "match_weight": pair.match_weight,
        "rule": pair.rule,
        "decision": pair.decision,
        "revenue": plain_value(pair.revenue, locale),
        "reasons": [say(each, locale) for each in pair.reasons],
        "left": record_json(pair.left, locale),
        "right": record_json(pair.right, locale),
        "differs": [each.field for each in pair.lines if each.differs],
        "evidence": [
            {
                "field": each.field,
                "name": say(each.name, locale),
                "likeness": say(each.likeness, locale),
                "match_weight": each.match_weight,
            }
            for each in pair.evidence
        ],
    }


def review_csv(review: Review, locale: str = "en") -> str:
    """The pairs as CSV for a spreadsheet: a row each, the two records' fields beside each other."""
    fields = list(dict.fromkeys(line.field for pair in review.pairs for line in pair.lines))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    both = ("key", "customer_id", *fields)
    writer.writerow([*_HEAD, *(f"{name}_{side}" for name in both for side in ("l", "r")), "differs"])
    for pair in review.pairs:
        writer.writerow([_cell(each) for each in _row(pair, fields, locale)])
    return out.getvalue()


_HEAD = ("match_probability", "match_weight", "status", "bridge", "revenue", "reason")


def _row(pair: PairSeen, fields: list[str], locale: str) -> Iterator[Plain]:
    lines = {line.field: line for line in pair.lines}
    yield pair.match_probability
    yield pair.match_weight
    yield pair.status
    yield "yes" if pair.is_bridge else "no"
    yield plain_value(pair.revenue, locale)
    yield "; ".join(say(each, locale) for each in pair.reasons)
    yield from (pair.left.key, pair.right.key)
    yield from (str(pair.left.customer_id), str(pair.right.customer_id))
    for name in fields:
        line = lines.get(name)
        yield from (None, None) if line is None else (_plain(line.left), _plain(line.right))
    yield " ".join(each.field for each in pair.lines if each.differs)


def _plain(value: Value) -> Plain:
    return f"{value:f}" if isinstance(value, Decimal) else plain_value(value)


def _cell(value: Plain) -> str:
    """A cell that no spreadsheet takes for a formula."""
    said = "" if value is None else str(value)
    return f"'{said}" if isinstance(value, str) and said.startswith(FORMULA) else said


def _happened(each: Happened) -> dict[str, Any]:
    return {
        "run": each.run,
        "at": None if each.at is None else each.at.isoformat(timespec="seconds"),
        "kind": each.kind,
        "record": None if each.record is None else each.record.key,
        "from_customer_id": None if each.from_customer_id is None else str(each.from_customer_id),
        "to_customer_id": str(each.to_customer_id),
        "by": each.by,
        "decision": each.decision,
        "person": each.person,
        "reason": each.reason,
    }
