"""The routes by which a customer acts on a payment: pay in another way, confirm, cancel."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fastapi import Response

from checkout_saga.checkout.checkout_watcher import CheckoutWatcher
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.errors import (
    CheckoutNotFound,
    CurrencyNotSupported,
    NoActionRequired,
    NoPaymentWanted,
    PaymentDetailsRequired,
    TooLateToCancel,
    TooManyPendingPayments,
)
from checkout_saga.checkout.domain.waits import BOLETO
from checkout_saga.checkout.payment_details import Desk, check_boleto, check_token
from checkout_saga.checkout.schemas.requests import NextPayment
from checkout_saga.checkout.schemas.views import CheckoutView, view_of
from checkout_saga.checkout.screening_values import Screens
from checkout_saga.checkout.sealing import sealed_payment
from checkout_saga.checkout.use_cases import buying
from checkout_saga.checkout.use_cases.buying import find_checkout
from checkout_saga.customers.vault import Vault
from checkout_saga.payments.domain.errors import PaymentMethodNotAvailable
from contracts.roles import SHOPPERS
from kernel.http.client_address import ClientAddress
from kernel.http.dependencies import Write
from kernel.http.handlers import execute
from kernel.http.requests import PathId
from kernel.http.route_tables import Route, RouteTable

BY_ID = "/v1/checkouts/{checkout_id}"


@dataclass(frozen=True, slots=True)
class _Handlers:
    desk: Desk
    watcher: CheckoutWatcher
    vault: Vault
    screens: Screens

    async def pay_again(
        self, checkout_id: PathId, body: NextPayment, write: Write, address: ClientAddress
    ) -> Response:
        """Pay in another way, after the last one was declined: as long as the checkout waits for it."""
        gateway = await self.desk.provider(body, "/token", write.context.tenant)
        known = await self.watcher.read(write.context, checkout_id, _buyer_and_details)
        if known is None:
            raise CheckoutNotFound("There is no such checkout.")
        if body.method == BOLETO:
            opened = await self.vault.open(write.context.tenant, *known)
            check_boleto(opened or {})
        check_token(body)
        command = await sealed_payment(body, gateway, checkout_id, known[0], write.context.tenant, self.vault)
        screening = self.screens.of(
            write.principal, known[0], gateway=gateway, token=body.token, address=address
        )
        command = replace(command, screening=screening)
        return await execute(
            write, find_checkout, checkout_id, lambda work: buying.pay_again(command, work), view_of
        )


async def cancel_checkout(checkout_id: PathId, write: Write) -> Response:
    """Cancel the checkout, before its capture."""
    return await execute(
        write,
        find_checkout,
        checkout_id,
        lambda work: buying.cancel_checkout(checkout_id, work),
        view_of,
        find_checkout,
    )


async def confirm_action(checkout_id: PathId, write: Write) -> Response:
    """The customer has acted at the gateway; the gateway is asked for the outcome."""
    return await execute(
        write, find_checkout, checkout_id, lambda work: buying.confirm_action(checkout_id, work), view_of
    )


def _buyer_and_details(checkout: Checkout) -> tuple[str, str] | None:
    """The customer's id, and the encrypted personal details."""
    return (checkout.customer_id, checkout.personal) if checkout.exists else None


def table(desk: Desk, watcher: CheckoutWatcher, vault: Vault, screens: Screens) -> RouteTable:
    do = _Handlers(desk, watcher, vault, screens)
    to_pay = (
        CheckoutNotFound,
        NoPaymentWanted,
        PaymentMethodNotAvailable,
        PaymentDetailsRequired,
        CurrencyNotSupported,
        TooManyPendingPayments,
    )
    to_cancel = (CheckoutNotFound, TooLateToCancel)
    to_confirm = (CheckoutNotFound, NoActionRequired)
    return RouteTable(
        "paying",
        (
            Route("POST", f"{BY_ID}/payment", do.pay_again, SHOPPERS, CheckoutView, to_pay),
            Route(
                "POST", f"{BY_ID}/cancel", cancel_checkout, SHOPPERS, CheckoutView, to_cancel, keeps_keys=True
            ),
            Route("POST", f"{BY_ID}/confirm-action", confirm_action, SHOPPERS, CheckoutView, to_confirm),
        ),
    )
