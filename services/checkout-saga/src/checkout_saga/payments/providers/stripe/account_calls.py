"""One payment operation at Stripe with one account: sent under its key, found again, and judged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import stripe

from checkout_saga.payments.domain.names import idempotency_key
from checkout_saga.payments.domain.operation import Operation, Outcome, PaymentRequest, Unknown
from checkout_saga.payments.providers.stripe import requests
from checkout_saga.payments.providers.stripe.failures import Failure, Then, judged_error
from checkout_saga.payments.providers.stripe.intents import NOT_DONE, Verdict, judged
from checkout_saga.payments.providers.stripe.refunds import NOT_SUPPORTED, judged_refund
from checkout_saga.payments.providers.stripe.wire import Object, Wire

SEARCHED_BEFORE = timedelta(minutes=1)
"""The provider's clock may be behind ours by as much."""
SEARCHED_WITHOUT_TIME = timedelta(days=2)
"""How far back is searched if the request does not say when the intent was recorded."""
KEY_LASTS = timedelta(hours=23)
"""The provider keeps a key for 24 hours: within that the same call is no second one."""
NEW_KEYS = 9
"""Keys with which a call is sent anew whose own key only repeats an old error."""
NOT_FOUND = Unknown("The payment is not found at the provider.", alarm="payment_missing")

Find = Callable[[], Awaitable[Outcome | None]]
Send = Callable[[str], Awaitable[Object]]
OnFailure = Callable[[Failure], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class AccountCalls:
    wire: Wire
    on_failure: OnFailure
    """Gets each error that the provider answers."""

    async def authorize(self, request: PaymentRequest, params: requests.Params, *, again: bool) -> Outcome:
        if again and not _key_is_known(request):
            known = await self.find(request)
            if known is not None:
                return known
        return await self._under_key(request, lambda key: self.wire.create(params, key))

    async def confirm(self, request: PaymentRequest) -> Outcome:
        """The customer has acted at the provider already: what it says now is the outcome."""
        intent = await self._intent(request)
        return await self._judged(request, intent) or NOT_FOUND if intent else NOT_FOUND

    async def capture(self, request: PaymentRequest, *, again: bool) -> Outcome:
        intent_id = request.reference
        if again or intent_id is None:
            intent = await self._intent(request)
            if intent is None:
                return NOT_FOUND
            known = await self._judged(request, intent)
            if known is not None:
                return known
            intent_id = str(intent["id"])
        params, its_id = requests.capture(request), intent_id
        return await self._under_key(request, lambda key: self.wire.capture(its_id, params, key))

    async def void(self, request: PaymentRequest) -> Outcome:
        """An authorization of which nothing is known is made impossible, by using its key up."""
        intent = await self._intent(request)
        if intent is None:
            authorize = idempotency_key(request.checkout_id, Operation.AUTHORIZE, request.attempt)
            try:
                intent = await self.wire.create(requests.tombstone(request, authorize), authorize)
            except stripe.StripeError as error:
                failure = judged_error(request.operation, error)
                await self.on_failure(failure)
                intent = await self._intent(request) if failure.then is Then.FIND else None
                if intent is None:
                    why = failure.outcome
                    return Unknown(f"The authorization cannot be ended: {why.detail}", alarm=why.alarm)
        known = await self._judged(request, intent)
        if known is not None:
            return known
        its_id = str(intent["id"])
        return await self._under_key(request, lambda key: self.wire.cancel(its_id, key))

    async def refund(self, request: PaymentRequest, *, again: bool) -> Outcome:
        if request.method == "boleto":
            return NOT_SUPPORTED
        intent_id = request.reference
        if intent_id is None:
            intent = await self._intent(request)
            if intent is None:
                return NOT_FOUND
            intent_id = str(intent["id"])
        if again:
            known = await self._find_refund(request, intent_id)
            if known is not None:
                return known
        params, its_id = requests.refund(request, intent_id), intent_id

        async def send(key: str) -> Object:
            return await self.wire.refund(params, key)

        return await self._under_key(request, send, lambda: self._find_refund(request, its_id))

    async def find(self, request: PaymentRequest) -> Outcome | None:
        """None: it is not done."""
        intent = await self._intent(request)
        if intent is None:
            return None
        if request.operation is Operation.REFUND:
            return await self._find_refund(request, str(intent["id"]))
        return await self._judged(request, intent)

    # failpoint: none needed (provider-request)
    async def _under_key(self, request: PaymentRequest, send: Send, find: Find | None = None) -> Outcome:
        """Send under the key. Only if the key repeats an old error, and nothing was done, is another used."""
        for attempt in range(NEW_KEYS + 1):
            key = f"{request.key}:r{attempt}" if attempt else request.key
            try:
                answer = await send(key)
            except stripe.StripeError as error:
                failure = judged_error(request.operation, error, off_session=request.off_session)
            except TimeoutError:
                failure = Failure(
                    Then.FIND, Unknown(f"No response to {request.operation}: TimeoutError.", timed_out=True)
                )
            else:
                if request.operation is Operation.REFUND:
                    return judged_refund(request, answer)
                return await self._judged(request, answer) or Unknown("The provider has not acted.")
            await self.on_failure(failure)
            if failure.then is Then.KNOWN:
                return failure.outcome
            if failure.then is Then.CONFIRM_ON_SESSION and failure.intent_id:
                confirmed = await self.wire.confirm(failure.intent_id, f"{request.key}:c")
                return await self._judged(request, confirmed) or failure.outcome
            known = await (find or (lambda: self.find(request)))()
            if known is not None or not failure.replayed:
                return known or failure.outcome
        return Unknown(f"The provider repeats an error under each key of {request.operation}.")

    async def _judged(self, request: PaymentRequest, intent: Object) -> Outcome | None:
        """None: it is not done."""
        verdict = judged(request, intent)
        if verdict is Verdict.CONFIRM:
            verdict = judged(request, await self.wire.confirm(str(intent["id"]), f"{request.key}:c"))
        if isinstance(verdict, Verdict):
            return None if verdict is NOT_DONE else Unknown("The provider still waits for a confirmation.")
        return verdict

    async def _intent(self, request: PaymentRequest) -> Object | None:
        """The payment's PaymentIntent: by its id, else by what it is marked with."""
        if request.reference:
            return await self.wire.retrieve(request.reference)
        since = request.requested_at or datetime.now(UTC) - SEARCHED_WITHOUT_TIME
        mark = "feira_key" if request.operation is Operation.AUTHORIZE else "feira_payment"
        wanted = request.key if request.operation is Operation.AUTHORIZE else str(request.payment_id)
        found = await self.wire.find_intent(
            int((since - SEARCHED_BEFORE).timestamp()),
            lambda it: (it.get("metadata") or {}).get(mark) == wanted,
        )
        return None if found is None else await self.wire.retrieve(str(found["id"]))

    async def _find_refund(self, request: PaymentRequest, intent_id: str) -> Outcome | None:
        found = await self.wire.find_refund(
            intent_id, lambda it: (it.get("metadata") or {}).get("feira_key") == request.key
        )
        return None if found is None else judged_refund(request, found)


def _key_is_known(request: PaymentRequest) -> bool:
    """Whether the provider still knows the key, if it was used."""
    return request.requested_at is not None and datetime.now(UTC) - request.requested_at < KEY_LASTS
