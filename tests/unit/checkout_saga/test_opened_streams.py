"""What the steps of a checkout open after a reply is what they have said that they open: a batch of replies
is read with two queries, one for the checkouts and one for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import pytest

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.workflow import CHECKOUTS
from contracts.envelope import Reply
from contracts.sale import LineFulfillment, Sale
from kernel.process.reply_handler import load_for_replies
from kernel.unit_of_work import UnitOfWork
from tests.support.counted_loads import counted
from tests.support.scenario import Scenario
from tests.unit.checkout_saga.examples import (
    CHECKOUT,
    CUSTOMER_STREAM,
    FREE,
    LINES,
    ORDER,
    PLAIN,
    price_confirmed,
    stock_confirmed,
    waiting_at,
)
from tests.unit.checkout_saga.upselling import WITH_OFFER

COURSES = LineFulfillment(course_ids=("one", "two"))
ASSET = LineFulfillment(asset="a.pdf")
TYPES: dict[str, LineFulfillment | None] = {
    "service": None,
    "physical_product": LineFulfillment(vendor_id="v"),
    "course": None,
    "bundle": COURSES,
    "team_license": COURSES,
    "certification": None,
    "subscription": None,
    "digital_product": ASSET,
}


def of_types(*types: str) -> Sale:
    """A sale whose lines are of these types."""
    lines = [
        LINES[number % len(LINES)].model_copy(
            update={"line_id": str(number), "product_type": it, "fulfillment": TYPES[it]}
        )
        for number, it in enumerate(types)
    ]
    return PLAIN.model_copy(update={"lines": tuple(lines)})


async def handle(replies: Sequence[Reply], work: UnitOfWork) -> list[set[UUID]]:
    counter, watched = counted(work)
    await load_for_replies(CHECKOUTS, replies, watched)
    for it in replies:
        await CHECKOUTS.on_reply(it, watched)
    return counter.queries


def queries(story: Scenario, reply: Reply) -> list[set[UUID]]:
    found: list[set[UUID]] = story.when(handle, [reply]).result
    return found


@pytest.mark.parametrize("sale", [PLAIN, FREE], ids=["paid", "free"])
def test_before_the_payment_the_customer_is_read_and_nothing_else(sale: Sale) -> None:
    story = waiting_at(step_names.CONFIRM_PRICE, sale)
    assert queries(story, price_confirmed(sale)) == [{CHECKOUT}, {CUSTOMER_STREAM}]


@pytest.mark.parametrize(
    "sale",
    [*(of_types(it) for it in TYPES), of_types(*TYPES), WITH_OFFER],
    ids=[*TYPES, "all at once", "of an offer"],
)
def test_after_the_payment_all_that_is_handed_over_is_read_at_once(sale: Sale) -> None:
    story = waiting_at(step_names.CONFIRM_STOCK, sale)
    first, *rest = queries(story, stock_confirmed())
    assert first == {CHECKOUT}
    assert len(rest) == 1
    assert ORDER in rest[0]
