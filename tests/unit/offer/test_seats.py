"""Seats: the stock of courses with an enrolment limit, also of those in bundles."""

from contracts import reservation
from contracts.product import Changed
from contracts.stock import Confirmed, ReservationRefused, Reserved, Shortage
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.use_cases import ChangeProduct, change_product, create_product
from offer.inventory.domain.stock import Stock
from offer.inventory.use_cases.reservations import confirm_stock, reserve_stock
from tests.support.scenario import NOW, given, stamp
from tests.unit.offer.examples import (
    BOOK,
    CD,
    CHECKOUT,
    HOLD_FOR,
    OTHER_CHECKOUT,
    PORTS,
    RESERVATION,
    confirm,
    counted,
    created,
    details,
    held,
    made,
    named,
    released,
    reservation_confirmed,
    reserve,
    sold,
    stock_of,
    units,
)

COURSE, OTHER = sorted((named("course"), named("other course")))
BUNDLE = named("bundle")
LIMITED = details("COURSE", type="course", enrollment_limit=30)
BOTH = details("BUNDLE", type="bundle", course_ids=[str(COURSE), str(OTHER), "a key outside"])


def test_a_course_with_a_limit_is_created_with_its_seats() -> None:
    scenario = given().when(create_product, LIMITED, *PORTS)
    product_id = scenario.result.id
    scenario.then(created(product_id, LIMITED), counted(product_id, 30))


def test_e49_a_changed_limit_adds_the_difference_but_not_below_none() -> None:
    past = created(COURSE, LIMITED), counted(COURSE, 30), *_sold(28)
    for limit, on_hand in ((25, 0), (40, 12)):
        changed = LIMITED.model_copy(update={"enrollment_limit": limit})
        change = ChangeProduct(COURSE, {"enrollment_limit": limit})
        given(*past).when(change_product, change, *PORTS).then(
            Changed(**stamp(COURSE), details=changed), counted(COURSE, on_hand)
        )


def test_a_limit_taken_away_leaves_the_seats_and_a_new_one_counts_what_was_sold() -> None:
    past = created(COURSE, LIMITED), counted(COURSE, 30), *_sold(28)
    scenario = given(*past)
    without = LIMITED.model_copy(update={"enrollment_limit": None})
    scenario.when(change_product, ChangeProduct(COURSE, {"enrollment_limit": None}), *PORTS)
    scenario.then(Changed(**stamp(COURSE), details=without))
    scenario.when(change_product, ChangeProduct(COURSE, {"enrollment_limit": 40}), *PORTS)
    scenario.then(
        Changed(**stamp(COURSE), details=LIMITED.model_copy(update={"enrollment_limit": 40})),
        counted(COURSE, 12),
    )


def test_a_unit_of_a_bundle_needs_a_seat_in_each_of_its_courses_that_has_a_stock_record() -> None:
    past = created(COURSE, LIMITED), created(BUNDLE, BOTH), counted(COURSE, 30), counted(BUNDLE, 9)
    scenario = given(*past).when(reserve_stock, reserve(units(BUNDLE, 2), units(COURSE, 1)), HOLD_FOR)
    wanted = sorted((units(COURSE, 3), units(BUNDLE, 2)), key=lambda it: it.product_id)
    asked = units(BUNDLE, 2), units(COURSE, 1)
    courses = {BUNDLE: (COURSE, OTHER)}
    scenario.then(held(COURSE, 3), held(BUNDLE, 2), made(*wanted, asked=asked, courses=courses))


def test_seats_of_a_bundle_whose_reservation_expired_are_sold_if_there_are_still_enough() -> None:
    past = created(COURSE, LIMITED), created(BUNDLE, BOTH), counted(COURSE, 30)
    scenario = given(*past).when(reserve_stock, reserve(units(BUNDLE, 1)), HOLD_FOR)
    scenario.after(minutes=31).when(confirm_stock, confirm(units(BUNDLE, 1)))
    assert [it.TYPE for it in scenario.work.facts if it.originator_id == stock_of(COURSE)] == [
        "stock.expired",
        "stock.reserved",
        "stock.confirmed",
    ]


