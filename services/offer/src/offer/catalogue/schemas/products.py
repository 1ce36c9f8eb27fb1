"""Request and response bodies of products."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from contracts import product as contract
from kernel.http.requests import Amount, Body, Currency, Id, ShortText, Trimmed, not_yet
from offer.catalogue.domain.product import Product
from offer.catalogue.schemas.fields import FreeForm, FreeForms, Names

ProductType = Literal[
    "course",
    "bundle",
    "subscription",
    "team_license",
    "certification",
    "physical_product",
    "digital_product",
    "service",
]
PricingModel = Literal["fixed", "tiered", "dynamic", "subscription"]
Short = Annotated[str, Trimmed(64)]
Users = Annotated[int, Field(ge=1, le=1_000_000)]
Grams = Annotated[int, Field(ge=0, le=10**9)]
Seats = Annotated[int, Field(ge=0, le=10**9)]


class PriceBody(Body):
    """Without a region the price is for all countries. Segments are not supported yet: no sale knows the
    segment of its customer."""

    amount: Amount
    currency: Currency
    region: Short | None = None
    segment: Annotated[Short | None, not_yet()] = None


class RelatedProductBody(Body):
    product_id: Id
    relationship: ShortText


Prices = Annotated[tuple[PriceBody, ...], Field(max_length=200)]
Related = Annotated[tuple[RelatedProductBody, ...], Field(max_length=100)]


class Description(Body):
    """The optional fields of a product."""

    pricing_model: Annotated[PricingModel, not_yet("fixed")] = "fixed"
    tiers: Annotated[FreeForms, not_yet(())] = ()
    tax_category: ShortText | None = None
    course_ids: Annotated[Names, not_yet(())] = ()
    plan_id: Annotated[ShortText | None, not_yet()] = None
    min_users: Users | None = None
    max_users: Users | None = None
    prerequisites: Annotated[Names, not_yet(())] = ()
    enrollment_limit: Annotated[Seats | None, not_yet()] = None
    vendor_id: ShortText | None = None
    category: ShortText | None = None
    collections: Names = ()
    brand: ShortText | None = None
    weight_grams: Grams | None = None
    dimensions: FreeForm | None = None
    options: FreeForm | None = None
    related_products: Related = ()
    metadata: FreeForm = {}


class NewProduct(Description):
    sku: ShortText
    name: ShortText
    type: ProductType
    prices: Prices

    def details(self) -> contract.Details:
        return contract.Details.model_validate(self.model_dump())


class ProductChange(Description):
    """A field that is left out keeps its value; null removes an optional value."""

    sku: ShortText = Field(default_factory=str)
    name: ShortText = Field(default_factory=str)
    prices: Prices = Field(default_factory=tuple)

    def fields(self) -> dict[str, Any]:
        return self.model_dump(exclude_unset=True)


class PriceView(BaseModel):
    amount: int
    currency: str
    region: str | None
    segment: str | None


class RelatedProductView(BaseModel):
    product_id: UUID
    relationship: str


class ProductView(BaseModel):
    product_id: UUID
    status: Literal["draft", "active", "archived"]
    sku: str
    name: str
    type: ProductType
    prices: list[PriceView]
    pricing_model: PricingModel
    tiers: list[dict[str, Any]]
    tax_category: str | None
    course_ids: list[str]
    plan_id: str | None
    min_users: int | None
    max_users: int | None
    prerequisites: list[str]
    enrollment_limit: int | None
    vendor_id: str | None
    category: str | None
    collections: list[str]
    brand: str | None
    weight_grams: int | None
    dimensions: dict[str, Any] | None
    options: dict[str, Any] | None
    related_products: list[RelatedProductView]
    metadata: dict[str, Any]
    version: int


def show_product(product: Product, _now: datetime) -> ProductView:
    details = product.details.model_dump()
    return ProductView.model_validate(
        {**details, "product_id": product.id, "status": product.status, "version": product.version}
    )
