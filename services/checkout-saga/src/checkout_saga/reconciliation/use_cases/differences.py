"""Note differences, list them, and resolve them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from checkout_saga.payments.domain.entries import Entry
from checkout_saga.payments.domain.payment import Payment
from checkout_saga.reconciliation.domain.difference import Difference, Resolution, difference_id
from checkout_saga.reconciliation.domain.errors import DifferenceNotFound, DifferenceNotResolvable
from checkout_saga.reconciliation.domain.index_keys import DIFFERENCE, OPEN, RESOLVED, difference_key
from checkout_saga.reconciliation.domain.judging import Verdict
from contracts import reconciliation as facts
from kernel.unit_of_work import UnitOfWork


async def note_difference(found: facts.DifferenceFound, entry: Entry | None, work: UnitOfWork) -> bool:
    """``entry``: the provider's side, if it has one. True: it waits for an operator."""
    its_id = difference_id(found)
    difference = await work.open(Difference, its_id)
    if difference.find(found):
        if entry is not None and found.code == Verdict.MONEY_FOUND:
            difference.find_money(entry)
        work.claim_key(DIFFERENCE, difference_key(OPEN, work.now, its_id), its_id)
    return difference.is_open


async def find_difference(its_id: UUID, work: UnitOfWork) -> Difference:
    """Raises ``DifferenceNotFound``."""
    difference = await work.open(Difference, its_id)
    if not difference.exists:
        raise DifferenceNotFound("There is no such difference.")
    return difference


async def open_differences(work: UnitOfWork) -> Sequence[Difference]:
    """Those that wait for an operator, oldest first."""
    keys = await work.keys_with_prefix(DIFFERENCE, f"{OPEN}/")
    opened = await work.open_many(Difference, keys.values())
    return [opened[keys[it]] for it in sorted(keys)]


async def resolve_difference(
    its_id: UUID, resolution: Resolution, reason: str, payment_id: UUID | None, work: UnitOfWork
) -> Difference:
    """``payment_id``: to which found money is assigned. Raises ``DifferenceNotFound`` and
    ``DifferenceNotResolvable``."""
    difference = await find_difference(its_id, work)
    if payment_id is not None and not (await work.open(Payment, payment_id)).exists:
        raise DifferenceNotResolvable("There is no such payment.")
    difference.resolve(resolution, work.context.actor, reason, payment_id)
    work.release_key(DIFFERENCE, difference_key(OPEN, difference.found_at, its_id))
    work.claim_key(DIFFERENCE, difference_key(RESOLVED, difference.found_at, its_id), its_id)
    return difference


async def list_again(difference: Difference, work: UnitOfWork) -> None:
    """After its facts have been recovered."""
    status = OPEN if difference.is_open else RESOLVED
    work.claim_key(DIFFERENCE, difference_key(status, difference.found_at, difference.id), difference.id)
