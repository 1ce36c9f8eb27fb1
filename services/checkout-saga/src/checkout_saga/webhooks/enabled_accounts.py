"""The enabled payment accounts of all tenants, with what their webhooks are signed with."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.payments.accounts.connecting import Accounts
from checkout_saga.payments.accounts.domain import account_id
from checkout_saga.webhooks.ports import WebhookAccount
from kernel.postgres.service_pool import ServicePool

TENANTS = """
    SELECT DISTINCT tenant FROM payment_secrets WHERE $1::uuid IS NULL OR account_id = $1 ORDER BY tenant
"""


class EnabledAccounts:
    def __init__(self, pool: ServicePool, accounts: Accounts) -> None:
        self._pool = pool
        self._accounts = accounts

    async def enabled(self, gateway: str, wanted: UUID | None) -> list[WebhookAccount]:
        found = []
        for row in await self._pool.fetch(TENANTS, wanted):
            account = await self._of_tenant(row["tenant"], gateway)
            if account and wanted in {None, account.account_id}:
                found.append(account)
        return found

    async def _of_tenant(self, tenant: str, gateway: str) -> WebhookAccount | None:
        account = (await self._accounts.of_tenant(tenant)).by_gateway.get(gateway)
        if account is None or not account.enabled or account.secrets_id is None:
            return None
        secrets = await self._accounts.safe.open(tenant, account.secrets_id)
        if secrets is None:
            return None
        its_id = account_id(tenant, gateway)
        return WebhookAccount(its_id, tenant, secrets.webhook, secrets.credentials.get("webhook_id"))
