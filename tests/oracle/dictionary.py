"""What each measure is, in plain SQL over base tables: written by hand from the reference, not from the product.

``known_T`` is what was known of a base table (see `sql`), ``stored.T`` a table that a run computes, as it lies there;
``{D}`` is the date looked from, as a literal, ``{L}`` the days after which a customer counts as lost.
"""

# ruff: noqa: E501 -- one definition a line
from __future__ import annotations

from dataclasses import dataclass

FISCAL = ("fiscal_month", "fiscal_quarter", "fiscal_year")
TIME = ("day", "week", "month", "quarter", "year", *FISCAL)
GOODS = ("product_id", "product_name", "subcategory", "category", "brand")
PLACE = ("territory_id", "territory", "district", "region", "nation")
CAMPAIGN = ("campaign_id", "campaign")

# What a fact is made of, and by what its rows can be seen.
FACTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "line": (
        "select *, happened_on as day from known_order_line",
        (*TIME, *GOODS, *PLACE, *CAMPAIGN, "channel", "kind", "payment_method", "source", "customer"),
    ),
    "start": (
        "select customer, min(happened_on) as day from known_order_line where kind = 'sale' and customer is not null"
        " group by customer",
        (*TIME, "customer"),
    ),
    "loss": (
        "select distinct a.customer, a.happened_on + {L} as day from known_order_line a where a.kind = 'sale'"
        " and a.customer is not null and a.happened_on + {L} < {D} and not exists (select 1 from known_order_line b"
        " where b.kind = 'sale' and b.customer = a.customer and b.happened_on > a.happened_on"
        " and b.happened_on <= a.happened_on + {L})",
        (*TIME, "customer"),
    ),
    "back": (
        "select distinct b.customer, b.happened_on as day from known_order_line b where b.kind = 'sale' and exists"
        " (select 1 from known_order_line a where a.kind = 'sale' and a.customer = b.customer"
        " and a.happened_on < b.happened_on) and not exists (select 1 from known_order_line a where a.kind = 'sale'"
        " and a.customer = b.customer and a.happened_on < b.happened_on and a.happened_on >= b.happened_on - {L})",
        (*TIME, "customer"),
    ),
    "year": (
        "select customer, count(distinct happened_on) as days from known_order_line where kind = 'sale'"
        " and customer is not null and happened_on >= {D} - 365 group by customer",
        ("customer",),
    ),
    "invoice": (
        "select *, happened_on as day from known_invoice", (*TIME, "customer", "source", "payment_method"),
    ),
    "subscription": (
        "select *, happened_on as day from known_subscription", (*TIME, *GOODS, "customer", "source"),
    ),
    "ended": (
        "select source, ended_on as day, customer, product_id, end_reason as reason from known_subscription"
        " where ended_on is not null",
        (*TIME, *GOODS, "customer", "source", "reason"),
    ),
    "interaction": (
        "select *, happened_on as day, kind as contact_kind from known_interaction",
        (*TIME, *CAMPAIGN, "customer", "source", "channel", "contact_kind", "direction", "device", "outcome", "agent_id"),
    ),
    "case": (
        "select *, happened_on as day, kind as case_kind from known_service_case",
        (*TIME, *GOODS, "customer", "source", "channel", "case_kind", "reason", "severity", "outcome"),
    ),
    "cost": (
        "select happened_on as day, customer, channel, cost, 'contacts' as serving from known_interaction"
        " where cost is not null union all select happened_on, customer, channel, cost, 'cases' from known_service_case"
        " where cost is not null union all select happened_on, customer, null, cost, 'campaigns' from known_contact"
        " where cost is not null",
        (*TIME, "customer", "channel", "serving"),
    ),
    "answer": (
        "select *, happened_on as day from known_survey_answer where score is not null",
        (*TIME, *GOODS, "customer", "source", "about"),
    ),
    "opportunity": (
        "select * replace (coalesce(status, 'open') as status), happened_on as day from known_opportunity",
        (*TIME, *GOODS, *PLACE, "customer", "source", "owner_id", "status", "lost_reason"),
    ),
    "contact": ("select *, happened_on as day from known_contact", (*TIME, *CAMPAIGN, "customer", "source", "arm", "status")),
    "response": (
        "select r.source, r.happened_on as day, r.customer, r.kind, r.value, (select c.campaign_id from known_contact c"
        " where c.source = r.source and c.contact_id = r.contact_id) as campaign_id, (select c.arm from known_contact c"
        " where c.source = r.source and c.contact_id = r.contact_id) as arm from known_response r",
        (*TIME, *CAMPAIGN, "customer", "source", "arm"),
    ),
    "campaign": ("select *, starts_on as day from known_campaign", (*TIME, *CAMPAIGN, "source", "owner_id")),
    "list": ("select *, delivered_on as day from known_contact_list", (*TIME, "source", "list_id", "supplier")),
    "target": ("select *, period as day from known_target", (*TIME, *PLACE, "source", "owner_id")),
    "score": ("select analysis, customer_id as customer, value from stored.score where as_of = {D}", ("customer",)),
    "known": (
        "select * from (select c.customer_id as customer, c.records, c.kind as customer_kind, case when c.records > 4 then 4 else c.records"
        " end as records_each, (select string_agg(i.source, ', ' order by i.source) from (select distinct"
        " customer_id, source from stored.identity) i where i.customer_id = c.customer_id) as systems, (select max(o.happened_on) from"
        " known_order_line o where o.kind = 'sale' and o.customer = c.customer_id) as last, coalesce((select"
        " min(o.happened_on) from known_order_line o where o.kind = 'sale' and o.customer = c.customer_id),"
        " c.first_created_on) as day from stored.customer c) where day is null or day < {D}",
        (*TIME, "customer", "customer_kind", "records_each", "systems"),
    ),
    "duplicate": (
        "select i.customer_id as customer, i.match_probability, i.source as its, o.source as other, case when its = other"
        " then its when its < other then its || ', ' || other else other || ', ' || its end as system_pair,"
        " (select e.\"by\" from stored.identity_event e where e.customer_ref = i.customer_ref order by e.run desc limit 1)"
        " as found_by from stored.identity i join stored.identity o on o.customer_id = i.customer_id and o.oldest"
        " where not i.oldest",
        ("customer", "system_pair", "found_by"),
    ),
    "pair": (
        "select p.status, p.is_bridge, case when a.source = b.source then a.source when a.source < b.source then a.source"
        " || ', ' || b.source else b.source || ', ' || a.source end as system_pair from stored.identity_pair p"
        " left join stored.identity a on a.customer_ref = p.customer_ref_l"
        " left join stored.identity b on b.customer_ref = p.customer_ref_r",
        ("system_pair",),
    ),
    "doubtful": (
        "select customer, happened_on as day, net_revenue from known_order_line where kind in ('sale', 'return',"
        " 'cancellation') and customer in (select customer_id_l from stored.identity_pair where status = 'uncertain'"
        " union select customer_id_r from stored.identity_pair where status = 'uncertain')",
        (*TIME, "customer"),
    ),
    "effect": ("select *, customer_id as customer from stored.duplicate_effect where as_of = {D}", ("customer",)),
    "consent": ("select *, customer_id as customer from stored.customer_consent", ("customer",)),
    "field": ("select * from stored.record_field", ("source", "field")),
}  # fmt: skip

