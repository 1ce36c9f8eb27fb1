"""Requests and views of tax rates."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import BaseModel

from contracts import tax_rate as facts
from kernel.http.descriptions import Word
from kernel.http.requests import Body, Country, ShortText
from offer.catalogue.schemas.fields import Number, as_number

FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "TaxRateBody": Word("A tax rate."),
        "TaxRateView": Word("A tax rate."),
        "TaxRateSetView": Word("A tax rate that was set."),
        "TaxRateBody.name": Word("The name of the tax.", "IVA"),
        "TaxRateView.name": Word("The name of the tax.", "IVA"),
        "TaxRateSetView.name": Word("The name of the tax.", "IVA"),
        "country": Word("The country by ISO 3166.", "PT"),
        "region": Word("The region of the country; null: the whole country.", None),
        "rate": Word("The rate in percent.", 23),
        "inclusive": Word("Whether prices include the tax.", True),
    }
)


class TaxRateBody(Body):
    """``rate`` in percent. Without a region it is for the whole country, without a category for all goods."""

    country: Country
    region: ShortText | None = None
    tax_category: ShortText | None = None
    rate: Number
    inclusive: bool
    name: ShortText


class TaxRateView(BaseModel):
    country: str
    region: str | None
    tax_category: str | None
    rate: int | float
    inclusive: bool
    name: str


class TaxRateSetView(TaxRateView):
    """``version`` is that of all rates of the tenant together."""

    version: int


def show_tax_rate(fact: facts.Set) -> TaxRateView:
    return TaxRateView.model_validate({**fact.model_dump(), "rate": as_number(fact.rate)})
