"""Analysts' logins to the projections' database: one for each tenant, which reads the views of the schema
``analytics`` and nothing else.

``analytics.my_tenant()`` finds the tenant of a login in the table ``analyst_login``. The group of the logins
has all their rights, so that one login is like the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import asyncpg

from cli.errors import StackError
from cli.service_databases import Connection, connected, owner_of, url_of

DATABASE = "feira_projections"
GROUP = f"{DATABASE}_analyst"
PREFIX = "analyst_"
TENANT = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")
"""Of a tenant that may have a login: the names of roles have at most 63 characters."""
SETTINGS = {
    "search_path": "analytics",
    "default_transaction_read_only": "on",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
    "idle_session_timeout": "1h",
    # only a superuser may change it: the disk is shared with the services
    "temp_file_limit": "1GB",
}
MAX_CONNECTIONS = 4
LIST = """
    SELECT l.login, l.tenant, l.created_at,
           (SELECT count(*) FROM pg_stat_activity a WHERE a.usename = l.login) AS connections
    FROM public.analyst_login l ORDER BY 1
"""
NOT_FOR_ANALYSTS = """
    SELECT p.oid::regprocedure::text FROM pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace
      AND p.proname ~ '^(pg_(try_)?advisory_|lo_|loread$|lowrite$)'
      AND has_function_privilege('public', p.oid, 'EXECUTE')
"""
"""Functions that every role may call: locks would stop the services, and large objects fill the disk."""


class Login(NamedTuple):
    login: str
    tenant: str
    created_at: datetime
    connections: int


def login_of(tenant: str) -> str:
    """Raises ``StackError`` for a tenant that no role can be named after."""
    if not TENANT.fullmatch(tenant):
        raise StackError(f"No login can be named after the tenant {tenant!r}.")
    return f"{PREFIX}{tenant}"


async def ensure(superuser_url: str, tenant: str, verifier: str) -> str:
    """Create the tenant's login, or bring it up to date with this password. ``verifier``: what the server
    stores of the password. Returns the login."""
    login = login_of(tenant)
    async with connected(url_of(superuser_url, DATABASE)) as connection, connection.transaction():
        await _make_group(connection)
        present = await connection.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", login)
        for statement in _login_statements(login, verifier, "ALTER" if present else "CREATE"):
            await connection.execute(statement)
        await connection.execute(
            "INSERT INTO public.analyst_login (login, tenant) VALUES ($1, $2) ON CONFLICT (login) DO NOTHING",
            login,
            tenant,
        )
    return login


async def listed(superuser_url: str) -> list[Login]:
    async with connected(url_of(superuser_url, DATABASE)) as connection:
        try:
            return [Login(*row) for row in await connection.fetch(LIST)]
        except asyncpg.UndefinedTableError:
            raise StackError(f"{DATABASE} has no table analyst_login: migrate it first.") from None


async def _make_group(connection: Connection) -> None:
    """The group, with its rights on the views that are there and on those that later migrations make."""
    if not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", GROUP):
        await connection.execute(f'CREATE ROLE "{GROUP}" NOLOGIN')
    for statement in (
        f'GRANT CONNECT ON DATABASE "{DATABASE}" TO "{GROUP}"',
        f'GRANT USAGE ON SCHEMA analytics TO "{GROUP}"',
        f'GRANT SELECT ON ALL TABLES IN SCHEMA analytics TO "{GROUP}"',
        f'ALTER DEFAULT PRIVILEGES FOR ROLE "{owner_of(DATABASE)}" IN SCHEMA analytics'
        f' GRANT SELECT ON TABLES TO "{GROUP}"',
    ):
        await connection.execute(statement)
    services = f'"{DATABASE}", "{DATABASE}_caller", "{owner_of(DATABASE)}"'
    for (function,) in await connection.fetch(NOT_FOR_ANALYSTS):
        await connection.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {services}")
        await connection.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")


def _login_statements(login: str, verifier: str, verb: str) -> Iterator[str]:
    yield f"{verb} ROLE \"{login}\" LOGIN CONNECTION LIMIT {MAX_CONNECTIONS} PASSWORD '{verifier}'"
    yield f'GRANT "{GROUP}" TO "{login}"'
    yield from (f"ALTER ROLE \"{login}\" SET {name} = '{value}'" for name, value in SETTINGS.items())
