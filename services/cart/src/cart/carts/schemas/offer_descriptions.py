"""Descriptions of the names in the interface of offers and upsells in carts, each with an example."""

from collections.abc import Mapping
from types import MappingProxyType

from kernel.http.descriptions import Word, euros

_LINE = "019a2b3c-0001-7000-8000-000000000001"
_OFFER = "019a2b3c-0003-7000-8000-000000000003"
_UPSELL = "019a2b3c-0004-7000-8000-000000000004"

OFFER_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "OfferForCart": Word("An offer that is put into a session's cart."),
        "CartFromOfferView": Word("A cart, and what an offer has put into it."),
        "UpsellView": Word("What is proposed beside an offer in the cart."),
        "UpsellsView": Word("What is proposed for a cart."),
        "DeclinedView": Word("What is proposed in place of what was declined."),
        "OrderBumpView": Word("An order bump that was added with its offer."),
        "AppliedPromotionView": Word("A promotion of the offer that was applied."),
        "SkippedOrderBumpView": Word("An order bump that was not added."),
        "SkippedPromotionView": Word("A promotion that was not applied."),
        "DerivationView": Word("An amount, how it was computed, and the amounts that it is made of."),
        "derivation": Word("How the total was computed."),
        "DerivationView.name": Word("The name of the amount.", "total"),
        "DerivationView.amount": Word("The amount.", euros(1800)),
        "how": Word("How the amount was computed.", "sum of the lines"),
        "children": Word("The amounts that it is made of.", []),
        "explain": Word("Whether to show how every amount was computed.", False),
        "slug": Word("The offer's name in addresses.", "starter-kit"),
        "offer_id": Word("The offer's id.", _OFFER),
        "upsell_id": Word("The upsell's id.", _UPSELL),
        "variant_id": Word("The variant of the offer's experiment that the session sees."),
        "include": Word("The optional products of the offer that are wanted, by their ids.", []),
        "units": Word("How many units of the product are in one of the quantity.", 1),
        "gift_seats": Word("How many seats of a team licence are for others.", 0),
        "price_source": Word("What the price is taken from: product, offer or upsell.", "product"),
        "cart": Word("The cart."),
        "main_item": Word("The item of the offer's first product."),
        "CartFromOfferView.items": Word("The items of the offer."),
        "order_bumps": Word("The order bumps that were added with the offer."),
        "promotions": Word("The promotions of the offer that were applied."),
        "AppliedPromotionView.amount": Word("The amount of the discount.", euros(200)),
        "AppliedPromotionView.code": Word("The code.", "SPRING"),
        "skipped": Word("What the offer has, and the cart did not get."),
        "SkippedOrderBumpView.kind": Word("order_bump.", "order_bump"),
        "SkippedOrderBumpView.id": Word("The upsell's id.", _UPSELL),
        "SkippedOrderBumpView.reason": Word(
            "Why the order bump was not added: the condition that does not hold, or the cart's refusal.",
            "cart_value",
        ),
        "SkippedPromotionView.kind": Word("promotion.", "promotion"),
        "SkippedPromotionView.code": Word("The code.", "SPRING"),
        "SkippedPromotionView.reason": Word("Why the code was refused.", "expired"),
        "next_step": Word("What to show next: checkout, review_cart or customize_order.", "review_cart"),
        "OrderBumpView.item_id": Word("The item that was added.", _LINE),
        "UpsellView.type": Word("upsell, downsell, cross_sell or order_bump.", "upsell"),
        "UpsellView.name": Word("What it is called where it is proposed.", "Add the handbook"),
        "UpsellView.unit_price": Word("The price of one unit beside the offer.", euros(1799)),
        "original_price": Word("The price of one unit alone.", euros(1999)),
        "position": Word("Where a storefront shows it.", "cart_summary"),
        "design": Word("The shop's own data about how to show it.", {"template": "card"}),
        "hide_at": Word("When it is not proposed any more.", "2026-03-05T12:00:00Z"),
        "elapsed_seconds": Word("For how long the shopper has seen the page, in seconds.", 0),
        "RecoveredCartView.offers": Word("What is proposed to a shopper who comes back."),
        "downsells": Word("What is proposed in place of what was declined."),
    }
)
