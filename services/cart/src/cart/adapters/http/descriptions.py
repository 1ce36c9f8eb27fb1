"""What the names in the cart's interface mean, each with an example."""

from collections.abc import Mapping
from types import MappingProxyType

from kernel.http.descriptions import Word, euros

DESCRIPTION = "Carts: what somebody is about to buy, priced as of now."

_LINE = "019a2b3c-0001-7000-8000-000000000001"
_PRODUCT = "019a2b3c-0002-7000-8000-000000000002"


WORDS: Mapping[str, Word] = MappingProxyType(
    {
        "NewCart": Word("What a cart begins with."),
        "NewItem": Word("What is put into a cart.", {"product_id": _PRODUCT, "quantity": 2}),
        "NewQuantity": Word("How many there shall be."),
        "NewDiscount": Word("A code to be tried."),
        "ShippingAddress": Word("Where the goods go: no more of an address is kept in a cart."),
        "destination": Word("Where the goods go, as far as prices and taxes ask for it."),
        "DestinationView": Word("A country and its region."),
        "country": Word("The country by ISO 3166.", "PT"),
        "region": Word("The region or state.", "11"),
        "CartView": Word("A cart as it stands, with its prices of now."),
        "cart_id": Word("The cart.", "019a2b3c-0000-7000-8000-000000000001"),
        "session_id": Word("The shop's own name of the visit that the cart belongs to.", "visit-4711"),
        "customer_id": Word("The shop's own name of the customer, if it is known.", "customer-42"),
        "type": Word("What kind of sale it is for.", "standard"),
        "status": Word("active, locked, abandoned, converted, expired or merged.", "active"),
        "metadata": Word(
            "Whatever the shop wants to keep with the cart: at most 16 KiB of JSON.", {"utm": "mail"}
        ),
        "expires_at": Word("When the cart ends, unless it is changed before.", "2026-03-08T12:00:00Z"),
        "discounts": Word("What is taken off, and by which promotion or code."),
        "totals": Word("The sums over all items."),
        "ItemView": Word("An item of a cart: so many of one product."),
        "item_id": Word("The item.", _LINE),
        "product_id": Word("The product.", _PRODUCT),
        "name": Word("The product's name.", "Mug"),
        "quantity": Word("How many.", 2),
        "unit_price": Word("What one costs.", euros(1000)),
        "previous_price": Word("What one cost before its price changed.", euros(900)),
        "price_updated_at": Word("When its price changed.", "2026-03-05T12:00:00Z"),
        "available": Word("Whether it is sold; what is not keeps its price, and no checkout takes it.", True),
        "options": Word("What was chosen with it, as the shop names it.", {"colour": "blue"}),
        "DiscountView": Word("What one promotion takes off."),
        "code": Word(
            "The discount code, as it was typed; null for a promotion that applies by itself.", "SPRING"
        ),
        "kind": Word("What kind of promotion it is.", "percentage"),
        "allocation": Word("By item, its share of the amount.", {_LINE: euros(200)}),
        "DiscountView.amount": Word("What it takes off in all.", euros(200)),
        "DiscountView.status": Word(
            "applied, or not_applied for a code that does nothing at present.", "applied"
        ),
        "reason": Word(
            "Why a code is not applied: unknown, not_started, expired, disabled, limit_reached, "
            "conditions_not_met, not_combinable or better_discount_applied.",
            "expired",
        ),
        "discount": Word("What is taken off.", euros(200)),
        "tax": Word("The tax that is in the total.", euros(0)),
        "ItemView.total": Word("What is to be paid for it: after discount, with tax.", euros(1800)),
        "TotalsView": Word("The sums over a cart."),
        "subtotal": Word("All items before discount.", euros(2000)),
        "shipping": Word("What shipping costs.", euros(0)),
        "total": Word("What is to be paid.", euros(1800)),
    }
)
