"""The replies that a checkout handles, and how each completes, fails or compensates its step."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from checkout_saga.checkout.domain import workflow
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.use_cases.advance import advance
from checkout_saga.checkout.use_cases.compensate import compensate, end_if_compensated
from contracts import cart, price, promotion, redemption, reservation, stock
from contracts.envelope import Reply
from kernel.unit_of_work import UnitOfWork

ENVELOPE = {"process_id", "step"}


class Reaction(NamedTuple):
    step: str
    """The only step that this reply may end: a reply of the cart never completes a capture."""
    react: Callable[[Checkout, str, dict[str, Any], UnitOfWork], Awaitable[None]]
    keep: frozenset[str] | None = None
    """The fields of the reply that are recorded as the step's data; None: all of them."""


async def on_step_completed(checkout: Checkout, step: str, data: dict[str, Any], work: UnitOfWork) -> None:
    """Ignores a repeated reply, and one that arrives during compensation: the compensating command was sent
    after the step's command, with the same record key, so that it is handled after it."""
    if checkout.awaits(step):
        checkout.complete_step(step, data)
        await advance(checkout, work)


async def on_step_refused(checkout: Checkout, step: str, data: dict[str, Any], work: UnitOfWork) -> None:
    if checkout.awaits(step):
        code, detail = data.pop("code"), data.pop("detail")
        checkout.fail_step(step, code, detail, data)
        await compensate(checkout, work, code, detail, data)


async def on_step_compensated(checkout: Checkout, step: str, data: dict[str, Any], work: UnitOfWork) -> None:  # noqa: ARG001  # all reactions have one signature
    if checkout.is_compensating(step):
        checkout.complete_step_compensation(step)
        end_if_compensated(checkout, work)


REPLIES: Mapping[str, Reaction] = MappingProxyType(
    {
        cart.Locked.TYPE: Reaction(
            workflow.LOCK_CART, on_step_completed, frozenset({"sale", "lock_expires_at"})
        ),
        cart.LockRefused.TYPE: Reaction(workflow.LOCK_CART, on_step_refused),
        cart.Unlocked.TYPE: Reaction(workflow.LOCK_CART, on_step_compensated),
        reservation.Made.TYPE: Reaction(workflow.RESERVE_STOCK, on_step_completed),
        stock.ReservationRefused.TYPE: Reaction(workflow.RESERVE_STOCK, on_step_refused),
        reservation.Released.TYPE: Reaction(workflow.RESERVE_STOCK, on_step_compensated),
        redemption.Made.TYPE: Reaction(
            workflow.RESERVE_PROMOTIONS, on_step_completed, frozenset({"promotion_ids"})
        ),
        promotion.ReservationRefused.TYPE: Reaction(workflow.RESERVE_PROMOTIONS, on_step_refused),
        redemption.Released.TYPE: Reaction(workflow.RESERVE_PROMOTIONS, on_step_compensated),
        price.Confirmed.TYPE: Reaction(workflow.CONFIRM_PRICE, on_step_completed),
        price.Refused.TYPE: Reaction(workflow.CONFIRM_PRICE, on_step_refused),
        reservation.Confirmed.TYPE: Reaction(workflow.CONFIRM_STOCK, on_step_completed),
        reservation.ConfirmationRefused.TYPE: Reaction(workflow.CONFIRM_STOCK, on_step_refused),
    }
)


async def on_reply(reply: Reply, work: UnitOfWork) -> None:
    """Advance or compensate the checkout. Ignores replies to checkouts that this tenant does not have."""
    checkout = await work.open(Checkout, reply.process_id)
    reaction = REPLIES[reply.TYPE]
    if checkout.exists and reply.step == reaction.step:
        data = reply.model_dump(
            mode="json",
            include=set(reaction.keep) if reaction.keep else None,
            exclude=ENVELOPE,
            exclude_none=True,
        )
        await reaction.react(checkout, reply.step, data, work)
