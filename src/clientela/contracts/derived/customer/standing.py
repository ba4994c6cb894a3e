"""How safely customers pay: the rules by which they are put in a class, and the class of each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clientela.contracts.schema import Column, Contract, Type

CLASSES = ("sound", "watch", "weak", "unknown")
"""From the safest to the least safe; of ``unknown`` too little is known."""
REASONS = (
    *("low score", "long overdue", "few invoices", "much overdue", "very late"),
    *("over limit", "some overdue", "late", "later than before", "on time"),
)
"""The first rule that holds, in this order, decides."""


def _days(name: str, description: str, *, required: bool = False) -> Column:
    return Column(name=name, type=Type.NUMBER, unit="days", required=required, description=description)


def _money(name: str, description: str) -> Column:
    return Column(name=name, type=Type.MONEY, unit="currency", required=True, description=description)


CLASS_RULE = Contract(
    name="class_rule",
    description="The lines between the classes of financial stability, as clientela.toml draws them.",
    key=("version",),
    columns=(
        Column(name="version", type=Type.INT, required=True, description="1: how the classes are named."),
        _days("sound_late_days", "Who pays no later on average pays in time.", required=True),
        _days("weak_late_days", "Who pays later on average pays very late.", required=True),
        Column(
            name="sound_overdue",
            type=Type.SHARE,
            required=True,
            description="The largest part of what fell due that may be overdue in the class sound.",
        ),
        Column(
            name="weak_overdue",
            type=Type.SHARE,
            required=True,
            description="A larger part overdue makes the class weak.",
        ),
        _days(
            "weak_overdue_days",
            "A larger part than sound_overdue unpaid for longer after its day makes the class weak.",
            required=True,
        ),
        _days("worse_by_days", "Who pays so many days later than the half-year before is watched.", required=True),
        Column(
            name="fewest_invoices",
            type=Type.INT,
            unit="invoices",
            required=True,
            description="With fewer invoices that fell due within the year, the class is unknown.",
        ),
        Column(name="low_score", type=Type.NUMBER, description="A bought score below it is weak; null: not looked at."),
    ),
)

CUSTOMER_CLASS = Contract(
    name="customer_class",
    description="How safely each customer who was invoiced, or has a bought score, pays: now and 365 days before.",
    key=("customer_id", "as_of"),
    columns=(
        Column(name="customer_id", type=Type.INT, required=True, description="The customer."),
        Column(name="as_of", type=Type.DATE, required=True, description="The day after the last day looked at."),
        Column(name="class", required=True, choices=CLASSES, description="The class on the date."),
        Column(name="because", required=True, choices=REASONS, description="The rule that decided."),
        Column(
            name="class_before",
            choices=CLASSES,
            description="The class 365 days before, from what is known of that day now; null: never invoiced by then.",
        ),
        Column(name="because_before", choices=REASONS, description="The rule that decided then."),
        Column(
            name="is_worse", type=Type.BOOL, required=True, description="Whether the class is less safe than before."
        ),
        Column(name="is_better", type=Type.BOOL, required=True, description="Whether the class is safer than before."),
        Column(
            name="invoices_due",
            type=Type.INT,
            unit="invoices",
            required=True,
            description="Invoices that fell due, or were paid, within the 365 days before, and older unpaid ones.",
        ),
        _days(
            "late_days",
            "How late these are on average, weighed by amount where amounts are known, each a year at most; paid in "
            "time counts as 0, unpaid up to the date.",
        ),
        _money("invoiced", "Amounts of the invoices issued within the 365 days before."),
        _money("overdue", "Amounts past their day and unpaid."),
        _money("unpaid", "Amounts unpaid, whether due or not."),
    ),
)

_PAYMENT = ("invoice.amount", "invoice.due_on", "invoice.paid_on")
_DECIDED_BY = (*_PAYMENT, "customer.credit_limit", "preference.value")
STANDING_RESTS_ON: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **{
            f"customer_class.{name}": _DECIDED_BY
            for name in ("class", "because", "class_before", "because_before", "is_worse", "is_better")
        },
        **{f"customer_class.{name}": _PAYMENT for name in ("invoices_due", "late_days", "overdue", "unpaid")},
        "customer_class.invoiced": ("invoice.amount",),
    }
)
"""What a column is made of, as ``table.column``."""
