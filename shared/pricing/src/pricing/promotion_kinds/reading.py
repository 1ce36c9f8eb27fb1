"""Reading a promotion's terms: values, types of values, and rules that are checked by a model."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError

from contracts.promotion import Terms
from pricing.percent import Percent, percent
from pricing.selector import Selector

MAX_AMOUNT = 10**12
PERCENTAGE, FIXED_AMOUNT, FIXED_PRICE = "percentage", "fixed_amount", "fixed_price"


class InvalidTerms(ValueError):
    """A field of the terms breaks a rule of the kind; the text is that rule, as a sentence."""

    def __init__(self, field: tuple[str | int, ...], rule: str) -> None:
        super().__init__(rule)
        self.field = field


class RuleModel(BaseModel):
    """The base of the models of ``Terms.rule``: nothing is converted, no field is ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Name = Annotated[str, Field(min_length=1, max_length=200)]
Amount = Annotated[int, Field(ge=0, le=MAX_AMOUNT)]
Count = Annotated[int, Field(ge=1, le=MAX_AMOUNT)]
UnitCount = Annotated[int, Field(ge=1, le=100)]


def _percent(value: object) -> Percent:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("The percentage must be a number.")
    try:
        return percent(str(value))
    except ArithmeticError:
        raise ValueError("The percentage must be a number.") from None


PercentField = Annotated[Percent, PlainValidator(_percent)]


class SelectorModel(RuleModel):
    product_ids: Annotated[tuple[UUID, ...], Field(max_length=200)] = ()
    categories: Annotated[tuple[Name, ...], Field(max_length=100)] = ()
    collections: Annotated[tuple[Name, ...], Field(max_length=100)] = ()

    def selector(self) -> Selector:
        return Selector(
            frozenset(map(str, self.product_ids)), frozenset(self.categories), frozenset(self.collections)
        )


R = TypeVar("R", bound=RuleModel)


def rule_of(terms: Terms, model: type[R]) -> R:
    """The rule by its model. Raises ``InvalidTerms`` for the first field that is wrong."""
    try:
        return model.model_validate_json(json.dumps(terms.rule))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        message = first["msg"].removeprefix("Value error, ")
        raise InvalidTerms(("rule", *first["loc"]), message) from None


def no_rule(terms: Terms) -> None:
    if terms.rule:
        raise InvalidTerms(("rule",), f"A promotion of kind {terms.kind} has no rule.")


def no_value(terms: Terms) -> None:
    if Decimal(terms.value) != 0:
        raise InvalidTerms(("value",), f"A promotion of kind {terms.kind} has no value.")
    value_type_of(terms, ())


def value_type_of(terms: Terms, allowed: Iterable[str]) -> str:
    """What the value is; the first of the allowed types if the terms do not say it."""
    types = tuple(allowed)
    if terms.value_type is None:
        return types[0] if types else ""
    if terms.value_type not in types:
        raise InvalidTerms(
            ("value_type",), f"A promotion of kind {terms.kind} cannot have a value of this type."
        )
    return terms.value_type


def percent_of_value(terms: Terms) -> Percent:
    try:
        return percent(terms.value)
    except ValueError as error:
        raise InvalidTerms(("value",), str(error)) from None


def amount_of_value(terms: Terms, *, least: int = 1) -> int:
    value = Decimal(terms.value)
    if not least <= value <= MAX_AMOUNT or value != int(value):
        above = "above 0" if least else f"from 0 to {MAX_AMOUNT}"
        raise InvalidTerms(("value",), f"The amount is a whole number of minor units {above}.")
    return int(value)
