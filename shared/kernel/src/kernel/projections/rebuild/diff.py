"""Diff of the live tables and the shadow in both directions, and its application to the live tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from kernel.projections.model import ReadModel
from kernel.projections.rebuild.shadow import ALLOW_FULL_SCANS, INDEX_SCANS_ONLY
from kernel.store.writing import Connection

MAX_SAMPLE_ROWS = 20
"""Per table and tenant."""
STATEMENT_TIMEOUT_SECONDS = 3600.0

FIND = """
    CREATE TEMP TABLE {differences} ON COMMIT DROP AS
    SELECT {keys}, CASE WHEN live.{key} IS NOT NULL THEN to_jsonb(live) END AS live,
           CASE WHEN rebuilt_row.{key} IS NOT NULL THEN to_jsonb(rebuilt_row) END AS rebuilt
    FROM (SELECT {all} FROM {live} WHERE {condition}) AS live
    FULL JOIN (SELECT {all} FROM {shadow} WHERE {condition}) AS rebuilt_row USING ({keys})
    WHERE live.{key} IS NULL OR rebuilt_row.{key} IS NULL
       OR ({live_values}) IS DISTINCT FROM ({rebuilt_values})
"""
COUNT = "SELECT count(*) FROM pg_temp.{differences}"
SAMPLE = """
    SELECT {tenant} AS tenant, live, rebuilt
    FROM (SELECT *, row_number() OVER ({partition} ORDER BY {keys}) AS nth FROM pg_temp.{differences}) AS it
    WHERE nth <= {max_rows} ORDER BY {keys}
"""
DELETE = """
    DELETE FROM {live} USING pg_temp.{differences} AS d
    WHERE ({live_keys}) = ({difference_keys}) AND d.rebuilt IS NULL
"""
UPSERT = """
    INSERT INTO {live} ({all}) SELECT {shadow_all} FROM {shadow} AS a
    JOIN pg_temp.{differences} AS d ON ({shadow_keys}) = ({difference_keys})
    ORDER BY {shadow_keys}
    ON CONFLICT ({keys}) DO UPDATE SET {set}
"""


class ComparedTable(NamedTuple):
    """A live table, its shadow, and the columns to compare."""

    live: str
    shadow: str
    keys: tuple[str, ...]
    values: tuple[str, ...]
    condition: str = "true"
    """SQL condition that selects the rows to compare."""

    @property
    def name(self) -> str:
        return self.live.rpartition(".")[2]

    @property
    def differences(self) -> str:
        return f"{self.name}_differences"

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.keys, *self.values)


class Differences(NamedTuple):
    total: int
    sample: list[dict[str, Any]]


def compared_tables(model: ReadModel) -> list[ComparedTable]:
    """All tables of the model; for the checkpoints see ``checkpoint_table``."""
    shadow = model.shadow()
    return [
        ComparedTable(model.qualified(table.name), shadow.qualified(table.name), *table[1:])
        for table in model.tables
    ]


def checkpoint_table(model: ReadModel) -> ComparedTable:
    """Compares only the number of applied facts: offsets and digests also depend on the Kafka cluster and on
    dead letters."""
    own_rows = f"name = '{model.name}'"
    keys = ("version", "topic", "part")
    return ComparedTable(model.checkpoints, model.shadow().checkpoints, keys, ("applied_count",), own_rows)


# failpoint: none needed (rebuild-transaction), 5 calls
async def compare(tables: Sequence[ComparedTable], connection: Connection) -> Differences:
    """Compares what the current transaction sees. Requires the shadow's tables to be analyzed."""
    await connection.execute(ALLOW_FULL_SCANS)
    total = 0
    sample: list[dict[str, Any]] = []
    for table in tables:
        await connection.execute(_statement(FIND, table), timeout=STATEMENT_TIMEOUT_SECONDS)
        count = await connection.fetchval(_statement(COUNT, table))
        if count:
            rows = await connection.fetch(_statement(SAMPLE, table))
            sample += [{"table": table.name, **row} for row in rows]
        total += count
    await connection.execute(INDEX_SCANS_ONLY)
    return Differences(total, sample)


# failpoint: none needed (rebuild-transaction), 4 calls
async def apply_differences(table: ComparedTable, connection: Connection) -> None:
    """Requires ``compare`` in the same transaction, and no other writer since."""
    await connection.execute(ALLOW_FULL_SCANS)
    await connection.execute(_statement(DELETE, table), timeout=STATEMENT_TIMEOUT_SECONDS)
    await connection.execute(_statement(UPSERT, table), timeout=STATEMENT_TIMEOUT_SECONDS)
    await connection.execute(INDEX_SCANS_ONLY)


def _statement(template: str, table: ComparedTable) -> str:
    has_tenant = "tenant" in table.keys
    return template.format(
        live=table.live,
        shadow=table.shadow,
        differences=table.differences,
        condition=table.condition,
        max_rows=MAX_SAMPLE_ROWS,
        tenant="tenant" if has_tenant else "NULL",
        partition="PARTITION BY tenant" if has_tenant else "",
        key=table.keys[0],
        keys=", ".join(table.keys),
        all=", ".join(table.columns),
        live_values=", ".join(f"live.{column}" for column in table.values),
        rebuilt_values=", ".join(f"rebuilt_row.{column}" for column in table.values),
        live_keys=", ".join(f"{table.live}.{key}" for key in table.keys),
        shadow_keys=", ".join(f"a.{key}" for key in table.keys),
        shadow_all=", ".join(f"a.{column}" for column in table.columns),
        difference_keys=", ".join(f"d.{key}" for key in table.keys),
        set=", ".join(f"{column} = excluded.{column}" for column in table.values),
    )
