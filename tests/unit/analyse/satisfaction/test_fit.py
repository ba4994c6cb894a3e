"""What satisfaction goes with: found where it was planted, not found where it was not, silent with few answers."""

import json
from datetime import date, timedelta

import numpy as np
import pytest

from clientela.analyse.customer.satisfaction.fit import FEWEST, fit_satisfaction_effect
from clientela.contracts.analysis import FitContext

AS_OF = date(2024, 7, 1)


def context() -> FitContext:
    return FitContext(
        as_of=AS_OF, origins=(), horizon_days=92, first_day=date(2021, 1, 1), version="1", parameters={}, sample=1.0,
        rng=np.random.default_rng(0),
    )  # fmt: skip


def world(
    seed: int, customers: int, *, fewer: float = 0.0, smaller: float = 0.0, discounts: float = 0.0, about: str = "mixed"
) -> dict[str, np.ndarray]:
    """``satisfaction_case`` of customers who are the less content the less they buy anyway.

    Of the dissatisfied, purchases are fewer afterwards by the share ``fewer`` (twice that about service, none about the
    product, where ``about`` is "split"), baskets by ``smaller``, and the share on a discount grows by ``discounts``.
    """
    rng = np.random.default_rng(seed)
    rate = rng.gamma(3.0, 2.0, customers)
    felt = 0.3 * np.log(rate) + rng.normal(0, 1, customers)  # unhappy customers bought less before, too
    feeling = np.where(felt > 0.4, "satisfied", np.where(felt > -0.3, "neutral", "dissatisfied"))
    unhappy = feeling == "dissatisfied"
    subject = rng.choice(["service", "product"], customers)
    change = fewer * (np.where(subject == "service", 2.0, 0.0) if about == "split" else 1.0) * unhappy
    older, before = rng.poisson(rate), rng.poisson(rate)
    after = rng.poisson(rate * (1 - change))
    basket = np.exp(rng.normal(3.5, 0.4, customers))
    spent = [days * basket * np.exp(rng.normal(0, 0.2, customers)) for days in (before, after)]
    spent[1] = spent[1] * np.where(unhappy, 1 - smaller, 1)
    prone = np.clip(rng.beta(2, 6, customers), 0, 0.7)
    shares = [np.clip(prone + rng.normal(0, 0.05, customers) + add, 0, 1) for add in (0, discounts * unhappy)]
    return {
        "customer_id": np.arange(customers),
        "feeling": feeling.astype(object),
        "about": subject.astype(object),
        "told_on": np.array(
            [AS_OF - timedelta(days=int(ago)) for ago in rng.integers(93, 700, customers)], "datetime64[D]"
        ),
        "known_days": np.full(customers, 8 * 92),
        "ever_days": older + before + rng.poisson(6 * rate),
        "older_days": older,
        "before_days": before,
        "after_days": after,
        "before_revenue": spent[0],
        "after_revenue": spent[1],
        "before_known": spent[0],
        "after_known": spent[1],
        "before_discounted": spent[0] * shares[0],
        "after_discounted": spent[1] * shares[1],
    }


NOBODY = {"has_answered": np.zeros(0, np.int64), "customers": np.zeros(0), "revenue": np.zeros(0)}
REPLIES = {"has_answered": np.array([0, 1]), "customers": np.array([900, 100]), "revenue": np.array([9e4, 2e4])}


def prices(
    seed: int, *, products: int = 40, satisfied: float = -1.2, dissatisfied: float = -2.4, changes: float = 0.1
) -> dict[str, np.ndarray]:
    """``satisfaction_price`` of two years in which satisfied and dissatisfied customers have these elasticities."""
    rng = np.random.default_rng(seed)
    months = 24
    product = np.repeat([f"p{number}" for number in range(products)], months).astype(object)
    price = np.exp(np.repeat(rng.normal(2, 0.7, products), months) + rng.normal(0, changes, products * months))
    liked = np.repeat(rng.gamma(2.0, 1.5, products), months) * rng.gamma(4.0, 0.25, products * months)
    rows = []
    for feeling, value, many in (("satisfied", satisfied, 400.0), ("dissatisfied", dissatisfied, 150.0)):
        days = np.tile(np.round(many * (1 + 0.3 * np.cos(2 * np.pi * np.arange(months) / 12))), products)
        pieces = rng.poisson(liked * days / 100 * (price / np.exp(2)) ** value).astype(float)
        rows.append({
            "product_id": product, "month": np.tile(np.arange("2022-01", "2024-01", dtype="datetime64[M]"), products),
            "feeling": np.full(product.size, feeling, dtype=object), "price": price, "days": days,
            "pieces": pieces, "lines": pieces,
        })  # fmt: skip
    return {name: np.concatenate([each[name] for each in rows]) for name in rows[0]}


