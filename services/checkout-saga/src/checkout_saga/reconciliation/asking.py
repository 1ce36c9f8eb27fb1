"""A run that a person asks for: of an account that the shop has."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.payments.accounts.use_cases import find_accounts
from checkout_saga.payments.domain.entries import Window
from checkout_saga.reconciliation.domain.errors import NoAccountToReconcile
from checkout_saga.reconciliation.domain.run import Reconciliation
from checkout_saga.reconciliation.use_cases.running import start_run
from kernel.unit_of_work import UnitOfWork


async def start_asked_run(
    account: UUID, asked: Window, work: UnitOfWork, *, needs_account: bool
) -> Reconciliation:
    """A person asks for it. ``needs_account``: the provider has none of its own for all tenants. Raises
    ``NoAccountToReconcile`` and ``ReconciliationUnderWay``."""
    if needs_account and asked.gateway not in (await find_accounts(work)).by_gateway:
        raise NoAccountToReconcile(f"The shop has no account at {asked.gateway}.")
    return await start_run(account, asked.gateway, asked.since, asked.until, work)
