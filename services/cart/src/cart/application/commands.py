"""Every command the cart service obeys, and who obeys it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from cart.application.convert_cart import convert_cart
from cart.application.hold_cart import hold_cart
from cart.application.lock_cart import lock_cart
from cart.application.policy import Policy
from cart.application.ports import Catalogue
from cart.application.unlock_cart import unlock_cart
from cart.domain.cart import Cart
from cart.domain.lock_request import LockRequest, lock_request_id
from contracts import cart as contract
from contracts.envelope import Command
from kernel.commands import Needed, Obeyed


def obeyed(catalogue: Catalogue, policy: Policy) -> Mapping[type[Command], Obeyed]:
    lock = partial(lock_cart, catalogue=catalogue, policy=policy)
    unlock = partial(unlock_cart, catalogue=catalogue)
    return {
        contract.Lock: Obeyed(by=lock, needs=_cart_and_request),
        contract.Hold: Obeyed(by=hold_cart, needs=_cart_and_request),
        contract.Unlock: Obeyed(by=unlock, needs=_cart_and_request),
        contract.Convert: Obeyed(by=convert_cart, needs=_cart_and_request),
    }


def _cart_and_request(command: contract.CartCommand) -> Needed:
    return (Cart, command.cart_id), (LockRequest, lock_request_id(command.process_id))
