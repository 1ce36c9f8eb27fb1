"""Grant referrers their rewards for paid orders."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from contracts import reward as facts
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.product import Product
from offer.customers.domain import CustomerProfile, Customers
from offer.referral.domain.attribution import ReferralAttribution
from offer.referral.domain.program import ReferralProgram
from offer.referral.domain.rule import ReferralRule
from offer.referral.use_cases.overrides import overrides_for
from offer.referral.use_cases.rules import OF_PROGRAM
from offer.rewards.domain.earning import Claim, Earned, PaidLine, PaidOrder, Person, first_earned
from offer.rewards.domain.reward import Reward, reward_id
from offer.rewards.use_cases.index import OF_ORDER, claim_again
from pricing.product_price import with_parent
from pricing.referral_candidates import Candidate, Referee


@dataclass(frozen=True, slots=True)
class GrantReward:
    """``customer_id`` bought; ``attribution_ids`` are those of the person. ``later_orders``: the customers
    of paid orders that count already, and were paid after this one."""

    order: PaidOrder
    customer_id: str
    attribution_ids: tuple[UUID, ...]
    later_orders: tuple[str, ...] = ()


async def grant_reward(command: GrantReward, work: UnitOfWork, customers: Customers) -> None:
    """By the first rule that fits; nothing if none does, or if the order has been rewarded."""
    if await work.owner_of_key(OF_ORDER, str(command.order.order_id)) is not None:
        return
    claims = await _claims(command, work, customers)
    if not claims:
        return
    order = await _with_catalogue(command.order, work)
    earned = first_earned(order, claims)
    if earned is not None:
        await _grant(order, earned, work)


async def _grant(order: PaidOrder, earned: Earned, work: UnitOfWork) -> None:
    attribution, rule_id = earned.attribution, earned.claim.candidate.rule_id
    reward = await work.open(Reward, reward_id(order.order_id, rule_id))
    reward.grant(
        facts.Granted(
            referrer_id=attribution.referrer_id,
            referee_id=attribution.referee_id,
            program_id=attribution.program_id,
            rule_id=rule_id,
            attribution_id=attribution.attribution_id,
            order_id=order.order_id,
            base=earned.base,
            amount=earned.amount,
            currency=order.currency,
            line_ids=tuple(it.line_id for it in earned.lines),
            confirm_at=work.now + timedelta(days=earned.claim.reward_days),
        )
    )
    rule = await work.open(ReferralRule, rule_id)
    rule.count_reward(order.order_id, attribution.referee_id, attribution.referrer_id)
    await claim_again(reward, work)


async def _claims(command: GrantReward, work: UnitOfWork, customers: Customers) -> list[Claim]:
    found = await work.open_many(ReferralAttribution, command.attribution_ids)
    attributions = [it for it in found.values() if it.exists]
    programs = await work.open_many(ReferralProgram, {it.program_id for it in attributions})
    named: list[tuple[UUID, ReferralAttribution]] = []
    for attribution in attributions:
        of_program = await work.keys_with_prefix(OF_PROGRAM, f"{attribution.program_id}:")
        named += ((rule_id, attribution) for rule_id in of_program.values())
    rules = await work.open_many(ReferralRule, {rule_id for rule_id, _ in named})
    wanted = [(rules[it], of) for it, of in named if rules[it].details.referrer_reward is not None]
    if not wanted:
        return []
    people = {person for _, it in wanted for person in (it.referee_id, it.referrer_id)}
    profiles = await customers.read(work.context.tenant, people)
    return [
        await _claim(command, rule, programs[attribution.program_id], attribution, profiles, work)
        for rule, attribution in wanted
    ]


async def _claim(
    command: GrantReward,
    rule: ReferralRule,
    program: ReferralProgram,
    attribution: ReferralAttribution,
    profiles: Mapping[str, CustomerProfile],
    work: UnitOfWork,
) -> Claim:
    referee, referrer = profiles[attribution.referee_id], profiles[attribution.referrer_id]
    later = sum(it in referee.ids for it in command.later_orders)
    overrides = [
        it
        for profile in (referee, referrer)
        for it in await overrides_for([program.id, rule.id], profile.customer_id, profile.segments, work)
    ]
    return Claim(
        candidate=Candidate(
            rule_id=rule.id,
            rule=rule.details,
            program=program.for_judging,
            attribution=attribution.for_judging,
            overrides=overrides,
            uses=rule.rewarded(referee.ids, referrer.customer_id),
            is_disabled=rule.disabled,
        ),
        referee=Referee(
            referee.customer_id,
            referee.segments,
            referee.email_verified,
            paid_orders=referee.paid_orders - later,
        ),
        person=_person(referee, {command.customer_id}),
        referrer=_person(referrer),
        reward_days=program.details.reward_days,
    )


def _person(profile: CustomerProfile, also: Collection[str] = ()) -> Person:
    return Person(profile.customer_id, profile.ids | frozenset(also), profile.segments)


async def _with_catalogue(order: PaidOrder, work: UnitOfWork) -> PaidOrder:
    """With the categories and collections of its products; a variant's may be its parent's."""
    products = await _products([it.product_id for it in order.lines], work)
    parents = await _products(
        [it.details.variant_of for it in products.values() if it.details.variant_of is not None], work
    )

    def complete(line: PaidLine) -> PaidLine:
        details = products[line.product_id].details
        parent = parents.get(details.variant_of) if details.variant_of else None
        full = with_parent(details, parent.details if parent else None)
        return replace(line, category=full.category, collections=frozenset(full.collections))

    return replace(order, lines=tuple(complete(it) for it in order.lines))


async def _products(product_ids: Iterable[UUID], work: UnitOfWork) -> dict[UUID, Product]:
    wanted = set(product_ids)
    return await work.open_many(Product, wanted) if wanted else {}
