"""The commands of checkouts, each with what handles it and what a batch of them reads at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Protocol
from uuid import UUID
from weakref import WeakKeyDictionary

from cart.carts.domain.cart import Cart
from cart.carts.domain.lock_attempt import LockAttempt, lock_attempt_id
from cart.carts.use_cases.abandonment import keeping_timers
from cart.carts.use_cases.cart_access import wanted_by
from cart.carts.use_cases.locking import CompleteFlows, convert_cart, hold_cart, lock_cart, unlock_cart
from cart.carts.use_cases.policy import Policy
from cart.catalogue.domain.excerpt import Catalogue
from contracts import cart as contract
from contracts.envelope import Command
from kernel.command_routes import CommandRoute, PreloadKeys
from kernel.unit_of_work import UnitOfWork

OfAddresses = Mapping[UUID, tuple[contract.RefusedRequest, ...]]


class Refusals(Protocol):
    """What storefronts were refused of late."""

    async def of_addresses(self, tenant: str, addresses: Collection[UUID]) -> OfAddresses:
        """By pseudonym; an address that was refused nothing has none."""


class Locks:
    """Locks carts for a batch of commands."""

    def __init__(self, catalogue: Catalogue, policy: Policy, refusals: Refusals) -> None:
        self._catalogue = catalogue
        self._policy = policy
        self._refusals = refusals
        self._read: WeakKeyDictionary[UnitOfWork, dict[str, OfAddresses]] = WeakKeyDictionary()
        """What was read for each unit of work, by tenant: it is handled by the same one, or read again."""

    async def read_ahead(self, commands: Sequence[contract.Lock], work: UnitOfWork) -> None:
        """One query for the catalogue's excerpts, for most locks are about a customer who is new, and one for
        what was refused of the buyers' addresses."""
        tenant = work.context.tenant
        carts = await work.open_many(Cart, [it.cart_id for it in commands])
        await self._catalogue.read_ahead(
            tenant, [wanted_by(carts[it.cart_id], buyer=it.customer_id) for it in commands]
        )
        if addresses := {it.address for it in commands if it.address}:
            self._read.setdefault(work, {})[tenant] = await self._refusals.of_addresses(tenant, addresses)

    async def lock(self, command: contract.Lock, work: UnitOfWork) -> None:
        known = self._read.get(work, {}).get(work.context.tenant, {})
        refused = known.get(command.address, ()) if command.address else ()
        await lock_cart(command, work, self._catalogue, self._policy, refused)


def command_routes(
    catalogue: Catalogue, policy: Policy, complete_flows: CompleteFlows, refusals: Refusals
) -> Mapping[type[Command], CommandRoute]:
    locks = Locks(catalogue, policy, refusals)
    unlock = partial(unlock_cart, catalogue=catalogue)
    convert = partial(convert_cart, complete_flows=complete_flows)
    return {
        contract.Lock: CommandRoute(
            handler=keeping_timers(locks.lock, policy),
            preload=_cart_and_attempt,
            prepare=locks.read_ahead,
        ),
        contract.Hold: CommandRoute(handler=hold_cart, preload=_cart_and_attempt),
        contract.Unlock: CommandRoute(handler=keeping_timers(unlock, policy), preload=_cart_and_attempt),
        contract.Convert: CommandRoute(handler=keeping_timers(convert, policy), preload=_cart_and_attempt),
    }


def _cart_and_attempt(command: contract.CartCommand) -> PreloadKeys:
    return (Cart, command.cart_id), (LockAttempt, lock_attempt_id(command.process_id))
