"""Of many cases of one kind some run in ``make test``, all of them in ``make test-all``."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import pytest

ALL = "CLIENTELA_TEST_ALL"  # set by `make test-all`


def some(cases: Iterable[Any], *, one_in: int) -> list[Any]:
    """The cases for ``parametrize``: the first of each ``one_in`` as it is, the others marked slow.

    For random companies, and for faults made on purpose: each is a case of the same test, and how many of them run
    at each commit is a matter of minutes.

    Examples
    --------
    >>> [getattr(each, "values", each) for each in some("abcde", one_in=3)]
    ['a', ('b',), ('c',), 'd', ('e',)]
    """
    return [
        case if place % one_in == 0 else pytest.param(case, marks=pytest.mark.slow) for place, case in enumerate(cases)
    ]


def examples(whole: int, *, one_in: int = 3) -> int:
    """How many examples Hypothesis makes up for a law: one in ``one_in``, or the ``whole`` number in `make test-all`.

    They are other ones at each run, so that what few do not find the next run may.
    """
    return whole if os.environ.get(ALL) else max(1, whole // one_in)
