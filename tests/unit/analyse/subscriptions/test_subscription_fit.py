"""subscription-churn, the fit: contracts whose hazards are known are told them; thin data abstain with their reason."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import betaln

from clientela.analyse.customer.contacting import COSTS, Earned, chosen
from clientela.analyse.customer.subscriptions.fit import FEWEST, fit_subscriptions, seen_at
from clientela.analyse.customer.subscriptions.hazards import BOOSTED, RENEWALS, Kinds, chance, learn, staying
from clientela.analyse.customer.subscriptions.subscription_churn import SUBSCRIPTION_CHURN
from clientela.analyse.customer.subscriptions.worth import Period, ahead_of, months_paid
from clientela.contracts.analysis import Arrays
from clientela.errors import ConfigurationError
from clientela.estimators.arrays import floats
from clientela.estimators.profit import expected_maximum_profit
from tests.unit.analyse.subscriptions.portfolio import (
    AS_OF,
    HORIZON_DAYS,
    NEVER,
    Portfolio,
    few,
    portfolio,
    reason,
    winner,
)

UNPAID = 0.004


@pytest.fixture(scope="module")
def known() -> Portfolio:
    return portfolio(1, 20_000, unpaid=UNPAID)


@pytest.fixture(scope="module")
def fitted(known: Portfolio) -> Arrays:
    return dict(known.fitted())


def figures(fitted: Arrays, candidate: str) -> dict[str, float]:
    columns = (fitted["backtest"][name] for name in ("candidate", "metric", "value"))
    return {metric: float(value) for name, metric, value in zip(*columns, strict=True) if name == candidate}


def test_it_foresees_how_many_end(known: Portfolio, fitted: Arrays):
    said = winner(fitted)["parameters"]
    expected, low, high = said["expected_to_end"]
    assert low < known.ended().sum() < high
    assert (high - low) / expected < 0.25
    assert said["contracts"] == len(known.running())
    assert said["money_a_month"] == pytest.approx(known.amount[known.running()].sum())


def test_the_survival_of_new_contracts_is_the_true_one_within_a_point():
    by_month = portfolio(1, 40_000, yearly=0.0, unpaid=UNPAID)
    truth = np.exp(betaln(0.7, 6 + 12) - betaln(0.7, 6)) * (1 - UNPAID) ** 12
    assert winner(by_month.fitted())["parameters"]["stays_a_year"] == pytest.approx(truth, abs=0.01)


def test_chances_come_true_as_often_as_they_say(known: Portfolio, fitted: Arrays):
    found = figures(fitted, winner(fitted)["candidate"])
    assert found["ece"] <= 0.02
    assert 0.9 <= found["slope"] <= 1.1
    assert found["log_loss"] < 0.95 * figures(fitted, "rate")["log_loss"]


def test_the_renewals_find_the_hazards_that_made_them(fitted: Arrays):
    models = dict(zip(fitted["model"]["candidate"], fitted["model"]["parameters"], strict=True))
    alpha, beta = json.loads(models[RENEWALS])["monthly"]
    assert alpha / (alpha + beta) == pytest.approx(0.7 / 6.7, abs=0.01)


def test_want_of_payment_is_told_apart(known: Portfolio, fitted: Arrays):
    rows = known.running()
    lost = known.unpaid[rows] & known.ended()
    assert winner(fitted)["parameters"]["expected_unpaid"] == pytest.approx(lost.sum(), rel=0.25)
    cells = fitted["subscription_cell"]
    assert ((cells["unpaid"] > 0) & (cells["unpaid"] < cells["probability"])).all()
    never = portfolio(2, 3_000, unpaid=0.0).fitted()
    assert set(never["subscription_cell"]["unpaid"]) == {0.0}
    assert winner(never)["parameters"]["unpaid_a_part"] == 0


def test_the_year_of_a_contract_ends_once_a_year(fitted: Arrays):
    cells = fitted["subscription_cell"]
    in_time = (cells["tenure_days"] + HORIZON_DAYS) // 365.25 > cells["tenure_days"] // 365.25
    yearly = cells["is_yearly"]
    assert cells["probability"][yearly & in_time].mean() == pytest.approx(0.25, abs=0.04)
    assert cells["probability"][yearly & ~in_time].mean() < 0.05
    assert set(cells["reason"][yearly & in_time]) == {"renewal"}
    assert "renewal" not in set(cells["reason"][~yearly])


def test_each_kind_of_contract_has_a_chance_within_its_interval(known: Portfolio, fitted: Arrays):
    cells = fitted["subscription_cell"]
    assert ((cells["low"] > 0) & (cells["low"] <= cells["probability"])).all()
    assert ((cells["probability"] <= cells["high"]) & (cells["high"] < 1)).all()
    assert ((cells["months"] > 0) & (cells["months"] <= 12)).all()
    count = known.period()
    today = count["as_of"] == np.datetime64(AS_OF, "D")
    assert len(cells["as_of"]) == today.sum()
    assert set(cells["model_version"]) == {winner(fitted)["version"]}


def test_what_a_reason_moves_is_what_it_moves(known: Portfolio, fitted: Arrays):
    """With the age at the middle, the chance is lower by what is stated: of contracts of each reason, all are tried."""
    table = known.period()
    origins = [found for on in known.context.origins if (found := seen_at(table, on)) is not None]
    learned = learn(origins, HORIZON_DAYS / 3)[winner(fitted)["candidate"]]
    cells = fitted["subscription_cell"]
    rows = np.flatnonzero(cells["reason"] == "tenure")
    own = Kinds(
        yearly=cells["is_yearly"][rows] * 1.0,
        tenure=cells["tenure_days"][rows] * 1.0,
        amount=cells["amount_step"][rows] * 1.0,
    )
    middle = replace(own, tenure=np.full(len(rows), learned.middle.tenure))
    moved = chance(learned, own, 3) - chance(learned, middle, 3)
    assert len(rows) > 100
    assert np.mean(np.abs(cells["move"][rows] - moved) < 1e-6) >= 0.95


def test_a_year_of_a_contract_is_worth_no_more_than_twelve_months(known: Portfolio):
    table = known.period()
    origins = [found for on in known.context.origins if (found := seen_at(table, on)) is not None]
    learned = learn(origins, HORIZON_DAYS / 3)[RENEWALS]
    kinds = Kinds(yearly=np.zeros(2), tenure=np.array([0.0, 1_000.0]), amount=np.full(2, 8.0))
    stays = staying(learned, kinds, 12)[0]
    plain = months_paid(learned, kinds, Period(rate=0.0))
    assert plain == pytest.approx(1 + stays[:, :11].sum(1))
    assert plain[1] > plain[0]
    assert (months_paid(learned, kinds, Period(rate=0.1)) < plain).all()


def test_what_contracts_leave_is_their_margin_with_the_chance_to_end(known: Portfolio, fitted: Arrays):
    assert len(fitted["subscription_value"]["as_of"]) == 0  # what they cost is not known
    value = replace(known, share_kept=0.4, share_own=0.25).fitted()["subscription_value"]
    told = {name: values[0] for name, values in value.items()}
    said = winner(fitted)["parameters"]
    assert told["contracts"] == said["contracts"]
    assert told["margin_a_month"] == pytest.approx(0.4 * said["money_a_month"])
    assert told["own_cost_share"] == pytest.approx(0.25)
    assert told["others_known_by"] == "contracts"
    lost = [told[name] for name in ("lost", "lost_low", "lost_high")]
    assert lost == pytest.approx([0.4 * each for each in said["expected_loss"]], rel=1e-4)
    assert told["year_low"] < told["year_margin"] < told["year_high"] < 12 * told["margin_a_month"]


def test_the_year_of_contracts_that_leave_on_known_days_lies_in_its_range():
    firm = portfolio(3, 6_000)
    table = firm.period()
    origins = [found for on in firm.context.origins if (found := seen_at(table, on)) is not None]
    learned = learn(origins, HORIZON_DAYS / 3)[RENEWALS]
    rng = np.random.default_rng(6)
    kinds = Kinds(yearly=np.zeros(1), tenure=np.full(1, 200.0), amount=np.full(1, 8.0))
    stays = staying(learned, kinds, 12)[0][0]
    parts = np.searchsorted(-stays, -rng.random((4_000, 50)), side="left") + 1  # paid for at the start of each part
    came = 10.0 * np.minimum(parts, 12).sum(1)
    middle, low, high = ahead_of(learned, kinds, np.full(1, 500.0), np.full(1, 5_000.0), Period(rate=0.0), 0.0)
    assert middle == pytest.approx(came.mean(), rel=0.01)
    by_chance = 1.96 * came.std()
    assert high - middle == pytest.approx(middle - low)
    assert 0.97 * by_chance < high - middle < 1.3 * by_chance  # what was learned from thousands adds little
    wider = ahead_of(learned, kinds, np.full(1, 500.0), np.full(1, 5_000.0), Period(rate=0.0), 0.5)
    assert wider[2] > high


def test_rows_in_any_order_give_the_same_tables(known: Portfolio, fitted: Arrays):
    table = known.period()
    order = np.random.default_rng(5).permutation(len(table["as_of"]))
    other = fit_subscriptions({"subscription_period": {n: v[order] for n, v in table.items()}}, known.context)
    assert other["subscription_cell"]["probability"] == pytest.approx(fitted["subscription_cell"]["probability"])
    assert list(other["model"]["parameters"]) == list(fitted["model"]["parameters"])


def test_few_contracts_bear_no_trees(fitted: Arrays):
    assert BOOSTED in fitted["backtest"]["candidate"]
    assert BOOSTED not in portfolio(2, 1_500).fitted()["backtest"]["candidate"]


def test_no_contracts_or_a_short_history_say_so(known: Portfolio):
    empty = {name: values[:0] for name, values in known.period().items()}
    assert reason(fit_subscriptions({"subscription_period": empty}, known.context)) == {"reason": "no_contracts"}
    young = replace(portfolio(2, 500), origins=1)
    assert reason(young.fitted()) == {"reason": "too_short", "days": 1_200, "needed": 276}


def test_few_that_ended_or_ran_on_are_too_few():
    stays = np.full(200, NEVER)
    nine = stays.copy()
    nine[:9] = 1_150
    assert reason(few(nine).fitted()) == {"reason": "few_ended", "found": 0, "needed": FEWEST}
    lost = np.full(200, NEVER)
    lost[:60] = np.arange(60) * 6 + 840
    assert reason(few(lost, unpaid=np.ones(200, bool)).fitted())["reason"] == "only_unpaid"


def test_contracts_that_are_all_alike_are_told_one_chance():
    rng = np.random.default_rng(4)
    alike = few(rng.geometric(1 / 1_500, 3_000).astype(int))
    found = alike.fitted()
    assert reason(found)["reason"] == "no_better"
    assert reason(found)["share"] == pytest.approx(1 - (1 - 1 / 1_500) ** HORIZON_DAYS, abs=0.015)
    assert len(found["subscription_cell"]["probability"]) == 0
    assert len(found["backtest"]["metric"]) > 0  # what was tried is shown all the same


@pytest.mark.parametrize("seed", range(4))
def test_thirty_contracts_get_an_interval_or_a_reason(seed: int):
    found = portfolio(seed, 60).fitted()
    if found["model"]["winner"].any():
        said = winner(found)["parameters"]
        expected, low, high = said["expected_to_end"]
        assert 0 < low < expected < high < said["contracts"]
    else:
        assert reason(found)["reason"] in ("few_ended", "few_stayed", "no_better", "only_unpaid")


def test_what_serves_earns_most_and_what_the_company_says_it_costs_decides(known: Portfolio, fitted: Arrays):
    found = {name: figures(fitted, name) for name in set(fitted["backtest"]["candidate"])}
    served, profit = winner(fitted)["candidate"], {name: each["profit"] for name, each in found.items()}
    assert profit[served] > profit["rate"] > 0 or profit[served] > 0 >= profit["rate"]
    assert profit[served] > 0.97 * max(profit.values())
    terms = {"worth_kept": 400.0, "offer_cost": 20.0, "contact_cost": 2.0}
    dear = fit_subscriptions({"subscription_period": known.period()}, replace(known.context, parameters=terms))
    assert figures(dear, served)["profit"] == pytest.approx(2 * profit[served])
    wrong = replace(known.context, parameters={"offer_cost": 300.0})
    with pytest.raises(ConfigurationError, match=r"\[analysis.subscription-churn\] says .*offer_cost = 300"):
        fit_subscriptions({"subscription_period": known.period()}, wrong)
    assert {**COSTS}.items() <= SUBSCRIPTION_CHURN.fit_parameters.items()


def test_of_two_methods_the_one_that_earns_more_serves_though_its_log_loss_is_larger():
    left, n = np.array([90.0, 10.0, 0.0]), np.array([100.0, 100.0, 800.0])
    ranked = [floats([0.9, 0.5, 0.4]), floats([0.35, 0.34, 0.05])]
    tried = {
        name: Earned(profit=expected_maximum_profit(each, left, n), auc=auc, log_loss=loss)
        for name, each, auc, loss in (
            ("dull", np.full(3, 0.1), 0.5, 0.33),
            ("sharp", ranked[0], 0.9, 0.3),
            ("mixed", np.array([0.05, 0.35, 0.34]), 0.7, 0.2),
        )
    }
    assert chosen(tried, "dull", n, left) == "sharp"
    level = {**tried, "mixed": Earned(profit=expected_maximum_profit(ranked[1], left, n), auc=0.9, log_loss=0.2)}
    assert chosen(level, "dull", n, left) == "mixed"  # it earns as much
    bold = {"dull": tried["dull"], "sharp": Earned(profit=tried["sharp"].profit, auc=0.9, log_loss=0.34)}
    assert chosen(bold, "dull", n, left) == "dull"  # it ranks well, but its chances are farther off than one for all


def test_a_rate_of_discount_is_a_share(known: Portfolio):
    with pytest.raises(ConfigurationError, match=r"discount_rate = 2; it is a share a year"):
        fit_subscriptions({"subscription_period": {}}, replace(known.context, parameters={"discount_rate": 2.0}))
