"""The routes of the stock of a product."""

from __future__ import annotations

from functools import partial

from fastapi import Response

from contracts.roles import ADMINS, READERS
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import execute, show
from kernel.http.requests import PathId
from kernel.http.route_tables import Route, RouteTable
from offer.catalogue.domain.errors import ProductNotFound
from offer.inventory.schemas import CountBody, ReceiptBody, StockView, show_stock
from offer.inventory.use_cases import stock_counts
from offer.inventory.use_cases.stock_counts import CountStock, ReceiveStock, find_stock


async def get_stock(product_id: PathId, read: Read) -> Response:
    """Get the stock: units on hand, reserved and available."""
    return await show(read, find_stock, product_id, partial(show_stock, product_id))


async def count_stock(product_id: PathId, body: CountBody, write: Write) -> Response:
    """Record a stock count. From then on the product's stock is limited."""
    count = partial(stock_counts.count_stock, CountStock(product_id, body.on_hand, body.allow_backorders))
    return await execute(write, find_stock, product_id, count, partial(show_stock, product_id))


async def receive_stock(product_id: PathId, body: ReceiptBody, write: Write) -> Response:
    """Record a receipt of goods. The first receipt creates the stock record."""
    receive = partial(stock_counts.receive_stock, ReceiveStock(product_id, body.quantity))
    return await execute(write, find_stock, product_id, receive, partial(show_stock, product_id))


STOCK = "/v1/products/{product_id}/stock"
ROUTES = RouteTable(
    "stock",
    (
        Route("GET", STOCK, get_stock, READERS, StockView, (ProductNotFound,)),
        Route("PUT", STOCK, count_stock, ADMINS, StockView, (ProductNotFound,)),
        Route("POST", f"{STOCK}/receipts", receive_stock, ADMINS, StockView, (ProductNotFound,), status=201),
    ),
)
