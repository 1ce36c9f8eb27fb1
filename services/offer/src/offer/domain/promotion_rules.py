"""What terms a promotion may have, as far as that hangs on several fields together."""

from decimal import Decimal

from contracts.promotion import Terms
from kernel.domain import FieldPath
from offer.domain.errors import Invalid, NotSupported
from pricing.money import is_currency
from pricing.promotions import FIXED_AMOUNT, PERCENTAGE, hundredths_of_percent

KINDS = PERCENTAGE, FIXED_AMOUNT
LARGEST = 10**12


def check(terms: Terms) -> None:
    if terms.kind not in KINDS:
        raise NotSupported(("kind",), f"promotions of kind {terms.kind} are not available yet")
    value = Decimal(terms.value)
    if terms.kind == PERCENTAGE:
        try:
            hundredths_of_percent(value)
        except ValueError:
            raise Invalid(("value",), "a percentage is over 0 to 100, with at most two decimals") from None
    elif not 0 < value <= LARGEST or value != int(value):
        raise Invalid(("value",), "a fixed amount is a whole number of minor units above 0")
    elif terms.currency is None:
        raise Invalid(("currency",), "a fixed amount needs its currency")
    _check_currency(("currency",), terms.currency)
    _check_currency(("conditions", "currency"), terms.conditions.get("currency"))
    if terms.starts_at and terms.ends_at and terms.starts_at >= terms.ends_at:
        raise Invalid(("ends_at",), "is not after starts_at")


def _check_currency(field: FieldPath, currency: str | None) -> None:
    if currency is not None and not is_currency(currency):
        raise Invalid(field, f"{currency} is not a currency in use")
