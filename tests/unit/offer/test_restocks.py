"""Units that were sold go back into stock: each step once, and no more than were sold from it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from hypothesis import given as given_any
from hypothesis import strategies as st

from contracts import offer as commands
from contracts import product, restock, stock
from contracts.offer import Wanted
from offer.inventory.domain.restock import restock_id
from offer.inventory.use_cases.reservations import confirm_stock, reserve_stock
from offer.inventory.use_cases.restocks import receive_stock
from offer.inventory.use_cases.seats import keep_seats
from tests.support.scenario import Scenario, given, stamp
from tests.unit.offer.examples import (
    BOOK,
    CD,
    CHECKOUT,
    HOLD_FOR,
    confirm,
    counted,
    created,
    reserve,
    stock_of,
    units,
)
from tests.unit.offer.test_seats import BOTH, BUNDLE, COURSE, LIMITED

RESTOCK = restock_id(CHECKOUT)


def receive(*received: Wanted, step: str = "refund:1") -> commands.ReceiveStock:
    return commands.ReceiveStock(checkout_id=CHECKOUT, step=step, received=received)


def put_back(*received: Wanted, step: str = "refund:1") -> restock.Made:
    return restock.Made(**stamp(RESTOCK), checkout_id=CHECKOUT, step=step, received=received)


def received(product_id: UUID, quantity: int) -> stock.Received:
    return stock.Received(
        **stamp(stock_of(product_id)), product_id=product_id, quantity=quantity, restock_id=RESTOCK
    )


def bought(*wanted: Wanted) -> Scenario:
    """Of 10 CDs; books have no stock record."""
    past = created(CD), created(BOOK), counted(CD, 10)
    return given(*past).when(reserve_stock, reserve(*wanted), HOLD_FOR).when(confirm_stock, confirm(*wanted))


def test_units_go_back_into_the_stock_they_were_sold_from() -> None:
    story = bought(units(CD, 3)).when(receive_stock, receive(units(CD, 2)))
    story.then(received(CD, 2), put_back(units(CD, 2)))


def test_a_repeated_command_is_answered_again_and_puts_nothing_back() -> None:
    story = bought(units(CD, 3)).when(receive_stock, receive(units(CD, 2)))
    story.when(receive_stock, receive(units(CD, 2))).then(put_back(units(CD, 2)))


def test_another_step_puts_back_what_is_left_of_what_was_sold() -> None:
    story = bought(units(CD, 3)).when(receive_stock, receive(units(CD, 2)))
    story.when(receive_stock, receive(units(CD, 2), step="cancel:2"))
    story.then(received(CD, 1), put_back(units(CD, 1), step="cancel:2"))
    story.when(receive_stock, receive(units(CD, 1), step="refund:3")).then(put_back(step="refund:3"))


def test_a_product_without_a_stock_record_stays_unlimited() -> None:
    bought(units(BOOK, 1)).when(receive_stock, receive(units(BOOK, 1))).then(put_back())


def test_a_product_counted_only_after_the_sale_gets_nothing_back() -> None:
    """The count has found what there was."""
    past = created(CD), created(BOOK), counted(CD, 10)
    story = given(*past).when(reserve_stock, reserve(units(BOOK, 1)), HOLD_FOR)
    story.when(confirm_stock, confirm(units(BOOK, 1)))
    story.world.record(counted(BOOK, 5))
    story.when(receive_stock, receive(units(BOOK, 1))).then(put_back())


def test_nothing_goes_back_of_what_was_never_sold() -> None:
    story = given(created(CD), counted(CD, 10)).when(reserve_stock, reserve(units(CD, 3)), HOLD_FOR)
    story.when(receive_stock, receive(units(CD, 3))).then(put_back())


def test_a_unit_of_a_bundle_gives_back_a_seat_in_each_of_its_courses() -> None:
    past = created(COURSE, LIMITED), created(BUNDLE, BOTH), counted(COURSE, 30)
    story = given(*past).when(reserve_stock, reserve(units(BUNDLE, 2)), HOLD_FOR)
    story.when(confirm_stock, confirm(units(BUNDLE, 2)))
    story.when(receive_stock, receive(units(BUNDLE, 1))).then(received(COURSE, 1), put_back(units(COURSE, 1)))


def test_a_bundle_gives_back_the_seats_of_the_courses_that_it_had_when_it_was_sold() -> None:
    past = created(COURSE, LIMITED), created(BUNDLE, BOTH), counted(COURSE, 30)
    story = given(*past).when(reserve_stock, reserve(units(BUNDLE, 2)), HOLD_FOR)
    story.when(confirm_stock, confirm(units(BUNDLE, 2)))
    emptied = BOTH.model_copy(update={"course_ids": ("a key outside",)})
    story.world.record(product.Changed(**stamp(BUNDLE), details=emptied))
    story.when(receive_stock, receive(units(BUNDLE, 1))).then(received(COURSE, 1), put_back(units(COURSE, 1)))


def test_a_seat_that_came_back_is_not_sold_any_more() -> None:
    past = created(COURSE, LIMITED), counted(COURSE, 30)
    story = given(*past).when(reserve_stock, reserve(units(COURSE, 4)), HOLD_FOR)
    story.when(confirm_stock, confirm(units(COURSE, 4))).when(receive_stock, receive(units(COURSE, 1)))

    async def limit(product_id: UUID, work: object) -> None:
        await keep_seats(product_id, None, 20, work)  # type: ignore[arg-type]

    story.when(limit, COURSE)
    (limited,) = story.work.facts
    assert isinstance(limited, stock.Adjusted)
    assert limited.on_hand == 17


@given_any(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5)), max_size=8))
def test_any_commands_in_any_order_put_back_no_more_than_was_sold(
    wanted: Sequence[tuple[int, int]],
) -> None:
    story, back = bought(units(CD, 6)), 0
    for step, quantity in wanted:
        story.when(receive_stock, receive(units(CD, quantity), step=f"refund:{step}"))
        back += sum(it.quantity for it in story.work.facts if isinstance(it, stock.Received))
    assert back <= 6
