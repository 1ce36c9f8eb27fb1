"""HTTP: the stock of a product."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from contracts.roles import ADMINS, READERS
from kernel.http.dependencies import QueryRequest, command_request, query_request
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.requests import Body, PathId, StrictRoute
from kernel.http.results import Result
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import ProductNotFound
from offer.catalogue.statuses import refusals
from offer.inventory.domain.stock import Stock
from offer.inventory.use_cases.count_stock import CountStock, count_stock
from offer.inventory.use_cases.find_stock import find_stock
from offer.inventory.use_cases.receive_stock import ReceiveStock, receive_stock

routes = APIRouter(prefix="/v1/products/{product_id}/stock", route_class=StrictRoute, tags=["stock"])


class CountBody(Body):
    on_hand: Annotated[int, Field(ge=0, le=10**9)]
    allow_backorders: bool = False


class ReceiptBody(Body):
    quantity: Annotated[int, Field(ge=1, le=10**9)]


class StockView(BaseModel):
    """Without a stock record the product is unlimited; ``on_hand`` and ``available`` are null then."""

    product_id: UUID
    on_hand: int | None
    reserved: int
    available: int | None
    """On hand less reserved; negative if more units are held than are on hand."""
    allow_backorders: bool
    version: int


def to_result(product_id: UUID, stock: Stock, now: datetime, status: int = 200) -> Result:
    view = StockView(
        product_id=product_id,
        on_hand=stock.on_hand if stock.exists else None,
        reserved=stock.reserved(now),
        available=stock.available(now) if stock.exists else None,
        allow_backorders=stock.allow_backorders,
        version=stock.version,
    )
    return Result(view, stock.version, status)


@routes.get("", response_model=StockView, responses=refusals(ProductNotFound))
async def get_stock(product_id: PathId, read: Annotated[QueryRequest, query_request(*READERS)]) -> Response:
    """Get the stock: units on hand, reserved and available."""

    async def act(work: UnitOfWork) -> Result:
        return to_result(product_id, await find_stock(product_id, work), work.now)

    return await read.run(act)


@routes.put("", response_model=StockView, responses=refusals(ProductNotFound), name="count_stock")
async def put_stock(
    product_id: PathId, body: CountBody, write: Annotated[CommandRequest, command_request(*ADMINS)]
) -> Response:
    """Record a stock count. From then on the product's stock is limited."""

    async def act(work: UnitOfWork) -> Result:
        command = CountStock(product_id, body.on_hand, body.allow_backorders)
        return to_result(product_id, await count_stock(command, work, write.check), work.now)

    return await write.run(act)


@routes.post(
    "/receipts",
    response_model=StockView,
    status_code=201,
    responses=refusals(ProductNotFound),
    name="receive_stock",
)
async def post_receipt(
    product_id: PathId, body: ReceiptBody, write: Annotated[CommandRequest, command_request(*ADMINS)]
) -> Response:
    """Record a receipt of goods. The first receipt creates the stock record."""

    async def act(work: UnitOfWork) -> Result:
        command = ReceiveStock(product_id, body.quantity)
        return to_result(product_id, await receive_stock(command, work, write.check), work.now, 201)

    return await write.run(act)
