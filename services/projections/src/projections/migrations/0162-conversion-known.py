"""Conversion with the day since which it is known: the table of the read model from its version 2 on.

Processes of the release before go on with the table ``conversion`` until this one is built; until then the
answers come from a copy of it, as in ``0160-sales``.
"""

from yoyo import step

from kernel.projections.tables import NewTable, create_read_model

__depends__ = {"0005-tenants-apart", "0101-read-models"}

TABLE = NewTable(
    "checkout_conversion",
    keys={"day": "date", "currency": 'text COLLATE "C"', "known": "date"},
    values=dict.fromkeys(("checkouts", "completed", "ordered", "revenue"), "bigint"),
    comments={
        "known": "The UTC day on which the fact that decided it was recorded.",
        "ordered": "The totals of the completed ones, in minor units.",
        "revenue": "Captured less refunded on that day, in minor units.",
    },
)
step(lambda connection: create_read_model(connection, TABLE, folding=False))
# forced row-level security applies to the table's owner, too, who has no policy
step(
    """
    ALTER TABLE conversion NO FORCE ROW LEVEL SECURITY;
    ALTER TABLE checkout_conversion NO FORCE ROW LEVEL SECURITY;
    INSERT INTO checkout_conversion (tenant, day, currency, known, checkouts, completed, ordered, revenue)
    SELECT tenant, day, currency, day, checkouts, completed, ordered, revenue FROM conversion;
    ALTER TABLE checkout_conversion FORCE ROW LEVEL SECURITY;
    ALTER TABLE conversion FORCE ROW LEVEL SECURITY
    """
)
