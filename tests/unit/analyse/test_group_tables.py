"""The tables of computed groups, a few rows each."""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files

import numpy as np
import pytest
from sklearn.cluster import KMeans

from clientela.analyse.customer.segments.cluster_fit import AXES, fit_clusters_of
from clientela.analyse.customer.segments.life_cycle import _next, _table, _won
from clientela.analyse.customer.segments.life_fit import fit_moves
from clientela.analyse.customer.segments.rfm import fit_limits
from clientela.contracts.analysis import FitContext
from clientela.cube.view import AS_OF_TABLES
from clientela.errors import ConfigurationError
from clientela.present.say import say
from clientela.warehouse.asof import as_known
from clientela.warehouse.engine import Engine
from clientela.warehouse.model import ALL, parse_file
from tests.unit.cube.published import KNOWN_AT, Published, Row, emptied, line, reference

AS_OF = date(2024, 7, 1)
ORIGIN = AS_OF - timedelta(days=92)
NO_LINES = {"version": 1, "recent_days": None, "quiet_days": None, "often_purchases": None, "high_revenue": None}


@pytest.fixture
def published() -> Iterator[Published]:
    with emptied() as engine:
        yield Published(engine)


def made(published: Published, name: str, **more: object) -> list[dict[str, object]]:
    """What the model gives, ordered by its grain."""
    model = parse_file((files("clientela.analyse.customer.segments") / f"{name}.sql").read_text("utf-8"), name)
    tree = as_known(model.tree, ALL, as_of_tables=AS_OF_TABLES if model.kind == "as-of" else ())
    given = {"as_of": AS_OF, "known_at": KNOWN_AT, **more}
    rows = published.engine.fetch(tree, given).to_pylist()
    return sorted(rows, key=lambda row: [str(row[key]) for key in model.grain])


def feature(customer: int, silent: int, days: int, revenue: str, on: date = AS_OF, age: int = 300) -> Row:
    """A row of ``customer_feature``: silent for so long, bought on so many days, for so much in all."""
    last = on - timedelta(days=silent)
    first = on - timedelta(days=age + 1) if days > 1 else last
    return {
        "customer_id": customer, "as_of": on, "first_bought_on": first, "last_bought_on": last,
        "repeat_purchases": days - 1, "recency_days": (last - first).days, "age_days": (on - first).days - 1,
        "recent_purchases": 0, "revenue": Decimal(revenue), "recent_revenue": Decimal(5), "year_revenue": Decimal(5),
    }  # fmt: skip


def test_equal_values_stand_in_the_same_fifth_however_many_they_are(published: Published):
    some = [feature(at, silent=10, days=1, revenue="20") for at in range(1, 7)]
    more = [feature(at, silent=at, days=at, revenue=str(100 * at)) for at in range(7, 11)]
    published.add(customer_feature=[*some, *more], rfm_limit=[NO_LINES])
    found = {row["customer_id"]: row for row in made(published, "rfm")}
    fifths = ("recency_fifth", "frequency_fifth", "money_fifth")
    # six of ten share a place: their middle is the third of ten, in the second fifth
    assert {tuple(found[at][name] for name in fifths[1:]) for at in range(1, 7)} == {(2, 2)}
    # the latest purchase is that of 7; 10 stands with the six who are silent as long
    assert [found[at]["recency_fifth"] for at in (7, 8, 9, 10, 1)] == [5, 5, 4, 2, 2]
    assert [found[at]["money_fifth"] for at in (7, 8, 9, 10)] == [4, 4, 5, 5]
    assert found[9]["segment"] == "rfm:champions"
    assert found[1]["segment"] == "rfm:hibernating"


def test_the_fifths_do_not_depend_on_the_order_of_rows(published: Published):
    rng = np.random.default_rng(4)
    rows = [feature(at, int(rng.integers(1, 90)), int(rng.integers(1, 9)), str(rng.integers(500))) for at in range(60)]
    published.add(customer_feature=rows, rfm_limit=[NO_LINES])
    first = made(published, "rfm")
    with Engine.in_memory() as engine:
        shuffled = Published(engine)
        shuffled.add(customer_feature=[rows[at] for at in rng.permutation(60)], rfm_limit=[NO_LINES])
        assert made(shuffled, "rfm") == first


