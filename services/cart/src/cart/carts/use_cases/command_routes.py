"""The commands that the cart service handles, with their handlers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from cart.carts.domain.cart import Cart
from cart.carts.domain.lock_attempt import LockAttempt, lock_attempt_id
from cart.carts.use_cases.convert_cart import convert_cart
from cart.carts.use_cases.hold_cart import hold_cart
from cart.carts.use_cases.lock_cart import lock_cart
from cart.carts.use_cases.policy import Policy
from cart.carts.use_cases.unlock_cart import unlock_cart
from cart.catalogue.ports import Catalogue
from contracts import cart as contract
from contracts.envelope import Command
from kernel.command_routes import CommandRoute, PreloadKeys


def command_routes(catalogue: Catalogue, policy: Policy) -> Mapping[type[Command], CommandRoute]:
    lock = partial(lock_cart, catalogue=catalogue, policy=policy)
    unlock = partial(unlock_cart, catalogue=catalogue)
    return {
        contract.Lock: CommandRoute(handler=lock, preload=_cart_and_attempt),
        contract.Hold: CommandRoute(handler=hold_cart, preload=_cart_and_attempt),
        contract.Unlock: CommandRoute(handler=unlock, preload=_cart_and_attempt),
        contract.Convert: CommandRoute(handler=convert_cart, preload=_cart_and_attempt),
    }


def _cart_and_attempt(command: contract.CartCommand) -> PreloadKeys:
    return (Cart, command.cart_id), (LockAttempt, lock_attempt_id(command.process_id))
