"""What the run does to find customers who behave alike: scale, cluster, see whether it holds, name, explain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from string import ascii_lowercase
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clientela.analyse.customer.learned import brief, model_row
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
_FITTED = 4000  # customers clusters are made of
_YEARS = 100  # so many generators of chance
_FARTHEST = 1.5  # deviations: a cluster that lies farther from where one was is another
_STEPS, _STAY = (1.0, 0.5, 0.25), 0.97  # how far clusters move, so that this share of customers stays in them
_FARTHER = 1.1  # times: by so much new clusters lie farther apart than those known, to take their place
_SMALLEST = 0.02  # of the customers a leaf of the tree has
_MIXING = tuple(  # SplitMix64's finaliser: Steele, Lea & Flood (2014), OOPSLA
    (np.uint64(shift), np.uint64(factor))
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1))
)
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


@dataclass(frozen=True, slots=True)
class Found:
    """The clusters of one day: what they are called and where they lie, ``centres`` on the axes of ``scale``.

    ``fitted``: the customers there were when it was last asked how many clusters there are.
    """

    names: tuple[str, ...]
    trial: Trial
    centres: Floats
    scale: Scaling
    fitted: int

    @property
    def plain(self) -> Floats:
        """The centres as logarithms."""
        return floats(self.centres * self.scale.width + self.scale.middle)


def fit_clusters_of(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """The middles of the clusters as ``cluster_centre``, and the ``model`` that tells what they are.

    They are found on fixed days, the last of them the present new year, from what had happened by then: so every run of
    a year finds the same, and nobody changes cluster because there was another run. From one of these days to the next
    the clusters move with their customers, but so little that most stay where they are, and their names with them.

    Parameters
    ----------
    tables :
        ``cluster_sample``.
    """
    sample = tables["cluster_sample"]
    fitted_on = np.asarray(sample["fitted_on"], dtype="datetime64[D]")
    columns = floats(np.column_stack([np.asarray(sample[axis], dtype=float) for axis in AXES]))
    today = np.datetime64(context.as_of, "D")
    now = columns[fitted_on == today]
    if len(now) < FEWEST:
        return _none({"reason": "few", "customers": len(now), "needed": FEWEST}, context)
    days = [day for day in np.unique(fitted_on) if day != today or _begins_year(day)] or [today]
    found, at = _chain(days, fitted_on, columns, context.rng)
    if found is None:
        found, at = _chain([today], fitted_on, columns, context.rng)
    if found is None or found.trial.least < NOT_TRUSTED:
        least = None if found is None else round(found.trial.least, 3)
        return _none({"reason": "unsteady", "steady": least, "needed": NOT_TRUSTED}, context)
    return _learned(found, at, now, context)


def _learned(found: Found, fitted_on: np.datetime64, now: Floats, context: FitContext) -> Mapping[str, Arrays]:
    """What is told of the clusters, of the customers as they are now."""
    labels = nearest(found.scale.scaled(floats(np.log1p(np.maximum(now, 0)))), found.centres)
    leaves = grown(now, labels, smallest=max(1, int(_SMALLEST * len(now))))
    version = f"{context.version}/k-means"
    said = {
        "clusters": len(found.centres),
        "customers": len(now),
        "fitted_on": str(fitted_on),
        "silhouette": round(found.trial.apart, 4),
        "fidelity": round(fidelity(leaves), 4),
        "names": {
            name: _told(at, now, labels, found.trial, found.centres, found.scale) for at, name in enumerate(found.names)
        },
        "leaves": [_leaf(leaf, found.names) for leaf in leaves],
    }
    return {
        "cluster_centre": _centres(found.names, found.centres, found.scale, version),
        "model": model_row(version, "k-means", said, context),
    }


def _begins_year(day: np.datetime64) -> bool:
    return bool(day == day.astype("datetime64[Y]").astype("datetime64[D]"))


def _chain(
    days: Sequence[np.datetime64], fitted_on: NDArray[np.datetime64], columns: Floats, rng: np.random.Generator
) -> tuple[Found | None, np.datetime64]:
    """The clusters of the last of these days, named along them; None where they are not steady on it.

    Each year's chance is a generator of its own, so that a day's clusters do not depend on how many days were before.
    """
    found: Found | None = None
    given: list[str] = []
    chances = rng.spawn(_YEARS)
    for day in days:
        year = int(day.astype("datetime64[Y]").astype(int))
        points = _chosen(columns[fitted_on == day], _FITTED)
        later = _next(floats(np.log1p(np.maximum(points, 0))), found, given, chances[year % _YEARS])
        if later is None and day == days[-1]:
            return None, day
        found = later or found
        given += [name for name in found.names if name not in given] if found else []
    return found, days[-1]


def _chosen(columns: Floats, most: int) -> Floats:
    """So many customers at most, drawn by a hash of their figures, in the order of these.

    Customers' numbers are drawn by a secret: neither they nor their order shall decide on clusters.

    Examples
    --------
    >>> some = floats([[3, 1], [2, 9], [5, 4]])
    >>> (_chosen(some, 2) == _chosen(some[::-1], 2)).all()
    np.True_
    """
    if len(columns) > most:
        mixed = np.zeros(len(columns), dtype=np.uint64)
        for column in columns.T:
            mixed ^= np.ascontiguousarray(column + 0.0).view(np.uint64)  # + 0.0: of two zeros one
            for shift, factor in _MIXING:
                mixed = (mixed ^ (mixed >> shift)) * factor
        columns = columns[np.argsort(mixed, kind="stable")[:most]]
    return columns[np.lexsort(columns.T)]


def _next(logs: Floats, before: Found | None, given: Sequence[str], rng: np.random.Generator) -> Found | None:
    """The clusters of a day: those of the day before, moved, as long as they hold; else found anew.

    They are also found anew when there are twice as many customers; what is found is taken if it lies clearly farther
    apart.
    """
    moved = None if before is None else _moved(logs, before, rng)
    if moved is not None and moved.trial.least >= VALID and len(logs) < 2 * moved.fitted:
        return moved
    scale = scaling(logs)
    trial = _best(scale.scaled(logs), rng)
    if trial is None:
        return moved
    valid = moved is not None and moved.trial.least >= VALID
    if moved is not None and (trial.least < VALID or (valid and trial.apart < _FARTHER * moved.trial.apart)):
        return replace(moved, fitted=len(logs))
    if moved is None and before is not None and trial.least < NOT_TRUSTED:
        return None
    centres = floats(np.round(trial.clusters.centres, 6))
    names = _names(centres, scale) if before is None else _kept(centres, scale, moved or before, given)
    return Found(tuple(names), trial, centres, scale, len(logs))


def _moved(logs: Floats, before: Found, rng: np.random.Generator) -> Found | None:
    """The clusters found before, moved towards where their customers are now, as far as most of these stay in them.

    None where they do not hold any more.
    """
    points = before.scale.scaled(logs)
    labels = nearest(points, before.centres)
    whole = _grown_from(points, Clusters(centres=before.centres, spread=0.0)).centres
    steps = (floats(np.round(before.centres + part * (whole - before.centres), 6)) for part in _STEPS)
    centres = next((each for each in steps if (nearest(points, each) == labels).mean() >= _STAY), before.centres)
    if len(np.unique(nearest(points, centres))) < len(centres):
        return None
    few = _drawn(points, rng)
    clusters = Clusters(centres=centres, spread=0.0)
    trial = Trial(clusters, stability(few, clusters, rng=rng), silhouette(few, nearest(few, centres)))
    return replace(before, trial=trial, centres=centres) if trial.least >= NOT_TRUSTED else None


def _kept(centres: Floats, scale: Scaling, before: Found, given: Sequence[str]) -> list[str]:
    """The names before, each for the cluster nearest to where it was; one that is far from all gets a new name."""
    same = matched(centres, scale.scaled(before.plain), farthest=_FARTHEST)
    fresh = (f"cluster:{_letters(place)}" for place in range(len(given) + len(centres)))
    new = (name for name in fresh if name not in given)
    names = [before.names[same[at]] if at in same else "" for at in range(len(centres))]
    return [name or next(new) for name in names]


def _drawn(points: Floats, rng: np.random.Generator) -> Floats:
    """The points that decide on how many clusters there are."""
    return points if len(points) <= _LOOKED_AT else points[np.sort(rng.choice(len(points), _LOOKED_AT, replace=False))]


def _best(points: Floats, rng: np.random.Generator) -> Trial | None:
    """The clusters to keep: of the numbers that are steady the one whose clusters lie farthest apart.

    Where no number is steady throughout, the one whose least steady cluster is the steadiest.
    """
    few = _drawn(points, rng)
    found: list[tuple[float, Clusters]] = []
    for k in range(2, MOST_CLUSTERS + 1):
        try:
            clusters = fit_clusters(few, k, rng=rng)
        except UndefinedError:
            break
        found.append((silhouette(few, nearest(few, clusters.centres)), clusters))
    if not found:
        return None
    trials: list[Trial] = []
    for apart, clusters in sorted(found, key=lambda each: -each[0]):  # the first that is steady is the one
        trials.append(Trial(clusters, stability(few, clusters, rng=rng), apart))
        if trials[-1].least >= VALID:
            break
    chosen = trials[-1] if trials[-1].least >= VALID else max(trials, key=lambda each: each.least)
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

    So clusters are called that have no names from before.
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
        "at": [brief(each) for each in centres[at] * scale.width + scale.middle],
        "steady": brief(trial.steady[at]),
        "customers": len(inside),
        "usual": {axis: brief(value) for axis, value in zip(AXES, usual, strict=True)},
    }


def _leaf(leaf: Leaf, names: Sequence[str]) -> dict[str, Any]:
    return {
        "cluster": names[leaf.label],
        "size": leaf.size,
        "right": leaf.right,
        "path": [[AXES[test.column], brief(test.limit), test.at_most] for test in leaf.path],
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
        "model": model_row(version, "none", reason, context),
    }
