"""A checkout with each token of the simulated gateway, compared with the gateway's own ledger."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

import httpx
import pytest

from checkout_saga.orders.domain.order import order_id_of
from checkout_saga.payments.domain.names import payment_id_of
from tests.integration.checkout_saga.neighbours import ENDS, Neighbours, begin

TAKEN = ["payment.authorized", "payment.captured"]
PAID = {
    "tok_ok": TAKEN,
    "tok_timeout": TAKEN,
    "tok_flaky": TAKEN,
    "tok_down": TAKEN,
    "tok_action": ["payment.action_required", *TAKEN],
}
REFUSED = {
    "tok_declined": ("PAYMENT_DECLINED", ["payment.declined"]),
    "tok_insufficient_funds": ("INSUFFICIENT_FUNDS", ["payment.declined"]),
    "tok_unheard_of": ("PAYMENT_DECLINED", ["payment.declined"]),
    "tok_capture_fails": ("CAPTURE_FAILED", ["payment.authorized", "payment.declined", "payment.voided"]),
}


async def entries(ledger: httpx.AsyncClient, checkout_id: str) -> Counter[str]:
    page = await ledger.get("/v1/simulated-gateway/ledger", params={"checkout_id": checkout_id})
    items: list[dict[str, Any]] = page.json()["items"]
    return Counter(it["status"] for it in items)


@pytest.mark.parametrize("token", PAID)
async def test_an_eventually_successful_payment_completes_the_checkout(
    token: str, shop: httpx.AsyncClient, neighbours: Neighbours, ledger: httpx.AsyncClient
) -> None:
    checkout_id = await begin(shop, token)
    if token == "tok_action":
        waiting = await neighbours.serve(shop, checkout_id, {"requires_action"})
        assert waiting["action_url"]
        assert (await shop.post(f"/v1/checkouts/{checkout_id}/confirm-action")).status_code == 200
    ended = await neighbours.serve(shop, checkout_id, ENDS)
    assert (ended["status"], ended["failure"]) == ("completed", None)
    assert await neighbours.types(payment_id_of(UUID(checkout_id))) == PAID[token]
    orders = await neighbours.types(order_id_of(UUID(checkout_id)))
    assert orders == ["order.created", "order.paid", "order.fulfilled"]
    counts = await entries(ledger, checkout_id)
    assert (counts["authorized"], counts["captured"], counts["voided"]) == (1, 1, 0)


@pytest.mark.parametrize("token", REFUSED)
async def test_a_refused_payment_compensates_the_checkout(
    token: str, shop: httpx.AsyncClient, neighbours: Neighbours, ledger: httpx.AsyncClient
) -> None:
    code, payments = REFUSED[token]
    checkout_id = await begin(shop, token)
    ended = await neighbours.serve(shop, checkout_id, ENDS)
    assert (ended["status"], ended["failure"]["code"], ended["order_id"]) == ("failed", code, None)
    assert await neighbours.types(payment_id_of(UUID(checkout_id))) == payments
    orders = await neighbours.types(order_id_of(UUID(checkout_id)))
    assert orders == (["order.created", "order.cancelled"] if token == "tok_capture_fails" else [])
    counts = await entries(ledger, checkout_id)
    assert counts["captured"] == 0
    assert counts["voided"] == counts["authorized"]
