"""Compare the live tables with the shadow, both ways; and make the live ones say what the shadow says.

Rows whose figures are all zero say nothing: whether there is one depends on how facts were cut into batches.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from kernel.store.writing import Connection
from projections.adapters.rebuild.shadow import BY_INDEX, WHOLE
from projections.read_models.model import ReadModel

SAMPLE = 20
"""Rows of each tenant."""
STATEMENT_SECONDS = 3600.0

FIND = """
    CREATE TEMP TABLE {found} ON COMMIT DROP AS
    SELECT {keys}, CASE WHEN live.{key} IS NOT NULL THEN to_jsonb(live) END AS live,
           CASE WHEN come.{key} IS NOT NULL THEN to_jsonb(come) END AS rebuilt
    FROM (SELECT {all} FROM {live} WHERE {told}) AS live
    FULL JOIN (SELECT {all} FROM {aside} WHERE {told}) AS come USING ({keys})
    WHERE live.{key} IS NULL OR come.{key} IS NULL OR ({live_values}) IS DISTINCT FROM ({come_values})
"""
COUNT = "SELECT count(*) FROM pg_temp.{found}"
SOME = """
    SELECT {tenant} AS tenant, live, rebuilt
    FROM (SELECT *, row_number() OVER ({partition} ORDER BY {keys}) AS nth FROM pg_temp.{found}) AS it
    WHERE nth <= {most} ORDER BY {keys}
"""
REMOVE = """
    DELETE FROM {live} USING pg_temp.{found} AS d
    WHERE ({live_keys}) = ({found_keys}) AND d.rebuilt IS NULL
"""
WRITE = """
    INSERT INTO {live} ({all}) SELECT {aside_all} FROM {aside} AS a
    JOIN pg_temp.{found} AS d ON ({aside_keys}) = ({found_keys})
    ORDER BY {aside_keys}
    ON CONFLICT ({keys}) DO UPDATE SET {set}
"""


class Table(NamedTuple):
    """What is compared of one table, and where its twin stands."""

    live: str
    aside: str
    keys: tuple[str, ...]
    values: tuple[str, ...]
    told: str = "true"
    """Which rows count."""

    @property
    def name(self) -> str:
        return self.live.rpartition(".")[2]

    @property
    def found(self) -> str:
        return f"{self.name}_differences"

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.keys, *self.values)


class Differences(NamedTuple):
    total: int
    sample: list[dict[str, Any]]


def tables_of(model: ReadModel[Any, Any]) -> tuple[Table, Table]:
    """Those that say what the read model says; how far it is stands elsewhere."""
    aside = model.shadow()
    some_figure = " OR ".join(f"{it} <> 0" for it in model.measures)
    keys = ("tenant", *model.keys)
    return (
        Table(model.table, aside.table, keys, model.measures, some_figure),
        Table(model.subjects, aside.subjects, ("tenant", "subject_id"), ("state",)),
    )


def checkpoint_table(model: ReadModel[Any, Any]) -> Table:
    """How many facts were applied: offsets and digests also depend on the broker and on what was parked."""
    told = f"name = '{model.name}'"
    return Table(
        model.progress, model.shadow().progress, ("version", "topic", "part"), ("applied_count",), told
    )


# failpoint: none needed (rebuild-transaction), 5 calls
async def compare(tables: Sequence[Table], connection: Connection) -> Differences:
    """Both sides as this transaction sees them; the shadow's have been analyzed."""
    await connection.execute(WHOLE)
    total = 0
    sample: list[dict[str, Any]] = []
    for it in tables:
        await connection.execute(_filled(FIND, it), timeout=STATEMENT_SECONDS)
        differing = await connection.fetchval(_filled(COUNT, it))
        if differing:
            rows = await connection.fetch(_filled(SOME, it))
            sample += [{"table": it.name, **row} for row in rows]
        total += differing
    await connection.execute(BY_INDEX)
    return Differences(total, sample)


# failpoint: none needed (rebuild-transaction), 4 calls
async def apply_differences(it: Table, connection: Connection) -> None:
    """After ``compare``, and before anybody else writes to it."""
    await connection.execute(WHOLE)
    await connection.execute(_filled(REMOVE, it), timeout=STATEMENT_SECONDS)
    await connection.execute(_filled(WRITE, it), timeout=STATEMENT_SECONDS)
    await connection.execute(BY_INDEX)


def _filled(statement: str, it: Table) -> str:
    has_tenant = "tenant" in it.keys
    return statement.format(
        live=it.live,
        aside=it.aside,
        found=it.found,
        told=it.told,
        most=SAMPLE,
        tenant="tenant" if has_tenant else "NULL",
        partition="PARTITION BY tenant" if has_tenant else "",
        key=it.keys[0],
        keys=", ".join(it.keys),
        all=", ".join(it.columns),
        live_values=", ".join(f"live.{column}" for column in it.values),
        come_values=", ".join(f"come.{column}" for column in it.values),
        live_keys=", ".join(f"{it.live}.{key}" for key in it.keys),
        aside_keys=", ".join(f"a.{key}" for key in it.keys),
        aside_all=", ".join(f"a.{column}" for column in it.columns),
        found_keys=", ".join(f"d.{key}" for key in it.keys),
        set=", ".join(f"{column} = excluded.{column}" for column in it.values),
    )
