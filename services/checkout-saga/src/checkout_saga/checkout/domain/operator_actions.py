"""What an operator may decide about a checkout: each decision is a fact with name and reason."""

from __future__ import annotations

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.errors import NotCompensatable, NotResolvable, NotRetriable
from checkout_saga.checkout.domain.workflow import AUTHORIZE, CAPTURE
from checkout_saga.payments.domain.resolution import DONE
from contracts import checkout as facts


def retry(checkout: Checkout, operator: str, reason: str) -> list[str]:
    """Record the retry. Returns the steps under way: started ones, or those that are being compensated."""
    under_way = [step for step in checkout.steps if checkout.awaits(step) or checkout.is_compensating(step)]
    if not under_way or checkout.status == "requires_action":
        raise NotRetriable(
            "There is nothing to retry: the checkout has ended or is waiting for the customer.",
            checkout_status=checkout.status,
        )
    checkout.record(facts.OperatorRetried(operator=operator, reason=reason, steps=tuple(under_way)))
    return under_way


def give_up(checkout: Checkout, operator: str, reason: str, *, refund: bool) -> None:
    """Record the decision to compensate. After the capture it needs ``refund``."""
    if not checkout.running:
        detail = "The checkout has ended or is being compensated already."
    elif CAPTURE in checkout.steps and not checkout.captured:
        detail = "The outcome of the capture is not known yet: retry or resolve it first."
    elif checkout.captured and not refund:
        detail = "The payment has been captured: compensation needs a refund."
    else:
        checkout.record(facts.OperatorGaveUp(operator=operator, reason=reason, refund=refund))
        return
    raise NotCompensatable(detail, checkout_status=checkout.status)


def resolve(checkout: Checkout, operator: str, reason: str, outcome: str, reference: str | None) -> str:
    """Record the outcome of a payment operation. Returns its step.

    Only of a stuck operation: until then the gateway may still report the outcome itself.
    """
    step = next(
        (step for step in (CAPTURE, AUTHORIZE) if step in checkout.stuck and _moves_money(checkout, step)),
        None,
    )
    if step is None:
        raise NotResolvable(
            "No capture, void or refund is waiting for an operator.", checkout_status=checkout.status
        )
    if checkout.is_compensating(step) and outcome != DONE:
        raise NotResolvable(
            "A void or refund can only be resolved as done: it ends when the money is back.",
            checkout_status=checkout.status,
        )
    checkout.record(
        facts.OperatorResolved(
            operator=operator,
            reason=reason,
            step=step,
            outcome=outcome,
            reference=reference,
        )
    )
    return step


def _moves_money(checkout: Checkout, step: str) -> bool:
    """Not an authorization under way: it takes no money, and can be retried or compensated."""
    return checkout.is_compensating(step) or (step == CAPTURE and checkout.awaits(step))
