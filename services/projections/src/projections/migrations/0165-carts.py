"""How far carts come, and what becomes of abandoned ones."""

from yoyo import step

from kernel.projections.tables import NewTable, create_read_model

__depends__ = {"0005-tenants-apart", "0101-read-models"}

FUNNEL = NewTable(
    "funnel",
    keys={"day": "date", "step": 'text COLLATE "C"'},
    values={"carts": "bigint"},
    comments={
        "day": "On which the carts were created.",
        "step": "The furthest that they reached.",
    },
)
ABANDONMENT = NewTable(
    "abandonment",
    keys={"day": "date", "currency": 'text COLLATE "C"', "attempt": "integer", "known": "date"},
    values={"abandoned": "bigint", "recovered": "bigint", "value": "bigint", "revenue": "bigint"},
    comments={
        "day": "On which the carts were first abandoned.",
        "attempt": "The message that was due: 0 is none.",
        "known": "The day on which what decides was recorded.",
        "recovered": "Bought after this attempt and before the next one.",
        "value": "The carts' totals when they were abandoned, in minor units.",
        "revenue": "The totals of the orders of the recovered carts, in minor units.",
    },
)
step(lambda connection: create_read_model(connection, FUNNEL, ABANDONMENT, folding=True, name="carts"))
