"""A refused lock of the cart is the response over HTTP, with its data."""

from typing import Any

import orjson
import pytest

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.refusals import refusal_of
from checkout_saga.checkout.statuses import STATUSES
from checkout_saga.checkout.workflow import CHECKOUTS
from contracts import cart
from contracts.sale import Money
from kernel.http.problems import refusal_body
from kernel.http.statuses import status_of
from tests.support.scenario import stamp
from tests.unit.checkout_saga.examples import CART, CHECKOUT, of_step, waiting_at

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
        ("CHECKOUT_IN_PROGRESS", 409, {"held_by": CHECKOUT}, {"checkout_id": str(CHECKOUT)}),
    ],
)
def test_a_refused_lock_is_the_answer_over_http(
    code: str, status: int, fields: dict[str, Any], members: dict[str, Any]
) -> None:
    no = cart.LockRefused(**stamp(CART), **of_step(step_names.LOCK_CART), code=code, detail="no", **fields)
    story = waiting_at(step_names.LOCK_CART)
    checkout = Checkout.empty(CHECKOUT)
    for fact in story.world.past[CHECKOUT]:
        fact.mutate(checkout)
    story.when(CHECKOUTS.on_reply, no)
    for fact in story.work.facts:
        fact.mutate(checkout)
    refusal = refusal_of(checkout)
    assert refusal is not None
    body = orjson.loads(refusal_body(refusal, status_of(refusal, STATUSES), "correlation"))
    assert (body["status"], body["code"]) == (status, code)
    assert {name: body.get(name) for name in members} == members
