"""Whether a source delivered a key twice: where it never did, no row replaces another and nothing has to be ranked."""

from __future__ import annotations

from sqlglot import exp

from clientela.capture.deliveries import Deliveries
from clientela.capture.versions import sequence_of, union
from clientela.contracts.schema import Contract
from clientela.warehouse.engine import read_parquet
from clientela.warehouse.physical import column


def overlap(contract: Contract, source: Deliveries) -> exp.Select | None:
    """The query that has a row when some key may stand in two batches; None where the question has no meaning.

    It compares hashes of keys, eight bytes each, which is far cheaper than the window it may save.
    """
    if not source.rows or source.one_batch or source.delivery == "full" or source.says_when:
        return None
    ranked = "line_no" in contract.key and not source.numbered
    key = ("order_id",) if ranked else tuple(name for name in contract.key if name != "source")
    hashed = exp.alias_(exp.Anonymous(this="hash", expressions=[column(name) for name in key]), "_key")
    parts = [
        exp.select(hashed.copy(), exp.alias_(sequence_of(rows), "_sequence")).from_(read_parquet(rows.files))
        for rows in source.rows
    ]
    first, last = exp.Min(this=column("_sequence")), exp.Max(this=column("_sequence"))
    grouped = exp.select("1 as one").from_(union(parts).subquery("batch")).group_by(column("_key"))
    return grouped.having(exp.LT(this=first, expression=last)).limit(1)
