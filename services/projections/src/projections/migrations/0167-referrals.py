"""Referred people, what they bought, and what their referrers are owed."""

from yoyo import step

from kernel.projections.tables import NewTable, create_read_model

__depends__ = {"0005-tenants-apart", "0101-read-models"}

PEOPLE = NewTable(
    "referral_people",
    keys={"program_id": "uuid", "day": "date"},
    values={"attributed": "bigint", "confirmed": "bigint", "revoked": "bigint"},
)
MONEY = NewTable(
    "referral_money",
    keys={"program_id": "uuid", "currency": 'text COLLATE "C"', "day": "date", "known": "date"},
    values=dict.fromkeys(
        ("orders", "revenue", "discount", "rewards", "granted", "reversed", "issued"), "bigint"
    ),
    comments={
        "known": "The day on which what decides was recorded.",
        "revenue": "The orders' totals less refunds, in minor units; each on its own day.",
        "granted": "Rewards of referrers, in minor units; less those reversed they are what is owed.",
        "issued": "Handed over as promotions, less the referrers' debts.",
    },
)
step(lambda connection: create_read_model(connection, PEOPLE, MONEY, folding=True, name="referrals"))
