"""``POST /v1/webhooks/{gateway}`` from the request to the log, with payments at simulated providers."""

from __future__ import annotations

import json
from collections import Counter
from uuid import UUID, uuid4

import httpx

from checkout_saga.orders.domain.order import order_id_of
from checkout_saga.payments.accounts.domain import account_id
from checkout_saga.payments.domain.names import payment_id_of
from simulators.stripe import tokens as cards
from tests.integration.checkout_saga.conftest import caller
from tests.integration.checkout_saga.neighbours import ENDS, Neighbours
from tests.integration.checkout_saga.test_ways_to_pay import WAITS, begin_with
from tests.integration.checkout_saga.webhooks.senders import SECRETS, Sender, SendsAsStripe
from tests.support.single_service import RunningService
from tests.support.stripe import RunningStripe
from tests.support.waiting import until

PAID = ["payment.authorized", "payment.captured"]
REFUSALS = "SELECT tenant, gateway, refusals FROM webhook_refusal WHERE account_id = $1"
RECEIVED = "SELECT tenant, type, state FROM webhook WHERE event_id = $1"


async def paid_with(sender: Sender, shop: httpx.AsyncClient, neighbours: Neighbours) -> UUID:
    """The payment of a completed checkout."""
    checkout_id = await begin_with(shop, **sender.payment)
    assert (await neighbours.serve(shop, checkout_id, ENDS))["status"] == "completed"
    return payment_id_of(UUID(checkout_id))


