"""Which rule rewards the referrer for a paid order, and with how much."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.referral_rule import Reward, RuleDetails
from offer.referral.domain.rule_terms import NTH_ORDER_PAID, PERCENTAGE
from pricing.referral import FIRST_ORDER_PAID, exclusion, is_blocked, is_used_up, reward_in_place
from pricing.referral_candidates import Attribution, Candidate, Referee
from pricing.rounding import Mode, percent_of


@dataclass(frozen=True, slots=True)
class PaidLine:
    """``net`` is what was charged without tax; category and collections are those of the catalogue now."""

    line_id: str
    product_id: UUID
    net: int
    category: str | None = None
    collections: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PaidOrder:
    order_id: UUID
    currency: str
    subtotal: int
    lines: tuple[PaidLine, ...]
    paid_at: datetime
    """The business time."""


@dataclass(frozen=True, slots=True)
class Person:
    """``ids`` are all of the person's, ``customer_id`` is the one that the attribution names."""

    customer_id: str
    ids: frozenset[str]
    segments: frozenset[str]


@dataclass(frozen=True, slots=True)
class Claim:
    """A rule that may reward the order. ``candidate.uses`` are the rewards of the rule so far;
    ``referee.paid_orders`` are the person's, with this one."""

    candidate: Candidate
    referee: Referee
    person: Person
    referrer: Person
    reward_days: int


@dataclass(frozen=True, slots=True)
class Earned:
    claim: Claim
    attribution: Attribution
    lines: tuple[PaidLine, ...]
    amount: int

    @property
    def base(self) -> int:
        return sum(it.net for it in self.lines)


def first_earned(order: PaidOrder, claims: Iterable[Claim]) -> Earned | None:
    """By the rule that comes first: the smaller priority, then the smaller id."""
    in_turn = sorted(claims, key=lambda it: (it.candidate.rule.stacking.priority, str(it.candidate.rule_id)))
    return next((earned for it in in_turn if (earned := _earned(order, it)) is not None), None)


def _earned(order: PaidOrder, claim: Claim) -> Earned | None:
    candidate, rule = claim.candidate, claim.candidate.rule
    attribution = candidate.attribution
    reward = _reward_of(claim)
    if reward is None or attribution is None or not _may_earn(order, claim, attribution):
        return None
    if not _meets_minimum(order, rule) or reward.currency not in {None, order.currency}:
        return None
    lines = tuple(_eligible(order.lines, rule))
    base = sum(it.net for it in lines)
    amount = amount_of(reward, base)
    return Earned(claim, attribution, lines, amount) if amount > 0 else None


def amount_of(reward: Reward, base: int) -> int:
    if reward.type == PERCENTAGE:
        return percent_of(base, reward.value, Mode.HALF_UP)
    return min(int(reward.value), base)


def _may_earn(order: PaidOrder, claim: Claim, attribution: Attribution) -> bool:
    confirmed_at = attribution.confirmed_at
    return (
        claim.referrer.customer_id not in claim.person.ids
        and exclusion(claim.referee, claim.candidate, order.paid_at) is None
        and confirmed_at is not None
        and confirmed_at <= order.paid_at
        and _triggers(claim.candidate.rule, claim.referee.paid_orders)
        and not claim.candidate.uses.of_referee
        and not is_used_up(claim.candidate.rule, claim.candidate.uses)
    )


def _triggers(rule: RuleDetails, number: int) -> bool:
    """A person has one first and one n-th order, so that a rule rewards one order of theirs at most."""
    return (rule.trigger == FIRST_ORDER_PAID and number == 1) or (
        rule.trigger == NTH_ORDER_PAID and number == rule.n
    )


def _reward_of(claim: Claim) -> Reward | None:
    """The rule's, or the one of the referrer's override; none without one of the rule's, and none for one who
    is blocked."""
    candidate, referrer = claim.candidate, claim.referrer
    if candidate.rule.referrer_reward is None:
        return None
    if is_blocked(referrer.customer_id, referrer.segments, candidate.overrides):
        return None
    found = reward_in_place(referrer.customer_id, referrer.segments, candidate.overrides)
    return found[0] if found else candidate.rule.referrer_reward


def _meets_minimum(order: PaidOrder, rule: RuleDetails) -> bool:
    if rule.minimum_order is None:
        return True
    return rule.currency == order.currency and order.subtotal >= rule.minimum_order


def _eligible(lines: Sequence[PaidLine], rule: RuleDetails) -> Iterable[PaidLine]:
    for it in lines:
        if (
            (not rule.product_ids or it.product_id in rule.product_ids)
            and (not rule.categories or it.category in rule.categories)
            and (not rule.collections or not it.collections.isdisjoint(rule.collections))
        ):
            yield it
