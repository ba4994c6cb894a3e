"""The three systems write the same sale each in its own form."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from clientela.testing.company.buying.latent import latent
from clientela.testing.company.dealings.sales import PHONE, STORE, WEB, Lines
from clientela.testing.company.exports.forms import content
from clientela.testing.company.exports.sales import sales
from clientela.testing.company.people.accounts import accounts
from clientela.testing.company.world import World

WORLD = World(customers=10)
HABITS = latent(WORLD)
HELD = accounts(WORLD, HABITS)
SUMMER = 26 + (1 + (14 + 30 / 60) / 24) / 7  # Tuesday of the 27th week, half past two in the afternoon
ONE = Lines(
    order=np.array([41]),
    line=np.array([1]),
    customer=np.array([3]),
    account=np.array([7]),
    at=np.array([SUMMER]),
    channel=np.array([STORE]),
    product=np.array([0]),
    pieces=np.array([2]),
    revenue=np.array([123_450]),
    discount=np.array([5]),
    cost=np.array([60_000]),
    returns=np.array([-1]),
)


def sent(lines: Lines, world: World = WORLD) -> dict[str, str]:
    files = sales(world, HABITS.home, HELD, lines, "W")
    return {name: content(sheet).decode("cp1252" if "till" in name else "utf-8") for name, sheet in files.items()}


def test_a_till_writes_a_decimal_comma_its_own_clock_and_the_card() -> None:
    row = sent(ONE)["till-sales-W.csv"].splitlines()[1].replace('"', "").split(";")
    assert row[:8] == ["T42", "1", "600900000008", "04/07/2023 14:30:00", "P0001", "2", "1234,50", "0,05"]
    nobody = sent(replace(ONE, customer=np.array([-1]), account=np.array([-1])))["till-sales-W.csv"].splitlines()[1]
    assert nobody.split(";")[2] == ""


def test_the_web_shop_writes_heads_and_lines_and_the_clock_of_utc() -> None:
    files = sent(replace(ONE, channel=np.array([WEB])))
    assert json.loads(files["shop-orders-W.jsonl"]) == {
        "order": "WEB-42", "account": "u0000008", "placed": "2023-07-04T12:30:00Z", "payment": "wallet",
    }  # fmt: skip
    assert json.loads(files["shop-lines-W.jsonl"]) == {
        "order": "WEB-42", "line": 1, "sku": "P0001", "pieces": 2, "total": 1234.5, "saved": 0.05, "cost": 600.0,
        "vat": 271.59, "returns": None,
    }  # fmt: skip


def test_the_office_writes_months_first_and_the_clock_of_london() -> None:
    back = replace(
        ONE, channel=np.array([PHONE]), revenue=np.array([-5]), pieces=np.array([-2]), returns=np.array([40])
    )
    row = sent(back)["office-lines-W.tsv"].splitlines()[1].replace('"', "").split("\t")
    assert row[2:4] == ["000008", "07/04/2023 01:30:00 PM"]
    assert row[5:7] == ["-2", "-0.05"]
    assert row[-1] == "AB/41"


def test_no_sale_is_at_an_hour_that_the_clock_skips() -> None:
    skipped = replace(ONE, at=np.array([11 + (6 + 2.5 / 24) / 7]))  # Sunday, 26 March 2023, half past two
    assert "26/03/2023 03:00:00" in sent(skipped)["till-sales-W.csv"]
