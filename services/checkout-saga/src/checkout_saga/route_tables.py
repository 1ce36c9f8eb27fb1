"""The routes of the slices, with what each of them needs."""

from __future__ import annotations

from checkout_saga.checkout.buyers import personal_of
from checkout_saga.checkout.checkout_watcher import CheckoutWatcher
from checkout_saga.checkout.payment_details import Desk
from checkout_saga.checkout.routes import checkouts, paying, reviews, upsells
from checkout_saga.checkout.screening_values import Screens
from checkout_saga.checkout.start_rates import StartRates
from checkout_saga.checkout.tampering import TamperedRequests
from checkout_saga.customers import routes as customers
from checkout_saga.customers.vault import Vault
from checkout_saga.fraud import routes as fraud_rules
from checkout_saga.fulfillment.asset_store import asset_store_of
from checkout_saga.fulfillment.download_links import DownloadLinks
from checkout_saga.fulfillment.routes import certifications, downloads, licenses
from checkout_saga.fulfillment.seat_links import SeatLinks
from checkout_saga.notifications.routes import channels as notification_channels
from checkout_saga.notifications.routes import notifications
from checkout_saga.notifications.slack import SLACK
from checkout_saga.operations.dry_run import DryRuns
from checkout_saga.operations.routes import attention, differences, refunds, sagas
from checkout_saga.operations.triage import Triages
from checkout_saga.orders.customer_orders import orders_of
from checkout_saga.orders.routes import lines, orders, returns, shipments
from checkout_saga.orders.upsell_links import UpsellLinks
from checkout_saga.payments.accounts import routes as payment_accounts
from checkout_saga.payments.accounts.connecting import Accounts
from checkout_saga.payments.ports import PaymentProvider
from checkout_saga.privacy import routes as privacy
from checkout_saga.reconciliation.routes import reconciliations
from checkout_saga.settings import CheckoutSettings
from checkout_saga.shop_settings import routes as shop_settings
from checkout_saga.subscriptions.routes import invoices, subscriptions
from checkout_saga.webhooks import connecting as webhooks
from kernel.http.route_tables import RouteTable
from kernel.store.event_store import EventStore


def route_tables(
    settings: CheckoutSettings,
    store: EventStore,
    watcher: CheckoutWatcher,
    vault: Vault,
    providers: PaymentProvider,
    accounts: Accounts,
    dry_runs: DryRuns,
    triages: Triages,
) -> list[RouteTable]:
    rates, desk = StartRates(store.pool, settings.start_rate, vault), Desk(accounts, settings)
    upsell_links = UpsellLinks(settings.upsell_link_keys)
    screens = Screens(vault, settings.fraud_mode, settings.link_key)
    tampered = TamperedRequests(store.pool, screens)
    return [
        checkouts.table(settings, watcher, vault, rates, desk, screens, tampered),
        paying.table(desk, watcher, vault, screens),
        reviews.ROUTES,
        fraud_rules.ROUTES,
        orders.table(vault, personal_of, upsell_links),
        upsells.table(settings, store, watcher, vault, rates, desk, upsell_links),
        lines.ROUTES,
        shipments.ROUTES,
        returns.ROUTES,
        licenses.table(
            store,
            orders_of,
            vault,
            SeatLinks(settings.link_keys),
            test_environment=settings.env != "production",
        ),
        certifications.table(store, orders_of),
        downloads.table(store, orders_of, DownloadLinks(settings.link_keys), asset_store_of(settings)),
        subscriptions.ROUTES,
        invoices.ROUTES,
        shop_settings.ROUTES,
        notification_channels.table(
            vault, settings.slack_url or SLACK, test_environment=settings.env != "production"
        ),
        notifications.ROUTES,
        payment_accounts.table(accounts),
        webhooks.table(settings, store, accounts),
        refunds.table(store, providers, dry_runs),
        reconciliations.ROUTES,
        differences.table(dry_runs),
        customers.table(store, vault, test_environment=settings.env != "production"),
        privacy.table(store, vault),
        sagas.table(dry_runs, triages),
        attention.ROUTES,
    ]
