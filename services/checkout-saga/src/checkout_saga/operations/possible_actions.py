"""What an operator may do with a checkout, by the rules that decide it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.use_cases import operating
from checkout_saga.checkout.workflow import CHECKOUTS
from kernel.process import operator
from kernel.process.operator import DONE
from kernel.unit_of_work import UnitOfWork

RETRY, COMPENSATE, REFUND = "retry", "compensate", "compensate_and_refund"
RESOLUTIONS: Mapping[str, str] = MappingProxyType({"resolve_done": DONE, "resolve_not_done": "not_done"})
"""Actions to the outcomes that they record."""
ACTIONS = frozenset({RETRY, COMPENSATE, REFUND, *RESOLUTIONS})


class Wanted(NamedTuple):
    """What an operator has chosen."""

    action: str
    reason: str
    reference: str | None = None


class Possible(NamedTuple):
    action: str
    why_not: str | None
    """None: it is allowed now."""


def possible_actions(checkout: Checkout) -> Iterator[Possible]:
    """All actions, each with the reason for which it is refused now."""
    yield Possible(RETRY, operator.why_not_retry(checkout))
    yield Possible(COMPENSATE, operator.why_not_give_up(CHECKOUTS, checkout, past_pivot=False))
    refused = operator.why_not_give_up(CHECKOUTS, checkout, past_pivot=True)
    nothing = None if checkout.captured else "Nothing is captured: compensate without a refund."
    yield Possible(REFUND, refused or nothing)
    for action, outcome in RESOLUTIONS.items():
        yield Possible(action, operator.why_not_resolve(CHECKOUTS, checkout, outcome))


def allowed_actions(checkout: Checkout) -> tuple[str, ...]:
    return tuple(it.action for it in possible_actions(checkout) if it.why_not is None)


async def act(checkout_id: UUID, wanted: Wanted, work: UnitOfWork) -> Checkout:
    """Raises the refusal of the action."""
    if wanted.action == RETRY:
        return await operating.retry_saga(checkout_id, work, wanted.reason)
    if wanted.action in RESOLUTIONS:
        outcome = RESOLUTIONS[wanted.action]
        return await operating.resolve_saga(checkout_id, work, outcome, wanted.reason, wanted.reference)
    refund = wanted.action == REFUND
    return await operating.compensate_saga(checkout_id, work, wanted.reason, refund=refund)
