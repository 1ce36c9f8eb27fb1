"""Reservations on real infrastructure: two replicas, many checkouts, repeated commands, expiry."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import UUID, uuid4

import httpx

from contracts.offer import ConfirmStock, ReceiveStock, ReleaseStock, ReserveStock, Wanted
from tests.integration.offer.checkouts import Checkouts, Published
from tests.integration.offer.conftest import Clock
from tests.integration.offer.products import on_sale, stock
from tests.support.waiting import until

MADE, REFUSED, CONFIRMED = "reservation.made", "stock.reservation_refused", "reservation.confirmed"


def reserve(checkout_id: UUID, *wanted: Wanted) -> ReserveStock:
    return ReserveStock(checkout_id=checkout_id, step="reserve_stock", wanted=wanted)


def confirm(checkout_id: UUID, *wanted: Wanted) -> ConfirmStock:
    return ConfirmStock(checkout_id=checkout_id, step="confirm_stock", wanted=wanted)


def one(product_id: UUID) -> Wanted:
    return Wanted(product_id=product_id, quantity=1)


async def test_ten_of_a_hundred_checkouts_get_the_last_ten_units(
    admin: httpx.AsyncClient, checkouts: Checkouts
) -> None:
    scarce, plenty = await on_sale(admin, 10), await on_sale(admin, 1_000)
    buyers = [uuid4() for _ in range(100)]

    def is_reply(it: Published) -> bool:
        return it.checkout_id in buyers and it.type in {MADE, REFUSED}

    commands = [reserve(it, one(scarce), one(plenty)) for it in buyers]
    await checkouts.send(*commands)
    first = await checkouts.until(is_reply, 100)
    assert Counter(it.type for it in first) == {MADE: 10, REFUSED: 90}
    assert {it.body["code"] for it in first if it.type == REFUSED} == {"INSUFFICIENT_INVENTORY"}

    await checkouts.send(*commands)
    both = await checkouts.until(is_reply, 200)
    assert Counter((it.type, it.checkout_id) for it in both) == Counter(
        2 * [(it.type, it.checkout_id) for it in first]
    )

    held = [it.checkout_id for it in first if it.type == MADE and it.checkout_id]
    await checkouts.send(
        *(
            ConfirmStock(checkout_id=it, step="confirm_stock", wanted=(one(scarce), one(plenty)))
            for it in held
        )
    )
    await checkouts.until(lambda it: it.checkout_id in buyers and it.type == CONFIRMED, 10)
    assert (await stock(admin, scarce))["on_hand"] == 0
    shown = await stock(admin, plenty)
    assert (shown["on_hand"], shown["reserved"], shown["available"]) == (990, 0, 990)


async def test_held_units_are_available_again_after_half_an_hour(
    admin: httpx.AsyncClient, checkouts: Checkouts, clock: Clock
) -> None:
    product_id, buyer, next_buyer = await on_sale(admin, 1), uuid4(), uuid4()
    await checkouts.send(reserve(buyer, one(product_id)))
    await checkouts.until(lambda it: it.checkout_id == buyer and it.type == MADE)
    assert (await stock(admin, product_id))["available"] == 0

    await clock.forward(timedelta(minutes=31))
    await checkouts.until(lambda it: it.checkout_id == buyer and it.type == "stock.expired")
    assert (await stock(admin, product_id))["available"] == 1

    await checkouts.send(reserve(next_buyer, one(product_id)))
    await checkouts.until(lambda it: it.checkout_id == next_buyer and it.type == MADE)
    await checkouts.send(confirm(buyer, one(product_id)))
    await checkouts.until(
        lambda it: it.checkout_id == buyer and it.type == "reservation.confirmation_refused"
    )


async def test_a_reservation_after_its_own_release_is_refused(
    admin: httpx.AsyncClient, checkouts: Checkouts
) -> None:
    product_id, buyer = await on_sale(admin, 1), uuid4()
    await checkouts.send(
        ReleaseStock(checkout_id=buyer, step="reserve_stock"), reserve(buyer, one(product_id))
    )
    await checkouts.until(lambda it: it.checkout_id == buyer and it.type == "reservation.released")
    (refused,) = await checkouts.until(lambda it: it.checkout_id == buyer and it.type == REFUSED)
    assert refused.body["code"] == "CHECKOUT_CANCELLED"
    assert (await stock(admin, product_id))["available"] == 1


async def test_units_go_back_into_stock_once_for_each_step_and_no_more_than_were_sold(
    admin: httpx.AsyncClient, checkouts: Checkouts
) -> None:
    product_id, buyer = await on_sale(admin, 5), uuid4()
    three = Wanted(product_id=product_id, quantity=3)
    await checkouts.send(reserve(buyer, three), confirm(buyer, three))
    await checkouts.until(lambda it: it.checkout_id == buyer and it.type == CONFIRMED)

    async def receive(quantity: int, step: str, answers: int) -> list[int]:
        """Twice; the quantities of all answers so far."""
        back = (Wanted(product_id=product_id, quantity=quantity),)
        command = ReceiveStock(checkout_id=buyer, step=step, received=back)
        await checkouts.send(command, command)
        made = await checkouts.until(
            lambda it: it.checkout_id == buyer and it.type == "restock.made", answers
        )
        return [sum(one["quantity"] for one in it.body["received"]) for it in made]

    assert await receive(2, "refund:1", 2) == [2, 2]
    assert (await stock(admin, product_id))["on_hand"] == 4
    assert await receive(2, "refund:2", 4) == [2, 2, 1, 1]
    shown = await stock(admin, product_id)
    assert (shown["on_hand"], shown["reserved"]) == (5, 0)


async def test_concurrent_receipts_and_reservations_lose_nothing(
    admin: httpx.AsyncClient, checkouts: Checkouts
) -> None:
    product_id = await on_sale(admin, 0)
    buyers = [uuid4() for _ in range(8)]
    receipts = (
        admin.post(f"/v1/products/{product_id}/stock/receipts", json={"quantity": 1}) for _ in range(8)
    )
    answers, _ = await asyncio.gather(
        asyncio.gather(*receipts), checkouts.send(*(reserve(it, one(product_id)) for it in buyers))
    )
    assert {it.status_code for it in answers} == {201}
    replies = await checkouts.until(
        lambda it: it.checkout_id in buyers and it.type in {MADE, REFUSED}, len(buyers)
    )
    made = sum(it.type == MADE for it in replies)

    async def agrees() -> bool:
        shown = await stock(admin, product_id)
        return (shown["on_hand"], shown["reserved"]) == (8, made)

    # services read the clock once a second: a replica may still have the time that another test has set
    await until(agrees)
