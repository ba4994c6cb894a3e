"""What contacts earn that go where a run's tiers say, beside its RFM groups and churn scores, where the truth is known.

    python -m tests.pipeline.targeted [SEEDS] [CUSTOMERS] [SHARE]

A synthetic company lives for 130 weeks and delivers its files; a run reads them. Of what that run publishes each way of
choosing gets as many contacts, each customer one: the tier *invest* under a budget for so many, the sums of the RFM
fifths, the churn scores. What a contact really earns is the company's own truth: the margin of the 13 weeks with it
less that without it, 0 for who has left.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from clientela.estimators.arrays import Floats, floats
from clientela.testing.company.buying.worth import worth
from clientela.testing.company.company import Company
from clientela.testing.company.exports.numbers import accounts_called
from clientela.testing.company.world import World
from clientela.warehouse.store.snapshot import current
from tests.pipeline.calibration import WORLDS, seen
from tests.pipeline.calibration import world as made_of
from tests.unit.analyse.tiers.targeting import AHEAD_WEEKS, SEEN_WEEKS, difference

RIVALS = ("rfm", "churn score", "chance")
_FINE = 0.01  # of the currency: what a contact costs, so that the budget alone decides
_TIERS = "\n[analysis.investment-tier]\ninvest_cost = {cost}\nmaintain_cost = {half}\nbudget = {budget}\n"
_PUBLISHED = """
select person.record_id, tier.tier, score.value as churn, rfm.revenue,
    rfm.recency_fifth + rfm.frequency_fifth + rfm.money_fifth as fifths
from facts.customer_tier as tier
join facts.score as score
    on score.customer_id = tier.customer_id and score.as_of = tier.as_of and score.analysis = 'churn-risk'
join facts.rfm as rfm on rfm.customer_id = tier.customer_id and rfm.as_of = tier.as_of
join facts.identity as known on known.customer_id = tier.customer_id
join people.identity as person using (customer_ref)
order by person.record_id
"""


def earned(world: World, share: float) -> dict[str, float]:
    """What the contacts of each way earn in a company that a run sees for the first time, in cents."""
    with tempfile.TemporaryDirectory() as folder:
        known = round(share * world.customers)
        asked = _TIERS.format(cost=_FINE, half=_FINE / 2, budget=known * _FINE)
        company, _ = seen(Path(folder), world, SEEN_WEEKS, asked)
        rows = _published(Path(folder) / "w")
    account = accounts_called(pa.array([str(row["record_id"]) for row in rows], pa.string()), company.accounts.system)
    assert (account >= 0).all(), "each customer of the run is one of the company's"
    customer = company.accounts.customer[account]
    assert len({*customer.tolist()}) == len(rows), "each customer has one account"
    earns = _earns(company)[customer]
    return {name: float(earns[who].sum()) for name, who in _chosen(rows, np.random.default_rng(world.seed)).items()}


def _published(workspace: Path) -> list[dict[str, object]]:
    published = current(workspace)
    assert published is not None
    with duckdb.connect() as connection:
        for name in ("facts", "people"):
            connection.execute(f"attach '{published.paths[name]}' as {name} (read_only)")
        return list(connection.sql(_PUBLISHED).to_arrow_table().to_pylist())


def _earns(company: Company) -> Floats:
    """What a contact really earns with each customer, in cents."""
    people, made = company.latent, company._tills.assortment
    with_it, without = (worth(company.habit, made, AHEAD_WEEKS, more=more) for more in (people.responds, None))
    return np.where(people.leaves > SEEN_WEEKS, with_it.margin - without.margin, 0.0)


def _chosen(rows: list[dict[str, object]], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Whom each way contacts, as many by each."""
    fifths, revenue, churn = (
        floats([float(str(row[name])) for row in rows]) for name in ("fifths", "revenue", "churn")
    )
    tiers = np.flatnonzero([row["tier"] == "tier:invest" for row in rows])
    random = rng.permutation(len(rows))
    by = {
        "rfm": np.lexsort((-revenue, -fifths)),  # the best groups first, of one group those who brought most
        "churn score": np.lexsort((random, -churn)),
        "chance": random,
    }
    return {"tiers": tiers} | {name: order[: tiers.size] for name, order in by.items()}


def compared(kind: str, seeds: int, customers: int, share: float = 0.2) -> dict[str, Floats]:
    """What the contacts of each way earn, in cents, (seeds,)."""
    found = [earned(replace(made_of(kind, customers), seed=seed), share) for seed in range(1, seeds + 1)]
    return {name: floats([each[name] for each in found]) for name in ("tiers", *RIVALS)}


def say(kind: str, told: Mapping[str, Floats]) -> str:
    """The means, and by how much the tiers are ahead, with its interval over the seeds."""
    lines = [f"{kind}: " + ", ".join(f"{name} {float(each.mean()) / 100:,.0f}" for name, each in told.items())]
    for rival in RIVALS:
        mean, low, high = difference(told, rival)
        lines.append(f"  tiers against {rival}: {mean:+.1%} ({low:+.1%} to {high:+.1%})")
    return "\n".join(lines)


def main(seeds: int, customers: int, share: float) -> None:
    """Compare in both worlds and say the figures."""
    for kind in WORLDS:
        sys.stdout.write(say(kind, compared(kind, seeds, customers, share)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    given = sys.argv[1:]
    main(int(given[0]) if given else 20, int(given[1]) if given[1:] else 1_500, float(given[2]) if given[2:] else 0.2)
