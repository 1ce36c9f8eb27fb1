"""The pages of operators over HTTP: who gets in, what they show, and what they do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from http.cookies import SimpleCookie
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.integration.checkout_saga.fulfillment.buying import bought, sold
from tests.integration.checkout_saga.neighbours import Neighbours, begin
from tests.integration.checkout_saga.test_operator_actions import said
from tests.support.operator_page import SIGN_IN, act, form_of, sign_in, text_of
from tests.support.single_service import RunningService
from tests.support.waiting import until

WHY = "the customer has called"
OPS_PAGES = ("/operator/checkouts", "/operator/parked")
INSERT_KEY = "INSERT INTO api_keys (key_hash, tenant, role, name) VALUES ($1, 'demo', 'ops', 'for this test')"
REVOKE_KEY = "UPDATE api_keys SET revoked_at = now() WHERE key_hash = $1"


@pytest.fixture
async def visitor(service: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=service.url, timeout=30) as client:
        yield client


@pytest.fixture
async def operator(visitor: httpx.AsyncClient) -> httpx.AsyncClient:
    assert (await sign_in(visitor, "demo-ops")).headers["location"] == "/operator"
    return visitor


async def page(client: httpx.AsyncClient, path: str, status: int = 200) -> str:
    found = await client.get(path)
    assert found.status_code == status, found.text
    return found.text


@pytest.mark.parametrize("path", ["/operator", *OPS_PAGES, f"/operator/checkouts/{uuid4()}"], ids=range(4))
async def test_without_a_session_every_page_leads_to_the_sign_in(
    path: str, visitor: httpx.AsyncClient
) -> None:
    found = await visitor.get(path)
    assert (found.status_code, found.headers["location"]) == (303, SIGN_IN)


async def test_the_session_is_a_strict_cookie_without_the_key_for_an_hour(
    visitor: httpx.AsyncClient, logged: Callable[[], str]
) -> None:
    answer = await sign_in(visitor, "demo-ops")
    cookie = SimpleCookie(answer.headers["set-cookie"])["feira_operator"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "strict", "/operator")
    assert cookie["expires"]
    assert "demo-ops" not in cookie.value
    assert '"key": "demo-ops"' not in logged() and "key=demo-ops" not in logged()


@pytest.mark.parametrize("key", ["", "unknown", "demo-storefront", "demo-analyst", "demo-service"])
async def test_other_keys_do_not_get_in(key: str, visitor: httpx.AsyncClient) -> None:
    refused = await sign_in(visitor, key)
    assert refused.status_code == 401 and "No valid key" in refused.text
    assert (await visitor.get("/operator")).status_code == 303


async def test_pages_need_no_script_and_nothing_of_another_origin(operator: httpx.AsyncClient) -> None:
    found = await operator.get("/operator")
    policy = found.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src" not in policy and "unsafe" not in policy
    assert found.headers["cache-control"] == "no-store"
    assert "<script" not in found.text and "://" not in found.text and " on" + "click" not in found.text
    style = await operator.get("/operator/operator.css")
    assert style.headers["content-type"].startswith("text/css") and "url(" not in style.text


async def test_an_admin_sees_the_list_and_no_page_of_operators_alone(visitor: httpx.AsyncClient) -> None:
    await sign_in(visitor, "demo-admin")
    found = await page(visitor, "/operator")
    assert all(it not in found for it in OPS_PAGES)
    for path in OPS_PAGES:
        assert "FORBIDDEN" in await page(visitor, path, 403)


async def test_a_form_of_another_session_is_refused(operator: httpx.AsyncClient, stuck: str) -> None:
    path = f"/operator/checkouts/{stuck}"
    target, fields = form_of(await page(operator, path), action="retry")
    for token in ("", "x" * 43):
        forged = await operator.post(target, data={**fields, "reason": WHY, "form_token": token})
        assert forged.status_code == 403 and "not made for this session" in forged.text
    foreign = await operator.post(target, json={"action": "retry"})
    assert foreign.status_code == 422


async def test_signing_out_ends_the_session(operator: httpx.AsyncClient) -> None:
    path, fields = form_of(await page(operator, "/operator"))
    assert (await operator.post(path, data=fields)).headers["location"] == SIGN_IN
    assert (await operator.get("/operator")).status_code == 303


async def test_a_session_ends_with_its_key(visitor: httpx.AsyncClient, neighbours: Neighbours) -> None:
    key = f"key-{uuid4()}"
    key_hash = sha256(key.encode()).hexdigest()
    await neighbours.pool.execute(INSERT_KEY, key_hash)

    async def is_let_in() -> bool:
        return (await sign_in(visitor, key)).status_code == 303

    await until(is_let_in)
    await neighbours.pool.execute(REVOKE_KEY, key_hash)

    async def is_out() -> bool:
        return (await visitor.get("/operator")).status_code == 303

    await until(is_out)


async def test_a_checkout_is_shown_and_resolved_after_a_look_at_what_that_does(
    operator: httpx.AsyncClient, neighbours: Neighbours, stuck: str
) -> None:
    path = f"/operator/checkouts/{stuck}"
    assert path in await page(operator, "/operator?kind=checkout")
    assert path in await page(operator, "/operator/checkouts")
    shown = await page(operator, path)
    text = text_of(shown)
    assert "needs_operator" in text and "The gateway refuses to refund." in text
    assert "compensate: The process has ended or is being compensated already." in text
    assert "checkout.started" in text and "&#34;personal&#34;" not in shown

    dry = await act(operator, shown, "resolve_done", reason=WHY, reference="bank-7")
    assert dry.status_code == 200 and "Nothing is done yet" in dry.text
    assert "payment.refunded" in dry.text and "gateway.simulated" in dry.text
    assert await said(neighbours, stuck, "checkout.operator_resolved") == []

    done = await act(operator, dry.text, "resolve_done")
    assert (done.status_code, done.headers["location"]) == (303, path)
    ((actor, body),) = await said(neighbours, stuck, "checkout.operator_resolved")
    assert (actor, body["reason"], body["reference"]) == ("ops:demo-ops", WHY, "bank-7")

    stale = await act(operator, dry.text, "resolve_done")
    assert stale.status_code == 412 and "VERSION_CONFLICT" in stale.text


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"reason": ""}, 422),
        ({"reason": "4111 1111 1111 1111"}, 422),
        ({"reason": "x" * 201}, 422),
        ({"action": "delete"}, 422),
        ({"unknown": "1"}, 422),
        ({"action": "compensate"}, 409),
    ],
    ids=["no reason", "a card number", "a long reason", "no such action", "another field", "not allowed"],
)
async def test_a_form_has_the_limits_of_a_request_over_http(
    changed: dict[str, str], status: int, operator: httpx.AsyncClient, stuck: str
) -> None:
    target, fields = form_of(await page(operator, f"/operator/checkouts/{stuck}"), action="retry")
    refused = await operator.post(target, data={**fields, "reason": WHY, **changed})
    assert refused.status_code == status and "4111" not in refused.text


async def test_a_refund_by_hand_is_resolved_on_its_page(
    operator: httpx.AsyncClient,
    shop: httpx.AsyncClient,
    admin: httpx.AsyncClient,
    neighbours: Neighbours,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = await bought(sold(("service", uuid4())), shop, neighbours, monkeypatch)
    asked: dict[str, Any] = {"amount": 300, "method": "manual", "reason": WHY}
    path = f"/v1/orders/{order['order_id']}/refunds"
    answer = await admin.post(path, json=asked, headers={"Idempotency-Key": uuid4().hex})
    refund_id = answer.json()["refunds"][0]["refund_id"]

    path = f"/operator/orders/{order['order_id']}/refunds/{refund_id}"
    assert path in await page(operator, "/operator?kind=refund")
    shown = await page(operator, path)
    assert "REFUND_MANUAL" in shown and "3.00 USD" in shown and 'value="retry"' not in shown
    dry = await act(operator, shown, "resolve_done", reason=WHY)
    assert "bank" in text_of(dry.text)
    assert (await act(operator, dry.text, "resolve_done")).status_code == 303
    assert "It does not need an operator." in await page(operator, path)


async def test_a_line_that_could_not_be_handed_over_is_tried_again_by_an_admin_too(
    visitor: httpx.AsyncClient,
    shop: httpx.AsyncClient,
    neighbours: Neighbours,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    customer = {"id": f"customer-{uuid4()}", "email": f"{uuid4().hex}@example.com"}
    course = uuid4()
    for _ in range(2):
        order = await bought(sold(("course", course)), shop, neighbours, monkeypatch, customer=customer)
    await sign_in(visitor, "demo-admin")
    path = f"/operator/orders/{order['order_id']}/lines/{order['lines'][0]['line_id']}"
    shown = await page(visitor, path)
    assert "ALREADY_ENROLLED" in shown
    dry = await act(visitor, shown, "fulfill", reason=WHY)
    assert "fulfillment.requested" in dry.text
    assert (await act(visitor, dry.text, "fulfill")).status_code == 303


async def test_what_does_not_exist_is_a_page_that_says_so(operator: httpx.AsyncClient) -> None:
    for path, code in (
        (f"checkouts/{uuid4()}", "CHECKOUT_SESSION_NOT_FOUND"),
        (f"orders/{uuid4()}/refunds/{uuid4()}", "ORDER_NOT_FOUND"),
        (f"orders/{uuid4()}/lines/{uuid4()}", "ORDER_NOT_FOUND"),
        ("parked/999999999", "PARKED_NOT_FOUND"),
    ):
        assert code in await page(operator, f"/operator/{path}", 404)


async def test_another_tenants_checkout_is_not_found(
    visitor: httpx.AsyncClient, shop: httpx.AsyncClient
) -> None:
    checkout_id = await begin(shop, "tok_action")
    await sign_in(visitor, "rival-ops")
    assert "CHECKOUT_SESSION_NOT_FOUND" in await page(visitor, f"/operator/checkouts/{checkout_id}", 404)
