"""Open the stocks of the wanted products, by product id."""

from collections.abc import Iterable
from uuid import UUID

from contracts.offer import Wanted
from kernel.unit_of_work import UnitOfWork
from offer.inventory.domain.stock import Stock, stock_id
from offer.inventory.domain.stock_demand import Stocks


async def load_stocks(wanted: Iterable[Wanted], work: UnitOfWork) -> Stocks:
    stock_ids: dict[UUID, UUID] = {it.product_id: stock_id(it.product_id) for it in wanted}
    found = await work.open_many(Stock, stock_ids.values())
    return {product_id: found[key] for product_id, key in stock_ids.items()}
