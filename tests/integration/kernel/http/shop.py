"""A very small service for these tests, written like the real ones: products with a unique SKU."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import FastAPI, Query, Request, Response
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
from kernel.http.auth import Caller
from kernel.http.dependencies import KeyedWrite, Read, Write
from kernel.http.handlers import create, execute, show
from kernel.http.lists import list_by_key, owners
from kernel.http.paging import Page, Paged
from kernel.http.requests import Body, Money, PathId, ShortText, not_yet
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.messaging.connection import KafkaConnection
from kernel.observability.health import Heartbeats
from kernel.postgres.service_pool import ServicePool
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork


class SkuExists(Refused):
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


async def find_product(product_id: UUID, work: UnitOfWork) -> Product:
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


SENDS = MESSAGES.facts_on("offer.events")
EXCHANGE = Exchange("offer", KafkaConnection("127.0.0.1:1"), MESSAGES, PARTITIONS, EXAMPLES, sends=SENDS)


def view(product: Product, _now: datetime) -> ProductView:
    return ProductView(product_id=product.id, sku=product.sku, name=product.name, version=product.version)


async def post_product(body: NewProduct, write: Write) -> Response:
    return await create(write, lambda work: create_product(work, body.sku, body.name), view)


async def patch_product(product_id: PathId, body: NewName, write: Write) -> Response:
    async def rename(work: UnitOfWork) -> Product:
        product = await find_product(product_id, work)
        product.rename(body.name)
        return product

    return await execute(write, find_product, product_id, rename, view, find_product)


async def get_product(product_id: PathId, read: Read) -> Response:
    return await show(read, find_product, product_id, view)


async def list_products(
    read: Read,
    paging: Paged,
    prefix: Annotated[str, Query(max_length=50)] = "",
    named: Annotated[str | None, Query()] = None,
) -> Response:
    """By SKU. ``prefix``: of the SKU."""
    keep = None if named is None else lambda product: product.name == named
    return await list_by_key(read, paging, "sku", owners(Product), view, prefix=prefix, keep=keep)


async def launch(body: NewProduct, write: KeyedWrite, request: Request) -> Response:
    """Stored first, answered later, like a checkout."""

    async def act(work: UnitOfWork) -> UUID:
        return (await create_product(work, body.sku, body.name)).id

    async def response_for(product_id: UUID) -> Result:
        if request.app.state.cut_off:
            raise ConnectionError("The process loses its database between commit and response.")
        if body.name == "refused afterwards":
            raise SkuExists("The product was refused after it was stored.")
        return Result(Launched(product_id=product_id))

    return await write.begin_and_respond(act, response_for)


async def echo(
    read: Read,
    word: Annotated[str, Query(max_length=5)],
    times: Annotated[int, Query(ge=0, le=10)] = 2,
    loud: bool | None = None,
) -> Response:
    return Result(Echo(said=f"{read.context.tenant} {word} {times} {loud}")).serialize().response()


async def list_shelves(_read: Read, most: int = 2) -> list[str]:
    return ["upper", "lower"][:most]


async def defect(_caller: Caller) -> Response:
    raise LookupError("A defect of this service.")


ROUTES = RouteTable(
    "shop",
    (
        Route("POST", "/v1/products", post_product, (*ADMINS, "service"), ProductView, (SkuExists,), 201),
        Route("PATCH", "/v1/products/{product_id}", patch_product, ADMINS, ProductView, (ProductNotFound,)),
        Route("GET", "/v1/products/{product_id}", get_product, READERS, ProductView, (ProductNotFound,)),
        Route("GET", "/v1/products", list_products, READERS, Page[ProductView]),
        Route("POST", "/v1/launches", launch, SHOPPERS, Launched, (SkuExists,), 202),
        Route("GET", "/v1/echoes", echo, READERS, Echo),
        Route("GET", "/v1/shelves", list_shelves, READERS, list[str]),
        Route("GET", "/v1/defects", defect, ADMINS),
    ),
)


def shop(pool: ServicePool) -> FastAPI:
    """Two applications on one database are like two processes: they share nothing else."""
    app = create_app(
        "shop",
        pool=pool,
        heartbeats=Heartbeats(),
        tables=[ROUTES],
        store=EventStore(pool, MESSAGES),
        exchange=EXCHANGE,
    )
    app.state.cut_off = False
    return app
