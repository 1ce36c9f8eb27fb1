"""The routes of tax rates."""

from __future__ import annotations

from bisect import bisect_right

from fastapi import Response

from contracts.roles import ADMINS, READERS
from kernel.http.dependencies import Read, Write
from kernel.http.paging import Page, Paged
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.schemas.fields import as_text
from offer.tax_rates import use_cases
from offer.tax_rates.schemas import TaxRateBody, TaxRateSetView, TaxRateView, show_tax_rate
from offer.tax_rates.use_cases import SetTaxRate, find_tax_rates


async def set_tax_rate(body: TaxRateBody, write: Write) -> Response:
    """Set a tax rate. It replaces the rate of the same country, region and category."""
    command = SetTaxRate(
        body.country, body.region, body.tax_category, as_text(body.rate), body.inclusive, body.name
    )

    async def act(work: UnitOfWork) -> Result:
        rates = await find_tax_rates(work)
        write.check(rates)
        rate = show_tax_rate(await use_cases.set_tax_rate(command, work))
        return Result(TaxRateSetView(**rate.model_dump(), version=rates.version), rates.version)

    return await write.run(act)


async def list_tax_rates(read: Read, paging: Paged) -> Response:
    """List tax rates, ordered by country, region and category."""
    after = paging.after(str, str, str)

    async def act(work: UnitOfWork) -> Result:
        rates = sorted((await find_tax_rates(work)).rates.items())
        start = bisect_right(rates, after, key=lambda it: it[0]) if after else 0
        rows = rates[start : start + paging.more]
        return Result(paging.page(rows, key=lambda it: it[0], show=lambda it: show_tax_rate(it[1])))

    return await read.run(act)


ROUTES = RouteTable(
    "tax rates",
    (
        Route("POST", "/v1/tax-rates", set_tax_rate, ADMINS, TaxRateSetView, status=201),
        Route("GET", "/v1/tax-rates", list_tax_rates, READERS, Page[TaxRateView]),
    ),
)
