-- wallet_count
-- How many customers of each group of peers spent about the same in a window, by category and in all.
-- Grain: period, depth, peer_group, category, bucket
-- Kind: as-of
with placed as (
    select
        wallet_spend.period,
        wallet_spend.category,
        cast(floor(50 * ln(nullif(greatest(cast(wallet_spend.spent as double), 0.01), 0))) as bigint) as bucket,
        wallet_peer.peer_1,
        wallet_peer.peer_2
    from wallet_spend
    left join wallet_peer on wallet_peer.customer_id = wallet_spend.customer_id
)
select period, 0 as depth, '' as peer_group, category, bucket, count(*) as customers
from placed
group by period, category, bucket
union all
select period, 1 as depth, peer_1 as peer_group, category, bucket, count(*) as customers
from placed
where peer_1 is not null
group by period, peer_1, category, bucket
union all
select period, 2 as depth, peer_2 as peer_group, category, bucket, count(*) as customers
from placed
where peer_2 is not null
group by period, peer_2, category, bucket
