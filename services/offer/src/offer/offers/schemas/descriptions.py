"""The descriptions and examples of the names in the interface of offers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.http.descriptions import Word, euros

OFFER = "019a2b3c-0008-7000-8000-000000000001"
PRODUCT = "019a2b3c-0002-7000-8000-000000000002"
_PRICE = {"base": euros(9900), "discount": euros(7900)}

FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "NewOffer": Word(
            "An offer to be created.",
            {
                "slug": "spring-kit",
                "name": "Spring kit",
                "type": "physical_product",
                "products": [{"product_id": PRODUCT, "quantity": 2}],
                "price": _PRICE,
            },
        ),
        "OfferChange": Word(
            "The fields to change; null removes an optional value.", {"name": "Spring kit, large"}
        ),
        "OfferView": Word("An offer: products that are sold together at one price."),
        "offer_id": Word("The offer.", OFFER),
        "list_offers.q": Word("Words that begin a word of name or slug.", "spring kit"),
        "list_offers.slug": Word("The slugs.", ["spring-kit"]),
        "list_offers.status": Word("The statuses.", ["published"]),
        "list_offers.type": Word("The types of offers.", ["physical_product"]),
        "list_offers.product_id": Word("Offers that contain one of these products.", [PRODUCT]),
        "list_offers.campaign_id": Word(
            "Offers of these campaigns.", ["019a2b3c-0009-7000-8000-000000000001"]
        ),
        "slug": Word("The offer's name in addresses, unique within the tenant.", "spring-kit"),
        **{
            f"{it}.name": Word("The offer's name.", "Spring kit")
            for it in ("NewOffer", "OfferChange", "OfferView")
        },
        **{
            f"{it}.type": Word("A type of product, or funnel.", "physical_product")
            for it in ("NewOffer", "OfferChange", "OfferView")
        },
        **{
            f"{it}.description": Word("What buyers read about the offer.", "All for a balcony.")
            for it in ("NewOffer", "OfferChange", "OfferView")
        },
        "OfferView.status": Word("draft, published, paused or archived.", "published"),
        "NewOffer.products": Word("The products of the offer.", [{"product_id": PRODUCT, "quantity": 2}]),
        "OfferChange.products": Word("The products of the offer.", [{"product_id": PRODUCT, "quantity": 2}]),
        "OfferView.products": Word("The products of the offer."),
        "ComponentBody": Word("A product of an offer."),
        "ComponentView": Word("A product of an offer."),
        "ComponentBody.quantity": Word("Units of the product in one offer.", 2),
        "ComponentView.quantity": Word("Units of the product in one offer.", 2),
        "required": Word(
            "Whether the product is always part of the offer; others are added on request.", True
        ),
        "ComponentBody.position": Word("The place among the products; null: that in the list.", 0),
        "ComponentView.position": Word("The place among the products.", 0),
        "NewOffer.price": Word("The price of one offer.", _PRICE),
        "OfferView.price": Word("The price of one offer."),
        "PriceOfOfferBody": Word("The price of one offer.", _PRICE),
        "PriceOfOfferView": Word("The price of one offer."),
        "AmountBody": Word("An amount of money, in minor units.", euros(9900)),
        "AmountView": Word("An amount of money, in minor units.", euros(9900)),
        **{
            f"{it}.base": Word("The price without a discount.", euros(9900))
            for it in ("PriceOfOfferBody", "PriceOfOfferView")
        },
        **{
            f"{it}.discount": Word("The price while the discount lasts; null: there is none.", euros(7900))
            for it in ("PriceOfOfferBody", "PriceOfOfferView")
        },
        "discount_starts_at": Word("When the discount starts; null: at once.", "2026-03-01T00:00:00Z"),
        "discount_ends_at": Word("When the discount ends; null: never.", "2026-03-08T00:00:00Z"),
        "PriceOfOfferView.current": Word("What the offer costs now, without experiments.", euros(7900)),
        "automatic_promotions": Word(
            "Codes that are tried, in this order, when the offer is put into a cart.", ["SPRING"]
        ),
        "configuration": Word("The shop's own settings of the offer.", {"require_immediate_payment": False}),
        "layout": Word("The storefront's own layout of the offer.", {"template": "hero"}),
        **{
            f"{it}.shipping": Word("How the offer is shipped.")
            for it in ("NewOffer", "OfferChange", "OfferView")
        },
        "ShippingOfOfferBody": Word("How an offer is shipped.", {"requires_shipping": True}),
        "ShippingOfOfferView": Word("How an offer is shipped."),
        "requires_shipping": Word("Whether the offer is sent by post.", True),
        "class": Word("The class of goods for which rates are chosen.", None),
        "free_shipping_threshold": Word(
            "The value of goods from which the offer ships free; null: never.", euros(10000)
        ),
        "campaign_id": Word("The campaign.", "019a2b3c-0009-7000-8000-000000000001"),
        "MediaBody": Word("A picture, a video or a file."),
        "MediaView": Word("A picture, a video or a file."),
        "media": Word("Pictures, videos and files, by their addresses, which are never opened.", []),
        "url": Word("The address.", "https://shop.example/kit.jpg"),
        "alt": Word("What the picture shows, in words.", "A balcony"),
        "MediaBody.kind": Word("image, video or file.", "image"),
        "MediaView.kind": Word("image, video or file.", "image"),
        "MediaBody.position": Word("The place among the media.", 0),
        "MediaView.position": Word("The place among the media.", 0),
        "AvailabilityView": Word("Whether an offer can be bought now."),
        "AvailabilityView.available": Word("Whether so many can be bought now.", True),
        "AvailabilityView.reason": Word("Why not; null if they can.", None),
        "backorder": Word("Whether some product is short and is sold all the same.", False),
    }
)
