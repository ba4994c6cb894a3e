"""`[[cost_pool]]`: what may be said, and how what may not is told."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from clientela import config
from clientela.errors import ConfigurationError

COMPANY = '[company]\nname = "Shop"\ncurrency = "EUR"\n'


def load(folder: Path, pools: str) -> config.Settings:
    (folder / config.FILE).write_text(COMPANY + pools, encoding="utf-8")
    return config.load(folder, {})


def test_a_pool_says_where_it_stands_what_drives_it_and_what_it_came_to(tmp_path: Path) -> None:
    (pool,) = load(
        tmp_path,
        '[[cost_pool]]\nname = "Parcels"\nline = "delivery"\ndriver = "orders"\nchannel = "web"\n'
        'figures = { "2024" = 120000, "2025-01" = 9500.55 }\n',
    ).cost_pool
    assert (pool.name, pool.line, pool.driver, pool.channel) == ("Parcels", "delivery", "orders", "web")
    assert pool.figures == {"2024": Decimal(120000), "2025-01": Decimal("9500.55")}


@pytest.mark.parametrize(
    ("pools", "said"),
    [
        ('[[cost_pool]]\nname = "Rent"\n', "[[cost_pool]] 'Rent': 'driver' is missing"),
        (
            '[[cost_pool]]\nname = "Rent"\ndriver = "order"\n',
            "[[cost_pool]] 'Rent': driver = 'order' is not allowed; known: ",
        ),
        (
            '[[cost_pool]]\nname = "Rent"\ndriver = "none"\nline = "rent"\n',
            "[[cost_pool]] 'Rent': line = 'rent' is not allowed",
        ),
        (
            '[[cost_pool]]\nname = "Rent"\ndriver = "none"\nfigures = { "2024-13" = 1 }\n',
            "'2024-13' is no period of a figure",
        ),
        (
            '[[cost_pool]]\nname = "Rent"\ndriver = "none"\nsince = "2024"\n',
            "'2024' is no month; write year and month",
        ),
        (
            '[[cost_pool]]\nname = "Rent"\ndriver = "none"\nchannel = "web"\n',
            "'none' happen on no channel",
        ),
        ('[[cost_pool]]\nname = "Rent"\ndriver = "none"\ndrivers = 1\n', "unknown key 'drivers'"),
        (
            2 * '[[cost_pool]]\nname = "Rent"\ndriver = "none"\n',
            "two [[cost_pool]] are 'Rent'; say in one of them from which month on it holds: since",
        ),
        (
            '[[cost_pool]]\nname = "Rent"\ndriver = "none"\nfigures = { "2024" = 1, "2024-05" = 2 }\n',
            "[[cost_pool]] 'Rent' has two figures for 2024-05",
        ),
        (
            '[[cost_pool]]\nname = "Fairs"\ndriver = "none"\ncontains_budgets = true\n'
            '[[cost_pool]]\nname = "Ads"\ndriver = "none"\ncontains_budgets = true\n',
            "two [[cost_pool]] say contains_budgets = true: 'Ads' and 'Fairs'",
        ),
        (
            '[[cost_pool]]\nname = "campaign c1"\ndriver = "none"\n',
            "[[cost_pool]] 'campaign c1' is called like a campaign's or a list's own pool, which begin",
        ),
        (
            '[[cost_pool]]\nname = "list x"\ndriver = "none"\n',
            "give it another name, such as 'List x'",
        ),
    ],
)
def test_what_cannot_be_is_said_with_its_place(tmp_path: Path, pools: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load(tmp_path, pools)
    assert said in str(refused.value)


def test_only_the_beginning_of_a_campaigns_own_pool_is_taken(tmp_path: Path) -> None:
    names = ("Campaign costs", "campaigns", "lists", "Our list x")
    said = "".join(f'[[cost_pool]]\nname = "{name}"\ndriver = "none"\n' for name in names)
    assert tuple(pool.name for pool in load(tmp_path, said).cost_pool) == names


def test_a_pool_may_change_its_driver_from_a_month_on(tmp_path: Path) -> None:
    pools = load(
        tmp_path,
        '[[cost_pool]]\nname = "Parcels"\ndriver = "lines"\n'
        '[[cost_pool]]\nname = "Parcels"\ndriver = "orders"\nsince = "2025-01"\n',
    ).cost_pool
    assert [(pool.driver, pool.since) for pool in pools] == [("lines", None), ("orders", "2025-01")]
