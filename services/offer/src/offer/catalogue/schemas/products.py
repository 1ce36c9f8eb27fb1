"""Request and response bodies of products."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from contracts import product as contract
from kernel.http.requests import Body, Id, ShortText
from offer.catalogue.domain.product import Product
from offer.catalogue.schemas.fields import AssetKey, FreeForm, LongText, Names
from offer.catalogue.schemas.media import ManyMedia, MediaView
from offer.catalogue.schemas.pricing_models import (
    DynamicBody,
    DynamicView,
    Prices,
    PriceView,
    PricingModel,
    Short,
    Tiers,
    TierView,
    show_dynamic,
)
from offer.catalogue.use_cases import Family

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
Status = Literal["draft", "active", "archived"]
Users = Annotated[int, Field(ge=1, le=1_000_000)]
Grams = Annotated[int, Field(ge=0, le=10**9)]
Seats = Annotated[int, Field(ge=0, le=10**9)]


class RelatedProductBody(Body):
    product_id: Id
    relationship: ShortText


Related = Annotated[tuple[RelatedProductBody, ...], Field(max_length=100)]


class Description(Body):
    """The optional fields of a product."""

    pricing_model: PricingModel = "fixed"
    tiers: Tiers = ()
    dynamic: DynamicBody | None = None
    tax_category: ShortText | None = None
    course_ids: Names = ()
    plan_id: Id | None = None
    min_users: Users | None = None
    max_users: Users | None = None
    prerequisites: Names = ()
    enrollment_limit: Seats | None = None
    vendor_id: ShortText | None = None
    category: ShortText | None = None
    collections: Names = ()
    brand: ShortText | None = None
    weight_grams: Grams | None = None
    dimensions: FreeForm | None = None
    options: FreeForm | None = None
    related_products: Related = ()
    metadata: FreeForm = {}
    description: LongText | None = None
    media: ManyMedia = ()
    variant_of: Id | None = None
    shipping_class: Short | None = None
    asset: AssetKey | None = None


class NewProduct(Description):
    """A variant may leave out its type and prices: it has those of its parent. A product of a plan may leave
    out its prices, which are those of the plan."""

    sku: ShortText
    name: ShortText
    type: ProductType | None = None
    prices: Prices = ()

    def details(self) -> contract.Details:
        fields = _as_details(self, self.model_dump())
        return contract.Details.model_validate({**fields, "type": self.type or ""})


class ProductChange(Description):
    """A field that is left out keeps its value; null removes an optional value."""

    sku: ShortText = Field(default_factory=str)
    name: ShortText = Field(default_factory=str)
    prices: Prices = Field(default_factory=tuple)

    def fields(self) -> dict[str, Any]:
        return _as_details(self, self.model_dump(exclude_unset=True))


def _as_details(body: Description, fields: dict[str, Any]) -> dict[str, Any]:
    """As in facts, where times and exact numbers within free forms are texts, and so is the plan's id."""
    if body.plan_id is not None:
        fields["plan_id"] = str(body.plan_id)
    if body.dynamic is not None:
        fields["dynamic"] = body.dynamic.model_dump(mode="json", exclude_none=True)
    return fields


class RelatedProductView(BaseModel):
    product_id: UUID
    relationship: str


class ProductView(BaseModel):
    product_id: UUID
    status: Status
    sku: str
    name: str
    type: ProductType
    prices: list[PriceView]
    pricing_model: PricingModel
    tiers: list[TierView]
    dynamic: DynamicView | None
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
    description: str | None
    media: list[MediaView]
    variant_of: UUID | None
    shipping_class: str | None
    asset: str | None
    version: int


class VariantView(BaseModel):
    product_id: UUID
    sku: str
    options: dict[str, Any]
    status: Status


class FamilyView(ProductView):
    variants: list[VariantView]


def show_product(product: Product, _now: datetime) -> ProductView:
    return ProductView.model_validate(_fields(product))


def show_family(family: Family, _now: datetime) -> FamilyView:
    variants = [
        {
            "product_id": it.id,
            "sku": it.details.sku,
            "options": it.details.options or {},
            "status": it.status,
        }
        for it in family.variants
    ]
    return FamilyView.model_validate({**_fields(family.product), "variants": variants})


def _fields(product: Product) -> dict[str, Any]:
    details = product.details.model_dump()
    dynamic = product.details.dynamic
    return {
        **details,
        "dynamic": None if dynamic is None else show_dynamic(dynamic),
        "product_id": product.id,
        "status": product.status,
        "version": product.version,
    }
