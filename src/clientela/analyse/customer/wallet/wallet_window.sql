-- wallet_window
-- How many days of spending are compared. The wallet of a window is learned on one and tested on the next, and who came
-- within a window has not spent for all of it: so the history must hold two windows and one horizon more.
-- Grain: window_days
-- Kind: as-of
with extent as (
    select date_diff('day', min(first_bought_on), cast(:as_of as date)) as days
    from customer_feature
),
longest as (
    select
        case
            when days >= 9 * :horizon_days then 4 * :horizon_days
            when days >= 5 * :horizon_days then 2 * :horizon_days
            when days >= 3 * :horizon_days then :horizon_days
        end as window_days
    from extent
)
select window_days
from longest
where window_days is not null
