"""What the steps of a checkout ask of other services and of the payment gateway, and how it is undone."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.payments.domain.operation import Operation
from contracts import cart, offer
from contracts.sale import Sale
from kernel.process.workflow import Call, Send


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
    command = cart.Lock(
        checkout_id=checkout.id,
        step=step_names.LOCK_CART,
        cart_id=checkout.cart_id,
        customer_id=checkout.customer_id,
        guest=checkout.guest,
        destination=checkout.destination,
        expected_total=checkout.expected_total,
    )
    return Send(command, checkout.cart_id)


def unlock_cart(checkout: Checkout) -> Send:
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
        wanted=stock_demand(checkout.agreed_sale),
    )
    return Send(command, checkout.id)


def release_stock(checkout: Checkout) -> Send:
    return Send(offer.ReleaseStock(checkout_id=checkout.id, step=step_names.RESERVE_STOCK), checkout.id)


def reserve_promotions(checkout: Checkout) -> Send | None:
    sale = checkout.agreed_sale
    if not uses_promotions(sale):
        return None
    command = offer.ReservePromotions(
        checkout_id=checkout.id,
        step=step_names.RESERVE_PROMOTIONS,
        promotion_ids=promotion_ids(sale),
        customer_id=checkout.customer_id,
        referrals=referral_uses(sale),
        campaigns=campaign_uses(sale),
        sale=sale,
    )
    return Send(command, checkout.id)


def release_promotions(checkout: Checkout) -> Send | None:
    if not uses_promotions(checkout.agreed_sale):
        return None
    command = offer.ReleasePromotions(checkout_id=checkout.id, step=step_names.RESERVE_PROMOTIONS)
    return Send(command, checkout.id)


def confirm_price(checkout: Checkout) -> Send:
    command = offer.ConfirmPrice(
        checkout_id=checkout.id,
        step=step_names.CONFIRM_PRICE,
        customer_id=checkout.customer_id,
        sale=checkout.agreed_sale,
    )
    return Send(command, checkout.id)


def authorize(checkout: Checkout) -> Call | None:
    """Each further attempt confirms the first one, after the customer's action at the gateway."""
    if not checkout.agreed_sale.totals.total:
        return None
    is_first = checkout.attempt(step_names.AUTHORIZE) <= 1
    return Call(Operation.AUTHORIZE if is_first else Operation.CONFIRM)


def void(checkout: Checkout) -> Call | None:
    """Void before the capture, refund after it; never both."""
    return Call(Operation.VOID) if checkout.agreed_sale.totals.total and not checkout.captured else None


def capture(checkout: Checkout) -> Call | None:
    """Capture, and hold the cart: its lock no longer expires, so that the cart cannot be bought a second time
    while the outcome of the capture is unknown."""
    if not checkout.agreed_sale.totals.total:
        return None
    hold = cart.Hold(checkout_id=checkout.id, step=step_names.CAPTURE, cart_id=checkout.cart_id)
    return Call(Operation.CAPTURE, notify=Send(hold, checkout.cart_id))


def refund(checkout: Checkout) -> Call | None:
    return Call(Operation.REFUND) if checkout.agreed_sale.totals.total and checkout.captured else None


def confirm_stock(checkout: Checkout) -> Send:
    command = offer.ConfirmStock(
        checkout_id=checkout.id,
        step=step_names.CONFIRM_STOCK,
        wanted=stock_demand(checkout.agreed_sale),
    )
    return Send(command, checkout.id)
