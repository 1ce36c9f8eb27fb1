"""The descriptions and examples of the names in the interface of upsells and funnel steps."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.http.descriptions import Word

_UPSELL = "019a2b3c-000a-7000-8000-000000000001"
_PRODUCT = "019a2b3c-0002-7000-8000-000000000003"
_REDUCTION = {"type": "percentage", "value": 10}
_BUMPS = ("NewOrderBump", "OrderBumpChange")
_ALL = (*_BUMPS, "NewUpsell", "UpsellChange", "UpsellView")
_STEPS = ("NewFunnelStep", "FunnelStepChange", "FunnelStepView")

FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "NewOrderBump": Word(
            "An order bump to be added.",
            {"product_id": _PRODUCT, "name": "Watering can", "discount": _REDUCTION},
        ),
        "NewUpsell": Word(
            "An upsell to be added.",
            {"type": "upsell", "product_id": _PRODUCT, "name": "Watering can", "discount": _REDUCTION},
        ),
        "OrderBumpChange": Word("The fields to change; null removes an optional value.", {"priority": 1}),
        "UpsellChange": Word("The fields to change; null removes an optional value.", {"priority": 1}),
        "UpsellView": Word("A product that is proposed beside an offer, at a reduced price."),
        "upsell_id": Word("The upsell or order bump.", _UPSELL),
        **{f"{it}.name": Word("What the storefront calls it.", "Watering can") for it in _ALL},
        **{f"{it}.description": Word("What buyers read about it.", "Holds 5 litres.") for it in _ALL},
        **{f"{it}.quantity": Word("Units that one upsell adds.", 1) for it in _ALL},
        **{f"{it}.discount": Word("What the product costs less.", _REDUCTION) for it in _ALL},
        **{f"{it}.position": Word("Where a storefront shows it.", "after_products") for it in _ALL},
        **{f"{it}.priority": Word("The order in which they are shown; the smaller first.", 0) for it in _ALL},
        **{
            f"{it}.type": Word("upsell, downsell or cross_sell.", "upsell")
            for it in ("NewUpsell", "UpsellChange")
        },
        "UpsellView.type": Word("upsell, downsell, cross_sell or order_bump.", "upsell"),
        "ReductionBody": Word("What the product costs less.", _REDUCTION),
        "ReductionView": Word("What the product costs less."),
        "ReductionBody.type": Word("percentage or fixed_amount.", "percentage"),
        "ReductionView.type": Word("percentage or fixed_amount.", "percentage"),
        "ReductionBody.value": Word("Percent, or minor units of the cart's currency.", 10),
        "ReductionView.value": Word("Percent, or minor units of the cart's currency.", 10),
        **{f"{it}.trigger": Word("When it is proposed.") for it in _ALL},
        "TriggerBody": Word("The conditions under which it is proposed, all of which must hold."),
        "TriggerView": Word("The conditions under which it is proposed, all of which must hold."),
        "minimum_cart_value": Word("The least value of goods, in minor units of the offer's currency.", 5000),
        "maximum_cart_value": Word("The greatest value of goods; null: no limit.", None),
        "required_products": Word("Products that must all be in the cart.", []),
        "customer_segments": Word("Segments of which the customer must have one; empty: all customers.", []),
        "show_after_seconds": Word("Seconds after which the storefront may show it.", 0),
        "hide_after_seconds": Word("Seconds after which it is not shown any more; null: never.", None),
        "auto_add": Word("Whether it is added with the offer, without a request.", False),
        **{f"{it}.urgency": Word("The limit of time; null: none.", None) for it in _ALL},
        "UrgencyBody": Word("A limit of time.", {"seconds": 600}),
        "UrgencyView": Word("A limit of time."),
        "seconds": Word("Seconds after it was first proposed for a cart.", 600),
        "UrgencyBody.ends_at": Word("A moment for all carts.", None),
        "UrgencyView.ends_at": Word("A moment for all carts.", None),
        "design": Word("The storefront's own: template, animation and the like.", {"template": "card"}),
        "post_purchase": Word("Whether it is proposed after the purchase.", False),
        "NewFunnelStep": Word(
            "A funnel step to be added.",
            {
                "name": "Last chance",
                "type": "upsell",
                "trigger": "purchase",
                "upsell_id": _UPSELL,
                "position": 1,
            },
        ),
        "FunnelStepChange": Word("The fields to change; null removes an optional value.", {"position": 2}),
        "FunnelStepView": Word("A step of the funnel of an offer."),
        "step_id": Word("The funnel step.", "019a2b3c-000b-7000-8000-000000000001"),
        **{f"{it}.name": Word("The name of the step.", "Last chance") for it in _STEPS},
        **{f"{it}.type": Word("upsell, downsell or cross_sell.", "upsell") for it in _STEPS},
        **{
            f"{it}.trigger": Word("What triggers it: purchase, decline or abandon.", "purchase")
            for it in _STEPS
        },
        **{f"{it}.position": Word("The place in the funnel.", 1) for it in _STEPS},
        **{f"{it}.conditions": Word("The customers whom it is for.", {}) for it in _STEPS[:2]},
        "FunnelStepView.conditions": Word("The customers whom it is for."),
        "FunnelStepView.version": Word("The version of all steps of the offer together.", 3),
        "after": Word("The upsell whose refusal triggers the step; null for other triggers.", None),
        "presentation": Word("The storefront's own layout of the step.", {}),
        "StepConditionsBody": Word("The customers whom a step is for: all conditions must hold.", {}),
        "StepConditionsView": Word("The customers whom a step is for: all conditions must hold."),
        "customer_value": Word("The total of the customer's paid orders; null: any.", None),
        "purchase_history": Word("What the customer has bought; null: anything.", None),
        "behavior": Word("What the customer has done before; null: anything.", None),
        "CustomerValueBody": Word("Limits in minor units of the offer's currency.", {"minimum": 10000}),
        "CustomerValueView": Word("Limits in minor units of the offer's currency."),
        "minimum": Word("The least value.", 10000),
        "maximum": Word("The greatest value.", None),
        "PurchaseHistoryBody": Word("What the customer has bought.", {"minimum_orders": 1}),
        "PurchaseHistoryView": Word("What the customer has bought."),
        "bought_any": Word("Products of which the customer has bought one; empty: any.", []),
        "bought_none": Word("Products of which the customer has bought none.", []),
        "minimum_orders": Word("The least number of paid orders.", 1),
        "maximum_orders": Word("The greatest number of paid orders.", None),
        "BehaviorBody": Word("What the customer has done before.", {"minimum_abandoned_carts": 1}),
        "BehaviorView": Word("What the customer has done before."),
        "declined_any": Word("Upsells of which the customer has declined one; empty: any.", []),
        "minimum_abandoned_carts": Word("The least number of abandoned carts.", 1),
        "OfferFromProduct": Word("The product of which an offer is made.", {"product_id": _PRODUCT}),
        "OfferOfProductView": Word("An offer that was made of a product."),
        "offer": Word("The offer."),
        "cross_sells": Word("The upsells made of the product's cross-sells."),
        "skipped": Word("Related products that have become no upsells."),
        "SkippedView": Word("A related product that has become no upsell."),
        "SkippedView.reason": Word("missing, archived or too_many.", "archived"),
    }
)
