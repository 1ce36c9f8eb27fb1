"""One key, one effect: however often, from wherever and in whatever moment a request comes again."""

from __future__ import annotations

import asyncio

import httpx
from fastapi import FastAPI

from tests.integration.kernel.http.callers import assert_problem, caller, facts_of
from tests.integration.kernel.http.conftest import Pool


def keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


async def test_a_repetition_gets_the_first_answer_again(
    admin: httpx.AsyncClient, pool: Pool, sku: str
) -> None:
    first = await admin.post("/v1/products", json={"sku": sku, "name": "Mug"}, headers=keyed(sku))
    again = await admin.post("/v1/products", json={"sku": sku, "name": "Mug"}, headers=keyed(sku))

    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert first.headers["etag"] == again.headers["etag"] == '"1"'
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert len(await facts_of(pool, sku)) == 1


async def test_a_restarted_process_still_knows_the_answer(
    admin: httpx.AsyncClient, other_app: FastAPI, sku: str
) -> None:
    first = await admin.post("/v1/products", json={"sku": sku, "name": "Mug"}, headers=keyed(sku))
    async with caller(other_app, "demo-admin") as elsewhere:
        again = await elsewhere.post("/v1/products", json={"sku": sku, "name": "Mug"}, headers=keyed(sku))

    assert again.content == first.content


async def test_many_at_once_in_two_processes_have_one_effect(
    app: FastAPI, other_app: FastAPI, pool: Pool, sku: str
) -> None:
    clients = [caller(app, "demo-admin"), caller(other_app, "demo-admin")]
    answers = await asyncio.gather(
        *(
            clients[number % 2].post("/v1/products", json={"sku": sku, "name": "Mug"}, headers=keyed(sku))
            for number in range(64)
        )
    )

    assert len(await facts_of(pool, sku)) == 1
    done = [it for it in answers if it.status_code == 201]
    busy = [it for it in answers if it.status_code != 201]
    assert len({it.content for it in done}) == 1
    assert len([it for it in done if "idempotent-replayed" not in it.headers]) == 1
    for one in busy:
        assert_problem(one, 409, "REQUEST_IN_PROGRESS")


async def test_the_loser_of_a_race_between_processes_tells_what_the_winner_did(
    app: FastAPI, other_app: FastAPI, pool: Pool, sku: str
) -> None:
    """Whichever comes second has found no answer yet when it begins: it meets the key, the SKU or both."""
    for number in range(20):
        body = {"sku": f"{sku}-{number}", "name": "Mug"}
        one, other = await asyncio.gather(
            *(
                caller(it, "demo-admin").post("/v1/products", json=body, headers=keyed(body["sku"]))
                for it in (app, other_app)
            )
        )
        assert (one.status_code, other.status_code) == (201, 201)
        assert one.content == other.content
        assert len(await facts_of(pool, body["sku"])) == 1


async def test_another_body_under_the_same_key_is_refused(admin: httpx.AsyncClient, sku: str) -> None:
    await admin.post("/v1/products", json={"sku": sku, "name": "Mug"}, headers=keyed(sku))
    other = await admin.post("/v1/products", json={"sku": sku, "name": "Cup"}, headers=keyed(sku))

    assert_problem(other, 422, "IDEMPOTENCY_KEY_REUSED")


async def test_keys_are_per_tenant_and_route(
    admin: httpx.AsyncClient, app: FastAPI, pool: Pool, sku: str
) -> None:
    body = {"sku": sku, "name": "Mug"}
    async with caller(app, "rival-admin") as rival:
        ours = await admin.post("/v1/products", json=body, headers=keyed(sku))
        theirs = await rival.post("/v1/products", json=body, headers=keyed(sku))
        elsewhere = await rival.post(
            "/v1/launches", json={"sku": f"{sku}-2", "name": "Mug"}, headers=keyed(sku)
        )

    assert ours.json()["product_id"] != theirs.json()["product_id"]
    assert elsewhere.status_code == 202
    assert {it["tenant"] for it in await facts_of(pool, sku)} == {"demo", "rival"}


