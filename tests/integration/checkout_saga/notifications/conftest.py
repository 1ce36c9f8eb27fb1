"""A mail server as a process, and the part of the service that sends mails to it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from devstack import ports
from devstack.databases import Database
from tests.integration.checkout_saga.notifications.mailing import MIGRATIONS, Office, post_office
from tests.support.database import copied, migrated_database, service_pool
from tests.support.parts import Parts
from tests.support.running import running
from tests.support.waiting import until


@dataclass(frozen=True)
class MailServer:
    port: int
    ledger: Path

    def taken(self) -> list[dict[str, Any]]:
        """The mails that are visible, in their order."""
        lines = self.ledger.read_text().splitlines() if self.ledger.exists() else []
        return [json.loads(it) for it in lines]

    def copies_of(self, notification_id: UUID) -> int:
        return [it["id"] for it in self.taken()].count(f"<{notification_id}@feira.test>")


@asynccontextmanager
async def running_server(folder: Path, *certificate: Path) -> AsyncIterator[MailServer]:
    server = MailServer(ports.free(), folder / "mails.jsonl")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.mail_server", str(server.port), server.ledger, *certificate
    )
    try:
        await until(lambda: _listens(server.port))
        yield server
    finally:
        process.kill()
        await process.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


@pytest.fixture(scope="package")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[MailServer]:
    async with running_server(tmp_path_factory.mktemp("mails")) as server:
        yield server


@pytest.fixture(scope="package")
async def template(parts: Parts) -> Database:
    return await migrated_database("feira_mails", parts.postgres_superuser_url, MIGRATIONS)


@pytest.fixture(scope="package")
async def mails(template: Database) -> AsyncIterator[Database]:
    async with copied(template) as database:
        yield database


@pytest.fixture(scope="package")
async def office(mails: Database, server: MailServer) -> AsyncIterator[Office]:
    async with service_pool(mails) as pool:
        office = await post_office(pool, server.port)
        async with running(office.calls.run()):
            yield office
