"""What a reservation holds of stocks: release it, or keep a part of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from contracts import reservation as facts
from contracts.offer import Wanted
from offer.inventory.domain.stock_demand import Courses, Stocks, less, with_courses


def release_holds(held: Iterable[Wanted], checkout_id: UUID, stocks: Stocks) -> None:
    for units in held:
        stocks[units.product_id].release(units.product_id, checkout_id)


def keep_of_holds(
    held: Iterable[Wanted], checkout_id: UUID, wanted: Sequence[Wanted], stocks: Stocks, now: datetime
) -> None:
    """A hold of which only a part is wanted is replaced by one of that part."""
    kept = {it.product_id: it.quantity for it in wanted}
    for units in held:
        quantity, stock = kept.get(units.product_id, 0), stocks[units.product_id]
        if quantity == units.quantity:
            continue
        stock.release(units.product_id, checkout_id)
        if quantity:
            stock.hold(units.product_id, checkout_id, quantity, now, now)


def courses_of_bundles(courses: Courses) -> tuple[facts.CoursesOfBundle, ...]:
    """As the fact of a reservation keeps them."""
    return tuple(
        facts.CoursesOfBundle(product_id=bundle, course_ids=tuple(course_ids))
        for bundle, course_ids in courses.items()
        if course_ids
    )


def courses_of_reserved(made: facts.Made) -> Courses | None:
    """None where an older fact does not tell."""
    return None if made.courses is None else {it.product_id: it.course_ids for it in made.courses}


def units_beyond(made: facts.Made, wanted: Iterable[Wanted]) -> tuple[Wanted, ...]:
    """What was reserved beyond the wanted units, with the courses of their bundles; nothing where an older
    fact does not tell."""
    courses = courses_of_reserved(made)
    if made.asked is None or courses is None:
        return ()
    return with_courses(less(made.asked, wanted), courses)
