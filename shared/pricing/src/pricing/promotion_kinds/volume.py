"""A discount that grows with the number of units, or with the value, of the lines: the highest tier that is
reached counts for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, ClassVar, Literal, NamedTuple, Self

from pydantic import Field

from contracts.promotion import Terms
from pricing.percent import Percent
from pricing.promotion_kinds.kind import Basis, Grant, PromotionKind
from pricing.promotion_kinds.reading import (
    Amount,
    Count,
    InvalidTerms,
    PercentField,
    RuleModel,
    no_value,
    rule_of,
)
from pricing.rounding import Mode


class Tier(NamedTuple):
    """``off``: a percentage, or an amount that is given once."""

    start: int
    off: Percent | int


class TierModel(RuleModel):
    start: Count = Field(alias="from")
    percent: PercentField | None = None
    amount: Amount | None = None


class Rule(RuleModel):
    basis: Literal["quantity", "value"]
    tiers: Annotated[tuple[TierModel, ...], Field(min_length=1, max_length=20)]


@dataclass(frozen=True, slots=True)
class Volume(PromotionKind):
    name: ClassVar[str] = "volume"
    by_value: bool
    tiers: tuple[Tier, ...]
    """Ascending."""

    @classmethod
    def parse(cls, terms: Terms) -> Self:
        no_value(terms)
        rule = rule_of(terms, Rule)
        return cls(rule.basis == "value", _tiers(rule.tiers))

    @property
    def needs_currency(self) -> bool:
        return self.by_value or any(isinstance(tier.off, int) for tier in self.tiers)

    def give(self, basis: Basis, mode: Mode) -> Grant | None:
        total = sum(basis.left.values())
        measure = total if self.by_value else sum(line.all_units for line in basis.lines)
        reached = [tier for tier in self.tiers if tier.start <= measure]
        if not reached:
            return None
        start, off = reached[-1]
        why = f"tier from {start} for {measure}{'' if self.by_value else ' units'}"
        if isinstance(off, Percent):
            return Grant(off.of(total, mode), basis.left, f"{off} of {total}, rounded {mode}, {why}")
        return Grant(off, basis.left, f"{off}, {why}")


def _tiers(models: Sequence[TierModel]) -> tuple[Tier, ...]:
    for index, (lower, higher) in enumerate(pairwise(models), 1):
        if lower.start >= higher.start:
            raise InvalidTerms(("rule", "tiers", index, "from"), "Each tier starts above the one before.")
    for index, model in enumerate(models):
        if (model.percent is None) == (model.amount is None):
            raise InvalidTerms(("rule", "tiers", index), "A tier has either a percent or an amount.")
    offs = (model.amount if model.percent is None else model.percent for model in models)
    return tuple(Tier(model.start, off) for model, off in zip(models, offs, strict=True) if off is not None)
