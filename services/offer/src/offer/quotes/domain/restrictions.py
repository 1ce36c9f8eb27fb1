"""The rules of product types for quotes, with their refusals: those of carts, see ``pricing.type_rules``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from contracts.product import Details
from kernel.domain import Refused
from offer.inventory.domain.stock_demand import Courses
from offer.quotes.domain.errors import (
    CourseQuantityLimit,
    DuplicateCourse,
    InvalidQuantity,
    MaxItemQuantityExceeded,
    MultipleSubscriptions,
    PrerequisitesNotMet,
    SubscriptionQuantityLimit,
)
from offer.quotes.domain.shop import Wanted
from pricing.type_rules import (
    Restricted,
    Sold,
    check_combination,
    check_prerequisites,
    check_quantity,
    sold,
)

TYPE_RULES: tuple[type[Refused], ...] = (
    CourseQuantityLimit,
    DuplicateCourse,
    InvalidQuantity,
    MaxItemQuantityExceeded,
    MultipleSubscriptions,
    PrerequisitesNotMet,
    SubscriptionQuantityLimit,
)


def check_lines(
    lines: Sequence[Wanted],
    products: Mapping[UUID, Details],
    courses: Courses,
    has: Callable[[str], bool] | None,
) -> None:
    """Refuse what a cart would refuse to which the lines are added in order; lines of the same product, offer
    and upsell are one there. ``courses``: those of bundles; ``has``: what the customer has of prerequisites,
    None for an unknown one. Raises ``TYPE_RULES``."""
    try:
        _check(lines, products, courses)
        if has is not None:
            check_prerequisites((products[line.product_id] for line in lines), has)
    except Restricted as broken:
        (refusal,) = (it for it in TYPE_RULES if it.code == broken.code)
        raise refusal(broken.detail, **broken.members) from None


def _check(lines: Sequence[Wanted], products: Mapping[UUID, Details], courses: Courses) -> None:
    held: list[Sold] = []
    units = Counter[tuple[UUID, UUID | None, UUID | None]]()
    for line in lines:
        details = products[line.product_id]
        key = line.product_id, line.offer_id, line.upsell_id
        new = sold(line.product_id, details.type, courses.get(line.product_id, ()), key)
        check_combination(new, held)
        units[key] += line.quantity * line.units
        check_quantity(details, units[key])
        held.append(new)
