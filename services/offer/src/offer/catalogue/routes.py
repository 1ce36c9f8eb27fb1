"""The routes of products."""

from __future__ import annotations

from functools import partial

from fastapi import Response

from contracts.roles import ADMINS, READERS
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import create, execute, show
from kernel.http.lists import list_by_key, owners
from kernel.http.paging import Page, Paged
from kernel.http.requests import PathId
from kernel.http.route_tables import Route, RouteTable
from offer.catalogue import use_cases
from offer.catalogue.domain.errors import NotSupported, ProductNotFound, SkuExists
from offer.catalogue.domain.product import Product
from offer.catalogue.schemas.products import NewProduct, ProductChange, ProductView, show_product
from offer.catalogue.use_cases import LISTED, ChangeProduct, find_product


async def create_product(body: NewProduct, write: Write) -> Response:
    """Create a product as a draft. It can be sold once it has been activated."""
    return await create(write, partial(use_cases.create_product, body.details()), show_product)


async def list_products(read: Read, paging: Paged) -> Response:
    """List products, the oldest first."""
    return await list_by_key(read, paging, LISTED, owners(Product), show_product)


async def get_product(product_id: PathId, read: Read) -> Response:
    """Get a product, whatever its status."""
    return await show(read, find_product, product_id, show_product)


async def change_product(product_id: PathId, body: ProductChange, write: Write) -> Response:
    """Change the given fields; the others keep their values."""
    change = partial(use_cases.change_product, ChangeProduct(product_id, body.fields()))
    return await execute(write, find_product, product_id, change, show_product)


async def activate_product(product_id: PathId, write: Write) -> Response:
    """Put the product on sale."""
    activate = partial(use_cases.activate_product, product_id)
    return await execute(write, find_product, product_id, activate, show_product)


async def archive_product(product_id: PathId, write: Write) -> Response:
    """Take the product off sale; it can be activated again."""
    archive = partial(use_cases.archive_product, product_id)
    return await execute(write, find_product, product_id, archive, show_product)


ALL = "/v1/products"
BY_ID = "/v1/products/{product_id}"
NOT_FOUND = (ProductNotFound,)
ROUTES = RouteTable(
    "products",
    (
        Route("POST", ALL, create_product, ADMINS, ProductView, (SkuExists, NotSupported), status=201),
        Route("GET", ALL, list_products, READERS, Page[ProductView]),
        Route("GET", BY_ID, get_product, READERS, ProductView, NOT_FOUND),
        Route("PATCH", BY_ID, change_product, ADMINS, ProductView, (*NOT_FOUND, SkuExists, NotSupported)),
        Route("POST", f"{BY_ID}/activate", activate_product, ADMINS, ProductView, NOT_FOUND),
        Route("POST", f"{BY_ID}/archive", archive_product, ADMINS, ProductView, NOT_FOUND),
    ),
)
