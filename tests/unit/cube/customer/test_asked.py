"""Questions about one customer: each field where one right shows it, nothing of anybody else."""

from __future__ import annotations

import pytest

from clientela.access.area import EVERYTHING, Area
from clientela.access.rights import PERSONAL, Names, Right, Scope
from clientela.contracts.derived import DERIVED
from clientela.contracts.tables import CONTRACTS
from clientela.cube.customer.asked import Question, cells, reach_of, rows, sees_every_customer
from clientela.pipeline import serving
from clientela.pipeline.asking.seen import knowledge_in
from clientela.workspace import Workspace
from tests.pipeline.company import NOW, buying, shop

ALL_COLUMNS = tuple(name for name in DERIVED["customer_page"].names if name != "customer_id")
ORDERS = Question(
    gives=("order_id",),
    sql="select order_id from order_line where customer_id = :customer",
    rests_on=("order_line.order_id",),
)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = shop(tmp_path_factory.mktemp("asked") / "company")
    made.deliver("orders-1.csv", buying(6))
    made.workspace.run(now=NOW)
    return made.workspace


def right(reach: tuple[Area, ...], *columns: str) -> Right:
    return Right(reach=reach, columns=Names(columns), measures=Names(("*",)))


def of(customer: int) -> tuple[Area, ...]:
    return (Area(customers=frozenset({customer})),)


def test_cells_are_united_cell_by_cell(company: Workspace):
    with serving.opened(company.folder) as (reader, served):
        whole = knowledge_in(reader, served.snapshot, None).view
        first, second, *_ = (row["customer_id"] for row in cells(whole, "customer_page", ("orders",), "true")[0])
        scope = Scope((right(of(first), "*"), right(of(second), "customer_page.orders", "order_line.*")))
        view = knowledge_in(reader, served.snapshot, None, scope=scope).view
        told, hidden = cells(view, "customer_page", ALL_COLUMNS, "true")
        found = {row["customer_id"]: row for row in told}
        assert found.keys() == {first, second}
        assert "revenue" in found[first]
        assert {*found[second]} == {"customer_id", "orders"}
        assert hidden == frozenset()
        assert not sees_every_customer(view)


def test_rows_are_those_of_whom_one_sees(company: Workspace):
    with serving.opened(company.folder) as (reader, served):
        whole = knowledge_in(reader, served.snapshot, None).view
        first, second, *_ = (row["customer_id"] for row in cells(whole, "customer_page", ("orders",), "true")[0])
        view = knowledge_in(reader, served.snapshot, None, scope=Scope((right(of(first), "*"),))).view
        assert rows(view, ORDERS, customer=first) == rows(whole, ORDERS, customer=first) != []
        assert rows(view, ORDERS, customer=second) == []


def test_what_may_not_be_seen_at_all_is_none_and_what_nobody_delivered_is_empty(company: Workspace):
    with serving.opened(company.folder) as (reader, served):
        scope = Scope((right(EVERYTHING, "*", "!order_line.order_id"),))
        view = knowledge_in(reader, served.snapshot, None, scope=scope).view
        assert rows(view, ORDERS, customer=1) is None
        absent = next(each for each in CONTRACTS.values() if each.name not in view.tables)
        count = f"select count(*) as n from {absent.name}"  # noqa: S608 - a table of ours
        asked = Question(gives=("n",), sql=count, rests_on=(f"{absent.name}.{absent.key[-1]}",))
        assert rows(view, asked) == []


def test_a_plan_of_one_scope_is_not_that_of_another(company: Workspace):
    with serving.opened(company.folder) as (reader, served):
        whole = knowledge_in(reader, served.snapshot, None).view
        numbers = [row["customer_id"] for row in cells(whole, "customer_page", ("orders",), "true")[0]]
        for number in (*numbers, *numbers):  # the second time as it was kept
            view = knowledge_in(reader, served.snapshot, None, scope=Scope((right(of(number), "*"),))).view
            assert [row["customer_id"] for row in cells(view, "customer_page", ("orders",), "true")[0]] == [number]


def test_personal_columns_need_their_own_right(company: Workspace):
    with serving.opened(company.folder) as (reader, served):
        plain = knowledge_in(reader, served.snapshot, None, scope=Scope((right(EVERYTHING, "*"),))).view
        assert reach_of(plain, ("customer.full_name",)) == ()
        assert cells(plain, "customer", ("full_name",), "true") == ([], frozenset({"full_name"}))
        named = knowledge_in(reader, served.snapshot, None, scope=Scope((right(EVERYTHING, "*", PERSONAL),))).view
        assert reach_of(named, ("customer.full_name", "order_line.order_id")) == EVERYTHING
