"""Replay the data set's purchases: one cart and one checkout each, at their dates."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import TypeVar

from cli.errors import StackError
from demo import dataset
from demo.dataset import Purchase
from demo.shopping.api import Refusal
from demo.shopping.shop import Buyer, Goods, Shop
from devstack.process_group import run_concurrently

STOCKED = 10
SPARE = 25
MAX_FAILURES = 20
T = TypeVar("T")
OnDone = Callable[[], None]


def noon(purchase: Purchase) -> str:
    """The time of a purchase: the data set has only days."""
    return f"{purchase.day.isoformat()}T12:00:00Z"


async def for_each_concurrently(parallel: int, work: Iterable[T], do: Callable[[T], Awaitable[None]]) -> None:
    """Process all items with ``parallel`` workers."""
    waiting = iter(work)

    async def worker() -> None:
        for item in waiting:
            await do(item)

    await run_concurrently(worker() for _ in range(parallel))


async def open_catalogue(
    shop: Shop, purchases: Iterable[Purchase], parallel: int, tick: OnDone
) -> dict[int, str]:
    """Create one product per distinct order total. The best-selling ones get stock for their orders plus
    spare."""
    orders = dataset.orders_by_value(purchases)
    return await _put_on_sale(shop, orders, dict(orders.most_common(STOCKED)), parallel, tick)


async def extend_catalogue(
    shop: Shop, before: Iterable[Purchase], more: Iterable[Purchase], parallel: int, tick: OnDone
) -> dict[int, str]:
    """The products of ``more``, those that have been created for ``before`` included. What has stock gets
    enough of it for these orders, too."""
    orders = dataset.orders_by_value(more)
    stocked = dataset.orders_by_value(before).most_common(STOCKED)
    needed = {cents: orders[cents] for cents, _ in stocked}
    return await _put_on_sale(shop, orders, needed, parallel, tick)


async def _put_on_sale(
    shop: Shop, values: Iterable[int], needed: Mapping[int, int], parallel: int, tick: OnDone
) -> dict[int, str]:
    """``needed``: units, of those products that have stock. Creating a product again returns the same one."""
    catalogue: dict[int, str] = {}

    async def put_on_sale(cents: int) -> None:
        name = f"CDs for ${cents // 100}.{cents % 100:02d}"
        catalogue[cents] = await shop.put_on_sale(f"CDNOW-{cents}", name, cents)
        if cents in needed:
            await shop.count_stock(catalogue[cents], needed[cents] + SPARE)
        tick()

    await for_each_concurrently(parallel, values, put_on_sale)
    return catalogue


async def replay_purchases(
    shop: Shop, purchases: Collection[Purchase], catalogue: Mapping[int, str], parallel: int, tick: OnDone
) -> list[str]:
    """Replay all purchases. Returns a text for each that was not completed."""
    failures: list[str] = []

    async def replay_one(purchase: Purchase) -> None:
        if problem := await _buy(shop, purchase, catalogue[purchase.cents]):
            failures.append(f"line {purchase.line}: {problem}")
            if len(failures) > MAX_FAILURES:
                raise StackError(f"Too many purchases fail; {failures[0]}.")
        tick()

    await for_each_concurrently(parallel, purchases, replay_one)
    return failures


async def _buy(shop: Shop, purchase: Purchase, product_id: str) -> str | None:
    """Run one purchase. Returns the reason if it was not completed."""
    name, at = f"cdnow-{purchase.line}", noon(purchase)
    try:
        metadata = {"line": purchase.line, "cds": purchase.cds}
        cart = await shop.fill_cart(name, purchase.customer_id, Goods(product_id), metadata=metadata, at=at)
        checkout = await shop.check_out(name, cart, Buyer(purchase.customer_id, "tok_ok"), at=at)
    except Refusal as refusal:
        return str(refusal)
    except TimeoutError:
        return "the checkout did not end"
    return None if checkout["status"] == "completed" else str(checkout["failure"])


async def is_stock_consistent(
    shop: Shop, purchases: Iterable[Purchase], catalogue: Mapping[int, str]
) -> bool:
    """Whether the stock of each stocked product equals the spare units, with nothing reserved."""
    best = dataset.orders_by_value(purchases).most_common(STOCKED)
    stocks = [await shop.stock(catalogue[cents]) for cents, _ in best]
    return all((it["on_hand"], it["reserved"]) == (SPARE, 0) for it in stocks)
