"""``customer_consent``: what each customer may be contacted for."""

from __future__ import annotations

from sqlglot import exp

from clientela.unify.golden.members import published
from clientela.unify.golden.written import query_of


def customer_consent(events: exp.Query) -> exp.Query:
    """The query for ``customer_consent``.

    Parameters
    ----------
    events : the versions of ``consent`` before the customers are named, as ``base_table`` gives them: the facts file
        does not say any more which record of a customer an event is of.
    """
    return query_of("customer_consent", {"identity": published("identity"), "consent_event": events})
