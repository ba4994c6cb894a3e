"""What is asked of the tables about one customer; each part goes only to who may see all it shows."""

from __future__ import annotations

from clientela.contracts.derived import DERIVED
from clientela.cube.customer.asked import Question

PAGE = tuple(name for name in DERIVED["customer_page"].names if name != "customer_id")
PERSONAL = (
    "full_name", "first_name", "last_name", "street", "postal_code", "email", "phone", "gender", "birth_date",
    "nationality", "tax_id",
)  # fmt: skip
NAME = ("full_name", "first_name", "last_name")
ABOUT = ("job_title", "sector", "country", "district", "language", "first_created_on")

PERMISSIONS = Question(
    gives=("channel", "purpose", "decision", "at", "records"),
    sql='select channel, purpose, decision, "at", records from customer_consent where customer_id = :customer '
    "order by channel, purpose",
    rests_on=(
        "customer_consent.channel", "customer_consent.purpose", "customer_consent.decision",
        "customer_consent.at",
    ),
)  # fmt: skip
SEGMENTS = Question(
    gives=("segment", "valid_from", "because", "by", "table", "on"),
    sql="select segment, valid_from, entered_because, entered_by, entered_table, entered_on "
    "from segment_member where customer_id = :customer and (valid_to is null or valid_to > :as_of) "
    "order by valid_from desc, segment",
    rests_on=(
        "segment_member.segment", "segment_member.valid_from", "segment_member.valid_to",
        "segment_member.entered_because", "segment_member.entered_by", "segment_member.entered_table",
        "segment_member.entered_on",
    ),
)  # fmt: skip
GROUPS = Question(  # as of the run's date: a page is of no other
    gives=("family", "segment", "valid_from"),
    sql="select family, segment, valid_from from group_member where customer_id = :customer and valid_to is null "
    "order by family",
    rests_on=("group_member.segment", "group_member.valid_from", "group_member.valid_to"),
)
_REASONS = tuple(f"{place}_{part}" for place in ("first", "second", "third") for part in ("reason", "move"))
_HABIT = ("repeat_purchases", "recency_days", "age_days", "recent_purchases")
_LEAVING = (
    *(f"churn_reason.{name}" for name in _REASONS),
    *(f"customer_feature.{name}" for name in _HABIT),
    "score.value",
)
REASONS = Question(
    gives=_REASONS,
    sql="select first_reason, first_move, second_reason, second_move, third_reason, third_move from churn_reason "
    "where customer_id = :customer",
    rests_on=_LEAVING,
)
HABIT = Question(  # apart from the reasons: of one table each, both can be written down by the run
    gives=_HABIT,
    sql="select repeat_purchases, recency_days, age_days, recent_purchases from customer_feature "
    "where customer_id = :customer",
    rests_on=_LEAVING,
)
PLACE = Question(
    gives=("name",),
    sql="select name from territory where territory_id = :territory",
    rests_on=("territory.name", "territory.territory_id"),
)
DAYS = Question(
    gives=("day", "revenue"),
    sql="select happened_on, sum(net_revenue) from order_line where customer_id = :customer "
    "and kind in ('sale', 'return', 'cancellation') and happened_on >= :first "
    "group by happened_on order by happened_on",
    rests_on=("order_line.net_revenue", "order_line.ordered_at", "order_line.kind"),
)
RECORDS = Question(
    gives=("customer_ref", "source", "first_run", "match_probability"),
    sql="select customer_ref, source, first_run, match_probability from identity "
    "where customer_id = :customer order by first_run, source, customer_ref limit 100",
    rests_on=("identity.source", "identity.first_run", "identity.match_probability"),
)
KEY = Question(  # by one reference the engine goes straight to its row
    gives=("customer_ref", "record_id"),
    sql="select customer_ref, record_id from people.identity where customer_ref = :ref",
    rests_on=("identity.record_id",),
    theirs=True,  # whoever asks has the reference from RECORDS
)
KEYS = Question(
    gives=("customer_ref", "record_id"),
    sql="select customer_ref, record_id from people.identity where customer_ref in (select unnest(:refs))",
    rests_on=("identity.record_id",),
    theirs=True,  # whoever asks has the references from RECORDS
)
OLDEST = Question(  # the records of several customers, the oldest of each first, for whoever may see their keys
    gives=("customer_id", "customer_ref"),
    sql="select customer_id, customer_ref from identity where customer_id in (select unnest(:numbers)) "
    "order by customer_id, first_run, source, customer_ref",
    rests_on=("identity.customer_id", "identity.source", "identity.first_run", "identity.record_id"),
)
_HELD_BY = (
    "identity_pair.match_probability", "identity_pair.match_weight", "identity_pair.rule",
    "identity_pair.decision", "identity_pair.status", "identity_evidence.field",
    "identity_evidence.likeness", "identity_evidence.match_weight",
)  # fmt: skip
PAIRS = Question(
    gives=("customer_ref_l", "customer_ref_r", "match_weight", "match_probability", "rule", "decision"),
    sql="select customer_ref_l, customer_ref_r, match_weight, match_probability, rule, decision from identity_pair "
    "where customer_id_l = :customer and customer_id_r = :customer and status = 'joined' "
    "order by match_probability, customer_ref_l, customer_ref_r limit 12",
    rests_on=_HELD_BY,
)
_EVIDENCE = ("customer_ref_l", "customer_ref_r", "field", "likeness", "weight")
SAID = Question(  # apart from the pairs: two lookups cost half of a join
    gives=_EVIDENCE,
    sql="select customer_ref_l, customer_ref_r, field, likeness, match_weight from identity_evidence "
    "where customer_ref_l = :ref order by abs(match_weight) desc, field",
    rests_on=_HELD_BY,
    beside=("identity_evidence",),  # whoever asks has the reference from PAIRS
)
SAID_OF_MANY = Question(
    gives=_EVIDENCE,
    sql="select customer_ref_l, customer_ref_r, field, likeness, match_weight from identity_evidence "
    "where customer_ref_l in (select unnest(:refs)) order by abs(match_weight) desc, field",
    rests_on=_HELD_BY,
    beside=("identity_evidence",),  # whoever asks has the references from PAIRS
)
NOW = Question(  # who the record is now that once gave a number
    gives=("customer_id",),
    sql="select customer_id from identity where customer_ref >= :first and customer_ref < :after limit 1",
    rests_on=("identity.customer_id", "customer_page.customer_id"),
)
