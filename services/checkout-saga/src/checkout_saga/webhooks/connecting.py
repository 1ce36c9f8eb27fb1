"""Connects the webhooks of payment providers with the accounts and the checkouts."""

from __future__ import annotations

from checkout_saga.checkout.use_cases.provider_events import Announced, take_event
from checkout_saga.payments.accounts.connecting import Accounts
from checkout_saga.settings import CheckoutSettings
from checkout_saga.webhooks import routes
from checkout_saga.webhooks.authenticity import Authenticity
from checkout_saga.webhooks.domain.event import Event
from checkout_saga.webhooks.enabled_accounts import EnabledAccounts
from checkout_saga.webhooks.receiving import Receiving
from checkout_saga.webhooks.refusals import Refusals
from checkout_saga.webhooks.signatures.paypal_certificates import Certificates, roots_of
from kernel.http.route_tables import RouteTable
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork


def table(settings: CheckoutSettings, store: EventStore, accounts: Accounts) -> RouteTable:
    certificates = Certificates(roots_of(settings.paypal_ca_file), settings.paypal_url)
    enabled = EnabledAccounts(store.pool, accounts)
    receiving, refusals = Receiving(store, _notify), Refusals(store.pool)
    return routes.table(store, enabled, Authenticity(certificates), receiving, refusals)


async def _notify(gateway: str, event: Event, work: UnitOfWork) -> bool:
    if event.payment_id is None:
        return False
    announced = Announced(gateway, event.payment_id, event.id, event.type, event.reference)
    return await take_event(announced, work)
