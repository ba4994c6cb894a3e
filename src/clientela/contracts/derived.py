"""Every table a run computes. The stage that writes one may add to it here, and nowhere else.

``as_of`` in a key marks an as-of table. ``personal`` columns are kept in the people file, beside the
key; a table whose every column is personal lives there alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clientela.contracts.schema import Column, Contract, Type

IDENTITY = Contract(
    name="identity",
    description="Which customer each key of each source is.",
    key=("customer_ref",),
    columns=(
        Column(name="customer_ref", required=True, description="The pseudonym of the source's own key."),
        Column(name="source", required=True, description="The system whose key it is."),
        Column(name="record_id", personal=True, description="The source's own key."),
        Column(name="customer_id", type=Type.INT, required=True, description="The customer it is."),
    ),
)

CUSTOMER = Contract(
    name="customer",
    description="Each customer once.",
    key=("customer_id",),
    columns=(
        Column(name="customer_id", type=Type.INT, required=True, description="The customer."),
        Column(name="records", type=Type.INT, unit="records", required=True, description="Keys known of them."),
    ),
)

CUSTOMER_FEATURE = Contract(
    name="customer_feature",
    description="How each customer who has bought behaved up to a date, from what was known before it.",
    key=("customer_id", "as_of"),
    columns=(
        Column(name="customer_id", type=Type.INT, required=True, description="The customer."),
        Column(name="as_of", type=Type.DATE, required=True, description="The day after the last day looked at."),
        Column(name="first_bought_on", type=Type.DATE, required=True, description="Day of the first purchase."),
        Column(name="last_bought_on", type=Type.DATE, required=True, description="Day of the latest purchase."),
        Column(
            name="repeat_purchases",
            type=Type.INT,
            unit="days",
            required=True,
            description="Days with a purchase, less the first.",
        ),
        Column(
            name="recency_days",
            type=Type.INT,
            unit="days",
            required=True,
            description="Days from the first purchase to the latest.",
        ),
        Column(
            name="age_days",
            type=Type.INT,
            unit="days",
            required=True,
            description="Days from the first purchase to the last day looked at.",
        ),
        Column(
            name="recent_purchases",
            type=Type.INT,
            unit="days",
            required=True,
            description="Days with a purchase within the horizon before the date.",
        ),
        Column(
            name="revenue",
            type=Type.MONEY,
            unit="currency",
            required=True,
            description="Sales, less returns and cancellations.",
        ),
        Column(
            name="recent_revenue",
            type=Type.MONEY,
            unit="currency",
            required=True,
            description="Revenue within the horizon before the date.",
        ),
        Column(
            name="year_revenue",
            type=Type.MONEY,
            unit="currency",
            required=True,
            description="Revenue within the 365 days before the date.",
        ),
        Column(
            name="margin",
            type=Type.MONEY,
            unit="currency",
            description="Revenue less cost, over lines whose cost is known; null when none is.",
        ),
        Column(
            name="revenue_with_cost",
            type=Type.MONEY,
            unit="currency",
            description="The part of the revenue whose cost is known; null when none is.",
        ),
    ),
)

LAPSE = Contract(
    name="lapse",
    description="After how many days without a purchase a customer counts as lost, measured on all gaps.",
    key=("percentile",),
    columns=(
        Column(name="percentile", type=Type.INT, required=True, description="The share of gaps, in percent."),
        Column(
            name="lapse_days",
            type=Type.INT,
            unit="days",
            required=True,
            description="The shortest gap that this share of all gaps does not exceed.",
        ),
        Column(name="gaps", type=Type.INT, required=True, description="Gaps between two purchase days it rests on."),
    ),
)

_HISTORY = (
    Column(name="as_of", type=Type.DATE, required=True, description="The day after the last day looked at."),
    Column(
        name="repeat_purchases",
        type=Type.INT,
        unit="days",
        required=True,
        description="Days with a purchase, less the first.",
    ),
    Column(
        name="recency_days",
        type=Type.INT,
        unit="days",
        required=True,
        description="Days from the first purchase to the latest.",
    ),
    Column(
        name="age_days",
        type=Type.INT,
        unit="days",
        required=True,
        description="Days from the first purchase to the last day looked at.",
    ),
    Column(
        name="recent_purchases",
        type=Type.INT,
        unit="days",
        required=True,
        description="Days with a purchase within the horizon before the date.",
    ),
)
_HISTORY_KEY = tuple(column.name for column in _HISTORY)

CHURN_COUNT = Contract(
    name="churn_count",
    description="How many customers had the same purchase history on a date, and how many then bought nothing.",
    key=_HISTORY_KEY,
    columns=(
        *_HISTORY,
        Column(name="customers", type=Type.INT, unit="customers", required=True, description="Who had this history."),
        Column(
            name="observed",
            type=Type.INT,
            unit="customers",
            required=True,
            description="Those of them whose next horizon is known.",
        ),
        Column(
            name="has_left",
            type=Type.INT,
            unit="customers",
            required=True,
            description="Those of them who bought nothing in it.",
        ),
        Column(
            name="at_stake",
            type=Type.MONEY,
            unit="currency",
            required=True,
            description="Their revenue within the horizon before the date, where positive.",
        ),
        Column(
            name="at_stake_norm",
            type=Type.NUMBER,
            unit="currency",
            required=True,
            description="Square root of the sum of the squares of that revenue.",
        ),
    ),
)

CHURN_CELL = Contract(
    name="churn_cell",
    description="How likely customers of one purchase history are not to buy within the horizon.",
    key=_HISTORY_KEY,
    columns=(
        *_HISTORY,
        Column(name="probability", type=Type.NUMBER, required=True, description="The chance."),
        Column(name="low", type=Type.NUMBER, required=True, description="Lower end of its 95 % interval."),
        Column(name="high", type=Type.NUMBER, required=True, description="Upper end of its 95 % interval."),
        Column(name="model_version", required=True, description="The model that gave it."),
    ),
)

CHURN_REACH = Contract(
    name="churn_reach",
    description="Which part of the expected loss is reached by contacting so many customers, most at stake first.",
    key=("contacted", "as_of"),
    columns=(
        Column(name="contacted", type=Type.INT, unit="customers", required=True, description="Customers contacted."),
        Column(name="as_of", type=Type.DATE, required=True, description="The date it looks from."),
        Column(
            name="expected_loss",
            type=Type.NUMBER,
            unit="currency",
            required=True,
            description="Revenue expected to be lost with them.",
        ),
    ),
)

SCORE = Contract(
    name="score",
    description="What an analysis says of each customer.",
    key=("analysis", "customer_id", "as_of"),
    columns=(
        Column(name="analysis", required=True, description="The analysis."),
        Column(name="customer_id", type=Type.INT, required=True, description="The customer."),
        Column(name="as_of", type=Type.DATE, required=True, description="The date it looks from."),
        Column(name="value", type=Type.NUMBER, description="The score, in its unit."),
        Column(name="low", type=Type.NUMBER, description="Lower end of its interval."),
        Column(name="high", type=Type.NUMBER, description="Upper end of its interval."),
        Column(name="unit", required=True, description="What the score counts."),
        Column(name="model_version", required=True, description="The model that gave it."),
    ),
)

MODEL = Contract(
    name="model",
    description="Each model learned in a run, winner or not.",
    key=("analysis", "version"),
    columns=(
        Column(name="analysis", required=True, description="The analysis."),
        Column(name="version", required=True, description="The version."),
        Column(name="candidate", required=True, description="The method."),
        Column(name="learned_at", type=Type.INSTANT, required=True, description="When it was learned."),
        Column(name="as_of", type=Type.DATE, required=True, description="The date it was learned as of."),
        Column(name="parameters", required=True, description="Its parameters as JSON with sorted keys."),
        Column(name="contract_hash", required=True, description="Hash of the contracts of what it read."),
        Column(name="winner", type=Type.BOOL, required=True, description="Whether it serves."),
        Column(name="log_likelihood", type=Type.NUMBER, description="Log-likelihood, where it has one."),
    ),
)

BACKTEST = Contract(
    name="backtest",
    description="How well each candidate foresaw what it had not seen.",
    key=("analysis", "candidate", "origin", "metric"),
    columns=(
        Column(name="analysis", required=True, description="The analysis."),
        Column(name="candidate", required=True, description="The method."),
        Column(name="origin", type=Type.DATE, required=True, description="The date it was asked as of."),
        Column(name="metric", required=True, description="What was measured."),
        Column(name="value", type=Type.NUMBER, description="The measurement; null is undefined."),
        Column(name="low", type=Type.NUMBER, description="Lower end of its 95 % interval."),
        Column(name="high", type=Type.NUMBER, description="Upper end of its 95 % interval."),
        Column(name="n", type=Type.INT, unit="customers", required=True, description="Customers it rests on."),
        Column(name="fitted_at_origins", required=True, description="The older dates it was fitted at."),
    ),
)

QUALITY = Contract(
    name="quality",
    description="What was measured of the data a source delivered, in this run and in those before.",
    key=("source", "table_name", "column_name", "property", "rule", "run"),
    columns=(
        Column(name="source", required=True, description="The source."),
        Column(name="table_name", required=True, description="The table it delivers."),
        Column(name="column_name", required=True, description="The column; empty for the whole table."),
        Column(name="property", required=True, description="Which property of good data was measured."),
        Column(name="rule", required=True, description="What was asked; empty where it goes without saying."),
        Column(name="run", type=Type.INT, required=True, description="The run."),
        Column(name="measured", type=Type.NUMBER, description="The share of weak rows, or the age in days."),
        Column(name="found", type=Type.INT, description="How many were found weak."),
        Column(name="checked", type=Type.INT, description="How many were looked at."),
        Column(
            name="verdict",
            required=True,
            choices=("good", "look", "unfit", "shown"),
            description="What it is worth; shown is not judged.",
        ),
    ),
)

QUARANTINE = Contract(
    name="quarantine",
    description="Every delivered row that broke a rule, with the place, the value and the rule; people file only.",
    key=("source", "table_name", "path", "line", "column_name", "rule", "batch"),
    columns=(
        Column(name="source", required=True, personal=True, description="The source."),
        Column(name="table_name", required=True, personal=True, description="The table it delivers."),
        Column(name="path", required=True, personal=True, description="The file."),
        Column(name="line", type=Type.INT, required=True, personal=True, description="First line of the record."),
        Column(name="lines", type=Type.INT, personal=True, description="How many lines the record covers."),
        Column(name="column_name", required=True, personal=True, description="The column; empty for the row."),
        Column(name="value", personal=True, description="What stood there; forgotten once the row is mended."),
        Column(name="rule", required=True, personal=True, description="The rule it broke."),
        Column(name="batch", required=True, personal=True, description="The batch it came in."),
        Column(name="run", type=Type.INT, personal=True, description="The run that first met it."),
        Column(
            name="status",
            required=True,
            personal=True,
            choices=("open", "held", "mended"),
            description="Open (it stays out), held (its whole batch does), or mended (what it should say came in).",
        ),
        Column(name="mended_in", type=Type.INT, personal=True, description="The run in which it was mended."),
    ),
)

RUN = Contract(
    name="run",
    description="Every run up to this one, from the journal, failed ones too.",
    key=("run",),
    columns=(
        Column(name="run", type=Type.INT, required=True, description="Its number."),
        Column(name="started_at", type=Type.INSTANT, required=True, description="When it began."),
        Column(name="ended_at", type=Type.INSTANT, description="When it ended; null if it never said so."),
        Column(name="as_of", type=Type.DATE, description="The date it was for."),
        Column(name="outcome", description="How it ended, in one word."),
        Column(name="message", description="The sentence it ended with."),
        Column(name="version", description="The version of clientela that ran."),
    ),
)

_COUNTED_WEAK = (
    Column(name="source", required=True, description="The source."),
    Column(name="checked", type=Type.INT, required=True, description="How many were looked at."),
    Column(name="weak", type=Type.INT, required=True, description="How many were found weak."),
)

PRICE_QUALITY = Contract(
    name="price_quality",
    description="How many sales of each source were made at a price far from the usual price of their product.",
    key=("source",),
    columns=_COUNTED_WEAK,
)

INVOICE_QUALITY = Contract(
    name="invoice_quality",
    description="How many invoices of each source ask for another amount than the lines of their order come to.",
    key=("source",),
    columns=_COUNTED_WEAK,
)

_IN_ORDER = (
    IDENTITY,
    CUSTOMER,
    CUSTOMER_FEATURE,
    LAPSE,
    CHURN_COUNT,
    CHURN_CELL,
    SCORE,
    CHURN_REACH,
    MODEL,
    BACKTEST,
    PRICE_QUALITY,
    INVOICE_QUALITY,
    QUALITY,
    QUARANTINE,
    RUN,
)

DERIVED: Mapping[str, Contract] = MappingProxyType({each.name: each for each in _IN_ORDER})
