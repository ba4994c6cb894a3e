"""Two small contracts, so that a test of the store need not know all that a customer is."""

from __future__ import annotations

from clientela.contracts.schema import Column, Contract, Type

CONTRACTS = {
    each.name: each
    for each in (
        Contract(
            name="customer",
            description="Each customer once.",
            key=("customer_id",),
            columns=(
                Column(name="customer_id", type=Type.INT, required=True, description="The customer."),
                Column(name="records", type=Type.INT, unit="records", required=True, description="Keys known of them."),
            ),
        ),
        Contract(
            name="identity",
            description="Which customer each key is.",
            key=("customer_ref",),
            columns=(
                Column(name="customer_ref", required=True, description="The pseudonym of the key."),
                Column(name="source", required=True, description="The system whose key it is."),
                Column(name="record_id", personal=True, description="The key."),
                Column(name="customer_id", type=Type.INT, required=True, description="The customer it is."),
            ),
        ),
    )
}
