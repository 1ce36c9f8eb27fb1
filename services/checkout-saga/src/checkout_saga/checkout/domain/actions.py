"""What the steps of a checkout ask of other services and of the payment gateway, and how it is undone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.payments.domain.operation import Operation
from contracts import cart, offer
from contracts.sale import Sale
from kernel.process.workflow import Call, Send

SCREEN = "screen"
"""The kind of the call that screens an attempt to pay."""


def stock_demand(sale: Sale) -> tuple[offer.Wanted, ...]:
    """Units by product, sorted by id: a fixed order of reservation, so that two checkouts cannot deadlock."""
    units: Counter[UUID] = Counter()
    for line in sale.lines:
        units[line.product_id] += line.quantity * line.units
    return tuple(offer.Wanted(product_id=it, quantity=units[it]) for it in sorted(units))


def promotion_ids(sale: Sale) -> tuple[UUID, ...]:
    """Those whose uses are counted; a referral's uses are counted by its rule."""
    return tuple(sorted({it.promotion_id for it in sale.discounts if it.referral is None}))


def referral_uses(sale: Sale) -> tuple[offer.ReferralUse, ...]:
    rules = {it.referral.rule_id: it.referral for it in sale.discounts if it.referral}
    return tuple(
        offer.ReferralUse(rule_id=it, attribution_id=rules[it].attribution_id) for it in sorted(rules)
    )


def campaign_uses(sale: Sale) -> tuple[offer.CampaignUse, ...]:
    """What the sale costs each campaign, sorted by id like the stock."""
    costs: Counter[UUID] = Counter()
    for line in sale.lines:
        if line.campaign_id:
            costs[line.campaign_id] += line.campaign_saving
    return tuple(offer.CampaignUse(campaign_id=it, amount=costs[it]) for it in sorted(costs))


def uses_promotions(sale: Sale) -> bool:
    """Whether the sale uses anything of which the offer service counts the uses."""
    return bool(sale.discounts) or any(it.campaign_id for it in sale.lines)


def lock_cart(checkout: Checkout) -> Send:
    screening = checkout.attempt_now.screening
    command = cart.Lock(
        checkout_id=checkout.id,
        step=step_names.LOCK_CART,
        cart_id=checkout.cart_id,
        customer_id=checkout.customer_id,
        guest=checkout.guest,
        destination=checkout.destination,
        expected_total=checkout.expected_total,
        address=screening.cart_address if screening else None,
    )
    return Send(command, checkout.cart_id)


def unlock_cart(checkout: Checkout) -> Send | None:
    """Nothing for an upsell after a purchase, which has locked no cart."""
    if checkout.origin:
        return None
    command = cart.Unlock(
        checkout_id=checkout.id,
        step=step_names.LOCK_CART,
        cart_id=checkout.cart_id,
        reason=checkout.failure_code,
    )
    return Send(command, checkout.cart_id)


def reserve_stock(checkout: Checkout) -> Send:
    command = offer.ReserveStock(
        checkout_id=checkout.id,
        step=step_names.RESERVE_STOCK,
        wanted=stock_demand(checkout.locked_sale),
    )
    return Send(command, checkout.id)


def release_stock(checkout: Checkout) -> Send:
    return Send(offer.ReleaseStock(checkout_id=checkout.id, step=step_names.RESERVE_STOCK), checkout.id)


def reserve_promotions(checkout: Checkout) -> Send | None:
    sale = checkout.locked_sale
    if not uses_promotions(sale):
        return None
    referrals = referral_uses(sale)
    counted = Sale(currency=sale.currency, lines=(), discounts=sale.discounts, totals=sale.totals)
    command = offer.ReservePromotions(
        checkout_id=checkout.id,
        step=step_names.RESERVE_PROMOTIONS,
        promotion_ids=promotion_ids(sale),
        customer_id=checkout.customer_id,
        referrals=referrals,
        campaigns=campaign_uses(sale),
        sale=sale if referrals else counted,
    )
    return Send(command, checkout.id)


def release_promotions(checkout: Checkout) -> Send | None:
    if not uses_promotions(checkout.locked_sale):
        return None
    command = offer.ReleasePromotions(checkout_id=checkout.id, step=step_names.RESERVE_PROMOTIONS)
    return Send(command, checkout.id)


def confirm_price(checkout: Checkout) -> Send:
    command = offer.ConfirmPrice(
        checkout_id=checkout.id,
        step=step_names.CONFIRM_PRICE,
        customer_id=checkout.customer_id,
        sale=checkout.locked_sale,
        origin=checkout.origin,
    )
    return Send(command, checkout.id)


def authorize(checkout: Checkout) -> Call | None:
    """The first time for each attempt to pay it is authorized, then confirmed after the customer's action at
    the gateway. What is left of one that was declined is voided. Before all that it is screened."""
    if not checkout.agreed_sale.totals.total:
        return None
    attempt = checkout.attempt_now
    if attempt.needs_screening:
        return Call(SCREEN)
    if attempt.leaves:
        return Call(Operation.VOID)
    return Call(Operation.CONFIRM if attempt.confirmations else Operation.AUTHORIZE)


def void(checkout: Checkout) -> Call | None:
    """Void what may be held, and refund money that has arrived without a capture; never both. A captured
    payment is refunded by the undo of the capture, and of a declined attempt nothing is there."""
    if not checkout.agreed_sale.totals.total or checkout.captured:
        return None
    if checkout.money_arrived:
        return Call(Operation.REFUND)
    attempt = checkout.attempt_now
    return None if attempt.is_over or attempt.is_unasked else Call(Operation.VOID)


def extend_holds(checkout: Checkout, *, hold_stock: bool, detach: bool = True) -> Sequence[Send]:
    """Hold the cart, if there is one, for as long as the payment or its review may take; keep the stock as
    well, if the shop does so. ``detach``: its session may have another cart meanwhile."""
    until = checkout.held_until
    if until is None:
        return ()
    step = step_names.AUTHORIZE
    sent = []
    if checkout.origin is None:
        hold = cart.Hold(
            checkout_id=checkout.id, step=step, cart_id=checkout.cart_id, until=until, detach=detach
        )
        sent.append(Send(hold, checkout.cart_id))
    if hold_stock:
        keep = offer.ExtendReservation(checkout_id=checkout.id, step=step, until=until)
        sent.append(Send(keep, checkout.id))
    return sent


def hold_cart(checkout: Checkout) -> Send:
    """From the capture on the cart's lock no longer expires, so that the cart cannot be bought a second
    time."""
    hold = cart.Hold(checkout_id=checkout.id, step=step_names.CAPTURE, cart_id=checkout.cart_id)
    return Send(hold, checkout.cart_id)


def capture(checkout: Checkout) -> Call | None:
    """Capture, and hold the cart, if there is one, while the outcome is unknown."""
    if not checkout.agreed_sale.totals.total:
        return None
    return Call(Operation.CAPTURE, notify=None if checkout.origin else hold_cart(checkout))


def refund(checkout: Checkout) -> Call | None:
    return Call(Operation.REFUND) if checkout.agreed_sale.totals.total and checkout.captured else None


def confirm_stock(checkout: Checkout) -> Send:
    command = offer.ConfirmStock(
        checkout_id=checkout.id,
        step=step_names.CONFIRM_STOCK,
        wanted=stock_demand(checkout.agreed_sale),
    )
    return Send(command, checkout.id)
