"""An answer as a file: CSV as the database writes it, or Parquet made of that.

PostgreSQL's COPY is one statement and so one snapshot, and the rows pass through in pieces: neither format
needs memory for all rows. Parquet needs a file for its rows and one for itself; both have no name, so that
the operating system deletes them when they are closed, and when the process dies.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from kernel.http.problems import Problem, invalid
from kernel.postgres.service_pool import ServicePool
from projections.questions.flat import FlatColumn, flat_columns
from projections.questions.statement import Asked, all_of

if TYPE_CHECKING:
    import duckdb

Sink: TypeAlias = Callable[[bytes], Coroutine[Any, Any, None]]
STATEMENT_SECONDS = 120
"""So long the database works on an export; what the caller is slow to read counts too."""
MEMORY_LIMIT = "192MB"
FORMULA = r"^[=+\-@\t\r]"
"""Spreadsheets read a cell that begins so as a formula: https://owasp.org/www-community/attacks/CSV_Injection"""


# failpoint: none needed (read-only), 2 calls
async def copy_csv(pool: ServicePool, asked: Asked, sink: Sink, *, guarded: bool) -> None:
    """Hand the rows to ``sink`` as CSV with a header. ``guarded``: a text that a spreadsheet would take for a
    formula gets a leading apostrophe."""
    columns = [f"{_written(it, guarded=guarded)} AS {it.name}" for it in flat_columns(asked.question)]
    text, arguments = all_of(asked, columns)
    tenant = str(asked.values["tenant"])
    async with pool.acquire_for_tenant(tenant) as connection, connection.transaction(readonly=True):
        await connection.execute(f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'")
        await connection.copy_from_query(
            text, tenant, *arguments, output=sink, format="csv", header=True, timeout=STATEMENT_SECONDS
        )


def _written(column: FlatColumn, *, guarded: bool) -> str:
    if column.sql_type == "timestamptz":
        return f"to_char({column.sql} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    if guarded and column.is_text:
        return f"CASE WHEN {column.sql} ~ '{FORMULA}' THEN '''' || {column.sql} ELSE {column.sql} END"
    return column.sql


@asynccontextmanager
async def parquet_file(pool: ServicePool, asked: Asked, max_bytes: int) -> AsyncIterator[IO[bytes]]:
    """A file with the rows, compressed by Zstandard; it exists for as long as the block. Raises
    ``Problem`` if the rows need more than ``max_bytes``."""
    with TemporaryFile() as rows, TemporaryFile() as result:

        async def write(piece: bytes) -> None:
            if rows.tell() + len(piece) > max_bytes:
                raise too_large(max_bytes)
            rows.write(piece)

        await copy_csv(pool, asked, write, guarded=False)
        rows.flush()
        await _convert(rows, result, flat_columns(asked.question))
        result.seek(0)
        yield result


async def _convert(rows: IO[bytes], result: IO[bytes], columns: Sequence[FlatColumn]) -> None:
    """In a thread; interrupted if the task is cancelled."""
    import duckdb

    with duckdb.connect(":memory:", config={"memory_limit": MEMORY_LIMIT, "threads": 1}) as connection:
        work = asyncio.create_task(asyncio.to_thread(_copy, connection, rows, result, columns))
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            connection.interrupt()
            await asyncio.wait([work])
            raise


# failpoint: none needed (read-only)
def _copy(
    connection: duckdb.DuckDBPyConnection, rows: IO[bytes], result: IO[bytes], columns: Sequence[FlatColumn]
) -> None:
    types = ", ".join(f"'{it.name}': '{it.file_type}'" for it in columns)
    reading = f"header = true, nullstr = '', allow_quoted_nulls = false, columns = {{{types}}}"
    source = f"read_csv('{_path(rows)}', {reading})"
    options = "FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false"
    connection.execute(f"COPY (FROM {source}) TO '{_path(result)}' ({options})")


def _path(file: IO[bytes]) -> str:
    return f"/proc/self/fd/{file.fileno()}"


def too_large(max_bytes: int) -> Problem:
    detail = f"The rows need more than {max_bytes} bytes. Ask for fewer of them, such as those of less days."
    return invalid(detail)