NO_PRICES = {name: values[:0] for name, values in prices(0, products=1).items()}


def learned(
    cases: dict[str, np.ndarray], reply: dict[str, np.ndarray] | None = None, price: dict[str, np.ndarray] | None = None
) -> dict[str, object]:
    given = {
        "satisfaction_case": cases,
        "satisfaction_reply": reply or NOBODY,
        "satisfaction_price": price or NO_PRICES,
    }
    told = fit_satisfaction_effect(given, context())
    return {**json.loads(told["model"]["parameters"][0]), "winner": bool(told["model"]["winner"][0])}


def effect(
    said: dict[str, object], outcome: str, group: str = "dissatisfied", about: str | None = None
) -> dict[str, float]:
    return next(
        each for each in said["effects"]  # type: ignore[attr-defined] # a list of mappings
        if (each["outcome"], each["group"], each["about"]) == (outcome, group, about)
    )  # fmt: skip


def test_what_was_planted_is_found_within_its_range():
    said = learned(world(1, 3000, fewer=0.25, smaller=0.15, discounts=0.08))
    less = effect(said, "frequency")
    assert less["low"] < -0.25 * less["as_satisfied"] < less["high"]
    assert effect(said, "basket")["low"] < -0.15 < effect(said, "basket")["high"]
    assert effect(said, "discount")["low"] < 0.08 < effect(said, "discount")["high"]
    for name in ("frequency", "basket", "discount"):
        assert effect(said, name)["false_share"] < 0.001, name
        assert effect(said, name, "neutral")["false_share"] > 0.05, name


def test_that_the_unhappy_bought_less_before_is_not_taken_for_an_effect():
    cases = world(2, 3000)
    unhappy, happy = (cases["feeling"] == name for name in ("dissatisfied", "satisfied"))
    assert cases["after_days"][unhappy].mean() < 0.85 * cases["after_days"][happy].mean()  # the raw difference
    gone = effect(learned(cases), "frequency")
    assert gone["low"] < 0 < gone["high"]
    assert abs(gone["effect"]) < 0.05 * gone["as_satisfied"]


def test_ranges_hold_and_chance_is_rarely_called_clear():
    inside, clear, trials = 0, 0, 50
    for seed in range(trials):
        told = effect(learned(world(100 + seed, 400, smaller=0.1)), "basket")
        inside += told["low"] <= -0.1 <= told["high"]
        clear += any(each["false_share"] <= 0.05 for each in learned(world(500 + seed, 400))["effects"])  # type: ignore[attr-defined]
    assert inside >= 0.86 * trials  # 95 % are expected
    assert clear <= 0.14 * trials  # 5 %


def test_what_was_asked_about_is_told_apart_and_drawn_together():
    said = learned(world(3, 4000, fewer=0.2, about="split"))
    service, product = (effect(said, "frequency", about=name) for name in ("service", "product"))
    assert service["effect"] < product["effect"] - 0.5
    assert service["effect"] < effect(said, "frequency")["effect"] < product["effect"]
    alike = learned(world(4, 300, fewer=0.2))
    drawn = [effect(alike, "frequency", about=name)["effect"] for name in ("service", "product")]
    assert abs(drawn[0] - drawn[1]) < 1.0


def test_newer_answers_are_foretold_from_older_ones():
    test = learned(world(5, 4000, fewer=0.4))["test"]["frequency"]  # type: ignore[index] # a mapping
    assert test["rmse"] < test["without"]
    assert test["low"] > 0
    assert test["rmse_low"] < test["rmse"] < test["rmse_high"]
    nothing = learned(world(6, 2000))["test"]["frequency"]  # type: ignore[index] # a mapping
    assert nothing["low"] < 0 < nothing["high"]


