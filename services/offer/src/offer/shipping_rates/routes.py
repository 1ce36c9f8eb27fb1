"""The routes of shipping rates."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import Response

from contracts.roles import ADMINS, READERS
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import execute, remove, show
from kernel.http.paging import Page, Paged
from kernel.http.requests import PathId
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import Invalid
from offer.shipping_rates import use_cases
from offer.shipping_rates.domain import ShippingRateNotFound
from offer.shipping_rates.schemas import (
    NewShippingRate,
    ShippingRateChange,
    ShippingRateView,
    show_shipping_rate,
)
from offer.shipping_rates.use_cases import (
    ChangeShippingRate,
    FoundRate,
    find_rates_with,
    find_shipping_rate,
    find_shipping_rates,
)


async def add_shipping_rate(body: NewShippingRate, write: Write) -> Response:
    """Add a shipping rate. A new default takes the place of the currency's old one."""

    async def act(work: UnitOfWork) -> Result:
        write.check(await find_shipping_rates(work))
        rate = await use_cases.add_shipping_rate(body.details(), work)
        return Result(show_shipping_rate(rate, work.now), rate.version)

    return await write.run(act)


async def list_shipping_rates(read: Read, paging: Paged) -> Response:
    """List shipping rates, the oldest first."""
    after = paging.after(str)

    async def act(work: UnitOfWork) -> Result:
        rates = await find_shipping_rates(work)
        found = sorted(rates.rates.items())
        start = bisect_right(found, after[0], key=lambda it: str(it[0])) if after else 0
        rows = [FoundRate(*it, rates.version) for it in found[start : start + paging.more]]
        return Result(
            paging.page(
                rows, key=lambda it: [str(it.rate_id)], show=lambda it: show_shipping_rate(it, work.now)
            )
        )

    return await read.run(act)


async def get_shipping_rate(rate_id: PathId, read: Read) -> Response:
    """Read a shipping rate."""
    return await show(read, find_shipping_rate, rate_id, show_shipping_rate)


async def change_shipping_rate(rate_id: PathId, body: ShippingRateChange, write: Write) -> Response:
    """Change the given fields; the others keep their values."""
    change = partial(use_cases.change_shipping_rate, ChangeShippingRate(rate_id, body.fields()))
    return await execute(write, find_rates_with, rate_id, change, show_shipping_rate)


async def remove_shipping_rate(rate_id: PathId, write: Write) -> Response:
    """Remove a shipping rate; carts that have chosen it change to the recommended option."""
    removal = partial(use_cases.remove_shipping_rate, rate_id)
    return await remove(write, find_rates_with, rate_id, removal)


ALL = "/v1/shipping-rates"
BY_ID = f"{ALL}/{{rate_id}}"
NOT_FOUND = (ShippingRateNotFound,)
REMOVED: Mapping[int | str, Any] = {204: {"description": "The shipping rate is removed"}}
ROUTES = RouteTable(
    "shipping rates",
    (
        Route("POST", ALL, add_shipping_rate, ADMINS, ShippingRateView, (Invalid,), status=201),
        Route("GET", ALL, list_shipping_rates, READERS, Page[ShippingRateView]),
        Route("GET", BY_ID, get_shipping_rate, READERS, ShippingRateView, NOT_FOUND),
        Route("PATCH", BY_ID, change_shipping_rate, ADMINS, ShippingRateView, (*NOT_FOUND, Invalid)),
        Route("DELETE", BY_ID, remove_shipping_rate, ADMINS, None, NOT_FOUND, status=204, responses=REMOVED),
    ),
)
