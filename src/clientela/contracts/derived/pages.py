"""Each customer on one row, with all that their page and lists of customers show; and the words they are found by."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clientela.contracts.derived.customer.alike import ALIKE_RESTS_ON
from clientela.contracts.derived.customer.baskets import RESTS_ON as _TOGETHER
from clientela.contracts.derived.customer.grouped import GROUPED_ON
from clientela.contracts.derived.customer.leaving import RESTS_ON as _LEAVING
from clientela.contracts.derived.customer.lifetime import LIFETIME_RESTS_ON
from clientela.contracts.derived.customer.profit import RESTS_ON as _SHARED_OUT
from clientela.contracts.derived.customer.proposed import RESTS_ON as _PROPOSED
from clientela.contracts.derived.customer.satisfaction import SATISFACTION_RESTS_ON
from clientela.contracts.derived.customer.services import SERVICES_REST_ON, WORTH_RESTS_ON
from clientela.contracts.derived.customer.standing import STANDING_RESTS_ON
from clientela.contracts.derived.customer.tiers import TIERS_REST_ON
from clientela.contracts.derived.customer.wallet import WALLET_RESTS_ON
from clientela.contracts.schema import Column, Contract, Type

_LINE = "order_line."
_REVENUE = (_LINE + "net_revenue", _LINE + "kind")
_COST = (*_REVENUE, _LINE + "cost_of_goods")
_BOUGHT = (_LINE + "ordered_at", _LINE + "kind")
_ORDERS = (_LINE + "order_id", _LINE + "kind")
_SCORE = ("score.analysis", "score.value")
_RANGE = (*_SCORE, "score.low", "score.high")
_PLACES = ("1", "2", "3")


def _day(name: str, description: str, *rests_on: str) -> tuple[Column, tuple[str, ...]]:
    return Column(name=name, type=Type.DATE, description=description), rests_on


def _count(name: str, unit: str, description: str, *rests_on: str) -> tuple[Column, tuple[str, ...]]:
    return Column(name=name, type=Type.INT, unit=unit, required=True, description=description), rests_on


def _money(name: str, description: str, *rests_on: str, required: bool = False) -> tuple[Column, tuple[str, ...]]:
    column = Column(name=name, type=Type.MONEY, unit="currency", required=required, description=description)
    return column, rests_on


def _text(name: str, description: str, *rests_on: str) -> tuple[Column, tuple[str, ...]]:
    return Column(name=name, description=description), rests_on


def _number(name: str, unit: str | None, description: str, *rests_on: str) -> tuple[Column, tuple[str, ...]]:
    return Column(name=name, type=Type.NUMBER, unit=unit, description=description), rests_on


_PAGE: tuple[tuple[Column, tuple[str, ...]], ...] = (
    (Column(name="customer_id", type=Type.INT, required=True, description="The customer."), ()),
    _count("records", "records", "Keys known of them.", "customer.records"),
    _count("sources", "systems", "Systems that know them.", "customer.sources"),
    _text("kind", "Person or organisation.", "customer.kind"),
    _text("company", "Company the customer is or belongs to.", "customer.company"),
    _text("city", "Town or city.", "customer.city"),
    _text("region", "Region within the country.", "customer.region"),
    _text("territory_id", "Where they are at home: the territory in which they bought most often.",
          "customer_territory.territory_id"),
    _day("first_seen_on", "The first day anything of them is known: a record, a purchase, a contact or a case.",
         "customer.first_created_on", *_BOUGHT, "interaction.started_at", "service_case.opened_at"),
    _day("first_bought_on", "Day of the first purchase.", *_BOUGHT),
    _day("last_bought_on", "Day of the latest purchase.", *_BOUGHT),
    _count("purchase_days", "days", "Days on which they bought.", *_BOUGHT),
    _count("year_purchase_days", "days", "Of the last 365 days, those on which they bought.", *_BOUGHT),
    _count("recent_purchase_days", "days", "Of the last days, as many as the run looks ahead, those on which they "
           "bought.", *_BOUGHT),
    _count("orders", "orders", "Different orders with at least one line that was sold.", *_ORDERS),
    _count("year_orders", "orders", "Those of the last 365 days.", *_ORDERS, _LINE + "ordered_at"),
    _money("revenue", "Sales, less returns and cancellations.", *_REVENUE, required=True),
    _money("year_revenue", "Revenue of the last 365 days.", *_REVENUE, _LINE + "ordered_at", required=True),
    _money("margin", "Revenue less cost, over lines whose cost is known; null when none is.", *_COST),
    _money("year_margin", "Margin of the last 365 days; null when no cost is known.", *_COST, _LINE + "ordered_at"),
    _number("usual_gap_days", "days", "Days from the first purchase to the latest, divided by the purchase days "
            "after the first; null for who bought on one day.", *_BOUGHT),
    *(_text(f"category_{n}", f"The category they spent most on, place {n}.", *_REVENUE, _LINE + "product_id",
            "product.category") for n in _PLACES),
    *(_text(f"channel_{n}", f"The channel they bought on most often, place {n}.", *_ORDERS, _LINE + "channel")
      for n in _PLACES),
    _day("last_interaction_on", "Day of the latest interaction.", "interaction.started_at"),
    _text("last_interaction_channel", "The way it took.", "interaction.channel", "interaction.started_at"),
    _count("interactions", "interactions", "Interactions on any channel.", "interaction.started_at"),
    _day("last_contact_on", "Day the company last wrote to or called them for a campaign.", "contact.sent_at",
         "contact.status"),
    _count("recent_contacts", "contacts", "Of the last 30 days, contacts for campaigns that were sent.",
           "contact.sent_at", "contact.status"),
    _count("cases", "cases", "Complaints, requests, returns and repairs.", "service_case.opened_at"),
    _count("open_cases", "cases", "Those that are not closed.", "service_case.opened_at", "service_case.closed_at"),
    _day("last_case_on", "Day the latest case was opened.", "service_case.opened_at"),
    _day("last_answer_on", "Day of the latest answer to a survey.", "survey_answer.answered_at"),
    _text("last_answer_instrument", "The question it answered.", "survey_answer.instrument"),
    (Column(name="last_answer_score", type=Type.INT, description="The answer, on the instrument's scale."),
     ("survey_answer.score", "survey_answer.instrument")),
    _number("churn_chance", "probability", "The chance that they buy nothing within the horizon.", *_SCORE),
    _number("churn_low", "probability", "Lower end of its 95 % interval.", *_RANGE),
    _number("churn_high", "probability", "Upper end of its 95 % interval.", *_RANGE),
    _number("churn_average", "probability", "The chance of all customers of the company on average.", *_SCORE),
    _number("expected_loss", "currency", "The chance times the revenue of the last horizon.", *_SCORE, *_REVENUE),
    _number("value_tenth", None, "The tenth of the customers they belong to by revenue of the last 365 days; 1 brings "
            "the most.", *_SCORE, *_REVENUE),
    _number("worth", "currency", "What they are expected to bring from now on, by orders and contracts; what comes "
            "later counts less.", *_SCORE, *WORTH_RESTS_ON),
    _number("worth_low", "currency", "Lower end of the range in which eight of ten such customers end.", *_RANGE,
            *WORTH_RESTS_ON),
    _number("worth_high", "currency", "Upper end of it.", *_RANGE, *WORTH_RESTS_ON),
    _text("worth_basis", "Whether it is margin or revenue.", *_SCORE, *WORTH_RESTS_ON),
    (Column(name="worth_days", type=Type.INT, unit="days", description="How far ahead it is counted."),
     (*_SCORE, *WORTH_RESTS_ON)),
    _text("investment_tier", "Whether it pays to invest in them, such as 'tier:maintain'; same service.", *_SCORE,
          *_REVENUE, *WORTH_RESTS_ON),
)  # fmt: skip

CUSTOMER_PAGE = Contract(
    name="customer_page",
    description="Each customer once, with the figures that their page shows, as of the run's date.",
    key=("customer_id",),
    columns=tuple(column for column, _ in _PAGE),
)

CUSTOMER_TOLD = Contract(
    name="customer_told",
    description="Each customer once, with what their page shows written down as one text, to look it up at once.",
    key=("number",),
    columns=(
        # not called customer_id: who sees the rows of some customers only is answered from the tables themselves
        Column(name="number", type=Type.INT, required=True, description="The customer."),
        Column(name="told", required=True, description="What each part of the page shows the company itself, as JSON."),
        Column(
            name="of_runs",
            required=True,
            description="The same of the parts that name a run: their records, and when these were joined, as JSON.",
        ),
    ),
)
_TOLD = (
    *(f"customer_page.{column.name}" for column, _ in _PAGE),
    *(each for _, rests_on in _PAGE for each in rests_on),
    *(f"customer.{name}" for name in ("job_title", "sector", "country", "district", "language", "first_created_on")),
    *(_LINE + name for name in ("order_id", "ordered_at", "kind", "quantity", "net_revenue", "territory_id")),
    *(f"interaction.{name}" for name in ("interaction_id", "started_at", "channel", "kind", "direction", "outcome")),
    *(f"service_case.{name}" for name in ("case_id", "opened_at", "kind", "reason", "closed_at")),
    *(f"survey_answer.{name}" for name in ("answer_id", "answered_at", "instrument", "about", "score")),
    *(f"contact.{name}" for name in ("contact_id", "sent_at", "campaign_id", "status", "arm")),
    *(f"consent.{name}" for name in ("purpose", "channel", "decision", "at")),
    *(f"customer_consent.{name}" for name in ("channel", "purpose", "decision", "at", "records")),
    *(f"churn_reason.{place}_{each}" for place in ("first", "second", "third") for each in ("reason", "move")),
    *(f"customer_feature.{name}" for name in ("repeat_purchases", "recency_days", "age_days", "recent_purchases")),
    *(f"group_member.{name}" for name in ("family", "segment", "valid_from", "valid_to")),
    *("customer_territory.territory_id", "identity_event.kind", "score.value"),
)
_TOLD_OF_RUNS = (
    *(f"identity.{name}" for name in ("customer_ref", "source", "customer_id", "first_run", "match_probability")),
    *(
        f"identity_event.{name}"
        for name in ("run", "at", "kind", "customer_ref", "from_customer_id", "to_customer_id", "by")
    ),
    "customer_territory.territory_id",
)

NAME_WORD = Contract(
    name="name_word",
    description="Each word of the names that a customer's records bear, to find them by; people file only.",
    key=("word", "customer_id"),
    columns=(
        Column(name="word", required=True, personal=True, description="In small letters without accents."),
        Column(name="customer_id", type=Type.INT, required=True, personal=True, description="Whose name has it."),
    ),
)

COMPANY_WORD = Contract(
    name="company_word",
    description="Each word of the company that a customer is or belongs to, to find them by.",
    key=("word", "customer_id"),
    columns=(
        Column(name="word", required=True, description="In small letters without accents."),
        Column(name="customer_id", type=Type.INT, required=True, description="Whose company has it."),
    ),
)

_FEATURE = {
    **dict.fromkeys(
        ("first_bought_on", "last_bought_on", "repeat_purchases", "recency_days", "age_days", "recent_purchases"),
        _BOUGHT,
    ),
    "revenue": _REVENUE,
    **dict.fromkeys(("recent_revenue", "year_revenue"), (*_REVENUE, _LINE + "ordered_at")),
    **dict.fromkeys(("margin", "revenue_with_cost"), _COST),
}
RESTS_ON: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {f"customer_page.{column.name}": rests_on for column, rests_on in _PAGE if rests_on}
    | {"name_word.word": ("customer.full_name",), "name_word.customer_id": ("customer.full_name",)}
    | {"company_word.word": ("customer.company",), "customer_told.told": tuple(dict.fromkeys(_TOLD))}
    | {"customer_told.of_runs": _TOLD_OF_RUNS, _LINE + "cost_assumed": (_LINE + "cost_of_goods",)}
    | {f"customer_feature.{name}": rests_on for name, rests_on in _FEATURE.items()}
    | dict(_SHARED_OUT)
    | dict(_TOGETHER)
    | dict(_PROPOSED)
    | dict(_LEAVING)
    | dict(GROUPED_ON)
    | dict(LIFETIME_RESTS_ON)
    | dict(SERVICES_REST_ON)
    | dict(STANDING_RESTS_ON)
    | dict(WALLET_RESTS_ON)
    | dict(SATISFACTION_RESTS_ON)
    | dict(TIERS_REST_ON)
    | dict(ALIKE_RESTS_ON)
)
"""What a column is made of, as ``table.column``: who may not see one of these does not see what was made of it."""
