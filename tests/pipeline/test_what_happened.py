"""What happened, on a shop small enough to add up by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from tests.pipeline.company import FEWER, Shop, shop


def daily(first: date, last: date, revenue: float, customer: str = "c1") -> list[list[object]]:
    days = (last - first).days + 1
    return [
        [
            f"{customer}-{first + timedelta(days=n)}",
            "1",
            customer,
            f"{first + timedelta(days=n)} 12:00:00",
            "p",
            "1",
            revenue,
            "",
        ]
        for n in range(days)
    ]


def sold(folder: Path, *lines: list[list[object]], now: datetime | None = None) -> Shop:
    made = shop(folder / "w", settings=FEWER)
    made.deliver("orders-1.csv", [line for part in lines for line in part])
    made.workspace.run(now=now or datetime(2025, 1, 1, tzinfo=UTC))
    return made


def test_a_running_quarter_is_never_shown_as_a_fall(tmp_path: Path) -> None:
    made = sold(
        tmp_path,
        daily(date(2024, 1, 1), date(2024, 3, 31), 10),
        daily(date(2024, 4, 1), date(2024, 6, 30), 11),
        daily(date(2024, 7, 1), date(2024, 7, 20), 22),
    )
    text = made.workspace.ask("sales-trend").to_text()
    assert "Revenue rose 10.0% to €1,001 in April–June 2024." in text  # 91 days in both quarters
    assert "July–September 2024 is not over: its first 20 days brought €440, 100.0% more" in text
    assert "fell" not in text


def test_the_same_quarter_of_the_year_before_is_compared(tmp_path: Path) -> None:
    made = sold(
        tmp_path,
        daily(date(2023, 4, 1), date(2024, 3, 31), 10),
        daily(date(2024, 4, 1), date(2024, 6, 30), 5),
    )
    text = made.workspace.ask("sales-trend").to_text()
    assert "Revenue fell 50.0% to €455 in April–June 2024." in text
    assert "It is 50.0% less than a year before." in text
    assert "It is the weakest of the 5 whole periods on record." in text


def test_returns_are_taken_off_when_they_come_back(tmp_path: Path) -> None:
    returned = [["r1", "1", "c1", "2024-06-05 12:00:00", "p", "-1", "-100", ""]]
    made = sold(tmp_path, daily(date(2024, 4, 1), date(2024, 6, 30), 10), returned)
    table = made.workspace.ask("sales-trend", parameters={"period": "month"}).table.to_pydict()
    assert table["period"][:3] == ["2024-06-01/2024-06-30", "2024-05-01/2024-05-31", "2024-04-01/2024-04-30"]
    assert table["revenue"][:3] == [Decimal(200), Decimal(310), Decimal(300)]
    assert table["orders"][0] == 30  # a return is no purchase


def test_sales_without_a_customer_count_in_revenue_and_never_in_customers(tmp_path: Path) -> None:
    named = [line for n in range(10) for line in daily(date(2024, 6, 1), date(2024, 6, 2), 10, f"c{n}")]
    made = sold(tmp_path, named, daily(date(2024, 6, 1), date(2024, 6, 20), 10, ""))
    text = made.workspace.ask("customer-value").to_text()
    assert "One customer in ten brings 10% of the revenue." in text
    assert "Another 50% of all revenue was sold without knowing to whom" in text
    weeks = made.workspace.ask("sales-trend", parameters={"period": "week"}).table.to_pydict()
    assert weeks["customers"] == [0, 0]


def test_who_brings_most_stands_first_and_the_quiet_are_named(tmp_path: Path) -> None:
    lines = [line for n in range(20) for line in daily(date(2024, 6, 1), date(2024, 6, 1), 100 - n, f"c{n}")]
    made = sold(tmp_path, lines, daily(date(2024, 9, 30), date(2024, 9, 30), 1, "c5"))
    insight = made.workspace.ask("customer-value")
    table = insight.table.to_pydict()
    assert table["customers"] == [2] * 10
    assert table["revenue"][0] == Decimal(199)
    assert "Call the 2 customers of the first tenth who have bought nothing for more than 60 days." in " ".join(
        insight.to_text().split()
    )


def test_the_answer_in_spanish_has_no_english_left(tmp_path: Path) -> None:
    lines = [line for n in range(12) for line in daily(date(2024, 1, 1), date(2024, 6, 30), 10 + n, f"c{n}")]
    said = sold(tmp_path, lines).workspace.ask("sales-trend").to_text("es")
    assert "Los ingresos" in said
    assert "abril–junio de 2024" in said
    assert not {"Revenue", "customers", "period", "than"} & set(said.replace(".", " ").split())
