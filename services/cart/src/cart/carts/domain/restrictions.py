"""The rules of product types for carts, with their refusals: see ``pricing.type_rules``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from uuid import UUID

from cart.carts.domain.errors import (
    CourseQuantityLimit,
    DuplicateCourseInCart,
    InvalidQuantity,
    MaxItemQuantityExceeded,
    MultipleSubscriptionsNotAllowed,
    PrerequisitesNotMet,
    SubscriptionQuantityLimit,
)
from cart.carts.domain.line import Line
from cart.catalogue.domain.customers import KnownCustomer
from cart.catalogue.domain.products import Product
from contracts.product import Details
from kernel.domain import Refused
from pricing import type_rules
from pricing.type_rules import Restricted, Sold, sold

REFUSALS: Mapping[str, type[Refused]] = {
    it.code: it
    for it in (
        CourseQuantityLimit,
        DuplicateCourseInCart,
        InvalidQuantity,
        MaxItemQuantityExceeded,
        MultipleSubscriptionsNotAllowed,
        PrerequisitesNotMet,
        SubscriptionQuantityLimit,
    )
}


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except Restricted as broken:
        raise REFUSALS[broken.code](broken.detail, **broken.members) from None


def check_quantity(details: Details, quantity: int) -> None:
    """``quantity``: the units of the product that the line will hold in all."""
    with _refusing():
        type_rules.check_quantity(details, quantity)


def check_combination(
    new: Product, lines: Collection[Line], products: Mapping[UUID, Product], item_id: UUID | None = None
) -> None:
    """Refuse a product that one of these lines excludes. ``products``: those of the lines. ``item_id``: the
    line that the product would enlarge."""
    with _refusing():
        others = (_sold_in(line, products.get(line.product_id)) for line in lines)
        type_rules.check_combination(sold(new.product_id, new.details.type, new.courses, item_id), others)


def check_prerequisites(products: Collection[Product], customer: KnownCustomer | None) -> None:
    """Refuse certifications for which the customer has not what they require. None passes: it is checked
    again when the customer is known."""
    if customer is not None:
        with _refusing():
            type_rules.check_prerequisites((it.details for it in products), customer.has)


def check_gift_seats(details: Details, seats: int, quantity: int) -> None:
    """Seats for others are among those that are bought."""
    with _refusing():
        type_rules.check_gift_seats(details, seats, quantity)


def _sold_in(line: Line, product: Product | None) -> Sold:
    if product is None:
        return Sold(line.product_id, line.product_type)
    it = sold(line.product_id, product.details.type, product.courses, line.item_id)
    return it._replace(type=line.product_type)
