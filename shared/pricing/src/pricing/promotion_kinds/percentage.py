"""A percentage off what is left of the lines."""

from dataclasses import dataclass
from typing import ClassVar, Self

from contracts.promotion import Terms
from pricing.percent import Percent
from pricing.promotion_kinds.kind import Basis, Grant, PromotionKind
from pricing.promotion_kinds.reading import PERCENTAGE, no_rule, percent_of_value, value_type_of
from pricing.rounding import Mode


@dataclass(frozen=True, slots=True)
class Percentage(PromotionKind):
    name: ClassVar[str] = PERCENTAGE
    off: Percent

    @classmethod
    def parse(cls, terms: Terms) -> Self:
        value_type_of(terms, (PERCENTAGE,))
        no_rule(terms)
        return cls(percent_of_value(terms))

    def give(self, basis: Basis, mode: Mode) -> Grant:
        total = sum(basis.left.values())
        return Grant(self.off.of(total, mode), basis.left, f"{self.off} of {total}, rounded {mode}")
