"""Pools of costs shared out over customers: five rows, and that nothing is lost or made, whatever is rounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from clientela.config import CostPool
from clientela.pipeline.declared.costs import by_month, figures, months, rules, version_of
from tests.unit.analyse.profit.costed import computed
from tests.unit.cube.published import Row, line, reference

JANUARY, FEBRUARY, MARCH = date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)
ANY = date(1900, 1, 1)


def rule(pool: str, driver: str, *, since: date = ANY, until: date | None = None, **more: object) -> Row:
    """A row of ``cost_rule``."""
    told = {"pool": pool, "since": since, "until": until, "cost_line": "delivery", "driver": driver}
    return {**told, "channel": None, "months": None, "contains_budgets": False, "version": "v1", **more}


def shared(rules: Sequence[Row] = (), **tables: Sequence[Row]) -> list[tuple[object, ...]]:
    """Month, customer, amount and why, in the order of pools, months and places."""
    rows = computed(cost_rule=rules, **tables)["allocated_cost"]
    return [(row["happened_on"], row["customer_id"], row["amount"], row["allocation"]) for row in rows]


def amount(month: date, said: str, pool: str = "parcels") -> Row:
    """A row of ``cost_figure``."""
    return {"pool": pool, "month": month, "amount": Decimal(said)}


def delivered(period: date, said: str, driver: str | None = "orders") -> Row:
    """A row of ``cost_pool``, as a source delivers it."""
    return reference(pool="parcels", period=period, amount=Decimal(said), driver=driver)


def test_a_pool_is_cut_by_orders_with_the_cut_of_sales_without_a_customer_shown():
    found = shared(
        [rule("parcels", "orders")],
        cost_figure=[amount(JANUARY, "100")],
        order_line=[
            line("a", 1, "2024-01-03", "10"),
            line("a", 1, "2024-01-03", "20", line_no="2"),  # the same order
            line("b", 2, "2024-01-04", "10"),
            line("c", None, "2024-01-05", "10"),
            line("d", 1, "2024-02-01", "10"),  # another month
        ],
    )
    assert found == [
        (JANUARY, None, Decimal("33.3333"), "no customer known"),
        (JANUARY, 1, Decimal("33.3334"), "shared out"),  # cut at 33.3333 and 66.6667
        (JANUARY, 2, Decimal("33.3333"), "shared out"),
    ]


def test_without_driver_or_without_anything_to_share_by_it_stays_unallocated():
    found = shared(
        [rule("parcels", "orders"), rule("rent", "none")],
        cost_figure=[amount(JANUARY, "100"), amount(JANUARY, "50", "rent")],
        order_line=[line("a", 1, "2024-02-03", "10")],
    )
    assert found == [
        (JANUARY, None, Decimal(100), "nothing to share by"),
        (JANUARY, None, Decimal(50), "no driver"),
    ]


def test_what_campaigns_and_lists_cost_stands_beside_the_pools():
    found = shared(
        [rule("rent", "none")],
        cost_figure=[amount(JANUARY, "50", "rent")],
        campaign=[spring("9")],
        order_line=[line("a", 5, "2024-03-02", "10", campaign_id="c1")],
    )
    assert found == [(MARCH, 5, Decimal(9), "shared out"), (JANUARY, None, Decimal(50), "no driver")]


def spring(budget: str, **more: object) -> Row:
    """A campaign that began in March."""
    return reference(**{"campaign_id": "c1", "budget": Decimal(budget), "starts_on": MARCH, "ends_on": MARCH, **more})


def marketing(*months: tuple[date, str], **more: object) -> dict[str, Sequence[Row]]:
    """A pool that contains what campaigns cost, by month; a campaign is shared out by its orders, the pool not."""
    return {
        "cost_rule": [rule("marketing", "none", cost_line="acquisition", contains_budgets=True, **more)],
        "cost_figure": [amount(month, said, "marketing") for month, said in months],
    }


def apart(found: Mapping[str, Sequence[Row]]) -> list[tuple[object, ...]]:
    """Month, whole, what is counted apart, what is left, of the pools by month."""
    names = ("month", "whole", "counted_apart", "amount")
    return [tuple(row[name] for name in names) for row in found["cost_pool_month"]]


def test_budgets_are_taken_out_of_the_pool_that_contains_them_and_sum_to_it_with_what_is_left():
    sent = {
        "source": "mailer", "contact_id": "1", "campaign_id": "c1", "status": "sent", "customer_id": 7,
        "cost": Decimal("4.0005"), "happened_at": datetime(2024, 2, 2), "happened_on": date(2024, 2, 2),
        "known_from": datetime(2024, 2, 2), "known_assumed": False,
    }  # fmt: skip
    found = computed(
        **marketing((FEBRUARY, "30"), (MARCH, "100.0001")),
        campaign=[spring("24.0005")],  # of which the contact cost 4.0005 itself, in February
        contact_list=[reference(list_id="l1", cost=Decimal(7), delivered_on=date(2024, 3, 9))],
        contact=[sent],
        order_line=[line("a", 5, "2024-03-02", "10", campaign_id="c1")],
    )
    assert apart(found) == [
        (FEBRUARY, Decimal(30), Decimal("4.0005"), Decimal("25.9995")),
        (MARCH, Decimal("100.0001"), Decimal(27), Decimal("73.0001")),
    ]
    laid = sum(row["amount"] for row in found["allocated_cost"])
    assert laid + Decimal("4.0005") == Decimal(30) + Decimal("100.0001"), "contacts stand under serving"


def test_a_budget_larger_than_its_month_is_taken_out_of_the_next_ones_and_never_of_earlier_ones():
    found = computed(
        **marketing((JANUARY, "10"), (FEBRUARY, "10"), (MARCH, "10")), campaign=[spring("15", starts_on=FEBRUARY)]
    )
    assert [row[2] for row in apart(found)] == [Decimal(0), Decimal(10), Decimal(5)]
    more = computed(**marketing((FEBRUARY, "10"), (MARCH, "10")), campaign=[spring("50", starts_on=FEBRUARY)])
    assert [row[3] for row in apart(more)] == [Decimal(0), Decimal(0)], "never below zero"
    before = computed(**marketing((MARCH, "10")), campaign=[spring("5", starts_on=JANUARY)])
    assert [row[2] for row in apart(before)] == [Decimal(0)], "the pool does not tell of January"


def test_a_credit_in_the_pool_stands_and_without_the_key_nothing_is_taken_out():
    found = computed(**marketing((FEBRUARY, "-5"), (MARCH, "10")), campaign=[spring("4", starts_on=FEBRUARY)])
    assert [row[3] for row in apart(found)] == [Decimal(-5), Decimal(6)]
    plain = computed(
        cost_rule=[rule("marketing", "none")], cost_figure=[amount(MARCH, "10", "marketing")], campaign=[spring("4")]
    )
    assert [row[2] for row in apart(plain)] == [Decimal(0)]


@settings(max_examples=5, deadline=None)
@given(
    pool=st.lists(st.decimals(Decimal(0), Decimal("999999"), places=4), min_size=3, max_size=3),
    budgets=st.lists(
        st.tuples(st.decimals(Decimal("0.0001"), Decimal("999999"), places=4), st.sampled_from((1, 2, 3))), max_size=5
    ),
)
def test_what_is_taken_out_is_what_was_spent_as_far_as_the_pool_goes(
    pool: list[Decimal], budgets: list[tuple[Decimal, int]]
):
    found = computed(
        **marketing(*zip((JANUARY, FEBRUARY, MARCH), map(str, pool), strict=True)),
        campaign=[
            spring(str(budget), campaign_id=str(number), starts_on=date(2024, month, 1))
            for number, (budget, month) in enumerate(budgets)
        ],
    )
    waiting = Decimal(0)
    for place, (_, whole, taken, left) in enumerate(apart(found)):
        waiting += sum((budget for budget, month in budgets if month == place + 1), Decimal(0))
        assert taken == min(waiting, whole)
        assert left == whole - taken
        waiting -= taken


def test_only_what_happened_on_its_channel_drives_it():
    found = shared(
        [rule("parcels", "orders", channel="web")],
        cost_figure=[amount(JANUARY, "10")],
        order_line=[
            line("a", 1, "2024-01-03", "10", channel="web"),
            line("b", 2, "2024-01-03", "10", channel="store"),
        ],
    )
    assert found == [(JANUARY, 1, Decimal(10), "shared out")]


def test_who_gave_back_more_than_they_bought_carries_nothing_of_what_revenue_drives():
    found = shared(
        [rule("parcels", "revenue")],
        cost_figure=[amount(JANUARY, "10")],
        order_line=[
            line("a", 1, "2024-01-03", "30"),
            line("b", 2, "2024-01-03", "10"),
            line("c", 3, "2024-01-04", "-5", kind="return"),
        ],
    )
    assert [(who, share) for _, who, share, _ in found] == [(1, Decimal("7.5")), (2, Decimal("2.5"))]


def test_first_purchases_carry_what_winning_customers_costs():
    found = shared(
        [rule("parcels", "new_customers")],
        cost_figure=[amount(FEBRUARY, "10")],
        order_line=[
            line("a", 1, "2024-01-03", "30"),
            line("b", 1, "2024-02-03", "30"),
            line("c", 2, "2024-02-04", "30"),
        ],
    )
    assert found == [(FEBRUARY, 2, Decimal(10), "shared out")]


def test_minutes_of_work_on_cases_drive_it():
    opened = {"source": "desk", "kind": "complaint", "known_from": datetime(2024, 1, 2), "known_assumed": False}
    opened |= {"happened_at": datetime(2024, 1, 2), "happened_on": date(2024, 1, 2), "closed_on": date(2024, 1, 3)}
    found = shared(
        [rule("desk", "minutes")],
        cost_figure=[amount(JANUARY, "60", "desk")],
        service_case=[
            {**opened, "case_id": "1", "customer_id": 1, "handling_minutes": Decimal(10)},
            {**opened, "case_id": "2", "customer_id": 2, "handling_minutes": Decimal(50)},
            {**opened, "case_id": "3", "customer_id": 3, "handling_minutes": None},
        ],
    )
    assert [(who, share) for _, who, share, _ in found] == [(1, Decimal(10)), (2, Decimal(50))]


def test_a_delivered_amount_lasts_until_the_next_and_drives_as_it_says():
    found = shared(cost_pool=[delivered(JANUARY, "100"), delivered(MARCH, "80")], order_line=_one_order_a_month())
    assert [(month, share) for month, _, share, _ in found] == [
        (JANUARY, Decimal(50)),
        (FEBRUARY, Decimal(50)),
        (MARCH, Decimal(40)),  # as long as the one before: April is charged when it comes
    ]


def test_a_declared_rule_and_figure_stand_above_what_is_delivered():
    found = shared(
        [rule("parcels", "none", months=1)],
        cost_pool=[delivered(JANUARY, "100"), delivered(MARCH, "80")],
        cost_figure=[amount(MARCH, "7")],
        order_line=_one_order_a_month(),
    )
    assert found == [(JANUARY, None, Decimal(100), "no driver"), (MARCH, None, Decimal(7), "no driver")]


def test_a_driver_that_changes_leaves_the_months_before_as_they_were():
    found = shared(
        [rule("parcels", "orders", until=FEBRUARY), rule("parcels", "none", since=FEBRUARY)],
        cost_figure=[amount(JANUARY, "5"), amount(FEBRUARY, "6")],
        order_line=_one_order_a_month(),
    )
    assert [(month, why) for month, _, _, why in found] == [(JANUARY, "shared out"), (FEBRUARY, "no driver")]


@settings(max_examples=5, deadline=None)
@given(
    pools=st.lists(st.decimals(Decimal("-9999999"), Decimal("99999999"), places=4), min_size=3, max_size=9),
    pieces=st.lists(st.decimals(Decimal("0.000001"), Decimal("9999"), places=6), min_size=1, max_size=60),
)
def test_the_cuts_sum_to_the_pool_exactly_and_each_is_its_part(pools: list[Decimal], pieces: list[Decimal]):
    names = [f"pool {number}" for number in range(len(pools))]
    found = shared(
        [rule(name, "pieces") for name in names],
        cost_figure=[amount(JANUARY, str(pool), name) for name, pool in zip(names, pools, strict=True)],
        order_line=[line(str(who), who, "2024-01-05", "1", quantity=count) for who, count in enumerate(pieces)],
    )
    for place, pool in enumerate(pools):
        cuts = found[place * len(pieces) : (place + 1) * len(pieces)]
        assert sum(share for _, _, share, _ in cuts) == pool
        for _, who, share, _ in cuts:
            assert abs(share - pool * pieces[who] / sum(pieces)) <= Decimal("0.0002")


def test_a_year_is_cut_into_months_that_sum_to_it():
    cut = by_month("2024", Decimal("1000.01"))
    assert sum(each for _, each in cut) == Decimal("1000.01")
    assert [month for month, _ in cut] == [date(2024, month, 1) for month in range(1, 13)]


def test_months_to_come_are_not_charged_yet():
    pools = (CostPool(name="rent", driver="none", figures={"2024": Decimal(1200)}),)
    assert [str(each) for each in figures(pools, date(2024, 3, 1))["month"]] == ["2024-01-01", "2024-02-01"]
    assert str(months(date(2024, 3, 1))["month"][-1]) == "2024-02-01"
    assert str(months(date(2024, 3, 2))["month"][-1]) == "2024-03-01"


def test_each_rule_of_a_pool_holds_until_the_next():
    later = CostPool(name="rent", driver="orders", since="2024-03")
    told = rules((later, CostPool(name="rent", driver="none"), CostPool(name="post", driver="messages")))
    assert list(told["pool"]) == ["post", "rent", "rent"]
    assert [str(each) for each in told["until"]] == ["NaT", "2024-03-01", "NaT"]


def test_whatever_a_rule_says_changes_its_version():
    first = CostPool(name="rent", driver="none", figures={"2024": Decimal(1200)})
    others = (
        first.model_copy(update={"driver": "orders"}),
        first.model_copy(update={"line": "service"}),
        first.model_copy(update={"figures": {"2024": Decimal(1201)}}),
        first.model_copy(update={"since": "2024-02"}),
        first.model_copy(update={"contains_budgets": True}),
    )
    assert len({version_of(each) for each in (first, *others)}) == 6
    assert version_of(first) == "febf87aa", "what a rule does not say leaves its version as it was"
    assert version_of(first) == version_of(first.model_copy(update={"figures": {"2024": Decimal("1200.0")}}))


def _one_order_a_month() -> list[Row]:
    return [line(str(month), 1, f"2024-0{month}-15", "10") for month in (1, 2, 3)]
