"""The ledger's entries, and the view in which analysts read them."""

from yoyo import step

from kernel.projections.tables import NewTable, create_read_model

__depends__ = {"0005-tenants-apart", "0101-read-models"}

ENTRIES = NewTable(
    "ledger",
    keys={"stream_id": "uuid", "version": "integer", "account": 'text COLLATE "C"'},
    values={
        "currency": 'text COLLATE "C"',
        "amount": "bigint",
        "type": "text",
        "occurred_at": "timestamptz",
        "checkout_id": "uuid NULL",
    },
    indexes={
        "ledger_by_account": (
            "(tenant, account, occurred_at DESC, stream_id, version DESC) INCLUDE (currency, amount)"
        ),
    },
    comments={
        "stream_id": "The payment or the order whose fact is posted.",
        "version": "Of the fact in its stream.",
        "amount": "In minor units: a debit is positive, a credit negative.",
        "type": "The type of the fact.",
    },
)
VIEW = """
    CREATE SCHEMA analytics;
    CREATE VIEW analytics.ledger_entries WITH (security_invoker = true) AS
    SELECT tenant, account, currency, greatest(amount, 0) AS debit, greatest(-amount, 0) AS credit, type,
           occurred_at, checkout_id, stream_id, version
    FROM public.ledger;
    DO $$ BEGIN
        EXECUTE format('GRANT USAGE ON SCHEMA analytics TO %I', current_database() || '_caller');
        EXECUTE format('GRANT SELECT ON analytics.ledger_entries TO %I', current_database() || '_caller');
    END $$
"""
step(lambda connection: create_read_model(connection, ENTRIES, folding=True))
step(VIEW, "DROP SCHEMA analytics CASCADE")
