"""The rules of product types: how many units of a product a line may hold, which products exclude one another
in a sale, and what a customer must have for a certification. Each check raises ``Restricted``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable
from typing import Any, NamedTuple
from uuid import UUID

from contracts.product import Details

MAX_ITEM_QUANTITY = 10
MIN_SEATS = 2
MAX_SEATS = 1000

COURSE = "course"
SUBSCRIPTION = "subscription"
TEAM_LICENSE = "team_license"
CERTIFICATION = "certification"

INVALID_QUANTITY = "INVALID_QUANTITY"
TOO_MANY = "MAX_ITEM_QUANTITY_EXCEEDED"


class Restricted(Exception):
    """A rule does not allow it. ``code`` names the rule in public interfaces; ``members`` are further data
    for the caller."""

    def __init__(self, code: str, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.members = members


class Sold(NamedTuple):
    """A product in a sale. ``courses``: what is bought with it of courses, itself or those of a bundle.
    ``line``: what tells its line from others; None: no line has it yet."""

    product_id: UUID
    type: str
    courses: Collection[UUID] = ()
    line: Hashable = None


def sold(
    product_id: UUID, product_type: str, courses_of_bundle: Iterable[UUID] = (), line: Hashable = None
) -> Sold:
    itself = (product_id,) if product_type == COURSE else ()
    return Sold(product_id, product_type, frozenset((*itself, *courses_of_bundle)), line)


def check_quantity(details: Details, quantity: int) -> None:
    """``quantity``: the units of the product that the line will hold in all."""
    if quantity < 1:
        raise Restricted(INVALID_QUANTITY, "An item has at least one unit.")
    if details.type == TEAM_LICENSE:
        _check_seats(details, quantity)
    elif details.type == COURSE and quantity > 1:
        raise Restricted("COURSE_QUANTITY_LIMIT", "A course can be bought only once.")
    elif details.type == SUBSCRIPTION and quantity > 1:
        raise Restricted("SUBSCRIPTION_QUANTITY_LIMIT", "An order holds only one subscription.")
    elif quantity > MAX_ITEM_QUANTITY:
        detail = f"An item has at most {MAX_ITEM_QUANTITY} units."
        raise Restricted(TOO_MANY, detail, maximum=MAX_ITEM_QUANTITY)


def room_for(details: Details, units: int, held: int) -> int:
    """How many more of a line that holds ``held`` fit, each of so many units; other rules are apart."""
    maximum = MAX_ITEM_QUANTITY
    if details.type == TEAM_LICENSE:
        maximum = min(MAX_SEATS, details.max_users or MAX_SEATS)
    return maximum // units - held


def check_combination(new: Sold, others: Iterable[Sold]) -> None:
    """Refuse a product that one of the others excludes. A line may hold two of a bundle; a course is never in
    two lines."""
    if new.type != SUBSCRIPTION and not new.courses:
        return
    for other in others:
        if new.type == other.type == SUBSCRIPTION:
            detail = "There is a subscription in the cart already."
            raise Restricted("MULTIPLE_SUBSCRIPTIONS_NOT_ALLOWED", detail)
        is_same_line = new.line is not None and other.line == new.line and new.type != COURSE
        if not is_same_line and not set(new.courses).isdisjoint(other.courses):
            raise Restricted("DUPLICATE_COURSE_IN_CART", "This course is in the cart already.")


def required_of(products: Iterable[Details]) -> list[str]:
    """What must be had for the certifications among the products."""
    return [it for product in products if product.type == CERTIFICATION for it in product.prerequisites]


def check_prerequisites(products: Iterable[Details], has: Callable[[str], bool]) -> None:
    """Refuse certifications for which the customer has not what they require. What is in the same sale does
    not count."""
    if missing := tuple(it for it in dict.fromkeys(required_of(products)) if not has(it)):
        detail = "The customer lacks what a certification requires."
        raise Restricted("PREREQUISITES_NOT_MET", detail, missing=missing)


def check_gift_seats(details: Details, seats: int, quantity: int) -> None:
    """Seats for others are among those that are bought."""
    if not 0 <= seats <= (quantity if details.type == TEAM_LICENSE else 0):
        detail = "Only seats of a team licence can be for others, at most all of them."
        raise Restricted(INVALID_QUANTITY, detail)


def _check_seats(details: Details, seats: int) -> None:
    minimum = max(MIN_SEATS, details.min_users or 0)
    maximum = min(MAX_SEATS, details.max_users or MAX_SEATS)
    if seats < minimum:
        raise Restricted(INVALID_QUANTITY, f"This licence has at least {minimum} seats.", minimum=minimum)
    if seats > maximum:
        raise Restricted(TOO_MANY, f"This licence has at most {maximum} seats.", maximum=maximum)
