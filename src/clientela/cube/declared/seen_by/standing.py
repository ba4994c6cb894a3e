"""How safely the customer pays, and what the company agreed on with them."""

from __future__ import annotations

from clientela.contracts.schema import Type
from clientela.contracts.text import text
from clientela.cube.declared.seen_by.shape import Dimension

STANDING = (
    Dimension(
        name="customer_class",
        label=text("Class of payer"),
        description=text("How safely the customer pays: sound, watch, weak or unknown; none where never invoiced."),
        expression="customer_class",
        lookup="of_class",
        hierarchy="customer_class",
        reads=("customer_class.class",),
    ),
    Dimension(
        name="class_before",
        label=text("Class of payer a year before"),
        description=text("The class 365 days before, from what is known of that day now."),
        expression="class_before",
        lookup="of_class",
        hierarchy="class_before",
        reads=("customer_class.class_before",),
    ),
    Dimension(
        name="sector",
        label=text("Sector"),
        description=text("The economic sector of an organisation."),
        expression="sector",
        lookup="of_customer",
        hierarchy="sector",
        reads=("customer.sector",),
    ),
    Dimension(
        name="payment_terms",
        label=text("Payment terms in days"),
        description=text("Days that the customer is allowed to pay an invoice, as agreed on."),
        expression="payment_terms_days",
        type=Type.INT,
        lookup="of_customer",
        hierarchy="payment_terms",
        reads=("customer.payment_terms_days",),
    ),
)
