"""An analyst, signed in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from cli import analyst_logins
from cli.scram import verifier_of
from devstack.databases import Database
from tests.integration.projections.questions.analysts import (
    DAY,
    PASSWORD,
    Connection,
    conversion,
    signed_in,
)
from tests.integration.projections.questions.asking import insert
from tests.support.single_service import RunningService


@pytest.fixture
async def analyst(service: RunningService, database: Database) -> AsyncIterator[Connection]:
    """Of the tenant demo; rival has rows and a login, too."""
    superuser = await asyncpg.connect(database.superuser_url)
    await superuser.execute("DELETE FROM checkout_conversion WHERE day = $1", DAY)
    await superuser.close()
    rows = [conversion("demo", "JPY", 1234), conversion("demo", "BHD", 1234), conversion("rival", "SEK", 99)]
    await insert(database.superuser_url, "checkout_conversion", *rows)
    for tenant in ("demo", "rival"):
        await analyst_logins.ensure(database.superuser_url, tenant, verifier_of(PASSWORD))
    connection = await signed_in(database, "demo")
    yield connection
    connection.terminate()
