"""The routes of a tenant's payment accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from fastapi import Response

from checkout_saga.payments.accounts import use_cases
from checkout_saga.payments.accounts.connecting import Accounts
from checkout_saga.payments.accounts.domain import Account, account_id
from checkout_saga.payments.accounts.errors import PaymentAccountNotFound, PaymentCredentialsRequired
from checkout_saga.payments.accounts.safe import Secrets
from checkout_saga.payments.accounts.schemas import AccountBody, AccountView, show_account
from checkout_saga.payments.domain.errors import PaymentMethodNotAvailable
from checkout_saga.payments.providers.registry import PROVIDERS
from checkout_saga.payments.schemas import ProviderName
from contracts.roles import ADMINS
from kernel.http.dependencies import Read, Write
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class _Handlers:
    accounts: Accounts

    async def change_payment_account(
        self, gateway: ProviderName, body: AccountBody, write: Write
    ) -> Response:
        """Replace the account at a provider. Credentials and webhook secrets that are left out stay as they
        are stored; none of them is ever shown, logged or published."""
        tenant = write.context.tenant
        _check_methods(gateway, body)

        async def act(work: UnitOfWork) -> Result:
            accounts = await use_cases.find_accounts(work)
            write.check(accounts)
            secrets_id = await self._stored(tenant, gateway, body, accounts.by_gateway.get(gateway))
            account = Account(
                gateway, body.enabled, body.mode, tuple(body.methods), body.timeout_seconds, secrets_id
            )
            accounts = await use_cases.change_account(account, work, default=body.default)
            return Result(show_account(accounts, tenant, gateway, healthy=True), accounts.version)

        response = await write.run(act)
        await self._drop_replaced(tenant, gateway)
        return response

    async def get_payment_account(self, gateway: ProviderName, read: Read) -> Response:
        """The account at a provider, without its credentials."""
        accounts_now = await self.accounts.of_tenant(read.tenant)
        unhealthy = await self.accounts.is_unhealthy(accounts_now, read.tenant, gateway)

        async def act(work: UnitOfWork) -> Result:
            accounts = await use_cases.find_account(gateway, work)
            view = show_account(accounts, read.tenant, gateway, healthy=not unhealthy)
            return Result(view, accounts.version)

        return await read.run(act)

    async def _drop_replaced(self, tenant: str, gateway: str) -> None:
        """What counts is read again: a repeated request has changed nothing, and what it had set may have
        been replaced since."""
        account = (await self.accounts.of_tenant(tenant)).by_gateway.get(gateway)
        if account and account.secrets_id:
            its_id = account_id(tenant, gateway)
            await self.accounts.safe.drop_older(tenant, its_id, account.secrets_id)

    async def _stored(
        self, tenant: str, gateway: str, body: AccountBody, known: Account | None
    ) -> UUID | None:
        """The id of the row with the credentials that count from now on; the same one if nothing in it
        changes and the provider accepts it. It is decided with the account as the unit of work has read it:
        after another change, which may delete the row, it is decided again."""
        current = known.secrets_id if known else None
        stored = await self.accounts.safe.open(tenant, current) if current else None
        secrets = _merged(body, stored)
        _check_credentials(gateway, secrets)
        if not secrets.credentials and not secrets.webhook:
            return None
        if current and secrets == stored and not await self.accounts.safe.is_unhealthy(tenant, current):
            return current
        return await self.accounts.safe.keep(tenant, account_id(tenant, gateway), secrets)


def _merged(body: AccountBody, stored: Secrets | None) -> Secrets:
    """What is given, and of what is left out that which is stored."""
    credentials: Mapping[str, str] = stored.credentials if stored else {}
    if body.credentials is not None:
        credentials = body.credentials.model_dump(exclude_none=True)
    webhook = body.webhook_secrets if body.webhook_secrets is not None else (stored and stored.webhook)
    return Secrets(credentials, tuple(webhook or ()))


def _check_methods(gateway: str, body: AccountBody) -> None:
    possible = PROVIDERS[gateway].methods
    if unknown := sorted(set(body.methods) - possible):
        raise PaymentMethodNotAvailable(f"{gateway} does not offer {', '.join(unknown)}.")


def _check_credentials(gateway: str, secrets: Secrets) -> None:
    needed = PROVIDERS[gateway].credentials
    if set(secrets.credentials) != needed:
        wanted = ", ".join(sorted(needed)) or "none"
        raise PaymentCredentialsRequired(f"The credentials of {gateway} are: {wanted}.")


def table(accounts: Accounts) -> RouteTable:
    do = _Handlers(accounts)
    path = "/v1/payment-accounts/{gateway}"
    refusals = (PaymentMethodNotAvailable, PaymentCredentialsRequired)
    return RouteTable(
        "payment accounts",
        (
            Route("GET", path, do.get_payment_account, ADMINS, AccountView, (PaymentAccountNotFound,)),
            Route("PUT", path, do.change_payment_account, ADMINS, AccountView, refusals),
        ),
    )