async def test_an_event_counts_once_however_often_it_is_delivered(
    sender: Sender, shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    payment_id, event_id = await paid_with(sender, shop, neighbours), uuid4().hex
    body = sender.event(event_id, sender.captured, payment_id)
    repeated = await sender.counted("repeated")
    for _ in range(3):
        answer = await sender.send(body)
        assert (answer.status_code, answer.json()) == (200, {"received": True})
        assert await neighbours.types(payment_id) == [*PAID, "payment.notified"]
    rows = await neighbours.pool.fetch(RECEIVED, event_id)
    assert [tuple(it) for it in rows] == [("demo", sender.captured, "matched")]
    assert await sender.counted("repeated") == repeated + 2


async def test_what_was_paid_with_is_kept_encrypted_and_shown_to_the_shop(
    as_stripe: SendsAsStripe, shop: httpx.AsyncClient, neighbours: Neighbours, service: RunningService
) -> None:
    payment_id = await paid_with(as_stripe, shop, neighbours)
    rows = await neighbours.pool.fetch("SELECT body FROM log WHERE stream_id = $1", payment_id)
    assert b"4242" not in b"".join(bytes(it["body"]) for it in rows)
    checkout_id = json.loads(bytes(rows[0]["body"]))["checkout_id"]
    order = f"/v1/orders/{order_id_of(UUID(checkout_id))}"
    async with caller(service, "demo-admin") as admin:
        shown = (await admin.get(order)).json()
    assert shown["instrument"] == {"brand": "visa", "last4": "4242"}
    assert "instrument" not in (await shop.get(order)).json()


async def test_an_account_that_was_refused_is_healthy_again_once_the_provider_takes_its_credentials(
    sender: Sender, shop: httpx.AsyncClient, neighbours: Neighbours, service: RunningService
) -> None:
    checkout_id = await begin_with(shop, **sender.payment)
    ended = await neighbours.serve(shop, checkout_id, ENDS)
    account = f"/v1/payment-accounts/{sender.gateway}"
    async with caller(service, "demo-admin") as admin:
        await neighbours.pool.execute(
            "UPDATE payment_secrets SET unhealthy_since = now() WHERE tenant = 'demo' AND account_id = $1",
            account_id("demo", sender.gateway),
        )
        assert (await admin.get(account)).json()["healthy"] is False
        refund = f"/v1/orders/{ended['order_id']}/refunds"
        asked = await admin.post(refund, json={"reason": "late"}, headers={"Idempotency-Key": uuid4().hex})
        assert asked.status_code == 202, asked.text

        async def is_healthy() -> bool:
            return bool((await admin.get(account)).json()["healthy"])

        await until(is_healthy)


async def test_a_wrong_signature_is_refused_and_changes_nothing(
    sender: Sender, shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    payment_id, event_id = await paid_with(sender, shop, neighbours), uuid4().hex
    body = sender.event(event_id, sender.captured, payment_id)
    of_another_body = sender.signed(body + b" ", "demo")
    for headers in ({}, of_another_body, dict.fromkeys(of_another_body, "x")):
        answer = await sender.send(body, headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "WEBHOOK_SIGNATURE_INVALID")
    assert await neighbours.pool.fetch(RECEIVED, event_id) == []
    assert await neighbours.types(payment_id) == PAID


async def test_webhooks_refused_for_an_account_are_counted_until_one_is_signed(
    sender: Sender, neighbours: Neighbours
) -> None:
    account = account_id("demo", sender.gateway)
    body = sender.event(uuid4().hex, sender.captured, uuid4())
    await sender.send(body)
    assert await neighbours.pool.fetch(REFUSALS, account) == []
    for _ in range(3):
        assert (await sender.send(body, {})).status_code == 400
    (row,) = await neighbours.pool.fetch(REFUSALS, account)
    assert (row["tenant"], row["gateway"], row["refusals"]) == ("demo", sender.gateway, 3)
    assert (await sender.send(body)).status_code == 200
    assert await neighbours.pool.fetch(REFUSALS, account) == []

    of_no_account = f"/v1/webhooks/{sender.gateway}"
    for unknown in ("", f"?account={uuid4()}"):
        assert (await sender.client.post(of_no_account + unknown, content=body)).status_code == 400
    assert await neighbours.pool.fetch(REFUSALS, account) == []


async def test_what_another_tenant_s_account_signs_does_not_fit_and_reaches_no_payment_of_this_one(
    sender: Sender, shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    payment_id, event_id = await paid_with(sender, shop, neighbours), uuid4().hex
    body = sender.event(event_id, sender.captured, payment_id)
    refused = await sender.send(body, sender.signed(body, "rival"))
    assert (refused.status_code, refused.json()["code"]) == (400, "WEBHOOK_SIGNATURE_INVALID")
    assert (await sender.send(body, to="rival")).status_code == 200
    rows = await neighbours.pool.fetch(RECEIVED, event_id)
    assert [tuple(it) for it in rows] == [("rival", sender.captured, "unmatched")]
    assert await neighbours.types(payment_id) == PAID


async def test_without_an_account_in_the_address_the_signature_tells_the_tenant(
    sender: Sender, neighbours: Neighbours
) -> None:
    for tenant in ("demo", "rival"):
        body = sender.event(event_id := uuid4().hex, sender.captured, uuid4())
        headers = sender.signed(body, tenant)
        answer = await sender.client.post(f"/v1/webhooks/{sender.gateway}", content=body, headers=headers)
        assert answer.status_code == 200
        assert [it["tenant"] for it in await neighbours.pool.fetch(RECEIVED, event_id)] == [tenant]


async def test_an_event_of_an_unknown_type_is_received_and_counted(
    sender: Sender, shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    payment_id, ignored = await paid_with(sender, shop, neighbours), await sender.counted("ignored")
    answer = await sender.send(sender.event(uuid4().hex, "of.a.new.type", payment_id))
    assert (answer.status_code, answer.json()) == (200, {"received": True})
    assert await sender.counted("ignored") == ignored + 1
    assert await neighbours.types(payment_id) == PAID


async def test_a_signed_body_that_is_no_event_is_received_and_counted(sender: Sender) -> None:
    unreadable = await sender.counted("unreadable")
    for body in (f'{{"no": "{uuid4()}"}}'.encode(), b"\xff" + uuid4().bytes):
        assert (await sender.send(body)).status_code == 200
    assert await sender.counted("unreadable") == unreadable + 2


async def test_events_in_any_order_and_ten_times_have_the_effect_of_one_look(
    as_stripe: SendsAsStripe, shop: httpx.AsyncClient, neighbours: Neighbours, stripe: RunningStripe
) -> None:
    """The customer has approved at the provider and never came back: the events alone lead to the look."""
    sender = as_stripe
    checkout_id = await begin_with(shop, **{**sender.payment, "token": cards.ACTION})
    waiting = await neighbours.serve(shop, checkout_id, WAITS)
    assert waiting["status"] == "requires_action"
    payment_id = payment_id_of(UUID(checkout_id))
    captured = sender.event(uuid4().hex, sender.captured, payment_id)
    authorized = sender.event(uuid4().hex, sender.authorized, payment_id)
    intents = (await stripe.client.get("/v1/payment_intents")).json()["data"]
    intent = next(it for it in intents if it["metadata"]["feira_payment"] == str(payment_id))
    assert (await sender.send(captured)).status_code == 200
    assert "payment.captured" not in await neighbours.types(payment_id)
    await stripe.act(intent["id"])
    for body in (captured, authorized, *[captured] * 9):
        assert (await sender.send(body)).status_code == 200
    ended = await neighbours.serve(shop, checkout_id, ENDS)
    assert ended["status"] == "completed"
    late = sender.event(uuid4().hex, sender.authorized, payment_id)
    assert (await sender.send(late)).status_code == 200
    assert Counter(await neighbours.types(payment_id)) == Counter(
        {
            "payment.action_required": 1,
            "payment.authorized": 1,
            "payment.captured": 1,
            "payment.notified": 3,
        }
    )
    order = await shop.get(f"/v1/orders/{ended['order_id']}")
    assert order.json()["status"] == "fulfilled"
    charged = (await stripe.client.get(f"/v1/payment_intents/{intent['id']}")).json()
    assert (charged["status"], charged["amount_received"]) == ("succeeded", charged["amount"])


async def test_while_one_secret_of_an_account_replaces_another_both_fit(
    as_stripe: SendsAsStripe,
) -> None:
    for secret in SECRETS["demo"]:
        body = as_stripe.event(uuid4().hex, as_stripe.captured, uuid4())
        answer = await as_stripe.send(body, as_stripe.signed_with(secret, body))
        assert answer.status_code == 200
