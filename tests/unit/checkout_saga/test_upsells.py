"""Upsells after a purchase: when they are asked for, and the checkouts that buy them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.actions import extend_holds
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.index_keys import CART_SALE, UPSELL, UPSELL_TRIES, upsell_key
from checkout_saga.checkout.use_cases.buying import cancel_checkout
from checkout_saga.checkout.use_cases.recovery import resume_checkout
from checkout_saga.checkout.use_cases.upselling import take_proposals
from checkout_saga.orders.domain.errors import (
    UpsellAlreadyBought,
    UpsellExpired,
    UpsellNotAvailable,
    UpsellNotFound,
)
from checkout_saga.orders.domain.order import order_id_of
from checkout_saga.orders.schemas.upsells import show_upsells, with_tokens
from checkout_saga.orders.upsell_links import UpsellLinks
from checkout_saga.orders.use_cases.refunds import cancel_order
from checkout_saga.payments.domain.operation import Declined, Done, Operation
from checkout_saga.shop_settings.domain import settings_id
from contracts import cart, offer, order, settings
from contracts.sale import Sale, Totals
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, stamp
from tests.unit.checkout_saga.examples import (
    CART,
    CHECKOUT,
    CUSTOMER,
    FREE,
    ORDER,
    PLAIN,
    price_confirmed,
    stock_confirmed,
    stock_released,
    stock_reserved,
)
from tests.unit.checkout_saga.upselling import (
    AGAIN,
    LAMP_UPSELL,
    MUG_UPSELL,
    OFFER,
    PROPOSALS,
    WITH_OFFER,
    X18,
    buy,
    completed,
    offered,
    order_of,
    proposed,
    provider_says,
    purchased,
    replies,
    reserved,
    state_of,
)

ENDS_AT = NOW + timedelta(minutes=10)
TRIES = [UUID(int=0xD0 + it) for it in range(UPSELL_TRIES + 1)]
LINKS = UpsellLinks([b"k" * 32])


def asked_for(story: Scenario) -> list[offer.ProposeUpsells]:
    return [it.command for it in story.work.sent if isinstance(it.command, offer.ProposeUpsells)]


def test_with_the_end_of_a_purchase_upsells_are_asked_for() -> None:
    (command,) = asked_for(purchased())

    assert command == offer.ProposeUpsells(
        checkout_id=CHECKOUT,
        step=step_names.COMPLETE,
        order_id=ORDER,
        customer_id=CUSTOMER,
        segments=("new",),
        sale=WITH_OFFER,
    )


@pytest.mark.parametrize(
    ("is_asked", "fields"),
    [
        (False, {"sale": PLAIN}),
        (False, {"definition": 2}),
        (False, {"gateway": "stripe"}),
        (True, {"gateway": "stripe", "save": True}),
        (False, {"sale": FREE.model_copy(update={"lines": WITH_OFFER.lines, "discounts": ()})}),
    ],
    ids=["no offer", "an older version", "not saved", "saved", "free"],
)
def test_upsells_belong_to_offers_and_need_a_payment_that_can_be_charged_again(
    is_asked: bool, fields: dict[str, Any]
) -> None:
    assert bool(asked_for(purchased(**fields))) is is_asked


def test_an_order_offers_what_is_proposed_for_as_long_as_the_shop_has_set() -> None:
    offered().then(order.UpsellsProposed(**stamp(ORDER), upsells=PROPOSALS, expires_at=ENDS_AT))
    story = purchased()
    story.world.record(settings.Changed(**stamp(settings_id("demo")), upsell_minutes=60))

    later = story.after(minutes=3).when(take_proposals, proposed())

    ends_at = NOW + timedelta(minutes=60)
    later.then(order.UpsellsProposed(**stamp(ORDER), upsells=PROPOSALS, expires_at=ends_at))
    later.when(take_proposals, proposed()).then_nothing()


def test_an_upsell_is_bought_by_a_checkout_of_its_own_without_a_cart() -> None:
    story = buy(offered())

    checkout = state_of(story, AGAIN)
    assert (checkout.cart_id, checkout.customer_id, checkout.personal) == (CART, CUSTOMER, "sealed person")
    assert (checkout.status, checkout.sale) == ("processing", X18)
    assert checkout.under_way() == [step_names.RESERVE_STOCK, step_names.CONFIRM_PRICE]
    assert not [it for it in story.work.sent if isinstance(it.command, cart.Lock)]
    (confirm,) = [it.command for it in story.work.sent if isinstance(it.command, offer.ConfirmPrice)]
    assert confirm.origin == checkout.origin
    assert confirm.origin is not None
    assert (confirm.origin.order_id, confirm.origin.upsell_id) == (ORDER, LAMP_UPSELL)


def test_x18_an_upsell_has_its_own_checkout_order_and_capture_and_leaves_the_original_alone() -> None:
    story = buy(offered())
    before = order_of(story)
    reserved(story)

    authorized = provider_says(story, AGAIN, Operation.AUTHORIZE)
    captured = provider_says(story, AGAIN, Operation.CAPTURE)
    replies(story, stock_confirmed())

    assert (authorized.amount, captured.amount) == (2178, 2178)
    assert (authorized.off_session, authorized.payment_token) == (True, "sealed token")
    own = order_of(story, AGAIN)
    assert own.sale.totals == Totals(subtotal=2000, discount=0, shipping=0, tax=178, total=2178)
    assert (own.status, own.origin) == ("fulfilled", state_of(story, AGAIN).origin)
    assert own.number != before.number
    original = order_of(story)
    assert (original.status, original.sale, original.refundable) == (
        before.status,
        before.sale,
        before.refundable,
    )
    assert original.upsells_bought == {LAMP_UPSELL}
    buy(story, TRIES[0]).then_refused(UpsellAlreadyBought, checkout_id=str(AGAIN))


def test_the_end_of_an_upsell_tells_its_order_converts_no_cart_and_proposes_nothing() -> None:
    story = completed(buy(offered()))

    (bought,) = [it for it in story.work.facts if isinstance(it, order.UpsellBought)]
    told = (bought.originator_id, bought.upsell_id, bought.order_id)
    assert told == (ORDER, LAMP_UPSELL, order_id_of(AGAIN))
    assert not [it.command for it in story.work.sent if isinstance(it.command, cart.Convert)]
    assert not asked_for(story)
    story.then_holds(CART_SALE, str(CART), CHECKOUT)


def test_no_cart_is_held_for_an_upsell_whose_money_arrives_at_once_or_whose_payment_takes_long() -> None:
    story = reserved(buy(offered()))
    provider_says(story, AGAIN, Operation.AUTHORIZE, Done("ref", 2178, captured=True))
    assert "order.paid" in {it.TYPE for it in story.work.facts}
    assert "cart.hold" not in {it.command.TYPE for it in story.work.sent}
    checkout = state_of(story, AGAIN)
    checkout.held_until = NOW
    assert [it.command.TYPE for it in extend_holds(checkout, hold_stock=True)] == ["offer.extend_reservation"]


def test_x19_an_upsell_may_be_bought_until_its_time_is_over() -> None:
    story = offered()

    just_in_time = buy(story.at(ENDS_AT - timedelta(milliseconds=1)))
    assert just_in_time.refusal is None
    too_late = buy(just_in_time.at(ENDS_AT), TRIES[0], MUG_UPSELL)

    too_late.then_refused(UpsellExpired)


def test_while_it_is_being_bought_it_cannot_be_bought_again() -> None:
    buy(buy(offered()), TRIES[0]).then_refused(UpsellAlreadyBought, checkout_id=str(AGAIN))


def failed(story: Scenario, checkout_id: UUID) -> Scenario:
    reserved(buy(story, checkout_id), checkout_id)
    provider_says(story, checkout_id, Operation.AUTHORIZE, Declined("PAYMENT_DECLINED", "no"))
    replies(story, stock_released(), checkout_id)
    assert state_of(story, checkout_id).status == "failed"
    return story


def test_after_a_failed_purchase_it_may_be_tried_again_three_times_in_all() -> None:
    story = offered()
    before = order_of(story)
    for checkout_id in TRIES[:UPSELL_TRIES]:
        failed(story, checkout_id)

    assert order_of(story).version == before.version
    buy(story, TRIES[-1]).then_refused(UpsellNotAvailable)


def test_the_failure_of_an_upsell_sends_nothing_to_the_cart_and_keeps_its_sale() -> None:
    story = reserved(buy(offered()))
    provider_says(story, AGAIN, Operation.AUTHORIZE)
    provider_says(story, AGAIN, Operation.CAPTURE, Declined("CAPTURE_FAILED", "no"))

    assert not [it for it in story.work.sent if isinstance(it.command, cart.Unlock)]
    provider_says(story, AGAIN, Operation.VOID)
    replies(story, stock_released())
    assert state_of(story, AGAIN).status == "failed"
    story.then_holds(CART_SALE, str(CART), CHECKOUT)


def test_an_upsell_may_be_cancelled_before_its_capture() -> None:
    story = buy(offered()).when(_cancel, AGAIN)

    assert not [it for it in story.work.sent if isinstance(it.command, cart.Unlock)]
    assert state_of(story, AGAIN).status == "compensating"


async def _cancel(checkout_id: UUID, work: UnitOfWork) -> None:
    await cancel_checkout(checkout_id, work)


@pytest.mark.parametrize(
    "changes", [{"is_erased": True}, {"definition": 2}], ids=["erased", "an older version"]
)
def test_it_is_not_available_to_who_was_erased_or_while_an_older_version_starts(
    changes: dict[str, Any],
) -> None:
    buy(offered(), **changes).then_refused(UpsellNotAvailable)


def test_it_is_not_available_after_the_order_was_cancelled() -> None:
    story = offered().when(_cancel_order, ORDER)

    buy(story).then_refused(UpsellNotAvailable)


async def _cancel_order(order_id: UUID, work: UnitOfWork) -> None:
    await cancel_order(order_id, UUID(int=0xF1), "wrong", work)


def test_what_was_not_proposed_is_not_found() -> None:
    buy(offered(), upsell_id=OFFER).then_refused(UpsellNotFound)
    buy(purchased()).then_refused(UpsellNotFound)


def test_recovery_claims_the_name_of_an_upsell_again_and_no_cart() -> None:
    story = completed(buy(offered()))
    story.world.claims.clear()

    story.when(_resume, AGAIN)

    story.then_holds(UPSELL, upsell_key(ORDER, LAMP_UPSELL, 1), AGAIN)
    story.then_holds(CART_SALE, str(CART), None)


async def _resume(checkout_id: UUID, work: UnitOfWork) -> None:
    await resume_checkout(await work.open(Checkout, checkout_id), work)


def test_recovery_asks_for_upsells_once_more() -> None:
    story = purchased()
    story.world.claims.clear()

    assert asked_for(story.when(_resume, CHECKOUT))


def test_the_view_tells_the_status_of_each_and_tokens_of_the_available_ones_alone() -> None:
    order_now = order_of(completed(buy(offered())))

    lamp, mug = with_tokens(show_upsells(order_now, NOW), LINKS, "demo", ORDER)

    assert (lamp.status, lamp.token) == ("bought", None)
    amounts = [it["amount"] for it in (mug.price, mug.tax, mug.total)]
    assert (mug.status, amounts) == ("available", [2000, 178, 2178])
    assert mug.token is not None
    assert LINKS.read(mug.token, ORDER).attempt == 2
    assert [it.status for it in show_upsells(order_now, ENDS_AT)] == ["bought", "expired"]


@pytest.mark.parametrize(
    "read",
    [
        lambda token: LINKS.read(token, OFFER),
        lambda token: LINKS.read(token[:-4] + "AAAA", ORDER),
        lambda token: UpsellLinks([b"o" * 32]).read(token, ORDER),
    ],
    ids=["another order", "another signature", "another key"],
)
def test_a_token_that_was_not_made_for_the_order_is_not_found(read: Any) -> None:
    token = LINKS.token("demo", ORDER, 1, ENDS_AT)
    assert LINKS.read(token, ORDER).tenant == "demo"

    with pytest.raises(UpsellNotFound):
        read(token)


def test_an_upsell_whose_price_is_refused_fails_and_charges_nothing() -> None:
    story = buy(offered())
    other: Sale = X18.model_copy(update={"totals": X18.totals.model_copy(update={"total": 1})})
    for reply in (stock_reserved(), price_confirmed(other)):
        replies(story, reply)

    failure = state_of(story, AGAIN).failure
    assert failure is not None
    assert failure.code == "PRICE_CHANGED"
