"""Every answer that a checkout understands, and what it means for the step that was asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from checkout_saga.application.on_answer import on_step_done, on_step_refused, on_step_undone
from checkout_saga.domain.checkout import Checkout
from contracts import cart, price, promotion, redemption, reservation, stock
from contracts.envelope import Answer
from kernel.work import Work

ENVELOPE = {"checkout_id", "step"}


class Reply(NamedTuple):
    react: Callable[[Checkout, str, dict[str, Any], Work], Awaitable[None]]
    keep: frozenset[str] | None = None
    """Which of the answer's fields the step's record holds; None: all."""


DONE = on_step_done
REFUSED = on_step_refused
UNDONE = on_step_undone

REPLIES: Mapping[str, Reply] = MappingProxyType(
    {
        cart.Locked.TYPE: Reply(DONE, frozenset({"sale", "lock_expires_at"})),
        cart.LockRefused.TYPE: Reply(REFUSED),
        cart.Unlocked.TYPE: Reply(UNDONE),
        reservation.Made.TYPE: Reply(DONE),
        stock.ReservationRefused.TYPE: Reply(REFUSED),
        reservation.Released.TYPE: Reply(UNDONE),
        redemption.Made.TYPE: Reply(DONE, frozenset({"promotion_ids"})),
        promotion.ReservationRefused.TYPE: Reply(REFUSED),
        redemption.Released.TYPE: Reply(UNDONE),
        price.Confirmed.TYPE: Reply(DONE),
        price.Refused.TYPE: Reply(REFUSED),
        reservation.Confirmed.TYPE: Reply(DONE),
        reservation.ConfirmationRefused.TYPE: Reply(REFUSED),
    }
)


async def on_answer(answer: Answer, work: Work) -> None:
    """Whatever is not about one of this tenant's checkouts is nobody's here."""
    checkout = await work.open(Checkout, answer.checkout_id)
    if checkout.exists:
        reply = REPLIES[answer.TYPE]
        data = answer.model_dump(
            mode="json", include=set(reply.keep) if reply.keep else None, exclude=ENVELOPE, exclude_none=True
        )
        await reply.react(checkout, answer.step, data, work)
