"""Count SQL statements by the server's own log."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from tests.support.database import execute
from tests.support.waiting import until

SENT = re.compile(r" (\S+) LOG:  (?:statement|execute [^:]*):\s*(\S[^\n]*)")


class Statements:
    """``log``: the server's log file, with the stack's line prefix, which names the database."""

    def __init__(self, superuser_url: str, log: Path) -> None:
        self._url = superuser_url
        self._log = log

    @asynccontextmanager
    async def counted(self) -> AsyncIterator[Counter[tuple[str, str]]]:
        """Counts by database and begin of the statement, filled at the end of the block, in which everything
        runs slower."""
        counts: Counter[tuple[str, str]] = Counter()
        begins = self._log.stat().st_size
        await self._log_statements("all")
        yield counts
        await self._log_statements("none")
        with self._log.open("rb") as lines:
            lines.seek(begins)
            counts.update(SENT.findall(lines.read().decode(errors="replace")))

    async def _log_statements(self, which: str) -> None:
        await execute(self._url, f"ALTER SYSTEM SET log_statement = '{which}'")
        await execute(self._url, "SELECT pg_reload_conf()")

        async def in_force() -> bool:
            connection = await asyncpg.connect(self._url)
            try:
                return bool(await connection.fetchval("SHOW log_statement") == which)
            finally:
                await connection.close()

        await until(in_force)
