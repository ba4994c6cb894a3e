"""Contracts about selling: orders, subscriptions, products, invoices, opportunities."""

from __future__ import annotations

from clientela.contracts.schema import Column, Contract, Kind, Type

ORDER_LINE = Contract(
    name="order_line",
    description="One line of an order, a return, a cancellation or a charge; the one table that is enough alone.",
    key=("source", "order_id", "line_no"),
    kind=Kind.FACT,
    event_time="ordered_at",
    columns=(
        Column(name="order_id", required=True, description="The system's number of the order."),
        Column(name="line_no", description="The line within the order; left out, lines are ranked by content."),
        Column(name="customer_ref", person=True, description="Who bought; null is an anonymous sale."),
        Column(name="ordered_at", type=Type.INSTANT, required=True, description="When the order was placed."),
        Column(
            name="kind",
            choices=("sale", "return", "cancellation", "shipping", "fee"),
            description="Left out: a return when quantity or net revenue is below zero, else a sale.",
        ),
        Column(name="returns_order_id", description="The order a return gives back, where known."),
        Column(name="product_id", description="What was bought; null in a file of order totals."),
        Column(name="quantity", type=Type.NUMBER, unit="pieces", description="How many; negative in a return."),
        Column(
            name="net_revenue",
            type=Type.MONEY,
            unit="currency",
            required=True,
            description="Revenue after discount and before tax; negative in a return.",
        ),
        Column(name="tax", type=Type.MONEY, unit="currency", description="Tax on the line."),
        Column(name="discount", type=Type.MONEY, unit="currency", description="What was taken off the price."),
        Column(
            name="cost_of_goods",
            type=Type.MONEY,
            unit="currency",
            description="What the goods cost the company; left out, it is the product's unit_cost by the quantity; "
            "null where neither is known, and margin says so.",
        ),
        Column(name="currency", description="Currency of the line as an ISO 4217 code; default the company's."),
        Column(name="channel", description="Where it was sold: a shop, the web, a partner."),
        Column(name="territory_id", description="The territory the sale counts for."),
        Column(name="campaign_id", description="The campaign the sale is credited to by the system."),
        Column(name="payment_method", description="How it was paid."),
    ),
)

SUBSCRIPTION = Contract(
    name="subscription",
    description="A contract that renews until it is ended.",
    key=("source", "subscription_id"),
    kind=Kind.FACT,
    event_time="started_on",
    columns=(
        Column(name="subscription_id", required=True, description="The system's number of the subscription."),
        Column(name="customer_ref", person=True, description="Who subscribes."),
        Column(name="product_id", description="What is subscribed to."),
        Column(name="started_on", type=Type.DATE, required=True, description="First day of the subscription."),
        Column(name="ended_on", type=Type.DATE, known_with="ended_on", description="Last day, when it has ended."),
        Column(name="period", choices=("month", "year"), description="How often the amount is due."),
        Column(name="amount", type=Type.MONEY, unit="currency", description="What is due each period."),
        Column(name="end_reason", known_with="ended_on", description="Why it ended."),
    ),
)

PRODUCT = Contract(
    name="product",
    description="What the company sells.",
    key=("product_id",),
    kind=Kind.REFERENCE,
    columns=(
        Column(name="product_id", required=True, description="The company's number of the product."),
        Column(name="name", description="What people call it."),
        Column(name="category", description="The widest group of products."),
        Column(name="subcategory", description="The group within the category."),
        Column(name="brand", description="The brand it is sold under."),
        Column(name="unit_cost", type=Type.MONEY, unit="currency", description="What one piece costs the company."),
        Column(name="list_price", type=Type.MONEY, unit="currency", description="The price before any discount."),
        Column(name="launched_on", type=Type.DATE, description="First day it was sold."),
    ),
)

INVOICE = Contract(
    name="invoice",
    description="What a customer was asked to pay, and when they did.",
    key=("source", "invoice_id"),
    kind=Kind.FACT,
    event_time="issued_on",
    columns=(
        Column(name="invoice_id", required=True, description="The system's number of the invoice."),
        Column(name="customer_ref", person=True, description="Who is to pay."),
        Column(name="order_id", description="The order it is for."),
        Column(name="amount", type=Type.MONEY, unit="currency", description="What is to be paid."),
        Column(name="issued_on", type=Type.DATE, required=True, description="Day of the invoice."),
        Column(name="due_on", type=Type.DATE, description="Last day to pay."),
        Column(name="paid_on", type=Type.DATE, known_with="paid_on", description="Day it was paid."),
        Column(name="payment_method", known_with="paid_on", description="How it was paid."),
    ),
)

OPPORTUNITY = Contract(
    name="opportunity",
    description="A sale that may come.",
    key=("source", "opportunity_id"),
    kind=Kind.FACT,
    event_time="opened_at",
    columns=(
        Column(name="opportunity_id", required=True, description="The system's number of the opportunity."),
        Column(name="customer_ref", person=True, description="Who may buy."),
        Column(name="owner_id", description="The seller it belongs to."),
        Column(name="territory_id", description="The territory it counts for."),
        Column(name="opened_at", type=Type.INSTANT, required=True, description="When it was first noted."),
        Column(name="amount", type=Type.MONEY, unit="currency", description="Revenue it would bring."),
        Column(name="margin", type=Type.MONEY, unit="currency", description="Margin it would bring."),
        Column(name="expected_close_on", type=Type.DATE, description="Day the seller expects the decision."),
        Column(name="closed_at", type=Type.INSTANT, known_with="closed_at", description="When it was decided."),
        Column(
            name="status",
            known_with="closed_at",
            choices=("open", "won", "lost"),
            description="How it was decided; null as of a date is still open.",
        ),
        Column(name="lost_reason", known_with="closed_at", description="Why it was lost."),
        Column(name="product_id", description="What would be sold."),
    ),
)

OPPORTUNITY_STAGE = Contract(
    name="opportunity_stage",
    description="A step an opportunity took.",
    key=("source", "opportunity_id", "entered_at"),
    kind=Kind.FACT,
    event_time="entered_at",
    columns=(
        Column(name="opportunity_id", required=True, description="The system's number of the opportunity."),
        Column(name="entered_at", type=Type.INSTANT, required=True, description="When the step began."),
        Column(name="stage", description="The name of the step."),
        Column(name="probability", type=Type.SHARE, description="Chance of winning the seller gave it."),
    ),
)
