"""The numbers of invoices, from a row for each tenant, series and year."""

from __future__ import annotations

from functools import partial
from zoneinfo import ZoneInfo

from billing.invoices.numbers import numbers_after, year_of
from kernel.numbering import Series
from kernel.unit_of_work import UnitOfWork

INVOICES = "INV"
LEGAL_ZONE = ZoneInfo("UTC")
"""Decides the year of a number. Tenants have no time zone yet."""
RAISE = """
    INSERT INTO document_numbers (tenant, series, year, last) VALUES ($2, $3, $4, $1)
    ON CONFLICT (tenant, series, year) DO UPDATE SET last = document_numbers.last + excluded.last
    RETURNING last
"""
RAISE_TO = """
    INSERT INTO document_numbers (tenant, series, year, last) VALUES ($1, $2, $3, $4)
    ON CONFLICT (tenant, series, year) DO UPDATE SET last = greatest(document_numbers.last, excluded.last)
"""


def next_invoice_number(work: UnitOfWork) -> str:
    """A placeholder until the commit, which draws the number."""
    year = year_of(work.now, LEGAL_ZONE)
    return work.draw_number(Series(RAISE, (work.context.tenant, INVOICES, year), partial(_shown, year)))


# failpoint: none needed (append)
def note_number(number: str, work: UnitOfWork) -> None:
    """That of a recovered invoice: the next one is above it."""
    series, year, last = number.rsplit("-", 2)
    work.execute(RAISE_TO, work.context.tenant, series, int(year), int(last))


def _shown(year: int, number: int) -> str:
    return numbers_after(INVOICES, year, number - 1, 1)[0]
