"""What payment methods need of a request, before anything is known of the sale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checkout_saga.checkout.domain.errors import PaymentDetailsRequired
from checkout_saga.checkout.domain.waits import BOLETO, PUSH_METHODS
from checkout_saga.checkout.schemas.requests import NewCheckout, PaymentWay
from checkout_saga.payments.accounts.connecting import Accounts
from checkout_saga.payments.providers.registry import without_account
from checkout_saga.settings import CheckoutSettings
from kernel.http.problems import card_number, unavailable
from kernel.security.card_numbers import is_card_number

BOLETO_NEEDS = (("customer", "name"), ("customer", "tax_id"), ("billing_address",))
"""Members of a customer's personal details; a boleto names who owes it."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a customer chooses how to pay: among what the shop's accounts offer."""

    accounts: Accounts
    settings: CheckoutSettings

    async def provider(self, body: PaymentWay, pointer: str, tenant: str) -> str:
        """The provider that serves the payment. Raises ``Problem`` for the number of a card and for an
        account whose credentials the provider refuses, and ``PaymentMethodNotAvailable``."""
        if body.token and is_card_number(body.token):
            raise card_number(pointer)
        return await self.check(body.gateway, body.method, tenant)

    async def check(self, wanted: str | None, method: str, tenant: str) -> str:
        """The provider ``wanted``, or the shop's own choice for the method. Raises as ``provider`` does."""
        offered = await self.accounts.of_tenant(tenant)
        gateway = offered.gateway_for(wanted, method, without_account(self.settings))
        if await self.accounts.is_unhealthy(offered, tenant, gateway):
            raise unavailable("The payment provider does not accept the shop's account at present.")
        return gateway


def check_details(body: NewCheckout) -> None:
    """Raises ``PaymentDetailsRequired``. Whether a token is needed depends on the sale: a free order needs
    none."""
    if body.payment.method == BOLETO:
        check_boleto(body.model_dump(exclude_none=True))


def check_boleto(person: Mapping[str, Any]) -> None:
    """Raises ``PaymentDetailsRequired`` with all that is missing."""
    missing = [it for it in BOLETO_NEEDS if not _at(person, it)]
    if missing:
        detail = "A boleto needs the customer's name, tax number and billing address."
        raise PaymentDetailsRequired(detail, faults=dict.fromkeys(missing, "required"))


def check_token(body: PaymentWay) -> None:
    """Raises ``PaymentDetailsRequired``."""
    if body.token is None and body.method not in PUSH_METHODS:
        raise PaymentDetailsRequired("This payment method needs a token.", field=("token",))


def _at(person: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    found: Any = person
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
