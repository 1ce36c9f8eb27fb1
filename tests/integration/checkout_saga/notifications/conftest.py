"""A mail server as a process, and the part of the service that sends mails to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from devstack.databases import Database
from tests.integration.checkout_saga.notifications.mailing import MIGRATIONS, Office, post_office
from tests.support.database import copied, migrated_database, service_pool
from tests.support.mailboxes import MailServer, mail_server
from tests.support.parts import Parts
from tests.support.running import running


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with mail_server(tmp_path_factory.mktemp("mails")) as server:
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
