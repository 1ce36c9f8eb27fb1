"""Bring the data set's purchases in: a cart and a checkout each, at their own dates."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import TypeVar

from cli.demo import dataset
from cli.demo.dataset import Purchase
from cli.shopping.api import Refusal
from cli.shopping.shop import Buyer, Goods, Shop
from cli.stack.errors import StackError
from cli.stack.process_group import run_concurrently

STOCKED = 10
SPARE = 25
MAX_FAILURES = 20
T = TypeVar("T")
OnDone = Callable[[], None]


def noon(purchase: Purchase) -> str:
    """The data set knows the day alone."""
    return f"{purchase.day.isoformat()}T12:00:00Z"


async def for_each_concurrently(parallel: int, work: Iterable[T], do: Callable[[T], Awaitable[None]]) -> None:
    """Do all the work, so much of it at a time."""
    waiting = iter(work)

    async def worker() -> None:
        for item in waiting:
            await do(item)

    await run_concurrently(worker() for _ in range(parallel))


async def open_catalogue(
    shop: Shop, purchases: Iterable[Purchase], parallel: int, tick: OnDone
) -> dict[int, str]:
    """One product per distinct order value; those that sell best are in stock for their orders and a few."""
    orders = dataset.orders_by_value(purchases)
    best = dict(orders.most_common(STOCKED))
    catalogue: dict[int, str] = {}

    async def put_on_sale(cents: int) -> None:
        name = f"CDs for ${cents // 100}.{cents % 100:02d}"
        catalogue[cents] = await shop.put_on_sale(f"CDNOW-{cents}", name, cents)
        if cents in best:
            await shop.count_stock(catalogue[cents], best[cents] + SPARE)
        tick()

    await for_each_concurrently(parallel, orders, put_on_sale)
    return catalogue


async def replay_purchases(
    shop: Shop, purchases: Collection[Purchase], catalogue: Mapping[int, str], parallel: int, tick: OnDone
) -> list[str]:
    """Play every purchase, and tell which did not end as a sale."""
    lost: list[str] = []

    async def play_one(purchase: Purchase) -> None:
        if problem := await _buy(shop, purchase, catalogue[purchase.cents]):
            lost.append(f"line {purchase.line}: {problem}")
            if len(lost) > MAX_FAILURES:
                raise StackError(f"Purchases are refused that should not be; {lost[0]}.")
        tick()

    await for_each_concurrently(parallel, purchases, play_one)
    return lost


async def _buy(shop: Shop, purchase: Purchase, product_id: str) -> str | None:
    """Why it was not sold, if it was not."""
    name, at = f"cdnow-{purchase.line}", noon(purchase)
    try:
        metadata = {"line": purchase.line, "cds": purchase.cds}
        cart = await shop.fill_cart(name, purchase.customer_id, Goods(product_id), metadata=metadata, at=at)
        checkout = await shop.check_out(name, cart, Buyer(purchase.customer_id, "tok_ok"), at=at)
    except Refusal as refusal:
        return str(refusal)
    except TimeoutError:
        return "the checkout came to no end"
    return None if checkout["status"] == "completed" else str(checkout["failure"])


async def is_stock_consistent(
    shop: Shop, purchases: Iterable[Purchase], catalogue: Mapping[int, str]
) -> bool:
    """Whether the stocked products have lost exactly what was sold of them, and hold nothing back."""
    best = dataset.orders_by_value(purchases).most_common(STOCKED)
    stocks = [await shop.stock(catalogue[cents]) for cents, _ in best]
    return all((it["on_hand"], it["reserved"]) == (SPARE, 0) for it in stocks)
