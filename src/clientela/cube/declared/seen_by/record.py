"""What is known of customers and their records."""

from __future__ import annotations

from clientela.contracts.schema import Type
from clientela.contracts.text import text
from clientela.cube.declared.seen_by.shape import Dimension

RECORD = (
    Dimension(
        name="customer_kind",
        label=text("Kind of customer"),
        description=text("Person or organisation; unknown where no record says."),
        expression="customer_kind",
        hierarchy="customer_kind",
        reads=("customer.kind",),
    ),
    Dimension(
        name="records_each",
        label=text("Records each"),
        description=text("How many records the customer has; 4 stands for four or more."),
        expression="least(records, 4)",
        type=Type.INT,
        hierarchy="records_each",
        reads=("customer.records",),
    ),
    Dimension(
        name="systems",
        label=text("Known to"),
        description=text("The systems that know the customer."),
        expression="systems",
        hierarchy="systems",
        reads=("identity.source",),
    ),
    Dimension(
        name="first_month",
        label=text("Month of the first purchase"),
        description=text("The month of the customer's first purchase, named by its first day: their cohort."),
        expression="first_month",
        type=Type.DATE,
        hierarchy="first_month",
        reads=("order_line.ordered_at",),
    ),
    Dimension(
        name="months_since_first",
        label=text("Months since the first purchase"),
        description=text("How many months after the month of the customer's first purchase; 0 is that month itself."),
        expression="months_since_first",
        type=Type.INT,
        hierarchy="months_since_first",
        reads=("order_line.ordered_at",),
    ),
    Dimension(
        name="services_held",
        label=text("Services"),
        description=text(
            "How many services a customer with a contract has: the products of their contracts, and what they order as "
            "one; 3 stands for three or more."
        ),
        expression="least(services, 3)",
        type=Type.INT,
        hierarchy="services_held",
        reads=("subscription.product_id", "order_line.ordered_at"),
    ),
    Dimension(
        name="wallet_category",
        label=text("Category of the wallet"),
        description=text("The eleven categories most is sold of; “other” holds the rest."),
        expression="wallet_category",
        hierarchy="wallet_category",
        reads=("product.category", "order_line.product_id"),
    ),
    Dimension(
        name="system_pair",
        label=text("Between"),
        description=text("The systems of the two records; one name alone where both are of one system."),
        expression="system_pair",
        hierarchy="system_pair",
        reads=("identity.source",),
    ),
    Dimension(
        name="found_by",
        label=text("Found by"),
        description=text("Who or what found that the record is the same customer: a rule, the model or a person."),
        expression="found_by",
        hierarchy="found_by",
        reads=("identity.match_probability",),
    ),
    Dimension(
        name="field",
        label=text("Field"),
        description=text("The field of the records."),
        expression="field",
        hierarchy="field",
        reads=("record_field.field",),
    ),
)
