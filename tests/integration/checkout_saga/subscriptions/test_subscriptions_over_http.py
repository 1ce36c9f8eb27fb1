"""A checkout that sells a plan leaves a subscription and a paid invoice with a number, over HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from checkout_saga.subscriptions.use_cases.cancelling import END_SUBSCRIPTION
from contracts import plan
from tests.integration.cart.messages import stamp
from tests.integration.checkout_saga.fulfillment.buying import bought, order_of, results, sold
from tests.integration.checkout_saga.neighbours import Neighbours
from tests.integration.checkout_saga.subscriptions.plan_facts import keep_copy
from tests.support.waiting import until
from tests.unit.checkout_saga.subscriptions.plans import terms

Json = dict[str, Any]
TIMER = "SELECT due_at FROM timers WHERE subject = $1 AND kind = $2"


@pytest.fixture
async def plan_id(neighbours: Neighbours) -> UUID:
    made = uuid4()
    await keep_copy(neighbours.pool, plan.Created(**stamp(made, 1), terms=terms(), terms_version=1))
    return made


@pytest.fixture
async def order(
    plan_id: UUID, shop: httpx.AsyncClient, neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> Json:
    """Of the plan, and of a service."""
    sale = sold(("subscription", uuid4()), ("service", uuid4()))
    lines = sale.lines[0].model_copy(update={"plan_id": str(plan_id)}), sale.lines[1]
    return await bought(sale.model_copy(update={"lines": lines}), shop, neighbours, monkeypatch)


@pytest.fixture
async def begun(order: Json, admin: httpx.AsyncClient) -> Json:
    return await subscription(admin, order["lines"][0]["fulfillment"]["reference"])


async def subscription(caller: httpx.AsyncClient, subscription_id: str) -> Json:
    answer = await caller.get(f"/v1/subscriptions/{subscription_id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def listed(caller: httpx.AsyncClient, what: str, count: int = 1, **criteria: str) -> list[Json]:
    """Once the list has so many."""

    async def items() -> list[Json]:
        answer = await caller.get(f"/v1/{what}", params=criteria)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    async def enough() -> bool:
        return len(await items()) >= count

    await until(enough)
    return await items()


async def test_an_order_of_a_plan_has_a_subscription_in_its_first_period(
    begun: Json, order: Json, plan_id: UUID
) -> None:
    assert results(order) == ["successful", "successful"]
    assert (begun["status"], begun["entitled"], begun["order_id"]) == ("active", True, order["order_id"])
    assert begun["plan"] == {
        "plan_id": str(plan_id),
        "code": "starter",
        "name": "Starter",
        "terms_version": 1,
        "features": ["reports"],
        "limits": {"seats": 5},
    }
    assert (begun["currency"], begun["time_zone"], begun["proration_unit"]) == ("USD", "UTC", "second")
    since, to = (datetime.fromisoformat(begun["period"][it]) for it in ("from", "to"))
    assert begun["period"]["number"] == 1
    assert timedelta(days=28) <= to - since <= timedelta(days=31)
    assert since.replace(tzinfo=None).isoformat() == begun["anchor"]
    assert (begun["next_invoice_at"], begun["cancel_at"], begun["cancelled_at"]) == (None, None, None)


async def test_the_order_has_paid_its_first_invoice_which_has_the_next_number(
    begun: Json, order: Json, admin: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    (shown,) = await listed(admin, "invoices", subscription_id=begun["subscription_id"])
    assert shown == (await admin.get(f"/v1/invoices/{shown['invoice_id']}")).json()
    assert (shown["status"], shown["customer_id"]) == ("paid", begun["customer_id"])
    assert [it["order_id"] for it in shown["payments"]] == [order["order_id"]]
    assert {it: shown[it]["amount"] for it in ("subtotal", "net", "tax", "total", "amount_due")} == {
        "subtotal": 1000,
        "net": 1000,
        "tax": 0,
        "total": 1000,
        "amount_due": 1000,
    }
    (line,) = shown["lines"]
    assert (line["kind"], line["total"]) == ("period", {"amount": 1000, "currency": "USD"})
    assert line["period"] == shown["period"] == begun["period"]
    assert line["line_id"] == order["lines"][0]["line_id"]

    series, year, number = shown["number"].split("-")
    assert (series, year) == ("INV", shown["issued_at"][:4])
    last = await neighbours.pool.fetchval("SELECT last FROM document_numbers WHERE tenant = 'demo'")
    assert 1 <= int(number) <= last


async def test_lists_go_by_customer_plan_and_status_page_by_page(
    begun: Json, plan_id: UUID, admin: httpx.AsyncClient, rival: httpx.AsyncClient
) -> None:
    for criteria in ({"customer_id": begun["customer_id"]}, {"plan_id": str(plan_id), "status": "active"}):
        assert await listed(admin, "subscriptions", **criteria) == [begun]
    (invoice,) = await listed(admin, "invoices", customer_id=begun["customer_id"], status="paid")
    assert invoice["subscription_id"] == begun["subscription_id"]
    assert await listed(admin, "invoices", 0, customer_id=begun["customer_id"], status="open") == []
    assert await listed(rival, "subscriptions", 0) == []

    first = (await admin.get("/v1/subscriptions", params={"limit": 1})).json()
    while first["next_cursor"]:
        before = first["items"]
        params = {"limit": 1, "cursor": first["next_cursor"]}
        first = (await admin.get("/v1/subscriptions", params=params)).json()
        assert first["items"] != before
    assert first["items"][0]["subscription_id"] == begun["subscription_id"]


async def test_a_cancellation_at_the_end_of_the_period_is_withdrawn_and_made_again(
    begun: Json, admin: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    path = f"/v1/subscriptions/{begun['subscription_id']}"
    scheduled = await admin.post(f"{path}/cancel", json={"reason": "too expensive"})
    assert scheduled.status_code == 200, scheduled.text
    assert (scheduled.json()["status"], scheduled.json()["cancel_at"]) == ("active", begun["period"]["to"])
    assert scheduled.headers["ETag"] == f'"{begun["version"] + 1}"'
    withdrawn = await admin.post(f"{path}/resume")
    assert (withdrawn.status_code, withdrawn.json()["cancel_at"]) == (200, None)
    assert (await admin.post(f"{path}/cancel", json={"at": "period_end"})).json()["entitled"] is True

    due = await neighbours.pool.fetchval(TIMER, UUID(begun["subscription_id"]), END_SUBSCRIPTION)
    assert due == datetime.fromisoformat(begun["period"]["to"])


async def test_now_it_ends_at_once_and_nothing_is_given_back(
    begun: Json, order: Json, admin: httpx.AsyncClient, shop: httpx.AsyncClient
) -> None:
    path = f"/v1/subscriptions/{begun['subscription_id']}/cancel"
    ended = await admin.post(path, json={"at": "now", "refund": "none"})
    assert (ended.status_code, ended.json()["entitled"]) == (200, False)
    assert (await order_of(shop, order["order_id"]))["status"] == order["status"]
    again = await admin.post(path, json={"at": "now"})
    assert (again.status_code, again.json()["code"]) == (409, "SUBSCRIPTION_NOT_ACTIVE")
    assert again.json()["subscription_status"] == "cancelled"


async def test_it_ends_with_its_order(begun: Json, order: Json, admin: httpx.AsyncClient) -> None:
    cancelled = await admin.post(f"/v1/orders/{order['order_id']}/cancel", json={"reason": "changed my mind"})
    assert cancelled.status_code == 200, cancelled.text
    assert (await subscription(admin, begun["subscription_id"]))["status"] == "cancelled"


@pytest.mark.parametrize(
    "body",
    [{"at": "tomorrow"}, {"refund": "prorated"}, {"when": "now"}],
    ids=["another time", "a refund", "an unknown field"],
)
async def test_what_is_not_offered_is_refused(body: Json, begun: Json, admin: httpx.AsyncClient) -> None:
    answer = await admin.post(f"/v1/subscriptions/{begun['subscription_id']}/cancel", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_REQUEST")


async def test_what_is_not_there_is_another_tenant_s_or_of_another_kind_is_not_found(
    begun: Json, order: Json, admin: httpx.AsyncClient, rival: httpx.AsyncClient
) -> None:
    for caller, named in ((admin, uuid4()), (admin, order["order_id"]), (rival, begun["subscription_id"])):
        gone = await caller.get(f"/v1/subscriptions/{named}")
        assert (gone.status_code, gone.json()["code"]) == (404, "SUBSCRIPTION_NOT_FOUND")
        gone = await caller.get(f"/v1/invoices/{named}")
        assert (gone.status_code, gone.json()["code"]) == (404, "INVOICE_NOT_FOUND")
