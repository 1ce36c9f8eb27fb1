"""
Whether a referral rule gives its referee a discount, and which: cart and offer both ask here.

A rule that gives one becomes a promotion beside all others. Amounts are worked out in ``price``, exactly once
for each rule: its promotion has one id for each customer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from contracts import sale
from contracts.promotion import Terms
from contracts.referral_override import Set as Override
from contracts.referral_program import Audience, ProgramDetails
from contracts.referral_rule import Reward, RuleDetails
from pricing.from_contracts import promotion_of
from pricing.promotions import Promotion
from pricing.referral_candidates import (
    Candidate,
    Grant,
    Ineligible,
    Program,
    Referee,
    Scope,
    Source,
    Uses,
    Withheld,
)

SIGNUP, FIRST_ORDER_PAID = "signup", "first_order_paid"


def referral_promotion_id(rule_id: UUID, customer_id: str) -> UUID:
    """One for each rule and referee, so that a rule applies once to a sale however often it is looked at."""
    return uuid5(rule_id, customer_id)


def judge(referee: Referee, candidate: Candidate, at: datetime) -> Grant | Withheld:
    """The first of the reasons that holds, or the discount."""
    if reason := ineligibility(referee, candidate, at):
        return Withheld(candidate.rule_id, reason)
    found = reward_of(referee, candidate)
    if found is None or candidate.attribution is None:
        return Withheld(candidate.rule_id, Ineligible.CONDITIONS_NOT_MET)
    reward, source = found
    referral = sale.Referral(
        program_id=candidate.program.program_id,
        rule_id=candidate.rule_id,
        attribution_id=candidate.attribution.attribution_id,
        referrer_id=candidate.attribution.referrer_id,
    )
    return Grant(
        referral=referral,
        customer_id=referee.customer_id,
        reward=reward,
        source=source,
        promotion=_promotion(referral, candidate.rule, referee.customer_id, reward),
    )


def ineligibility(referee: Referee, candidate: Candidate, at: datetime) -> Ineligible | None:
    rule = candidate.rule
    if reason := exclusion(referee, candidate, at):
        return reason
    if not _triggers(rule, referee.paid_orders):
        return Ineligible.CONDITIONS_NOT_MET
    if _cools_down(rule, candidate.uses, at) or is_used_up(rule, candidate.uses):
        return Ineligible.LIMIT_REACHED
    return None


def exclusion(referee: Referee, candidate: Candidate, at: datetime) -> Ineligible | None:
    """Why the referee has no part in the rule for any sale; also no part in its referrer's reward."""
    rule, program, attribution = candidate.rule, candidate.program, candidate.attribution
    if is_blocked(referee.customer_id, referee.segments, candidate.overrides):
        return Ineligible.BLOCKED
    if attribution is None or attribution.is_revoked or attribution.confirmed_at is None:
        return Ineligible.NOT_ATTRIBUTED
    if at >= attribution.confirmed_at + timedelta(days=_valid_days(program.details, rule)):
        return Ineligible.EXPIRED
    if candidate.is_disabled:
        return Ineligible.DISABLED
    if not program.is_active or not _is_in_window(program.details, at):
        return Ineligible.PROGRAM_NOT_ACTIVE
    if not is_in_audience(program.details.audience, referee.customer_id, referee.segments):
        return Ineligible.NOT_IN_AUDIENCE
    if program.details.fraud_policy.require_verified_email and not referee.email_verified:
        return Ineligible.EMAIL_NOT_VERIFIED
    return None


def reward_of(referee: Referee, candidate: Candidate) -> tuple[Reward, Source] | None:
    """The reward that counts, and whose it is; None if neither an override nor the rule has one."""
    if found := reward_in_place(referee.customer_id, referee.segments, candidate.overrides):
        return found
    reward = candidate.rule.referee_reward
    return None if reward is None else (reward, "rule")


def reward_in_place(
    customer_id: str, segments: frozenset[str], overrides: Sequence[Override]
) -> tuple[Reward, Source] | None:
    """The reward of the override that counts for this customer, and whose it is."""
    words = _words(customer_id, segments, overrides)
    return next(((it.reward, source) for it, source in words if it.reward is not None), None)


def is_blocked(customer_id: str, segments: frozenset[str], overrides: Sequence[Override]) -> bool:
    words = (it.block_referrals for it, _ in _words(customer_id, segments, overrides))
    return next((it for it in words if it is not None), False)


def is_in_audience(audience: Audience, customer_id: str, segments: frozenset[str]) -> bool:
    match audience.kind:
        case "users":
            return customer_id in audience.ids
        case "groups":
            return not segments.isdisjoint(audience.ids)
        case _:
            return True


def is_running(program: Program, at: datetime) -> bool:
    return program.is_active and _is_in_window(program.details, at)


def _words(
    customer_id: str, segments: frozenset[str], overrides: Sequence[Override]
) -> Iterator[tuple[Override, Scope]]:
    """The overrides that are for the customer, those that count more first: the customer's own before its
    groups', the rule's before the program's, the smaller group first."""
    scopes: tuple[tuple[Scope, list[str]], ...] = (
        ("user", [customer_id]),
        ("group", sorted(segments)),
    )
    for scope, subjects in scopes:
        for is_of_rule in (True, False):
            for subject in subjects:
                for it in overrides:
                    if (it.scope, it.subject_id, it.rule_id is not None) == (scope, subject, is_of_rule):
                        yield it, scope


def _valid_days(program: ProgramDetails, rule: RuleDetails) -> int:
    limits = program.attribution_valid_days, rule.validation_window_days, rule.coupon_validity_days
    return min(it for it in limits if it is not None)


def _is_in_window(details: ProgramDetails, at: datetime) -> bool:
    starts, ends = details.starts_at, details.ends_at
    return (starts is None or starts <= at) and (ends is None or at < ends)


def _triggers(rule: RuleDetails, paid_orders: int) -> bool:
    """The n-th order is rewarded after it is paid, never by a discount on it."""
    return rule.trigger == SIGNUP or (rule.trigger == FIRST_ORDER_PAID and paid_orders == 0)


def _cools_down(rule: RuleDetails, uses: Uses, at: datetime) -> bool:
    return (
        rule.cooldown_days is not None
        and uses.last_redeemed_at is not None
        and at < uses.last_redeemed_at + timedelta(days=rule.cooldown_days)
    )


def is_used_up(rule: RuleDetails, uses: Uses) -> bool:
    limits = rule.limits
    return any(
        limit is not None and used >= limit
        for limit, used in (
            (limits.total, uses.total),
            (limits.per_referrer, uses.of_referrer),
            (limits.per_referee, uses.of_referee),
        )
    )


def _promotion(referral: sale.Referral, rule: RuleDetails, customer_id: str, reward: Reward) -> Promotion:
    has_amounts = rule.minimum_order is not None or rule.stacking.cap is not None
    terms = Terms(
        code=f"referral-{referral.rule_id}-{customer_id}",
        kind=reward.type,
        value=reward.value,
        currency=reward.currency,
        conditions={
            "minimum_subtotal": rule.minimum_order,
            "product_ids": [str(it) for it in rule.product_ids],
            "categories": rule.categories,
            "collections": rule.collections,
            "currency": rule.currency if has_amounts else None,
        },
        stacking=rule.stacking,
    )
    promotion = promotion_of(referral_promotion_id(referral.rule_id, customer_id), terms)
    return replace(promotion, referral=referral)
