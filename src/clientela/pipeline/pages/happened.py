"""What is asked of each table that tells of something that happened with a customer: one row for each thing."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clientela.cube.customer.asked import Question

GIVES = ("day", "moment", "kind", "mark", "what", "a", "b", "n", "money")
MANY = frozenset({"order_line", "interaction"})  # of which a customer may have thousands: only the newest are read

_ORDERS = Question(
    gives=GIVES,
    sql="""
    select
        happened_on as day, max(happened_at) as moment, 'order_line' as kind,
        source || order_id || happened_on as mark,
        case when count(*) filter (where kind = 'sale') > 0 then 'sale' else 'return' end as what,
        null as a, null as b, cast(count(*) as double) as n, cast(sum(net_revenue) as decimal(38, 4)) as money
    from order_line
    where customer_id = :customer and kind in ('sale', 'return', 'cancellation')
    group by source, order_id, happened_on
    having max(happened_at) <= :before_at
    order by moment desc limit :most
    """,
    rests_on=(
        "order_line.order_id", "order_line.ordered_at", "order_line.kind", "order_line.quantity",
        "order_line.net_revenue",
    ),
)  # fmt: skip
ORDERS = Question(  # the same of who has few: what they spent day by day can be read from it
    gives=GIVES,
    sql="""
    select
        happened_on as day, max(happened_at) as moment, 'order_line' as kind,
        source || order_id || happened_on as mark,
        case when count(*) filter (where kind = 'sale') > 0 then 'sale' else 'return' end as what,
        null as a, null as b, cast(count(*) as double) as n, cast(sum(net_revenue) as decimal(38, 4)) as money
    from order_line
    where customer_id = :customer and kind in ('sale', 'return', 'cancellation')
    group by source, order_id, happened_on
    """,
    rests_on=_ORDERS.rests_on,
)
_INTERACTIONS = Question(
    gives=GIVES,
    sql="""
    select
        happened_on as day, happened_at as moment, 'interaction' as kind, source || interaction_id as mark,
        coalesce(kind, '') || ' ' || coalesce(direction, '') as what, channel as a, outcome as b, null as n,
        null as money
    from interaction
    where customer_id = :customer and happened_at <= :before_at
    order by moment desc limit :most
    """,
    rests_on=(
        "interaction.interaction_id", "interaction.started_at", "interaction.channel", "interaction.kind",
        "interaction.direction", "interaction.outcome",
    ),
)  # fmt: skip
EVERY_INTERACTION = Question(  # the same of everybody, written down by the run, which keeps the newest
    gives=GIVES,
    sql="""
    select
        happened_on as day, happened_at as moment, 'interaction' as kind, source || interaction_id as mark,
        coalesce(kind, '') || ' ' || coalesce(direction, '') as what, channel as a, outcome as b, null as n,
        null as money
    from interaction
    where customer_id = :customer
    """,
    rests_on=_INTERACTIONS.rests_on,
)
_CASES = Question(
    gives=GIVES,
    sql="""
    select
        happened_on as day, happened_at as moment, 'service_case' as kind, source || case_id as mark,
        kind as what, reason as a, cast(closed_on as varchar) as b, null as n, null as money
    from service_case
    where customer_id = :customer
    """,
    rests_on=(
        "service_case.case_id", "service_case.opened_at", "service_case.kind", "service_case.reason",
        "service_case.closed_at",
    ),
)  # fmt: skip
_ANSWERS = Question(
    gives=GIVES,
    sql="""
    select
        happened_on as day, happened_at as moment, 'survey_answer' as kind, source || answer_id as mark,
        instrument as what, about as a, null as b, cast(score as double) as n, null as money
    from survey_answer
    where customer_id = :customer
    """,
    rests_on=(
        "survey_answer.answer_id", "survey_answer.answered_at", "survey_answer.instrument", "survey_answer.about",
        "survey_answer.score",
    ),
)  # fmt: skip
_CONTACTS = Question(
    gives=GIVES,
    sql="""
    select
        happened_on as day, happened_at as moment, 'contact' as kind, source || contact_id as mark,
        coalesce(status, 'sent') as what, campaign_id as a, null as b, null as n, null as money
    from contact
    where customer_id = :customer and coalesce(arm, 'treated') = 'treated'
    """,
    rests_on=("contact.contact_id", "contact.sent_at", "contact.campaign_id", "contact.status", "contact.arm"),
)
_CONSENTS = Question(
    gives=GIVES,
    sql="""
    select
        happened_on as day, happened_at as moment, 'consent' as kind,
        source || purpose || channel || happened_at as mark, decision as what, channel as a, purpose as b,
        null as n, null as money
    from consent
    where customer_id = :customer and decision is not null
    """,
    rests_on=("consent.purpose", "consent.channel", "consent.decision", "consent.at"),
)
_ENTERED = Question(
    gives=GIVES,
    sql="""
    select
        valid_from as day, cast(valid_from as timestamp) as moment, 'segment_member' as kind,
        segment || valid_from as mark, 'entered ' || entered_because as what, segment as a, entered_by as b,
        null as n, null as money
    from segment_member
    where customer_id = :customer
    """,
    rests_on=(
        "segment_member.segment", "segment_member.valid_from", "segment_member.entered_because",
        "segment_member.entered_by",
    ),
)  # fmt: skip
_LEFT = Question(
    gives=GIVES,
    sql="""
    select
        valid_to as day, cast(valid_to as timestamp) as moment, 'segment_member' as kind,
        'left' || segment || valid_to as mark, 'left ' || left_because as what, segment as a, left_by as b,
        null as n, null as money
    from segment_member
    where customer_id = :customer and valid_to is not null and valid_to <= :as_of
    """,
    rests_on=(
        "segment_member.segment", "segment_member.valid_to", "segment_member.left_because", "segment_member.left_by",
    ),
)  # fmt: skip
_JOINED = Question(
    gives=GIVES,
    sql="""
    select
        cast("at" as date) as day, "at" as moment, 'identity_event' as kind, run || customer_ref as mark,
        kind as what, by as a, case when to_customer_id = :customer then 'here' end as b, null as n, null as money
    from identity_event
    where to_customer_id = :customer or from_customer_id = :customer
    """,
    rests_on=(
        "identity_event.kind", "identity_event.at", "identity_event.by", "identity_event.from_customer_id",
        "identity_event.to_customer_id",
    ),
)  # fmt: skip
ASKED: Mapping[str, Question] = MappingProxyType(
    {
        "order_line": _ORDERS,
        "interaction": _INTERACTIONS,
        "service_case": _CASES,
        "survey_answer": _ANSWERS,
        "contact": _CONTACTS,
        "consent": _CONSENTS,
        "segment_member": _ENTERED,
        "segment_left": _LEFT,
        "identity_event": _JOINED,
    }
)
