"""Free shipping: all that is left of its price, or a part up to the cap."""

from dataclasses import dataclass
from typing import ClassVar, Self

from contracts.promotion import Terms
from pricing.promotion_kinds.kind import Basis, Grant, PromotionKind
from pricing.promotion_kinds.reading import no_rule, no_value
from pricing.rounding import Mode


@dataclass(frozen=True, slots=True)
class FreeShipping(PromotionKind):
    name: ClassVar[str] = "free_shipping"
    on_shipping: ClassVar[bool] = True

    @classmethod
    def parse(cls, terms: Terms) -> Self:
        no_value(terms)
        no_rule(terms)
        return cls()

    def give(self, basis: Basis, mode: Mode) -> Grant:  # noqa: ARG002  # nothing is rounded
        total = sum(basis.left.values())
        return Grant(total, basis.left, f"the {total} that shipping costs")
