"""Upsells after a purchase over HTTP: links without a key, one purchase of many requests, refusals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.use_cases.upselling import take_proposals
from contracts import upsell
from contracts.upsell import Proposal
from kernel.ids import derive_id
from tests.integration.checkout_saga import neighbours as answers
from tests.integration.checkout_saga.conftest import caller
from tests.integration.checkout_saga.neighbours import CONTEXT, ENDS, Neighbours, begin
from tests.support.scenario import stamp
from tests.support.single_service import RunningService
from tests.unit.checkout_saga import examples
from tests.unit.checkout_saga.upselling import LAMP, LAMP_UPSELL, WITH_OFFER, X18


@pytest.fixture
async def anyone(service: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    """Without an API key."""
    async with httpx.AsyncClient(base_url=service.url, timeout=30) as client:
        yield client


@pytest.fixture
async def order(
    shop: httpx.AsyncClient, neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """An order after which an upsell is proposed."""
    monkeypatch.setitem(answers.ANSWERS, step_names.LOCK_CART, examples.cart_locked(WITH_OFFER))
    ended = await neighbours.serve(shop, await begin(shop), ENDS)
    assert ended["status"] == "completed", ended
    lamp = Proposal(
        upsell_id=LAMP_UPSELL, product_id=LAMP, name="A lamp", quantity=1, sale=X18, digest="d" * 64
    )
    proposed = upsell.Proposed(
        **stamp(derive_id(UUID(ended["order_id"]), "upsells")),
        checkout_id=UUID(ended["checkout_id"]),
        step=step_names.COMPLETE,
        upsells=(lamp,),
    )
    await neighbours.store.run(CONTEXT, lambda work: take_proposals(proposed, work))
    monkeypatch.setitem(answers.ANSWERS, step_names.CONFIRM_PRICE, examples.price_confirmed(X18))
    return dict((await shop.get(f"/v1/orders/{ended['order_id']}")).json())


def link_of(order: dict[str, Any]) -> str:
    (offered,) = order["upsells"]
    return f"/v1/orders/{order['order_id']}/upsells/{offered['token']}/purchase"


async def purchase(client: httpx.AsyncClient, link: str, key: str | None = None) -> httpx.Response:
    return await client.post(link, headers={"Idempotency-Key": key or uuid4().hex})


async def test_a_link_buys_the_upsell_once_however_many_follow_it(
    order: dict[str, Any],
    shop: httpx.AsyncClient,
    admin: httpx.AsyncClient,
    anyone: httpx.AsyncClient,
    neighbours: Neighbours,
) -> None:
    (offered,) = order["upsells"]
    assert (offered["status"], offered["price"]["amount"], offered["total"]["amount"]) == (
        "available",
        2000,
        2178,
    )
    listed = await shop.get(f"/v1/orders/{order['order_id']}/upsells")
    assert listed.json() == {"items": order["upsells"]}

    several = await asyncio.gather(*(purchase(anyone, link_of(order)) for _ in range(8)))
    (first,) = [it for it in several if it.status_code == 202]
    bought_by = first.json()["checkout_id"]
    others = {(it.json()["code"], it.json()["checkout_id"]) for it in several if it is not first}
    assert others == {("UPSELL_ALREADY_BOUGHT", bought_by)}

    ended = await neighbours.serve(shop, bought_by, ENDS)
    assert ended["status"] == "completed", ended
    own = (await admin.get(f"/v1/orders/{ended['order_id']}")).json()
    assert (own["totals"]["total"]["amount"], own["origin"]["order_id"]) == (2178, order["order_id"])
    assert [it["captured"]["amount"] for it in own["payments"]] == [2178]
    assert own["number"] != order["number"]
    original = (await admin.get(f"/v1/orders/{order['order_id']}")).json()
    unchanged = order.keys() - {"upsells", "version"}
    assert {it: original[it] for it in unchanged} == {it: order[it] for it in unchanged}
    assert [(it["status"], it["token"]) for it in original["upsells"]] == [("bought", None)]


async def test_a_repeated_purchase_is_answered_by_the_same_checkout(
    order: dict[str, Any], anyone: httpx.AsyncClient, shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    key = uuid4().hex
    first = await purchase(anyone, link_of(order), key)
    await neighbours.serve(shop, first.json()["checkout_id"], ENDS)

    again = await purchase(anyone, link_of(order), key)

    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"


async def test_only_the_link_of_the_order_opens_it_and_a_key_is_not_looked_at(
    order: dict[str, Any], anyone: httpx.AsyncClient, rival: httpx.AsyncClient
) -> None:
    link = link_of(order)
    for wrong in (link.replace(order["order_id"], str(uuid4())), link.replace("/purchase", "AAAA/purchase")):
        refused = await purchase(anyone, wrong)
        assert (refused.status_code, refused.json()["code"]) == (404, "UPSELL_NOT_FOUND")
    without = await anyone.post(link)
    assert (without.status_code, without.json()["code"]) == (400, "IDEMPOTENCY_KEY_REQUIRED")
    assert (await rival.get(f"/v1/orders/{order['order_id']}/upsells")).status_code == 404
    assert (await purchase(rival, link)).status_code == 202


async def test_tokens_are_shown_to_those_who_may_buy_and_stand_in_no_stored_answer(
    order: dict[str, Any],
    service: RunningService,
    admin: httpx.AsyncClient,
    anyone: httpx.AsyncClient,
    neighbours: Neighbours,
) -> None:
    (offered,) = order["upsells"]
    async with caller(service, "demo-ops") as ops:
        seen = (await ops.get(f"/v1/orders/{order['order_id']}")).json()["upsells"]
    assert [(it["status"], it["token"]) for it in seen] == [("available", None)]

    cancelled = await admin.post(
        f"/v1/orders/{order['order_id']}/cancel",
        json={"reason": "closed"},
        headers={"Idempotency-Key": uuid4().hex},
    )

    assert [(it["status"], it["token"]) for it in cancelled.json()["upsells"]] == [("unavailable", None)]
    stored = await neighbours.pool.fetch("SELECT body FROM log WHERE stream_id = $1", UUID(order["order_id"]))
    assert not [it for it in stored if offered["token"].encode() in bytes(it["body"])]
    refused = await purchase(anyone, link_of(order))
    assert (refused.status_code, refused.json()["code"]) == (409, "UPSELL_NOT_AVAILABLE")


async def test_an_upsell_of_an_erased_customer_is_not_available(
    order: dict[str, Any], admin: httpx.AsyncClient, anyone: httpx.AsyncClient
) -> None:
    erased = await admin.post(f"/v1/customers/{order['customer_id']}/erase", json={"reason": "asked"})
    assert erased.status_code == 200, erased.text

    refused = await purchase(anyone, link_of(order))

    assert (refused.status_code, refused.json()["code"]) == (409, "UPSELL_NOT_AVAILABLE")
