"""The rules for a promotion's terms that concern several fields together."""

from decimal import Decimal

from contracts.promotion import Terms
from kernel.domain import FieldPath
from offer.catalogue.domain.errors import Invalid, NotSupported
from pricing.money import is_currency
from pricing.promotion_kinds.registry import KINDS


def check_terms(terms: Terms) -> None:
    """Raises ``Invalid``, or ``NotSupported`` for a kind that is not implemented."""
    kind = KINDS.get(terms.kind)
    if kind is None:
        raise NotSupported(("kind",), f"Promotions of kind {terms.kind} are not supported yet.")
    try:
        kind.check(Decimal(terms.value))
    except ValueError as broken:
        raise Invalid(("value",), str(broken)) from None
    if kind.needs_currency and terms.currency is None:
        raise Invalid(("currency",), f"A {kind.name.replace('_', ' ')} needs a currency.")
    _check_currency(("currency",), terms.currency)
    _check_currency(("conditions", "currency"), terms.conditions.get("currency"))
    if terms.starts_at and terms.ends_at and terms.starts_at >= terms.ends_at:
        raise Invalid(("ends_at",), "The time is not after starts_at.")


def _check_currency(field: FieldPath, currency: str | None) -> None:
    if currency is not None and not is_currency(currency):
        raise Invalid(field, f"{currency} is not the code of a currency in use.")