def test_where_nobody_came_back_nobody_is_a_champion(published: Published):
    published.add(
        customer_feature=[feature(at, silent=at, days=1, revenue=str(10 * (21 - at))) for at in range(1, 21)],
        rfm_limit=[NO_LINES],
    )
    groups = {row["customer_id"]: row["segment"] for row in made(published, "rfm")}
    assert {groups[at] for at in range(1, 9)} == {"rfm:new"}
    assert not {"rfm:champions", "rfm:loyal"} & {*groups.values()}


def test_the_company_draws_the_lines_itself(published: Published):
    lines = {"version": 1, "recent_days": 30, "quiet_days": 90, "often_purchases": 4, "high_revenue": Decimal(100)}
    published.add(
        customer_feature=[
            feature(1, silent=30, days=4, revenue="100"),
            feature(2, silent=31, days=2, revenue="50"),
            feature(3, silent=91, days=9, revenue="900"),
            feature(4, silent=5, days=1, revenue="900"),
            feature(5, silent=91, days=1, revenue="1"),
        ],
        rfm_limit=[lines],
    )
    assert [row["segment"] for row in made(published, "rfm")] == [
        "rfm:champions",
        "rfm:need-attention",
        "rfm:cannot-lose",
        "rfm:new",
        "rfm:hibernating",
    ]


def context(**more: object) -> FitContext:
    plain = {
        "as_of": AS_OF, "origins": (ORIGIN,), "horizon_days": 92, "first_day": date(2023, 1, 1), "version": "1",
        "parameters": {}, "sample": 1.0, "rng": np.random.default_rng(0),
    }  # fmt: skip
    return FitContext(**{**plain, **more})  # type: ignore[arg-type] # plain values


def test_lines_that_cannot_be_are_refused():
    given = {"recent_days": 90, "quiet_days": 30, "often_purchases": 0, "high_revenue": 0.0}
    with pytest.raises(ConfigurationError, match="quiet_days is 30, less than recent_days, 90"):
        fit_limits({}, context(parameters=given))
    with pytest.raises(ConfigurationError, match="high_revenue is -1"):
        fit_limits({}, context(parameters={**given, "quiet_days": 0, "high_revenue": -1.0}))


def test_group_member_tells_since_when_and_what_turned_it(published: Published):
    def at(on: date, segment: str, silent: int, days: int) -> Row:
        told = {"customer_id": 1, "as_of": on, "days_since": silent, "purchase_days": days, "segment": segment}
        return {
            **told, "revenue": Decimal(1), "recency_fifth": 5 if silent < 30 else 1, "frequency_fifth": 1,
            "money_fifth": 1, "last_bought_on": on - timedelta(days=silent),
        }  # fmt: skip

    earlier = ORIGIN - timedelta(days=92)
    published.add(
        rfm=[at(earlier, "rfm:new", 5, 1), at(ORIGIN, "rfm:at-risk", 97, 1), at(AS_OF, "rfm:loyal", 9, 3)],
        rfm_limit=[NO_LINES],
        cluster_of=[],
        life_cycle=[],
    )
    stays = [
        [row[name] for name in ("segment", "valid_from", "valid_to", "entered_because", "entered_was", "entered_is")]
        for row in made(published, "group_member")
    ]
    assert stays == [
        ["rfm:new", earlier, ORIGIN, "known", None, None],
        ["rfm:at-risk", ORIGIN, AS_OF, "time", "5", "97"],
        ["rfm:loyal", AS_OF, None, "happened", "1", "3"],
    ]
    last = made(published, "group_member")[-1]
    assert (last["entered_by"], last["entered_table"], last["entered_on"]) == (
        "purchase_days",
        "order_line",
        date(2024, 6, 22),
    )


