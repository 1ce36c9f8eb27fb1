"""A fixed amount off, in minor units of the promotion's currency."""

from dataclasses import dataclass
from typing import ClassVar, Self

from contracts.promotion import Terms
from pricing.promotion_kinds.kind import Basis, Grant, PromotionKind
from pricing.promotion_kinds.reading import FIXED_AMOUNT, amount_of_value, no_rule, value_type_of
from pricing.rounding import Mode


@dataclass(frozen=True, slots=True)
class FixedAmount(PromotionKind):
    name: ClassVar[str] = FIXED_AMOUNT
    off: int

    @classmethod
    def parse(cls, terms: Terms) -> Self:
        value_type_of(terms, (FIXED_AMOUNT,))
        no_rule(terms)
        return cls(amount_of_value(terms))

    @property
    def needs_currency(self) -> bool:
        return True

    def give(self, basis: Basis, mode: Mode) -> Grant:  # noqa: ARG002  # nothing is rounded
        return Grant(self.off, basis.left, f"{self.off}")
