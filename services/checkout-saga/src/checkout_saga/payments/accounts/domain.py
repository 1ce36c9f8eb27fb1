"""A tenant's accounts at payment providers, and which of them a new checkout uses."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from checkout_saga.payments.domain.errors import PaymentMethodNotAvailable
from contracts import payment_account as facts
from kernel.domain import Aggregate
from kernel.ids import derive_id

TENANTS = UUID("5f3b8a44-3c1e-4c53-9b0e-2f0a7f6f1f0c")


@dataclass(frozen=True, slots=True)
class Account:
    """``methods``: those that the shop has enabled at the provider. ``secrets_id``: where its credentials lie
    encrypted; None: the provider needs none."""

    gateway: str
    enabled: bool
    mode: str
    methods: tuple[str, ...]
    timeout_seconds: float
    secrets_id: UUID | None


class PaymentAccounts(Aggregate):
    """All accounts of a tenant, one for each provider."""

    def initialise(self) -> None:
        self.by_gateway: dict[str, Account] = {}
        self.default: str | None = None
        """The account that serves checkouts that name none, if it is enabled."""

    def change(self, account: Account, *, default: bool) -> None:
        """Records nothing if nothing changes. A new default replaces the one before."""
        same = self.by_gateway.get(account.gateway) == account
        if same and default == (self.default == account.gateway):
            return
        self.record(
            facts.Changed(
                gateway=account.gateway,
                enabled=account.enabled,
                mode=account.mode,
                methods=account.methods,
                default=default,
                timeout_seconds=account.timeout_seconds,
                secrets_id=account.secrets_id,
            )
        )

    def gateway_for(self, asked: str | None, method: str, without_account: dict[str, frozenset[str]]) -> str:
        """The provider of a new checkout: the one asked for, else the default account, else the only enabled
        one, else one that needs no account. ``without_account``: such providers of this installation, with
        their methods. Raises ``PaymentMethodNotAvailable`` if it does not offer the method."""
        gateway = asked or self._usual(without_account)
        account = self.by_gateway.get(gateway or "")
        if account:
            offered = frozenset(account.methods) if account.enabled else frozenset()
        else:
            offered = without_account.get(gateway or "", frozenset())
        if gateway is None or method not in offered:
            raise PaymentMethodNotAvailable(f"The payment method {method} is not available.")
        return gateway

    def _usual(self, without_account: dict[str, frozenset[str]]) -> str | None:
        enabled = [it.gateway for it in self.by_gateway.values() if it.enabled]
        if self.default in enabled:
            return self.default
        if len(enabled) == 1:
            return enabled[0]
        return next((it for it in without_account if it not in self.by_gateway), None)

    def evolve(self, fact: facts.PaymentAccountFact) -> None:
        match fact:
            case facts.Changed(gateway=gateway):
                self.by_gateway[gateway] = Account(
                    gateway,
                    fact.enabled,
                    fact.mode,
                    fact.methods,
                    fact.timeout_seconds,
                    fact.secrets_id,
                )
                if fact.default:
                    self.default = gateway
                elif self.default == gateway:
                    self.default = None


def accounts_id(tenant: str) -> UUID:
    """The stream of a tenant's accounts."""
    return derive_id(derive_id(TENANTS, tenant), "payment_accounts")


def account_id(tenant: str, gateway: str) -> UUID:
    """Derived, so that a tenant has one account at a provider."""
    return derive_id(accounts_id(tenant), gateway)