def test_a_group_that_turns_without_a_purchase_says_whether_it_was_a_return_or_the_others(published: Published):
    def at(customer: int, on: date, segment: str, revenue: int, recency: int) -> Row:
        told = {"customer_id": customer, "as_of": on, "purchase_days": 4, "segment": segment}
        return {
            **told, "days_since": (on - date(2024, 3, 1)).days, "revenue": Decimal(revenue), "recency_fifth": recency,
            "frequency_fifth": 1, "money_fifth": 1, "last_bought_on": date(2024, 3, 1),
        }  # fmt: skip

    published.add(
        rfm=[
            at(1, ORIGIN, "rfm:champions", 500, 4), at(1, AS_OF, "rfm:promising", 100, 4),  # gave most of it back
            at(2, ORIGIN, "rfm:champions", 500, 4), at(2, AS_OF, "rfm:loyal", 500, 4),  # others bought more
            at(3, ORIGIN, "rfm:champions", 500, 4), at(3, AS_OF, "rfm:at-risk", 500, 2),  # silent for long
        ],
        rfm_limit=[NO_LINES],
        cluster_of=[],
        life_cycle=[],
    )  # fmt: skip
    turned = [row for row in made(published, "group_member") if row["valid_from"] == AS_OF]
    names = ("customer_id", "entered_because", "entered_by", "entered_was", "entered_is", "entered_table", "entered_on")
    assert [tuple(row[name] for name in names) for row in turned] == [
        (1, "changed", "revenue", None, None, "order_line", None),
        (2, "others", None, None, None, None, None),
        (3, "time", "days_since", "30", "122", None, None),
    ]


def test_life_states_follow_the_purchases(published: Published):
    days = {
        1: ("2024-06-20",),  # new
        2: ("2023-06-01", "2024-06-01"),  # came back after a year
        3: ("2023-06-01", "2023-07-20", "2023-09-01"),  # silent for ten months
        4: ("2024-01-01", "2024-03-01", "2024-05-01", "2024-06-30"),
        5: ("2024-01-01", "2024-02-28", "2024-04-20"),  # silent for 72 of 100 days
    }
    lines = [line(f"{who}-{at}", who, on, "10") for who, those in days.items() for at, on in enumerate(those)]
    published.add(
        order_line=lines,
        customer_feature=[
            feature(who, (AS_OF - date.fromisoformat(those[-1])).days, len(those), "10",
                    age=(AS_OF - date.fromisoformat(those[0])).days - 1)
            for who, those in days.items()
        ],
        lapse=[{"percentile": 95, "lapse_days": 40, "gaps": 9}],
        customer=[
            {"customer_id": who, "records": 1, "sources": 1, "first_created_on": date(2024, 1, 1)} for who in (1, 8, 9)
        ],
        customer_record=[],
        contact_list=[],
        opportunity=[],
    )  # fmt: skip
    found = {row["customer_id"]: row["segment"] for row in made(published, "life_cycle", lapse_days=100)}
    assert found == {
        1: "life:new", 2: "life:won-back", 3: "life:lost", 4: "life:active", 5: "life:lapsing",
        8: "life:prospect", 9: "life:prospect",
    }  # fmt: skip


def test_who_never_bought_is_a_competitors_customer_qualified_market_or_a_prospect(published: Published):
    """By the lists they stand on, and by why an opportunity was lost; each at the dates at which that was known."""
    records = {11: "rivals", 12: "fair", 13: None, 14: "fair", 15: None, 16: None, 17: "fair"}
    published.add(
        order_line=[line("a", 1, "2024-06-20", "10"), line("b", 17, "2024-06-20", "10")],
        customer_feature=[
            feature(1, 11, 1, "10"), feature(17, 11, 1, "10"), feature(1, 20, 1, "10", on=ORIGIN),
        ],
        lapse=[{"percentile": 95, "lapse_days": 40, "gaps": 9}],
        customer=[
            {"customer_id": who, "records": 1, "sources": 1, "first_created_on": created}
            for who, created in {
                **dict.fromkeys((11, 12, 13, 14, 17), date(2024, 1, 1)), 15: None, 16: date(2024, 6, 1), 18: None,
            }.items()
        ],
        customer_record=[
            reference(customer_id=who, list_id=listed, happened_on=date(2024, 1, 1)) for who, listed in records.items()
        ],
        contact_list=[
            reference(list_id="rivals", kind="Clientes de la competencia"),
            reference(list_id="fair", kind="Trade fair"),
        ],
        opportunity=[
            reference(opportunity_id="1", customer_id=14, happened_on=date(2024, 2, 1), status="lost",
                      closed_on=date(2024, 5, 1), lost_reason="Went to a competitor"),
            reference(opportunity_id="2", customer_id=13, happened_on=date(2024, 2, 1), status="lost",
                      closed_on=date(2024, 5, 1), lost_reason="No budget"),
            reference(opportunity_id="3", customer_id=18, happened_on=date(2024, 3, 1)),
        ],
    )  # fmt: skip
    found = {(row["customer_id"], row["as_of"]): row["segment"] for row in made(published, "life_cycle", lapse_days=30)}
    before = {who: segment for (who, on), segment in found.items() if on == ORIGIN}
    now = {who: segment for (who, on), segment in found.items() if on == AS_OF}
    assert before == {
        1: "life:new", 11: "life:competitors", 12: "life:qualified", 13: "life:prospect", 14: "life:qualified",
        17: "life:qualified", 18: "life:prospect",
    }  # fmt: skip
    assert now == {
        1: "life:new", 11: "life:competitors", 12: "life:qualified", 13: "life:prospect", 14: "life:competitors",
        15: "life:prospect", 16: "life:prospect", 17: "life:new", 18: "life:prospect",
    }  # fmt: skip


