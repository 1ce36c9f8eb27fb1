"""The descriptions and examples of the names in the interface of campaigns."""

from collections.abc import Mapping
from types import MappingProxyType

from kernel.http.descriptions import Word

_MONEY = {"amount": 300_000, "currency": "USD"}
_CHANGE = {"type": "percentage", "value": 15}
_BODIES = ("NewCampaign", "CampaignChangeBody")
_FIELDS: Mapping[str, Word] = {
    "name": Word("What the shop calls it.", "Black Friday"),
    "starts_at": Word("When it begins; null: at once.", "2026-11-27T00:00:00Z"),
    "ends_at": Word("When it ends; null: never.", "2026-11-28T00:00:00Z"),
    "budget": Word("What its reductions may cost in all; null: any amount.", _MONEY),
    "change": Word("How it changes the base price of its offers; null: not at all.", _CHANGE),
    "offer_ids": Word("The offers whose price it changes.", ["019a2b3c-0008-7000-8000-000000000001"]),
    "promotion_ids": Word(
        "The promotions that run only while it runs; a promotion has one campaign.",
        ["019a2b3c-0003-7000-8000-000000000001"],
    ),
}
_OF_VIEW: Mapping[str, Word] = {
    **_FIELDS,
    "status": Word("draft, active, paused or ended.", "active"),
    "running": Word("Whether it is active, inside its window and not exhausted.", True),
    "exhausted": Word("Whether a sale did not fit into what is left of the budget.", False),
    "held": Word("What open checkouts hold of the budget.", {"amount": 1_485, "currency": "USD"}),
    "used": Word("What paid orders have used of the budget.", {"amount": 2_970, "currency": "USD"}),
    "remaining": Word("What is left of the budget.", {"amount": 295_545, "currency": "USD"}),
}
FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "NewCampaign": Word("A campaign to be created.", {"name": "Black Friday", "change": _CHANGE}),
        "CampaignChangeBody": Word(
            "The fields to change; null removes an optional value.", {"ends_at": "2026-12-01T00:00:00Z"}
        ),
        "CampaignView": Word("A campaign with what its budget is used for."),
        "campaign_id": Word("The campaign.", "019a2b3c-0009-7000-8000-000000000001"),
        **{f"{body}.{name}": word for body in _BODIES for name, word in _FIELDS.items()},
        **{f"CampaignView.{name}": word for name, word in _OF_VIEW.items()},
        "BudgetBody": Word("What the reductions of a campaign may cost in all.", _MONEY),
        "BudgetView": Word("An amount of the budget.", _MONEY),
        **{
            key: word
            for change in ("PriceChangeBody", "PriceChangeView")
            for key, word in (
                (change, Word("How the base price of each offer changes.", _CHANGE)),
                (f"{change}.type", Word("percentage, fixed_amount or set_price.", "percentage")),
                (f"{change}.value", Word("Percent, or minor units of the offer's currency.", 15)),
            )
        },
    }
)
