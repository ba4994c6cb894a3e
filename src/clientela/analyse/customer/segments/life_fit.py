"""What the run does to know how customers move between the states of their life, and whether that holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clientela.analyse.customer.learned import brief, model_row
from clientela.contracts.analysis import Arrays, FitContext
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.grouping.migration import steady_state, transition

STATES = ("life:new", "life:active", "life:lapsing", "life:lost", "life:won-back")
"""The states of customers who have bought."""
BEFORE = ("life:competitors", "life:qualified", "life:prospect")
"""The states of those who have not: they stay, change among these, or move into those."""
FEWEST = 30


def fit_moves(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """The chances of moving between states within a horizon, as a row of ``model``; its test in its parameters.

    Parameters
    ----------
    tables :
        ``life_move``.
    """
    moves = tables["life_move"]
    days = np.asarray(moves["as_of"], dtype="datetime64[D]")
    steps = [_counted(moves, days == day) for day in np.unique(days)]
    became = _became(moves)
    people = sum((each[0] for each in steps), np.zeros((len(STATES), len(STATES))))
    if people.sum() < FEWEST:
        reason = {"reason": "few", "customers": round(float(people.sum())), "needed": FEWEST, "became": became}
        return {"model": model_row(f"{context.version}/none", "none", reason, context)}
    chances = transition(people)
    money = sum((each[1] for each in steps), np.zeros((len(STATES), len(STATES))))
    worth = np.divide(money.sum(axis=0), people.sum(axis=0), out=np.zeros(len(STATES)), where=people.sum(axis=0) > 0)
    now = steps[-1][0].sum(axis=0)
    said: dict[str, Any] = {
        "horizon_days": context.horizon_days,
        "states": list(STATES),
        "steps": len(steps),
        "customers": round(float(people.sum())),
        "chances": [[brief(each) for each in row] for row in chances],
        "seen": [round(float(each)) for each in people.sum(axis=1)],
        "became": became,
        "newest": [[round(float(each)) for each in row] for row in steps[-1][0]],
        "steady": [brief(each) for each in steady_state(chances)],
        "worth": [brief(each) for each in worth],
        "now_worth": brief(float(now @ worth)),
        "next_worth": brief(float(now @ chances @ worth)),
        "test": _test([each[0] for each in steps]),
    }
    return {"model": model_row(f"{context.version}/moves", "moves", said, context)}


def _counted(moves: Arrays, chosen: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Customers and money by the states they went from and to, (k, k) each."""
    people, money = np.zeros((len(STATES), len(STATES))), np.zeros((len(STATES), len(STATES)))
    place = {name: at for at, name in enumerate(STATES)}
    for row in np.flatnonzero(chosen):
        was, now = str(moves["from_segment"][row]), str(moves["to_segment"][row])
        if was in place and now in place:
            people[place[was], place[now]] += float(moves["customers"][row])
            money[place[was], place[now]] += float(moves["recent_revenue"][row])
    return floats(people), floats(money)


def _became(moves: Arrays) -> dict[str, dict[str, Any]]:
    """Of those who had not bought, by state: how many were followed for a horizon, and the share in each state then.

    The shares are drawn towards those of all who had not bought, by one person.
    """
    among = (*BEFORE, *STATES)
    counts = np.zeros((len(BEFORE), len(among)))
    place = {name: at for at, name in enumerate(among)}
    for was, now, people in zip(moves["from_segment"], moves["to_segment"], moves["customers"], strict=True):
        if str(was) in BEFORE and str(now) in place:
            counts[place[str(was)], place[str(now)]] += float(people)
    if not counts.sum() > 0:
        return {}
    shares = transition(floats(counts))
    return {
        name: {
            "people": round(float(counts[at].sum())),
            "bought": round(float(counts[at, len(BEFORE) :].sum())),
            "not_yet": brief(float(shares[at, : len(BEFORE)].sum())),
            "chances": [brief(float(each)) for each in shares[at, len(BEFORE) :]],
        }
        for at, name in enumerate(BEFORE)
        if counts[at].sum() > 0
    }


def _test(steps: list[Floats]) -> dict[str, float] | None:
    """How far the states of the newest date were from those foreseen from older moves, against no change at all.

    Half the sum of the differences of the shares: the part of the customers that would have to change the state.
    """
    older = sum(steps[:-1], np.zeros_like(steps[-1]))
    newest = steps[-1]
    if len(steps) < 2 or older.sum() < FEWEST or newest.sum() < FEWEST:
        return None
    before, came = newest.sum(axis=1) / newest.sum(), newest.sum(axis=0) / newest.sum()
    foreseen = before @ transition(floats(older))
    return {
        "error": brief(float(np.abs(foreseen - came).sum() / 2)),
        "naive": brief(float(np.abs(before - came).sum() / 2)),
        "customers": round(float(newest.sum())),
    }
