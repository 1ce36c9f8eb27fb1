"""Replace one database of a running server by what it was at an earlier moment.

A second server recovers a base backup from the archive of the WAL up to that moment; its database is copied
into the running one and takes the name of the database that it replaces, which is kept under another name.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from devstack import ports
from devstack.environment import inherited
from devstack.postgres import EmbeddedPostgres, binary_folder
from devstack.process import Process
from devstack.restore import RECOVERY
from devstack.state_dir import StateDir
from devstack.system_user import data_owner

Rows: TypeAlias = set[tuple[Any, ...]]
ARCHIVED_WITHIN = READY_WITHIN = 60.0
COLUMNS = """stream_id, version, message_id, kind, tenant, topic, key, type, schema_version, body,
             correlation_id, causation_id, traceparent, recorded_at, occurred_at"""
ROWS = f"SELECT {COLUMNS} FROM log ORDER BY stream_id, version"  # noqa: S608  # constants


async def moment_of(url: str) -> datetime:
    """The server's time; what is committed from now on is later."""
    connection = await asyncpg.connect(url)
    try:
        moment: datetime = await connection.fetchval("SELECT clock_timestamp()")
        return moment
    finally:
        await connection.close()


async def rows_of(url: str) -> list[asyncpg.Record]:
    """The log without positions and actors, which the topics do not hold."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(ROWS)
    finally:
        await connection.close()


async def beside_the_log(url: str) -> tuple[Rows, Rows]:
    """The unique keys with their holders, and the timers by subject and kind."""
    connection = await asyncpg.connect(url)
    try:
        keys = await connection.fetch("SELECT tenant, kind, value, holder FROM claims")
        timers = await connection.fetch("SELECT subject, kind FROM timers")
        return set(map(tuple, keys)), set(map(tuple, timers))
    finally:
        await connection.close()


async def bring_back(server: str, name: str, backup: Path, archive: Path, until: datetime) -> str:
    """Replace the database by its state at ``until``. ``server``: the superuser's URL. Returns the URL of the
    database that was replaced."""
    await _archive_all(server, archive)
    dump = backup.with_name(f"{name}.dump")
    async with _recovered(server, backup, archive, until) as earlier:
        await _run("pg_dump", "--format=custom", f"--file={dump}", url=_at(earlier, name))
    restored, lost = f"{name}_restored", f"{name}_lost"
    await _execute(
        server,
        f'CREATE DATABASE "{restored}" OWNER "{name}_owner"',
        f'REVOKE ALL ON DATABASE "{restored}" FROM PUBLIC',
        f'GRANT CONNECT, TEMPORARY ON DATABASE "{restored}" TO "{name}"',
    )
    await _run("pg_restore", "--exit-on-error", str(dump), url=_at(server, restored), target=True)
    dump.unlink()
    await _execute(
        server,
        f'DROP DATABASE IF EXISTS "{lost}"',
        f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false',
        f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{name}'",  # noqa: S608
        f'ALTER DATABASE "{name}" RENAME TO "{lost}"',
        f'ALTER DATABASE "{restored}" RENAME TO "{name}"',
        f'ALTER DATABASE "{lost}" ALLOW_CONNECTIONS true',
    )
    return _at(server, lost)


async def _archive_all(server: str, archive: Path) -> None:
    connection = await asyncpg.connect(server)
    try:
        current = await connection.fetchval("SELECT pg_walfile_name(pg_current_wal_lsn())")
        await connection.execute("SELECT pg_logical_emit_message(false, '', ''); SELECT pg_switch_wal()")
    finally:
        await connection.close()
    async with asyncio.timeout(ARCHIVED_WITHIN):
        while not (archive / current).exists():  # noqa: ASYNC110  # a file says so
            await asyncio.sleep(0.1)


@asynccontextmanager
async def _recovered(server: str, backup: Path, archive: Path, until: datetime) -> AsyncIterator[str]:
    """A server with the state of that moment; yields its superuser's URL."""
    home = backup.with_name("recovered")
    StateDir(home).prepare()
    await asyncio.to_thread(_unpack, backup, home / "postgres", archive, until)
    postgres = EmbeddedPostgres(home, ports.free(), urlsplit(server).password or "")
    process = Process(postgres.program(), home)
    process.start()
    try:
        await process.until_ready(READY_WITHIN)
        yield postgres.url
    finally:
        await process.stop()
        await asyncio.to_thread(shutil.rmtree, home)


def _unpack(backup: Path, data: Path, archive: Path, until: datetime) -> None:
    account = data_owner(data)
    shutil.copytree(backup / "postgres", data)
    recovery = RECOVERY.format(archive=archive, replaced=archive, until=until.isoformat())
    (data / "postgresql.auto.conf").write_text(f"{recovery}fsync = off\n")  # it lives for seconds
    (data / "recovery.signal").touch()
    if account:
        for path in [data, *data.rglob("*")]:
            os.chown(path, account.uid, account.gid)
    data.chmod(0o700)


async def _execute(server: str, *statements: str) -> None:
    connection = await asyncpg.connect(server)
    try:
        for it in statements:
            await connection.execute(it)
    finally:
        await connection.close()


async def _run(program: str, *arguments: str, url: str, target: bool = False) -> None:
    parts = urlsplit(url)
    where = urlunsplit(parts._replace(netloc=f"{parts.username}@{parts.hostname}:{parts.port}"))
    process = await asyncio.create_subprocess_exec(
        str(binary_folder() / program),
        *((f"--dbname={where}", *arguments) if target else (*arguments, where)),
        env=inherited() | {"PGPASSWORD": parts.password or ""},
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{program}: {errors.decode()[-500:]}")


def _at(server: str, database: str) -> str:
    return urlsplit(server)._replace(path=f"/{database}").geturl()
