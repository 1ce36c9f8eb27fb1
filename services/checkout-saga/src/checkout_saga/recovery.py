"""``python -m checkout_saga recover-log``: what follows from the facts of this service's streams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from cryptography.exceptions import InvalidTag

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.use_cases.recovery import resume_checkout
from checkout_saga.customers.domain.customer import Customer
from checkout_saga.customers.vault import Vault, open_vault
from checkout_saga.fulfillment.domain.certification import Certification
from checkout_saga.fulfillment.domain.download import Download
from checkout_saga.fulfillment.domain.enrollment import Enrollment
from checkout_saga.fulfillment.domain.fulfillment import Fulfillment
from checkout_saga.fulfillment.domain.license import License
from checkout_saga.fulfillment.domain.shipment import Shipment
from checkout_saga.fulfillment.use_cases.certifying import resume_certification
from checkout_saga.fulfillment.use_cases.downloading import resume_download
from checkout_saga.fulfillment.use_cases.enrolling import resume_enrollment
from checkout_saga.fulfillment.use_cases.handing_over import resume_fulfillment
from checkout_saga.fulfillment.use_cases.licensing import resume_license
from checkout_saga.fulfillment.use_cases.shipping import resume_shipment
from checkout_saga.notifications.domain.notification import Notification
from checkout_saga.notifications.use_cases.sending import resume_notification
from checkout_saga.orders.domain.goods_return import GoodsReturn
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.use_cases.recovery import resume_order
from checkout_saga.orders.use_cases.returns import resume_return
from checkout_saga.privacy.recovery import NO_MASTER_KEY, CustomersAgain
from checkout_saga.reconciliation.domain.difference import Difference
from checkout_saga.reconciliation.domain.run import Reconciliation
from checkout_saga.reconciliation.use_cases.differences import list_again
from checkout_saga.reconciliation.use_cases.running import resume_run
from checkout_saga.recovery_settings import CheckoutRecoverySettings
from checkout_saga.subscriptions.domain.invoice import Invoice
from checkout_saga.subscriptions.domain.subscription import Subscription
from checkout_saga.subscriptions.use_cases.cancelling import resume_subscription
from checkout_saga.subscriptions.use_cases.reading import resume_invoice
from contracts import (
    certification,
    checkout,
    customer,
    download,
    enrollment,
    fulfillment,
    invoice,
    license_,
    notification,
    order,
    reconciliation,
    return_,
    shipment,
    subscription,
)
from contracts.topics import MESSAGES
from kernel.postgres.service_pool import ServicePool
from kernel.recovery.derivations import Derivation, Derivations
from kernel.recovery.job import Additions, recover_log
from kernel.recovery.log_recovery import LogContradicts

DERIVATIONS: Derivations = {
    checkout.Started.TYPE: Derivation(Checkout, resume_checkout),
    order.Created.TYPE: Derivation(Order, resume_order),
    fulfillment.Requested.TYPE: Derivation(Fulfillment, resume_fulfillment),
    enrollment.Granted.TYPE: Derivation(Enrollment, resume_enrollment),
    certification.Enrolled.TYPE: Derivation(Certification, resume_certification),
    download.Granted.TYPE: Derivation(Download, resume_download),
    license_.Created.TYPE: Derivation(License, resume_license),
    return_.Requested.TYPE: Derivation(GoodsReturn, resume_return),
    shipment.Dispatched.TYPE: Derivation(Shipment, resume_shipment),
    subscription.ActivationRequested.TYPE: Derivation(Subscription, resume_subscription),
    invoice.Issued.TYPE: Derivation(Invoice, resume_invoice),
    notification.Requested.TYPE: Derivation(Notification, resume_notification),
    reconciliation.Started.TYPE: Derivation(Reconciliation, resume_run),
    reconciliation.DifferenceFound.TYPE: Derivation(Difference, list_again),
}


def of_customers(vault: Vault) -> Additions:
    """Which key a customer holds follows from encrypted data. Any fact may be the first of a customer."""
    customers = CustomersAgain(vault)
    again = Derivation(Customer, customers.hold_again)
    return Additions(
        dict.fromkeys((it.TYPE for it in get_args(customer.CustomerFact)), again),
        customers.repeat_erasures,
    )


async def recover(settings: CheckoutRecoverySettings, options: Sequence[str]) -> None:
    async def add(pool: ServicePool) -> Additions:
        try:
            return of_customers(await open_vault(pool, settings.master_keys))
        except InvalidTag:
            raise LogContradicts(NO_MASTER_KEY, ["the key under which guests are named"]) from None

    await recover_log(settings, "checkout-saga", MESSAGES, DERIVATIONS, options, add)
