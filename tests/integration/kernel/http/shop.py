"""A very small service for these tests, written like the real ones: products with a unique SKU."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from pydantic import BaseModel

from contracts import product as facts
from contracts.examples import EXAMPLES
from contracts.roles import ADMINS, READERS, SHOPPERS
from contracts.topics import MESSAGES
from contracts.topology import PARTITIONS
from kernel import ids
from kernel.domain import Aggregate, NotFound, Refused
from kernel.http.app import create_app
from kernel.http.asyncapi import Exchange
from kernel.http.auth import Principal, allow
from kernel.http.dependencies import QueryRequest, command_request, query_request
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.openapi import refusals
from kernel.http.paging import Page, Paging
from kernel.http.requests import Body, Money, PathId, ShortText, StrictRoute, not_yet
from kernel.http.results import Result
from kernel.observability.health import Heartbeats
from kernel.postgres.service_pool import ServicePool
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork

LIST = """
    SELECT value, holder FROM claims
    WHERE tenant = $1 AND kind = 'sku' AND value > $2 ORDER BY value LIMIT $3
"""


class SkuExists(Refused):
    status = 409
    code = "SKU_EXISTS"


class ProductNotFound(NotFound):
    code = "PRODUCT_NOT_FOUND"


class Product(Aggregate):
    def initialise(self) -> None:
        self.sku = ""
        self.name = ""

    def create(self, sku: str, name: str) -> None:
        details = facts.Details(sku=sku, name=name, type="physical", prices=())
        self.record(facts.Created(details=details, status="draft"))

    def rename(self, name: str) -> None:
        details = facts.Details(sku=self.sku, name=name, type="physical", prices=())
        if name != self.name:
            self.record(facts.Changed(details=details))

    def evolve(self, fact: facts.ProductFact) -> None:
        match fact:
            case facts.Created(details=details) | facts.Changed(details=details):
                self.sku, self.name = details.sku, details.name


async def create_product(work: UnitOfWork, sku: str, name: str) -> Product:
    product_id = ids.new_id()
    if await work.owner_of_key("sku", sku):
        raise SkuExists(f"There is a product with the SKU {sku}.", sku=sku)
    product = await work.open(Product, product_id)
    product.create(sku, name)
    work.claim_key("sku", sku, product_id)
    return product


async def find_product(work: UnitOfWork, product_id: UUID) -> Product:
    product = await work.open(Product, product_id)
    if not product.exists:
        raise ProductNotFound("There is no such product.")
    return product


class NewProduct(Body):
    sku: ShortText
    name: ShortText
    price: Money | None = None
    colour: Annotated[ShortText | None, not_yet()] = None


class NewName(Body):
    name: ShortText


class ProductView(BaseModel):
    product_id: UUID
    sku: str
    name: str
    version: int


class Echo(BaseModel):
    said: str


class Launched(BaseModel):
    product_id: UUID


def to_result(product: Product, status: int = 200) -> Result:
    view = ProductView(product_id=product.id, sku=product.sku, name=product.name, version=product.version)
    return Result(view, product.version, status)


SENDS = MESSAGES.facts_on("offer.events")
EXCHANGE = Exchange("offer", "127.0.0.1:1", MESSAGES, PARTITIONS, EXAMPLES, sends=SENDS)
routes = APIRouter(prefix="/v1", route_class=StrictRoute)


@routes.post("/products", status_code=201, response_model=ProductView, responses=refusals(SkuExists))
async def post_product(
    body: NewProduct, write: Annotated[CommandRequest, command_request(*ADMINS, "service")]
) -> Response:
    async def act(work: UnitOfWork) -> Result:
        return to_result(await create_product(work, body.sku, body.name), 201)

    return await write.run(act)


@routes.patch("/products/{product_id}", response_model=ProductView, responses=refusals(ProductNotFound))
async def patch_product(
    product_id: PathId, body: NewName, write: Annotated[CommandRequest, command_request(*ADMINS)]
) -> Response:
    async def act(work: UnitOfWork) -> Result:
        product = await find_product(work, product_id)
        write.check(product)
        product.rename(body.name)
        return to_result(product)

    return await write.run(act)


@routes.get("/products/{product_id}", response_model=ProductView, responses=refusals(ProductNotFound))
async def get_product(product_id: PathId, read: Annotated[QueryRequest, query_request(*READERS)]) -> Response:
    async def act(work: UnitOfWork) -> Result:
        return to_result(await find_product(work, product_id))

    return await read.run(act)


@routes.post("/launches", status_code=202, response_model=Launched, responses=refusals(SkuExists))
async def launch(
    body: NewProduct,
    write: Annotated[CommandRequest, command_request(*SHOPPERS, key_required=True)],
    request: Request,
) -> Response:
    """Stored first, answered later, like a checkout."""

    async def act(work: UnitOfWork) -> UUID:
        return (await create_product(work, body.sku, body.name)).id

    async def response_for(product_id: UUID) -> Result:
        if request.app.state.cut_off:
            raise ConnectionError("The process loses its database between commit and response.")
        if body.name == "refused afterwards":
            raise SkuExists("The product was refused after it was stored.")
        return Result(Launched(product_id=product_id), status=202)

    return await write.begin_and_respond(act, response_for)


@routes.get("/products", response_model=Page[ProductView])
async def list_products(
    request: Request, principal: Annotated[Principal, allow(*READERS)], paging: Annotated[Paging, Depends()]
) -> Page[ProductView]:
    pool: asyncpg.Pool[asyncpg.Record] = request.app.state.command_runner.store.pool
    (after,) = paging.after(str) or ("",)
    rows = await pool.fetch(LIST, principal.tenant, after, paging.more)
    return paging.page(rows, key=lambda it: [it["value"]], show=_listed)


def _listed(row: asyncpg.Record) -> ProductView:
    return ProductView(product_id=row["holder"], sku=row["value"], name="", version=0)


@routes.get("/echoes", response_model=Echo)
async def echo(
    read: Annotated[QueryRequest, query_request(*READERS)],
    word: Annotated[str, Query(max_length=5)],
    times: Annotated[int, Query(ge=0, le=10)] = 2,
    loud: bool | None = None,
) -> Response:
    return Result(Echo(said=f"{read.context.tenant} {word} {times} {loud}")).serialize().response()


@routes.get("/shelves", response_model=list[str])
async def list_shelves(_read: Annotated[QueryRequest, query_request(*READERS)], most: int = 2) -> list[str]:
    return ["upper", "lower"][:most]


@routes.get("/defects", include_in_schema=False)
async def defect(principal: Annotated[Principal, allow(*ADMINS)]) -> Response:
    raise LookupError("A defect of this service.")


def shop(pool: ServicePool) -> FastAPI:
    """Two applications on one database are like two processes: they share nothing else."""
    app = create_app(
        "shop",
        pool=pool,
        heartbeats=Heartbeats(),
        routers=[routes],
        store=EventStore(pool, MESSAGES),
        exchange=EXCHANGE,
    )
    app.state.cut_off = False
    return app
