"""The rules for variants: products with ``variant_of``, which differ by their options.

The parent's options name what is allowed: ``{"size": ["S", "M"]}``; a variant has one value of each:
``{"size": "M"}``. What a variant leaves empty is its parent's. Each check raises ``Invalid``.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from contracts.product import Details
from offer.catalogue.domain.errors import Invalid
from offer.catalogue.domain.product import Product

MAX_NAMES = 3
MAX_VALUES = 100
INHERITED = ("prices", "tiers", "category", "collections", "tax_category", "type")


def check_variant(details: Details, product_id: UUID, parent: Product, *, is_parent: bool) -> None:
    """Refuse a variant that its parent does not allow. ``is_parent``: it has variants of its own."""
    if not parent.exists or parent.id == product_id:
        raise Invalid(("variant_of",), "There is no such product to be a variant of.")
    if parent.details.variant_of is not None or is_parent:
        raise Invalid(("variant_of",), "A variant has no variants itself.")
    _check_choice(details.options or {}, parent.details.options or {})


def check_options_of_parent(details: Details, variants: Iterable[Product]) -> None:
    """Refuse options that a variant's choice is not among."""
    for variant in variants:
        try:
            _check_choice(variant.details.options or {}, details.options or {})
        except Invalid as broken:
            raise Invalid(
                broken.field, f"{broken.detail} The variant {variant.details.sku} exists."
            ) from None


def same_options() -> Invalid:
    return Invalid(("options",), "Another variant of the product has these options.")


def combination(details: Details) -> str:
    """A digest of the options, equal for variants that have the same ones."""
    return sha256(orjson.dumps(details.options or {}, option=orjson.OPT_SORT_KEYS)).hexdigest()


def with_inherited(details: Details, parent: Details | None) -> Details:
    """The details that count. ``parent``: of a variant."""
    if parent is None:
        return details
    empty = [name for name in INHERITED if not getattr(details, name)]
    return details.model_copy(update={name: getattr(parent, name) for name in empty})


def _check_choice(chosen: Mapping[str, Any], allowed: Mapping[str, Any]) -> None:
    _check_allowed(allowed)
    for name in sorted(chosen.keys() | allowed.keys()):
        if name not in allowed:
            raise Invalid(("options", name), f"The parent has no option {name}.")
        if name not in chosen:
            raise Invalid(("options",), f"A variant has one value of each option: {name} is missing.")
        if chosen[name] not in allowed[name]:
            raise Invalid(("options", name), f"The parent does not allow this value of {name}.")


def _check_allowed(options: Mapping[str, Any]) -> None:
    if not 0 < len(options) <= MAX_NAMES:
        raise Invalid(("options",), f"A product with variants has 1 to {MAX_NAMES} options.")
    for name, values in options.items():
        if not isinstance(values, list) or not all(isinstance(it, str) for it in values):
            raise Invalid(("options", name), "The values that variants can have are a list of texts.")
        if len(values) > MAX_VALUES:
            raise Invalid(("options", name), f"An option has at most {MAX_VALUES} values.")
