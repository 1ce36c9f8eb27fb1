"""Uses of promotions: held for a checkout, then redeemed or released, never beyond the limits."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from contracts import offer as commands
from contracts import promotion as facts
from contracts import redemption, stock
from kernel.unit_of_work import UnitOfWork
from offer.customers.domain import CustomerProfile
from offer.promotions.use_cases import redemptions
from offer.promotions.use_cases.redemptions import redeem_promotions, release_promotions
from tests.support.scenario import NOW, given, stamp
from tests.unit.offer.customers import FakeCustomers
from tests.unit.offer.examples import (
    CHECKOUT,
    CUSTOMER,
    FIVE_OFF,
    OTHER_CHECKOUT,
    REDEMPTION,
    RESERVATION,
    TEN_PERCENT,
    promotion_created,
    terms,
)


def reserve(
    *ids: UUID, customer_id: str = CUSTOMER, checkout_id: UUID = CHECKOUT
) -> commands.ReservePromotions:
    return commands.ReservePromotions(
        checkout_id=checkout_id, step="reserve_promotions", promotion_ids=ids, customer_id=customer_id
    )


REDEEM = commands.RedeemPromotions(checkout_id=CHECKOUT, step="confirm_stock")
RELEASE = commands.ReleasePromotions(checkout_id=CHECKOUT, step="reserve_promotions")


def reserved(
    promotion_id: UUID = TEN_PERCENT, checkout_id: UUID = CHECKOUT, customer_id: str = CUSTOMER
) -> facts.Reserved:
    return facts.Reserved(**stamp(promotion_id), checkout_id=checkout_id, customer_id=customer_id)


def redeemed(promotion_id: UUID = TEN_PERCENT) -> facts.Redeemed:
    return facts.Redeemed(**stamp(promotion_id), checkout_id=CHECKOUT, customer_id=CUSTOMER)


def released(promotion_id: UUID = TEN_PERCENT) -> facts.Released:
    return facts.Released(**stamp(promotion_id), checkout_id=CHECKOUT, customer_id=CUSTOMER)


async def reserve_promotions(command: commands.ReservePromotions, work: UnitOfWork) -> None:
    await redemptions.reserve_promotions(command, work, FakeCustomers())


def made(*ids: UUID) -> redemption.Made:
    return redemption.Made(
        **stamp(REDEMPTION),
        checkout_id=CHECKOUT,
        step="reserve_promotions",
        promotion_ids=ids,
        customer_id=CUSTOMER,
    )


def all_redeemed(*ids: UUID) -> redemption.Redeemed:
    return redemption.Redeemed(
        **stamp(REDEMPTION), checkout_id=CHECKOUT, step="confirm_stock", promotion_ids=ids
    )


ALL_RELEASED = redemption.Released(**stamp(REDEMPTION), checkout_id=CHECKOUT, step="reserve_promotions")


def refused(
    code: str, detail: str, promotion_id: UUID | None = TEN_PERCENT, step: str = "reserve_promotions"
) -> facts.ReservationRefused:
    return facts.ReservationRefused(
        **stamp(REDEMPTION),
        checkout_id=CHECKOUT,
        step=step,
        code=code,
        detail=detail,
        promotion_id=promotion_id,
    )


LIMIT = refused("PROMOTION_LIMIT_REACHED", "Promotion TEN cannot be used: limit_reached.")
CANCELLED = refused("CHECKOUT_CANCELLED", "The checkout was cancelled before this request arrived.", None)


def test_a_use_of_each_promotion_is_held() -> None:
    past = promotion_created(TEN_PERCENT), promotion_created(FIVE_OFF, terms("FIVE"))
    given(*past).when(reserve_promotions, reserve(FIVE_OFF, TEN_PERCENT)).then(
        reserved(TEN_PERCENT), reserved(FIVE_OFF), made(TEN_PERCENT, FIVE_OFF)
    )


@pytest.mark.parametrize(
    ("of", "reason"),
    [
        (terms(starts_at=NOW + timedelta(seconds=1)), "not_started"),
        (terms(ends_at=NOW), "expired"),
    ],
)
def test_a_promotion_cannot_be_used_outside_its_time(of: facts.Terms, reason: str) -> None:
    given(promotion_created(of=of)).when(reserve_promotions, reserve(TEN_PERCENT)).then(
        refused("INVALID_DISCOUNT_CODE", f"Promotion TEN cannot be used: {reason}.")
    )


def test_a_disabled_promotion_cannot_be_used() -> None:
    given(promotion_created(), facts.Disabled(**stamp(TEN_PERCENT))).when(
        reserve_promotions, reserve(TEN_PERCENT)
    ).then(refused("INVALID_DISCOUNT_CODE", "Promotion TEN cannot be used: disabled."))


def test_an_unknown_promotion_refuses_all_of_them() -> None:
    given(promotion_created()).when(reserve_promotions, reserve(TEN_PERCENT, FIVE_OFF)).then(
        refused("INVALID_DISCOUNT_CODE", f"Promotion {FIVE_OFF} cannot be used: unknown.", FIVE_OFF)
    )


def test_uses_do_not_exceed_the_total_limit() -> None:
    limited = promotion_created(of=terms(limits={"total": 1}))
    given(limited, reserved(checkout_id=OTHER_CHECKOUT, customer_id="other")).when(
        reserve_promotions, reserve(TEN_PERCENT)
    ).then(LIMIT)


def test_uses_do_not_exceed_the_limit_per_customer() -> None:
    limited = promotion_created(of=terms(limits={"per_customer": 1}))
    given(limited, reserved(checkout_id=OTHER_CHECKOUT)).when(reserve_promotions, reserve(TEN_PERCENT)).then(
        LIMIT
    )
    given(limited, reserved(checkout_id=OTHER_CHECKOUT, customer_id="other")).when(
        reserve_promotions, reserve(TEN_PERCENT)
    ).then(reserved(), made(TEN_PERCENT))


def test_the_uses_of_all_ids_of_a_person_count_together_for_the_limit_per_customer() -> None:
    limited = promotion_created(of=terms(limits={"per_customer": 2}))
    known = FakeCustomers(
        CustomerProfile(CUSTOMER, linked=frozenset({"guest"})),
        CustomerProfile("guest", linked=frozenset({CUSTOMER})),
    )
    one_each = reserved(checkout_id=uuid4()), reserved(checkout_id=uuid4(), customer_id="guest")
    for customer_id in (CUSTOMER, "guest"):
        wanted = reserve(TEN_PERCENT, customer_id=customer_id)
        given(limited, *one_each).when(redemptions.reserve_promotions, wanted, known).then(LIMIT)
        strangers = FakeCustomers()
        story = given(limited, *one_each).when(redemptions.reserve_promotions, wanted, strangers)
        assert reserved().TYPE in [it.TYPE for it in story.work.facts]


def test_a_code_for_the_first_order_is_refused_after_an_order_of_the_persons_other_id() -> None:
    """The copy adds up the orders of all ids."""
    first = promotion_created(of=terms(conditions={"first_order": True}))
    known = FakeCustomers(CustomerProfile(CUSTOMER, paid_orders=1, linked=frozenset({"guest"})))
    given(first).when(redemptions.reserve_promotions, reserve(TEN_PERCENT), known).then(
        refused("INVALID_DISCOUNT_CODE", "Promotion TEN cannot be used: conditions_not_met.")
    )


def test_a_released_use_can_be_held_again() -> None:
    limited = promotion_created(of=terms(limits={"total": 1}))
    scenario = given(limited).when(reserve_promotions, reserve(TEN_PERCENT))
    scenario.when(release_promotions, RELEASE).then(released(), ALL_RELEASED)
    scenario.when(reserve_promotions, reserve(TEN_PERCENT, checkout_id=OTHER_CHECKOUT))
    assert reserved(checkout_id=OTHER_CHECKOUT).TYPE in [it.TYPE for it in scenario.work.facts]


def test_a_redeemed_use_counts_towards_the_limit() -> None:
    limited = promotion_created(of=terms(limits={"total": 1}))
    scenario = given(limited).when(reserve_promotions, reserve(TEN_PERCENT)).when(redeem_promotions, REDEEM)
    scenario.when(reserve_promotions, reserve(TEN_PERCENT, checkout_id=OTHER_CHECKOUT))
    assert [it.TYPE for it in scenario.work.facts] == ["promotion.reservation_refused"]


def test_held_uses_are_redeemed() -> None:
    given(promotion_created(), reserved(), made(TEN_PERCENT)).when(redeem_promotions, REDEEM).then(
        redeemed(), all_redeemed(TEN_PERCENT)
    )


def test_repeated_requests_change_no_promotion() -> None:
    limited = promotion_created(of=terms(limits={"total": 1}))
    scenario = given(limited).when(reserve_promotions, reserve(TEN_PERCENT))
    scenario.when(reserve_promotions, reserve(TEN_PERCENT)).then(made(TEN_PERCENT))
    scenario.when(redeem_promotions, REDEEM)
    scenario.when(redeem_promotions, REDEEM).then(all_redeemed(TEN_PERCENT))
    scenario.when(reserve_promotions, reserve(TEN_PERCENT)).then(made(TEN_PERCENT))


def test_a_refusal_is_repeated_although_the_promotion_has_started_since() -> None:
    soon = promotion_created(of=terms(starts_at=NOW + timedelta(hours=1)))
    scenario = given(soon).when(reserve_promotions, reserve(TEN_PERCENT))
    scenario.after(hours=2).when(reserve_promotions, reserve(TEN_PERCENT)).then(
        refused("INVALID_DISCOUNT_CODE", "Promotion TEN cannot be used: not_started.")
    )


def test_a_redeemed_use_is_released_when_the_checkout_is_compensated() -> None:
    scenario = given(promotion_created(), reserved(), made(TEN_PERCENT)).when(redeem_promotions, REDEEM)
    scenario.when(release_promotions, RELEASE).then(released(), ALL_RELEASED)
    scenario.when(release_promotions, RELEASE).then(ALL_RELEASED)


def test_a_release_before_the_reservation_refuses_the_late_request() -> None:
    scenario = given(promotion_created()).when(release_promotions, RELEASE).then(ALL_RELEASED)
    scenario.when(reserve_promotions, reserve(TEN_PERCENT)).then(CANCELLED)
    scenario.when(reserve_promotions, reserve(TEN_PERCENT)).then(CANCELLED)


def test_released_uses_cannot_be_redeemed() -> None:
    scenario = given(promotion_created(), reserved(), made(TEN_PERCENT)).when(release_promotions, RELEASE)
    scenario.when(redeem_promotions, REDEEM).then(
        refused(CANCELLED.code, CANCELLED.detail, None, step="confirm_stock")
    )


def test_a_checkout_without_promotions_has_nothing_to_redeem() -> None:
    given().when(redeem_promotions, REDEEM).then(all_redeemed())


def test_a_checkout_whose_stock_was_refused_holds_no_uses() -> None:
    short = stock.ReservationRefused(
        **stamp(RESERVATION),
        checkout_id=CHECKOUT,
        step="reserve_stock",
        code="INSUFFICIENT_INVENTORY",
        detail="There is not enough in stock.",
    )
    scenario = given(promotion_created(), short).when(reserve_promotions, reserve(TEN_PERCENT))
    scenario.then_nothing()
    scenario.when(release_promotions, RELEASE)
    scenario.then(redemption.Released(**stamp(REDEMPTION), checkout_id=CHECKOUT, step="reserve_promotions"))
