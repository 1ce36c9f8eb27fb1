"""API keys over HTTP: operators manage those of their own tenant, and no hash is ever shown."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from contracts.roles import OPERATORS, ROLES
from contracts.topics import MESSAGES
from kernel.http import api_key_routes
from kernel.http.app import create_app
from kernel.observability.health import Heartbeats
from kernel.store.event_store import EventStore
from tests.integration.kernel.http.callers import assert_problem, caller
from tests.integration.kernel.http.conftest import Pool

PATH = "/v1/api-keys"


@pytest.fixture
async def app(pool: Pool) -> FastAPI:
    return service(pool)


@pytest.fixture
async def other_process(pool: Pool) -> FastAPI:
    """It has read no keys yet."""
    return service(pool)


def service(pool: Pool) -> FastAPI:
    table = api_key_routes.table(pool, OPERATORS, ROLES)
    store = EventStore(pool, MESSAGES)
    return create_app("shop", pool=pool, heartbeats=Heartbeats(), tables=[table], store=store)


def new_key(name: str = "importer", role: str = "ops") -> tuple[str, dict[str, str]]:
    """A key, and the request that stores it."""
    key = f"feira_demo_{uuid4().hex}"
    return key, {"key_hash": sha256(key.encode()).hexdigest(), "role": role, "name": name}


async def post(client: httpx.AsyncClient, path: str, body: Any = None) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def listed(client: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    cursor = ""
    while True:
        page = (await client.get(f"{PATH}?limit=2{cursor}")).json()
        found |= {it["key_id"]: it for it in page["items"]}
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


async def test_a_created_key_opens_the_interface_with_its_own_role(
    app: FastAPI, other_process: FastAPI
) -> None:
    operator, of_operator = new_key()
    shopper, of_shopper = new_key(role="storefront")
    async with caller(app, "demo-ops") as client:
        made = await post(client, PATH, of_operator)
        await post(client, PATH, of_shopper)
        assert made["key_id"] == of_operator["key_hash"][:12] and made["state"] == "active"

    async with caller(other_process, operator) as client:
        assert (await client.get(PATH)).status_code == 200
    async with caller(other_process, shopper) as client:
        assert_problem(await client.get(PATH), 403, "FORBIDDEN")


async def test_a_list_is_in_pages_of_one_tenant_and_holds_no_hash(app: FastAPI) -> None:
    _, body = new_key()
    async with caller(app, "demo-ops") as client:
        await post(client, PATH, body)
        ours = await listed(client)
        text = (await client.get(f"{PATH}?limit=100")).text
    async with caller(app, "rival-ops") as client:
        theirs = await listed(client)

    assert body["key_hash"][:12] in ours and list(ours) == sorted(ours)
    assert len(theirs) == len(ROLES) and not ours.keys() & theirs.keys()
    assert body["key_hash"][:12] in text and body["key_hash"][:13] not in text


async def test_a_repetition_changes_nothing_and_brings_no_ended_key_back(
    app: FastAPI, other_process: FastAPI
) -> None:
    key, body = new_key()
    async with caller(app, "demo-ops") as client:
        made = await post(client, PATH, body)
        assert await post(client, PATH, body) == made
        await post(client, f"{PATH}/{made['key_id']}/revoke")
        assert (await post(client, PATH, body))["state"] == "revoked"
    async with caller(other_process, key) as client:
        assert_problem(await client.get(PATH), 401, "UNAUTHENTICATED")


@pytest.mark.parametrize("other", [{"role": "admin"}, {"name": "another"}])
async def test_a_hash_is_never_given_another_role_or_name(app: FastAPI, other: dict[str, str]) -> None:
    _, body = new_key()
    async with caller(app, "demo-ops") as client:
        await post(client, PATH, body)
        assert_problem(await client.post(PATH, json=body | other), 409, "API_KEY_EXISTS")
        assert (await listed(client))[body["key_hash"][:12]]["role"] == "ops"


async def test_another_tenants_key_is_neither_taken_over_nor_ended(app: FastAPI) -> None:
    _, body = new_key()
    key_id = body["key_hash"][:12]
    async with caller(app, "demo-ops") as client:
        await post(client, PATH, body)
    async with caller(app, "rival-ops") as rival:
        assert_problem(await rival.post(PATH, json=body), 409, "API_KEY_EXISTS")
        assert_problem(await rival.post(f"{PATH}/{key_id}/revoke"), 404, "API_KEY_NOT_FOUND")
        expiry = {"keep_seconds": 0}
        assert_problem(await rival.post(f"{PATH}/{key_id}/expire", json=expiry), 404, "API_KEY_NOT_FOUND")
    async with caller(app, "demo-ops") as client:
        assert (await listed(client))[key_id]["state"] == "active"


async def test_an_expiry_is_never_put_off(app: FastAPI) -> None:
    _, body = new_key()
    expire = f"{PATH}/{body['key_hash'][:12]}/expire"
    async with caller(app, "demo-ops") as client:
        await post(client, PATH, body)
        first = await post(client, expire, {"keep_seconds": 60})
        assert first["state"] == "ending"
        assert (await post(client, expire, {"keep_seconds": 3600}))["expires_at"] == first["expires_at"]
        assert (await post(client, expire, {"keep_seconds": 0}))["state"] == "expired"


@pytest.mark.parametrize(
    "wrong",
    [{"role": "root"}, {"key_hash": "ABC"}, {"key_hash": "0" * 63}, {"name": "a\nb"}, {"tenant": "rival"}],
)
async def test_what_is_not_a_key_of_the_tenant_is_refused(app: FastAPI, wrong: dict[str, str]) -> None:
    _, body = new_key()
    async with caller(app, "demo-ops") as client:
        assert_problem(await client.post(PATH, json=body | wrong), 422, "INVALID_REQUEST")
        assert body["key_hash"][:12] not in await listed(client)


@pytest.mark.parametrize("role", sorted({*ROLES} - {*OPERATORS}))
async def test_other_roles_manage_no_keys(app: FastAPI, role: str) -> None:
    _, body = new_key()
    async with caller(app, f"demo-{role}") as client:
        assert_problem(await client.post(PATH, json=body), 403, "FORBIDDEN")
        assert_problem(await client.get(PATH), 403, "FORBIDDEN")
