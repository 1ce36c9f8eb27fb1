"""Figures of the read models, polled until they have caught up."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from demo.shopping.api import Api

UNCHANGED_TIMEOUT_SECONDS = 20.0
POLL_INTERVAL_SECONDS = 0.2
T = TypeVar("T")


@dataclass(frozen=True)
class Day:
    """One day of ``conversion``; amounts are cents."""

    checkouts: int
    completed: int
    revenue: int


@dataclass(frozen=True)
class Product:
    """One row of ``products``."""

    sku: str
    name: str
    times_sold: int
    revenue: int


async def conversion(api: Api, first: date, last: date) -> dict[date, Day]:
    rows = await _rows(api, "conversion", first, last)
    return {
        date.fromisoformat(it["day"]): Day(it["checkouts"], it["completed"], it["revenue"]["amount"])
        for it in rows
    }


async def products(api: Api, first: date, last: date) -> list[Product]:
    """Rows of ``products``, largest revenue first."""
    rows = await _rows(api, "products", first, last)
    return [Product(it["sku"], it["name"], it["times_sold"], it["revenue"]["amount"]) for it in rows]


async def _rows(api: Api, name: str, first: date, last: date) -> list[dict[str, Any]]:
    span = {"from": first.isoformat(), "to": last.isoformat()}
    return await api.items("projections", f"/v1/analytics/{name}", "analyst", **span)


async def poll_until(read: Callable[[], Awaitable[T]], is_expected: Callable[[T], bool]) -> T:
    """Poll until the result is as expected, or has not changed for the timeout. Returns the last result."""
    loop = asyncio.get_running_loop()
    found = await read()
    deadline = loop.time() + UNCHANGED_TIMEOUT_SECONDS
    while not is_expected(found) and loop.time() < deadline:
        await asyncio.sleep(POLL_INTERVAL_SECONDS)
        before, found = found, await read()
        if found != before:
            deadline = loop.time() + UNCHANGED_TIMEOUT_SECONDS
    return found


def dollars(cents: int) -> str:
    """An amount for people, such as -$1,234.50."""
    sign = "-" if cents < 0 else ""
    whole, rest = divmod(abs(cents), 100)
    return f"{sign}${whole:,}.{rest:02d}"