@pytest.mark.parametrize("customers", [0, 1, 30, 60])
def test_few_answers_are_said_to_be_few(customers: int):
    said = learned({name: values[:customers] for name, values in world(7, 200).items()})
    assert (said["winner"], said["reason"], said["needed"]) == (False, "few", FEWEST)
    assert sum(said["counts"].values()) <= customers  # type: ignore[attr-defined] # a mapping


def test_the_order_of_rows_does_not_matter():
    cases = world(8, 500, fewer=0.2)
    order = np.random.default_rng(1).permutation(500)
    one, other = learned(cases), learned({name: values[order] for name, values in cases.items()})
    for left, right in zip(one["effects"], other["effects"], strict=True):  # type: ignore[call-overload] # lists
        assert left["effect"] == pytest.approx(right["effect"])


def test_without_known_discounts_the_rest_is_told():
    cases = world(9, 500)
    cases["before_known"] = np.zeros(500)
    assert {each["outcome"] for each in learned(cases)["effects"]} == {"frequency", "basket"}  # type: ignore[attr-defined]


def test_who_complained_without_a_survey_is_a_group_of_its_own():
    cases = world(10, 800, fewer=0.5)
    half = np.flatnonzero(cases["feeling"] == "dissatisfied")[::2]
    cases["feeling"][half], cases["about"][half] = "complained", None
    said = learned(cases)
    assert effect(said, "frequency", "complained")["high"] < 0
    assert effect(said, "frequency", "complained")["n"] == (cases["feeling"] == "complained").sum()


def test_who_did_not_answer_is_counted():
    assert learned(world(11, 500), REPLIES)["reply"] == {
        "answered": 100, "silent": 900, "answered_revenue": 200.0, "silent_revenue": 100.0,
    }  # fmt: skip


def test_how_far_prices_move_each_of_them_is_recovered():
    cases = world(12, 500)
    inside = {"satisfied": 0, "dissatisfied": 0, "apart": 0}
    for seed in range(20):
        said = learned(cases, price=prices(seed))
        told: dict[str, dict[str, float]] = said["prices"]  # type: ignore[assignment] # a mapping
        apart = effect(said, "price")
        inside["satisfied"] += told["satisfied"]["low"] <= -1.2 <= told["satisfied"]["high"]
        inside["dissatisfied"] += told["dissatisfied"]["low"] <= -2.4 <= told["dissatisfied"]["high"]
        inside["apart"] += apart["low"] <= -1.2 <= apart["high"]
        assert apart["effect"] == pytest.approx(told["dissatisfied"]["value"] - told["satisfied"]["value"], abs=1e-6)
        assert (apart["own"], apart["as_satisfied"]) == tuple(
            told[name]["value"] for name in ("dissatisfied", "satisfied")
        )
        assert apart["false_share"] < 0.01
    assert min(inside.values()) >= 17  # of 20, 19 are expected


def test_who_is_moved_alike_is_not_told_apart():
    clear = sum(
        effect(learned(world(13, 400), price=prices(seed, dissatisfied=-1.2)), "price")["false_share"] <= 0.05
        for seed in range(20)
    )
    assert clear <= 3


def test_without_enough_prices_that_changed_it_is_said_why():
    cases = world(14, 400)
    assert learned(cases)["prices"] == {"reason": "products", "found": 0, "needed": 10}
    assert learned(cases, price=prices(1, products=9))["prices"] == {"reason": "products", "found": 9, "needed": 10}
    few = prices(1)
    few["lines"] = np.where(few["feeling"] == "dissatisfied", 1 / 16, few["lines"])
    assert learned(cases, price=few)["prices"] == {"reason": "lines", "found": 60, "needed": 100}
    found: list[dict[str, str]] = learned(cases, price=few)["effects"]  # type: ignore[assignment] # a list of mappings
    assert "price" not in {each["outcome"] for each in found}
    same = learned(cases, price=prices(1, changes=0.0))["prices"]
    assert same["reason"] == "products"  # type: ignore[index] # a mapping
