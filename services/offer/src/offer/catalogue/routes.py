"""HTTP: the products of the catalogue."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from contracts.roles import ADMINS, READERS
from kernel.http.dependencies import QueryRequest, command_request, query_request
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.paging import Page, Paging
from kernel.http.requests import PathId, StrictRoute
from kernel.http.results import Result
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import NotSupported, ProductNotFound, SkuExists
from offer.catalogue.domain.product import Product
from offer.catalogue.lists import Pool, list_page
from offer.catalogue.schemas.products import NewProduct, ProductChange, ProductView, to_result
from offer.catalogue.statuses import refusals
from offer.catalogue.use_cases.activate_product import activate_product
from offer.catalogue.use_cases.archive_product import archive_product
from offer.catalogue.use_cases.change_product import ChangeProduct, change_product
from offer.catalogue.use_cases.create_product import LISTED, create_product
from offer.catalogue.use_cases.find_product import find_product

routes = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["products"])
ById = "/products/{product_id}"


@routes.post(
    "/products",
    status_code=201,
    response_model=ProductView,
    responses=refusals(SkuExists, NotSupported),
    name="create_product",
)
async def post_product(
    body: NewProduct, write: Annotated[CommandRequest, command_request(*ADMINS)]
) -> Response:
    """Create a product as a draft. It can be sold once it has been activated."""

    async def act(work: UnitOfWork) -> Result:
        return to_result(await create_product(body.details(), work), 201)

    return await write.run(act)


@routes.get("/products", response_model=Page[ProductView], name="list_products")
async def get_products(
    read: Annotated[QueryRequest, query_request(*READERS)], pool: Pool, paging: Annotated[Paging, Depends()]
) -> Response:
    """List products, the oldest first."""
    return await list_page(read, pool, paging, LISTED, Product, ProductView.of)


@routes.get(ById, response_model=ProductView, responses=refusals(ProductNotFound))
async def get_product(product_id: PathId, read: Annotated[QueryRequest, query_request(*READERS)]) -> Response:
    """Get a product, whatever its status."""

    async def act(work: UnitOfWork) -> Result:
        return to_result(await find_product(product_id, work))

    return await read.run(act)


@routes.patch(
    ById,
    response_model=ProductView,
    responses=refusals(ProductNotFound, SkuExists, NotSupported),
    name="change_product",
)
async def patch_product(
    product_id: PathId, body: ProductChange, write: Annotated[CommandRequest, command_request(*ADMINS)]
) -> Response:
    """Change the given fields; the others keep their values."""

    async def act(work: UnitOfWork) -> Result:
        change = ChangeProduct(product_id, body.fields())
        return to_result(await change_product(change, work, write.check))

    return await write.run(act)


@routes.post(
    ById + "/activate",
    response_model=ProductView,
    responses=refusals(ProductNotFound),
    name="activate_product",
)
async def post_activate(
    product_id: PathId, write: Annotated[CommandRequest, command_request(*ADMINS)]
) -> Response:
    """Put the product on sale."""

    async def act(work: UnitOfWork) -> Result:
        return to_result(await activate_product(product_id, work, write.check))

    return await write.run(act)


@routes.post(
    ById + "/archive", response_model=ProductView, responses=refusals(ProductNotFound), name="archive_product"
)
async def post_archive(
    product_id: PathId, write: Annotated[CommandRequest, command_request(*ADMINS)]
) -> Response:
    """Take the product off sale; it can be activated again."""

    async def act(work: UnitOfWork) -> Result:
        return to_result(await archive_product(product_id, work, write.check))

    return await write.run(act)
