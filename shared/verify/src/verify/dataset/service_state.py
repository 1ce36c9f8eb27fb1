"""Copy the state of each service in one database snapshot: relay, consumer offsets, timers, dead letters."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from verify.dataset.consistent_reads import PAGE, ConsistentReader, consistent_read
from verify.dataset.dataset import Dataset
from verify.dataset.logs import LAST_POSITION

CONSUMER_TABLES: Mapping[str, str] = MappingProxyType(
    {
        "place": "SELECT grp, topic, part, cluster_id, generation, next_offset FROM consumer_offset",
        "seen": "SELECT grp, stream_id::text, version FROM consumer_seen",
        "behind": "SELECT grp, stream_id::text, handled FROM consumer_behind",
        "parked": """
            SELECT parked_id, grp, topic, part, record_offset, tenant, type, stream_id::text, version, reason,
                   (resolved_at IS NULL)::int, resolution,
                   (SELECT it ->> 1 FROM jsonb_array_elements(headers) it WHERE it ->> 0 = 'ce_id' LIMIT 1)
            FROM parked
        """,
    }
)
PRODUCER_TABLES: Mapping[str, str] = MappingProxyType(
    {
        "relay": "SELECT position, generation, cluster_id, published::text FROM relay_cursor",
        "timer": """
            SELECT subject::text, kind, tenant, extract(epoch FROM due_at)::float8,
                   coalesce((payload ->> 'tries')::int, 0) FROM timers
        """,
        "snapshot": """
            SELECT stream_id::text, tenant, version, message_id::text, convert_from(state, 'UTF8')
            FROM snapshots
        """,
    }
)
IDEMPOTENCY = "SELECT tenant, route, key, subject::text FROM idempotency WHERE subject IS NOT NULL"
TENANT_REFERENCES: Mapping[str, str] = MappingProxyType(
    {
        "timers": "SELECT 'timer ' || kind, tenant, subject::text FROM timers",
        "claims": "SELECT 'name ' || kind, tenant, holder::text FROM claims",
        "catalogue_products": "SELECT 'product copy', tenant, product_id::text FROM catalogue_products",
        "catalogue_promotions": """
            SELECT 'promotion copy', tenant, promotion_id::text FROM catalogue_promotions
        """,
        "catalogue_tax_rates": "SELECT 'tax rate copy', tenant, tax_rate_id::text FROM catalogue_tax_rates",
        "parked": """
            SELECT 'parked record', tenant, stream_id::text FROM parked
            WHERE tenant IS NOT NULL AND stream_id IS NOT NULL
        """,
    }
)
PRODUCTS = """
    SELECT tenant, currency, product_id::text, sum(revenue)::bigint FROM product_sales
    GROUP BY tenant, currency, product_id
"""
LEDGER = """
    SELECT tenant, stream_id::text, version, type, account, currency, amount, checkout_id::text FROM ledger
"""
NOW = "SELECT extract(epoch FROM now() + shift)::float8 FROM clock"


async def copy_state(service: str, url: str, into: Dataset, page: int = PAGE) -> int:
    """Copy one service's state. Returns the last log position of the same database snapshot."""
    async with consistent_read(service, url, page) as source:
        for table, query in {**CONSUMER_TABLES, **PRODUCER_TABLES}.items():
            await _copy(source, service, table, query, into)
        for table, query in TENANT_REFERENCES.items():
            if await source.has(table):
                await _copy(source, service, "belonging", query, into)
        if service == "checkout-saga":
            async for rows in source.pages(IDEMPOTENCY):
                into.add("idempotency", rows)
            into.add("horizon", [("now", await source.value(NOW))])
        return int(await source.value(LAST_POSITION))


OWN_SUBJECTS = {"carts": "state->>'created' IS NOT NULL"}
"""Read models whose facts may name a subject of another tenant, and the condition of the tenant's own: a
checkout may ask for a cart that is not its tenant's, and is refused. What is noted of it counts nowhere."""


async def copy_read_models(url: str, into: Dataset, page: int = PAGE) -> None:
    async with consistent_read("projections", url, page) as source:
        for table, query in CONSUMER_TABLES.items():
            await _copy(source, "projections", table, query, into)
        async for rows in source.pages(await _live_progress(source)):
            into.add("read_model", rows)
        async for rows in source.pages(PRODUCTS):
            into.add("product_revenue", rows)
        if await source.has("public.ledger"):  # the projections service may be of an earlier release
            async for rows in source.pages(LEDGER):
                into.add("ledger_entry", rows)
        names = await source.connection.fetch("SELECT DISTINCT name FROM read_model_state")
        for (name,) in names:
            if await source.has(f"public.{name}_subject"):
                subjects = f"public.{name}_subject WHERE {OWN_SUBJECTS.get(name, 'true')}"
                about = f"SELECT '{name} subject', tenant, subject_id::text FROM {subjects}"  # noqa: S608  # a read model's name
                await _copy(source, "projections", "belonging", about, into)


async def _live_progress(source: ConsistentReader) -> str:
    live = "(SELECT name, max(version) AS version FROM read_model_state GROUP BY name)"
    if await source.has("public.read_model"):
        live = "read_model"
    return f"""
        SELECT s.name, s.version, s.topic, s.part, s.applied_count, s.last_offset
        FROM read_model_state s JOIN {live} AS l USING (name, version)
    """  # noqa: S608  # constants


async def _copy(source: ConsistentReader, service: str, table: str, query: str, into: Dataset) -> None:
    async for rows in source.pages(query):
        into.add(table, [(service, *row) for row in rows])
