"""Choosing promotions: which are combined, in which order, and why the others are rejected."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from pricing.basket import SHIPPING, Basket, Line
from pricing.customer import Customer
from pricing.discount import discount
from pricing.priced import AppliedDiscount, Rejected
from pricing.promotion_kinds.kind import Basis, PromotionKind
from pricing.promotions import Promotion, Reason, Stack, standing_refusal
from pricing.rounding import Mode
from pricing.selector import Selections
from pricing.shipping import Shipping, ShippingCharge


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What promotions depend on, beside their own terms."""

    basket: Basket
    customer: Customer
    shipping: Shipping | None
    at: datetime
    mode: Mode


@dataclass(frozen=True, slots=True)
class Combination:
    """Promotions tried together: the discounts of those that applied, the rejected ones, and what shipping
    costs after the discounts on goods."""

    applied: tuple[AppliedDiscount, ...]
    rejected: tuple[Rejected, ...]
    charge: ShippingCharge | None


class Usable(NamedTuple):
    """A promotion that can be used, with the lines that it is for."""

    rule: Promotion
    terms: PromotionKind
    lines: Sequence[Line]


TotalOf = Callable[[Combination], int]


def combine(rules: Iterable[Promotion], of: Circumstances, total_of: TotalOf) -> Combination:
    """
    Choose and apply promotions.

    The first exclusive promotion that has an effect is used alone. If there is none, each best-of
    promotion stands alone against all stackable ones together, and the lowest final total wins.
    """
    ordered = sorted(rules, key=lambda rule: rule.turn)
    if len({rule.promotion_id for rule in ordered}) != len(ordered):
        raise ValueError("two promotions have the same id")
    usable, rejected = _usable(ordered, of)
    tried = {stack: _try(usable, stack, of) for stack in Stack}
    winner = next((it for it in tried[Stack.EXCLUSIVE] if it.applied), None)
    reason = Reason.NOT_COMBINABLE
    if winner is None:
        winner = _best((*tried[Stack.STACKABLE], *tried[Stack.BEST_OF]), ordered, total_of)
        reason = Reason.BETTER_DISCOUNT_APPLIED
    if winner is None:
        winner = _apply_in_turn((), of)

    for combination in chain.from_iterable(tried.values()):
        rejected += combination.rejected
        if combination is not winner:
            rejected += (Rejected(it.promotion_id, it.code, reason) for it in combination.applied)
    in_order = tuple(sorted(rejected, key=lambda it: it.promotion_id))
    return Combination(winner.applied, in_order, winner.charge)


def _usable(ordered: Sequence[Promotion], of: Circumstances) -> tuple[list[Usable], list[Rejected]]:
    """Those that are tried; the others cannot be used at all, or for none of the lines."""
    usable: list[Usable] = []
    rejected: list[Rejected] = []
    selections = Selections(of.basket.lines)
    for rule in ordered:
        refusal = standing_refusal(rule, of.basket.currency, of.at)
        lines = selections.of(rule.conditions)
        if rule.terms is not None and not refusal and lines and rule.conditions.accept(of.customer):
            usable.append(Usable(rule, rule.terms, lines))
        else:
            reason = refusal or Reason.CONDITIONS_NOT_MET
            rejected.append(Rejected(rule.promotion_id, rule.code, reason))
    return usable, rejected


def _try(usable: Sequence[Usable], stack: Stack, of: Circumstances) -> list[Combination]:
    """The combinations of one stacking mode: the stackable promotions together, the others each alone."""
    some = [it for it in usable if it.rule.stacking.mode is stack]
    if stack is Stack.STACKABLE and some:
        return [_apply_in_turn(some, of)]
    return [_apply_in_turn([it], of) for it in some]


def _apply_in_turn(usable: Sequence[Usable], of: Circumstances) -> Combination:
    """Each promotion applies to what those before it have left of the basket; those on shipping apply to what
    it costs after all the others, and those before them."""
    left = {line.line_id: line.subtotal for line in of.basket.lines}
    goods = sum(left.values())
    on_shipping: list[Usable] = []
    outcomes: dict[str, AppliedDiscount | Reason] = {}
    for it in usable:
        if goods < it.rule.conditions.minimum_subtotal:
            outcomes[it.rule.promotion_id] = Reason.CONDITIONS_NOT_MET
        elif it.terms.on_shipping:
            on_shipping.append(it)
        else:
            basis = Basis(it.lines, {line.line_id: left[line.line_id] for line in it.lines})
            outcome = outcomes[it.rule.promotion_id] = discount(it.rule, it.terms, basis, of.mode)
            if isinstance(outcome, AppliedDiscount):
                goods -= outcome.amount
                for line_id, share in outcome.allocation.items():
                    left[line_id] -= share

    charge = of.shipping.charge(of.basket.lines, goods, of.basket.currency) if of.shipping else None
    to_pay = charge.price if charge else 0
    for it in on_shipping:
        outcome = discount(it.rule, it.terms, Basis((), {SHIPPING: to_pay}), of.mode)
        outcomes[it.rule.promotion_id] = outcome
        to_pay -= outcome.amount if isinstance(outcome, AppliedDiscount) else 0

    in_turn = [(it.rule, outcomes[it.rule.promotion_id]) for it in usable]
    return Combination(
        tuple(outcome for _, outcome in in_turn if isinstance(outcome, AppliedDiscount)),
        tuple(
            Rejected(rule.promotion_id, rule.code, outcome)
            for rule, outcome in in_turn
            if isinstance(outcome, Reason)
        ),
        charge,
    )


def _best(
    candidates: Sequence[Combination], ordered: Sequence[Promotion], total_of: TotalOf
) -> Combination | None:
    """The combination with the lowest final total; of equal ones, that with the first promotion in order."""
    effective = [it for it in candidates if it.applied]
    if len(effective) < 2:
        return effective[0] if effective else None
    turns = {rule.promotion_id: turn for turn, rule in enumerate(ordered)}
    return min(effective, key=lambda it: (total_of(it), turns[it.applied[0].promotion_id]))
