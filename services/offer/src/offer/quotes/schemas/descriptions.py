"""The descriptions and examples of the names in a quote."""

from collections.abc import Mapping
from types import MappingProxyType

from kernel.http.descriptions import Word, euros

_PRODUCT = "019a2b3c-0002-7000-8000-000000000002"


FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "QuoteBody": Word(
            "A sale to be priced.",
            {
                "currency": "EUR",
                "lines": [{"product_id": _PRODUCT, "quantity": 2}],
                "codes": ["SPRING"],
                "destination": {"country": "PT"},
            },
        ),
        "QuoteBody.lines": Word("Products, offers and upsells, with their quantities."),
        "LineBody": Word("A product, an offer or an upsell, and its quantity."),
        "LineBody.product_id": Word("The product; null for an offer or an upsell.", _PRODUCT),
        "LineBody.offer_id": Word("The offer, of which each required product becomes a line.", None),
        "LineBody.upsell_id": Word("The upsell, at its reduced price.", None),
        "shipping_option_id": Word(
            "The shipping option; null: the one recommended for the destination.", None
        ),
        "QuoteBody.session_id": Word("The storefront's session, which sees a variant of an offer.", None),
        "CustomerBody.segments": Word("The customer's segments; null: those that are known.", ["vip"]),
        "paid_orders": Word("The number of paid orders; null: as many as are known.", 0),
        "quantity": Word("The number of units.", 2),
        "codes": Word("The discount codes to try.", ["SPRING"]),
        "customer": Word("The customer, as far as prices and promotions depend on it."),
        "CustomerBody": Word("The customer, as far as prices and promotions depend on it."),
        "id": Word("The customer's id, for limits per customer and what is known of them.", "customer-42"),
        "destination": Word("The destination of the goods; tax depends on it."),
        "DestinationBody": Word("The destination of the goods."),
        "at": Word("The time for which prices and promotions are judged.", "2026-03-01T12:00:00Z"),
        "QuoteView": Word("The price of a sale, with its derivation."),
        "lines": Word("The lines with their prices."),
        "LineView": Word("A product, its quantity and its price."),
        "QuoteLineView": Word("A line with its price."),
        "QuoteLineView.total": Word("The amount to pay for the line: after discount, with tax.", euros(1800)),
        "QuoteLineView.offer_id": Word("The offer that the line is a part of; null: none.", None),
        "QuoteLineView.upsell_id": Word("The upsell; null: none.", None),
        "QuoteLineView.campaign_id": Word("The campaign that made the unit price; null: none.", None),
        "QuoteLineView.units": Word("Units of the product in one of the quantity.", 1),
        "QuoteView.shipping": Word("The shipping; null: nothing is shipped, or nowhere yet."),
        "ShippingView": Word("The shipping of a sale."),
        "ShippingView.name": Word("The name of the option.", "Post"),
        "ShippingView.option_id": Word("The shipping option.", "019a2b3c-000d-7000-8000-000000000001"),
        "ShippingView.price": Word("Its price before discounts.", euros(490)),
        "ShippingView.discount": Word("What promotions take off it.", euros(0)),
        "ShippingView.total": Word("What is paid for it, with tax.", euros(490)),
        "line_id": Word("The id of the line.", "1"),
        "unit_price": Word("The price of one unit.", euros(1000)),
        "discount": Word("The discount.", euros(200)),
        "tax": Word("The tax in the total.", euros(337)),
        "LineView.total": Word("The amount to pay for the line: after discount, with tax.", euros(1800)),
        "discounts": Word("The discounts by promotion."),
        "DiscountView": Word("The discount of one promotion."),
        "DiscountView.amount": Word("The amount of the discount.", euros(200)),
        "allocation": Word("The share of each line, or of shipping, in the amount.", {"1": euros(200)}),
        "rejected": Word("Codes and promotions that were tried and do not apply."),
        "RejectionView": Word("A promotion that does not apply, with the reason."),
        "RejectionView.code": Word(
            "The code as in the request; null for a promotion without a code.", "WINTER"
        ),
        "RejectionView.reason": Word("Why the promotion does not apply.", "expired"),
        "totals": Word("The sums over all lines."),
        "TotalsView": Word("The sums over all lines of a sale."),
        "subtotal": Word("The sum of all lines before discounts.", euros(2000)),
        "shipping": Word("The cost of shipping after discounts.", euros(0)),
        "total": Word("The amount to pay.", euros(1800)),
        "digest": Word("A hash of all amounts: equal amounts have equal digests.", "5f2c9a"),
        "derivation": Word("How the total was computed."),
        "DerivationView": Word("An amount, how it was computed, and the amounts that it is made of."),
        "DerivationView.name": Word("The name of the amount.", "total"),
        "DerivationView.amount": Word("The amount.", euros(1800)),
        "how": Word("How the amount was computed.", "sum of the lines"),
        "children": Word("The amounts that it is made of.", []),
    }
)
