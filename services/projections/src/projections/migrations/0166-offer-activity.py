"""What sessions, carts and orders did with offers, and the variants of experiments."""

from yoyo import step

from kernel.projections.tables import NewTable, create_read_model

__depends__ = {"0005-tenants-apart", "0101-read-models"}

MEASURES = (
    "views",
    "sessions",
    "items_added",
    "promotions_applied",
    "upsells_shown",
    "upsells_taken",
    "exposures",
    "conversions",
)
ACTIVITY = NewTable(
    "offer_activity",
    keys={"offer_id": "uuid", "variant_id": "uuid", "day": "date"},
    values=dict.fromkeys(MEASURES, "bigint"),
    comments={
        "variant_id": "Of an experiment; all zeros: the offer itself.",
        "sessions": "On the day of their first view of the offer.",
        "conversions": "Of the exposures of this day, whenever they came.",
    },
)
VARIANTS = NewTable(
    "experiment_variants",
    keys={"offer_id": "uuid", "experiment_id": "uuid", "position": "integer"},
    values={"variant_id": "uuid", "name": "text", "weight": "integer"},
    comments={"position": "0 is the control.", "weight": "Its share of the sum of weights."},
)
step(lambda connection: create_read_model(connection, ACTIVITY, folding=True))
step(lambda connection: create_read_model(connection, VARIANTS, folding=True))
