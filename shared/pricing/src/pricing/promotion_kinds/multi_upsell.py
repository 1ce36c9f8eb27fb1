"""A discount on the upsells in the basket, if there are enough different ones."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

from pydantic import Field

from contracts.promotion import Terms
from pricing.percent import Percent
from pricing.promotion_kinds.kind import Basis, Grant, PromotionKind
from pricing.promotion_kinds.reading import (
    FIXED_AMOUNT,
    PERCENTAGE,
    RuleModel,
    amount_of_value,
    percent_of_value,
    rule_of,
    value_type_of,
)
from pricing.rounding import Mode


class Rule(RuleModel):
    minimum_upsells: Annotated[int, Field(ge=2, le=10)] = 2


@dataclass(frozen=True, slots=True)
class MultiUpsell(PromotionKind):
    name: ClassVar[str] = "multi_upsell"
    off: Percent | int
    """A percentage, or an amount that is given once."""
    minimum_upsells: int = 2

    @classmethod
    def parse(cls, terms: Terms) -> Self:
        value_type = value_type_of(terms, (PERCENTAGE, FIXED_AMOUNT))
        rule = rule_of(terms, Rule)
        off = percent_of_value(terms) if value_type == PERCENTAGE else amount_of_value(terms)
        return cls(off, rule.minimum_upsells)

    @property
    def needs_currency(self) -> bool:
        return isinstance(self.off, int)

    def give(self, basis: Basis, mode: Mode) -> Grant | None:
        upsells = [line for line in basis.lines if line.upsell_id is not None]
        count = len({line.upsell_id for line in upsells})
        if count < self.minimum_upsells:
            return None
        left = {line.line_id: basis.left[line.line_id] for line in upsells}
        total = sum(left.values())
        if isinstance(self.off, Percent):
            how = f"{self.off} of {total} for {count} upsells, rounded {mode}"
            return Grant(self.off.of(total, mode), left, how)
        return Grant(self.off, left, f"{self.off} for {count} upsells")
