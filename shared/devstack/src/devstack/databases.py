"""The databases of a stack: made as an operator's are, with the keys of the demonstration tenants."""

import hashlib
from collections.abc import Callable

import asyncpg

from cli import analyst_logins
from cli.errors import StackError
from cli.scram import verifier_of
from cli.service_databases import Database, create, describe, without_password
from contracts.roles import ROLES

__all__ = [
    "Database",
    "close_maintenance",
    "create",
    "describe",
    "ensure_analysts",
    "insert_demo_keys",
    "without_password",
]

TENANTS = ("demo", "rival", "academy")
WITH_ANALYSTS = ("demo", "rival")


async def close_maintenance(superuser_url: str) -> None:
    """Revoke the right of every role to connect to ``postgres`` and ``template1``. Only for servers that the
    stack runs itself: on an external server other programs may need it."""
    connection = await asyncpg.connect(superuser_url, timeout=10)
    try:
        await connection.execute("REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC")
    finally:
        await connection.close()


async def ensure_analysts(superuser_url: str, password_of: Callable[[str], str]) -> None:
    """The logins for SQL of the demo tenants that have analysts, with stored passwords."""
    for tenant in WITH_ANALYSTS:
        password = password_of(analyst_logins.login_of(tenant))
        await analyst_logins.ensure(superuser_url, tenant, verifier_of(password))


async def insert_demo_keys(database: Database) -> None:
    """Insert the API keys of the demo tenants. Only the SHA-256 of a key is stored."""
    keys = [(f"{tenant}-{role}", tenant, role) for tenant in TENANTS for role in ROLES]
    rows = [(hashlib.sha256(key.encode()).hexdigest(), tenant, role, key) for key, tenant, role in keys]
    connection = await asyncpg.connect(database.owner_url, timeout=10)
    try:
        await connection.executemany(
            "INSERT INTO api_keys (key_hash, tenant, role, name, created_at) VALUES ($1, $2, $3, $4, now())"
            " ON CONFLICT (key_hash) DO NOTHING",
            rows,
        )
    except asyncpg.UndefinedTableError:
        raise StackError(f"The migrations of {database.name} did not create the table api_keys.") from None
    finally:
        await connection.close()
