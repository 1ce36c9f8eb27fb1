"""An operator, an admin, and a checkout whose refund the gateway refuses."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from checkout_saga.checkout.domain import step_names
from tests.integration.checkout_saga.neighbours import ANSWERS, Neighbours, begin


@pytest.fixture
async def stuck(shop: httpx.AsyncClient, ops: httpx.AsyncClient, neighbours: Neighbours) -> str:
    """A checkout that waits for an operator: it is given up after the capture."""
    checkout_id = await begin(shop, "tok_refund_fails")
    awaited = ""
    async with asyncio.timeout(20):
        while awaited != step_names.CONFIRM_STOCK:
            steps = (await shop.get(f"/v1/checkouts/{checkout_id}")).json()["steps"]
            awaited = next((it["name"] for it in steps if it["status"] == "started"), "")
            if awaited in ANSWERS and awaited != step_names.CONFIRM_STOCK:
                await neighbours.answer(checkout_id, ANSWERS[awaited])
    given_up = {"refund": True, "reason": "the stock is gone"}
    assert (await ops.post(f"/v1/sagas/{checkout_id}/compensate", json=given_up)).status_code == 200
    await neighbours.serve(shop, checkout_id, {"needs_operator"})
    return checkout_id
