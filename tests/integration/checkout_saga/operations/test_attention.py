"""All that waits for an operator in one list, and counted for alerts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from checkout_saga.notifications.domain.kinds import CustomerKind
from checkout_saga.notifications.domain.notification import Notification, Occasion
from checkout_saga.notifications.use_cases.sending import record_unknown
from checkout_saga.payments.domain.operation import Unknown
from checkout_saga.reconciliation.use_cases.running import TRIES, Progress, end_step, fail_step, start_run
from kernel.unit_of_work import UnitOfWork
from tests.integration.checkout_saga.conftest import caller
from tests.integration.checkout_saga.fulfillment.buying import bought, sold
from tests.integration.checkout_saga.neighbours import Neighbours
from tests.integration.kernel.shelf import DEMO
from tests.support.single_service import RunningService
from tests.support.waiting import until

WHY = {"reason": "the customer has called"}


async def entries(ops: httpx.AsyncClient, query: str = "limit=100") -> list[dict[str, Any]]:
    """All pages."""
    found, more = [], ""
    while more is not None:
        page = (await ops.get(f"/v1/attention?{query}" + (f"&cursor={more}" if more else ""))).json()
        found += page["items"]
        more = page["next_cursor"]
    return found


async def until_gauge_is(wanted: float, service: RunningService, kind: str) -> None:
    async with httpx.AsyncClient(base_url=service.url) as client:

        async def is_so() -> bool:
            return f'feira_attention{{kind="{kind}"}} {wanted:.1f}' in (await client.get("/metrics")).text

        await until(is_so)


async def held_by_two_orders(
    shop: httpx.AsyncClient, neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """The second order of a course that the customer has already: its line fails for good."""
    customer = {"id": f"customer-{uuid4()}", "email": f"{uuid4().hex}@example.com"}
    course = uuid4()
    for _ in range(2):
        order = await bought(sold(("course", course)), shop, neighbours, monkeypatch, customer=customer)
    return order


async def test_a_checkout_that_needs_an_operator_is_listed_and_counted_until_it_is_resolved(
    ops: httpx.AsyncClient, service: RunningService, stuck: str
) -> None:
    listed = {it["id"]: it for it in await entries(ops, "kind=checkout&limit=100")}
    entry = listed[stuck]
    assert (entry["kind"], entry["code"]) == ("checkout", "PAYMENT_OUTCOME_UNKNOWN")
    assert entry["detail"] == "The gateway refuses to refund."
    assert entry["actions"] == ["retry", "resolve_done"] and entry["next_try_at"]
    await until_gauge_is(len(listed), service, "checkout")

    done = {"outcome": "done", **WHY}
    assert (await ops.post(f"/v1/sagas/{stuck}/resolve", json=done)).status_code == 200
    assert stuck not in {it["id"] for it in await entries(ops)}
    await until_gauge_is(len(listed) - 1, service, "checkout")


async def test_a_line_that_could_not_be_handed_over_is_listed_until_the_order_is_cancelled(
    shop: httpx.AsyncClient,
    ops: httpx.AsyncClient,
    admin: httpx.AsyncClient,
    neighbours: Neighbours,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = await held_by_two_orders(shop, neighbours, monkeypatch)
    (entry,) = [it for it in await entries(ops, "kind=fulfillment") if it["order_id"] == order["order_id"]]
    assert (entry["code"], entry["line_id"]) == ("ALREADY_ENROLLED", order["lines"][0]["line_id"])
    assert (entry["actions"], entry["next_try_at"]) == (["fulfill"], None)

    again = f"/v1/orders/{order['order_id']}/lines/{entry['line_id']}/fulfill"
    assert (await ops.post(again, json=WHY)).status_code == 200
    (failed_again,) = [it for it in await entries(ops, "kind=fulfillment") if it["id"] == entry["id"]]
    assert failed_again["since"] > entry["since"]

    assert (await admin.post(f"/v1/orders/{order['order_id']}/cancel", json=WHY)).status_code == 200
    assert entry["id"] not in {it["id"] for it in await entries(ops)}


async def with_unknown_outcome(neighbours: Neighbours) -> UUID:
    """A message about an order, whose transfer has begun and has had no answer."""
    notification_id = uuid4()

    async def act(work: UnitOfWork) -> None:
        found = work.create(Notification, notification_id)
        found.request_about(CustomerKind.ORDER_CONFIRMATION, uuid4(), Occasion("customer-1", uuid4()))
        found.begin_sending(0)
        await record_unknown(notification_id, work)

    await neighbours.store.run(DEMO, act)
    return notification_id


async def test_a_message_whose_outcome_is_unknown_is_listed_and_counted_until_it_is_sent_again(
    ops: httpx.AsyncClient, service: RunningService, neighbours: Neighbours
) -> None:
    message = await with_unknown_outcome(neighbours)
    (entry,) = await entries(ops, "kind=notification")
    assert (entry["id"], entry["code"]) == (str(message), "NOTIFICATION_OUTCOME_UNKNOWN")
    assert (entry["detail"], entry["tries"]) == ("order_confirmation by email", 1)
    assert (entry["actions"], entry["next_try_at"]) == (["resend"], None)
    await until_gauge_is(1, service, "notification")

    key = {"Idempotency-Key": uuid4().hex}
    assert (await ops.post(f"/v1/notifications/{message}/resend", headers=key)).status_code == 202
    assert await entries(ops, "kind=notification") == []
    await until_gauge_is(0, service, "notification")


async def test_an_account_that_cannot_be_compared_is_listed_and_counted_until_a_run_ends(
    ops: httpx.AsyncClient, service: RunningService, neighbours: Neighbours
) -> None:
    account, since = uuid4(), datetime(2026, 3, 1, tzinfo=UTC)
    last = Progress(since + timedelta(days=1), timedelta(hours=6), tries=TRIES)

    async def fail(work: UnitOfWork) -> UUID:
        run = await start_run(account, "simulated", since, last.since, work)
        await fail_step(run.id, last, Unknown("no answer"), last.since, work)
        return run.id

    async def complete(work: UnitOfWork) -> None:
        run = await start_run(account, "simulated", since, last.since, work)
        await end_step(run.id, last, work)

    run_id = await neighbours.store.run(DEMO, fail)
    (entry,) = await entries(ops, "kind=reconciliation")
    assert (entry["id"], entry["code"]) == (str(run_id), "RECONCILIATION_FAILED")
    assert (entry["detail"], entry["actions"]) == ("simulated: no answer", [])
    await until_gauge_is(1, service, "reconciliation")

    await neighbours.store.run(DEMO, complete)
    assert await entries(ops, "kind=reconciliation") == []
    await until_gauge_is(0, service, "reconciliation")


async def test_kinds_are_merged_oldest_first_and_pages_leave_nothing_out(
    shop: httpx.AsyncClient,
    ops: httpx.AsyncClient,
    admin: httpx.AsyncClient,
    neighbours: Neighbours,
    monkeypatch: pytest.MonkeyPatch,
    stuck: str,
) -> None:
    order = await held_by_two_orders(shop, neighbours, monkeypatch)
    manual = {"amount": 100, "method": "manual", **WHY}
    for _ in range(2):
        key = {"Idempotency-Key": uuid4().hex}
        path = f"/v1/orders/{order['order_id']}/refunds"
        assert (await admin.post(path, json=manual, headers=key)).status_code == 202
    whole = await entries(ops)
    assert {it["kind"] for it in whole} == {"checkout", "fulfillment", "refund"}
    assert stuck in {it["id"] for it in whole}
    assert await entries(ops, "limit=1") == whole == await entries(ops, "limit=2")
    assert [it["since"] for it in whole] == sorted(it["since"] for it in whole)


async def test_other_tenants_and_roles_see_none_of_it(service: RunningService, stuck: str) -> None:
    assert stuck
    async with caller(service, "rival-ops") as rival:
        assert (await rival.get("/v1/attention")).json()["items"] == []
    async with caller(service, "demo-service") as other:
        assert (await other.get("/v1/attention")).status_code == 403
    async with caller(service, "demo-ops") as client:
        foreign = await client.get("/v1/attention?cursor=WyJhIl0")
        assert (foreign.status_code, foreign.json()["code"]) == (422, "INVALID_REQUEST")
