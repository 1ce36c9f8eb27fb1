"""What must hold for the data of an offer."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from contracts import product
from contracts.offer import OfferDetails, OfferPrice
from kernel.domain import FieldPath
from offer.catalogue.domain.currencies import check_currency
from offer.catalogue.domain.errors import Invalid
from pricing.codes import canonical

SUBSCRIPTION = "subscription"


def check_details(details: OfferDetails) -> None:
    """Refuse details that contradict one another. Raises ``Invalid``."""
    seen: set[UUID] = set()
    for index, component in enumerate(details.products):
        if component.product_id in seen:
            raise Invalid(("products", index, "product_id"), "The offer contains the product already.")
        seen.add(component.product_id)
    for index, code in enumerate(details.automatic_promotions):
        if canonical(code) is None:
            raise Invalid(("automatic_promotions", index), f"No promotion can have the code {code}.")
    check_price(details.price)


def check_price(price: OfferPrice, path: FieldPath = ("price",)) -> None:
    """Raises ``Invalid``. ``path``: where the price stands in the request."""
    check_currency((*path, "base", "currency"), price.currency)
    starts, ends = price.discount_starts_at, price.discount_ends_at
    if price.discount is None and (starts is not None or ends is not None):
        raise Invalid((*path, "discount"), "A window needs a discount.")
    if price.discount is not None and price.discount >= price.base:
        raise Invalid((*path, "discount"), "The discount must be below the base price.")
    if starts is not None and ends is not None and starts >= ends:
        raise Invalid((*path, "discount_ends_at"), "The window must end after it starts.")


def check_can_be_published(
    details: OfferDetails, products: Mapping[UUID, product.Details], sold: Collection[UUID]
) -> None:
    """``products``: those of the offer, by id; ``sold``: those of them that are for sale.

    Raises ``Invalid``.
    """
    required = [it for it in details.products if it.required]
    if not required:
        raise Invalid(("products",), "An offer needs a required product.")
    for index, component in enumerate(details.products):
        if component.product_id not in sold:
            detail = "The product is not active, or has active variants, which are sold in its place."
            raise Invalid(("products", index, "product_id"), detail)
    if details.type == SUBSCRIPTION and (
        len(required) != 1 or products[required[0].product_id].type != SUBSCRIPTION
    ):
        detail = "An offer of a subscription has exactly one required product, a subscription."
        raise Invalid(("products",), detail)


def next_window_change(price: OfferPrice, now: datetime) -> datetime | None:
    """When the window of the discount next opens or closes."""
    moments = (price.discount_starts_at, price.discount_ends_at)
    return min((it for it in moments if it is not None and it > now), default=None)
