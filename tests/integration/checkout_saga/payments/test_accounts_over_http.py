"""A shop's accounts at payment providers, over HTTP: who may set them, what is accepted, and what is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from checkout_saga.payments.accounts.domain import accounts_id
from checkout_saga.payments.accounts.safe import Safe, Secrets
from contracts.customer_keys import CUSTOMER_KEYS
from kernel.security.master_keys import MasterKeys
from kernel.security.personal_data import PersonalData
from kernel.security.pseudonyms import load_pseudonym_key
from tests.integration.checkout_saga.conftest import caller
from tests.integration.checkout_saga.neighbours import Neighbours
from tests.support.database import Pool
from tests.support.single_service import RunningService

PATH = "/v1/payment-accounts/stripe"
KEY, OTHER_KEY = f"sk_test_{uuid4().hex}", f"sk_test_{uuid4().hex}"
SIGNS, SIGNS_NEXT = f"whsec_{uuid4().hex}", f"whsec_{uuid4().hex}"
ALL_SECRETS = (KEY, OTHER_KEY, SIGNS, SIGNS_NEXT)
BODY: dict[str, Any] = {
    "enabled": False,
    "mode": "test",
    "methods": ["card", "pix"],
    "credentials": {"secret_key": KEY},
    "webhook_secrets": [SIGNS],
    "timeout_seconds": 3,
}
"""Not enabled: it serves no checkout of other tests."""
WITHOUT_SECRETS = {name: it for name, it in BODY.items() if name not in {"credentials", "webhook_secrets"}}
CUT_OFF = f'{{"credentials": {{"secret_key": "{KEY}"'
LATER = timedelta(hours=2)
TABLES = """
    SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
    AND has_table_privilege(format('%I.%I', schemaname, tablename), 'SELECT')
