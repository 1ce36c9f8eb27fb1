"""Request bodies of offers."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from contracts.offer import Component
from contracts.sale import Money
from kernel.http.requests import Body, Id, ShortText, Trimmed
from offer.catalogue.schemas.fields import LongText, Slug
from offer.catalogue.schemas.media import ManyMedia
from offer.offers.domain.shipping import ShippingWish
from offer.offers.schemas.fields import (
    AmountBody,
    OfferType,
    Opaque,
    Position,
    PriceOfOfferBody,
)

Quantity = Annotated[int, Field(ge=1, le=1_000)]
Code = Annotated[str, Trimmed(64)]
ShippingClass = Annotated[str, Trimmed(64)]


class ComponentBody(Body):
    """A product of the offer. Without a position it has its place in the list."""

    product_id: Id
    quantity: Quantity = 1
    required: bool = True
    position: Position | None = None


class ShippingOfOfferBody(Body):
    """``requires_shipping``: whether any of the products is physical, unless it is given. Without a
    threshold: 100 units of the offer's currency; null: never free."""

    model_config = ConfigDict(populate_by_name=True)

    requires_shipping: bool | None = None
    shipping_class: ShippingClass | None = Field(None, alias="class")
    free_shipping_threshold: AmountBody | None = None

    def wish(self) -> ShippingWish:
        threshold = self.free_shipping_threshold
        return ShippingWish(
            requires_shipping=self.requires_shipping,
            shipping_class=self.shipping_class,
            threshold=Money(**threshold.model_dump()) if threshold else None,
            default_threshold="free_shipping_threshold" not in self.model_fields_set,
        )


Components = Annotated[tuple[ComponentBody, ...], Field(min_length=1, max_length=20)]
Codes = Annotated[tuple[Code, ...], Field(max_length=10)]


class OfferTexts(Body):
    """The optional fields of an offer."""

    description: LongText | None = None
    media: ManyMedia = ()
    automatic_promotions: Codes = ()
    configuration: Opaque = {}
    shipping: ShippingOfOfferBody = ShippingOfOfferBody()
    layout: Opaque = {}


class NewOffer(OfferTexts):
    slug: Slug
    name: ShortText
    type: OfferType
    products: Components
    price: PriceOfOfferBody
    campaign_id: Id | None = None

    def fields(self) -> dict[str, Any]:
        return {
            **self.model_dump(exclude={"shipping", "campaign_id"}),
            "products": components(self.products),
            "price": self.price.price(),
        }


class OfferChange(OfferTexts):
    """A field that is left out keeps its value; null removes an optional value. The price has a call of its
    own."""

    slug: Slug = Field(default_factory=str)
    name: ShortText = Field(default_factory=str)
    type: OfferType = Field(default_factory=lambda: "funnel")
    products: Components = Field(default_factory=tuple)

    def fields(self) -> dict[str, Any]:
        fields = self.model_dump(exclude_unset=True, exclude={"shipping"})
        return {**fields, "products": components(self.products)} if "products" in fields else fields

    def shipping_wish(self) -> ShippingWish | None:
        return self.shipping.wish() if "shipping" in self.model_fields_set else None


def components(bodies: tuple[ComponentBody, ...]) -> tuple[Component, ...]:
    return tuple(
        Component(
            product_id=it.product_id,
            quantity=it.quantity,
            required=it.required,
            position=index if it.position is None else it.position,
        )
        for index, it in enumerate(bodies)
    )
