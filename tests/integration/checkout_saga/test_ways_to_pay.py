"""Another attempt, pix, and money that comes too late, compared with the simulated gateway's own ledger."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import httpx

from checkout_saga.orders.domain.order import order_id_of
from checkout_saga.payments.domain.names import payment_id_of
from tests.integration.checkout_saga.neighbours import ENDS, Neighbours, begin, order_for
from tests.integration.checkout_saga.test_tokens import entries

WAITS = {"requires_action", *ENDS}


async def begin_with(shop: httpx.AsyncClient, **payment: Any) -> str:
    body = {**order_for(), "payment": payment}
    answer = await shop.post("/v1/checkouts", json=body, headers={"Idempotency-Key": uuid4().hex})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["checkout_id"])


async def act(ledger: httpx.AsyncClient, checkout: dict[str, Any], do: str) -> httpx.Response:
    payment_id = checkout["attempts"][-1]["payment_id"]
    path = f"/v1/simulated-gateway/payments/{payment_id}/act"
    return await ledger.post(path, json={"do": do})


async def test_a_declined_card_is_followed_by_one_that_pays(
    shop: httpx.AsyncClient, neighbours: Neighbours, ledger: httpx.AsyncClient
) -> None:
    checkout_id = await begin_with(shop, method="card", token="tok_declined", max_attempts=2)
    waiting = await neighbours.serve(shop, checkout_id, WAITS)
    assert (waiting["status"], waiting["action"]["kind"]) == ("requires_action", "new_payment_method")
    again = await shop.post(
        f"/v1/checkouts/{checkout_id}/payment", json={"method": "card", "token": "tok_ok"}
    )
    assert again.status_code == 200, again.text
    ended = await neighbours.serve(shop, checkout_id, ENDS)
    assert ended["status"] == "completed"
    assert [it["code"] for it in ended["attempts"]] == ["PAYMENT_DECLINED", None]
    first, second = (payment_id_of(UUID(checkout_id), it) for it in (1, 2))
    assert await neighbours.types(first) == ["payment.declined"]
    assert await neighbours.types(second) == ["payment.authorized", "payment.captured"]
    assert await entries(ledger, checkout_id) == Counter(declined=1, authorized=1, captured=1)
    refused = await shop.post(
        f"/v1/checkouts/{checkout_id}/payment", json={"method": "card", "token": "tok_ok"}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "NO_PAYMENT_WANTED")


async def test_a_declined_confirmation_is_voided_before_the_next_attempt(
    shop: httpx.AsyncClient, neighbours: Neighbours, ledger: httpx.AsyncClient
) -> None:
    checkout_id = await begin_with(shop, method="card", token="tok_action_declined", max_attempts=2)
    asked = await neighbours.serve(shop, checkout_id, WAITS)
    assert asked["action"]["kind"] == "redirect"
    await shop.post(f"/v1/checkouts/{checkout_id}/confirm-action")
    waiting = await neighbours.serve(shop, checkout_id, WAITS)
    assert waiting["action"]["kind"] == "new_payment_method"
    assert await entries(ledger, checkout_id) == Counter(requires_action=1, declined=1, voided=1)


async def test_a_pix_is_paid_at_a_bank_and_completes_the_checkout(
    shop: httpx.AsyncClient, neighbours: Neighbours, ledger: httpx.AsyncClient
) -> None:
    checkout_id = await begin_with(shop, method="pix")
    waiting = await neighbours.serve(shop, checkout_id, WAITS)
    assert waiting["waiting_for"]["kind"] == "payment"
    assert waiting["action"]["data"]["code"].startswith("sim")
    assert (await act(ledger, waiting, "approve")).json()["code"] == "PAYMENT_NOT_WAITING"
    paid = await act(ledger, waiting, "pay")
    assert paid.json()["status"] == "captured", paid.text
    assert (await shop.post(f"/v1/checkouts/{checkout_id}/confirm-action")).status_code == 200
    ended = await neighbours.serve(shop, checkout_id, ENDS)
    assert (ended["status"], ended["action"]) == ("completed", None)
    payment_id, order_id = payment_id_of(UUID(checkout_id)), order_id_of(UUID(checkout_id))
    assert await neighbours.types(payment_id, order_id) == [
        "payment.action_required",
        "payment.authorized",
        "payment.captured",
        "order.created",
        "order.paid",
        "order.fulfilled",
    ]
    assert (await entries(ledger, checkout_id))["captured"] == 1


async def test_the_code_of_a_pix_stands_in_the_log_only_encrypted(
    shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    checkout_id = await begin_with(shop, method="pix")
    waiting = await neighbours.serve(shop, checkout_id, WAITS)
    code = waiting["action"]["data"]["code"]
    found = "SELECT count(*) FROM log WHERE position(convert_to($1, 'UTF8') IN body) > 0"
    assert await neighbours.pool.fetchval(found, code) == 0
    cancelled = await shop.post(f"/v1/checkouts/{checkout_id}/cancel")
    assert code not in cancelled.text


async def test_money_that_came_before_the_cancellation_is_refunded_and_becomes_no_order(
    shop: httpx.AsyncClient, neighbours: Neighbours, ledger: httpx.AsyncClient
) -> None:
    checkout_id = await begin_with(shop, method="pix")
    waiting = await neighbours.serve(shop, checkout_id, WAITS)
    await act(ledger, waiting, "pay")
    assert (await shop.post(f"/v1/checkouts/{checkout_id}/cancel")).status_code == 200
    ended = await neighbours.serve(shop, checkout_id, ENDS)
    assert (ended["status"], ended["order_id"]) == ("failed", None)
    payment_id, order_id = payment_id_of(UUID(checkout_id)), order_id_of(UUID(checkout_id))
    assert await neighbours.types(payment_id, order_id) == [
        "payment.action_required",
        "payment.authorized",
        "payment.captured",
        "payment.refunded",
    ]
    counts = await entries(ledger, checkout_id)
    assert (counts["captured"], counts["refunded"], counts["voided"]) == (1, 1, 0)


async def test_a_customer_who_approves_at_the_gateway_and_comes_back_pays_once(
    shop: httpx.AsyncClient, neighbours: Neighbours, ledger: httpx.AsyncClient
) -> None:
    checkout_id = await begin(shop, "tok_action.card7")
    waiting = await neighbours.serve(shop, checkout_id, WAITS)
    assert (await act(ledger, waiting, "approve")).json()["status"] == "authorized"
    await shop.post(f"/v1/checkouts/{checkout_id}/confirm-action")
    ended = await neighbours.serve(shop, checkout_id, ENDS)
    assert ended["status"] == "completed"
    assert (await entries(ledger, checkout_id))["captured"] == 1


async def test_a_customer_has_two_places_for_such_payments(shop: httpx.AsyncClient) -> None:
    body = {**order_for(), "customer": {"id": uuid4().hex, "email": "ana@example.com"}}
    body["payment"] = {"method": "pix"}
    answers = [
        await shop.post("/v1/checkouts", json=body, headers={"Idempotency-Key": uuid4().hex})
        for _ in range(3)
    ]
    assert [it.status_code for it in answers] == [202, 202, 409]
    assert answers[2].json()["code"] == "TOO_MANY_PENDING_PAYMENTS"


async def test_what_a_method_needs_is_asked_for_with_pointers(shop: httpx.AsyncClient) -> None:
    body = {**order_for(), "payment": {"method": "boleto"}}
    refused = await shop.post("/v1/checkouts", json=body, headers={"Idempotency-Key": uuid4().hex})
    assert refused.status_code == 422
    problem = refused.json()
    assert problem["code"] == "PAYMENT_DETAILS_REQUIRED"
    assert [it["pointer"] for it in problem["errors"]] == ["#/customer/tax_id", "#/billing_address"]


async def test_without_a_token_a_card_is_refused_once_the_price_is_known(
    shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    checkout_id = await begin_with(shop, method="card")
    ended = await neighbours.serve(shop, checkout_id, ENDS)
    failure = ended["failure"]
    assert (failure["code"], failure["phase"]) == ("PAYMENT_DETAILS_REQUIRED", "lock_cart")


async def test_a_customer_who_confirms_on_the_page_of_the_action_completes_the_checkout(
    shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    checkout_id = await begin_with(shop, method="card", token="tok_action")
    asked = await neighbours.serve(shop, checkout_id, WAITS)
    async with httpx.AsyncClient(follow_redirects=True, trust_env=False) as browser:
        assert "Confirm" in (await browser.get(asked["action"]["url"])).text
        done = await browser.post(asked["action"]["url"], data={"do": "approve"})
        assert "The payment is confirmed." in done.text
    assert (await shop.post(f"/v1/checkouts/{checkout_id}/confirm-action")).status_code == 200
    assert (await neighbours.serve(shop, checkout_id, ENDS))["status"] == "completed"


async def test_a_customer_who_pays_pix_on_the_page_of_the_action_completes_the_checkout(
    shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    checkout_id = await begin_with(shop, method="pix")
    asked = await neighbours.serve(shop, checkout_id, WAITS)
    async with httpx.AsyncClient(follow_redirects=True, trust_env=False) as browser:
        page = await browser.get(asked["action"]["url"])
        assert asked["action"]["data"]["code"] in page.text
        assert "made" in (await browser.post(asked["action"]["url"], data={"do": "pay"})).text
    assert (await shop.post(f"/v1/checkouts/{checkout_id}/confirm-action")).status_code == 200
    assert (await neighbours.serve(shop, checkout_id, ENDS))["status"] == "completed"
