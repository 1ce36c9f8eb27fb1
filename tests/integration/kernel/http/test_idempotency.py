"""One idempotency key has one effect, however often and in whichever process the request is repeated."""

from __future__ import annotations

import asyncio

import httpx
from fastapi import FastAPI

from tests.integration.kernel.http.callers import assert_problem, caller, facts_of
from tests.integration.kernel.http.conftest import Pool


def with_key(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


async def test_a_repeated_request_gets_the_first_response_again(
    admin: httpx.AsyncClient, pool: Pool, sku: str
) -> None:
    first = await admin.post("/v1/products", json={"sku": sku, "name": "Mug"}, headers=with_key(sku))
    again = await admin.post("/v1/products", json={"sku": sku, "name": "Mug"}, headers=with_key(sku))

    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert first.headers["etag"] == again.headers["etag"] == '"1"'
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert len(await facts_of(pool, sku)) == 1


async def delete_body(pool: Pool, key: str) -> None:
    """As retention does for routes whose keys are kept for ever."""
    await pool.execute("UPDATE idempotency SET body = NULL, etag = NULL WHERE key = $1", key)


async def test_without_its_body_a_response_is_repeated_with_its_status_and_the_present_state(
    admin: httpx.AsyncClient, pool: Pool, sku: str
) -> None:
    body = {"sku": sku, "name": "Mug"}
    launched = await admin.post("/v1/launches", json=body, headers=with_key(sku))
    product = f"/v1/products/{launched.json()['product_id']}"
    renamed = await admin.patch(product, json={"name": "Cup"}, headers=with_key(f"{sku} cup"))
    assert renamed.json()["name"] == "Cup"
    await admin.patch(product, json={"name": "Glass"})
    for key in (sku, f"{sku} cup"):
        await delete_body(pool, key)

    again = await admin.post("/v1/launches", json=body, headers=with_key(sku))
    assert (again.status_code, again.json()) == (202, launched.json())
    assert again.headers["idempotent-replayed"] == "true"
    again = await admin.patch(product, json={"name": "Cup"}, headers=with_key(f"{sku} cup"))
    assert (again.status_code, again.json()["name"], again.headers["etag"]) == (200, "Glass", '"3"')
    assert again.headers["idempotent-replayed"] == "true"
    assert (await admin.get(product)).json()["version"] == 3, "nothing was done again"
    other = await admin.patch(product, json={"name": "Bowl"}, headers=with_key(f"{sku} cup"))
    assert_problem(other, 422, "IDEMPOTENCY_KEY_REUSED")


async def test_another_process_repeats_the_stored_response(
    admin: httpx.AsyncClient, other_app: FastAPI, sku: str
) -> None:
    first = await admin.post("/v1/products", json={"sku": sku, "name": "Mug"}, headers=with_key(sku))
    async with caller(other_app, "demo-admin") as elsewhere:
        again = await elsewhere.post("/v1/products", json={"sku": sku, "name": "Mug"}, headers=with_key(sku))

    assert again.content == first.content


async def test_many_concurrent_requests_in_two_processes_have_one_effect(
    app: FastAPI, other_app: FastAPI, pool: Pool, sku: str
) -> None:
    clients = [caller(app, "demo-admin"), caller(other_app, "demo-admin")]
    answers = await asyncio.gather(
        *(
            clients[number % 2].post("/v1/products", json={"sku": sku, "name": "Mug"}, headers=with_key(sku))
            for number in range(64)
        )
    )

    assert len(await facts_of(pool, sku)) == 1
    done = [it for it in answers if it.status_code == 201]
    busy = [it for it in answers if it.status_code != 201]
    assert len({it.content for it in done}) == 1
    assert len([it for it in done if "idempotent-replayed" not in it.headers]) == 1
    for response in busy:
        assert_problem(response, 409, "REQUEST_IN_PROGRESS")


async def test_the_loser_of_a_race_between_processes_returns_the_response_of_the_winner(
    app: FastAPI, other_app: FastAPI, pool: Pool, sku: str
) -> None:
    """The second request finds no stored response when it starts, then conflicts on the key or the SKU."""
    for number in range(20):
        body = {"sku": f"{sku}-{number}", "name": "Mug"}
        one, other = await asyncio.gather(
            *(
                caller(it, "demo-admin").post("/v1/products", json=body, headers=with_key(body["sku"]))
                for it in (app, other_app)
            )
        )
        assert (one.status_code, other.status_code) == (201, 201)
        assert one.content == other.content
        assert len(await facts_of(pool, body["sku"])) == 1


async def test_another_body_under_the_same_key_is_refused(admin: httpx.AsyncClient, sku: str) -> None:
    await admin.post("/v1/products", json={"sku": sku, "name": "Mug"}, headers=with_key(sku))
    other = await admin.post("/v1/products", json={"sku": sku, "name": "Cup"}, headers=with_key(sku))

    assert_problem(other, 422, "IDEMPOTENCY_KEY_REUSED")


async def test_keys_are_per_tenant_and_route(
    admin: httpx.AsyncClient, app: FastAPI, pool: Pool, sku: str
) -> None:
    body = {"sku": sku, "name": "Mug"}
    async with caller(app, "rival-admin") as rival:
        ours = await admin.post("/v1/products", json=body, headers=with_key(sku))
        theirs = await rival.post("/v1/products", json=body, headers=with_key(sku))
        elsewhere = await rival.post(
            "/v1/launches", json={"sku": f"{sku}-2", "name": "Mug"}, headers=with_key(sku)
        )

    assert ours.json()["product_id"] != theirs.json()["product_id"]
    assert elsewhere.status_code == 202
    assert {it["tenant"] for it in await facts_of(pool, sku)} == {"demo", "rival"}


async def test_a_refusal_is_a_response_and_is_stored(admin: httpx.AsyncClient, sku: str) -> None:
    await admin.post("/v1/products", json={"sku": sku, "name": "Mug"})
    first = await admin.post("/v1/products", json={"sku": sku, "name": "Cup"}, headers=with_key(sku))
    again = await admin.post("/v1/products", json={"sku": sku, "name": "Cup"}, headers=with_key(sku))

    assert_problem(first, 409, "SKU_EXISTS")
    assert_problem(again, 409, "SKU_EXISTS")
    assert first.json()["sku"] == sku
    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"


async def test_an_invalid_request_does_not_use_up_its_key(admin: httpx.AsyncClient, sku: str) -> None:
    wrong = await admin.post("/v1/products", json={"sku": sku}, headers=with_key(sku))
    right = await admin.post("/v1/products", json={"sku": sku, "name": "Mug"}, headers=with_key(sku))

    assert_problem(wrong, 422, "INVALID_REQUEST")
    assert right.status_code == 201


async def test_a_stale_version_does_not_use_up_its_key(admin: httpx.AsyncClient, sku: str) -> None:
    created = await admin.post("/v1/products", json={"sku": sku, "name": "Mug"})
    path = f"/v1/products/{created.json()['product_id']}"
    stale = await admin.patch(path, json={"name": "Cup"}, headers={**with_key(sku), "If-Match": '"9"'})
    right = await admin.patch(path, json={"name": "Cup"}, headers={**with_key(sku), "If-Match": '"1"'})

    assert_problem(stale, 412, "VERSION_CONFLICT")
    assert right.status_code == 200


async def test_keys_are_printable_and_of_bounded_length(admin: httpx.AsyncClient, sku: str) -> None:
    body = {"sku": sku, "name": "Mug"}
    for key in ("", "x" * 256, "tab\tinside", "caf\xe9"):
        response = await admin.post(
            "/v1/products", json=body, headers=[(b"Idempotency-Key", key.encode("latin-1"))]
        )
        assert_problem(response, 422, "INVALID_REQUEST")
    twice = await admin.post("/v1/products", json=body, headers=[("Idempotency-Key", "a")] * 2)
    assert_problem(twice, 422, "INVALID_REQUEST")
    longest = await admin.post("/v1/products", json=body, headers=with_key(sku.ljust(255, "~")))
    assert longest.status_code == 201


async def test_a_request_without_a_required_key_is_refused(admin: httpx.AsyncClient, sku: str) -> None:
    assert_problem(
        await admin.post("/v1/launches", json={"sku": sku, "name": "Mug"}), 400, "IDEMPOTENCY_KEY_REQUIRED"
    )


async def test_a_response_that_comes_later_is_stored_too(
    admin: httpx.AsyncClient, pool: Pool, sku: str
) -> None:
    first = await admin.post("/v1/launches", json={"sku": sku, "name": "Mug"}, headers=with_key(sku))
    again = await admin.post("/v1/launches", json={"sku": sku, "name": "Mug"}, headers=with_key(sku))

    assert first.status_code == again.status_code == 202
    assert first.content == again.content
    assert len(await facts_of(pool, sku)) == 1


async def test_a_request_cut_off_before_its_response_is_completed_by_its_repetition(
    admin: httpx.AsyncClient, app: FastAPI, other_app: FastAPI, pool: Pool, sku: str
) -> None:
    body = {"sku": sku, "name": "Mug"}
    app.state.cut_off = True
    cut_off = await admin.post("/v1/launches", json=body, headers=with_key(sku))
    async with caller(other_app, "demo-admin") as elsewhere:
        resumed = await elsewhere.post("/v1/launches", json=body, headers=with_key(sku))
        again = await elsewhere.post("/v1/launches", json=body, headers=with_key(sku))

    assert_problem(cut_off, 503, "UNAVAILABLE")
    (fact,) = await facts_of(pool, sku)
    assert resumed.status_code == 202
    assert resumed.json() == {"product_id": str(fact["stream_id"])}
    assert again.content == resumed.content


async def test_a_refusal_after_the_commit_is_stored(admin: httpx.AsyncClient, pool: Pool, sku: str) -> None:
    body = {"sku": sku, "name": "refused afterwards"}
    first = await admin.post("/v1/launches", json=body, headers=with_key(sku))
    again = await admin.post("/v1/launches", json=body, headers=with_key(sku))

    assert_problem(first, 409, "SKU_EXISTS")
    assert again.content == first.content
    assert len(await facts_of(pool, sku)) == 1
