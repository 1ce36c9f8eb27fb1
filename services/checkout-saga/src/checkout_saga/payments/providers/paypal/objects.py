"""Reads objects at PayPal for one request: each is found from the reference that a fact has recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from checkout_saga.payments.domain.alarms import REQUEST_REFUSED
from checkout_saga.payments.domain.operation import Outcome, PaymentRequest, Unknown
from checkout_saga.payments.providers.paypal import search
from checkout_saga.payments.providers.paypal.access import Account
from checkout_saga.payments.providers.paypal.client import (
    Answer,
    Client,
    Refused,
    Reply,
    Silence,
    is_missing,
)
from checkout_saga.payments.providers.paypal.documents import Order, Payment
from checkout_saga.payments.providers.paypal.refusals import by_error

T = TypeVar("T", bound=BaseModel)
ORDERS = "/v2/checkout/orders"
AUTHORIZATIONS = "/v2/payments/authorizations"
CAPTURES = "/v2/payments/captures"


class Settled(Exception):
    """Ends the operation early with its outcome: mostly Unknown, since an answer is missing."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(type(outcome).__name__)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Objects:
    """``now``: the time of the request, for what the transaction search can show by then."""

    api: Client
    account: Account
    request: PaymentRequest
    now: datetime

    async def order(self, order_id: str) -> Order:
        return self.read(await self.api.get(self.account, f"{ORDERS}/{order_id}"), Order)

    async def authorization(self, authorization_id: str) -> Payment:
        return self.read(await self.api.get(self.account, f"{AUTHORIZATIONS}/{authorization_id}"), Payment)

    async def held(self) -> tuple[Payment | None, Order | None]:
        """What the recorded reference names: an authorization; or the order that the payer had to approve,
        with its authorization if there is one by now."""
        reference = self.reference()
        reply = await self.api.get(self.account, f"{AUTHORIZATIONS}/{reference}")
        if not is_missing(reply):
            return self.read(reply, Payment), None
        order = await self.order(reference)
        authorizations = order.payments.authorizations
        return (authorizations[-1] if authorizations else None), order

    async def capture(self) -> Payment | None:
        """The capture that the recorded reference names; or that of the recorded authorization, once it is
        made."""
        reply = await self.api.get(self.account, f"{CAPTURES}/{self.reference()}")
        if not is_missing(reply):
            return self.read(reply, Payment)
        held, order = await self.held()
        if order is None and held is not None:
            order = await self.order_of(held)
        captures = order.payments.captures if order else []
        return captures[-1] if captures else None

    async def refund(self) -> Payment | None:
        """The refund under the request's key, of the recorded capture."""
        taken = self.read(await self.api.get(self.account, f"{CAPTURES}/{self.reference()}"), Payment)
        refunds = (await self.order_of(taken)).payments.refunds
        return next((it for it in refunds if it.custom_id == self.request.key), None)

    async def order_of(self, payment: Payment) -> Order:
        if payment.order_id is None:
            raise Settled(Unknown("The provider does not name the order.", alarm=REQUEST_REFUSED))
        return await self.order(payment.order_id)

    async def lost_authorization(self) -> Payment | None:
        """The authorization of the payment by the transaction search, for an order of which no id is known.
        None: there is none. Raises ``Settled`` while the search may not show it yet."""
        since = self.request.requested_at
        if since is None:
            raise Settled(Unknown("The provider's search lags, and when it was asked for is not known."))
        invoice = str(self.request.payment_id)
        try:
            found = await search.authorization_of(self.api, self.account, invoice, since, self.now)
        except search.SearchFailed as failed:
            raise Settled(self.unanswered(failed.reply)) from None
        if found:
            return await self.authorization(found)
        if not search.is_complete(since, self.now):
            raise Settled(Unknown("The provider's search does not show it yet."))
        return None

    def read(self, reply: Reply, kind: type[T]) -> T:
        """Raises ``Settled`` without a readable answer."""
        if not isinstance(reply, Answer):
            raise Settled(self.unanswered(reply))
        try:
            return kind.model_validate_json(reply.body)
        except ValidationError:
            raise Settled(Unknown(f"The answer to {self.request.operation} is invalid.")) from None

    def unanswered(self, reply: Reply) -> Outcome:
        match reply:
            case Silence(error, timed_out):
                return Unknown(f"No response to {self.request.operation}: {error}.", timed_out=timed_out)
            case Refused():
                known = by_error(self.request.operation, reply)
                return known or Unknown(f"The provider refused a look-up: {reply.issue}.")
            case Answer():
                return Unknown(f"The answer to {self.request.operation} is invalid.")

    def reference(self) -> str:
        """Raises ``Settled`` if no fact has recorded one."""
        if self.request.reference is None:
            raise Settled(Unknown(f"No reference is recorded for {self.request.operation}."))
        return self.request.reference
