"""What a shop does with its shipping rates: add, change and remove them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from contracts.shipping_rate import ShippingRateDetails
from kernel.ids import new_id
from kernel.unit_of_work import UnitOfWork
from offer.shipping_rates.domain import ShippingRates, shipping_rates_id


class FoundRate(NamedTuple):
    """``version``: of all rates of the tenant together."""

    rate_id: UUID
    details: ShippingRateDetails
    version: int


async def find_shipping_rates(work: UnitOfWork) -> ShippingRates:
    """All rates of the tenant; an empty set if there are none."""
    return await work.open(ShippingRates, shipping_rates_id(work.context.tenant))


async def find_rates_with(rate_id: UUID, work: UnitOfWork) -> ShippingRates:
    """All rates of the tenant, among them this one. Raises ShippingRateNotFound."""
    rates = await find_shipping_rates(work)
    rates.rate(rate_id)
    return rates


async def find_shipping_rate(rate_id: UUID, work: UnitOfWork) -> FoundRate:
    """Raises ShippingRateNotFound."""
    return _found(rate_id, await find_shipping_rates(work))


async def add_shipping_rate(details: ShippingRateDetails, work: UnitOfWork) -> FoundRate:
    rates = await find_shipping_rates(work)
    rate_id = new_id()
    rates.set(rate_id, details)
    return _found(rate_id, rates)


@dataclass(frozen=True, slots=True)
class ChangeShippingRate:
    rate_id: UUID
    fields: Mapping[str, Any]
    """Fields of ``ShippingRateDetails``; a field that is left out keeps its value."""


async def change_shipping_rate(command: ChangeShippingRate, work: UnitOfWork) -> FoundRate:
    """Raises ShippingRateNotFound."""
    rates = await find_shipping_rates(work)
    before = rates.rate(command.rate_id).model_dump()
    rates.set(command.rate_id, ShippingRateDetails.model_validate({**before, **command.fields}))
    return _found(command.rate_id, rates)


async def remove_shipping_rate(rate_id: UUID, work: UnitOfWork) -> ShippingRates:
    """Carts that have chosen it are given the recommended option. Raises ShippingRateNotFound."""
    rates = await find_shipping_rates(work)
    rates.remove(rate_id)
    return rates


def _found(rate_id: UUID, rates: ShippingRates) -> FoundRate:
    return FoundRate(rate_id, rates.rate(rate_id), rates.version)
