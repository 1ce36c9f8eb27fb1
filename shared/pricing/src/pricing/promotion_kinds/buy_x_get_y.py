"""Buy some units, get others cheaper. What is given must be in the basket as well."""

from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple, Self

from contracts.promotion import Terms
from pricing.percent import Percent
from pricing.promotion_kinds.kind import Basis, Grant, PromotionKind
from pricing.promotion_kinds.reading import (
    PERCENTAGE,
    Count,
    RuleModel,
    SelectorModel,
    UnitCount,
    percent_of_value,
    rule_of,
    value_type_of,
)
from pricing.promotion_kinds.units import Units, amounts_by_line, units_of
from pricing.rounding import Mode
from pricing.selector import Selector


class Part(NamedTuple):
    """So many units of the selected lines."""

    selector: Selector
    quantity: int


class PartModel(RuleModel):
    selector: SelectorModel
    quantity: UnitCount

    def part(self) -> Part:
        return Part(self.selector.selector(), self.quantity)


class Rule(RuleModel):
    buy: PartModel
    get: PartModel
    select: Literal["cheapest", "dearest"] = "cheapest"
    most_applications: Count | None = None


@dataclass(frozen=True, slots=True)
class BuyXGetY(PromotionKind):
    name: ClassVar[str] = "buy_x_get_y"
    buy: Part
    get: Part
    off: Percent
    """Off the units that are given."""
    dearest: bool = False
    """Which units are given: the dearest or the cheapest."""
    most_applications: int | None = None

    @classmethod
    def parse(cls, terms: Terms) -> Self:
        value_type_of(terms, (PERCENTAGE,))
        rule = rule_of(terms, Rule)
        return cls(
            rule.buy.part(),
            rule.get.part(),
            percent_of_value(terms),
            rule.select == "dearest",
            rule.most_applications,
        )

    def give(self, basis: Basis, mode: Mode) -> Grant | None:
        units = units_of(basis)
        applications, to_buy = self._applications(units)
        if not applications:
            return None
        shared_by = amounts_by_line(self._given(units, applications, to_buy))
        total = sum(shared_by.values())
        how = f"{self.off} of {total} for {applications} x {self.get.quantity} units, rounded {mode}"
        return Grant(self.off.of(total, mode), shared_by, how)

    def _applications(self, units: list[Units]) -> tuple[int, int]:
        """How often it applies, and how many units match what is to be bought."""
        bought = given = either = 0
        for _, line, count in units:
            buys, gets = self.buy.selector.selects(line), self.get.selector.selects(line)
            bought += count * buys
            given += count * gets
            either += count * (buys or gets)
        times = min(
            given // self.get.quantity,
            bought // self.buy.quantity,
            either // (self.buy.quantity + self.get.quantity),
        )
        return times if self.most_applications is None else min(times, self.most_applications), bought

    def _given(self, units: list[Units], applications: int, to_buy: int) -> list[Units]:
        """The chosen units; of those that match what is to be bought, enough are left for it."""
        wanted = applications * self.get.quantity
        spare = to_buy - applications * self.buy.quantity
        chosen: list[Units] = []
        for amount, line, count in self._in_order(units):
            if not self.get.selector.selects(line):
                continue
            is_bought = self.buy.selector.selects(line)
            taken = min(count, wanted, spare if is_bought else count)
            if taken:
                chosen.append(Units(amount, line, taken))
                wanted -= taken
                spare -= taken if is_bought else 0
        return chosen

    def _in_order(self, units: list[Units]) -> list[Units]:
        return units if self.dearest else sorted(units, key=lambda it: (it.amount, it.line.line_id))
