"""A small company made for tests: a workspace, files of orders, what a run of it says."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

import clientela
from clientela.pipeline.questions import questions
from clientela.workspace import Workspace, create

NOW = datetime(2024, 7, 1, 8, 0, tzinfo=UTC)
HEADER = ("order_id", "line_no", "customer_ref", "ordered_at", "product_id", "quantity", "net_revenue", "cost_of_goods")

Line = Sequence[object]

# Of a small company's run they are half; where a test is about something else, its company leaves them out.
DEAREST = 'without = ["churn-risk", "clusters", "lifetime-value"]'
FEWER = f"\n[run]\n{DEAREST}\n"  # settings of a shop that says nothing else of its runs


# Where a test is about what comes before all analyses, a third of a small company's run is theirs.
EVERY = f"without = {json.dumps(sorted(each.name for each in questions().all() if each.fit is not None))}"
NONE = f"\n[run]\n{EVERY}\n"  # settings of a shop that says nothing else of its runs


def fewer(settings: str, without: str = DEAREST) -> str:
    """The same settings, whatever they say of the runs, without the dearest analyses, or without `EVERY` one."""
    begun, run, rest = settings.partition("\n[run]\n")
    return f"{begun}{run}{without}\n{rest}" if run else f"{settings}\n[run]\n{without}\n"


SOURCE = """
[[source]]
name = "shop"
table = "order_line"
path = "exports/orders-*.csv"
delivery = "{delivery}"
{extra}
"""


@dataclass(frozen=True, slots=True)
class Shop:
    """A workspace with one source of orders."""

    workspace: Workspace

    @property
    def exports(self) -> Path:
        return self.workspace.folder / "exports"

    def deliver(self, name: str, lines: Iterable[Line], header: Sequence[str] = HEADER) -> None:
        """Write one file of orders, as the shop would."""
        with (self.exports / name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(lines)


def shop(folder: Path, *, delivery: str = "upsert", extra: str = "", settings: str = "") -> Shop:
    """A new workspace for a shop in Madrid without any file yet."""
    create(folder, name="Corner Shop", currency="EUR", timezone="Europe/Madrid")
    (folder / "exports").mkdir()
    toml = folder / "clientela.toml"
    toml.write_text(toml.read_text() + SOURCE.format(delivery=delivery, extra=extra) + settings)
    return Shop(clientela.open(folder))


def buying(customers: int, *, days: int = 540, seed: int = 1, last: date = date(2024, 6, 30)) -> list[list[object]]:
    """Order lines of customers who buy at their own rates and leave by chance (a BG/NBD world).

    ``days`` is the length of the history; the first of them buy at its beginning, the last at its end.
    """
    rng = np.random.default_rng(seed)
    first_day = last - timedelta(days=days - 1)
    lines: list[list[object]] = []
    for customer in range(customers):
        rate, leaving = rng.gamma(2.0, 1 / 60), rng.beta(1.0, 6.0)
        day = float(rng.integers(0, max(1, days // 2)))
        while day < days:
            when = first_day + timedelta(days=int(day))
            money = round(float(rng.gamma(3.0, 12.0)) + 1, 2)
            number = len(lines) + 1
            lines.append(
                [
                    f"o{number}",
                    "1",
                    f"c{customer}",
                    f"{when} 11:30:00",
                    f"p{number % 7}",
                    "1",
                    money,
                    round(money * 0.6, 2),
                ]
            )
            if rng.random() < leaving:
                break
            day += max(1.0, rng.exponential(1 / rate))
    return sorted(lines, key=lambda line: (str(line[3]), str(line[0])))
