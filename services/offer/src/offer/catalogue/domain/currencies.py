"""The check of currencies in all that shops enter."""

from kernel.domain import FieldPath
from offer.catalogue.domain.errors import Invalid
from pricing.money import is_currency


def check_currency(field: FieldPath, currency: str) -> None:
    """Raises ``Invalid``."""
    if not is_currency(currency):
        raise Invalid(field, f"{currency} is not the code of a currency in use.")
