"""Subscription plans over HTTP: their life, their list, who may what, and their products."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.integration.offer.conftest import caller
from tests.integration.offer.products import product_body
from tests.support.single_service import RunningService

PLANS = "/v1/subscription-plans"
AT_ONCE = 64


def plan_body(**other: Any) -> dict[str, Any]:
    return {
        "code": f"plan-{uuid4()}",
        "name": "Starter",
        "billing_cycle": {"interval": "month", "count": 1},
        "prices": [{"amount": 2900, "currency": "EUR"}],
        **other,
    }


FULL: dict[str, Any] = {
    "proration_unit": "day",
    "trial_days": 14,
    "trial_end_without_payment": "pause",
    "anchor_day": 31,
    "features": ["sso"],
    "limits": {"projects": 10},
    "add_ons": [
        {
            "code": "setup",
            "name": "Setup",
            "prices": [{"amount": 9900, "currency": "EUR"}],
            "type": "service",
            "auto_include": True,
            "billing_frequency": "once",
        },
        {
            "code": "seats",
            "name": "Seats",
            "prices": [{"amount": 500, "currency": "EUR"}],
            "type": "seat",
            "billing_frequency": {"every": 12},
            "max_quantity": 100,
        },
    ],
    "meters": [
        {
            "meter": "api_calls",
            "name": "API calls",
            "aggregation": "sum",
            "model": "graduated",
            "included": 1000,
            "prices": [
                {
                    "currency": "EUR",
                    "tiers": [
                        {"up_to": 10_000, "unit_amount": "0.50"},
                        {"up_to": None, "unit_amount": "0.2"},
                    ],
                }
            ],
        }
    ],
    "usage_grace_hours": 2,
    "tax_category": "saas",
    "tax_inclusive": True,
    "dunning": {"retry_days": [1, 2], "suspend_after_days": 3, "end_after_days": 9, "end": "unpaid"},
    "metadata": {"shelf": "a"},
}


async def created(admin: httpx.AsyncClient, **other: Any) -> dict[str, Any]:
    answer = await admin.post(PLANS, json=plan_body(**other))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_plan_is_shown_as_it_was_made(admin: httpx.AsyncClient) -> None:
    body = plan_body(**FULL)
    answer = await admin.post(PLANS, json=body)
    made = answer.json()
    assert (answer.status_code, answer.headers["ETag"], made["version"]) == (201, '"1"', 1)
    assert (made["status"], made["terms_version"], made["migrations"]) == ("active", 1, [])
    assert {name: made[name] for name in body if name not in ("add_ons", "meters")} == {
        name: it for name, it in body.items() if name not in ("add_ons", "meters")
    }
    setup, seats = made["add_ons"]
    assert (setup["billing_frequency"], setup["max_quantity"]) == ("once", 1)
    assert (seats["billing_frequency"], seats["auto_include"]) == ({"every": 12}, False)
    (price,) = made["meters"][0]["prices"]
    assert [it["unit_amount"] for it in price["tiers"]] == ["0.5", "0.2"]
    path = f"{PLANS}/{made['plan_id']}"
    shown = await admin.get(path)
    assert (shown.json(), shown.headers["ETag"]) == (made, '"1"')


async def test_defaults(admin: httpx.AsyncClient) -> None:
    made = await created(admin)
    assert (made["proration_unit"], made["trial_days"], made["trial_end_without_payment"]) == (
        "second",
        0,
        "cancel",
    )
    assert (made["anchor_day"], made["usage_grace_hours"], made["tax_inclusive"]) == (None, 0, None)
    assert made["dunning"] == {
        "retry_days": [1, 3, 5, 7],
        "suspend_after_days": 7,
        "end_after_days": 14,
        "end": "cancel",
    }
    meter = {**FULL["meters"][0], "model": "package"}
    meter["prices"] = [{"currency": "EUR", "size": 1000, "amount": 150}]
    assert (await created(admin, meters=[meter]))["usage_grace_hours"] == 1


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"code": "Starter"}, "#/code"),
        ({"code": "a" * 65}, "#/code"),
        ({"name": ""}, "#/name"),
        ({"prices": []}, "#/prices"),
        ({"billing_cycle": {"interval": "month", "count": 37}}, "#/billing_cycle/count"),
        ({"billing_cycle": {"interval": "hour", "count": 1}}, "#/billing_cycle/interval"),
        ({"trial_days": 731}, "#/trial_days"),
        ({"anchor_day": 32}, "#/anchor_day"),
        ({"usage_grace_hours": 73}, "#/usage_grace_hours"),
        ({"features": [f"f{it}" for it in range(101)]}, "#/features"),
        ({"limits": {"projects": -1}}, "#/limits/projects"),
        ({"dunning": {"retry_days": [61]}}, "#/dunning/retry_days/0"),
        ({"dunning": {"retry_days": [2, 1]}}, "#/dunning"),
        ({"prices": [{"amount": 10**12 + 1, "currency": "EUR"}]}, "#/prices/0/amount"),
    ],
)
async def test_limits_of_the_fields(admin: httpx.AsyncClient, wrong: dict[str, Any], pointer: str) -> None:
    refused = await admin.post(PLANS, json=plan_body(**wrong))
    assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_REQUEST")
    assert refused.json()["errors"][0]["pointer"] == pointer


async def test_a_plan_changes_by_patch_and_a_stale_version_is_refused(admin: httpx.AsyncClient) -> None:
    path = f"{PLANS}/{(await created(admin))['plan_id']}"
    renamed = await admin.patch(path, json={"name": "Small"}, headers={"If-Match": '"1"'})
    assert (renamed.status_code, renamed.json()["terms_version"]) == (200, 1)
    dearer = {"prices": [{"amount": 3400, "currency": "EUR"}]}
    stale = await admin.patch(path, json=dearer, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "VERSION_CONFLICT")
    assert (await admin.patch(path, json=dearer)).json()["terms_version"] == 2
    for fixed in ({"code": "x"}, {"billing_cycle": {"interval": "year"}}, {"proration_unit": "day"}):
        refused = await admin.patch(path, json=fixed)
        assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_REQUEST")
    migrated = await admin.post(f"{path}/migrate", json={"from_terms_version": 1, "notice_days": 0})
    assert migrated.status_code == 202, migrated.text
    assert [it["from_terms_version"] for it in migrated.json()["migrations"]] == [1]
    archived = await admin.post(f"{path}/archive")
    assert (archived.status_code, archived.json()["status"]) == (200, "archived")
    refused = await admin.patch(path, json={"name": "Tiny"})
    assert (refused.status_code, refused.json()["code"]) == (409, "PLAN_NOT_ACTIVE")


async def test_a_repeated_request_makes_one_plan(admin: httpx.AsyncClient) -> None:
    body, key = plan_body(), {"Idempotency-Key": str(uuid4())}
    first, again = [await admin.post(PLANS, json=body, headers=key) for _ in range(2)]
    assert (again.status_code, again.json(), again.headers["Idempotent-Replayed"]) == (
        201,
        first.json(),
        "true",
    )


async def test_of_64_requests_with_one_code_one_makes_a_plan(
    admin: httpx.AsyncClient, replicas: list[RunningService]
) -> None:
    body = plan_body()
    async with caller(replicas[1], "demo-admin") as other:
        answers = await asyncio.gather(
            *((admin, other)[it % 2].post(PLANS, json=body) for it in range(AT_ONCE))
        )
    codes = Counter((it.status_code, it.json().get("code") != body["code"]) for it in answers)
    assert codes == {(201, False): 1, (409, True): AT_ONCE - 1}
    assert {it.json()["code"] for it in answers if it.status_code == 409} == {"CODE_EXISTS"}


async def test_lists(admin: httpx.AsyncClient) -> None:
    first, second, third = [await created(admin) for _ in range(3)]
    await admin.post(f"{PLANS}/{second['plan_id']}/archive")

    async def found(**params: Any) -> list[str]:
        ids: list[str] = []
        cursor = None
        while True:
            query = {**params, "limit": 1} | ({"cursor": cursor} if cursor else {})
            page = (await admin.get(PLANS, params=query)).json()
            ids += [it["plan_id"] for it in page["items"]]
            if (cursor := page["next_cursor"]) is None:
                return ids

    ours = [it["plan_id"] for it in (first, second, third)]
    everything = await found()
    assert [it for it in everything if it in ours] == ours
    assert second["plan_id"] not in await found(status="active")
    assert second["plan_id"] in await found(status="archived")
    codes = [it["code"] for it in (first, second)]
    assert await found(code=[*codes, "unknown"]) == ours[:2]
    assert await found(code=codes, status="active") == ours[:1]


async def test_who_may_what(admin: httpx.AsyncClient, replicas: list[RunningService]) -> None:
    path = f"{PLANS}/{(await created(admin))['plan_id']}"
    for role, reads in (("storefront", 200), ("service", 200), ("ops", 200), ("analyst", 403)):
        async with caller(replicas[0], f"demo-{role}") as client:
            assert (await client.get(path)).status_code == reads
            assert (await client.post(PLANS, json=plan_body())).status_code == 403
            assert (await client.patch(path, json={"name": "Mine"})).status_code == 403
    async with caller(replicas[0], "rival-admin") as rival:
        for answer in (await rival.get(path), await rival.post(f"{path}/archive")):
            assert (answer.status_code, answer.json()["code"]) == (404, "PLAN_NOT_FOUND")


async def subscription(admin: httpx.AsyncClient, plan_id: str, **other: Any) -> httpx.Response:
    body = product_body(**{"type": "subscription", "plan_id": plan_id, "prices": [], **other})
    return await admin.post("/v1/products", json=body)


async def test_a_product_of_a_plan_follows_it(admin: httpx.AsyncClient) -> None:
    plan = await created(admin, trial_days=14)
    made = await subscription(admin, plan["plan_id"])
    assert made.status_code == 201, made.text
    path = f"/v1/products/{made.json()['product_id']}"
    assert [(it["amount"], it["currency"]) for it in made.json()["prices"]] == [(2900, "EUR")]
    assert made.json()["plan_id"] == plan["plan_id"]
    assert (await admin.post(f"{path}/activate")).status_code == 200

    differs = await admin.patch(path, json={"prices": [{"amount": 1, "currency": "EUR"}]})
    assert (differs.status_code, differs.json()["code"]) == (422, "PLAN_PRICE_DIFFERS")
    assert differs.json()["errors"][0]["pointer"] == "#/prices"
    dearer = {"prices": [{"amount": 3400, "currency": "EUR"}]}
    assert (await admin.patch(f"{PLANS}/{plan['plan_id']}", json=dearer)).status_code == 200
    assert [it["amount"] for it in (await admin.get(path)).json()["prices"]] == [3400]
    quoted = await admin.post(
        "/v1/quotes",
        json={"currency": "EUR", "lines": [{"product_id": made.json()["product_id"], "quantity": 1}]},
    )
    assert quoted.json()["totals"]["total"]["amount"] == 3400, quoted.text

    await admin.post(f"{PLANS}/{plan['plan_id']}/archive")
    assert (await admin.get(path)).json()["status"] == "archived"
    again = await admin.post(f"{path}/activate")
    assert (again.status_code, again.json()["code"]) == (409, "PLAN_NOT_ACTIVE")


async def test_a_product_needs_a_plan_that_takes_subscriptions(admin: httpx.AsyncClient) -> None:
    missing = await subscription(admin, str(uuid4()))
    assert (missing.status_code, missing.json()["code"]) == (404, "PLAN_NOT_FOUND")
    plan_id = (await created(admin))["plan_id"]
    differs = await subscription(admin, plan_id, prices=[{"amount": 1, "currency": "EUR"}])
    assert (differs.status_code, differs.json()["code"]) == (422, "PLAN_PRICE_DIFFERS")
    await admin.post(f"{PLANS}/{plan_id}/archive")
    archived = await subscription(admin, plan_id)
    assert (archived.status_code, archived.json()["code"]) == (409, "PLAN_NOT_ACTIVE")


async def test_products_that_join_while_the_plan_changes_have_its_terms_in_the_end(
    admin: httpx.AsyncClient, replicas: list[RunningService]
) -> None:
    plan_id = (await created(admin))["plan_id"]
    async with caller(replicas[1], "demo-admin") as other:
        amounts = range(1000, 1008)
        changes = [{"prices": [{"amount": it, "currency": "EUR"}]} for it in amounts]
        answers = await asyncio.gather(
            *(other.patch(f"{PLANS}/{plan_id}", json=it) for it in changes),
            *(subscription(admin, plan_id) for _ in range(16)),
        )
    assert {it.status_code for it in answers} == {200, 201}
    wanted = (await admin.get(f"{PLANS}/{plan_id}")).json()["prices"][0]["amount"]
    products = [it.json()["product_id"] for it in answers if it.status_code == 201]
    shown = [(await admin.get(f"/v1/products/{it}")).json()["prices"][0]["amount"] for it in products]
    assert shown == [wanted] * 16
