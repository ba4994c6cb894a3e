"""look-alike: it finds who is like the best, says why, asks for consent, and is silent where it cannot tell."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from clientela.access.area import EVERYTHING, Area
from clientela.access.rights import Names, Right, Scope
from clientela.analyse.customer.lookalike.fit import Kinds, divided, fit_look_alike, some_of
from clientela.analyse.customer.lookalike.look_alike import LOOK_ALIKE
from clientela.contracts.analysis import Arrays, FitContext, KnowledgeBase
from clientela.contracts.derived.customer.alike import TRAITS
from clientela.contracts.insight import Insight
from clientela.contracts.tables import CONTRACTS
from clientela.contracts.text import Text
from clientela.errors import NotPermittedError, UsageError
from clientela.estimators.arrays import floats
from clientela.warehouse.engine import Engine
from tests.unit.analyse.lookalike.worlds import Company, arrays, company, found, seen, told
from tests.unit.analyse.test_churn_risk import said
from tests.unit.cube.published import Published

ASKED = dict(LOOK_ALIKE.parameters)


def words(message: Any) -> str:
    """A message whose values are messages, in English."""
    assert isinstance(message, Text)
    return message.id.format(**{k: words(v) if isinstance(v, Text) else v for k, v in message.values.items()})


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[Company, Published, KnowledgeBase, dict[str, Arrays]]]:
    made = company(1, 900)
    with Engine.in_memory() as engine:
        published = Published(engine)
        yield (made, published, *told(published, made))


@pytest.fixture(scope="module")
def insight(world: tuple[Company, Published, KnowledgeBase, dict[str, Arrays]]) -> Insight:
    return LOOK_ALIKE.answer(world[2], {**ASKED, "list": 15})


@pytest.fixture(scope="module")
def figures(world: tuple[Company, Published, KnowledgeBase, dict[str, Arrays]]) -> dict[str, Any]:
    return dict(json.loads(str(world[3]["model"]["parameters"][0])))


def test_it_finds_more_of_the_best_than_chance_and_than_the_plain_order(figures: dict[str, Any]):
    for task in ("customer", "prospect"):
        assert figures[task]["low"] > 1, task
        assert figures[task]["lift"] > 0.9 * figures[task]["plain"], task
        assert figures[task]["low"] < figures[task]["lift"] < figures[task]["high"], task
    assert figures["prospect"]["beyond_low"] > 0, "who came by which system tells nothing here"


def test_as_many_of_the_best_were_in_the_top_as_was_said(figures: dict[str, Any]):
    for task in ("customer", "prospect"):
        expected, came = figures[task]["top_expected"], figures[task]["top_found"]
        assert abs(came - expected) < 3 * np.sqrt(expected), task


def test_the_test_counts_who_came_after_what_was_learned_by_hand(
    world: tuple[Company, Published, KnowledgeBase, dict[str, Arrays]], figures: dict[str, Any]
):
    rows = found(world[1], "alike_trait")
    newest = [row for row in rows if row["as_of"].isoformat() == figures["customer"]["tested_at"]]
    asked = [row for row in newest if not row["is_best"] and row["is_observed"]]
    assert figures["customer"]["n"] == len(asked)
    assert figures["customer"]["best"] == sum(row["becomes_best"] for row in asked)
    best = [row for row in newest if row["becomes_best"]]
    assert abs(len(best) - len(newest) / 10) <= 1


def test_hotels_are_proposed_and_named_as_the_reason(insight: Insight):
    assert insight.table is not None
    people = [row for row in insight.table.rows if words(row[2]) == "Has not bought yet"]
    at_the_top = [row for row in people if int(str(row[0])) % 5 == 4]
    assert people[: len(at_the_top)] == at_the_top, "the hotels first"
    assert all("sector: Hotels" in words(row[3]) for row in at_the_top)
    assert all("Hotels" not in words(row[3]) for row in people[len(at_the_top) :])


def test_nobody_below_the_mean_is_listed_however_long_the_list_may_be(
    world: tuple[Company, Published, KnowledgeBase, dict[str, Arrays]], figures: dict[str, Any]
):
    table = LOOK_ALIKE.answer(world[2], {**ASKED, "list": 5000}).table
    assert table is not None
    for task, who in (("customer", "Customer"), ("prospect", "Has not bought yet")):
        chances = [float(str(row[1])) for row in table.rows if words(row[2]) == who]
        assert 0 < len(chances) < figures[task]["asked"]
        assert min(chances) > figures[task]["mean_chance"] - 0.0001


def test_how_the_likeness_was_chosen_is_told_as_known_before_the_test(insight: Insight, figures: dict[str, Any]):
    assert insight.evidence is not None
    said_of_it = [words(each) for each in insight.evidence.sentences if "was decided before the test" in each.id]
    assert len(said_of_it) == 1, "of people one likeness only can be learned here: all came by one system"
    assert "at 2 older date" in said_of_it[0]
    assert figures["customer"]["chosen_by"] == "dates"
    assert "chosen_by" not in figures["prospect"]


def test_who_withdrew_consent_or_never_gave_it_is_not_proposed(insight: Insight):
    assert insight.table is not None
    rows = [(int(str(row[0])), words(row[2]), words(row[4])) for row in insight.table.rows]
    assert all(customer % 3 != 1 for customer, _, _ in rows), "withdrawn"
    assert all(customer % 3 == 0 for customer, who, _ in rows if who == "Has not bought yet"), "not given"
    assert {consent for customer, _, consent in rows if customer % 3 == 0} == {"yes"}
    assert {consent for customer, who, consent in rows if customer % 3 == 2} <= {"never asked"}


def test_the_best_themselves_are_not_proposed(
    world: tuple[Company, Published, KnowledgeBase, dict[str, Arrays]], insight: Insight
):
    proposed = {row["customer_id"]: row for row in found(world[1], "look_alike")}
    latest = [row for row in found(world[1], "alike_trait") if row["as_of"] == insight.as_of]
    assert {row["customer_id"] for row in latest if row["is_best"]} & proposed.keys() == set()
    assert {row["customer_id"] for row in latest if not row["is_best"]} == proposed.keys()
    assert sum(row["task"] == "prospect" for row in proposed.values()) == 50


def test_nothing_personal_is_looked_at(world: tuple[Company, Published, KnowledgeBase, dict[str, Arrays]]):
    personal = {each.name for each in CONTRACTS["customer_record"].columns if each.personal}
    assert {"gender", "birth_date", "nationality", "full_name"} <= personal
    assert personal & {*TRAITS} == set()
    assert "language" not in TRAITS


def test_the_headline_adds_up_the_chances_listed(insight: Insight):
    assert insight.table is not None
    listed = [float(str(row[1])) for row in insight.table.rows if words(row[2]) == "Customer"]
    headline = said(insight.headline)
    assert headline.startswith(
        f"Of the 15 customers most like the best, about {round(sum(listed), 1)} should be among the best tenth until"
    )


def test_customers_or_people_alone_can_be_asked_for(
    world: tuple[Company, Published, KnowledgeBase, dict[str, Arrays]],
):
    for whom, who in (("customers", "Customer"), ("prospects", "Has not bought yet")):
        table = LOOK_ALIKE.answer(world[2], {**ASKED, "whom": whom}).table
        assert table is not None
        assert {words(row[2]) for row in table.rows} == {who}
    with pytest.raises(UsageError, match="one of everybody, customers, prospects"):
        LOOK_ALIKE.answer(world[2], {**ASKED, "whom": "all"})


def test_where_traits_tell_nothing_of_people_nobody_is_proposed_among_them():
    with Engine.in_memory() as engine:
        kb, tables = told(Published(engine), company(2, 500, hotels=1.0, consents=False))
        insight = LOOK_ALIKE.answer(kb, {**ASKED, "whom": "prospects"})
    assert json.loads(str(tables["model"]["parameters"][0]))["prospect"]["reason"] == "no_better"
    assert "times as many of the best as chance would" in words(insight.abstained.values["why"])  # type: ignore[union-attr,arg-type] # it abstained
    assert "prospect" not in tables["alike_cell"]["task"].tolist()


@pytest.mark.parametrize("customers", [1, 30])
def test_few_customers_are_told_so_and_nothing_breaks(customers: int):
    with Engine.in_memory() as engine:
        kb, tables = told(Published(engine), company(3, customers, people=5))
        insight = LOOK_ALIKE.answer(kb, ASKED)
    assert len(tables["alike_cell"]["chance"]) == 0
    assert insight.headline is None
    assert "it needs 15 in each" in words(insight.abstained)


def test_without_people_who_have_not_bought_it_says_so():
    with Engine.in_memory() as engine:
        kb, _ = told(Published(engine), company(3, 30, people=0))
        insight = LOOK_ALIKE.answer(kb, {**ASKED, "whom": "prospects"})
    assert words(insight.abstained) == "We cannot say yet: there is nobody to look among."


def test_the_order_of_kinds_does_not_matter(world: tuple[Company, Published, KnowledgeBase, dict[str, Arrays]]):

    counts = arrays(found(world[1], "alike_count"))
    order = np.random.default_rng(5).permutation(len(counts["customers"]))
    mixed = {name: values[order] for name, values in counts.items()}
    context = replace(world[0].shop.context, parameters={})
    one, other = (
        json.loads(str(fit_look_alike({"alike_count": each}, context)["model"]["parameters"][0]))
        for each in (counts, mixed)
    )
    for task in ("customer", "prospect"):
        for name in ("tested_at", "served", "chosen_by"):
            assert one[task].pop(name, None) == other[task].pop(name, None)
        assert one[task] == pytest.approx(other[task], rel=1e-6)


def test_of_many_kinds_so_many_are_drawn_with_all_that_is_theirs():
    numbers = np.arange(50.0)
    kinds = Kinds(
        traits={"sector": numbers.astype(str).astype(object)}, customers=numbers, observed=numbers, best=numbers
    )
    drawn = some_of(kinds, np.random.default_rng(1), most=20)
    assert len(drawn) == 20
    assert drawn.traits["sector"].tolist() == drawn.best.astype(str).tolist()
    assert (np.diff(drawn.customers) > 0).all()
    assert some_of(kinds, np.random.default_rng(1), most=50) is kinds


def test_an_empty_company_has_nobody_to_look_among():
    counts = arrays([])
    context = replace(company(1, 5).shop.context, parameters={})
    tables = fit_look_alike({"alike_count": counts}, context)
    said_of = json.loads(str(tables["model"]["parameters"][0]))
    assert (said_of["customer"], said_of["prospect"]) == ({"reason": "nobody_asked"}, {"reason": "nobody_asked"})
    assert len(tables["alike_cell"]["chance"]) == len(tables["backtest"]["value"]) == 0


def scope(reach: Any, *columns: str) -> Scope:
    return Scope((Right(reach=reach, columns=Names(columns), measures=Names(("*",))),))


def test_who_may_not_see_costs_is_told_nobody(
    world: tuple[Company, Published, KnowledgeBase, dict[str, Arrays]],
):
    with pytest.raises(NotPermittedError):
        LOOK_ALIKE.answer(seen(world[1], scope(EVERYTHING, "*", "!order_line.cost_of_goods")), ASKED)


def test_who_sees_some_customers_is_told_of_those_alone(
    world: tuple[Company, Published, KnowledgeBase, dict[str, Arrays]], insight: Insight
):
    assert insight.table is not None
    few = [int(str(row[0])) for row in insight.table.rows][:4]
    kb = seen(world[1], scope((Area(customers=frozenset(few)),), "*"))
    table = LOOK_ALIKE.answer(kb, ASKED).table
    assert table is not None
    assert {int(str(row[0])) for row in table.rows} == set(few)


def counts(context: FitContext, *, hotels: Sequence[float]) -> dict[str, np.ndarray]:
    """``alike_count`` of customers of whom the best come by what they brought lately and, at each of the origins, the
    newest first, by whether they are hotels as strongly as ``hotels`` says.
    """
    recent, sector = (each.ravel() for each in np.meshgrid(np.arange(10), ["Hotels", "Retail", "Offices"]))
    parts = [dated(context.as_of, recent, sector, np.full(recent.size, 200.0), np.zeros(recent.size), observed=False)]
    for day, effect in zip(context.origins, hotels, strict=True):
        log_odds = -4 + 0.3 * recent + effect * (sector == "Hotels")
        customers = np.full(recent.size, 200.0)
        parts.append(dated(day, recent, sector, customers, np.round(customers / (1 + np.exp(-log_odds)))))
    return {name: np.concatenate([each[name] for each in parts]) for name in parts[0]}


def dated(
    day: date, recent: Any, sector: Any, customers: Any, best: Any, *, observed: bool = True
) -> dict[str, np.ndarray]:
    """Rows of ``alike_count`` at one date."""
    size = len(recent)
    return {
        **{name: np.full(size, "1", dtype=object) for name in TRAITS},
        "recent": recent.astype(str).astype(object), "sector": sector.astype(object),
        "task": np.full(size, "customer", dtype=object), "as_of": np.full(size, np.datetime64(day, "D")),
        "customers": customers, "observed": customers * observed, "best": best,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("hotels", "served"),
    [((4.0, 4.0, 4.0, 4.0), "traits"), ((-4.0, 4.0, 4.0, 4.0), "traits"), ((4.0, -4.0, 4.0, -4.0), "simple")],
)
def test_the_likeness_that_finds_more_of_the_best_before_the_test_serves(hotels: tuple[float, ...], served: str):
    context = company(1, 10).shop.context
    tables = fit_look_alike({"alike_count": counts(context, hotels=hotels)}, context)
    told = json.loads(str(tables["model"]["parameters"][0]))["customer"]
    assert (told["served"], told["chosen_by"], told["chosen_times"]) == (served, "dates", 2)
    assert (told["chosen_traits"] > told["chosen_simple"]) is (served == "traits")
    figures = {
        (str(name), str(metric)): float(value)
        for name, metric, value in zip(*(tables["backtest"][c] for c in ("candidate", "metric", "value")), strict=True)
    }
    assert {name for name, metric in figures if metric == "lift"} == {
        "traits:customer", "simple:customer", "plain:customer",
    }  # fmt: skip
    assert figures[f"{served}:customer", "lift"] == pytest.approx(told["lift"])
    for each in ("traits", "simple"):
        assert figures[f"{each}:customer", "lift_when_chosen"] == pytest.approx(told[f"chosen_{each}"])
    if hotels[0] < 0:  # what served before fails at the newest date: the other is not taken for it
        assert told["reason"] == "no_better"
        assert told["other_lift"] > told["lift"]
        return
    reasons = {str(each).partition("=")[0] for each in tables["alike_cell"]["reason_1"] if each}
    assert reasons == ({"recent"} if served == "simple" else {"recent", "sector"})
    chances = dict(zip(zip(tables["alike_cell"]["sector"], tables["alike_cell"]["recent"], strict=True),
                       tables["alike_cell"]["chance"], strict=True))  # fmt: skip
    assert bool(chances["Hotels", "9"] == chances["Retail", "9"]) is (served == "simple")


def noise(context: FitContext, dates: Sequence[date], seed: int) -> dict[str, np.ndarray]:
    """``alike_count`` of customers of whom anybody may become one of the best."""
    rng = np.random.default_rng(seed)
    recent, sector = (each.ravel() for each in np.meshgrid(np.arange(10), ["Hotels", "Retail", "Offices"]))
    customers = np.full(recent.size, 20.0)
    parts = [dated(context.as_of, recent, sector, customers, np.zeros(recent.size), observed=False)]
    parts += [
        dated(each, recent, sector, customers, rng.binomial(20, 0.1, recent.size).astype(float)) for each in dates
    ]
    return {name: np.concatenate([each[name] for each in parts]) for name in parts[0]}


@pytest.mark.parametrize("older", [3, 1])
def test_where_all_is_chance_the_choice_does_not_flatter_the_lift(older: int):
    context = company(1, 10).shop.context
    context = replace(context, origins=context.origins[: older + 1])
    told = []
    for seed in range(100):
        tables = fit_look_alike({"alike_count": noise(context, context.origins, seed)}, context)
        told.append(json.loads(str(tables["model"]["parameters"][0]))["customer"])
    assert {each["chosen_by"] for each in told} == {"dates" if older > 1 else "folds"}
    ahead = np.array([each["lift"] - each["other_lift"] for each in told]) / 2  # of the mean of the two
    error = ahead.std() / np.sqrt(len(told))
    assert abs(ahead.mean()) < 2.5 * error
    assert np.abs(ahead).mean() > 5 * error  # what choosing by the test would have told
    beyond = np.array([each["lift"] - each["plain"] for each in told])
    assert abs(beyond.mean()) < 2.5 * beyond.std() / np.sqrt(len(told))
    assert 0.3 < np.mean([each["served"] == "traits" for each in told]) < 0.7


def test_customers_of_one_date_are_divided_whole_and_by_chance():
    rng = np.random.default_rng(3)
    observed = floats(rng.integers(0, 40, 50))
    best = floats(rng.binomial(observed.astype(int), 0.3))
    kinds = Kinds(
        traits={"sector": np.arange(50).astype(str).astype(object)}, customers=observed, observed=observed, best=best
    )
    parts = divided(kinds, np.random.default_rng(1))
    for name, whole in (("observed", observed), ("best", best)):
        assert sum(getattr(itself, name) for _, itself in parts) == pytest.approx(whole)
        for others, itself in parts:
            assert getattr(others, name) + getattr(itself, name) == pytest.approx(whole)
    for _, itself in parts:
        assert (itself.best <= itself.observed).all()
        assert abs(itself.observed.sum() - observed.sum() / 5) < 4 * np.sqrt(observed.sum() * 0.16)
    mixed = np.random.default_rng(2).permutation(50)
    again = divided(
        Kinds(
            traits={"sector": kinds.traits["sector"][mixed]}, customers=observed[mixed], observed=observed[mixed],
            best=best[mixed],
        ),
        np.random.default_rng(1),
    )  # fmt: skip
    assert (again[0][1].best == parts[0][1].best[mixed]).all()
