"""How right a partition of records is: pairs and B-cubed, counted from how groups overlap, never pair by pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Score:
    """Of the pairs joined how many are true, of the true ones how many are joined; the same seen from each record."""

    precision: float
    recall: float
    b_precision: float
    b_recall: float

    @property
    def f1(self) -> float:
        return _mean(self.precision, self.recall)

    @property
    def b_f1(self) -> float:
        return _mean(self.b_precision, self.b_recall)

    def __str__(self) -> str:
        return (
            f"P {self.precision:.4f}, R {self.recall:.4f}, F1 {self.f1:.4f}; "
            f"B-cubed P {self.b_precision:.4f}, R {self.b_recall:.4f}, F1 {self.b_f1:.4f}"
        )


def score(truth: Sequence[object] | np.ndarray, found: Sequence[object] | np.ndarray) -> Score:
    """How well the groups found agree with the true ones; both name the group of each record.

    Examples
    --------
    >>> score([1, 1, 1, 2], [7, 7, 8, 8])
    Score(precision=0.5, recall=0.3333333333333333, b_precision=0.75, b_recall=0.6666666666666666)
    """
    true, mine = _coded(truth), _coded(found)
    both = true * (int(mine.max(initial=0)) + 1) + mine
    of_true, of_mine = np.bincount(true), np.bincount(mine)
    _, first, overlap = np.unique(both, return_index=True, return_counts=True)
    shared, joined, wanted = _pairs(overlap), _pairs(of_mine), _pairs(of_true)
    squares = overlap.astype(float) ** 2
    return Score(
        shared / joined if joined else 1.0,
        shared / wanted if wanted else 1.0,
        float((squares / of_mine[mine[first]]).sum() / len(true)),
        float((squares / of_true[true[first]]).sum() / len(true)),
    )


def joined_by(value: Sequence[str | None]) -> npt.NDArray[np.int64]:
    """Groups of records that have one value, letter for letter but for capitals; one without stands alone."""
    seen: dict[str, int] = {}
    return np.array(
        [place if not word else seen.setdefault(word.strip().lower(), place) for place, word in enumerate(value)]
    )


def components(size: int, left: np.ndarray, right: np.ndarray) -> npt.NDArray[np.int64]:
    """The group of each of ``size`` records when every pair given is joined."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    graph = coo_matrix((np.ones(len(left), bool), (left, right)), shape=(size, size))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def of_pairs(
    truth: Sequence[object] | np.ndarray, left: np.ndarray, right: np.ndarray, weight: np.ndarray
) -> np.ndarray:
    """Precision and recall of pairs alone at each threshold: rows (weight, precision, recall), the highest first."""
    true = _coded(truth)
    order = np.argsort(-weight, kind="stable")
    hit = np.cumsum(true[left[order]] == true[right[order]])
    last = np.append(np.diff(weight[order]) != 0, True)
    number = np.arange(1, len(order) + 1)
    wanted = _pairs(np.bincount(true))
    return np.column_stack([weight[order], hit / number, hit / wanted])[last]


def _coded(values: Sequence[object] | np.ndarray) -> npt.NDArray[np.int64]:
    return np.unique(np.asarray(values), return_inverse=True)[1].reshape(-1).astype(np.int64)


def _pairs(sizes: np.ndarray) -> int:
    return int((sizes.astype(np.int64) * (sizes.astype(np.int64) - 1) // 2).sum())


def _mean(one: float, two: float) -> float:
    return 2 * one * two / (one + two) if one + two else 0.0
