"""Products that are cheaper together: a percentage or an amount off each set, or a price for each set."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, NamedTuple, Self

from pydantic import Field

from contracts.promotion import Terms
from pricing.percent import Percent
from pricing.promotion_kinds.kind import Basis, Grant, PromotionKind
from pricing.promotion_kinds.reading import (
    FIXED_AMOUNT,
    FIXED_PRICE,
    PERCENTAGE,
    Count,
    InvalidTerms,
    RuleModel,
    SelectorModel,
    UnitCount,
    amount_of_value,
    percent_of_value,
    rule_of,
    value_type_of,
)
from pricing.promotion_kinds.units import Units, amounts_by_line, units_of
from pricing.rounding import Mode
from pricing.selector import Selector


class Item(NamedTuple):
    """A part of the set: so many units of the selected lines."""

    selector: Selector
    quantity: int


class ItemModel(RuleModel):
    selector: SelectorModel
    quantity: UnitCount = 1


class Rule(RuleModel):
    items: Annotated[tuple[ItemModel, ...], Field(min_length=1, max_length=10)]
    most_sets: Count | None = None


class Sets(NamedTuple):
    """Equal sets: the units of one of them, and how many sets there are."""

    units: Sequence[Units]
    number: int

    @property
    def price(self) -> int:
        """What one set costs without the discount."""
        return sum(amount * quantity for amount, _, quantity in self.units)


@dataclass(frozen=True, slots=True)
class Bundle(PromotionKind):
    name: ClassVar[str] = "bundle"
    items: tuple[Item, ...]
    off: Percent | None = None
    """Off all sets together."""
    amount_off: int = 0
    """Off each set."""
    set_price: int | None = None
    most_sets: int | None = None

    @classmethod
    def parse(cls, terms: Terms) -> Self:
        value_type = value_type_of(terms, (PERCENTAGE, FIXED_AMOUNT, FIXED_PRICE))
        rule = rule_of(terms, Rule)
        items = tuple(Item(it.selector.selector(), it.quantity) for it in rule.items)
        if sum(it.quantity for it in items) < 2:
            raise InvalidTerms(("rule", "items"), "A bundle has at least two units.")
        if value_type == PERCENTAGE:
            return cls(items, percent_of_value(terms), most_sets=rule.most_sets)
        if value_type == FIXED_AMOUNT:
            return cls(items, amount_off=amount_of_value(terms), most_sets=rule.most_sets)
        return cls(items, set_price=amount_of_value(terms, least=0), most_sets=rule.most_sets)

    @property
    def needs_currency(self) -> bool:
        return self.off is None

    def give(self, basis: Basis, mode: Mode) -> Grant | None:
        found = self._sets(units_of(basis))
        count = sum(it.number for it in found)
        if not count:
            return None
        shared_by = amounts_by_line(
            Units(amount, line, each * sets.number) for sets in found for amount, line, each in sets.units
        )
        if self.off is not None:
            total = sum(shared_by.values())
            how = f"{self.off} of {total} for {count} sets, rounded {mode}"
            return Grant(self.off.of(total, mode), shared_by, how)
        if self.set_price is not None:
            above = sum(max(0, sets.price - self.set_price) * sets.number for sets in found)
            return Grant(above, shared_by, f"what {count} sets cost above {self.set_price} each")
        return Grant(self.amount_off * count, shared_by, f"{self.amount_off} x {count} sets")

    def _sets(self, units: Sequence[Units]) -> list[Sets]:
        """Sets are made of the dearest units, until one cannot be completed."""
        left = [it.quantity for it in units]
        missing = self.most_sets
        found: list[Sets] = []
        while missing != 0 and (taken := self._one_set(units, left)):
            # the next set is equal as long as the same units suffice for it
            count = min(left[index] // each for index, each in taken.items())
            count = count if missing is None else min(count, missing)
            for index, each in taken.items():
                left[index] -= each * count
            missing = None if missing is None else missing - count
            found.append(Sets([units[index]._replace(quantity=each) for index, each in taken.items()], count))
        return found

    def _one_set(self, units: Sequence[Units], left: Sequence[int]) -> dict[int, int] | None:
        """How many of which units: each item, in the listed order, takes the first that match it."""
        taken: dict[int, int] = {}
        for selector, quantity in self.items:
            wanted = quantity
            for index, (_, line, _) in enumerate(units):
                free = left[index] - taken.get(index, 0)
                if free and selector.selects(line):
                    count = min(free, wanted)
                    taken[index] = taken.get(index, 0) + count
                    wanted -= count
                    if not wanted:
                        break
            if wanted:
                return None
        return taken
