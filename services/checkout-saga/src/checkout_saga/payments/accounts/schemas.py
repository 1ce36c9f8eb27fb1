"""The request and the view of a payment account."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from checkout_saga.payments.accounts.domain import PaymentAccounts, account_id
from kernel.http.descriptions import Word
from kernel.http.requests import Body

Method = Literal["card", "paypal", "pix", "boleto"]
Secret = Annotated[str, Field(min_length=8, max_length=500)]

FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "AccountBody": Word("A payment account as a whole; what is left out has its default."),
        "AccountView": Word("A payment account without its credentials."),
        "enabled": Word("Whether new checkouts may pay with it.", True),  # an example
        "default": Word("It serves checkouts that name no provider.", True),  # an example
        "mode": Word("test: no money moves.", "test"),
        "AccountBody.methods": Word("The payment methods that the shop offers with it.", ["card"]),
        "AccountView.methods": Word("The payment methods that the shop offers with it.", ["card"]),
        "credentials": Word("The provider's; left out: those that are stored stay."),
        "CredentialsBody": Word("Credentials of a payment account. They are never shown."),
        "secret_key": Word("The secret key of an account at Stripe.", "sk_test_4711"),
        "client_id": Word("The client of an account at PayPal.", "client-4711"),
        "client_secret": Word("The client's secret at PayPal.", "secret-4711"),
        "webhook_id": Word("The webhook's id at PayPal.", "WH-4711-0815"),
        "webhook_secrets": Word("Secrets that sign webhooks; two while they are changed.", ["whsec_4711"]),
        "timeout_seconds": Word("How long a call may take, in seconds.", 10),
        "AccountView.account_id": Word("The account's id.", "01970000-0000-7000-8000-000000000001"),
        "webhook_url": Word(
            "Where the provider sends its webhooks, below this service's address.",
            "/v1/webhooks/stripe?account=01970000-0000-7000-8000-000000000001",
        ),
        "healthy": Word("false: the provider refuses the credentials.", True),  # an example
    }
)


class CredentialsBody(Body):
    secret_key: Secret | None = Field(default=None, repr=False)
    client_id: Secret | None = Field(default=None, repr=False)
    client_secret: Secret | None = Field(default=None, repr=False)
    webhook_id: Secret | None = Field(default=None, repr=False)


class AccountBody(Body):
    enabled: bool
    default: bool = False
    mode: Literal["test", "live"]
    methods: Annotated[tuple[Method, ...], Field(min_length=1, max_length=4)]
    credentials: CredentialsBody | None = None
    webhook_secrets: Annotated[tuple[Secret, ...], Field(min_length=1, max_length=2)] | None = Field(
        default=None, repr=False
    )
    timeout_seconds: Annotated[float, Field(ge=1, le=12)] = 10.0


class AccountView(BaseModel):
    account_id: UUID
    gateway: str
    enabled: bool
    default: bool
    mode: Literal["test", "live"]
    methods: list[Method]
    timeout_seconds: float
    webhook_url: str
    healthy: bool
    version: int


def show_account(accounts: PaymentAccounts, tenant: str, gateway: str, *, healthy: bool) -> AccountView:
    account, its_id = accounts.by_gateway[gateway], account_id(tenant, gateway)
    return AccountView.model_validate(
        {
            "account_id": its_id,
            "gateway": gateway,
            "enabled": account.enabled,
            "default": accounts.default == gateway,
            "mode": account.mode,
            "methods": list(account.methods),
            "timeout_seconds": account.timeout_seconds,
            "webhook_url": f"/v1/webhooks/{gateway}?account={its_id}",
            "healthy": healthy,
            "version": accounts.version,
        }
    )
