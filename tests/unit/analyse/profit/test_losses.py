"""Who costs more than they bring, why, and whether those who pay more leave more."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from clientela.analyse.customer.profit.accounts import LINES, Ledger
from clientela.analyse.customer.profit.losses import Loss, losses, rank_correlation

Written = tuple[int, list[int]]


def account(customer: int, **lines: float) -> Written:
    """An account that sold for ``full_price`` and has the costs named."""
    return customer, [int(Decimal(str(lines.get(name, 0))) * 10_000) for name in LINES]


def ledger(written: list[Written]) -> Ledger:
    return Ledger(np.array([who for who, _ in written]), np.array([units for _, units in written]))


def lost(written: list[Written]) -> list[Loss]:
    return list(losses(ledger(written)))


def usual(customers: int, *, first: int = 1) -> list[Written]:
    """Customers who sold for 100 to 119, of which goods take 60 % and service 5 %."""
    prices = [100 + number % 20 for number in range(customers)]
    return [
        account(first + place, full_price=price, goods=-price * 3 / 5, service=-price / 20)
        for place, price in enumerate(prices)
    ]


def test_a_loss_has_the_line_furthest_from_that_of_others_of_like_revenue():
    served = account(900, full_price=110, goods=-66, service=-60)
    cheap = account(901, full_price=150, discount=-40, goods=-120, service=-5.5)
    found = lost([*usual(100), served, cheap])
    assert [(each.account.customer_id, each.reason) for each in found] == [(900, "service"), (901, "goods")]
    assert found[0].account.profit == Decimal(-16)
    assert found[0].excess == Decimal("54.5")  # 60 less 5 % of 110


def test_of_two_losses_the_larger_comes_first_and_those_who_leave_nothing_lose_nothing():
    found = lost(
        [*usual(30), account(7001, full_price=100, goods=-100), account(7002, full_price=100, goods=-101.5),
         account(7003, full_price=100, goods=-102)]
    )  # fmt: skip
    assert [each.account.customer_id for each in found] == [7003, 7002]


def test_the_tenth_says_how_much_they_pay_compared_with_all():
    found = lost([*usual(90), *(account(1000 + n, full_price=5000, goods=-6000) for n in range(10))])
    assert {each.tenth for each in found} == {1}
    assert len(found) == 10


def test_whoever_gave_back_all_they_bought_is_compared_too():
    back = account(1, full_price=50, returned=-60, goods=4)
    (found,) = lost([*usual(30, first=2), back])
    assert (found.account.customer_id, found.reason) == (1, "returned")


def test_one_customer_alone_has_nobody_to_be_compared_with():
    (found,) = lost([account(1, full_price=10, goods=-12)])
    assert (found.reason, found.excess) == ("goods", Decimal(12))


def test_rank_correlation_is_spearmans_and_none_where_nothing_differs():
    both = [account(number, full_price=number, goods=-number / 2) for number in range(1, 6)]
    assert rank_correlation(ledger(both)) == 1.0
    tied = [account(1, full_price=1, goods=0), account(2, full_price=2, goods=-1), account(3, full_price=3, goods=-2)]
    assert rank_correlation(ledger(tied)) is None  # each leaves 1
    known = [(86, 2), (97, 20), (99, 28), (100, 27), (101, 50), (103, 29), (106, 7), (110, 17), (112, 6), (113, 12)]
    told = [account(n, full_price=one, goods=other - one) for n, (one, other) in enumerate(known)]
    assert rank_correlation(ledger(told)) == round(-29 / 165, 6)  # the textbook's ten: -0.1758


def test_lines_of_several_accounts_sum_line_by_line():
    total = dict(zip(LINES, ledger(usual(20)).total(), strict=True))
    assert total["full_price"] == Decimal(2190)
    assert total["service"] == Decimal("-109.5")


def test_a_ledger_tells_each_account_to_the_last_digit():
    (told,) = ledger([account(7, full_price=10.0001, discount=-0.5, service=-20)])
    assert (told.customer_id, told.revenue, told.profit) == (7, Decimal("9.5001"), Decimal("-10.4999"))
    assert told.line("service") == -20


def test_as_many_lose_whoever_stands_first():
    written = [*usual(60), *(account(1000 + n, full_price=90 + n, goods=-120 - n % 3, service=-n) for n in range(9))]
    order = np.random.default_rng(1).permutation(len(written))
    assert lost([written[place] for place in order]) == lost(written)
