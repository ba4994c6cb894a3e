"""By what a person may see figures who sees those of many customers only: a fixed lattice, the same for all.

A question of theirs is seen by at most one of ``TIME_PATH`` and one of ``PATHS``, without a filter. So
all tables that can be asked for are known beforehand, and what is hidden is decided over all of them at once.
"""

from __future__ import annotations

from clientela.cube.declared.facts import Fact

TIME_PATH = ("year", "quarter", "month")  # the coarsest first
PATHS = (("nation", "region"), ("category",), ("channel",), ("contact_kind",), ("case_kind",), ("customer_kind",))
# Facts that tell of no customer: of campaigns before anybody reacts, of bought lists, of plans.
OF_NOBODY = frozenset({"campaign", "contact_list", "target"})
COLUMN = "customer_id"


def path_of(dimension: str) -> tuple[str, ...] | None:
    """The dimensions that are decided together with one, itself among them; None where it is not of the lattice.

    Examples
    --------
    >>> path_of("region"), path_of("channel"), path_of("customer")
    (('nation', 'region'), ('channel',), None)
    """
    return next((path for path in (TIME_PATH, *PATHS) if dimension in path), None)


def tells_customers(fact: Fact) -> bool:
    """Whether each row of a fact says of which customer it tells, or that it tells of none."""
    return "customer" in fact.dimensions
