"""Every answer that a checkout understands, and what it means for the step that was asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from checkout_saga.application.step_outcomes import on_step_done, on_step_refused, on_step_undone
from checkout_saga.domain import workflow as steps
from checkout_saga.domain.checkout import Checkout
from contracts import cart, price, promotion, redemption, reservation, stock
from contracts.envelope import Reply
from kernel.unit_of_work import UnitOfWork

ENVELOPE = {"process_id", "step"}


class Reaction(NamedTuple):
    step: str
    """The only one that this is an answer to: a capture, say, is never done because a cart says so."""
    react: Callable[[Checkout, str, dict[str, Any], UnitOfWork], Awaitable[None]]
    keep: frozenset[str] | None = None
    """Which of the answer's fields the step's record holds; None: all."""


DONE = on_step_done
REFUSED = on_step_refused
UNDONE = on_step_undone

REPLIES: Mapping[str, Reaction] = MappingProxyType(
    {
        cart.Locked.TYPE: Reaction(steps.LOCK_CART, DONE, frozenset({"sale", "lock_expires_at"})),
        cart.LockRefused.TYPE: Reaction(steps.LOCK_CART, REFUSED),
        cart.Unlocked.TYPE: Reaction(steps.LOCK_CART, UNDONE),
        reservation.Made.TYPE: Reaction(steps.RESERVE_STOCK, DONE),
        stock.ReservationRefused.TYPE: Reaction(steps.RESERVE_STOCK, REFUSED),
        reservation.Released.TYPE: Reaction(steps.RESERVE_STOCK, UNDONE),
        redemption.Made.TYPE: Reaction(steps.RESERVE_PROMOTIONS, DONE, frozenset({"promotion_ids"})),
        promotion.ReservationRefused.TYPE: Reaction(steps.RESERVE_PROMOTIONS, REFUSED),
        redemption.Released.TYPE: Reaction(steps.RESERVE_PROMOTIONS, UNDONE),
        price.Confirmed.TYPE: Reaction(steps.CONFIRM_PRICE, DONE),
        price.Refused.TYPE: Reaction(steps.CONFIRM_PRICE, REFUSED),
        reservation.Confirmed.TYPE: Reaction(steps.CONFIRM_STOCK, DONE),
        reservation.ConfirmationRefused.TYPE: Reaction(steps.CONFIRM_STOCK, REFUSED),
    }
)


async def on_reply(answer: Reply, work: UnitOfWork) -> None:
    """Advance or compensate the checkout. Ignores replies to checkouts that this tenant does not have."""
    checkout = await work.open(Checkout, answer.process_id)
    reaction = REPLIES[answer.TYPE]
    if checkout.exists and answer.step == reaction.step:
        data = answer.model_dump(
            mode="json",
            include=set(reaction.keep) if reaction.keep else None,
            exclude=ENVELOPE,
            exclude_none=True,
        )
        await reaction.react(checkout, answer.step, data, work)
