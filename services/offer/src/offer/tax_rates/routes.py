"""HTTP: tax rates."""

from __future__ import annotations

from bisect import bisect_right
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from contracts import tax_rate as facts
from contracts.roles import ADMINS, READERS
from kernel.http.dependencies import QueryRequest, command_request, query_request
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.paging import Page, Paging
from kernel.http.requests import Body, Country, ShortText, StrictRoute
from kernel.http.results import Result
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.schemas.fields import Number, as_number, as_text
from offer.tax_rates.use_cases import SetTaxRate, find_tax_rates, set_tax_rate

routes = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["tax rates"])


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

    @classmethod
    def of(cls, fact: facts.Set) -> Self:
        return cls.model_validate({**fact.model_dump(), "rate": as_number(fact.rate)})


class TaxRateSetView(TaxRateView):
    """``version`` is that of all rates of the tenant together."""

    version: int


@routes.post("/tax-rates", status_code=201, response_model=TaxRateSetView, name="set_tax_rate")
async def post_tax_rate(
    body: TaxRateBody, write: Annotated[CommandRequest, command_request(*ADMINS)]
) -> Response:
    """Set a tax rate. It replaces the rate of the same country, region and category."""

    async def act(work: UnitOfWork) -> Result:
        command = SetTaxRate(
            body.country, body.region, body.tax_category, as_text(body.rate), body.inclusive, body.name
        )
        fact = await set_tax_rate(command, work, write.check)
        version = (await find_tax_rates(work)).version
        view = TaxRateSetView(**TaxRateView.of(fact).model_dump(), version=version)
        return Result(view, version, 201)

    return await write.run(act)


@routes.get("/tax-rates", response_model=Page[TaxRateView], name="list_tax_rates")
async def get_tax_rates(
    read: Annotated[QueryRequest, query_request(*READERS)], paging: Annotated[Paging, Depends()]
) -> Response:
    """List tax rates, ordered by country, region and category."""
    after = paging.after(str, str, str)

    async def act(work: UnitOfWork) -> Result:
        rates = sorted((await find_tax_rates(work)).rates.items())
        start = bisect_right(rates, after, key=lambda it: it[0]) if after else 0
        rows = rates[start : start + paging.more]
        return Result(paging.page(rows, key=lambda it: it[0], show=lambda it: TaxRateView.of(it[1])))

    return await read.run(act)