REVENUE = "kind in ('sale', 'return', 'cancellation')"
CALL = "kind in ('call', 'sales_call')"


@dataclass(frozen=True)
class Counted:
    """``empty``: the figure of nothing. ``over_time``: whether figures of days add. ``today``: who is whom decides."""

    fact: str
    sql: str
    unit: str
    empty: int | None = 0
    over_time: bool = True
    today: bool = False


def _sum(value: str, when: str = "true") -> str:
    return f"sum(case when {when} then {value} end)"


def _n(when: str = "true") -> str:
    return f"sum(case when {when} then 1 else 0 end)"


def _different(value: str, when: str = "true") -> str:
    return f"len(list(distinct {value}) filter (where ({value}) is not null and {when}))"


def _of(fact: str, **said: Counted | tuple[str, str] | tuple[str, str, str]) -> dict[str, Counted]:
    """Measures of one fact: SQL, unit, and ``?`` where nothing is known without rows, ``!`` where days do not add."""
    made = {}
    for name, each in said.items():
        if isinstance(each, Counted):
            made[name] = each
            continue
        marks = each[2] if len(each) > 2 else ""
        made[name] = Counted(fact, each[0], each[1], None if "?" in marks else 0, "!" not in marks, "@" in marks)
    return made


COUNTED: dict[str, Counted] = {
    **_of(
        "line",
        revenue=(_sum("net_revenue", REVENUE), "money"),
        other_revenue=(_sum("net_revenue", "kind in ('shipping', 'fee')"), "money"),
        sales=(_sum("net_revenue", "kind = 'sale'"), "money"),
        returns=(_sum("-net_revenue", "kind = 'return'"), "money"),
        margin=(_sum("net_revenue - cost_of_goods", f"{REVENUE} and cost_of_goods is not null"), "money", "?"),
        revenue_with_cost=(_sum("net_revenue", f"{REVENUE} and cost_of_goods is not null"), "money"),
        revenue_with_assumed_cost=(_sum("0", REVENUE), "money"),  # no product says what a piece costs
        discount=(_sum("discount", REVENUE), "money", "?"),
        revenue_before_discount=(_sum("net_revenue + discount", f"{REVENUE} and discount is not null"), "money", "?"),
        anonymous_revenue=(_sum("net_revenue", f"{REVENUE} and customer is null"), "money"),
        customer_revenue=(_sum("net_revenue", f"{REVENUE} and customer is not null"), "money"),
        orders=(_different("source || chr(31) || order_id", "kind = 'sale'"), "count", "!"),
        order_lines=(_n("kind = 'sale'"), "count"),
        quantity=(_sum("quantity", REVENUE), "number", "?"),
        customers=(_different("customer", "kind = 'sale'"), "count", "!@"),
        purchase_days=(_different("customer || '/' || day", "kind = 'sale'"), "count", "@"),
        days_since_purchase=("{D} - max(case when kind = 'sale' then day end)", "days", "?!"),
    ),
    **_of("start", new_customers=(_n(), "count", "@")),
    **_of("loss", lost_customers=(_different("customer"), "count", "!@")),
    **_of("back", customers_won_back=(_different("customer"), "count", "!@")),
    **_of(
        "score",
        customers_scored=(_n("analysis = 'churn-risk'"), "count", "!@"),
        customers_at_risk=(_sum("value", "analysis = 'churn-risk'"), "number", "?!@"),
        expected_loss=(_sum("value", "analysis = 'churn-loss'"), "money", "?!@"),
        customers_valued=(_n("analysis = 'lifetime-value'"), "count", "!@"),
        margin_to_come=(_sum("value", "analysis = 'lifetime-value'"), "money", "?!@"),
    ),
    **_of(
        "invoice",
        invoices=(_n(), "count"),
        invoiced=(_sum("amount"), "money"),
        paid=(_sum("amount", "paid_on is not null"), "money"),
        unpaid=(_sum("amount", "paid_on is null"), "money"),
        overdue=(_sum("amount", "paid_on is null and due_on < {D}"), "money"),
        invoices_paid=(_n("paid_on is not null and due_on is not null"), "count"),
        invoices_late=(_n("paid_on > due_on"), "count"),
        days_late=(_sum("greatest(paid_on - due_on, 0)", "paid_on is not null and due_on is not null"), "days", "?"),
        days_to_pay=(_sum("paid_on - happened_on"), "days", "?"),
    ),
    **_of(
        "subscription",
        subscriptions_started=(_n(), "count"),
        subscriptions=(_n("ended_on is null or ended_on >= {D}"), "count", "!"),
        recurring_revenue=(
            _sum(
                "case when period = 'year' then cast((cast(amount * 100 as bigint) * 200 + 12) // 24 as decimal(20, 0))"
                " * 0.0001 else amount end",
                "ended_on is null or ended_on >= {D}",
            ),
            "money",
            "!",
        ),
        subscribers=(_different("customer", "(ended_on is null or ended_on >= {D})"), "count", "!@"),
    ),
    **_of("ended", subscriptions_ended=(_n(), "count")),
    **_of(
        "interaction",
        contacts=(_n(), "count"),
        visits=(_n("kind = 'visit'"), "count"),
        calls=(_n(CALL), "count"),
        customers_contacted=(_different("customer"), "count", "!@"),
        pages=(_sum("pages"), "count", "?"),
        call_seconds=(_sum("duration_s", CALL), "count", "?"),
        calls_timed=(_n(f"{CALL} and duration_s is not null"), "count"),
    ),
    **_of(
        "case",
        cases=(_n(), "count"),
        complaints=(_n("kind = 'complaint'"), "count"),
        cases_open=(_n("closed_on is null"), "count", "!"),
        cases_replied=(_n("first_reply_on is not null"), "count"),
        cases_closed=(_n("closed_on is not null"), "count"),
        days_to_reply=(_sum("first_reply_on - happened_on"), "days", "?"),
        days_to_close_case=(_sum("closed_on - happened_on"), "days", "?"),
        handling_minutes=(_sum("handling_minutes"), "number", "?"),
    ),
    **_of("cost", cost_to_serve=(_sum("cost"), "money")),
    **_of(
        "answer",
        nps_answers=(_n("instrument = 'nps'"), "count"),
        nps_points=("100 * sum(case instrument when 'nps' then (score >= 9)::int - (score <= 6)::int end)", "count", "?"),
        csat_answers=(_n("instrument = 'csat'"), "count"),
        csat_content=(_n("instrument = 'csat' and score in (4, 5)"), "count"),
        ces_answers=(_n("instrument = 'ces'"), "count"),
        ces_points=(_sum("score", "instrument = 'ces'"), "count", "?"),
    ),
    **_of(
        "opportunity",
        opportunities=(_n(), "count"),
        pipeline=(_sum("amount", "status = 'open'"), "money", "!"),
        opportunities_open=(_n("status = 'open'"), "count", "!"),
        opportunities_won=(_n("status = 'won'"), "count"),
        opportunities_decided=(_n("status in ('won', 'lost')"), "count"),
        won_amount=(_sum("amount", "status = 'won'"), "money"),
        days_to_decide=(_sum("closed_on - happened_on"), "days", "?"),
        opportunities_closed=(_n("closed_on is not null"), "count"),
    ),
    **_of("target", revenue_target=(_sum("value", "measure = 'revenue'"), "money", "?")),
    **_of(
        "contact",
        messages_sent=(_n("status = 'sent'"), "count"),
        messages_bounced=(_n("status = 'bounced'"), "count"),
        customers_reached=(_different("customer", "status = 'sent'"), "count", "!@"),
        control=(_different("customer", "arm = 'control'"), "count", "!@"),
        campaign_cost=(_sum("cost"), "money"),
    ),
    **_of(
        "response",
        responses=(_n("kind <> 'opt_out'"), "count"),
        opt_outs=(_n("kind = 'opt_out'"), "count"),
        response_value=(_sum("value"), "money"),
    ),
    **_of("campaign", campaigns=(_n(), "count"), campaign_budget=(_sum("budget"), "money")),
    **_of("list", lists=(_n(), "count"), list_cost=(_sum("cost"), "money"), list_records=(_sum("records"), "count", "?")),
    **_of(
        "known",
        known_customers=(_n(), "count", "@"),
        records=(_sum("records"), "count", "@"),
        buyers=(_n("last is not null"), "count", "@"),
        active_customers=(_n("last >= {D} - {L}"), "count", "@"),
    ),
    **_of("year", repeat_customers=(_n("days > 1"), "count", "!@")),
    **_of(
        "duplicate",
        duplicate_records=(_n(), "count", "@"),
        joins_expected_wrong=(_sum("1 - match_probability"), "number", "@"),
    ),
    **_of(
        "pair",
        uncertain_pairs=(_n("status = 'uncertain'"), "count", "@"),
        bridges=(_n("status = 'joined' and is_bridge"), "count", "@"),
    ),
    **_of("doubtful", uncertain_revenue=(_sum("net_revenue"), "money", "@")),
    **_of(
        "effect",
        counted_twice=(_sum("records - 1"), "count", "!@"),
        repeat_gap=(_sum("repeat_records - (case when purchase_days > 1 then 1 else 0 end)"), "count", "!@"),
        hidden_best=(_n("is_hidden_best"), "count", "!@"),
        hidden_best_revenue=(_sum("revenue", "is_hidden_best"), "money", "!@"),
    ),
    **_of(
        "consent",
        customers_asked=(_different("customer"), "count", "@"),
        customers_to_contact=(_different("customer", "decision = 'given'"), "count", "@"),
    ),
    **_of(
        "field",
        field_records=(_sum("records"), "count", "@"),
        field_filled=(_sum("filled"), "count", "@"),
        field_usable=(_sum("usable"), "count", "?@"),
        field_copies=(_sum("copies"), "count", "?@"),
    ),
}  # fmt: skip

