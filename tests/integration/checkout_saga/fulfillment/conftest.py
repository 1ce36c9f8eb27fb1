"""An admin, who sets how product types are handed over; afterwards the defaults are back."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.integration.checkout_saga.conftest import caller
from tests.integration.checkout_saga.fulfillment.buying import SETTINGS
from tests.support.single_service import RunningService


@pytest.fixture
async def admin(service: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    async with caller(service, "demo-admin") as client:
        yield client
        await client.put(SETTINGS, json={})
