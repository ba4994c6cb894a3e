-- customer_wallet
-- What each customer spends of each category, and the room left: up to what the best served of their peers spend of it,
-- yet in all no more than these spend in all. Where the wallet was stated, the room is what it leaves, parted as the
-- best served part theirs.
-- Grain: customer_id, category
-- Kind: as-of
with spender as (
    select customer_id, spent
    from wallet_spend
    where period = 'now' and category = ''
),
whole as (
    select depth, peer_group, frontier, low, high
    from wallet_frontier
    where category = ''
),
placed as (
    select
        spender.customer_id,
        spender.spent                                                               as spent_in_all,
        case when nearest.depth is not null then 2 when near.depth is not null then 1 else 0 end        as depth,
        case when nearest.depth is not null then wallet_peer.peer_2
            when near.depth is not null then wallet_peer.peer_1 else '' end         as peer_group,
        cast(cast(wallet_peer.stated_wallet as decimal(19, 4)) * wallet_window.window_days as double) / 365 as stated
    from spender
    cross join wallet_window
    left join wallet_peer on wallet_peer.customer_id = spender.customer_id
    left join whole as near on near.depth = 1 and near.peer_group = wallet_peer.peer_1
    left join whole as nearest on nearest.depth = 2 and nearest.peer_group = wallet_peer.peer_2
),
beside as (
    select
        placed.customer_id,
        wallet_frontier.category,
        placed.stated,
        placed.spent_in_all,
        cast(coalesce(wallet_spend.spent, 0) as double)                             as spent,
        cast(wallet_frontier.frontier as double)                                    as frontier,
        greatest(cast(wallet_frontier.frontier - coalesce(wallet_spend.spent, 0) as double), 0) as gap,
        greatest(cast(wallet_frontier.low - coalesce(wallet_spend.spent, 0) as double), 0)      as gap_low,
        greatest(cast(wallet_frontier.high - coalesce(wallet_spend.spent, 0) as double), 0)     as gap_high,
        greatest(cast(whole.frontier - placed.spent_in_all as double), 0)           as most,
        greatest(cast(whole.low - placed.spent_in_all as double), 0)                as most_low,
        greatest(cast(whole.high - placed.spent_in_all as double), 0)               as most_high
    from placed
    join whole on whole.depth = placed.depth and whole.peer_group = placed.peer_group
    join wallet_frontier
        on wallet_frontier.depth = placed.depth and wallet_frontier.peer_group = placed.peer_group
        and wallet_frontier.category <> ''
    left join wallet_spend
        on wallet_spend.customer_id = placed.customer_id and wallet_spend.category = wallet_frontier.category
        and wallet_spend.period = 'now'
),
summed as (
    select
        customer_id,
        sum(cast(gap as decimal(18, 4)))                                            as gaps,
        sum(cast(gap_low as decimal(18, 4)))                                        as gaps_low,
        sum(cast(gap_high as decimal(18, 4)))                                       as gaps_high,
        sum(cast(frontier + spent as decimal(18, 4)))                               as mix
    from beside
    group by customer_id
),
told as (
    select
        beside.customer_id,
        beside.category,
        case when beside.stated is null then 'peers' else 'stated' end              as basis,
        beside.spent,
        case when beside.stated is null then beside.gap * least(1, beside.most / nullif(summed.gaps, 0))
            else greatest(beside.stated - cast(beside.spent_in_all as double), 0)
                * (beside.frontier + beside.spent) / nullif(summed.mix, 0) end      as room,
        case when beside.stated is null then beside.gap_low * least(1, beside.most_low / nullif(summed.gaps_low, 0))
            end                                                                     as room_low,
        case when beside.stated is null then beside.gap_high * least(1, beside.most_high / nullif(summed.gaps_high, 0))
            end                                                                     as room_high
    from beside
    join summed on summed.customer_id = beside.customer_id
)
select
    customer_id,
    category,
    basis,
    cast(spent as decimal(18, 4))                                                   as spent,
    cast(coalesce(room, 0) as decimal(18, 4))                                       as room,
    cast(least(coalesce(room_low, room, 0), coalesce(room, 0)) as decimal(18, 4))   as room_low,
    cast(greatest(coalesce(room_high, room, 0), coalesce(room, 0)) as decimal(18, 4)) as room_high
from told
where spent > 0 or room > 0 or room_high > 0
