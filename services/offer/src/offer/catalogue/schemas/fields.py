"""The types of values in the bodies of this service's requests."""

from decimal import Decimal
from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, WithJsonSchema

from kernel.http.requests import ShortText, no_address

MAX_FREE_FORM_BYTES = 16 * 1024
MAX_AMOUNT = 10**12


def _limit_size(value: Any) -> Any:
    if len(orjson.dumps(value)) > MAX_FREE_FORM_BYTES:
        raise ValueError(f"The value is larger than {MAX_FREE_FORM_BYTES} bytes.")
    return value


def _exact_number(value: Any) -> Decimal:
    """The exact decimal of a JSON number. The only place where floats are accepted."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("The value must be a number.")
    exact = Decimal(str(value))
    if not 0 <= exact <= MAX_AMOUNT:
        raise ValueError(f"The number must be from 0 to {MAX_AMOUNT}.")
    return exact


def as_text(number: Decimal) -> str:
    """The form in facts: exact, without an exponent or trailing zeros."""
    return format(number.normalize(), "f")


def as_number(text: str) -> int | float:
    """The form in responses. These numbers have few enough digits for a float to hold them exactly."""
    number = Decimal(text)
    return int(number) if number == int(number) else float(number)


FreeForm = Annotated[dict[str, Any], AfterValidator(_limit_size), AfterValidator(no_address)]
FreeForms = Annotated[tuple[FreeForm, ...], Field(max_length=100), AfterValidator(_limit_size)]
Number = Annotated[
    Decimal,
    PlainValidator(_exact_number),
    PlainSerializer(as_text),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": MAX_AMOUNT}),
]
Names = Annotated[tuple[ShortText, ...], Field(max_length=100)]
