"""Count the statements that a stack's PostgreSQL executes, by letting it log each of them for a while."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from tests.support.stack import RunningStack

EXECUTED = re.compile(r"^\[(?P<who>[^]]*)\] LOG:  (?:execute \S+|statement): (?P<text>.*)", re.MULTILINE)
LOUD = ("log_statement = 'all'", "log_line_prefix = '[%a] '")


@asynccontextmanager
async def counted(stack: RunningStack) -> AsyncIterator[Counter[str]]:
    """By the connection's application; filled at the end of the block."""
    found: Counter[str] = Counter()
    connection = await asyncpg.connect(stack.addresses.postgres)
    try:
        begin = len(stack.log("postgres"))
        for setting in LOUD:
            await connection.execute(f"ALTER SYSTEM SET {setting}")
        await connection.execute("SELECT pg_reload_conf()")
        yield found
        await connection.execute("ALTER SYSTEM RESET ALL")
        await connection.execute("SELECT pg_reload_conf()")
    finally:
        await connection.close()
    for match in EXECUTED.finditer(stack.log("postgres")[begin:]):
        found[match["who"]] += 1
