"""The databases and roles of the services: what they are, the SQL that makes them, and a check of them.

A service's database belongs to ``<database>_owner``, which migrates it. The service works under the role of
the database's name, and reads for its callers under ``<database>_caller``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import asyncpg

from cli.errors import StackError
from cli.scram import verifier_of
from kernel.postgres.database_roles import ROLES_QUERY, role_faults

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
CONNECT_SECONDS = 10
STATEMENT_SECONDS = 60
OPEN_TO_PUBLIC = """
    SELECT EXISTS (SELECT FROM pg_database d, aclexplode(coalesce(datacl, acldefault('d', datdba))) a
                   WHERE d.datname = current_database() AND a.grantee = 0)
"""


@dataclass(frozen=True)
class Database:
    """One service's database, with its URLs for the service, the owner and the superuser."""

    name: str
    service_url: str
    owner_url: str
    superuser_url: str


def describe(name: str, superuser_url: str, password_of: Callable[[str], str]) -> Database:
    owner = owner_of(name)
    return Database(
        name=name,
        service_url=url_of(superuser_url, name, name, password_of(name)),
        owner_url=url_of(superuser_url, name, owner, password_of(owner)),
        superuser_url=url_of(superuser_url, name),
    )


def owner_of(database: str) -> str:
    return f"{database}_owner"


def role_statements(database: str, verifiers: Mapping[str, str], present: Collection[str] = ()) -> list[str]:
    """The SQL that makes the roles of a database, or brings them up to date. ``verifiers``: by role, what the
    server stores of its password; ``present``: the roles that exist."""
    found = []
    for role in (owner_of(database), database):
        verb = "ALTER" if role in present else "CREATE"
        password = f" PASSWORD '{verifiers[role]}'" if role in verifiers else ""
        found.append(f'{verb} ROLE "{role}" LOGIN{password}')
        if role not in present:
            found.append(f'GRANT "{role}" TO CURRENT_USER')
    caller = f"{database}_caller"
    if caller not in present:
        found.append(f'CREATE ROLE "{caller}" NOLOGIN')
    # the service switches to it for reads, and has its rights at no other time
    found.append(f'GRANT "{caller}" TO "{database}" WITH INHERIT FALSE, SET TRUE')
    return found


def database_statements(database: str, present: Collection[str] = ()) -> list[str]:
    """The SQL that makes a database and closes it to other roles; none of it runs in a transaction."""
    create = f'CREATE DATABASE "{database}" OWNER "{owner_of(database)}"'
    return [
        *([] if database in present else [create]),
        f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC',
        f'GRANT CONNECT, TEMPORARY ON DATABASE "{database}" TO "{database}"',
    ]


async def create(databases: Sequence[Database], superuser_url: str) -> list[str]:
    """Make what is missing, and set all passwords; finish what an earlier attempt began. Returns the names
    of the new databases. Raises ``StackError``."""
    connection = await _connect(superuser_url)
    try:
        roles = {row[0] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
        present = {row[0] for row in await connection.fetch("SELECT datname FROM pg_database")}
        async with connection.transaction():
            for database in databases:
                for statement in role_statements(database.name, _verifiers(database), roles):
                    await connection.execute(statement)
        for database in databases:
            for statement in database_statements(database.name, present):
                await connection.execute(statement)
    except (asyncpg.PostgresError, OSError, TimeoutError) as problem:
        where = without_password(superuser_url)
        raise StackError(f"The databases cannot be created at {where}: {problem}.") from None
    finally:
        connection.terminate()
    return [it.name for it in databases if it.name not in present]


async def check(names: Sequence[str], superuser_url: str) -> dict[str, list[str]]:
    """By database, a sentence for each fault. Raises ``StackError``."""
    server = await _connect(superuser_url)
    try:
        present = {row[0] for row in await server.fetch("SELECT datname FROM pg_database")}
    finally:
        server.terminate()
    found = {}
    for name in names:
        if name not in present:
            found[name] = ["The database does not exist."]
            continue
        connection = await _connect(url_of(superuser_url, name))
        try:
            row = await connection.fetchrow(ROLES_QUERY)
            faults = role_faults(dict(row or {}))
            if await connection.fetchval(OPEN_TO_PUBLIC):
                faults.append(f"Every role may use it: REVOKE ALL ON DATABASE {name} FROM PUBLIC.")
            found[name] = faults
        finally:
            connection.terminate()
    return found


def without_password(url: str) -> str:
    """The URL without its password and query."""
    parts = urlsplit(url)
    who, at, where = parts.netloc.rpartition("@")
    # the query may contain a password, too
    return parts._replace(netloc=f"{who.partition(':')[0]}{at}{where}", query="", fragment="").geturl()


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    """Raises ``StackError`` if the server cannot be used, or refuses what is done with it."""
    connection = await _connect(url)
    try:
        yield connection
    except asyncpg.InsufficientPrivilegeError as problem:
        raise StackError(f"The role of {without_password(url)} may not do this: {problem}.") from None
    finally:
        connection.terminate()


async def _connect(url: str) -> Connection:
    try:
        return await asyncpg.connect(url, timeout=CONNECT_SECONDS, command_timeout=STATEMENT_SECONDS)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
        raise StackError(f"PostgreSQL at {without_password(url)} cannot be used: {problem}.") from None
    except ValueError:  # its message would repeat parts of the URL, and thus the password
        raise StackError("The URL of PostgreSQL is one that asyncpg cannot read.") from None


def _verifiers(database: Database) -> dict[str, str]:
    parts = (urlsplit(it) for it in (database.owner_url, database.service_url))
    return {unquote(it.username or ""): verifier_of(unquote(it.password or "")) for it in parts}


def url_of(base: str, database: str, user: str | None = None, password: str | None = None) -> str:
    """The URL of another database on the same server, with another user if given."""
    parts = urlsplit(base)
    where = parts.netloc.rpartition("@")[2]
    who = f"{quote(user)}:{quote(password or '', safe='')}" if user else parts.netloc.rpartition("@")[0]
    return urlunsplit(parts._replace(netloc=f"{who}@{where}" if who else where, path=f"/{database}"))
