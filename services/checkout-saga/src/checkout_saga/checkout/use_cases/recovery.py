"""What a checkout holds beside its facts, made again after its facts have been recovered."""

from __future__ import annotations

from checkout_saga.checkout.domain.actions import extend_holds
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.index_keys import (
    CART_SALE,
    MOVED_DEADLINE,
    OPEN_CHECKOUT,
    OPEN_REVIEW,
    PUSH_PAYMENT,
    UPSELL,
    moved_deadline_key,
    open_checkout_key,
    push_payment_key,
    review_key,
    upsell_key,
)
from checkout_saga.checkout.domain.step_names import CAPTURE
from checkout_saga.checkout.domain.waits import PAYMENT
from checkout_saga.checkout.use_cases.attempts import look_at
from checkout_saga.checkout.use_cases.reviewing import keep_for_review
from checkout_saga.checkout.workflow import CHECKOUTS, repeat_last_commands
from checkout_saga.payments.domain.disputes import OPEN_DISPUTE, open_dispute_key
from checkout_saga.payments.domain.payment import Payment
from checkout_saga.shop_settings.use_cases import find_settings
from kernel.unit_of_work import UnitOfWork


async def resume_checkout(checkout: Checkout, work: UnitOfWork) -> None:
    """Claim the keys, and go on where the facts end. Nothing is charged twice: the keys of the gateway's
    calls follow from the facts, and a repeated call looks its key up first. Receivers answer a repeated
    command as before."""
    if origin := checkout.origin:
        work.claim_key(UPSELL, upsell_key(origin.order_id, origin.upsell_id, origin.attempt), checkout.id)
    elif CAPTURE in checkout.steps and not (checkout.ended and checkout.failure):
        work.claim_key(CART_SALE, str(checkout.cart_id), checkout.id)
    if not checkout.ended:
        work.claim_key(OPEN_CHECKOUT, open_checkout_key(checkout), checkout.id)
        await _resume_waiting(checkout, work)
    elif checkout.failure is None:
        await repeat_last_commands(checkout, work)  # whether they were published is not known
    await _hold_disputes(checkout, work)
    await CHECKOUTS.resume(checkout, work)


async def _hold_disputes(checkout: Checkout, work: UnitOfWork) -> None:
    payments = await work.open_many(Payment, [it.payment_id for it in checkout.attempts])
    for payment in payments.values():
        for dispute_id in payment.disputes.open:
            work.claim_key(OPEN_DISPUTE, open_dispute_key(payment.gateway, dispute_id), checkout.id)


async def _resume_waiting(checkout: Checkout, work: UnitOfWork) -> None:
    """Claim what belongs to a moved deadline and to a payment of hours or days, ask again for the longer
    holds, and look at the provider."""
    attempt, waiting = checkout.attempt_now, checkout.waiting
    if checkout.has_own_deadline:
        work.claim_key(MOVED_DEADLINE, moved_deadline_key(checkout), checkout.id)
    if attempt.place is not None:
        work.claim_key(PUSH_PAYMENT, push_payment_key(checkout.customer_id, attempt.place), checkout.id)
    if waiting is not None and checkout.in_review:
        work.claim_key(OPEN_REVIEW, review_key(checkout), checkout.id)
        keep_for_review(checkout, waiting.until, work)
        return
    if waiting is None or checkout.action is None:
        return
    look_at(checkout, work.now, work)
    if waiting.kind == PAYMENT:
        settings = (await find_settings(work)).current
        for command, key in extend_holds(checkout, hold_stock=settings.holds_stock_for(attempt.method)):
            work.send(command, key)
