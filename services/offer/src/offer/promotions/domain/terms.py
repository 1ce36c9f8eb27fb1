"""The rules for a promotion's terms that concern several fields together."""

from decimal import Decimal

from contracts.promotion import Terms
from kernel.domain import FieldPath
from offer.catalogue.domain.errors import Invalid, NotSupported
from pricing.money import is_currency
from pricing.promotions import FIXED_AMOUNT, PERCENTAGE, hundredths_of_percent

KINDS = PERCENTAGE, FIXED_AMOUNT
MAX_FIXED_AMOUNT = 10**12


def check_terms(terms: Terms) -> None:
    """Raises ``Invalid``, or ``NotSupported`` for a kind that is not implemented."""
    if terms.kind not in KINDS:
        raise NotSupported(("kind",), f"Promotions of kind {terms.kind} are not supported yet.")
    value = Decimal(terms.value)
    if terms.kind == PERCENTAGE:
        try:
            hundredths_of_percent(value)
        except ValueError:
            raise Invalid(
                ("value",), "A percentage is above 0, at most 100, and has at most two decimals."
            ) from None
    elif not 0 < value <= MAX_FIXED_AMOUNT or value != int(value):
        raise Invalid(("value",), "A fixed amount is a whole number of minor units above 0.")
    elif terms.currency is None:
        raise Invalid(("currency",), "A fixed amount needs a currency.")
    _check_currency(("currency",), terms.currency)
    _check_currency(("conditions", "currency"), terms.conditions.get("currency"))
    if terms.starts_at and terms.ends_at and terms.starts_at >= terms.ends_at:
        raise Invalid(("ends_at",), "The time is not after starts_at.")


def _check_currency(field: FieldPath, currency: str | None) -> None:
    if currency is not None and not is_currency(currency):
        raise Invalid(field, f"{currency} is not the code of a currency in use.")
