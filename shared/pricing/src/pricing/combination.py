"""Choosing promotions: which are combined, in which order, and why the others are rejected."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from pricing.basket import Basket
from pricing.discount import discount
from pricing.priced import AppliedDiscount, Rejected
from pricing.promotions import Promotion, Reason, Stack, standing_refusal
from pricing.rounding import Mode

TotalOf = Callable[[Sequence[AppliedDiscount]], int]


@dataclass(frozen=True, slots=True)
class Combination:
    """Promotions tried together: the discounts of those that applied, and the rejected ones."""

    applied: tuple[AppliedDiscount, ...] = ()
    rejected: tuple[Rejected, ...] = ()


NO_PROMOTIONS = Combination()


def combine(
    basket: Basket, rules: Iterable[Promotion], at: datetime, mode: Mode, total_of: TotalOf
) -> Combination:
    """
    Choose and apply promotions.

    The first exclusive promotion that has an effect is used alone. If there is none, each best-of
    promotion stands alone against all stackable ones together, and the lowest final total wins.
    """
    ordered = sorted(rules, key=lambda rule: rule.turn)
    if len({rule.promotion_id for rule in ordered}) != len(ordered):
        raise ValueError("two promotions have the same id")
    rejected: list[Rejected] = []
    usable: list[Promotion] = []
    for rule in ordered:
        if refusal := standing_refusal(rule, basket.currency, at):
            rejected.append(Rejected(rule.promotion_id, rule.code, refusal))
        else:
            usable.append(rule)

    tried = {stack: _try(basket, usable, stack, mode) for stack in Stack}
    winner = next((it for it in tried[Stack.EXCLUSIVE] if it.applied), None)
    reason = Reason.NOT_COMBINABLE
    if winner is None:
        winner = _best((*tried[Stack.STACKABLE], *tried[Stack.BEST_OF]), ordered, total_of)
        reason = Reason.BETTER_DISCOUNT_APPLIED

    for combination in chain.from_iterable(tried.values()):
        rejected += combination.rejected
        if combination is not winner:
            rejected += (Rejected(it.promotion_id, it.code, reason) for it in combination.applied)
    return Combination(winner.applied, tuple(sorted(rejected, key=lambda it: it.promotion_id)))


def _try(basket: Basket, usable: Sequence[Promotion], stack: Stack, mode: Mode) -> list[Combination]:
    """The combinations of one stacking mode: the stackable promotions together, the others each alone."""
    rules = [rule for rule in usable if rule.stacking.mode is stack]
    if stack is Stack.STACKABLE and rules:
        return [_apply_in_turn(basket, rules, mode)]
    return [_apply_in_turn(basket, [rule], mode) for rule in rules]


def _apply_in_turn(basket: Basket, rules: Sequence[Promotion], mode: Mode) -> Combination:
    """Each rule applies to what the rules before it have left of the basket."""
    remaining = {line.line_id: line.subtotal for line in basket.lines}
    applied: list[AppliedDiscount] = []
    rejected: list[Rejected] = []
    for rule in rules:
        outcome = discount(rule, basket, remaining, mode)
        if isinstance(outcome, Reason):
            rejected.append(Rejected(rule.promotion_id, rule.code, outcome))
            continue
        applied.append(outcome)
        for line_id, share in outcome.allocation.items():
            remaining[line_id] -= share
    return Combination(tuple(applied), tuple(rejected))


def _best(candidates: Sequence[Combination], ordered: Sequence[Promotion], total_of: TotalOf) -> Combination:
    """The combination with the lowest final total; of equal ones, that with the first promotion in order."""
    effective = [it for it in candidates if it.applied]
    if len(effective) < 2:
        return effective[0] if effective else NO_PROMOTIONS
    turns = {rule.promotion_id: turn for turn, rule in enumerate(ordered)}
    return min(effective, key=lambda it: (total_of(it.applied), turns[it.applied[0].promotion_id]))
