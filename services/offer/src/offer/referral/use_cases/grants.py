"""Judge referral rules for a customer, by the service's own state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from contracts.offer import ReferralUse
from kernel.unit_of_work import UnitOfWork
from offer.customers.domain import CustomerProfile
from offer.referral.domain.attribution import ReferralAttribution
from offer.referral.domain.program import ReferralProgram
from offer.referral.domain.rule import ReferralRule
from offer.referral.use_cases.attributions import LIVE, live_key
from offer.referral.use_cases.overrides import overrides_for
from offer.referral.use_cases.rules import OF_PROGRAM
from pricing.referral import judge
from pricing.referral_candidates import Candidate, Grant, Referee, Uses, Withheld


async def judge_uses(
    uses: Iterable[ReferralUse], profile: CustomerProfile, work: UnitOfWork
) -> list[Grant | Withheld]:
    """Whether each of these rules, by this attribution, gives the customer its discount now."""
    return await _judge(await _open(uses, work), profile, work, work.now)


async def confirm_uses(
    uses: Iterable[ReferralUse], profile: CustomerProfile, work: UnitOfWork, at: datetime
) -> list[Grant]:
    """The discounts of rules whose uses the checkout holds already: limits are not judged again."""
    judged = await _judge(await _open(uses, work), profile, work, at, holds_uses=True)
    return [it for it in judged if isinstance(it, Grant)]


async def judge_all(profile: CustomerProfile, work: UnitOfWork, at: datetime) -> list[Grant | Withheld]:
    """Every rule of every program in which the customer has an attribution."""
    prefix = f"{profile.customer_id}:"
    keys = await work.keys_with_prefix(LIVE, prefix)
    own = [it for key, it in keys.items() if len(key) == len(live_key(profile.customer_id, UUID(int=0)))]
    named: list[tuple[UUID, ReferralAttribution]] = []
    for attribution in (await work.open_many(ReferralAttribution, own)).values():
        of_program = await work.keys_with_prefix(OF_PROGRAM, f"{attribution.program_id}:")
        named += ((rule_id, attribution) for rule_id in of_program.values())
    rules = await work.open_many(ReferralRule, {rule_id for rule_id, _ in named})
    pairs = [(rules[rule_id], attribution) for rule_id, attribution in named]
    return await _judge(pairs, profile, work, at)


async def _open(
    uses: Iterable[ReferralUse], work: UnitOfWork
) -> list[tuple[ReferralRule, ReferralAttribution]]:
    attribution_of = {it.rule_id: it.attribution_id for it in uses}
    rules = await work.open_many(ReferralRule, attribution_of)
    attributions = await work.open_many(ReferralAttribution, attribution_of.values())
    return [(rule, attributions[attribution_of[rule.id]]) for rule in rules.values()]


async def _judge(
    pairs: Sequence[tuple[ReferralRule, ReferralAttribution]],
    profile: CustomerProfile,
    work: UnitOfWork,
    at: datetime,
    *,
    holds_uses: bool = False,
) -> list[Grant | Withheld]:
    if not pairs:
        return []
    program_ids = {rule.details.program_id for rule, _ in pairs}
    programs = await work.open_many(ReferralProgram, program_ids)
    targets = [*program_ids, *(rule.id for rule, _ in pairs)]
    overrides = await overrides_for(targets, profile.customer_id, profile.segments, work)
    referee = Referee(profile.customer_id, profile.segments, profile.email_verified, profile.paid_orders)

    def candidate(rule: ReferralRule, attribution: ReferralAttribution) -> Candidate:
        program = programs[rule.details.program_id]
        theirs = (attribution.program_id, attribution.referee_id) == (program.id, referee.customer_id)
        return Candidate(
            rule_id=rule.id,
            rule=rule.details,
            program=program.for_judging,
            attribution=attribution.for_judging if theirs else None,
            overrides=[it for it in overrides if (it.rule_id or it.program_id) in {rule.id, program.id}],
            uses=Uses() if holds_uses else rule.uses(profile.ids, attribution.referrer_id),
            is_disabled=rule.disabled or not rule.exists,
        )

    return [judge(referee, candidate(*pair), at) for pair in pairs]
