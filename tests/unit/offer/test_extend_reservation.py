"""More time for a reservation: as long as a payment may take."""

from datetime import timedelta

from contracts import reservation as facts
from contracts import stock
from contracts.envelope import Fact
from contracts.offer import ExtendReservation
from offer.inventory.use_cases.reservations import (
    EXPIRY,
    confirm_stock,
    expire_reservation,
    extend_reservation,
    release_stock,
    reserve_stock,
)
from tests.support.scenario import given, stamp
from tests.unit.offer.examples import (
    BOOK,
    CD,
    CHECKOUT,
    EXPIRY_TIME,
    HOLD_FOR,
    OTHER_CHECKOUT,
    RESERVATION,
    confirm,
    counted,
    expired,
    held,
    made,
    release,
    reservation_confirmed,
    reservation_expired,
    reserve,
    sold,
    stock_of,
    units,
)

STEP = "authorize_payment"
UNTIL = EXPIRY_TIME + timedelta(days=3)
EXTEND = ExtendReservation(checkout_id=CHECKOUT, step=STEP, until=UNTIL)
HELD = counted(CD, 5), held(CD, 5), made(units(CD, 5))


def hold_extended() -> stock.Extended:
    return stock.Extended(**stamp(stock_of(CD)), product_id=CD, checkout_id=CHECKOUT, expires_at=UNTIL)


def extended() -> facts.Extended:
    return facts.Extended(**stamp(RESERVATION), checkout_id=CHECKOUT, step=STEP, expires_at=UNTIL)


def refused(code: str = "INSUFFICIENT_INVENTORY", detail: str = "Nothing is held any more.") -> Fact:
    return facts.ExtensionRefused(
        **stamp(RESERVATION), checkout_id=CHECKOUT, step=STEP, code=code, detail=detail, until=UNTIL
    )


def test_the_units_are_held_until_the_later_time() -> None:
    story = given(*HELD).when(extend_reservation, EXTEND).then(hold_extended(), extended())
    story.then_timer(EXPIRY, RESERVATION, UNTIL)
    story.at(UNTIL - timedelta(seconds=1))
    other = reserve(units(CD, 1), checkout_id=OTHER_CHECKOUT)
    story.when(reserve_stock, other, HOLD_FOR)
    assert [it.TYPE for it in story.work.facts] == ["stock.reservation_refused"]
    story.when(confirm_stock, confirm(units(CD, 5)))
    story.then(sold(CD, 5), reservation_confirmed(units(CD, 5)))


def test_the_earlier_timer_ends_nothing() -> None:
    story = given(*HELD).when(extend_reservation, EXTEND).at(EXPIRY_TIME)
    story.when(expire_reservation, RESERVATION).then_nothing()
    story.at(UNTIL).when(expire_reservation, RESERVATION).then(expired(CD, 5), reservation_expired())


def test_a_repeated_request_is_answered_again_and_changes_nothing() -> None:
    story = given(*HELD).when(extend_reservation, EXTEND).when(extend_reservation, EXTEND).then(extended())
    story.at(UNTIL).when(expire_reservation, RESERVATION).when(extend_reservation, EXTEND).then(extended())


def test_a_request_never_shortens_a_reservation() -> None:
    earlier = EXTEND.model_copy(update={"until": EXPIRY_TIME - timedelta(minutes=1)})
    story = given(*HELD).when(extend_reservation, EXTEND).when(extend_reservation, earlier)
    story.then(extended())


def test_units_that_are_not_held_any_more_are_not_held_again() -> None:
    story = given(*HELD).at(EXPIRY_TIME).when(extend_reservation, EXTEND)
    story.then(expired(CD, 5), reservation_expired(), refused())
    story.when(extend_reservation, EXTEND).then(refused())
    given().when(extend_reservation, EXTEND).then(refused())


def test_after_the_release_it_is_refused() -> None:
    story = given(*HELD).when(release_stock, release()).when(extend_reservation, EXTEND)
    story.then(refused("CHECKOUT_CANCELLED", "The checkout was cancelled before this request arrived."))


def test_products_without_a_stock_record_need_no_timer() -> None:
    story = given(made()).when(extend_reservation, EXTEND).then(extended())
    assert not story.work.timers
    story.at(UNTIL).when(confirm_stock, confirm(units(BOOK, 1))).then(
        reservation_expired(), reservation_confirmed()
    )