def test_what_became_of_who_had_not_bought_is_a_part_of_the_migration_matrix():
    """Of 40 prospects 10 bought, of 60 of the qualified market 6; a competitor's customer was never followed."""
    went = [
        ("life:prospect", "life:prospect", 30), ("life:prospect", "life:new", 8), ("life:prospect", "life:active", 2),
        ("life:qualified", "life:qualified", 50), ("life:qualified", "life:competitors", 4),
        ("life:qualified", "life:new", 6), ("life:new", "life:active", 20), ("life:active", "life:active", 70),
        ("life:active", "life:lapsing", 10), ("life:lapsing", "life:lost", 15), ("life:lapsing", "life:active", 5),
        ("life:lost", "life:lost", 30),
    ]  # fmt: skip
    was, now, people = (np.array(each, dtype=object) for each in zip(*went, strict=True))
    moves = {
        "as_of": np.full(len(went), np.datetime64(AS_OF)), "from_segment": was, "to_segment": now,
        "customers": people.astype(np.int64), "recent_revenue": np.full(len(went), 100.0),
    }  # fmt: skip
    said = json.loads(fit_moves({"life_move": moves}, context())["model"]["parameters"][0])
    became = said["became"]
    assert {name: (each["people"], each["bought"]) for name, each in became.items()} == {
        "life:qualified": (60, 6), "life:prospect": (40, 10),
    }  # fmt: skip
    assert became["life:prospect"]["chances"][0] == pytest.approx((8 + 14 / 100) / 41)  # one person of all hundred
    assert became["life:prospect"]["not_yet"] + sum(became["life:prospect"]["chances"]) == pytest.approx(1)
    buyers = fit_moves({"life_move": {name: each[6:] for name, each in moves.items()}}, context())["model"]
    assert said["steady"] == json.loads(buyers["parameters"][0])["steady"]  # customers move as without the others
    table = _table({"life:qualified": 70, "life:prospect": 44, "life:lapsing": 9}, said, became)
    told = {row[0].id: dict(zip([each.name for each in table.columns], row, strict=True)) for row in table.rows}  # type: ignore[union-attr] # texts
    assert float(told["Qualified market"]["not_yet"]) == pytest.approx((54 + 84 / 100) / 61, abs=1e-6)
    assert float(told["Prospect"]["new"]) == pytest.approx(became["life:prospect"]["chances"][0], abs=1e-6)
    assert (told["Lapsing"]["not_yet"], len(table.total or ())) == (None, len(table.columns))
    (won,) = _won(said, became)
    assert say(won) == "Of those known who had not bought, 16.0% became customers within 92 days (10.1% to 24.4%)."
    assert "of the lapsing, 73% were lost one horizon later (50% to 86%)" in say(_next(said, {"life:lapsing": 9})[0])


