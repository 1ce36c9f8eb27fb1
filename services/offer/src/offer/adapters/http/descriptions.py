"""What the names in the offer service's interface mean, each with an example."""

from collections.abc import Mapping
from types import MappingProxyType

from kernel.http.descriptions import Word
from offer.adapters.http import sale_descriptions

DESCRIPTION = "The catalogue: products with their stock, promotions, taxes, and what a sale would cost."

_PRODUCT = "019a2b3c-0002-7000-8000-000000000002"
_OTHER = "019a2b3c-0002-7000-8000-000000000003"
_PRICE = {"amount": 1000, "currency": "EUR"}

WORDS: Mapping[str, Word] = MappingProxyType(
    {
        **sale_descriptions.WORDS,
        "NewProduct": Word(
            "A product as it begins.",
            {"sku": "MUG-1", "name": "Mug", "type": "physical_product", "prices": [_PRICE]},
        ),
        "ProductChange": Word(
            "What changes; null takes away what a product need not have.", {"name": "Large mug"}
        ),
        "ProductView": Word("A product of the catalogue."),
        "product_id": Word("The product.", _PRODUCT),
        "sku": Word("The shop's own number of it: no two products have the same.", "MUG-1"),
        "name": Word("The product's name.", "Mug"),
        "NewProduct.type": Word("What kind of thing it is.", "physical_product"),
        "ProductView.type": Word("What kind of thing it is.", "physical_product"),
        "ProductView.status": Word("draft, active or archived: only active ones are sold.", "active"),
        "prices": Word("What one costs, by currency.", [_PRICE]),
        "ProductView.prices": Word("What one costs, by currency."),
        "PriceBody": Word("A price in one currency."),
        "PriceView": Word("A price in one currency."),
        "PriceView.region": Word("The country that it is for; null: all.", None),
        "PriceBody.region": Word("The country that it is for; null: all.", None),
        "segment": Word("The customers that it is for; null: all. Not built yet.", None),
        "pricing_model": Word("How the price is found. Only fixed is built yet.", "fixed"),
        "tiers": Word("Prices by quantity. Not built yet.", []),
        "tax_category": Word("Which tax rates count for it.", "standard"),
        "course_ids": Word("The courses of a bundle. Not built yet.", []),
        "plan_id": Word("The plan of a subscription. Not built yet.", None),
        "min_users": Word("The fewest seats of a team licence.", None),
        "max_users": Word("The most seats of a team licence.", None),
        "prerequisites": Word("Courses that have to come first. Not built yet.", []),
        "enrollment_limit": Word("How many may enrol. Not built yet.", None),
        "vendor_id": Word("Who delivers it, as the shop names them.", None),
        "category": Word("Where it stands in the catalogue.", "kitchen"),
        "collections": Word("The collections that it is in.", ["spring"]),
        "brand": Word("Its brand.", "Acme"),
        "weight_grams": Word("Its weight.", 300),
        "dimensions": Word("Its size, as the shop measures it.", {"height_mm": 95}),
        "options": Word("What can be chosen with it.", {"colour": ["blue", "white"]}),
        "related_products": Word("Products that go with it."),
        "RelatedProductBody": Word("A product that goes with this one."),
        "RelatedProductView": Word("A product that goes with this one."),
        "RelatedProductView.product_id": Word("The other product.", _OTHER),
        "RelatedProductBody.product_id": Word("The other product.", _OTHER),
        "relationship": Word("How it goes with this one.", "cross_sell"),
        "metadata": Word("Whatever the shop wants to keep with it: at most 16 KiB of JSON.", {}),
        "CountBody": Word("What was counted.", {"on_hand": 100, "allow_backorders": False}),
        "ReceiptBody": Word("Goods that have come in."),
        "ReceiptBody.quantity": Word("How many have come in.", 10),
        "StockView": Word("The stock of a product."),
        "on_hand": Word("How many there are; null where the stock is not limited.", 100),
        "reserved": Word("How many of them are promised to checkouts.", 3),
        "available": Word("On hand less reserved; null where the stock is not limited.", 97),
        "allow_backorders": Word("Whether more may be sold than there are.", False),
        "NewPromotion": Word(
            "A promotion as it begins.",
            {"code": "SPRING", "kind": "percentage", "value": 10, "stacking": {"mode": "stackable"}},
        ),
        "PromotionChange": Word(
            "What changes; null takes away what a promotion need not have.", {"value": 15}
        ),
        "PromotionView": Word("A promotion with its uses."),
        "promotion_id": Word("The promotion.", "019a2b3c-0003-7000-8000-000000000001"),
        "PromotionView.status": Word("active or disabled.", "active"),
        "code": Word("The code that it counts with; null: it is tried on every sale.", "SPRING"),
        "kind": Word("What it does.", "percentage"),
        "value": Word("Percent, or minor units of the currency, as its kind says.", 10),
        "PromotionView.currency": Word("The currency of an amount; null for percent.", None),
        "NewPromotion.currency": Word("The currency of an amount; null for percent.", None),
        "PromotionChange.currency": Word("The currency of an amount; null for percent.", None),
        "conditions": Word("What has to hold for it to count."),
        "ConditionsBody": Word("What has to hold, all of it."),
        "ConditionsView": Word("What has to hold, all of it."),
        "minimum_subtotal": Word(
            "The least that the items cost, in minor units of the sale's currency.", 2000
        ),
        "product_ids": Word("One of these has to be there; none named: any.", [_PRODUCT]),
        "categories": Word("A product of one of these has to be there; none named: any.", ["kitchen"]),
        "ConditionsView.currency": Word("The currency that the sale has to be in; null: any.", None),
        "ConditionsBody.currency": Word("The currency that the sale has to be in; null: any.", None),
        "limits": Word("How often it may be used."),
        "LimitsBody": Word("How often a promotion may be used."),
        "LimitsView": Word("How often a promotion may be used; null: without a limit."),
        "LimitsView.total": Word("By all customers together.", 1000),
        "LimitsBody.total": Word("By all customers together.", 1000),
        "per_customer": Word("By one customer.", 1),
        "stacking": Word("How it goes together with others."),
        "StackingBody": Word("How a promotion goes together with others."),
        "StackingView": Word("How a promotion goes together with others."),
        "mode": Word("exclusive: alone; best_of: the best of them; stackable: with others.", "stackable"),
        "priority": Word("The smaller goes first.", 0),
        "cap": Word("The most that is given, in minor units; null: without a limit.", None),
        "starts_at": Word("When it begins to count; null: at once.", "2026-03-01T00:00:00Z"),
        "ends_at": Word("When it ceases to count; null: never.", None),
        "uses": Word("How often it is held or redeemed, by all customers together.", 12),
        "TaxRateBody": Word("A tax rate."),
        "TaxRateView": Word("A tax rate."),
        "TaxRateSetView": Word("A tax rate as it was set."),
        "TaxRateBody.name": Word("The tax's name.", "IVA"),
        "TaxRateView.name": Word("The tax's name.", "IVA"),
        "TaxRateSetView.name": Word("The tax's name.", "IVA"),
        "country": Word("The country by ISO 3166.", "PT"),
        "region": Word("The region of the country; null: all of it.", None),
        "rate": Word("In percent.", 23),
        "inclusive": Word("Whether prices hold the tax already.", True),
    }
)
