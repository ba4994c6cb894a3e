-- invoice
-- Every invoice: what it asks for, and as of the date whether it was paid, and how late.
-- Grain: source, invoice_id
-- Kind: as-of
select
    source,
    invoice_id,
    happened_on                                                            as day,
    customer_id,
    payment_method,
    amount,
    paid_on is not null                                                    as is_paid,
    paid_on is not null and paid_on > due_on                               as is_late,
    paid_on is null and due_on < cast(:as_of as date)                      as is_overdue,
    case when paid_on > due_on then date_diff('day', due_on, paid_on)
         when paid_on is not null and due_on is not null then 0 end        as days_late,
    case when paid_on is not null then date_diff('day', happened_on, paid_on) end as days_to_pay
from invoice
