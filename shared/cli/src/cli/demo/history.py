"""Bring the data set's purchases in: a cart and a checkout each, at their own dates."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import TypeVar

from cli.demo import dataset
from cli.demo.api import Refusal
from cli.demo.dataset import Purchase
from cli.demo.shop import Buyer, Goods, Shop

STOCKED = 10
SPARE = 25
MOST_LOST = 20
T = TypeVar("T")


@dataclass
class Played:
    """What came of it: the catalogue by value, and what did not end as a sale."""

    catalogue: Mapping[int, str]
    lost: list[str] = field(default_factory=list)


def noon(purchase: Purchase) -> str:
    """The data set knows the day alone."""
    return f"{purchase.day.isoformat()}T12:00:00Z"


async def at_once(parallel: int, work: Iterable[T], do: Callable[[T], Awaitable[None]]) -> None:
    """Do all the work, so many at a time."""
    waiting = iter(work)

    async def worker() -> None:
        for it in waiting:
            await do(it)

    async with asyncio.TaskGroup() as group:
        for _ in range(parallel):
            group.create_task(worker())


async def open_catalogue(
    shop: Shop, purchases: Iterable[Purchase], parallel: int, tick: Callable[[], None]
) -> dict[int, str]:
    """One product per distinct order value; those that sell best have a stock that just suffices."""
    orders = dataset.orders_by_value(purchases)
    best = dict(orders.most_common(STOCKED))
    catalogue: dict[int, str] = {}

    async def put_on_sale(cents: int) -> None:
        sku, name = f"CDNOW-{cents}", f"CDs for ${cents // 100}.{cents % 100:02d}"
        catalogue[cents] = await shop.put_on_sale(sku, name, cents)
        if cents in best:
            await shop.count_stock(catalogue[cents], best[cents] + SPARE)
        tick()

    await at_once(parallel, orders, put_on_sale)
    return catalogue


async def play(
    shop: Shop,
    purchases: Iterable[Purchase],
    catalogue: Mapping[int, str],
    parallel: int,
    tick: Callable[[], None],
) -> Played:
    """Play every purchase. One that is refused is noted, and the others go on."""
    played = Played(catalogue)
    lost = count(1)

    async def buy(it: Purchase) -> None:
        failure = await _buy(shop, it, catalogue[it.cents])
        if failure:
            played.lost.append(f"line {it.line}: {failure}")
            if next(lost) >= MOST_LOST:
                raise TooManyLost(played.lost)
        tick()

    await at_once(parallel, purchases, buy)
    return played
