"""What campaigns cost, and what offers, campaigns and referral programs are called."""

from yoyo import step

from kernel.projections.tables import NewTable, create_read_model

__depends__ = {"0005-tenants-apart", "0101-read-models"}

COSTS = NewTable(
    "campaign_costs",
    keys={"campaign_id": "uuid", "currency": 'text COLLATE "C"', "day": "date", "known": "date"},
    values={"used": "bigint"},
    comments={"used": "Of the budget, less what compensated sales gave back, in minor units."},
)
LABELS = NewTable(
    "labels",
    keys={"id": "uuid"},
    values={"name": "text", "currency": 'text COLLATE "C" NULL', "budget": "bigint NULL"},
    comments={
        "id": "An offer, a campaign or a referral program.",
        "currency": "Of the offer's price, or of the campaign's budget.",
        "budget": "Of a campaign, in minor units. NULL: without limit.",
    },
)
step(lambda connection: create_read_model(connection, COSTS, folding=True))
step(lambda connection: create_read_model(connection, LABELS, folding=True))