"""


@pytest.fixture
async def pool(neighbours: Neighbours) -> Pool:
    return neighbours.pool


@pytest.fixture
async def fresh(rival: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """The account as BODY says."""
    (await rival.put(PATH, json=BODY)).raise_for_status()
    yield rival


async def kept(pool: Pool) -> Secrets | None:
    """The secrets that count now, as another process of the service reads them."""
    keys = MasterKeys(CUSTOMER_KEYS, bytes(32))
    personal = PersonalData(pool, keys, await load_pseudonym_key(pool, keys))
    named = await pool.fetchval(
        'SELECT substring(convert_from(body, \'UTF8\') from \'"secrets_id": *"([^"]+)"\') FROM log'
        " WHERE stream_id = $1 ORDER BY version DESC LIMIT 1",
        accounts_id("rival"),
    )
    return await Safe(pool, personal).open("rival", UUID(named))


async def everything_in(table: str, pool: Pool) -> str:
    rows = await pool.fetch(f"SELECT t::text AS text FROM {table} t")  # noqa: S608  # the server's own name
    return "\n".join(it["text"] for it in rows)


async def test_an_account_is_shown_as_it_was_set_with_its_version_and_without_its_secrets(
    fresh: httpx.AsyncClient,
) -> None:
    changed = await fresh.put(PATH, json={**BODY, "timeout_seconds": 4})
    shown = await fresh.get(PATH)

    assert (changed.status_code, shown.status_code) == (200, 200)
    assert changed.json() == shown.json()
    assert shown.headers["etag"] == changed.headers["etag"] == f'"{shown.json()["version"]}"'
    account_id = shown.json().pop("account_id")
    assert {name: it for name, it in shown.json().items() if name not in {"account_id", "version"}} == {
        "gateway": "stripe",
        "enabled": False,
        "default": False,
        "mode": "test",
        "methods": ["card", "pix"],
        "timeout_seconds": 4.0,
        "webhook_url": f"/v1/webhooks/stripe?account={account_id}",
        "healthy": True,
    }


async def test_a_change_of_a_version_that_is_not_the_latest_is_refused(fresh: httpx.AsyncClient) -> None:
    seen = (await fresh.get(PATH)).headers["etag"]
    first = await fresh.put(PATH, json={**BODY, "timeout_seconds": 5}, headers={"If-Match": seen})
    second = await fresh.put(PATH, json={**BODY, "timeout_seconds": 6}, headers={"If-Match": seen})

    assert (first.status_code, second.status_code) == (200, 412)
    assert second.json()["code"] == "VERSION_CONFLICT"
    assert (await fresh.get(PATH)).json()["timeout_seconds"] == 5.0


async def test_the_same_body_again_changes_nothing(fresh: httpx.AsyncClient, pool: Pool) -> None:
    rows = "SELECT count(*) FROM payment_secrets WHERE tenant = 'rival'"
    before = await pool.fetchval(rows)
    seen = (await fresh.get(PATH)).headers["etag"]
    again = await fresh.put(PATH, json=BODY)
    assert again.headers["etag"] == seen
    assert await pool.fetchval(rows) == before


@pytest.mark.parametrize("role", ["storefront", "service", "ops"])
async def test_only_administrators_see_or_change_accounts(service: RunningService, role: str) -> None:
    async with caller(service, f"demo-{role}") as client:
        answers = [await client.get(PATH), await client.put(PATH, json=BODY)]
    assert [(it.status_code, it.json()["code"]) for it in answers] == [(403, "FORBIDDEN")] * 2


async def test_an_account_of_one_shop_is_none_of_another(
    fresh: httpx.AsyncClient, service: RunningService
) -> None:
    async with caller(service, "demo-admin") as other:
        missing = await other.get(PATH)
    assert (missing.status_code, missing.json()["code"]) == (404, "PAYMENT_ACCOUNT_NOT_FOUND")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"methods": ["card", "paypal"]}, "PAYMENT_METHOD_NOT_AVAILABLE"),
        ({"methods": ["cash"]}, "INVALID_REQUEST"),
        ({"methods": []}, "INVALID_REQUEST"),
        ({"mode": "real"}, "INVALID_REQUEST"),
        ({"credentials": {}}, "PAYMENT_CREDENTIALS_REQUIRED"),
        ({"credentials": {"client_id": KEY}}, "PAYMENT_CREDENTIALS_REQUIRED"),
        ({"credentials": {"secret_key": KEY, "client_id": OTHER_KEY}}, "PAYMENT_CREDENTIALS_REQUIRED"),
        ({"credentials": {"secret_key": KEY, "password": OTHER_KEY}}, "INVALID_REQUEST"),
        ({"credentials": {"secret_key": "short"}}, "INVALID_REQUEST"),
        ({"webhook_secrets": []}, "INVALID_REQUEST"),
        ({"webhook_secrets": [SIGNS, SIGNS_NEXT, KEY]}, "INVALID_REQUEST"),
        ({"timeout_seconds": 0.9}, "INVALID_REQUEST"),
        ({"timeout_seconds": 12.1}, "INVALID_REQUEST"),
        ({"enabled": None}, "INVALID_REQUEST"),
    ],
    ids=[
        *("not its method", "no method", "no methods", "no mode"),
        *("no credentials", "of another provider", "more than its own", "unheard of", "too short"),
        *("no webhook secret", "three webhook secrets", "too fast", "too slow", "neither on nor off"),
    ],
)
async def test_what_an_account_cannot_be_is_refused_and_quotes_no_secret(
    fresh: httpx.AsyncClient, change: dict[str, Any], code: str
) -> None:
    before = await fresh.get(PATH)
    refused = await fresh.put(PATH, json=BODY | change)

    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert not [it for it in ALL_SECRETS if it in refused.text]
    assert (await fresh.get(PATH)).json() == before.json()


async def test_a_first_account_needs_credentials_and_a_registered_provider(service: RunningService) -> None:
    async with caller(service, "demo-admin") as admin:
        without = await admin.put(PATH, json=WITHOUT_SECRETS)
        nowhere = await admin.put("/v1/payment-accounts/nowhere", json=BODY)
    assert (without.status_code, without.json()["code"]) == (422, "PAYMENT_CREDENTIALS_REQUIRED")
    assert (nowhere.status_code, nowhere.json()["code"]) == (422, "INVALID_REQUEST")


@pytest.mark.parametrize("seconds", [1, 12])
async def test_a_call_may_take_between_one_and_twelve_seconds(
    fresh: httpx.AsyncClient, seconds: float
) -> None:
    changed = await fresh.put(PATH, json={**BODY, "timeout_seconds": seconds})
    assert (changed.status_code, changed.json()["timeout_seconds"]) == (200, seconds)


async def test_two_webhook_secrets_count_while_one_replaces_the_other(
    fresh: httpx.AsyncClient, pool: Pool
) -> None:
    both = await fresh.put(PATH, json={**BODY, "webhook_secrets": [SIGNS_NEXT, SIGNS]})
    assert both.status_code == 200
    assert await kept(pool) == Secrets({"secret_key": KEY}, (SIGNS_NEXT, SIGNS))

    assert (await fresh.put(PATH, json=WITHOUT_SECRETS)).status_code == 200
    assert await kept(pool) == Secrets({"secret_key": KEY}, (SIGNS_NEXT, SIGNS)), "left out: they stay"

    one = {**WITHOUT_SECRETS, "credentials": {"secret_key": OTHER_KEY}}
    assert (await fresh.put(PATH, json=one)).status_code == 200
    assert await kept(pool) == Secrets({"secret_key": OTHER_KEY}, (SIGNS_NEXT, SIGNS))


async def test_a_late_repetition_of_a_request_leaves_the_credentials_that_replaced_its_own(
    rival: httpx.AsyncClient, pool: Pool
) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    await rival.put(PATH, json=BODY, headers=key)
    newer = {**BODY, "credentials": {"secret_key": OTHER_KEY}}
    assert (await rival.put(PATH, json=newer)).status_code == 200
    await pool.execute("UPDATE payment_secrets SET created_at = created_at - $1::interval", LATER)

    again = await rival.put(PATH, json=BODY, headers=key)

    assert (again.status_code, again.headers.get("idempotent-replayed")) == (200, "true")
    assert await kept(pool) == Secrets({"secret_key": OTHER_KEY}, (SIGNS,))


async def test_replaced_credentials_are_deleted_once_no_change_can_be_about_to_name_them(
    fresh: httpx.AsyncClient, pool: Pool
) -> None:
    await pool.execute("UPDATE payment_secrets SET created_at = created_at - $1::interval", LATER)
    await fresh.put(PATH, json={**BODY, "credentials": {"secret_key": OTHER_KEY}})
    assert await pool.fetchval("SELECT count(*) FROM payment_secrets WHERE tenant = 'rival'") == 1


async def test_of_changes_at_once_the_last_one_names_credentials_that_are_there(
    rival: httpx.AsyncClient, pool: Pool
) -> None:
    """One that leaves the credentials alone may not name those that another one replaces."""
    for number in range(6):
        await rival.put(PATH, json={**BODY, "credentials": {"secret_key": f"sk_test_{number}"}})
        await pool.execute("UPDATE payment_secrets SET created_at = created_at - $1::interval", LATER)
        changes = [
            {**WITHOUT_SECRETS, "timeout_seconds": 4 + number % 2},
            {**BODY, "credentials": {"secret_key": f"sk_test_next_{number}"}},
        ]
        answers = await asyncio.gather(*(rival.put(PATH, json=it) for it in changes * 4))
        assert {it.status_code for it in answers} == {200}
        assert await kept(pool) == Secrets({"secret_key": f"sk_test_next_{number}"}, (SIGNS,))


async def test_credentials_stand_in_clear_in_no_log_no_answer_and_no_table(
    rival: httpx.AsyncClient, pool: Pool, logged: Callable[[], str]
) -> None:
    chain = f"chain-{uuid4().hex}"
    headers = {"Idempotency-Key": uuid4().hex, "X-Correlation-Id": chain}
    rotating = {**BODY, "webhook_secrets": [SIGNS_NEXT, SIGNS]}
    answers = [
        await rival.put(PATH, json=rotating, headers=headers),
        await rival.put(PATH, json=rotating, headers=headers),
        await rival.put(PATH, json=BODY, headers=headers),
        await rival.put(PATH, json={**rotating, "credentials": {"secret_key": OTHER_KEY}}),
        await rival.put(
            PATH, json={**rotating, "methods": ["paypal"]}, headers={"Idempotency-Key": uuid4().hex}
        ),
        await rival.put(PATH, json={**rotating, "password": KEY}),
        await rival.put(PATH, content=CUT_OFF, headers={"Content-Type": "application/json"}),
        await rival.get(PATH),
    ]
    assert [it.status_code for it in answers] == [200, 200, 422, 200, 422, 422, 422, 200]
    assert answers[1].headers["idempotent-replayed"] == "true"
    assert answers[2].json()["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert await kept(pool) == Secrets({"secret_key": OTHER_KEY}, (SIGNS_NEXT, SIGNS))

    rows = {it["name"]: await everything_in(it["name"], pool) for it in await pool.fetch(TABLES)}
    assert chain in logged(), "the requests were not logged"
    assert rows["public.payment_secrets"], "nothing was searched"
    assert b"secrets_id".hex() in rows["public.log"], "facts were not searched"
    shown = {
        "answers": "\n".join(f"{it.headers} {it.text}" for it in answers),
        "the service's log": logged(),
        **rows,
    }
    needles = [form for it in ALL_SECRETS for form in (it, it.encode().hex())]
    assert [(where, it) for where, text in shown.items() for it in needles if it in text] == []
