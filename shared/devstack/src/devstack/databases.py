"""One database per service, with an owner role for migrations and a login role for the service."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from cli.errors import StackError
from contracts.roles import ROLES

TENANTS = ("demo", "rival")


@dataclass(frozen=True)
class Database:
    """One service's database, with its URLs for the service, the owner and the superuser."""

    name: str
    service_url: str
    owner_url: str
    superuser_url: str


def describe(name: str, superuser_url: str, password_of: Callable[[str], str]) -> Database:
    owner = f"{name}_owner"
    return Database(
        name=name,
        service_url=_url(superuser_url, name, name, password_of(name)),
        owner_url=_url(superuser_url, name, owner, password_of(owner)),
        superuser_url=_url(superuser_url, name),
    )


async def create(databases: list[Database], superuser_url: str) -> None:
    """Create missing roles and databases, and set all passwords. Raises ``StackError``."""
    try:
        connection = await asyncpg.connect(superuser_url, timeout=10)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
        raise StackError(
            f"PostgreSQL at {without_password(superuser_url)} cannot be used: {problem}."
        ) from None
    except ValueError:  # its message would repeat parts of the URL, and thus the password
        raise StackError("FEIRA_POSTGRES is a URL that asyncpg cannot read.") from None
    try:
        roles = {row[0] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
        present = {row[0] for row in await connection.fetch("SELECT datname FROM pg_database")}
        async with connection.transaction():
            for database in databases:
                for url in (database.owner_url, database.service_url):
                    await _ensure_role(connection, url, roles)
                await _ensure_callers_role(connection, database.name, roles)
        for database in databases:
            if database.name not in present:
                await connection.execute(f'CREATE DATABASE "{database.name}" OWNER "{database.name}_owner"')
                await connection.execute(f'REVOKE ALL ON DATABASE "{database.name}" FROM PUBLIC')
                await connection.execute(
                    f'GRANT CONNECT, TEMPORARY ON DATABASE "{database.name}" TO "{database.name}"'
                )
    except asyncpg.PostgresError as problem:
        raise StackError(
            f"The databases cannot be created at {without_password(superuser_url)}: {problem}."
        ) from None
    finally:
        await connection.close()


async def close_maintenance(superuser_url: str) -> None:
    """Revoke the right of every role to connect to ``postgres`` and ``template1``. Only for servers that the
    stack runs itself: on an external server other programs may need it."""
    connection = await asyncpg.connect(superuser_url, timeout=10)
    try:
        await connection.execute("REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC")
    finally:
        await connection.close()


async def _ensure_role(
    connection: "asyncpg.Connection[asyncpg.Record]", url: str, existing: set[str]
) -> None:
    parts = urlsplit(url)
    verb = "ALTER" if parts.username in existing else "CREATE"
    # quoted by the server: the password of a role cannot be a query parameter
    statement = await connection.fetchval(
        f"SELECT format('{verb} ROLE %I LOGIN PASSWORD %L', $1::text, $2::text)",
        parts.username,
        parts.password,
    )
    await connection.execute(statement)
    if verb == "CREATE":
        await connection.execute(f'GRANT "{parts.username}" TO CURRENT_USER')


async def _ensure_callers_role(
    connection: "asyncpg.Connection[asyncpg.Record]", service: str, existing: set[str]
) -> None:
    """The role that a service switches to for tenant reads: without login, limited by row-level security to
    one tenant at a time."""
    caller = f"{service}_caller"
    if caller not in existing:
        await connection.execute(f'CREATE ROLE "{caller}" NOLOGIN')
        await connection.execute(f'GRANT "{caller}" TO "{service}" WITH INHERIT FALSE')


async def insert_demo_keys(database: Database) -> None:
    """Insert the API keys of the two demo tenants. Only the SHA-256 of a key is stored."""
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


def _url(base: str, database: str, user: str | None = None, password: str | None = None) -> str:
    """The URL of another database on the same server, with another user if given."""
    parts = urlsplit(base)
    where = parts.netloc.rpartition("@")[2]
    who = f"{quote(user)}:{quote(password or '', safe='')}" if user else parts.netloc.rpartition("@")[0]
    return urlunsplit(parts._replace(netloc=f"{who}@{where}" if who else where, path=f"/{database}"))


def without_password(url: str) -> str:
    """The URL without its password and query."""
    parts = urlsplit(url)
    who, at, where = parts.netloc.rpartition("@")
    # the query may contain a password, too
    return parts._replace(netloc=f"{who.partition(':')[0]}{at}{where}", query="", fragment="").geturl()
