-- customer_wallet
-- What each customer spends of each category, and the room that the wallet assumed for them leaves.
-- Grain: customer_id, wallet_category
-- Kind: as-of
select
    customer_id,
    category        as wallet_category,
    spent,
    room,
    room_low,
    room_high
from customer_wallet
