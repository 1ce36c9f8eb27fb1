"""The rights of each service's roles, table by table; they have no others."""

from __future__ import annotations

from collections.abc import Mapping

import asyncpg
import pytest

from devstack.databases import Database
from projections.models.registry import REGISTRY

READ, ADD, KEEP = "SELECT", "SELECT INSERT", "SELECT INSERT UPDATE"
CHANGE, ALL = "SELECT UPDATE", "SELECT INSERT UPDATE DELETE"
LEAVE = "SELECT INSERT DELETE"
KERNEL = {
    "_yoyo_migration": READ,
    "api_keys": READ,  # and INSERT and UPDATE on some of its columns
    "claims": ALL,
    "clock": READ,
    "clock_move": CHANGE,
    "consumer_behind": ALL,
    "consumer_offset": KEEP,
    "consumer_seen": ALL,
    "idempotency": ALL,
    "log": ADD,
    "parked": KEEP,
    "parked_acts": ADD,
    "relay_cursor": CHANGE,
    "snapshots": ALL,
    "timers": ALL,
}
READ_MODELS = sorted({table.name for model in REGISTRY.models for table in model.tables})
"""Their tables."""
SERVICES: Mapping[str, Mapping[str, str]] = {
    "cart": {
        **KERNEL,
        "abandoned_carts": ALL,
        "cart_holding": ALL,
        "cart_holding_place": CHANGE,
        "catalogue_entries": KEEP,
        "catalogue_entries_history": LEAVE,
        "catalogue_products": KEEP,
        "catalogue_products_history": LEAVE,
        "catalogue_promotion_uses": KEEP,
        "catalogue_promotion_uses_history": LEAVE,
        "catalogue_promotions": KEEP,
        "catalogue_promotions_history": LEAVE,
        "refused_codes": ALL,
        "refused_requests": "SELECT INSERT DELETE",
        "catalogue_referral_redeemed": LEAVE,
        "catalogue_referral_uses": KEEP,
        "catalogue_referral_uses_history": LEAVE,
        "catalogue_referrals": KEEP,
        "catalogue_referrals_history": LEAVE,
        "catalogue_stock": KEEP,
        "catalogue_stock_history": LEAVE,
        "catalogue_tax_rates": KEEP,
        "catalogue_tax_rates_history": LEAVE,
        "customer_links": "SELECT INSERT DELETE",
        "customer_links_history": LEAVE,
        "customer_orders": ALL,
        "customer_orders_history": LEAVE,
        "customers": ALL,
        "customers_history": LEAVE,
        "erased_customers": KEEP,
        "repricing": ALL,
    },
    "offer": {
        **KERNEL,
        "customer_links": "SELECT INSERT DELETE",
        "customer_orders": ALL,
        "customers": ALL,
        "experiment_counts": KEEP,
        "experiment_counts_place": CHANGE,
        "offer_list": KEEP,
        "offer_list_campaigns": KEEP,
        "offer_list_place": CHANGE,
        "product_list": ALL,
        "product_list_place": CHANGE,
        "product_list_prices": ALL,
        "product_list_terms": ALL,
        "promotion_list": KEEP,
        "promotion_list_campaigns": KEEP,
        "promotion_list_place": CHANGE,
        "unpaid_exposures": "SELECT INSERT DELETE",
    },
    "checkout": {
        **KERNEL,
        "checkout_rates": ALL,
        "customer_keys": KEEP,
        "fraud_events": "SELECT INSERT DELETE",
        "kept_secrets": KEEP,
        "document_numbers": KEEP,
        "invoice_list": KEEP,
        "invoice_list_place": CHANGE,
        "order_list": KEEP,
        "order_list_place": CHANGE,
        "payment_secrets": ALL,
        "plan_copy": KEEP,
        "subscription_list": KEEP,
        "subscription_list_place": CHANGE,
        "webhook": "SELECT INSERT DELETE",  # and UPDATE on its state and reported_at
        "webhook_refusal": ALL,
    },
    "projections": {
        **KERNEL,
        **dict.fromkeys(READ_MODELS, ALL),
        "consumer_offset": ADD,  # and UPDATE on its columns
        **dict.fromkeys(("conversion", "products"), ALL),  # of the release before
        "product_sales_change": ALL,
        "figures_reported": ADD,
        "marketing_spend": ADD,
        "products_change": ALL,
        "customer_segment": ALL,
        "customer_value": ALL,
        "forecast_point": ALL,
        "model_run": ALL,
        "read_model": KEEP,
        "read_model_run": ALL,
        "read_model_state": ALL,
        "report_mail": ALL,
        "report_owner_key": ALL,
        "report_subscription": ALL,
        "saved_question": ALL,
        "segment_cut_points": ALL,
        "verification": "SELECT INSERT DELETE",
    },
    "gateway": {
        "_yoyo_migration": READ,
        "api_keys": READ,
        "call_count": KEEP,
        "clock": READ,
        "dispute": ADD,  # and UPDATE on one of its columns
        "fee": ADD,
        "operation": KEEP,
        "payment": KEEP,
    },
}
RIGHTS = """
    SELECT c.relname AS name, string_agg(may, ' ' ORDER BY place) AS rights
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
         unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'])
         WITH ORDINALITY AS every (may, place)
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND has_table_privilege($1, c.oid, may)
      AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    GROUP BY 1
"""
MAY_CREATE = """
    SELECT has_schema_privilege($1, 'public', 'CREATE')
           OR has_database_privilege($1, current_database(), 'CREATE')
"""
INSERT_RESPONSE = """
    INSERT INTO idempotency (tenant, route, key, request_hash, recorded_at)
    VALUES ('demo', 'r', $1, '', now() - $2::interval)
"""


async def test_a_services_role_has_exactly_the_listed_rights(
    schema: Database, superuser: asyncpg.Connection[asyncpg.Record]
) -> None:
    found = {row["name"]: row["rights"] for row in await superuser.fetch(RIGHTS, schema.name)}
    assert found == dict(SERVICES[schema.name.removeprefix("every_")])


async def test_the_callers_role_can_only_read(
    schema: Database, superuser: asyncpg.Connection[asyncpg.Record]
) -> None:
    rights = {row["rights"] for row in await superuser.fetch(RIGHTS, f"{schema.name}_caller")}
    assert rights == {READ}


async def test_no_role_can_create_objects(
    schema: Database, superuser: asyncpg.Connection[asyncpg.Record]
) -> None:
    for role in (schema.name, f"{schema.name}_caller"):
        assert not await superuser.fetchval(MAY_CREATE, role)


async def test_a_service_cannot_delete_a_response_that_may_still_be_repeated(schema: Database) -> None:
    if schema.name == "every_gateway":
        pytest.skip("it has no such table")
    connection = await asyncpg.connect(schema.service_url)
    try:
        for key, age in (("today", "1 hour"), ("long ago", "25 hours")):
            await connection.execute(INSERT_RESPONSE.replace("$2::interval", f"interval '{age}'"), key)
        await connection.execute("DELETE FROM idempotency")
        assert [it["key"] for it in await connection.fetch("SELECT key FROM idempotency")] == ["today"]
    finally:
        await connection.close()
