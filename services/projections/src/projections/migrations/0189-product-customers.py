"""Which customers bought a product. The read model ``products`` has it from its version 6 on."""

from yoyo import step

from kernel.projections.tables import NewTable, create_read_model

__depends__ = {"0005-tenants-apart", "0101-read-models"}

CURRENCY = 'text COLLATE "C"'
CUSTOMERS = NewTable(
    "product_customers",
    keys={
        "product_id": "uuid",
        "customer_id": CURRENCY,
        "currency": CURRENCY,
        "day": "date",
        "known": "date",
    },
    values={"times_sold": "bigint", "quantity": "bigint", "revenue": "bigint"},
    comments={"known": "The UTC day on which the fact that decided it was recorded."},
)
step(lambda connection: create_read_model(connection, CUSTOMERS, folding=False))
