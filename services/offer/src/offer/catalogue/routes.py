"""The routes of products."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Response

from contracts.roles import ADMINS, READERS
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import create, execute, show
from kernel.http.paging import Page, Paged
from kernel.http.requests import PathId
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.unit_of_work import UnitOfWork
from offer.catalogue import use_cases
from offer.catalogue.domain.errors import (
    PlanNotActive,
    PlanNotFound,
    PlanPriceDiffers,
    ProductNotFound,
    SkuExists,
)
from offer.catalogue.domain.listing import ProductSearch
from offer.catalogue.domain.product import Product
from offer.catalogue.list_query import all_products, search_named, search_table
from offer.catalogue.ports import Plans, Seats
from offer.catalogue.schemas.products import (
    FamilyView,
    NewProduct,
    ProductChange,
    ProductView,
    show_family,
    show_product,
)
from offer.catalogue.schemas.search import SearchParameters
from offer.catalogue.use_cases import ChangeProduct, Family, family_of, find_family, find_product


@dataclass(frozen=True, slots=True)
class _Handlers:
    seats: Seats
    plans: Plans

    async def create_product(self, body: NewProduct, write: Write) -> Response:
        """Create a product as a draft. It can be sold once it has been activated."""
        details = body.details()

        async def act(work: UnitOfWork) -> Family:
            return Family(await use_cases.create_product(details, work, self.seats, self.plans))

        return await create(write, act, show_family)

    async def change_product(self, product_id: PathId, body: ProductChange, write: Write) -> Response:
        """Change the given fields; the others keep their values."""
        command = ChangeProduct(product_id, body.fields())

        async def act(work: UnitOfWork) -> Family:
            changed = await use_cases.change_product(command, work, self.seats, self.plans)
            return await family_of(changed, work)

        return await execute(write, find_product, product_id, act, show_family)

    async def activate_product(self, product_id: PathId, write: Write) -> Response:
        """Put the product on sale."""

        async def act(work: UnitOfWork) -> Family:
            activated = await use_cases.activate_product(product_id, work, self.plans)
            return await family_of(activated, work)

        return await execute(write, find_product, product_id, act, show_family)


async def list_products(
    read: Read, parameters: Annotated[SearchParameters, Depends()], paging: Paged
) -> Response:
    """List and search products, the oldest first if nothing else is said. A storefront sees active ones."""
    search = parameters.search(only_active=read.principal.role == "storefront")
    after = parameters.after(paging)

    async def act(work: UnitOfWork) -> Result:
        if search.ids or search.sku_keys:
            found = await search_named(work, search, after, paging.more)
        elif search == ProductSearch():
            found = await all_products(read.pool, read.tenant, after, paging.more)
        else:
            found = await search_table(read.pool, read.tenant, search, after, paging.more)
        products = await work.open_many(Product, [it.product_id for it in found])
        return Result(
            paging.page(
                found,
                key=lambda it: (
                    parameters.sort,
                    it.key if search.sort != "created" else "",
                    str(it.product_id),
                ),
                show=lambda it: show_product(products[it.product_id], work.now),
            )
        )

    return await read.run(act)


async def get_product(product_id: PathId, read: Read) -> Response:
    """Get a product with its variants, in any status."""
    return await show(read, find_family, product_id, show_family)


async def archive_product(product_id: PathId, write: Write) -> Response:
    """Take the product off sale; it can be activated again."""

    async def act(work: UnitOfWork) -> Family:
        return await family_of(await use_cases.archive_product(product_id, work), work)

    return await execute(write, find_product, product_id, act, show_family)


ALL = "/v1/products"
BY_ID = "/v1/products/{product_id}"
NOT_FOUND = (ProductNotFound,)


def routes(seats: Seats, plans: Plans) -> RouteTable:
    do = _Handlers(seats, plans)
    of_plan = PlanNotFound, PlanNotActive
    written = SkuExists, PlanPriceDiffers, *of_plan
    return RouteTable(
        "products",
        (
            Route("POST", ALL, do.create_product, ADMINS, FamilyView, written, status=201),
            Route("GET", ALL, list_products, READERS, Page[ProductView]),
            Route("GET", BY_ID, get_product, READERS, FamilyView, NOT_FOUND),
            Route("PATCH", BY_ID, do.change_product, ADMINS, FamilyView, (*NOT_FOUND, *written)),
            Route(
                "POST", f"{BY_ID}/activate", do.activate_product, ADMINS, FamilyView, (*NOT_FOUND, *of_plan)
            ),
            Route("POST", f"{BY_ID}/archive", archive_product, ADMINS, FamilyView, NOT_FOUND),
        ),
    )
