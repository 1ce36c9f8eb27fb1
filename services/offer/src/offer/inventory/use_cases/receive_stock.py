"""Record a receipt of goods."""

from dataclasses import dataclass
from uuid import UUID

from kernel.unit_of_work import UnitOfWork
from offer.catalogue.use_cases.if_match import Expect, any_version
from offer.inventory.domain.stock import Stock
from offer.inventory.use_cases.find_stock import find_stock


@dataclass(frozen=True, slots=True)
class ReceiveStock:
    product_id: UUID
    quantity: int


async def receive_stock(command: ReceiveStock, work: UnitOfWork, expect: Expect = any_version) -> Stock:
    stock = await find_stock(command.product_id, work)
    expect(stock)
    stock.receive(command.product_id, command.quantity)
    return stock
