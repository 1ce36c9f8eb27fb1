"""The words of the service's interface: each field and model with its meaning."""

from __future__ import annotations

from checkout_saga.checkout.schemas import descriptions as of_checkouts
from checkout_saga.checkout.schemas import reviews as of_reviews
from checkout_saga.customers import descriptions as of_customers
from checkout_saga.fraud import schemas as of_fraud_rules
from checkout_saga.fulfillment.schemas import certifications as of_certifications
from checkout_saga.fulfillment.schemas import downloads as of_downloads
from checkout_saga.fulfillment.schemas import licenses as of_licenses
from checkout_saga.notifications.schemas import channels as of_channels
from checkout_saga.notifications.schemas import notifications as of_notifications
from checkout_saga.operations.schemas import attention as of_attention
from checkout_saga.operations.schemas import dry_runs as of_dry_runs
from checkout_saga.operations.schemas import triage as of_triage
from checkout_saga.orders.schemas import descriptions as of_orders
from checkout_saga.orders.schemas import details as of_order_details
from checkout_saga.orders.schemas import returns as of_returns
from checkout_saga.orders.schemas import shipments as of_shipments
from checkout_saga.orders.schemas import upsells as of_upsells
from checkout_saga.payments import schemas as of_payments
from checkout_saga.payments.accounts import schemas as of_payment_accounts
from checkout_saga.privacy import schemas as of_privacy
from checkout_saga.reconciliation.schemas import views as of_reconciliations
from checkout_saga.shop_settings import schemas as of_shop_settings
from checkout_saga.subscriptions.schemas import invoices as of_invoices
from checkout_saga.subscriptions.schemas import subscriptions as of_subscriptions
from checkout_saga.webhooks import routes as of_webhooks
from kernel.http.descriptions import Words

FIELD_DESCRIPTIONS: Words = {
    **of_checkouts.FIELD_DESCRIPTIONS,
    **of_reviews.REVIEW_DESCRIPTIONS,
    **of_fraud_rules.FIELD_DESCRIPTIONS,
    **of_orders.FIELD_DESCRIPTIONS,
    **of_order_details.FIELD_DESCRIPTIONS,
    **of_upsells.FIELD_DESCRIPTIONS,
    **of_attention.FIELD_DESCRIPTIONS,
    **of_dry_runs.FIELD_DESCRIPTIONS,
    **of_triage.FIELD_DESCRIPTIONS,
    **of_shipments.FIELD_DESCRIPTIONS,
    **of_returns.FIELD_DESCRIPTIONS,
    **of_certifications.FIELD_DESCRIPTIONS,
    **of_downloads.FIELD_DESCRIPTIONS,
    **of_licenses.FIELD_DESCRIPTIONS,
    **of_payments.FIELD_DESCRIPTIONS,
    **of_payment_accounts.FIELD_DESCRIPTIONS,
    **of_customers.FIELD_DESCRIPTIONS,
    **of_privacy.FIELD_DESCRIPTIONS,
    **of_subscriptions.FIELD_DESCRIPTIONS,
    **of_invoices.FIELD_DESCRIPTIONS,
    **of_shop_settings.FIELD_DESCRIPTIONS,
    **of_channels.FIELD_DESCRIPTIONS,
    **of_notifications.FIELD_DESCRIPTIONS,
    **of_reconciliations.FIELD_DESCRIPTIONS,
    **of_webhooks.FIELD_DESCRIPTIONS,
}
