"""The account with which a payment provider is called."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from checkout_saga.payments.accounts.domain import PaymentAccounts, account_id, accounts_id
from checkout_saga.payments.accounts.safe import Safe, Secrets
from checkout_saga.payments.domain.alarms import ACCOUNT_UNHEALTHY
from checkout_saga.payments.domain.entries import Window
from checkout_saga.payments.domain.operation import ActionNeeded, Done, Outcome, PaymentRequest, Unknown
from kernel.context import Context
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """An account with its credentials, which no log and no answer may contain."""

    account_id: UUID
    tenant: str
    mode: str
    timeout_seconds: float
    secrets_id: UUID
    secrets: Secrets = field(repr=False)


class Accounts:
    def __init__(self, store: EventStore, safe: Safe) -> None:
        self._store = store
        self.safe = safe

    async def of(self, asked: PaymentRequest | Window) -> OpenAccount | None:
        """The account that it is asked with. A disabled one still serves what was begun with it. None: the
        tenant has none, or its credentials cannot be read."""
        accounts = await self.of_tenant(asked.merchant)
        found = accounts.by_gateway.get(asked.gateway)
        secrets_id = found.secrets_id if found else None
        secrets = await self.safe.open(asked.merchant, secrets_id) if secrets_id else None
        if found is None or secrets_id is None or secrets is None:
            return None
        its_id = account_id(asked.merchant, asked.gateway)
        return OpenAccount(its_id, asked.merchant, found.mode, found.timeout_seconds, secrets_id, secrets)

    async def of_tenant(self, tenant: str) -> PaymentAccounts:
        context = Context(tenant, "payment accounts", "payment accounts", "payment accounts")

        async def read(work: UnitOfWork) -> PaymentAccounts:
            return await work.open(PaymentAccounts, accounts_id(tenant))

        return await self._store.run(context, read)

    async def is_unhealthy(self, accounts: PaymentAccounts, tenant: str, gateway: str) -> bool:
        """The provider has refused the credentials of this account of the tenant's."""
        account = accounts.by_gateway.get(gateway)
        if account is None or account.secrets_id is None:
            return False
        return await self.safe.is_unhealthy(tenant, account.secrets_id)

    async def refused(self, account: OpenAccount) -> None:
        """The provider has refused the credentials: new checkouts are turned away until it takes them again,
        or there are others. Calls of earlier checkouts are repeated meanwhile, and so find that out."""
        await self.safe.health.mark_unhealthy(account.tenant, account.secrets_id)

    async def note_answer(self, account: OpenAccount, outcome: Outcome) -> None:
        """What an outcome says of the credentials: what a provider has done, it did for them."""
        if isinstance(outcome, Done | ActionNeeded):
            await self.safe.health.mark_healthy(account.tenant, account.secrets_id)
        elif isinstance(outcome, Unknown) and outcome.alarm == ACCOUNT_UNHEALTHY:
            await self.refused(account)
