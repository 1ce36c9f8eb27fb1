"""A cart's lock reports what was refused of the buyer's address, for the fraud rules."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from cart.carts.use_cases.commands import Locks, OfAddresses
from contracts import cart as contract
from contracts.cart import RefusedRequest
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, given
from tests.unit.cart.catalogues import USUAL_CATALOGUE
from tests.unit.cart.facts import ATTEMPT, CART, CHECKOUT, STEP, created, item_added, locked, sale
from tests.unit.cart.policies import DEFAULT_POLICY

BUYER, OTHER = UUID(int=1), UUID(int=2)
GUESS = RefusedRequest(request_id=UUID(int=3), signal="bad_code", at=NOW - timedelta(minutes=1))
PRICE = RefusedRequest(request_id=UUID(int=4), signal="tampering", at=NOW)


class Noted:
    """What was refused, by tenant and address, and which addresses were asked for."""

    def __init__(self) -> None:
        self.noted = {("demo", BUYER): (GUESS, PRICE), ("rival", OTHER): (GUESS,)}
        self.asked: list[set[UUID]] = []

    async def of_addresses(self, tenant: str, addresses: Collection[UUID]) -> OfAddresses:
        self.asked.append(set(addresses))
        return {it: self.noted[tenant, it] for it in addresses if (tenant, it) in self.noted}


def lock(address: UUID | None) -> contract.Lock:
    return contract.Lock(cart_id=CART, checkout_id=CHECKOUT, step=STEP, address=address)


async def in_batch(commands: Sequence[contract.Lock], work: UnitOfWork, locks: Locks) -> None:
    """As a batch of commands is handled."""
    await locks.read_ahead(commands, work)
    for it in commands:
        await locks.lock(it, work)


def test_the_reply_has_what_was_refused_of_the_buyers_address_and_so_has_its_repetition() -> None:
    locks = Locks(USUAL_CATALOGUE, DEFAULT_POLICY, Noted())
    story = given(created(), item_added(2)).when(in_batch, [lock(BUYER)], locks)
    story.then(locked(frozen=sale(2), refused=(GUESS, PRICE)))
    story.when(in_batch, [lock(BUYER)], Locks(USUAL_CATALOGUE, DEFAULT_POLICY, Noted()))
    story.then(locked(frozen=sale(2), refused=(GUESS, PRICE), stream=ATTEMPT))


def test_the_reply_has_nothing_of_other_addresses_and_of_other_tenants() -> None:
    locks = Locks(USUAL_CATALOGUE, DEFAULT_POLICY, Noted())
    given(created(), item_added(2)).when(in_batch, [lock(OTHER)], locks).then(locked(frozen=sale(2)))


def test_the_addresses_of_a_batch_are_asked_for_together_and_those_of_backends_not_at_all() -> None:
    noted = Noted()
    locks = Locks(USUAL_CATALOGUE, DEFAULT_POLICY, noted)
    given(created(), item_added(2)).when(in_batch, [lock(None)], locks)
    assert noted.asked == []
    given(created(), item_added(2)).when(in_batch, [lock(BUYER), lock(OTHER), lock(BUYER)], locks)
    assert noted.asked == [{BUYER, OTHER}]
