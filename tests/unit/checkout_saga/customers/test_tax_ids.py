"""Tax numbers are checked by their check digits, and stored without separators."""

from __future__ import annotations

import pytest

from checkout_saga.customers.domain.errors import InvalidTaxId
from checkout_saga.customers.domain.tax_ids import tax_id_of

FIELD = ("customer", "tax_id", "value")


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        ("br_cpf", "529.982.247-25", "52998224725"),
        ("br_cpf", "52998224725", "52998224725"),
        ("br_cnpj", "16.727.230/0001-97", "16727230000197"),
        ("br_cnpj", "12.abc.345/01DE-35", "12ABC34501DE35"),
    ],
)
def test_a_number_is_stored_without_its_separators(kind: str, typed: str, stored: str) -> None:
    assert tax_id_of(kind, typed, FIELD) == stored


@pytest.mark.parametrize("digit", "0123456789")
def test_equal_digits_are_no_tax_number_although_their_check_digits_are_right(digit: str) -> None:
    for kind, length in (("br_cpf", 11), ("br_cnpj", 14)):
        with pytest.raises(InvalidTaxId):
            tax_id_of(kind, digit * length, FIELD)


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("br_cpf", "529.982.247-26"),
        ("br_cpf", "16.727.230/0001-97"),
        ("br_cpf", "५२९९८२२४७२५"),
        ("br_cnpj", "529.982.247-25"),
        ("br_cnpj", "16.727.230/0001-98"),
        ("br_cnpj", "4111 1111 1111 1111"),
    ],
)
def test_another_text_is_refused_with_its_own_code_and_is_not_repeated(kind: str, typed: str) -> None:
    with pytest.raises(InvalidTaxId) as refused:
        tax_id_of(kind, typed, FIELD)
    assert (refused.value.code, refused.value.field) == ("INVALID_TAX_ID", FIELD)
    assert typed not in str(refused.value)
