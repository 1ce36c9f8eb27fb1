"""An attempt to pay is screened by the tenant's fraud rules before its payment is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from checkout_saga.checkout.domain.actions import SCREEN
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.step_names import AUTHORIZE, LOCK_CART
from checkout_saga.checkout.use_cases.payment_outcomes import to_be_screened
from checkout_saga.checkout.use_cases.reviewing import DECLINED, begin_review
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.fraud.domain.decision import decide, rules_for
from checkout_saga.fraud.domain.rules import DENY, Payment
from checkout_saga.fraud.use_cases.changing import find_rules
from checkout_saga.payments.domain.operation import PaymentRequest
from contracts.cart import RefusedRequest
from contracts.fraud_rules import FraudRule
from contracts.screening import Screening
from kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class AttemptToScreen:
    request: PaymentRequest
    """The authorization that follows if it passes."""
    screening: Screening
    rules: Sequence[FraudRule]
    """Those that may hold for it, in order of their ids."""
    refused: Sequence[RefusedRequest] = ()
    """What the carts have refused of the address of the checkout's first attempt, if this is the first."""


async def attempt_to_screen(checkout_id: UUID, work: UnitOfWork) -> AttemptToScreen | None:
    """None if none waits to be screened any more: then the timer of the call is cancelled."""
    checkout = await work.open(Checkout, checkout_id)
    request = to_be_screened(checkout, work.context.tenant)
    screening = checkout.attempt_now.screening if request else None
    if request is None or screening is None:
        work.cancel_timer(SCREEN, checkout_id)
        return None
    destination = checkout.agreed_sale.destination or checkout.destination
    payment = Payment(
        request.method,
        request.gateway,
        request.amount,
        request.currency,
        destination.country if destination else None,
    )
    rules = rules_for((await find_rules(work)).enabled, payment)
    is_first = checkout.attempt_now.number == 1
    return AttemptToScreen(request, screening, rules, _refused(checkout) if is_first else ())


def _refused(checkout: Checkout) -> Sequence[RefusedRequest]:
    reported = checkout.steps[LOCK_CART].data.get("refused_requests", ())
    return [RefusedRequest.read(it) for it in reported]


async def decide_attempt(attempt: AttemptToScreen, counts: Mapping[str, int], work: UnitOfWork) -> None:
    """``counts``: by id of the rule. The payment is asked for, reviewed first, or not asked for at all. Of a
    card the review comes once it is authorized, so that people look only at what could be paid."""
    checkout = await work.open(Checkout, attempt.request.checkout_id)
    checkout.note_screening(decide(attempt.rules, counts))
    work.cancel_timer(SCREEN, checkout.id)
    payment = checkout.attempt_now
    if payment.verdict == DENY:
        await CHECKOUTS.refuse(checkout, AUTHORIZE, DECLINED, work)
    elif payment.is_unasked:
        await begin_review(checkout, AUTHORIZE, work)
    else:
        await CHECKOUTS.repeat(checkout, [AUTHORIZE], work, tries=0)
