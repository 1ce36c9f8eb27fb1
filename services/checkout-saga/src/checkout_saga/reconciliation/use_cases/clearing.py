"""Money that is left in the ledger's account ``clearing`` once its checkout has ended.

A capture puts it there. The paid order takes it out, or the refund of a checkout without one. Both happen
before a checkout ends.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.orders.domain.order import Order, order_id_of
from checkout_saga.payments.domain.payment import Payment
from checkout_saga.reconciliation.domain.codes import CLEARING_NOT_EMPTY
from checkout_saga.reconciliation.domain.run import Counts
from checkout_saga.reconciliation.use_cases.comparing import Account
from checkout_saga.reconciliation.use_cases.differences import (
    note_difference,
    open_differences,
    resolve_difference,
)
from contracts import reconciliation as facts
from kernel.domain import Aggregate
from kernel.unit_of_work import UnitOfWork

KIND = "clearing"
"""The kind of such differences."""
EMPTY = "The money has left the clearing account."
"""The reason with which a difference is resolved by itself."""


async def report_clearing(payment_ids: Collection[UUID], account: Account, work: UnitOfWork) -> Counts:
    """Of the checkouts of these payments."""
    payments = await work.open_many(Payment, payment_ids)
    at_account = [it for it in payments.values() if it.captured and it.gateway == account.gateway]
    checkouts = {it.checkout_id: it.currency for it in at_account if it.checkout_id}
    streams: list[tuple[type[Aggregate], UUID]] = [(Checkout, it) for it in checkouts]
    await work.preload(streams + [(Order, order_id_of(it)) for it in checkouts])
    still_open = 0
    for checkout_id, currency in checkouts.items():
        if left := await left_in_clearing(checkout_id, work):
            found = _difference(checkout_id, left, currency, account)
            still_open += await note_difference(found, None, work)
    return Counts(open=still_open)


async def resolve_empty_clearing(account: Account, work: UnitOfWork) -> None:
    """Resolve those differences of the account whose money has left the clearing account since."""
    for difference in await open_differences(work):
        if (difference.code, difference.account_id) != (CLEARING_NOT_EMPTY, account.id):
            continue
        if difference.checkout_id and not await left_in_clearing(difference.checkout_id, work):
            await resolve_difference(difference.id, "accepted", EMPTY, None, work)


async def left_in_clearing(checkout_id: UUID, work: UnitOfWork) -> int:
    """In minor units: above 0 what was captured and is not accounted for, below 0 what was accounted for and
    not captured. 0 as long as the checkout has not ended."""
    checkout = await work.open(Checkout, checkout_id)
    if not (checkout.exists and checkout.ended):
        return 0
    order = await work.open(Order, order_id_of(checkout_id))
    payments = await work.open_many(Payment, {it.payment_id for it in checkout.attempts})
    captured = sum(it.captured - it.refunded_from_clearing for it in payments.values())
    return captured - (order.sale.totals.total if order.paid else 0)


def _difference(checkout_id: UUID, left: int, currency: str, account: Account) -> facts.DifferenceFound:
    return facts.DifferenceFound(
        account_id=account.id,
        gateway=account.gateway,
        code=CLEARING_NOT_EMPTY,
        kind=KIND,
        reference=str(checkout_id),
        currency=currency,
        ours=left,
        checkout_id=checkout_id,
    )
