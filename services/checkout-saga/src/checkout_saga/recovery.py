"""``python -m checkout_saga recover-log``: what follows from the facts of this service's streams."""

from __future__ import annotations

from collections.abc import Sequence

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.use_cases.recovery import resume_checkout
from checkout_saga.notifications.domain.notification import Notification
from checkout_saga.notifications.use_cases.sending import resume_notification
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.use_cases.recovery import resume_order
from contracts import checkout, notification, order
from contracts.topics import MESSAGES
from kernel.recovery.derivations import Derivation, Derivations
from kernel.recovery.job import RecoverySettings, recover_log

DERIVATIONS: Derivations = {
    checkout.Started.TYPE: Derivation(Checkout, resume_checkout),
    order.Created.TYPE: Derivation(Order, resume_order),
    notification.Requested.TYPE: Derivation(Notification, resume_notification),
}


async def recover(settings: RecoverySettings, options: Sequence[str]) -> None:
    await recover_log(settings, "checkout-saga", MESSAGES, DERIVATIONS, options)