async def test_a_refusal_is_an_answer_and_is_kept(admin: httpx.AsyncClient, sku: str) -> None:
    await admin.post("/v1/products", json={"sku": sku, "name": "Mug"})
    first = await admin.post("/v1/products", json={"sku": sku, "name": "Cup"}, headers=keyed(sku))
    again = await admin.post("/v1/products", json={"sku": sku, "name": "Cup"}, headers=keyed(sku))

    assert_problem(first, 409, "SKU_EXISTS")
    assert_problem(again, 409, "SKU_EXISTS")
    assert first.json()["sku"] == sku
    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"


async def test_a_request_that_was_not_understood_does_not_use_up_its_key(
    admin: httpx.AsyncClient, sku: str
) -> None:
    wrong = await admin.post("/v1/products", json={"sku": sku}, headers=keyed(sku))
    right = await admin.post("/v1/products", json={"sku": sku, "name": "Mug"}, headers=keyed(sku))

    assert_problem(wrong, 422, "INVALID_REQUEST")
    assert right.status_code == 201


async def test_a_stale_version_does_not_use_up_its_key(admin: httpx.AsyncClient, sku: str) -> None:
    created = await admin.post("/v1/products", json={"sku": sku, "name": "Mug"})
    path = f"/v1/products/{created.json()['product_id']}"
    stale = await admin.patch(path, json={"name": "Cup"}, headers={**keyed(sku), "If-Match": '"9"'})
    right = await admin.patch(path, json={"name": "Cup"}, headers={**keyed(sku), "If-Match": '"1"'})

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
    longest = await admin.post("/v1/products", json=body, headers=keyed(sku.ljust(255, "~")))
    assert longest.status_code == 201


async def test_where_a_key_is_required_there_is_no_way_around_it(admin: httpx.AsyncClient, sku: str) -> None:
    assert_problem(
        await admin.post("/v1/launches", json={"sku": sku, "name": "Mug"}), 400, "IDEMPOTENCY_KEY_REQUIRED"
    )


async def test_an_answer_that_comes_later_is_kept_too(admin: httpx.AsyncClient, pool: Pool, sku: str) -> None:
    first = await admin.post("/v1/launches", json={"sku": sku, "name": "Mug"}, headers=keyed(sku))
    again = await admin.post("/v1/launches", json={"sku": sku, "name": "Mug"}, headers=keyed(sku))

    assert first.status_code == again.status_code == 202
    assert first.content == again.content
    assert len(await facts_of(pool, sku)) == 1


async def test_what_was_cut_off_before_its_answer_is_driven_to_completion(
    admin: httpx.AsyncClient, app: FastAPI, other_app: FastAPI, pool: Pool, sku: str
) -> None:
    body = {"sku": sku, "name": "Mug"}
    app.state.cut_off = True
    cut_off = await admin.post("/v1/launches", json=body, headers=keyed(sku))
    async with caller(other_app, "demo-admin") as elsewhere:
        resumed = await elsewhere.post("/v1/launches", json=body, headers=keyed(sku))
        again = await elsewhere.post("/v1/launches", json=body, headers=keyed(sku))

    assert_problem(cut_off, 503, "UNAVAILABLE")
    (fact,) = await facts_of(pool, sku)
    assert resumed.status_code == 202
    assert resumed.json() == {"product_id": str(fact["stream_id"])}
    assert again.content == resumed.content


async def test_what_is_refused_afterwards_is_kept_as_refused(
    admin: httpx.AsyncClient, pool: Pool, sku: str
) -> None:
    body = {"sku": sku, "name": "refused afterwards"}
    first = await admin.post("/v1/launches", json=body, headers=keyed(sku))
    again = await admin.post("/v1/launches", json=body, headers=keyed(sku))

    assert_problem(first, 409, "SKU_EXISTS")
    assert again.content == first.content
    assert len(await facts_of(pool, sku)) == 1