def sample(seed: int, moved: float = 0.0) -> dict[str, np.ndarray]:
    """``cluster_sample`` of three kinds of customers: daily, big and rare, gone."""
    rng = np.random.default_rng(seed)
    kinds = np.repeat([0, 1, 2], 300)
    of = [np.array(each)[kinds] for each in ((4, 40, 500), (60, 5, 3), (12, 400, 30), (700, 600, 900))]
    drawn = [each * np.exp(rng.normal(moved, 0.15, 900)) for each in of]
    return {
        "fitted_on": np.full(900, np.datetime64(AS_OF)),
        "customer_id": np.arange(900),
        "days_since": np.maximum(drawn[0].round(), 1),
        "purchase_days": np.maximum(drawn[1].round(), 1),
        "basket": drawn[2].round(2),
        "age_days": drawn[3].round(),
        "revenue": drawn[1] * drawn[2],
    }


def test_the_cluster_in_sql_is_the_one_that_scikit_learn_predicts(published: Published):
    given = sample(1)
    learned = fit_clusters_of({"cluster_sample": given}, context())
    centres = [
        {name: values[at] if values.dtype == object else Decimal(str(round(values[at], 6)))
         for name, values in learned["cluster_centre"].items()}
        for at in range(len(learned["cluster_centre"]["cluster"]))
    ]  # fmt: skip
    rows = [
        feature(int(at), int(given["days_since"][at]), int(given["purchase_days"][at]),
                f"{given['basket'][at] * given['purchase_days'][at]:.4f}", age=int(given["age_days"][at]))
        for at in range(900)
    ]  # fmt: skip
    published.add(customer_feature=rows, cluster_centre=centres)
    in_sql = {row["customer_id"]: row["segment"] for row in made(published, "cluster_of")}

    def column(part: str) -> np.ndarray:
        return np.array([[float(each[f"{axis}_{part}"]) for axis in AXES] for each in centres])

    logs = np.log1p(
        [[r["repeat_purchases"] * 0 + (AS_OF - r["last_bought_on"]).days, r["repeat_purchases"] + 1,
          round(float(r["revenue"]) / (r["repeat_purchases"] + 1), 6), r["age_days"]] for r in rows]
    )  # fmt: skip
    points = (np.clip(logs, column("low")[0], column("high")[0]) - column("middle")[0]) / column("width")[0]
    judge = KMeans(len(centres), init=column("centre"), n_init=1, max_iter=1).fit(column("centre"))
    judge.cluster_centers_ = column("centre")
    names = [each["cluster"] for each in centres]
    assert [in_sql[at] for at in range(900)] == [names[at] for at in judge.predict(points)]
    assert {*in_sql.values()} == {"cluster:a", "cluster:b", "cluster:c"}


def test_names_stay_from_run_to_run():
    first = fit_clusters_of({"cluster_sample": sample(1)}, context())
    again = fit_clusters_of({"cluster_sample": sample(2, moved=0.1)}, context())
    order = [
        [name for _, name in sorted(zip(told["basket_centre"], told["cluster"], strict=True))]
        for told in (first["cluster_centre"], again["cluster_centre"])
    ]
    assert order[0] == order[1]
    assert bool(again["model"]["winner"][0])


