"""The route by which an upsell is bought after a purchase."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated, TypeAlias
from uuid import UUID

from fastapi import Path, Response

from checkout_saga.checkout.checkout_watcher import CheckoutWatcher
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.payment_details import Desk
from checkout_saga.checkout.schemas.views import CheckoutView, show_checkout
from checkout_saga.checkout.start_rates import StartRates
from checkout_saga.checkout.use_cases.upselling import BuyUpsell, buy_upsell, find_purchase
from checkout_saga.customers.vault import Vault
from checkout_saga.orders.domain.errors import (
    UpsellAlreadyBought,
    UpsellExpired,
    UpsellNotAvailable,
    UpsellNotFound,
)
from checkout_saga.orders.domain.order_upsells import upsell_of_number
from checkout_saga.orders.upsell_links import UpsellLinks
from checkout_saga.payments.domain.errors import PaymentMethodNotAvailable
from checkout_saga.settings import CheckoutSettings
from kernel import ids
from kernel.http.dependencies import LinkWrite
from kernel.http.requests import PathId
from kernel.http.results import Result
from kernel.http.route_tables import OPEN, Route, RouteTable
from kernel.security.link_tokens import MAX_TOKEN_LENGTH
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork

LINK_NAME = "upsell"
LinkToken: TypeAlias = Annotated[str, Path(max_length=MAX_TOKEN_LENGTH)]


@dataclass(frozen=True, slots=True)
class _Handlers:
    settings: CheckoutSettings
    store: EventStore
    watcher: CheckoutWatcher
    vault: Vault
    rates: StartRates
    desk: Desk
    links: UpsellLinks

    async def buy_upsell(self, order_id: PathId, token: LinkToken, request: LinkWrite) -> Response:
        """Charged to the payment method of the order, by a checkout of its own: `GET
        /v1/checkouts/{checkout_id}` tells how it ends. The token is all that is needed, and an API key is not
        looked at. Purchases count for the rate of checkouts of their customer."""
        link = self.links.read(token, order_id)
        write = await request.command(link.tenant, LINK_NAME)
        order, bought = await self.store.run(write.context, partial(find_purchase, order_id))
        upsell_id = upsell_of_number(order, link.attempt).upsell_id
        paid_by = bought.attempt_now
        await self.desk.check(paid_by.gateway, paid_by.method, link.tenant)
        opened = await self.vault.open(link.tenant, order.customer_id, bought.personal)
        command = BuyUpsell(order_id, upsell_id, ids.new_id(), is_erased=opened is None)

        async def begin(work: UnitOfWork) -> UUID:
            settings = self.settings
            started = await buy_upsell(command, work, settings.session_time, settings.checkout_definition)
            return started.id

        async def answer_for(checkout_id: UUID) -> Result:
            return await self.watcher.read(write.context, checkout_id, _response)

        admit = self.rates.admission_by_link(link.tenant, order.customer_id)
        return await write.begin_and_respond(begin, answer_for, admit)


def _response(checkout: Checkout) -> Result:
    return Result(show_checkout(checkout), checkout.version, status=202)


def table(
    settings: CheckoutSettings,
    store: EventStore,
    watcher: CheckoutWatcher,
    vault: Vault,
    rates: StartRates,
    desk: Desk,
    links: UpsellLinks,
) -> RouteTable:
    do = _Handlers(settings, store, watcher, vault, rates, desk, links)
    refusals = (
        UpsellNotFound,
        UpsellExpired,
        UpsellAlreadyBought,
        UpsellNotAvailable,
        PaymentMethodNotAvailable,
    )
    return RouteTable(
        "upsells",
        (
            Route(
                "POST",
                "/v1/orders/{order_id}/upsells/{token}/purchase",
                do.buy_upsell,
                OPEN,
                CheckoutView,
                refusals,
                status=202,
                keeps_keys=True,
            ),
        ),
    )
