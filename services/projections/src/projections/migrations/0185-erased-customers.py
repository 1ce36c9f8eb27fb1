"""The customers whose personal data was erased: lists leave them out."""

from yoyo import step

from kernel.projections.tables import NewTable, create_read_model

__depends__ = {"0005-tenants-apart", "0101-read-models"}

ERASED = NewTable(
    "erased_customers",
    keys={"customer_id": 'text COLLATE "C"'},
    values={"erased_on": "date"},
    comments={"erased_on": "The UTC day on which the erasure was recorded."},
)
step(lambda connection: create_read_model(connection, ERASED, folding=True))
