"""The types of values in the bodies of this service's requests."""

from decimal import Decimal
from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, WithJsonSchema

from kernel.http.requests import ShortText, no_address

MAX_FREE_FORM_BYTES = 16 * 1024
MAX_AMOUNT = 10**12
LOWEST_PERCENT, HIGHEST_PERCENT = Decimal("-99.99"), Decimal(1_000)


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


def percent_change(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("The value must be a number.")
    exact = Decimal(str(value))
    if not LOWEST_PERCENT <= exact <= HIGHEST_PERCENT or exact != round(exact, 2):
        raise ValueError("The number must be from -99.99 to 1000, with at most two decimals.")
    return exact


def as_text(number: Decimal) -> str:
    """The form in facts: exact, without an exponent or trailing zeros."""
    return format(number.normalize(), "f")


def as_number(text: str) -> int | float:
    """The form in responses. These numbers have few enough digits for a float to hold them exactly."""
    number = Decimal(text)
    return int(number) if number == int(number) else float(number)


FreeForm = Annotated[dict[str, Any], AfterValidator(_limit_size), AfterValidator(no_address)]
Number = Annotated[
    Decimal,
    PlainValidator(_exact_number),
    PlainSerializer(as_text),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": MAX_AMOUNT}),
]
PercentChange = Annotated[
    Decimal,
    PlainValidator(percent_change),
    PlainSerializer(as_text),
    WithJsonSchema({"type": "number", "minimum": -99.99, "maximum": 1_000}),
]
"""How a price changes, in percent; below 0 it falls."""
AmountChange = Annotated[int, Field(ge=-MAX_AMOUNT, le=MAX_AMOUNT)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
AssetKey = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*$", max_length=500)
]
"""Characters that stand in addresses as they are."""
LongText = Annotated[
    str, Field(max_length=10_000, pattern=r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$")
]
"""May be empty and have several lines."""
Names = Annotated[tuple[ShortText, ...], Field(max_length=100)]
