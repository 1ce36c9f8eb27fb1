"""Descriptions of the names in the cart's interface, each with an example."""

from collections.abc import Mapping
from types import MappingProxyType

from kernel.http.descriptions import Word, euros

API_DESCRIPTION = "Carts: what a customer is about to buy, at current prices."

_LINE = "019a2b3c-0001-7000-8000-000000000001"
_PRODUCT = "019a2b3c-0002-7000-8000-000000000002"


FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "NewCart": Word("A new cart."),
        "NewItem": Word("An item to be added to a cart.", {"product_id": _PRODUCT, "quantity": 2}),
        "NewQuantity": Word("The new quantity of an item."),
        "NewDiscount": Word("A discount code to be applied."),
        "ShippingAddress": Word(
            "The destination of the goods: a cart keeps only these fields of an address."
        ),
        "destination": Word("The destination of the goods, as far as prices and taxes depend on it."),
        "HistoryEntryView": Word("One change of a cart, in words."),
        "at": Word(
            "When it was recorded; in a query, the moment of which the cart is shown.", "2026-03-05T12:00:00Z"
        ),
        "occurred_at": Word("When it occurred: earlier only if the caller dated it.", "2026-03-05T12:00:00Z"),
        "actor": Word("The key or the service that caused it.", "storefront"),
        "HistoryEntryView.type": Word("The type of the fact.", "cart.item_added"),
        "summary": Word("What happened, in one English sentence.", "2 × Mug added at 10.00 EUR"),
        "total_before": Word("The cart's total before the change; null at its creation.", euros(0)),
        "total_after": Word("The cart's total after the change.", euros(2000)),
        "DestinationView": Word("A country and its region."),
        "country": Word("The country code by ISO 3166.", "PT"),
        "region": Word("The region or state.", "11"),
        "RecoveredCartView": Word("A cart that a recovery link leads to."),
        "token": Word("The token of the link.", "AQGaKzwAAHAAgAAAAAAAAAEAAQAGTgHGfQcAZGVtbw"),
        "CartView": Word("A cart with its current prices."),
        "cart_id": Word("The cart's id.", "019a2b3c-0000-7000-8000-000000000001"),
        "session_id": Word("The shop's own id of the visit that the cart belongs to.", "visit-4711"),
        "customer_id": Word("The shop's own id of the customer, if known.", "customer-42"),
        "type": Word("The kind of sale.", "standard"),
        "status": Word("active, locked, abandoned, converted, expired or merged.", "active"),
        "metadata": Word("Data of the shop's own about the cart: at most 16 KiB of JSON.", {"utm": "mail"}),
        "expires_at": Word("When the cart expires unless it has been bought.", "2026-03-08T12:00:00Z"),
        "discounts": Word("The discounts, each with its promotion or code."),
        "totals": Word("The totals of all items."),
        "ItemView": Word("An item of a cart: units of one product."),
        "item_id": Word("The item's id.", _LINE),
        "product_id": Word("The product's id.", _PRODUCT),
        "name": Word("The product's name.", "Mug"),
        "quantity": Word("The number of units.", 2),
        "unit_price": Word("The price of one unit.", euros(1000)),
        "previous_price": Word("The price of one unit before it last changed.", euros(900)),
        "price_updated_at": Word("When the price last changed.", "2026-03-05T12:00:00Z"),
        "available": Word(
            "Whether the product is on sale. Otherwise it keeps its price, but cannot be bought.",
            True,
        ),
        "options": Word("The chosen options, by the shop's own names.", {"colour": "blue"}),
        "DiscountView": Word("The discount of one promotion."),
        "code": Word("The discount code, as it was typed; null for an automatic promotion.", "SPRING"),
        "kind": Word("The kind of promotion.", "percentage"),
        "allocation": Word("Each item's share of the amount, by item_id.", {_LINE: euros(200)}),
        "DiscountView.amount": Word("The amount of the discount.", euros(200)),
        "DiscountView.status": Word(
            "applied, or not_applied for a code without effect at present.", "applied"
        ),
        "reason": Word(
            "Why a code is not applied: unknown, not_started, expired, disabled, limit_reached, "
            "conditions_not_met, not_combinable or better_discount_applied.",
            "expired",
        ),
        "rejected": Word("The promotions without effect at present, each with its reason."),
        "RejectedView": Word("A promotion that was looked at and does nothing."),
        "promotion_id": Word("The promotion's id.", "019a2b3c-0003-7000-8000-000000000003"),
        "discount": Word("The discount.", euros(200)),
        "tax": Word("The tax included in the total.", euros(0)),
        "ItemView.total": Word("The price of the item after discount, with tax.", euros(1800)),
        "TotalsView": Word("The totals of a cart."),
        "subtotal": Word("The sum of all items before discount.", euros(2000)),
        "CartView.shipping": Word("How the goods are shipped, once a destination is known."),
        "RecoveredCartView.shipping": Word("How the goods are shipped, once a destination is known."),
        "abandoned_at": Word("Since when the cart has been abandoned.", "2026-03-05T12:30:00Z"),
        "ShippingView": Word("The chosen way of shipping."),
        "ShippingView.name": Word("The name of the way.", "Standard"),
        "ShippingView.price": Word("The price before discount.", euros(490)),
        "ShippingView.total": Word("The price after discount, with tax.", euros(490)),
        "ShippingOptionChoice": Word("The way of shipping that the shopper has chosen."),
        "ShippingOptionsView": Word("The ways to ship the goods."),
        "ShippingOptionView": Word("A way to ship the goods, with its price."),
        "ShippingOptionView.name": Word("The name of the way.", "Standard"),
        "ShippingOptionView.price": Word("The price for these goods.", euros(490)),
        "required": Word("Whether anything in the cart is shipped.", True),
        "ShippingOptionsView.options": Word(
            "The recommended one first; empty while the destination is unknown."
        ),
        "option_id": Word("The option's id.", "019a2b3c-0006-7000-8000-000000000001"),
        "min_days": Word("The fewest days that it takes.", 2),
        "max_days": Word("The most days that it takes.", 4),
        "recommended": Word("Whether it is chosen if no other one is.", True),
        "fallback": Word("Whether the calculation failed, so that the default rate is charged.", False),
        "shipping": Word("The price of shipping.", euros(0)),
        "total": Word("The amount to be paid.", euros(1800)),
    }
)
