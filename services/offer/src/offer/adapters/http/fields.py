"""Kinds of values in the bodies of this service's requests."""

from decimal import Decimal
from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, WithJsonSchema

from kernel.http.requests import ShortText, no_address

MAX_FREE_FORM_BYTES = 16 * 1024
MAX_AMOUNT = 10**12


def _small(value: Any) -> Any:
    if len(orjson.dumps(value)) > MAX_FREE_FORM_BYTES:
        raise ValueError(f"is larger than {MAX_FREE_FORM_BYTES} bytes")
    return value


def _exact(value: Any) -> Decimal:
    """A JSON number as it was written: floats come in here, and end here."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("must be a number")
    exact = Decimal(str(value))
    if not 0 <= exact <= MAX_AMOUNT:
        raise ValueError(f"must be from 0 to {MAX_AMOUNT}")
    return exact


def as_text(number: Decimal) -> str:
    """As facts keep it: exact, without an exponent or idle zeros."""
    return format(number.normalize(), "f")


def as_number(text: str) -> int | float:
    """As answers show it; such numbers have too few digits for a float to change them."""
    number = Decimal(text)
    return int(number) if number == int(number) else float(number)


FreeForm = Annotated[dict[str, Any], AfterValidator(_small), AfterValidator(no_address)]
FreeForms = Annotated[tuple[FreeForm, ...], Field(max_length=100), AfterValidator(_small)]
Number = Annotated[
    Decimal,
    PlainValidator(_exact),
    PlainSerializer(as_text),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": MAX_AMOUNT}),
]
Names = Annotated[tuple[ShortText, ...], Field(max_length=100)]
Code = Annotated[ShortText, Field(max_length=64)]
"""What else may not stand in a code is for the business to say."""
