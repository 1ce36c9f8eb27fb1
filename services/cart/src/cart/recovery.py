"""``python -m cart recover-log``: what follows from the facts of this service's streams."""

from __future__ import annotations

from collections.abc import Sequence

from cart.carts.domain.cart import Cart
from cart.carts.domain.cart_sync import CartSync
from cart.carts.use_cases.recovery import hold_again
from cart.carts.use_cases.syncing import continue_again
from cart.flows.domain.flow import Flow
from cart.flows.use_cases.endings import set_timers_again
from contracts import cart, cart_sync, flow
from contracts.topics import MESSAGES
from kernel.recovery.derivations import Derivation, Derivations
from kernel.recovery.job import RecoverySettings, recover_log

DERIVATIONS: Derivations = {
    cart.Created.TYPE: Derivation(Cart, hold_again),
    cart_sync.Started.TYPE: Derivation(CartSync, continue_again),
    flow.Started.TYPE: Derivation(Flow, set_timers_again),
}


async def recover(settings: RecoverySettings, options: Sequence[str]) -> None:
    await recover_log(settings, "cart", MESSAGES, DERIVATIONS, options)
