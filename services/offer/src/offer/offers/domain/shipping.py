"""How an offer is shipped, with the defaults of what the shop leaves out."""

from collections.abc import Iterable
from dataclasses import dataclass

from contracts import product
from contracts.offer import OfferShipping
from contracts.sale import Money
from offer.catalogue.domain.errors import Invalid
from pricing.money import minor_units

PHYSICAL = "physical_product"
DEFAULT_THRESHOLD_HUNDREDTHS = 10_000


@dataclass(frozen=True, slots=True)
class ShippingWish:
    """``requires_shipping``: None if it follows from the products. ``threshold``: None for never, unless
    ``default_threshold``."""

    requires_shipping: bool | None = None
    shipping_class: str | None = None
    threshold: Money | None = None
    default_threshold: bool = True


def shipping_of(wish: ShippingWish, currency: str, products: Iterable[product.Details]) -> OfferShipping:
    """``products``: those of the offer. Raises ``Invalid`` for a threshold in another currency."""
    if wish.threshold is not None and wish.threshold.currency != currency:
        path = "shipping", "free_shipping_threshold", "currency"
        raise Invalid(path, f"The offer is sold in {currency}.")
    required = wish.requires_shipping
    return OfferShipping(
        requires_shipping=any(it.type == PHYSICAL for it in products) if required is None else required,
        shipping_class=wish.shipping_class,
        free_shipping_threshold=_threshold(wish, currency),
    )


def _threshold(wish: ShippingWish, currency: str) -> int | None:
    if wish.default_threshold:
        return int(minor_units(DEFAULT_THRESHOLD_HUNDREDTHS, currency))
    return wish.threshold.amount if wish.threshold else None
