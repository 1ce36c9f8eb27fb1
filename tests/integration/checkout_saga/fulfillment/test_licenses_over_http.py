"""Team licences over HTTP: seats under concurrency, links without a key, and no address in the clear."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from checkout_saga.customers.domain.customer import customer_stream_id
from checkout_saga.fulfillment.domain.enrollment import enrollment_id
from tests.integration.checkout_saga.fulfillment.buying import bought, order_of, sold
from tests.integration.checkout_saga.neighbours import Neighbours
from tests.support.single_service import RunningService

SEATS = 5


async def license_of(admin: httpx.AsyncClient, order: dict[str, Any]) -> dict[str, Any]:
    listed = (await admin.get("/v1/licenses", params={"order_id": order["order_id"]})).json()["items"]
    (found,) = listed
    return dict(found)


async def test_of_64_invitations_at_once_as_many_pass_as_there_are_seats(
    shop: httpx.AsyncClient,
    admin: httpx.AsyncClient,
    neighbours: Neighbours,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sale = sold(("team_license", uuid4()), quantity=SEATS)
    order = await bought(sale, shop, neighbours, monkeypatch)
    path = f"/v1/licenses/{(await license_of(admin, order))['license_id']}"

    people = [{"email": f"{uuid4().hex}@example.com", "name": "Ben"} for _ in range(64)]
    answers = await asyncio.gather(*(admin.post(f"{path}/seats", json=it) for it in people))
    assert sorted(it.status_code for it in answers) == [201] * SEATS + [409] * (64 - SEATS)
    assert {it.json()["code"] for it in answers if it.status_code == 409} == {"NO_SEATS_LEFT"}
    after = (await admin.get(path)).json()
    assert (after["seats"], after["free"], len(after["taken"])) == (SEATS, 0, SEATS)

    line_id, refund = sale.lines[0].line_id, f"/v1/orders/{order['order_id']}/refunds"
    units = {"lines": [{"line_id": line_id, "quantity": 1}], "reason": "too many"}
    refused = await admin.post(refund, json=units, headers={"Idempotency-Key": uuid4().hex})
    assert (refused.status_code, refused.json()["code"], refused.json()["free"]) == (409, "SEATS_IN_USE", 0)
    rows = await neighbours.pool.fetch("SELECT body FROM log WHERE stream_id = $1", UUID(after["license_id"]))
    written = b"".join(bytes(row["body"]) for row in rows)
    assert not [it for it in people if it["email"].encode() in written] and b"Ben" not in written


async def test_a_seat_is_accepted_by_its_link_without_a_key_and_is_free_once_it_is_taken_back(
    shop: httpx.AsyncClient,
    admin: httpx.AsyncClient,
    service: RunningService,
    neighbours: Neighbours,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    course = uuid4()
    line = sold(("team_license", course), quantity=SEATS)
    gifts = line.lines[0].model_copy(update={"gift_seats": 1})
    sale = line.model_copy(update={"lines": (gifts,)})
    named = {"gifts": [{"line_id": gifts.line_id, "recipients": [{"email": "gift@example.com"}]}]}
    order = await bought(sale, shop, neighbours, monkeypatch, **named)
    license_id = (found := await license_of(admin, order))["license_id"]
    assert [it["status"] for it in found["taken"]] == ["invited"]
    path = f"/v1/licenses/{license_id}/seats"
    twice = await admin.post(path, json={"email": "Gift@Example.com"})
    assert (twice.status_code, twice.json()["code"]) == (409, "SEAT_ALREADY_TAKEN")

    invited = (await admin.post(path, json={"email": f"{uuid4().hex}@example.com"})).json()
    ben = f"ben-{uuid4().hex}"
    async with httpx.AsyncClient(base_url=service.url, timeout=30) as anyone:
        link = f"/v1/seats/{invited['token']}/accept"
        taken = await asyncio.gather(*(anyone.post(link, json={"customer_id": ben}) for _ in range(4)))
        assert {(it.status_code, it.json()["status"]) for it in taken} == {(200, "accepted")}
        forged = await anyone.post(f"/v1/seats/{invited['token'][:-4]}AAAA/accept", json={"customer_id": ben})
        assert (forged.status_code, forged.json()["code"]) == (404, "SEAT_NOT_FOUND")
    stream = enrollment_id(customer_stream_id("demo", ben), str(course))
    assert await neighbours.types(stream) == ["enrollment.granted"]

    other = await admin.post(f"{path}/{invited['seat_id']}/accept", json={"customer_id": "eve"})
    assert (other.status_code, other.json()["code"]) == (409, "SEAT_ALREADY_TAKEN")
    freed = await admin.delete(f"{path}/{invited['seat_id']}")
    assert (freed.status_code, freed.json()["free"]) == (200, SEATS - 1)
    assert await neighbours.types(stream) == ["enrollment.granted", "enrollment.revoked"]
    assert (await shop.post(path, json={"email": "x@example.com"})).status_code == 403

    cancelled = await admin.post(f"/v1/orders/{order['order_id']}/cancel", json={"reason": "closed"})
    assert cancelled.json()["status"] == "cancelled", cancelled.text
    assert (await admin.get(f"/v1/licenses/{license_id}")).json()["status"] == "revoked"
    assert (await order_of(shop, order["order_id"]))["status"] == "cancelled"


async def test_an_erasure_of_the_owner_makes_the_addresses_unreadable(
    shop: httpx.AsyncClient,
    admin: httpx.AsyncClient,
    neighbours: Neighbours,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = await bought(sold(("team_license", uuid4()), quantity=2), shop, neighbours, monkeypatch)
    license_id = (await license_of(admin, order))["license_id"]
    seat = await admin.post(f"/v1/licenses/{license_id}/seats", json={"email": f"{uuid4().hex}@example.com"})
    assert seat.status_code == 201

    erased = await admin.post(f"/v1/customers/{order['customer_id']}/erase", json={"reason": "asked"})
    assert erased.status_code == 200, erased.text
    receipt = erased.json()["receipt"] if "receipt" in erased.json() else erased.json()
    assert receipt["readable"] == 0
    assert receipt["facts"] >= 2  # the checkout, and the invitation in the licence's stream
