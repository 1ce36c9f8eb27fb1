import json

import pytest

from checkout_saga.customers.domain.errors import InvalidTaxId
from checkout_saga.customers.schemas import CustomerChange, NewCustomer
from kernel.http.requests import Body
from kernel.security.card_numbers import pointer_to_card_number

EMAIL = "ana@example.com"


def test_a_tax_number_is_stored_without_separators() -> None:
    body = {"email": EMAIL, "tax_id": {"type": "br_cnpj", "value": "11.222.333/0001-81"}}
    expected = {"tax_id": {"type": "br_cnpj", "value": "11222333000181"}}
    assert NewCustomer.model_validate(body).person == expected
    assert CustomerChange.model_validate({"tax_id": body["tax_id"]}).person == expected


def test_a_tax_number_with_a_wrong_check_digit_is_refused_at_its_field() -> None:
    body = NewCustomer.model_validate(
        {"email": EMAIL, "tax_id": {"type": "br_cpf", "value": "529.982.247-26"}}
    )
    with pytest.raises(InvalidTaxId) as refused:
        _ = body.person
    assert refused.value.field == ("tax_id", "value")


def test_a_change_that_removes_the_tax_number_says_so() -> None:
    assert CustomerChange.model_validate({"tax_id": None}).person == {"tax_id": None}


@pytest.mark.parametrize("body", [NewCustomer, CustomerChange])
def test_digits_of_a_telephone_and_of_a_tax_number_are_no_card_number(body: type[Body]) -> None:
    value = {"phone": "+4111111111111111", "tax_id": {"value": "4111111111111111"}}
    assert pointer_to_card_number(json.dumps(value).encode(), value) == "/phone"
    assert pointer_to_card_number(json.dumps(value).encode(), value, body.UNSEARCHED) is None
