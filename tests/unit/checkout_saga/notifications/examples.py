"""An abandoned cart, its customer and the message about it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from checkout_saga.customers.domain.customer import customer_stream_id
from checkout_saga.notifications.domain.kinds import CART_RECOVERY
from checkout_saga.notifications.domain.notification import EMAIL
from checkout_saga.notifications.use_cases.requesting import recovery_id
from contracts import cart, customer, notification
from contracts.notification import AbandonedCart
from contracts.sale import Totals
from tests.support.scenario import NOW, stamp

CART = UUID(int=0xCA)
CUSTOMER = "shopper/7"
CUSTOMER_STREAM = customer_stream_id("demo", CUSTOMER)
EXPIRES = NOW + timedelta(hours=71)
TOTALS = Totals(subtotal=2000, discount=200, shipping=490, tax=0, total=2290)
LINES = (cart.RecoveryLine(name="Mug <blue>", quantity=2, total=1800),)


def due(attempt: int = 1, version: int = 5) -> cart.RecoveryDue:
    return cart.RecoveryDue(
        **{**stamp(CART), "originator_version": version},
        attempt=attempt,
        customer_id=CUSTOMER,
        currency="EUR",
        totals=TOTALS,
        lines=LINES,
        expires_at=EXPIRES,
    )


FIRST, SECOND = due(1, 5), due(2, 6)
MAIL, SECOND_MAIL = recovery_id(FIRST), recovery_id(SECOND)


def contact_set(*, recovery: bool = True) -> customer.ContactSet:
    return customer.ContactSet(
        **stamp(CUSTOMER_STREAM),
        customer_id=CUSTOMER,
        personal="sealed contact",
        recovery=recovery,
        locale="pt-BR",
    )


def requested(it: cart.RecoveryDue = FIRST, locale: str | None = "pt-BR") -> notification.Requested:
    return notification.Requested(
        **stamp(recovery_id(it)),
        kind=CART_RECOVERY,
        channel=EMAIL,
        about=CART,
        customer_id=CUSTOMER,
        locale=locale,
        cart=AbandonedCart(
            cart_id=CART,
            attempt=it.attempt,
            currency="EUR",
            totals=TOTALS,
            lines=LINES,
            expires_at=EXPIRES,
        ),
    )


def sending(attempt: int = 1) -> notification.Sending:
    return notification.Sending(**stamp(MAIL), kind=CART_RECOVERY, attempt=attempt)


def sent() -> notification.Sent:
    return notification.Sent(**stamp(MAIL), kind=CART_RECOVERY)


def failed(code: str, reply: int | None) -> notification.Failed:
    return notification.Failed(**stamp(MAIL), kind=CART_RECOVERY, code=code, reply=reply)


def unknown() -> notification.Unknown:
    return notification.Unknown(**stamp(MAIL), kind=CART_RECOVERY)


def skipped(reason: str, it: UUID = MAIL) -> notification.Skipped:
    return notification.Skipped(**stamp(it), kind=CART_RECOVERY, reason=reason)
