"""What a checkout holds beside its facts, made again after its facts have been recovered."""

from __future__ import annotations

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.index_keys import CART_SALE, OPEN_CHECKOUT, open_checkout_key
from checkout_saga.checkout.domain.step_names import CAPTURE
from checkout_saga.checkout.workflow import CHECKOUTS, repeat_last_commands
from kernel.unit_of_work import UnitOfWork


async def resume_checkout(checkout: Checkout, work: UnitOfWork) -> None:
    """Claim the keys, and go on where the facts end. Nothing is charged twice: the keys of the gateway's
    calls follow from the facts, and a repeated call looks its key up first. Receivers answer a repeated
    command as before."""
    if CAPTURE in checkout.steps and not (checkout.ended and checkout.failure):
        work.claim_key(CART_SALE, str(checkout.cart_id), checkout.id)
    if not checkout.ended:
        work.claim_key(OPEN_CHECKOUT, open_checkout_key(checkout), checkout.id)
    elif checkout.failure is None:
        await repeat_last_commands(checkout, work)  # whether they were published is not known
    await CHECKOUTS.resume(checkout, work)
