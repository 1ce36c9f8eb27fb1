"""The rules for a promotion's terms that concern several fields together."""

from contracts.promotion import Terms
from kernel.domain import FieldPath
from offer.catalogue.domain.currencies import check_currency
from offer.catalogue.domain.errors import Invalid
from pricing.promotion_kinds.reading import InvalidTerms
from pricing.promotion_kinds.registry import KINDS


def check_terms(terms: Terms) -> None:
    """Raises ``Invalid``."""
    kind = KINDS.get(terms.kind)
    if kind is None:
        raise Invalid(("kind",), f"There is no kind of promotion {terms.kind}.")
    try:
        needs_currency = kind.parse(terms).needs_currency
    except InvalidTerms as broken:
        raise Invalid(broken.field, str(broken)) from None
    if needs_currency and terms.currency is None:
        raise Invalid(("currency",), f"A {kind.name.replace('_', ' ')} with an amount needs a currency.")
    _check_currency(("currency",), terms.currency)
    _check_currency(("conditions", "currency"), terms.conditions.get("currency"))
    if terms.starts_at and terms.ends_at and terms.starts_at >= terms.ends_at:
        raise Invalid(("ends_at",), "The time is not after starts_at.")


def _check_currency(field: FieldPath, currency: str | None) -> None:
    if currency is not None:
        check_currency(field, currency)
