"""The route that payment providers call. It asks for no API key: the signature says whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Literal

from fastapi import Query, Request
from pydantic import BaseModel

from checkout_saga.webhooks.authenticity import Authenticity
from checkout_saga.webhooks.errors import WebhookSignatureInvalid
from checkout_saga.webhooks.metrics import REFUSED
from checkout_saga.webhooks.ports import RefusedWebhooks, WebhookAccounts
from checkout_saga.webhooks.receiving import Receiving
from checkout_saga.webhooks.signatures.paypal_certificates import Unavailable
from kernel.context import Context
from kernel.http.descriptions import Word
from kernel.http.problems import unavailable
from kernel.http.requests import Id
from kernel.http.route_tables import OPEN, Route, RouteTable
from kernel.ids import new_id
from kernel.store.event_store import EventStore

ACTOR = "provider"

Gateway = Literal["simulated", "stripe", "paypal"]


FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "ReceivedView": Word("The event was kept, or had been kept before."),
        "ReceivedView.received": Word("Always true.", True),  # an example
        "account": Word("The payment account; left out: each enabled one is tried."),
    }
)


class ReceivedView(BaseModel):
    received: bool


@dataclass(frozen=True, slots=True)
class _Handlers:
    store: EventStore
    accounts: WebhookAccounts
    authenticity: Authenticity
    receiving: Receiving
    refusals: RefusedWebhooks

    async def receive_webhook(
        self, gateway: Gateway, request: Request, account: Annotated[Id | None, Query()] = None
    ) -> ReceivedView:
        """Receive an event of a payment provider. What it is about is looked at; nothing that it says counts.
        Without an account every enabled account of the provider is tried."""
        body = await request.body()
        enabled = await self.accounts.enabled(gateway, account)
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            found = await self.authenticity.account_of(
                gateway, headers, body, enabled, await self.store.now()
            )
        except Unavailable:
            raise unavailable() from None
        if found is None:
            REFUSED.labels(gateway).inc()
            if account is not None and enabled:
                await self.refusals.note(gateway, enabled[0])
            raise WebhookSignatureInvalid("The signature fits no enabled account of this provider.")
        context = Context(
            tenant=found.tenant,
            correlation_id=request.state.correlation_id,
            causation_id=str(new_id()),
            actor=ACTOR,
            traceparent=request.state.traceparent,
        )
        await self.receiving.receive(gateway, found, body, context)
        return ReceivedView(received=True)


def table(
    store: EventStore,
    accounts: WebhookAccounts,
    authenticity: Authenticity,
    receiving: Receiving,
    refusals: RefusedWebhooks,
) -> RouteTable:
    do = _Handlers(store, accounts, authenticity, receiving, refusals)
    path = "/v1/webhooks/{gateway}"
    return RouteTable(
        "webhooks",
        (
            Route(
                *("POST", path, do.receive_webhook, OPEN),
                view=ReceivedView,
                refusals=(WebhookSignatureInvalid,),
                bodies={"application/json": '{"id": "evt_1", "type": "payment_intent.succeeded"}'},
            ),
        ),
    )
