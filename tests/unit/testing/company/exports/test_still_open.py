"""What has begun is sent at once, and once more when it has ended."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clientela.testing.company.exports.still_open import StillOpen


@dataclass(frozen=True)
class Loans:
    name: np.ndarray
    back: np.ndarray


def test_a_row_is_sent_when_it_begins_and_when_it_has_ended_and_never_tells_the_future() -> None:
    desk: StillOpen[Loans] = StillOpen("back")
    none = Loans(np.array([], dtype=object), np.array([]))
    weeks = [Loans(np.array(["a", "b", "c"], dtype=object), np.array([0.5, 2.5, np.inf])), none, none, none]
    told = []
    for week, begun in enumerate(weeks):
        sent = desk.sent(begun, week + 1)
        told.append(list(zip(sent.name, sent.back, strict=True)))
    assert told == [[("a", 0.5), ("b", np.inf), ("c", np.inf)], [], [("b", 2.5)], []]
