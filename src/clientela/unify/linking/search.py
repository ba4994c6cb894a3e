"""Finding the pairs of records that are, or may be, one customer."""

from __future__ import annotations

from sqlglot import exp

from clientela.unify.linking.candidates import PAIR, write_candidates
from clientela.unify.linking.comparing import Comparing
from clientela.unify.linking.customer import CUSTOMER
from clientela.unify.linking.fresh import write_changed, write_relinked
from clientela.unify.linking.model import Figure, Linked, LinkModel
from clientela.unify.linking.rules import RULED, write_ruled
from clientela.unify.linking.scoring import write_scored
from clientela.unify.linking.work import CHANGED, CROSSED, RECORD, count, drop, drop_records, write_records
from clientela.warehouse.engine import Engine


def link(
    engine: Engine,
    model: LinkModel,
    *,
    comparing: Comparing = CUSTOMER,
    ask_above: float = 0.5,
    shared_by: int = 50,
    pairs_per_record: int = 100,
    changed: exp.Query | None = None,
) -> Linked:
    """What was done to write ``scored_pair`` and ``scored_field``: every pair that may be one customer, and why.

    Parameters
    ----------
    ask_above : the match probability from which on a pair is kept; what a rule joins always is
    shared_by : a value that more records have names nobody: it brings no pair together and says nothing about one
    pairs_per_record : blocking rules are left out until no more pairs than this for each record are compared
    changed : refs that are new or whose content changed: only pairs with one of them; None: all. Their arrival may
        also change what is known of pairs of others (a telephone comes to be shared by too many): the work table
        ``relinked`` (customer_ref) then names every record whose pairs were all looked at anew, and of the pairs that
        were found before only those stay of which neither record is in it.

    Raises
    ------
    ClientelaError
        Every blocking rule alone would compare too many pairs.
    """
    hubs = write_records(engine, comparing, shared_by)
    some = changed is not None
    try:
        if changed is not None:
            write_changed(engine, comparing, changed, shared_by)
        most = pairs_per_record * max(count(engine, RECORD), 1)
        wide = model.document["wide"]
        found = write_candidates(engine, comparing, wide=wide, shared_by=shared_by, at_most=most, changed=some)
        ruled = write_ruled(engine, comparing, shared_by=shared_by, changed=some)
        kept = write_scored(engine, comparing, model, ask_above=ask_above)
        if some:
            write_relinked(engine)
    finally:
        drop(engine, PAIR, RULED, CHANGED, CROSSED)
        drop_records(engine, comparing)
    left_out = [Figure(figure="values left out", about=name, value=number) for name, number in hubs.items() if number]
    joined = Figure(figure="pairs joined by a rule", about="", value=ruled)
    return Linked(pairs=kept, figures=(*found.figures, *left_out, joined), refused=found.refused)
