"""What a shop does with the stock of a product: count it, and receive goods."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.unit_of_work import UnitOfWork
from offer.catalogue.use_cases import find_product
from offer.inventory.domain.stock import Stock, stock_id


async def find_stock(product_id: UUID, work: UnitOfWork) -> Stock:
    """The stock of a product; an empty one if the product has no stock record. Raises ``ProductNotFound``."""
    await find_product(product_id, work)
    return await work.open(Stock, stock_id(product_id))


@dataclass(frozen=True, slots=True)
class CountStock:
    product_id: UUID
    on_hand: int
    allow_backorders: bool


async def count_stock(command: CountStock, work: UnitOfWork) -> Stock:
    """Record the result of a count. Raises ``ProductNotFound``."""
    stock = await find_stock(command.product_id, work)
    stock.count(command.product_id, command.on_hand, allow_backorders=command.allow_backorders)
    return stock


@dataclass(frozen=True, slots=True)
class ReceiveStock:
    product_id: UUID
    quantity: int


async def receive_stock(command: ReceiveStock, work: UnitOfWork) -> Stock:
    """Record a receipt of goods. Raises ``ProductNotFound``."""
    stock = await find_stock(command.product_id, work)
    stock.receive(command.product_id, command.quantity)
    return stock
