"""What the run does to find customers who behave alike: scale, cluster, see whether it holds, name, explain."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clientela.contracts.analysis import Arrays, FitContext
from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.grouping.clusters import Clusters, Labels, Scaling, fit_clusters, nearest, scaling, silhouette
from clientela.estimators.grouping.matching import matched
from clientela.estimators.grouping.stability import NOT_TRUSTED, VALID, stability
from clientela.estimators.grouping.tree import Leaf, fidelity, grown

AXES = ("days_since", "purchase_days", "basket", "age_days")
FEWEST = 100
"""So many customers clusters need; fewer differ by chance."""
MOST_CLUSTERS = 8
_LOOKED_AT = 1500  # customers that decide on how many clusters there are
_SMALLEST = 0.02  # of the customers a leaf of the tree has
_PARTS = ("low", "high", "middle", "width", "centre")


@dataclass(frozen=True, slots=True)
class Trial:
    """Clusters of one number: how well the least steady one comes back, and how far they lie apart."""

    clusters: Clusters
    steady: Floats
    apart: float

    @property
    def least(self) -> float:
        """The likeness of the least steady cluster."""
        return float(self.steady.min())


def fit_clusters_of(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """The middles of the clusters as ``cluster_centre``, and the ``model`` that tells what they are.

    Parameters
    ----------
    tables :
        ``cluster_sample``.
    """
    sample = tables["cluster_sample"]
    columns = floats(np.column_stack([np.asarray(sample[axis], dtype=float) for axis in AXES]))
    if len(columns) < FEWEST:
        return _none({"reason": "few", "customers": len(columns), "needed": FEWEST}, context)
    logs = floats(np.log1p(np.maximum(columns, 0)))
    scale = scaling(logs)
    points = scale.scaled(logs)
    trial = _best(points, context.rng)
    if trial is None or trial.least < NOT_TRUSTED:
        least = None if trial is None else round(trial.least, 3)
        return _none({"reason": "unsteady", "steady": least, "needed": NOT_TRUSTED}, context)
    centres = floats(np.round(trial.clusters.centres, 6))
    labels = nearest(points, centres)
    names = _names(centres, scale)
    leaves = grown(columns, labels, smallest=max(1, int(_SMALLEST * len(columns))))
    version = f"{context.version}/k-means"
    said = {
        "clusters": len(centres),
        "customers": len(columns),
        "silhouette": round(trial.apart, 4),
        "fidelity": round(fidelity(leaves), 4),
        "names": {name: _told(at, columns, labels, trial, centres, scale) for at, name in enumerate(names)},
        "leaves": [_leaf(leaf, names) for leaf in leaves],
    }
    return {
        "cluster_centre": _centres(names, centres, scale, version),
        "model": _model(version, "k-means", said, context, winner=True),
    }


def _best(points: Floats, rng: np.random.Generator) -> Trial | None:
    """The clusters to keep: of the numbers that are steady the one whose clusters lie farthest apart.

    Where no number is steady throughout, the one whose least steady cluster is the steadiest.
    """
    few = points if len(points) <= _LOOKED_AT else points[np.sort(rng.choice(len(points), _LOOKED_AT, replace=False))]
    trials: list[Trial] = []
    for k in range(2, MOST_CLUSTERS + 1):
        try:
            found = fit_clusters(few, k, rng=rng)
            trials.append(Trial(found, stability(few, found, rng=rng), silhouette(few, nearest(few, found.centres))))
        except UndefinedError:
            break
    if not trials:
        return None
    steady = [each for each in trials if each.least >= VALID]
    chosen = max(steady, key=lambda each: each.apart) if steady else max(trials, key=lambda each: each.least)
    if len(few) == len(points):
        return chosen
    whole = _grown_from(points, chosen.clusters)
    order = [matched(chosen.clusters.centres, whole.centres, farthest=np.inf)[at] for at in range(len(chosen.steady))]
    return Trial(Clusters(centres=floats(whole.centres[order]), spread=whole.spread), chosen.steady, chosen.apart)


def _grown_from(points: Floats, start: Clusters) -> Clusters:
    """The centres of all points, from those of a few of them."""
    centres = start.centres
    for _ in range(20):
        labels = nearest(points, centres)
        sizes = np.bincount(labels, minlength=len(centres))
        sums = np.column_stack([np.bincount(labels, weights=axis, minlength=len(centres)) for axis in points.T])
        centres = floats(np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], centres))
    return Clusters(centres=centres, spread=float(((points - centres[nearest(points, centres)]) ** 2).sum()))


def _names(centres: Floats, scale: Scaling) -> list[str]:
    """The name of each cluster: a is the one whose usual customer brought most.

    They follow from where the clusters lie alone, so that the same customers give the same names, whatever runs were
    before; and two change places only when their usual customers do.
    """
    plain = centres * scale.width + scale.middle
    brought = plain[:, AXES.index("purchase_days")] + plain[:, AXES.index("basket")]  # logarithms of factors
    names = {int(at): f"cluster:{_letters(place)}" for place, at in enumerate(np.argsort(-brought, kind="stable"))}
    return [names[at] for at in range(len(centres))]


def _letters(number: int) -> str:
    """a to z, then aa, ab and so on.

    Examples
    --------
    >>> _letters(0), _letters(25), _letters(26)
    ('a', 'z', 'aa')
    """
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, len(ascii_lowercase))
        letters = ascii_lowercase[rest] + letters
    return letters


def _told(at: int, columns: Floats, labels: Labels, trial: Trial, centres: Floats, scale: Scaling) -> dict[str, Any]:
    """What is said of a cluster: where it lies, how steady it is, what is usual in it."""
    inside = columns[labels == at]
    usual = np.median(inside, axis=0) if len(inside) else np.zeros(len(AXES))
    return {
        "at": [_brief(each) for each in centres[at] * scale.width + scale.middle],
        "steady": _brief(trial.steady[at]),
        "customers": len(inside),
        "usual": {axis: _brief(value) for axis, value in zip(AXES, usual, strict=True)},
    }


def _leaf(leaf: Leaf, names: Sequence[str]) -> dict[str, Any]:
    return {
        "cluster": names[leaf.label],
        "size": leaf.size,
        "right": leaf.right,
        "path": [[AXES[test.column], _brief(test.limit), test.at_most] for test in leaf.path],
    }


def _centres(names: Sequence[str], centres: Floats, scale: Scaling, version: str) -> dict[str, NDArray[Any]]:
    said: dict[str, NDArray[Any]] = {
        "cluster": np.array(names, dtype=object),
        "model_version": np.array([version] * len(names), dtype=object),
    }
    for place, axis in enumerate(AXES):
        for part in _PARTS[:-1]:
            said[f"{axis}_{part}"] = np.full(len(names), float(getattr(scale, part)[place]))
        said[f"{axis}_centre"] = centres[:, place].copy()
    return said


def _none(reason: Mapping[str, Any], context: FitContext) -> dict[str, Arrays]:
    """No clusters, and why."""
    empty = floats(np.zeros((0, len(AXES))))
    nothing = floats(np.zeros(len(AXES)))
    scale = Scaling(low=nothing, high=nothing, middle=nothing, width=nothing)
    version = f"{context.version}/none"
    return {
        "cluster_centre": _centres([], empty, scale, version),
        "model": _model(version, "none", reason, context, winner=False),
    }


def _model(
    version: str, candidate: str, said: Mapping[str, Any], context: FitContext, *, winner: bool
) -> dict[str, NDArray[Any]]:
    return {
        "version": np.array([version], dtype=object),
        "candidate": np.array([candidate], dtype=object),
        "as_of": np.array([context.as_of], dtype="datetime64[D]"),
        "parameters": np.array([json.dumps(said, sort_keys=True)], dtype=object),
        "winner": np.array([winner]),
        "log_likelihood": np.array([np.nan]),
    }


def _brief(value: float) -> float:
    """Ten significant digits: more would tell two machines apart."""
    return float(f"{float(value):.10g}")
