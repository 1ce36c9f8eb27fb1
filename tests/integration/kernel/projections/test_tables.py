"""The helper makes the same tables as the migrations of the first read models."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from devstack.databases import Database

RIGHTS = """
    SELECT pg_get_userbyid(relowner) AS owner, relrowsecurity, relforcerowsecurity, relpersistence,
           (SELECT array_agg(acl::text ORDER BY acl::text) FROM unnest(relacl) AS acl) AS grants,
           (SELECT array_agg(ROW(polname, polcmd, pg_get_expr(polqual, polrelid),
                                 pg_get_expr(polwithcheck, polrelid),
                                 (SELECT array_agg(pg_get_userbyid(it)) FROM unnest(polroles) AS it))::text
                             ORDER BY polname)
            FROM pg_policy WHERE polrelid = c.oid) AS policies
    FROM pg_class c WHERE oid = $1::text::regclass
"""
COLUMNS = """
    SELECT column_name, data_type, is_nullable FROM information_schema.columns
    WHERE table_name = $1 ORDER BY ordinal_position
"""
DEFINED = ("conversion", "products", "checkout_operations")


@pytest.mark.parametrize("model", DEFINED)
@pytest.mark.parametrize("suffix", ["", "_subject"])
async def test_owner_grants_and_policies_are_those_of_the_first_read_models(
    toys: Database, model: str, suffix: str
) -> None:
    made, written = [await _row(toys, RIGHTS, name + suffix) for name in ("toy_count", model)]
    assert made == written


async def test_the_states_of_subjects_are_stored_alike(toys: Database) -> None:
    options = "SELECT reloptions FROM pg_class WHERE oid = $1::text::regclass"
    for query in (COLUMNS, options):
        made, written = [await _rows(toys, query, f"{it}_subject") for it in ("toy_count", "conversion")]
        assert made == written


async def test_keys_values_indexes_and_comments_are_as_given(toys: Database) -> None:
    assert await _rows(toys, COLUMNS, "toy_list") == [
        ("tenant", "text", "NO"),
        ("order_id", "uuid", "NO"),
        ("sku", "text", "NO"),
        ("total", "bigint", "NO"),
        ("paid_at", "timestamp with time zone", "YES"),
    ]
    indexes = "SELECT indexdef FROM pg_indexes WHERE tablename = $1 ORDER BY indexname"
    by_total, primary = [row[0] for row in await _rows(toys, indexes, "toy_list")]
    assert by_total.endswith("(tenant, total DESC)")
    assert primary.endswith("(tenant, order_id, sku)")
    comment = "SELECT col_description($1::text::regclass, 4)"
    assert await _rows(toys, comment, "toy_list") == [("In minor units: the shop's.",)]


async def _row(database: Database, query: str, name: str) -> tuple[Any, ...]:
    (row,) = await _rows(database, query, name)
    return row


async def _rows(database: Database, query: str, name: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(database.superuser_url)
    try:
        return [tuple(row) for row in await connection.fetch(query, name)]
    finally:
        await connection.close()
