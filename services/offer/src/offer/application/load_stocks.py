"""Open the stocks of some products, by product."""

from collections.abc import Iterable
from uuid import UUID

from contracts.offer import Wanted
from kernel.unit_of_work import UnitOfWork
from offer.domain.stock import Stock, stock_id
from offer.domain.stock_demand import Stocks


async def load_stocks(wanted: Iterable[Wanted], work: UnitOfWork) -> Stocks:
    by_product: dict[UUID, UUID] = {it.product_id: stock_id(it.product_id) for it in wanted}
    found = await work.open_many(Stock, by_product.values())
    return {product_id: found[it] for product_id, it in by_product.items()}
