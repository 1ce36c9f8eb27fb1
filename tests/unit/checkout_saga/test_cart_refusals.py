"""A refused lock of the cart is the response over HTTP, with its data."""

from typing import Any

import orjson
import pytest

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.index_keys import OPEN_CHECKOUT
from checkout_saga.checkout.refusals import refusal_of
from checkout_saga.checkout.statuses import STATUSES
from checkout_saga.checkout.workflow import CHECKOUTS
from contracts import cart, checkout
from contracts.envelope import Reply
from contracts.sale import Money
from kernel.http.problems import refusal_body
from kernel.http.statuses import status_of
from tests.support.scenario import Scenario, given, stamp
from tests.unit.checkout_saga.examples import (
    CART,
    CHECKOUT,
    LINES,
    OPEN_KEY,
    SALE,
    advanced,
    cart_locked,
    checkout_started,
    of_step,
    waiting_at,
)

WAS, NOW = Money(amount=1000, currency="USD"), Money(amount=5000, currency="USD")
AT_FAULT = [{"pointer": "#/expected_total/currency", "detail": "no"}]


@pytest.mark.parametrize(
    ("code", "status", "fields", "members"),
    [
        ("PRICE_CHANGED", 409, {"was": WAS, "now": NOW}, {"was": WAS.model_dump(), "now": NOW.model_dump()}),
        ("CART_HAS_CUSTOMER", 409, {"customer_id": "alice"}, {"customer_id": "alice"}),
        (
            "INVALID_DISCOUNT_CODE",
            422,
            {"discount_code": "SAVE10", "reason": "expired"},
            {"discount_code": "SAVE10", "reason": "expired"},
        ),
        ("INVALID_REQUEST", 422, {}, {"errors": AT_FAULT}),
        ("SHIPPING_ADDRESS_REQUIRED", 422, {}, {}),
        ("SHIPPING_OPTION_NOT_AVAILABLE", 422, {}, {}),
        ("PREREQUISITES_NOT_MET", 409, {"missing": ("welding-1",)}, {"missing": ["welding-1"]}),
        ("CHECKOUT_IN_PROGRESS", 409, {"held_by": CHECKOUT}, {"checkout_id": str(CHECKOUT)}),
    ],
)
def test_a_refused_lock_is_the_answer_over_http(
    code: str, status: int, fields: dict[str, Any], members: dict[str, Any]
) -> None:
    no = cart.LockRefused(**stamp(CART), **of_step(step_names.LOCK_CART), code=code, detail="no", **fields)
    body = answer_to(waiting_at(step_names.LOCK_CART), no)
    assert (body["status"], body["code"]) == (status, code)
    assert {name: body.get(name) for name in members} == members


def test_more_recipients_than_gift_seats_are_the_answer_over_http_and_free_the_cart() -> None:
    gifts = checkout.Gifts(recipients={"a": 2, "b": 1}, personal="sealed recipients")
    sale = SALE.model_copy(update={"lines": (LINES[0].model_copy(update={"gift_seats": 2}), *LINES[1:])})
    started = checkout_started(CHECKOUTS.workflow.current).model_copy(update={"gifts": gifts})
    story = given(started, advanced(step_names.LOCK_CART)).claimed(OPEN_CHECKOUT, OPEN_KEY, CHECKOUT)
    body = answer_to(story, cart_locked(sale))
    assert (body["status"], body["code"], body["line_id"], body["gift_seats"]) == (
        422,
        "INVALID_REQUEST",
        "b",
        0,
    )
    assert body["errors"] == [
        {"pointer": "#/gifts", "detail": "The line has fewer gift seats than recipients."}
    ]
    assert [type(it) for it, _ in story.work.sent] == [cart.Unlock]


def answer_to(story: Scenario, reply: Reply) -> dict[str, Any]:
    """What POST /v1/checkouts responds with once the cart has replied so."""
    read = Checkout.empty(CHECKOUT)
    for fact in story.world.past[CHECKOUT]:
        fact.mutate(read)
    story.when(CHECKOUTS.on_reply, reply)
    for fact in story.work.facts:
        fact.mutate(read)
    refusal = refusal_of(read)
    assert refusal is not None
    body: dict[str, Any] = orjson.loads(refusal_body(refusal, status_of(refusal, STATUSES), "correlation"))
    return body
