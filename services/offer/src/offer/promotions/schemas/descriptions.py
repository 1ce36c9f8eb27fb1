"""The descriptions and examples of the names in the interface of promotions."""

from collections.abc import Mapping
from types import MappingProxyType

from kernel.http.descriptions import Word

_CAMPAIGN = "019a2b3c-000e-7000-8000-000000000001"
_PRODUCT = "019a2b3c-0002-7000-8000-000000000002"

FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "NewPromotion": Word(
            "A promotion to be created.",
            {"code": "SPRING", "kind": "percentage", "value": 10, "stacking": {"mode": "stackable"}},
        ),
        "PromotionChange": Word("The fields to change; null removes an optional value.", {"value": 15}),
        "PromotionView": Word("A promotion with the number of its uses."),
        "list_promotions.q": Word("Words that begin a word of name or code.", "spring"),
        "list_promotions.code": Word("The code, in any case.", ["SPRING"]),
        "list_promotions.kind": Word("The kind of promotion.", ["volume"]),
        "list_promotions.status": Word("active or disabled.", ["active"]),
        "list_promotions.automatic": Word("Whether the promotion has no code.", False),
        "list_promotions.campaign_id": Word("The campaign with which it runs.", [_CAMPAIGN]),
        "promotion_id": Word("The promotion.", "019a2b3c-0003-7000-8000-000000000001"),
        "PromotionView.status": Word("active or disabled.", "active"),
        "code": Word("The discount code; null: the promotion is tried on every sale.", "SPRING"),
        "kind": Word("The kind of promotion.", "percentage"),
        "PromotionView.name": Word("The name, for people; null: none.", "Spring sale"),
        "NewPromotion.name": Word("The name, for people; null: none.", "Spring sale"),
        "PromotionChange.name": Word("The name, for people; null: none.", "Spring sale"),
        "value": Word("Percent or minor units of the currency, depending on the kind and value_type.", 10),
        "value_type": Word("What the value is; null: what the kind itself says.", None),
        "rule": Word("The terms that only this kind has: its tiers, items, parts; otherwise empty.", {}),
        "customer_ids": Word("The customers, one of whom it must be; empty: all.", []),
        "customer_segments": Word("The segments, one of which the customer must have; empty: all.", ["vip"]),
        "first_order": Word("Whether it is only for customers who have paid no order yet.", False),
        "PromotionView.currency": Word("The currency of an amount; null for percent.", None),
        "NewPromotion.currency": Word("The currency of an amount; null for percent.", None),
        "PromotionChange.currency": Word("The currency of an amount; null for percent.", None),
        "conditions": Word("The conditions, all of which must hold."),
        "ConditionsBody": Word("The conditions of a promotion, all of which must hold."),
        "ConditionsView": Word("The conditions of a promotion, all of which must hold."),
        "minimum_subtotal": Word("The minimum subtotal of the sale, in minor units of its currency.", 2000),
        "product_ids": Word("The products that the promotion is for; empty: all.", [_PRODUCT]),
        "categories": Word("The categories that the promotion is for; empty: all.", ["kitchen"]),
        "ConditionsView.currency": Word("The currency that the sale must have; null: any.", None),
        "ConditionsBody.currency": Word("The currency that the sale must have; null: any.", None),
        "limits": Word("The limits on uses."),
        "LimitsBody": Word("The limits on uses of a promotion."),
        "LimitsView": Word("The limits on uses of a promotion; null: no limit."),
        "LimitsView.total": Word("The maximum number of uses by all customers together.", 1000),
        "LimitsBody.total": Word("The maximum number of uses by all customers together.", 1000),
        "per_customer": Word("The maximum number of uses by one customer.", 1),
        "stacking": Word("How the promotion combines with others."),
        "StackingBody": Word("How a promotion combines with others."),
        "StackingView": Word("How a promotion combines with others."),
        "mode": Word(
            "exclusive: used alone; best_of: alone if that is cheapest; stackable: with others of this mode.",
            "stackable",
        ),
        "priority": Word("The order of application; the smaller number comes first.", 0),
        "cap": Word("The maximum discount in minor units; null: no limit.", None),
        "starts_at": Word("The time from which it applies; null: at once.", "2026-03-01T00:00:00Z"),
        "ends_at": Word("The time at which it ends; null: never.", None),
        "uses": Word("The uses held or redeemed by all customers together.", 12),
    }
)
