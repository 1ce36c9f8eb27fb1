"""Refunded units go back into stock if the refund says so, and not before it is done."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from checkout_saga.orders.domain.refund import EVERYTHING, RefundPart, RefundSelection, RefundTerms
from checkout_saga.orders.schemas.requests import NewRefund
from checkout_saga.orders.use_cases.refunds import refund_order
from checkout_saga.payments.domain.operation import Declined, Done
from contracts import offer
from contracts.offer import Wanted
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import Scenario
from tests.unit.checkout_saga.examples import BOOK, CHECKOUT, ORDER, PEN
from tests.unit.checkout_saga.orders.test_refunds_of_orders import fulfilled_order
from tests.unit.checkout_saga.orders.test_refunds_that_do_not_end import SILENCE, resolve, retry, settle

REFUND = UUID(int=0xF1)
TWO_PENS = RefundSelection(parts=(RefundPart("c", 2),))
BACK_INTO_STOCK = RefundTerms(restock=True)
DONE = Done("ref", 400)


async def ask(refund_id: UUID, work: UnitOfWork, selection: RefundSelection, terms: RefundTerms) -> None:
    await refund_order(ORDER, refund_id, selection, "came back", work, terms=terms)


def asked(selection: RefundSelection = TWO_PENS, terms: RefundTerms = BACK_INTO_STOCK) -> Scenario:
    return fulfilled_order().when(ask, REFUND, selection, terms)


def back(*received: Wanted) -> offer.ReceiveStock:
    return offer.ReceiveStock(checkout_id=CHECKOUT, step=f"refund:{REFUND}", received=received)


PENS_BACK = back(Wanted(product_id=PEN, quantity=2))


def test_units_go_back_once_their_refund_is_done() -> None:
    story = asked().then_sent()
    story.when(settle, REFUND, DONE).then_sent_under(CHECKOUT, PENS_BACK)


def test_all_units_of_a_whole_refund_go_back_by_product() -> None:
    story = asked(EVERYTHING).when(settle, REFUND, Done("ref", 2000))
    story.then_sent(back(Wanted(product_id=BOOK, quantity=1), Wanted(product_id=PEN, quantity=5)))


@pytest.mark.parametrize(
    ("selection", "terms"),
    [(TWO_PENS, RefundTerms()), (RefundSelection(400), BACK_INTO_STOCK)],
    ids=["not asked for", "no units"],
)
def test_nothing_goes_back_unasked_or_for_an_amount(selection: RefundSelection, terms: RefundTerms) -> None:
    asked(selection, terms).when(settle, REFUND, DONE).then_sent()


def test_nothing_goes_back_of_a_refund_that_fails() -> None:
    story = asked().when(settle, REFUND, Declined("NO", "no")).then_sent()
    story.when(retry, REFUND).then_sent()
    story.when(settle, REFUND, DONE).then_sent(PENS_BACK)


@pytest.mark.parametrize("terms", [BACK_INTO_STOCK, RefundTerms(method="manual", restock=True)])
def test_units_go_back_when_an_operator_says_that_the_refund_is_done(terms: RefundTerms) -> None:
    story = asked(terms=terms)
    if terms.method == "original":
        story.when(settle, REFUND, SILENCE, 7)
    story.when(resolve, REFUND, "done").then_sent(PENS_BACK)


@pytest.mark.parametrize("parts", [{"amount": 5}, {"lines": [{"line_id": "a", "amount": 5}]}])
def test_an_amount_cannot_go_back_into_stock(parts: dict[str, Any]) -> None:
    NewRefund.model_validate_json(json.dumps({"reason": "r", **parts}))
    with pytest.raises(ValidationError, match="Only units"):
        NewRefund.model_validate_json(json.dumps({"reason": "r", "restock": True, **parts}))
