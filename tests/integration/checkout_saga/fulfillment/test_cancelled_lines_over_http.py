"""A pending line that is cancelled: nothing hands it over any more, its money and its units go back once,
also if other commands about it come at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
import pytest

from checkout_saga.fulfillment.domain.fulfillment import fulfillment_id
from checkout_saga.orders.domain.errors import NotFulfillable, OrderNotCancellable
from checkout_saga.orders.use_cases.fulfilling import complete_line
from checkout_saga.orders.use_cases.refunds import cancel_lines
from contracts.order import RefundedUnits
from contracts.sale import SaleLine
from kernel.errors import Conflict
from tests.integration.checkout_saga.fulfillment.buying import (
    PRICE,
    SETTINGS,
    bought,
    order_of,
    results,
    sold,
)
from tests.integration.checkout_saga.neighbours import CONTEXT, Neighbours
from tests.support.waiting import until

LEDGER = "/v1/simulated-gateway/ledger"
UNITS = 3
RACES = 5
TYPES = ("physical_product", "service")
"""One that is handed over by hand, and one that stays as it is."""
PENDING = "fulfillment.requested", "fulfillment.pending"


class Bought:
    """An order with a pending line of ``UNITS``, and another line."""

    def __init__(
        self,
        order: dict[str, Any],
        line: SaleLine,
        shop: httpx.AsyncClient,
        admin: httpx.AsyncClient,
        neighbours: Neighbours,
    ) -> None:
        self.order_id, self.checkout_id = UUID(order["order_id"]), order["checkout_id"]
        self.line = line
        self.stream = fulfillment_id(self.order_id, line.line_id)
        self._shop, self._admin, self._neighbours = shop, admin, neighbours

    async def cancel(self, quantity: int = UNITS) -> httpx.Response:
        lines = [{"line_id": self.line.line_id, "quantity": quantity}]
        body = {"reason": "not wanted any more", "lines": lines}
        return await self._admin.post(f"/v1/orders/{self.order_id}/cancel", json=body)

    async def complete(self) -> httpx.Response:
        path = f"/v1/orders/{self.order_id}/lines/{self.line.line_id}/complete"
        return await self._admin.post(path, json={"reference": "parcel 7"})

    async def order(self) -> dict[str, Any]:
        return await order_of(self._shop, str(self.order_id))

    async def line_facts(self) -> list[str]:
        return await self._neighbours.types(self.stream)

    async def tries_ahead(self) -> int:
        count = "SELECT count(*) FROM timers WHERE subject = $1"
        return int(await self._neighbours.pool.fetchval(count, self.stream))

    async def put_back(self) -> list[int]:
        """The units that each command to put some back into stock names."""
        rows = await self._neighbours.pool.fetch(
            "SELECT body FROM log WHERE type = 'offer.receive_stock' AND key = $1", UUID(self.checkout_id)
        )
        bodies = [orjson.loads(it["body"]) for it in rows]
        assert all(
            it["product_id"] == str(self.line.product_id) for body in bodies for it in body["received"]
        )
        return [it["quantity"] for body in bodies for it in body["received"]]

    async def refunds(self) -> Sequence[dict[str, Any]]:
        """Once none of them is under way."""

        async def ended() -> bool:
            return all(it["status"] == "refunded" for it in (await self.order())["refunds"])

        await until(ended)
        return list((await self.order())["refunds"])

    async def check_that_it_was_cancelled_once(self) -> None:
        assert await self.line_facts() == [
            "fulfillment.requested",
            "fulfillment.pending",
            "fulfillment.revoked",
        ]
        assert [it["amount"]["amount"] for it in await self.refunds()] == [UNITS * PRICE]
        assert await self.put_back() == [UNITS]
        order = await self.order()
        assert order["refundable"]["amount"] == UNITS * PRICE, "the other line"
        assert order["status"] == "fulfilled", "the other line is all that was wanted"


@pytest.fixture
async def order(
    shop: httpx.AsyncClient,
    admin: httpx.AsyncClient,
    neighbours: Neighbours,
    monkeypatch: pytest.MonkeyPatch,
) -> Bought:
    return await with_a_pending_line(shop, admin, neighbours, monkeypatch)


async def with_a_pending_line(
    shop: httpx.AsyncClient,
    admin: httpx.AsyncClient,
    neighbours: Neighbours,
    monkeypatch: pytest.MonkeyPatch,
) -> Bought:
    assert (await admin.put(SETTINGS, json={"fulfillment": {TYPES[0]: "manual"}})).status_code == 200
    sale = sold(*((it, uuid4()) for it in TYPES), quantity=UNITS)
    placed = await bought(sale, shop, neighbours, monkeypatch)
    assert (placed["status"], results(placed)) == ("partially_fulfilled", ["pending", "successful"])
    return Bought(placed, sale.lines[0], shop, admin, neighbours)


async def test_a_cancelled_line_is_revoked_refunded_and_put_back_once_and_never_handed_over(
    order: Bought, ledger: httpx.AsyncClient
) -> None:
    assert (await order.cancel()).status_code == 200

    await order.check_that_it_was_cancelled_once()
    assert await order.tries_ahead() == 0
    refused = await order.complete()
    assert (refused.status_code, refused.json()["code"]) == (409, "FULFILLMENT_NOT_POSSIBLE")
    assert refused.json()["line_id"] == order.line.line_id
    assert "cancelled" in refused.json()["detail"]
    again = await order.cancel()
    assert (again.status_code, again.json()["code"]) == (409, "ORDER_NOT_CANCELLABLE")
    await order.check_that_it_was_cancelled_once()
    entries = (await ledger.get(LEDGER, params={"checkout_id": order.checkout_id})).json()["items"]
    refunds = [it["amount"] for it in entries if it["operation"] == "refund"]
    assert refunds == [UNITS * PRICE], entries


async def test_the_rest_of_a_line_of_which_some_units_are_cancelled_is_handed_over(order: Bought) -> None:
    assert (await order.cancel(quantity=1)).status_code == 200
    assert (await order.complete()).json()["status"] == "fulfilled"
    assert (await order.line_facts())[-1] == "fulfillment.succeeded"
    assert [it["amount"]["amount"] for it in await order.refunds()] == [PRICE]
    assert await order.put_back() == [1]
    refused = await order.cancel(quantity=1)
    assert (refused.status_code, refused.json()["handed_over"]) == (409, UNITS - 1)


async def test_a_line_that_was_completed_cannot_be_cancelled(order: Bought) -> None:
    assert (await order.complete()).status_code == 200
    refused = await order.cancel()
    assert (refused.status_code, refused.json()["code"]) == (409, "ORDER_NOT_CANCELLABLE")
    assert refused.json()["handed_over"] == UNITS
    assert await order.line_facts() == [
        "fulfillment.requested",
        "fulfillment.pending",
        "fulfillment.succeeded",
    ]
    assert (await order.refunds(), await order.put_back()) == ([], [])


async def test_of_a_completion_and_a_cancellation_at_once_one_is_refused(
    shop: httpx.AsyncClient,
    admin: httpx.AsyncClient,
    neighbours: Neighbours,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(RACES):
        order = await with_a_pending_line(shop, admin, neighbours, monkeypatch)
        acts = (order.complete(), order.cancel()) if number % 2 else (order.cancel(), order.complete())
        answers = await asyncio.gather(*acts)
        assert sorted(it.status_code for it in answers) == [200, 409], [it.text for it in answers]
        refused = next(it.json()["code"] for it in answers if it.status_code == 409)
        if refused == "FULFILLMENT_NOT_POSSIBLE":
            await order.check_that_it_was_cancelled_once()
        else:
            assert refused == "ORDER_NOT_CANCELLABLE"
            assert (await order.line_facts())[-1] == "fulfillment.succeeded"
            assert (await order.refunds(), await order.put_back()) == ([], [])


async def test_a_completion_that_was_decided_before_a_cancellation_is_decided_anew(
    order: Bought, neighbours: Neighbours
) -> None:
    late = await neighbours.store.begin(CONTEXT)
    complete = partial(complete_line, order.order_id, order.line.line_id, "parcel 7")
    await complete(late)
    assert (await order.cancel()).status_code == 200
    with pytest.raises(Conflict):
        await neighbours.store.commit(late)
    with pytest.raises(NotFulfillable):
        await neighbours.store.run(CONTEXT, complete)
    await order.check_that_it_was_cancelled_once()


async def test_a_cancellation_that_was_decided_before_a_completion_is_decided_anew(
    order: Bought, neighbours: Neighbours
) -> None:
    late = await neighbours.store.begin(CONTEXT)
    units = (RefundedUnits(line_id=order.line.line_id, quantity=UNITS),)
    cancel = partial(cancel_lines, order.order_id, uuid4(), units, "not wanted any more")
    await cancel(late)
    assert (await order.complete()).status_code == 200
    with pytest.raises(Conflict):
        await neighbours.store.commit(late)
    with pytest.raises(OrderNotCancellable):
        await neighbours.store.run(CONTEXT, cancel)
    assert await order.line_facts() == [
        "fulfillment.requested",
        "fulfillment.pending",
        "fulfillment.succeeded",
    ]
    assert (await order.refunds(), await order.put_back()) == ([], [])
