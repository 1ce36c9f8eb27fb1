"""What PayPal's errors mean, as far as an error alone tells it."""

from __future__ import annotations

from checkout_saga.payments.domain.alarms import ACCOUNT_UNHEALTHY, REQUEST_REFUSED
from checkout_saga.payments.domain.operation import Declined, Operation, Outcome, Unknown
from checkout_saga.payments.providers.paypal.client import Refused

DECLINES = frozenset({"INSTRUMENT_DECLINED", "TRANSACTION_REFUSED", "PAYER_CANNOT_PAY", "CARD_EXPIRED"})
AUTHORIZATION_ENDED = frozenset({"AUTHORIZATION_VOIDED", "AUTHORIZATION_EXPIRED"})
USED = frozenset({"DUPLICATE_INVOICE_ID", "DUPLICATE_REQUEST_ID"})
"""The invoice id or the request id was used for something else: what it was has to be found."""


def by_error(operation: Operation, refused: Refused) -> Outcome | None:
    """None: only the state of the object tells what is so."""
    match refused:
        case Refused(401, issue):
            return Unknown(
                f"The provider refuses the account's credentials ({issue}).", alarm=ACCOUNT_UNHEALTHY
            )
        case Refused(400 | 403 | 404 as status, issue):
            detail = f"The provider refused to {operation} with status {status}: {issue}."
            return Unknown(detail, alarm=REQUEST_REFUSED)
        case Refused(422, issue) if issue in DECLINES:
            return Declined("PAYMENT_DECLINED", f"The provider declined the payment: {issue}.")
        case Refused(422, issue) if issue in AUTHORIZATION_ENDED and operation is Operation.CAPTURE:
            return Declined("CAPTURE_FAILED", f"The authorization has ended: {issue}.")
        case Refused(422, _):
            return None
        case Refused(status, issue, after):
            detail = f"The provider answered {operation} with status {status}: {issue}."
            return Unknown(detail, after=after)
