"""Whether the conditions of an upsell hold for what a shopper has in the cart, or has just bought."""

from collections.abc import Set as AbstractSet
from enum import StrEnum
from uuid import UUID

from contracts.upsell import Trigger


class Unmet(StrEnum):
    CART_VALUE = "cart_value"
    REQUIRED_PRODUCTS = "required_products"
    CUSTOMER_SEGMENTS = "customer_segments"


def unmet_condition(
    trigger: Trigger, goods: int, products: AbstractSet[UUID], segments: AbstractSet[str]
) -> Unmet | None:
    """The first condition that does not hold. ``goods``: the value of the lines after discounts;
    ``products``: those of the lines; ``segments``: of the customer."""
    maximum = trigger.maximum_cart_value
    if goods < (trigger.minimum_cart_value or 0) or (maximum is not None and goods > maximum):
        return Unmet.CART_VALUE
    if not products >= set(trigger.required_products):
        return Unmet.REQUIRED_PRODUCTS
    if trigger.customer_segments and segments.isdisjoint(trigger.customer_segments):
        return Unmet.CUSTOMER_SEGMENTS
    return None
