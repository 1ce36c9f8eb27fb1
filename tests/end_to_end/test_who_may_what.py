"""Every route of every service with every kind of key: admitted, or refused with 401 or 403."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from cli import api_keys
from cli.new_api_key import new_key
from contracts.roles import ROLES
from tests.end_to_end.shop_client import Shop
from tests.support.access import GATEWAY, GATEWAY_ROWS, GATEWAYS_CLIENT, OPEN, described, rows
from tests.support.stack import RunningStack

ROWS = (*rows(), *GATEWAY_ROWS)
NO_KEYS = {
    "none": "",
    "unknown": f"Bearer {uuid4()}",
    "empty": "Bearer",
    "of another kind": "Basic demo-admin",
}
ADMITTED = {200, 202, 404, 415, 422}
"""What follows the check of the key, for a request without a body about nothing that exists; a run of models
needs neither."""


@pytest.fixture(scope="module")
def revoked(stack: RunningStack) -> Iterator[str]:
    """A revoked key."""
    databases = stack.addresses.databases
    new = new_key("demo", "admin", "somebody who has left")
    asyncio.run(api_keys.create(databases, new))
    asyncio.run(api_keys.revoke(databases, new.key_id))
    yield f"Bearer {new.secret}"


def test_the_running_services_have_exactly_the_routes_of_the_tables(stack: RunningStack) -> None:
    found = {
        line
        for name, url in stack.addresses.urls.items()
        for line in described(name, httpx.get(f"{url}/openapi.json", trust_env=False).json())
    }

    assert found == {str(row) for row in ROWS}


def test_no_route_accepts_an_invalid_key(shop: Shop, revoked: str) -> None:
    wrong = []
    for route in ROWS:
        for kind, given in (NO_KEYS | {"revoked": revoked}).items():
            headers = {"Authorization": given, "Idempotency_Key": uuid4().hex}
            answer = shop.call(route.method, route.service, _to_nothing(route.path), **headers)
            seen = answer.status_code, answer.headers.get("www-authenticate")
            if route.roles == OPEN:
                fine = answer.status_code in ADMITTED
            else:
                fine = seen == (401, "Bearer")
                fine &= answer.json()["code"] == "UNAUTHENTICATED"
            if not fine:
                wrong.append((str(route), kind, seen))

    assert wrong == []


def test_each_role_may_do_what_the_table_says_and_nothing_else(shop: Shop) -> None:
    wrong = []
    for route in ROWS:
        for role in ROLES:
            answer = shop.call(
                route.method, route.service, _to_nothing(route.path), role, Idempotency_Key=uuid4().hex
            )
            if route.roles == GATEWAYS_CLIENT:
                fine = answer.status_code == 401
            elif route.roles == OPEN or role in route.roles:
                fine = answer.status_code in ADMITTED
            else:
                fine = (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
            if not fine:
                wrong.append((str(route), role, answer.status_code, answer.text))

    assert wrong == []


def test_only_services_may_send_a_date(shop: Shop) -> None:
    wrong = []
    for route in ROWS:
        if route.method == "GET" or route.roles in {OPEN, GATEWAYS_CLIENT} or route.service == GATEWAY:
            continue  # the simulated gateway records no facts, and reads no date of any caller
        for role in route.roles:
            given = {"Feira_Occurred_At": "2020-01-01T00:00:00Z", "Idempotency_Key": uuid4().hex}
            answer = shop.call(route.method, route.service, _to_nothing(route.path), role, {}, **given)
            if (answer.status_code == 403) != (role != "service"):
                wrong.append((str(route), role, answer.status_code, answer.text))

    assert wrong == []


def _to_nothing(path: str) -> str:
    """The path with ids of missing things."""
    return re.sub(r"\{\w+\}", lambda _: str(uuid4()), path)
