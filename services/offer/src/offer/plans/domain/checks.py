"""Checks that several parts of a plan's terms have in common. Each raises ``Invalid``."""

from collections.abc import Callable, Sequence

from kernel.domain import FieldPath
from offer.catalogue.domain.currencies import check_currency
from offer.catalogue.domain.errors import Invalid


def check_currencies(field: FieldPath, currencies: Sequence[str]) -> frozenset[str]:
    """The currencies of prices, each of which is named once."""
    for index, currency in enumerate(currencies):
        check_currency((*field, index, "currency"), currency)
        if currency in currencies[:index]:
            raise Invalid((*field, index, "currency"), f"There are two prices in {currency}.")
    return frozenset(currencies)


def check_different(field: FieldPath, values: Sequence[str]) -> None:
    for index, value in enumerate(values):
        if value in values[:index]:
            raise Invalid((*field, index), f"{value} occurs twice.")


def check_constructed(field: FieldPath, construct: Callable[[], object]) -> None:
    """What billing computes with refuses wrong values itself."""
    try:
        construct()
    except ValueError as broken:
        text = str(broken)
        raise Invalid(field, f"{text[0].upper()}{text[1:]}.") from None
