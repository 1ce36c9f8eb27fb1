"""Which promotions are used together, in which order, and why the others are not."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pricing.basket import Basket
from pricing.discount import discount
from pricing.priced import AppliedDiscount, Rejected
from pricing.promotions import Promotion, Reason, Stack, standing_refusal
from pricing.rounding import Mode

TotalOf = Callable[[Sequence[AppliedDiscount]], int]


@dataclass(frozen=True, slots=True)
class Combination:
    """Promotions tried together: what they gave, and which of them gave nothing."""

    applied: tuple[AppliedDiscount, ...] = ()
    rejected: tuple[Rejected, ...] = ()


NOTHING = Combination()


def combine(
    basket: Basket, rules: Iterable[Promotion], at: datetime, mode: Mode, total_of: TotalOf
) -> Combination:
    """
    Choose and apply promotions.

    The first exclusive promotion that has an effect is used alone. Where there is none, each best-of
    promotion stands alone against all stackable ones together, and the lowest final total wins.
    """
    in_turn = sorted(rules, key=lambda rule: rule.turn)
    if len({rule.promotion_id for rule in in_turn}) != len(in_turn):
        raise ValueError("a promotion is there twice")
    rejected: list[Rejected] = []
    usable: list[Promotion] = []
    for rule in in_turn:
        if refusal := standing_refusal(rule, basket.currency, at):
            rejected.append(Rejected(rule.promotion_id, rule.code, refusal))
        else:
            usable.append(rule)

    tried = {stack: _try(basket, usable, stack, mode) for stack in Stack}
    winner = next((one for one in tried[Stack.EXCLUSIVE] if one.applied), None)
    lost = Reason.NOT_COMBINABLE
    if winner is None:
        winner = _best((*tried[Stack.STACKABLE], *tried[Stack.BEST_OF]), in_turn, total_of)
        lost = Reason.BETTER_DISCOUNT_APPLIED

    for combination in (one for stack in tried.values() for one in stack):
        rejected += combination.rejected
        if combination is not winner:
            rejected += (Rejected(one.promotion_id, one.code, lost) for one in combination.applied)
    return Combination(winner.applied, tuple(sorted(rejected, key=lambda one: one.promotion_id)))


def _try(basket: Basket, usable: Sequence[Promotion], stack: Stack, mode: Mode) -> list[Combination]:
    """What the promotions of one mode give: the stackable ones together, the others each alone."""
    rules = [rule for rule in usable if rule.stacking.mode is stack]
    if stack is Stack.STACKABLE and rules:
        return [_apply_in_turn(basket, rules, mode)]
    return [_apply_in_turn(basket, [rule], mode) for rule in rules]


def _apply_in_turn(basket: Basket, rules: Sequence[Promotion], mode: Mode) -> Combination:
    """Each rule sees the basket as the ones before it left it, and is judged on that."""
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


def _best(candidates: Sequence[Combination], in_turn: Sequence[Promotion], total_of: TotalOf) -> Combination:
    """The lowest final total; of equal ones, the combination that holds the promotion whose turn is first."""
    effective = [one for one in candidates if one.applied]
    if len(effective) < 2:
        return effective[0] if effective else NOTHING
    turns = {rule.promotion_id: turn for turn, rule in enumerate(in_turn)}
    return min(effective, key=lambda one: (total_of(one.applied), turns[one.applied[0].promotion_id]))
