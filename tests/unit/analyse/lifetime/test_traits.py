"""lifetime-value by what the first purchase was: groups that buy otherwise are told apart where it helps."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from clientela.analyse.customer.lifetime import fit
from clientela.analyse.customer.lifetime.candidates import CHALLENGERS, WITH_TRAITS
from clientela.analyse.customer.lifetime.evidence import Outlook, evidence
from clientela.analyse.customer.lifetime.fit import fit_worth
from clientela.analyse.customer.lifetime.lifetime_value import LIFETIME_VALUE
from clientela.analyse.customer.lifetime.traits import TRAITS, _marks, _which, traits_of
from clientela.contracts.analysis import Arrays, KnowledgeBase
from clientela.warehouse.engine import Engine
from tests.unit.analyse.lifetime.shops import Shop, counted, made, shop, told, two_channels
from tests.unit.analyse.lifetime.test_fit import metric, winner
from tests.unit.analyse.test_churn_risk import said
from tests.unit.cube.published import Published, line, reference


@pytest.fixture(scope="module")
def company() -> Shop:
    return two_channels(1, 500, alpha=20.0)  # who first bought in a shop buys nine times as often


@pytest.fixture(scope="module")
def published() -> Iterator[Published]:
    with Engine.in_memory() as engine:
        yield Published(engine)


@pytest.fixture(scope="module")
def known(published: Published, company: Shop) -> tuple[KnowledgeBase, dict[str, Arrays]]:
    return told(published, company)


@pytest.fixture(scope="module")
def tables(known: tuple[KnowledgeBase, dict[str, Arrays]]) -> dict[str, Arrays]:
    return known[1]


def test_groups_that_buy_otherwise_are_told_apart(tables: dict[str, Arrays]):
    others = {*tables["backtest"]["candidate"]} - {*CHALLENGERS}
    name = winner(tables)["candidate"]
    assert name in WITH_TRAITS
    assert metric(tables, name, "mae") < 0.97 * min(metric(tables, each, "mae") for each in others)
    assert metric(tables, name, "gini") > max(metric(tables, each, "gini") for each in others)
    assert 0.7 < metric(tables, name, "inside") < 0.9


def test_the_effect_is_what_made_the_customers(tables: dict[str, Arrays]):
    (effect,) = winner(tables)["parameters"]["traits"]
    assert effect["trait"] == "channel"
    oftener = effect["buying"] if effect["value"] == "shop" else 1 / effect["buying"]
    assert oftener == pytest.approx(9.0, rel=0.25)
    assert effect["leaving"] == pytest.approx(1.0, abs=0.7)


def test_the_scores_add_up_to_the_total(published: Published, company: Shop, tables: dict[str, Arrays]):
    scores = made(published, "lifetime_value")
    expected, low, high = winner(tables)["parameters"]["worth"]
    assert float(sum(row["value"] for row in scores)) == pytest.approx(expected, rel=1e-4)
    each = dict(zip(tables["lifetime_each"]["customer_id"], tables["lifetime_each"]["worth"], strict=True))
    assert all(float(row["value"]) == pytest.approx(each[row["customer_id"]], abs=1e-3) for row in scores)
    assert all(row["low"] <= row["value"] <= row["high"] for row in scores)
    assert low < company.came(365) * 0.955 < high


def test_the_answer_says_what_the_first_purchase_tells(known: tuple[KnowledgeBase, dict[str, Arrays]]):
    found = LIFETIME_VALUE.answer(known[0], {"list": 3}).evidence
    assert found is not None
    assert said(found.method).endswith("NBD) by first purchase")
    (told_of,) = [said(each) for each in found.sentences if said(each).startswith("Who first bought by")]
    assert "as often as others" in told_of


def test_the_three_groups_that_differ_most_are_told_in_words(known: tuple[KnowledgeBase, dict[str, Arrays]]):
    kb, _ = known
    found = Outlook.read(kb.evidence("lifetime-value"), kb.as_of)
    assert found is not None
    given = [("channel", "web", 1.1), ("category", "Tea", 2.0), ("campaign", "campaign", 0.4), ("channel", "fax", 1.5)]
    groups = [{"trait": trait, "value": value, "buying": often, "leaving": 0.8} for trait, value, often in given]
    found = replace(found, said={**found.said, "traits": groups})
    told_of = [said(each) for each in evidence(found, "EUR", traits=TRAITS).sentences]
    assert [each.partition(" as often")[0] for each in told_of if "as often as others" in each] == [
        "Whom a campaign brought buys 0.4", "Who first bought Tea buys 2.0", "Who first bought by fax buys 1.5",
    ]  # fmt: skip


def test_groups_that_cannot_be_learned_today_are_not_said_to_serve(
    company: Shop, tables: dict[str, Arrays], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(fit, "learn_groups", lambda *_: None)
    with Engine.in_memory() as engine:
        published = Published(engine)
        published.add(order_line=company.lines())
        found = fit_worth(counted(published, company.features()), company.context)
    served = winner(found)
    assert served["candidate"] not in CHALLENGERS
    assert "traits" not in served["parameters"]
    assert {*found["lifetime_cell"]["model_version"]} == {served["version"]}
    assert f"{served['version']}" != winner(tables)["version"]


def test_which_groups_customers_are_in_is_read_from_the_places_of_their_values():
    table = {
        "customer_id": np.array([3, 1, 2]), "channel": np.array(["web", "shop", ""], dtype=object),
        "category": np.array(["Tea", "", "Tea"], dtype=object),
        "campaign": np.array(["", "campaign", ""], dtype=object),
    }  # fmt: skip
    known = traits_of(table).of(np.array([1, 2, 3, 4]))
    groups = (("channel", "shop"), ("category", "Tea"), ("campaign", "campaign"))
    expected = np.array([[1, 0, 1], [0, 1, 0], [0, 1, 0], [0, 0, 0]])
    which = _which(known, groups)
    assert which.tolist() == [0b101, 0b010, 0b010, 0]  # the order of the numbers is that of the marks
    np.testing.assert_array_equal(_marks(which, groups), expected)
    assert all(each.dtype == np.int64 for each in known.codes.values())  # not as wide as the longest name
    nobody = traits_of({name: values[:0] for name, values in table.items()}).of(np.array([1, 2]))
    assert not any(each.any() for each in nobody.codes.values())


def test_groups_that_buy_alike_are_not_told_apart():
    company = two_channels(1, 300)
    with Engine.in_memory() as engine:
        published = Published(engine)
        published.add(order_line=company.lines())
        found = fit_worth(counted(published, company.features()), company.context)
    assert {*WITH_TRAITS} & {*found["backtest"]["candidate"]}
    assert winner(found)["candidate"] not in WITH_TRAITS


def test_without_a_trait_or_with_few_of_it_none_is_tried():
    company = shop(1, 400)
    few = Shop(company.purchases, company.amounts, channels=("web",) * 340 + ("shop",) * 60)
    for each in (company, few):
        with Engine.in_memory() as engine:
            published = Published(engine)
            published.add(order_line=each.lines() if each.channels else [])
            found = fit_worth(counted(published, each.features()), each.context)
        assert not {*WITH_TRAITS} & {*found["backtest"]["candidate"]}
        assert winner(found)


def test_the_order_of_the_rows_changes_nothing(company: Shop, tables: dict[str, Arrays]):
    with Engine.in_memory() as engine:
        published = Published(engine)
        published.add(order_line=company.lines())
        given = counted(published, company.features())
    rng = np.random.default_rng(4)
    for name in ("lifetime_trial", "lifetime_trait"):
        order = rng.permutation(len(given[name]["customer_id"]))
        given[name] = {column: values[order] for column, values in given[name].items()}
    assert winner(fit_worth(given, company.context))["parameters"] == winner(tables)["parameters"]


def test_the_first_purchase_is_told_by_its_own_lines_only():
    with Engine.in_memory() as engine:
        published = Published(engine)
        published.add(
            order_line=[
                line("1", 1, "2024-01-01", "10", channel="web", product_id="a", line_no="1"),
                line("1", 1, "2024-01-01", "30", channel="web", product_id="b", line_no="2"),
                line("2", 1, "2024-02-01", "99", channel="shop", product_id="a", campaign_id="spring"),
                line("3", 2, "2024-01-05", "10", campaign_id="spring"),
                line("4", None, "2024-01-01", "10", channel="web"),
            ],
            product=[reference(product_id="a", category="Tea"), reference(product_id="b", category="Pots")],
        )
        found = made(published, "lifetime_trait")
    assert [tuple(row[name] for name in ("customer_id", *TRAITS)) for row in found] == [
        (1, "web", "Pots", ""), (2, "", "", "campaign"),
    ]  # fmt: skip