def test_a_bundle_changed_after_it_was_reserved_is_sold_as_it_was_reserved_also_after_the_expiry() -> None:
    past = created(COURSE, LIMITED), created(BUNDLE, BOTH), counted(COURSE, 30), counted(OTHER, 30)
    scenario = given(*past).when(reserve_stock, reserve(units(BUNDLE, 1)), HOLD_FOR)
    only_other = {"course_ids": [str(OTHER), "a key outside"]}
    scenario.when(change_product, ChangeProduct(BUNDLE, only_other), *PORTS)
    scenario.after(minutes=31).when(confirm_stock, confirm(units(BUNDLE, 1)))
    (confirmation,) = (it for it in scenario.work.facts if isinstance(it, reservation.Confirmed))
    assert confirmation.held == (units(COURSE, 1), units(OTHER, 1))


def test_what_is_not_wanted_any_more_of_a_bundle_is_released_with_its_seats() -> None:
    past = created(COURSE, LIMITED), created(BUNDLE, BOTH), counted(COURSE, 30), counted(BUNDLE, 9)
    asked = units(BUNDLE, 2), units(COURSE, 1)
    scenario = given(*past).when(reserve_stock, reserve(*asked), HOLD_FOR)
    scenario.when(confirm_stock, confirm(units(COURSE, 1)))
    scenario.then(
        released(COURSE, 3),
        held(COURSE, 1, expires_at=NOW),
        sold(COURSE, 1),
        released(BUNDLE, 2),
        reservation_confirmed(units(COURSE, 1)),
    )


def test_a_bundle_that_is_not_wanted_any_more_gives_back_the_seats_that_it_had_when_it_was_reserved() -> None:
    """A course that was added to it since keeps the seat that its own line holds, and is not sold twice."""
    only_course = BOTH.model_copy(update={"course_ids": (str(COURSE), "a key outside")})
    past = created(COURSE, LIMITED), created(BUNDLE, only_course), counted(COURSE, 1), counted(OTHER, 1)
    scenario = given(*past).when(reserve_stock, reserve(units(BUNDLE, 1), units(OTHER, 1)), HOLD_FOR)
    scenario.when(
        change_product, ChangeProduct(BUNDLE, {"course_ids": [str(OTHER), "a key outside"]}), *PORTS
    )
    scenario.when(confirm_stock, confirm(units(OTHER, 1)))
    scenario.then(released(COURSE, 1), sold(OTHER, 1), reservation_confirmed(units(OTHER, 1)))


def test_e47_a_shortage_says_what_was_asked_and_what_is_there() -> None:
    past = created(CD), counted(CD, 10), held(CD, 4, OTHER_CHECKOUT)
    scenario = given(*past).when(reserve_stock, reserve(units(CD, 7)), HOLD_FOR)
    (refusal,) = scenario.work.facts
    assert isinstance(refusal, ReservationRefused)
    assert refusal.shortages == (Shortage(product_id=CD, requested=7, available=6),)


def test_e47_with_back_orders_the_units_are_held_and_available_falls_below_none() -> None:
    past = created(CD), counted(CD, 10, allow_backorders=True), held(CD, 4, OTHER_CHECKOUT)
    scenario = given(*past).when(reserve_stock, reserve(units(CD, 7)), HOLD_FOR)
    scenario.then(held(CD, 7), made(units(CD, 7), asked=(units(CD, 7),)))

    async def available(_: None, work: UnitOfWork) -> int:
        return (await work.open(Stock, stock_of(CD))).available(work.now)

    scenario.when(available, None).then_result(-1)


def test_e48_of_three_checkouts_for_two_seats_two_get_one() -> None:
    bundles = [details(f"BUNDLE-{it}", type="bundle", course_ids=[str(COURSE), f"key {it}"]) for it in "ab"]
    scenario = given(
        created(COURSE, LIMITED),
        created(BOOK, bundles[0]),
        created(CD, bundles[1]),
        counted(COURSE, 30),
        *_sold(28),
    )
    scenario.when(reserve_stock, reserve(units(COURSE, 1), checkout_id=named("first")), HOLD_FOR)
    scenario.when(reserve_stock, reserve(units(BOOK, 1), checkout_id=named("second")), HOLD_FOR)
    scenario.when(reserve_stock, reserve(units(CD, 1)), HOLD_FOR)
    scenario.then(
        ReservationRefused(
            **stamp(RESERVATION),
            checkout_id=CHECKOUT,
            step="reserve_stock",
            code="INSUFFICIENT_INVENTORY",
            detail=f"There is not enough in stock: {COURSE}: 1 requested, 0 available.",
            shortages=(Shortage(product_id=COURSE, requested=1, available=0),),
        )
    )


def _sold(seats: int) -> tuple[Reserved, Confirmed]:
    earlier = named("earlier checkout")
    return held(COURSE, seats, earlier), sold(COURSE, seats, earlier)