def on(day: str, given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return given | {"fitted_on": np.full(len(given["customer_id"]), np.datetime64(day))}


def together(*given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: np.concatenate([each[name] for each in given]) for name in given[0]}


def called(given: dict[str, np.ndarray]) -> list[str]:
    """The names of the clusters, from the smallest revenue of a purchase day on."""
    as_of = given["fitted_on"].max().item()
    told = fit_clusters_of({"cluster_sample": given}, context(as_of=as_of))["cluster_centre"]
    plain = told["basket_centre"] * told["basket_width"] + told["basket_middle"]
    return [name for _, name in sorted(zip(plain, told["cluster"], strict=True))]


def test_a_name_follows_its_cluster_when_another_brings_more():
    """Those who buy daily bring most and are A; next year they bring least, and are A still."""
    before = on("2023-01-01", sample(1))
    less = sample(2)
    daily = np.arange(900) < 300
    now = less | {"purchase_days": np.where(daily, 6.0, less["purchase_days"])}
    assert called(before) == called(on("2023-01-01", sample(5)))
    assert called(on("2024-01-01", now)) != called(before)
    assert called(together(before, on("2024-01-01", now))) == called(before)


def test_centres_of_a_year_do_not_follow_what_happened_in_it():
    began = on("2024-01-01", sample(1))
    week, month = (on(day, sample(7, moved=moved)) for day, moved in (("2024-07-08", 0.1), ("2024-08-05", 0.4)))
    found = [
        fit_clusters_of(
            {"cluster_sample": together(began, now)}, context(as_of=date.fromisoformat(str(now["fitted_on"][0])))
        )
        for now in (week, month)
    ]
    for name, values in found[0]["cluster_centre"].items():
        if name != "model_version":
            assert values.tolist() == found[1]["cluster_centre"][name].tolist(), name


def test_the_days_clusters_are_found_on_are_the_same_for_every_later_run(published: Published):
    """120 customers come in 2022 and 30 a quarter after; each bought once."""
    rng = np.random.default_rng(1)
    days = [date(2022, 2, 1) + timedelta(days=int(each)) for each in rng.integers(0, 800, 600)]
    lines = [line(f"o{at}", 1000 + at, day.isoformat(), "10") for at, day in enumerate(sorted(days))]
    features = [
        feature(1000 + at, (AS_OF - day).days, 1, "10", age=(AS_OF - day).days - 1)
        for at, day in enumerate(sorted(days))
    ]
    published.add(order_line=lines, customer_feature=features)
    rows = made(published, "cluster_sample")
    seen = sorted({row["fitted_on"] for row in rows})
    assert seen == [date(2022, 7, 1), date(2023, 1, 1), date(2024, 1, 1), AS_OF]
    early = [row for row in rows if row["fitted_on"] == date(2023, 1, 1)]
    assert len(early) == sum(day < date(2023, 1, 1) for day in days)
    by_customer = {1000 + at: day for at, day in enumerate(sorted(days))}
    for row in early:
        assert row["days_since"] == (date(2023, 1, 1) - by_customer[row["customer_id"]]).days
        assert (row["purchase_days"], row["basket"], row["age_days"]) == (1, Decimal(10), row["days_since"] - 1)


def test_of_many_customers_the_same_are_drawn_whatever_their_numbers():
    many = together(*(sample(seed) for seed in range(5)))  # 4,500, of which 4,000 are drawn
    order = np.random.default_rng(3).permutation(4500)
    one, other = (
        fit_clusters_of({"cluster_sample": {name: values[rows] for name, values in many.items()}}, context())
        for rows in (np.arange(4500), order)
    )
    for name, values in one["cluster_centre"].items():
        assert values.tolist() == other["cluster_centre"][name].tolist(), name


def test_who_is_drawn_for_an_earlier_day_follows_from_their_first_order():
    def drawn(number: Callable[[int], int]) -> set[int]:
        lines = [line(f"o{at}", number(at), "2023-12-01", "10") for at in range(4100)]
        features = [feature(number(at), 213, 1, "10", age=212) for at in range(4100)]
        with Engine.in_memory() as engine:
            sampled = made(Published(engine).add(order_line=lines, customer_feature=features), "cluster_sample")
        rows = [row for row in sampled if row["fitted_on"] == date(2024, 1, 1)]
        back = {number(at): at for at in range(4100)}
        return {back[row["customer_id"]] for row in rows}

    upwards = drawn(lambda at: at)
    assert len(upwards) == 4000
    assert upwards == drawn(lambda at: 5000 - at)
    assert upwards != set(range(4000))


@pytest.mark.parametrize("customers", [0, 1, 30, 99])
def test_few_customers_make_no_clusters_and_no_error(customers: int):
    few = {name: values[:customers] for name, values in sample(3).items()}
    learned = fit_clusters_of({"cluster_sample": few}, context())
    assert learned["model"]["candidate"].tolist() == ["none"]
    assert len(learned["cluster_centre"]["cluster"]) == 0


def test_customers_who_are_all_alike_make_no_clusters():
    alike = {name: np.full(200, 5.0) for name in sample(3)} | {"fitted_on": np.full(200, np.datetime64(AS_OF))}
    learned = fit_clusters_of({"cluster_sample": alike}, context())
    assert learned["model"]["candidate"].tolist() == ["none"]
