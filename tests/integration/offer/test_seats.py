"""500 buyers of 100 seats, on two replicas."""

from __future__ import annotations

from collections import Counter
from uuid import uuid4

import httpx

from tests.integration.offer.checkouts import Checkouts, Published
from tests.integration.offer.products import on_sale, stock
from tests.integration.offer.test_reservations import CONFIRMED, MADE, REFUSED, confirm, one, reserve


async def test_of_500_buyers_of_100_seats_alone_or_in_a_bundle_100_get_one(
    admin: httpx.AsyncClient, checkouts: Checkouts
) -> None:
    course = await on_sale(admin, type="course", enrollment_limit=100)
    bundle = await on_sale(admin, type="bundle", course_ids=[str(course), "another course"])
    buyers = [uuid4() for _ in range(500)]

    def is_reply(it: Published) -> bool:
        return it.checkout_id in buyers and it.type in {MADE, REFUSED}

    wanted = {buyer: one(bundle if index % 2 else course) for index, buyer in enumerate(buyers)}
    await checkouts.send(*(reserve(buyer, wanted[buyer]) for buyer in buyers))
    replies = await checkouts.until(is_reply, 500)
    assert Counter(it.type for it in replies) == {MADE: 100, REFUSED: 400}
    short = [it.body["shortages"] for it in replies if it.type == REFUSED]
    assert all(it == [{"product_id": str(course), "requested": 1, "available": 0}] for it in short)

    held = [it.checkout_id for it in replies if it.type == MADE and it.checkout_id]
    await checkouts.send(*(confirm(it, wanted[it]) for it in held))
    await checkouts.until(lambda it: it.checkout_id in buyers and it.type == CONFIRMED, 100)
    shown = await stock(admin, course)
    assert (shown["on_hand"], shown["reserved"], shown["available"]) == (0, 0, 0)
