"""Find and change a tenant's payment accounts."""

from __future__ import annotations

from checkout_saga.payments.accounts.domain import Account, PaymentAccounts, accounts_id
from checkout_saga.payments.accounts.errors import PaymentAccountNotFound
from kernel.unit_of_work import UnitOfWork


async def find_accounts(work: UnitOfWork) -> PaymentAccounts:
    return await work.open(PaymentAccounts, accounts_id(work.context.tenant))


async def find_account(gateway: str, work: UnitOfWork) -> PaymentAccounts:
    """Raises ``PaymentAccountNotFound``."""
    accounts = await find_accounts(work)
    if gateway not in accounts.by_gateway:
        raise PaymentAccountNotFound(f"There is no payment account for {gateway}.")
    return accounts


async def change_account(account: Account, work: UnitOfWork, *, default: bool) -> PaymentAccounts:
    accounts = await find_accounts(work)
    accounts.change(account, default=default)
    return accounts
