"""What is counted of invoices and subscriptions."""

from __future__ import annotations

from clientela.contracts.text import text
from clientela.cube.declared.counted.shape import Measure, Ratio, Unit

OF_PAYING = (
    Measure(
        name="invoices",
        label=text("Invoices"),
        description=text("Invoices issued."),
        unit=Unit.COUNT,
        fact="invoice",
        aggregate="count(*)",
    ),
    Measure(
        name="invoiced",
        label=text("Invoiced"),
        description=text("Amounts of the invoices issued."),
        unit=Unit.MONEY,
        fact="invoice",
        aggregate="coalesce(sum(amount), 0)",
    ),
    Measure(
        name="paid",
        label=text("Paid"),
        description=text("Amounts of the invoices that are paid."),
        unit=Unit.MONEY,
        fact="invoice",
        aggregate="coalesce(sum(amount) filter (where is_paid), 0)",
    ),
    Measure(
        name="unpaid",
        label=text("Unpaid"),
        description=text("Amounts of the invoices that are not paid yet."),
        unit=Unit.MONEY,
        fact="invoice",
        aggregate="coalesce(sum(amount) filter (where not is_paid), 0)",
    ),
    Measure(
        name="overdue",
        label=text("Overdue"),
        description=text("Amounts of the invoices that are past their day and not paid."),
        unit=Unit.MONEY,
        fact="invoice",
        aggregate="coalesce(sum(amount) filter (where is_overdue), 0)",
    ),
    Measure(
        name="invoices_paid",
        label=text("Invoices paid"),
        description=text("Invoices that are paid and say by when they were to be."),
        unit=Unit.COUNT,
        fact="invoice",
        aggregate="count(*) filter (where days_late is not null)",
    ),
    Measure(
        name="invoices_late",
        label=text("Invoices paid late"),
        description=text("Invoices that were paid after their day."),
        unit=Unit.COUNT,
        fact="invoice",
        aggregate="count(*) filter (where is_late)",
    ),
    Measure(
        name="days_late",
        label=text("Days late, in all"),
        description=text(
            "Days between the day an invoice was due and the later day it was paid, of all paid ones together."
        ),
        unit=Unit.DAYS,
        fact="invoice",
        aggregate="sum(days_late)",
        empty=None,
    ),
    Measure(
        name="days_to_pay",
        label=text("Days to pay, in all"),
        description=text("Days from issue to payment, of all paid invoices together."),
        unit=Unit.DAYS,
        fact="invoice",
        aggregate="sum(days_to_pay)",
        empty=None,
    ),
    Measure(
        name="subscriptions_started",
        label=text("Subscriptions started"),
        description=text("Subscriptions by the day they began."),
        unit=Unit.COUNT,
        fact="subscription",
        aggregate="count(*)",
    ),
    Measure(
        name="subscriptions",
        label=text("Subscriptions"),
        description=text("Subscriptions that run on the date, by the day they began."),
        unit=Unit.COUNT,
        fact="subscription",
        aggregate="count(*) filter (where is_running)",
        adds_over_time=False,
    ),
    Measure(
        name="recurring_revenue",
        label=text("Recurring revenue"),
        description=text("What the subscriptions that run on the date bring in a month."),
        unit=Unit.MONEY,
        fact="subscription",
        aggregate="coalesce(sum(amount_a_month) filter (where is_running), 0)",
        adds_over_time=False,
    ),
    Measure(
        name="subscribers",
        label=text("Subscribers"),
        description=text("Different customers with a subscription that runs on the date."),
        unit=Unit.COUNT,
        fact="subscription",
        aggregate="count(distinct customer_id) filter (where is_running)",
        adds_over_time=False,
    ),
    Measure(
        name="subscriptions_ended",
        label=text("Subscriptions ended"),
        description=text("Subscriptions by the day they ended."),
        unit=Unit.COUNT,
        fact="subscription_end",
        aggregate="count(*)",
    ),
)

OF_PAYING_DIVIDED = (
    Ratio(
        name="late_share",
        label=text("Share paid late"),
        description=text("Invoices paid late, divided by the invoices paid."),
        unit=Unit.SHARE,
        numerator="invoices_late",
        denominator="invoices_paid",
    ),
    Ratio(
        name="days_late_each",
        label=text("Days late"),
        description=text("Days late of all paid invoices, divided by their number; paid in time counts as 0."),
        unit=Unit.NUMBER,
        numerator="days_late",
        denominator="invoices_paid",
    ),
    Ratio(
        name="overdue_share",
        label=text("Share overdue"),
        description=text("Overdue amounts, divided by what was invoiced."),
        unit=Unit.SHARE,
        numerator="overdue",
        denominator="invoiced",
    ),
)
