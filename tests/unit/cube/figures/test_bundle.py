from decimal import Decimal

from clientela.cube.figures.query import plan, query
from clientela.cube.figures.question import understood
from clientela.cube.filters import Bound
from tests.unit.cube.published import Published, line

# One order on two days, by a customer and by nobody, with a return: four bundles.
LINES = (
    line("1", 1, "2024-01-05", "10"),
    line("1", 1, "2024-01-05", "5", line_no="2"),
    line("1", None, "2024-01-05", "2", line_no="3"),
    line("1", 1, "2024-02-05", "1", line_no="4"),
    line("1", 1, "2024-02-05", "-3", line_no="5", kind="return"),
)
MEASURES = ["orders", "customers", "purchase_days", "order_lines", "revenue", "returns", "days_since_purchase"]


def test_bundles_count_what_lines_count(published: Published):
    view = published.add(order_line=LINES).view()
    in_two_steps = query(view, MEASURES, ["month"])
    assert [row[1:] for row in in_two_steps.rows] == [
        (1, 1, 1, 3, Decimal(17), Decimal(0), 178),
        (1, 1, 1, 1, Decimal(-2), Decimal(3), 147),
    ]
    assert in_two_steps.totals == (None, 1, 1, 2, 4, Decimal(15), Decimal(3), 147)
    assert query(view, MEASURES, ["kind"]).totals == in_two_steps.totals  # counted on the lines themselves


def test_lines_are_bundled_where_an_order_has_one_member_only(published: Published):
    def sql(measure: str, by: str) -> str:
        return plan(understood([measure], [by], None, [], None), Bound(), published.view()).sql("duckdb")

    assert "part_0" in sql("orders", "channel")
    assert "part_0" not in sql("orders", "kind")
    assert "part_0" not in sql("revenue", "channel")