RATIOS: dict[str, tuple[str, str, str]] = {
    "margin_share": ("margin", "revenue_with_cost", "share"),
    "cost_known_share": ("revenue_with_cost", "revenue", "share"),
    "anonymous_share": ("anonymous_revenue", "revenue", "share"),
    "basket": ("revenue", "orders", "money"),
    "revenue_per_customer": ("customer_revenue", "customers", "money"),
    "days_per_customer": ("purchase_days", "customers", "number"),
    "discount_share": ("discount", "revenue_before_discount", "share"),
    "return_share": ("returns", "sales", "share"),
    "late_share": ("invoices_late", "invoices_paid", "share"),
    "days_late_each": ("days_late", "invoices_paid", "number"),
    "overdue_share": ("overdue", "invoiced", "share"),
    "nps": ("nps_points", "nps_answers", "number"),
    "csat": ("csat_content", "csat_answers", "share"),
    "ces": ("ces_points", "ces_answers", "number"),
    "reply_days": ("days_to_reply", "cases_replied", "number"),
    "closing_days": ("days_to_close_case", "cases_closed", "number"),
    "complaint_rate": ("complaints", "orders", "share"),
    "call_length": ("call_seconds", "calls_timed", "number"),
    "cost_to_serve_share": ("cost_to_serve", "revenue", "share"),
    "win_rate": ("opportunities_won", "opportunities_decided", "share"),
    "sales_cycle": ("days_to_decide", "opportunities_closed", "number"),
    "target_reached": ("revenue", "revenue_target", "share"),
    "response_rate": ("responses", "messages_sent", "share"),
    "bounce_rate": ("messages_bounced", "messages_sent", "share"),
    "cost_per_response": ("campaign_cost", "responses", "money"),
    "cost_per_address": ("list_cost", "list_records", "money"),
    "records_per_customer": ("records", "known_customers", "number"),
    "filled_share": ("field_filled", "field_records", "share"),
    "usable_share": ("field_usable", "field_filled", "share"),
}
MEASURES = (*COUNTED, *RATIOS)
DIGITS = {"money": 4, "number": 6, "share": 6, "count": 0, "days": 0}


def unit(name: str) -> str:
    """In what a figure is counted."""
    return RATIOS[name][2] if name in RATIOS else COUNTED[name].unit


def parts(name: str) -> tuple[str, ...]:
    """What is counted for a figure."""
    return RATIOS[name][:2] if name in RATIOS else (name,)


def facts(names: tuple[str, ...]) -> tuple[str, ...]:
    """The facts that figures are counted on."""
    return tuple(dict.fromkeys(COUNTED[part].fact for name in names for part in parts(name)))


def reached(names: tuple[str, ...]) -> tuple[str, ...]:
    """By what all of these figures can be seen."""
    first, *others = (FACTS[fact][1] for fact in facts(names))
    return tuple(each for each in first if all(each in other for other in others))
