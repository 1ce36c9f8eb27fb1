"""Validation of tax numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from stdnum.br import cnpj, cpf
from stdnum.exceptions import ValidationError

from checkout_saga.customers.domain.errors import InvalidTaxId
from kernel.domain import FieldPath

NUMBERS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"br_cpf": cpf.validate, "br_cnpj": cnpj.validate}
)
"""By type: from a number as people write it to its digits and letters. Raises ``ValidationError``."""


def tax_id_of(kind: str, typed: str, field: FieldPath) -> str:
    """``field``: where the number stands in the request. Raises ``InvalidTaxId``."""
    try:
        number = NUMBERS[kind](typed)
    except ValidationError as error:
        raise InvalidTaxId(field) from error
    # equal digits fit their check digits, and are never issued
    if len({*number}) == 1 or not number.isascii():
        raise InvalidTaxId(field)
    return number
