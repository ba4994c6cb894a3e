"""churn-risk on a real grocer: what the issue asks of the winner, from the original file."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from clientela.contracts.analysis import Arrays
from tests.unit.analyse.companies import Company, winner
from tests.unit.estimators.simulated import Purchases

ZONE = pa.timestamp("us", "America/New_York")


@pytest.fixture(scope="module")
def fitted(shared_data: Path) -> dict[str, Arrays]:
    """The fit as of 2018-01-01, day 365: households by New York's days, the horizon 92 days."""
    columns = ["household_id", "transaction_timestamp"]
    lines = pq.read_table(shared_data / "complete_journey" / "transactions.parquet", columns=columns)
    at = pc.assume_timezone(lines["transaction_timestamp"].cast(pa.timestamp("us")), "UTC").cast(ZONE)
    day = pc.local_timestamp(at).to_numpy().astype("datetime64[D]") - np.datetime64("2017-01-01")
    _, household = np.unique(lines["household_id"].to_numpy(), return_inverse=True)
    pairs = np.unique(np.column_stack([household, day.astype(int)]), axis=0).astype(float)
    bought = Purchases(customer=pairs[:, 0], day=pairs[:, 1], customers=int(pairs[:, 0].max()) + 1)
    return dict(Company(bought, days=365, origins=3).fitted())


def figures_of(fitted: dict[str, Arrays], candidate: str) -> dict[str, float]:
    found = fitted["backtest"]
    return {
        m: float(v)
        for c, m, v in zip(*(found[n] for n in ("candidate", "metric", "value")), strict=True)
        if c == candidate
    }


def test_the_winner_is_as_good_as_was_asked_on_months_it_had_not_seen(fitted: dict[str, Arrays]):
    found = figures_of(fitted, winner(fitted)["candidate"])
    assert found["auc"] >= 0.87
    assert found["ece"] <= 0.02
    assert 0.9 <= found["slope"] <= 1.1
    assert found["left"] == 141
    assert set(fitted["backtest"]["n"][fitted["backtest"]["metric"] == "auc"]) == {2446}


def test_the_figures_of_the_page_are_these(fitted: dict[str, Arrays]):
    page = {"combined": (0.884, 0.1555, 134), "visits": (0.882, 0.157, 152), "both": (0.871, 0.1627, 126)}
    page |= {"silence": (0.859, 0.1635, 149), "bg-nbd": (0.870, 0.1640, 123), "gap": (0.863, 0.1642, 159)}
    for candidate, (auc, log_loss, expected) in page.items():
        found = figures_of(fitted, candidate)
        assert (round(found["auc"], 3), round(found["log_loss"], 4), round(found["expected"])) == (
            auc,
            log_loss,
            expected,
        )
    assert winner(fitted)["candidate"] == "combined"


def test_so_many_households_may_not_return(fitted: dict[str, Arrays]):
    parameters = winner(fitted)["parameters"]
    assert parameters["customers"] == 2469
    assert [round(each) for each in parameters["expected_to_leave"]] == [148, 125, 174]
