"""The descriptions and examples of the names in the interface of products."""

from collections.abc import Mapping
from types import MappingProxyType

from kernel.http.descriptions import Word

_PRODUCT = "019a2b3c-0002-7000-8000-000000000002"
_OTHER = "019a2b3c-0002-7000-8000-000000000003"
_PRICE = {"amount": 1000, "currency": "EUR"}

FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "NewProduct": Word(
            "A product to be created.",
            {"sku": "MUG-1", "name": "Mug", "type": "physical_product", "prices": [_PRICE]},
        ),
        "ProductChange": Word("The fields to change; null removes an optional value.", {"name": "Large mug"}),
        "ProductView": Word("A product of the catalogue."),
        "product_id": Word("The product.", _PRODUCT),
        "sku": Word("The shop's own number of the product, unique within the tenant.", "MUG-1"),
        "name": Word("The product's name.", "Mug"),
        "NewProduct.type": Word("The kind of product.", "physical_product"),
        "ProductView.type": Word("The kind of product.", "physical_product"),
        "ProductView.status": Word("draft, active or archived; only active products can be sold.", "active"),
        "prices": Word("The prices of one unit, by currency.", [_PRICE]),
        "ProductView.prices": Word("The prices of one unit, by currency."),
        "PriceBody": Word("A price in one currency."),
        "PriceView": Word("A price in one currency."),
        "PriceView.region": Word("The country that the price is for; null: all countries.", None),
        "PriceBody.region": Word("The country that the price is for; null: all countries.", None),
        "segment": Word("The customer segment that the price is for; null: all. Not supported yet.", None),
        "pricing_model": Word("How the price is determined; only fixed is supported yet.", "fixed"),
        "tiers": Word("Prices by quantity. Not supported yet.", []),
        "tax_category": Word("The category that tax rates refer to.", "standard"),
        "course_ids": Word("The courses of a bundle. Not supported yet.", []),
        "plan_id": Word("The plan of a subscription. Not supported yet.", None),
        "min_users": Word("The minimum number of seats of a team licence.", None),
        "max_users": Word("The maximum number of seats of a team licence.", None),
        "prerequisites": Word("Courses that must be completed first. Not supported yet.", []),
        "enrollment_limit": Word("The maximum number of enrolments. Not supported yet.", None),
        "vendor_id": Word("The shop's own id of the vendor.", None),
        "category": Word("The category in the catalogue.", "kitchen"),
        "collections": Word("The collections that contain the product.", ["spring"]),
        "brand": Word("The brand.", "Acme"),
        "weight_grams": Word("The weight in grams.", 300),
        "dimensions": Word("The size, in fields of the shop's choice.", {"height_mm": 95}),
        "options": Word("The options that a buyer can choose from.", {"colour": ["blue", "white"]}),
        "related_products": Word("Related products."),
        "RelatedProductBody": Word("A related product."),
        "RelatedProductView": Word("A related product."),
        "RelatedProductView.product_id": Word("The other product.", _OTHER),
        "RelatedProductBody.product_id": Word("The other product.", _OTHER),
        "relationship": Word("The kind of relation.", "cross_sell"),
        "metadata": Word("Data of the shop's own: at most 16 KiB of JSON.", {}),
    }
)
