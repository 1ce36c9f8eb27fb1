"""How each provider words its events, and which of its types are looked at for what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from checkout_saga.webhooks.domain.event import (
    Cause,
    Event,
    Json,
    known,
    payment_id_of,
    required,
    text_at,
)

STRIPE: Mapping[str, Cause] = MappingProxyType(
    {
        "payment_intent.amount_capturable_updated": Cause.AUTHORIZATION,
        "payment_intent.requires_action": Cause.AUTHORIZATION,
        "payment_intent.processing": Cause.AUTHORIZATION,
        "payment_intent.payment_failed": Cause.AUTHORIZATION,
        "payment_intent.canceled": Cause.AUTHORIZATION,
        "payment_intent.succeeded": Cause.CAPTURE,
        "refund.created": Cause.REFUND,
        "refund.updated": Cause.REFUND,
        "refund.failed": Cause.REFUND,
        "charge.dispute.created": Cause.DISPUTE,
        "charge.dispute.closed": Cause.DISPUTE,
    }
)
PAYPAL: Mapping[str, Cause] = MappingProxyType(
    {
        "CHECKOUT.ORDER.APPROVED": Cause.AUTHORIZATION,
        "PAYMENT.AUTHORIZATION.CREATED": Cause.AUTHORIZATION,
        "PAYMENT.AUTHORIZATION.VOIDED": Cause.AUTHORIZATION,
        "PAYMENT.CAPTURE.COMPLETED": Cause.CAPTURE,
        "PAYMENT.CAPTURE.PENDING": Cause.CAPTURE,
        "PAYMENT.CAPTURE.DENIED": Cause.CAPTURE,
        "PAYMENT.CAPTURE.REFUNDED": Cause.REFUND,
        "PAYMENT.CAPTURE.REVERSED": Cause.REFUND,
        "CUSTOMER.DISPUTE.CREATED": Cause.DISPUTE,
        "CUSTOMER.DISPUTE.RESOLVED": Cause.DISPUTE,
    }
)
SIMULATED: Mapping[str, Cause] = MappingProxyType(
    {f"payment.{it}": Cause.AUTHORIZATION for it in ("authorized", "declined", "voided")}
    | {"payment.captured": Cause.CAPTURE, "payment.refunded": Cause.REFUND}
)


def read_stripe(body: Json) -> Event:
    """Raises ``Unreadable``."""
    made_of = ("data", "object")
    kind = required(body, "type")
    ids = ("id", "payment_intent", "charge")
    return Event(
        required(body, "id"),
        kind,
        STRIPE.get(kind),
        known(text_at(body, *made_of, it) for it in ids),
        payment_id_of(text_at(body, *made_of, "metadata", "feira_payment")),
    )


def read_paypal(body: Json) -> Event:
    """The invoice id is the payment's. Raises ``Unreadable``."""
    kind = required(body, "event_type")
    related = ("resource", "supplementary_data", "related_ids")
    references = known(
        (
            text_at(body, "resource", "id"),
            text_at(body, "resource", "dispute_id"),
            text_at(body, "resource", "disputed_transactions", "0", "seller_transaction_id"),
            *(text_at(body, *related, it) for it in ("capture_id", "authorization_id", "order_id")),
        )
    )
    invoice = text_at(body, "resource", "invoice_id") or text_at(
        body, "resource", "purchase_units", "0", "invoice_id"
    )
    return Event(required(body, "id"), kind, PAYPAL.get(kind), references, payment_id_of(invoice))


def read_simulated(body: Json) -> Event:
    """As Standard Webhooks has it: the event's id is that of the message. Raises ``Unreadable``."""
    kind = required(body, "type")
    return Event(
        required(body, "id"),
        kind,
        SIMULATED.get(kind),
        known((text_at(body, "data", "reference"),)),
        payment_id_of(text_at(body, "data", "payment_id")),
    )


READERS: Mapping[str, Callable[[Json], Event]] = MappingProxyType(
    {"stripe": read_stripe, "paypal": read_paypal, "simulated": read_simulated}
)
"""By the provider's name in facts."""
