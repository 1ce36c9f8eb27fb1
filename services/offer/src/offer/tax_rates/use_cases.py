"""Set the tax rate of a country or region, for all goods or for one tax category."""

from dataclasses import dataclass

from contracts import tax_rate as facts
from kernel.unit_of_work import UnitOfWork
from offer.tax_rates.domain import TaxRates, tax_rates_id


@dataclass(frozen=True, slots=True)
class SetTaxRate:
    """``rate`` in percent."""

    country: str
    region: str | None
    tax_category: str | None
    rate: str
    inclusive: bool
    name: str


async def set_tax_rate(command: SetTaxRate, work: UnitOfWork) -> facts.Set:
    rates = await find_tax_rates(work)
    return rates.set(
        command.country,
        command.region,
        command.tax_category,
        command.rate,
        inclusive=command.inclusive,
        name=command.name,
    )


async def find_tax_rates(work: UnitOfWork) -> TaxRates:
    """All rates of the tenant; an empty set if there are none."""
    return await work.open(TaxRates, tax_rates_id(work.context.tenant))
