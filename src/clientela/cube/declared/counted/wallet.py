"""What is counted of wallets: what customers spend of them here, and the room that is assumed to be left."""

from __future__ import annotations

from clientela.contracts.text import text
from clientela.cube.declared.counted.shape import Measure, Ratio, Unit

_ROOM = text(
    "What customers are assumed to spend elsewhere: what the best served of those like them spend beyond what they do."
)

OF_WALLETS = (
    Measure(
        name="wallet_customers",
        label=text("Customers with an assumed wallet"),
        description=text("Customers who have bought for long enough to be compared with those like them."),
        unit=Unit.COUNT,
        fact="customer_wallet",
        aggregate="count(distinct customer_id)",
        adds_over_time=False,
    ),
    Measure(
        name="wallet_spent",
        label=text("Spent of the wallet"),
        description=text("What these customers spent within the days that are compared."),
        unit=Unit.MONEY,
        fact="customer_wallet",
        aggregate="coalesce(sum(spent), 0)",
        adds_over_time=False,
    ),
    Measure(
        name="room_to_grow",
        label=text("Room to grow"),
        description=_ROOM,
        unit=Unit.MONEY,
        fact="customer_wallet",
        aggregate="coalesce(sum(room), 0)",
        adds_over_time=False,
    ),
    Measure(
        name="room_to_grow_low",
        label=text("Room to grow, at least"),
        description=text("The room at the lower end of what the best served spend."),
        unit=Unit.MONEY,
        fact="customer_wallet",
        aggregate="coalesce(sum(room_low), 0)",
        adds_over_time=False,
    ),
    Measure(
        name="room_to_grow_high",
        label=text("Room to grow, at most"),
        description=text("The room at the upper end of what the best served spend."),
        unit=Unit.MONEY,
        fact="customer_wallet",
        aggregate="coalesce(sum(room_high), 0)",
        adds_over_time=False,
    ),
    Measure(
        name="wallet",
        label=text("Assumed wallet"),
        description=text("What customers spend here and the room beside it."),
        unit=Unit.MONEY,
        fact="customer_wallet",
        aggregate="coalesce(sum(spent), 0) + coalesce(sum(room), 0)",
        adds_over_time=False,
    ),
)

OF_WALLETS_DIVIDED = (
    Ratio(
        name="share_of_wallet",
        label=text("Share of the assumed wallet"),
        description=text("What customers spend here, divided by their assumed wallet."),
        unit=Unit.SHARE,
        numerator="wallet_spent",
        denominator="wallet",
    ),
)
