"""Referrals: who can be attributed, and what a checkout holds, redeems and releases of their rules."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from contracts import offer as commands
from contracts import (
    redemption,
    referral,
    referral_attribution,
    referral_override,
    referral_program,
    referral_rule,
)
from contracts.envelope import Fact
from contracts.promotion import ReservationRefused
from contracts.referral_program import Audience, ProgramDetails
from contracts.referral_rule import ReferralLimits, Reward, RuleDetails
from contracts.sale import AppliedDiscount, Sale, Totals
from offer.customers.domain import CustomerProfile
from offer.promotions.use_cases.redemptions import redeem_promotions, release_promotions, reserve_promotions
from offer.referral.domain.errors import ReferralRefused
from offer.referral.domain.override import override_id
from offer.referral.domain.rule import ReferralRule
from offer.referral.use_cases.attributions import LIVE, Attribute, attribute, live_key, revoke_attribution
from offer.referral.use_cases.grants import judge_all
from pricing.referral import referral_promotion_id
from pricing.referral_candidates import Grant
from tests.support.scenario import NOW, Scenario, given, stamp
from tests.unit.offer.customers import FakeCustomers
from tests.unit.offer.examples import CHECKOUT, OTHER_CHECKOUT

PROGRAM, RULE, ATTRIBUTION = UUID(int=71), UUID(int=72), UUID(int=73)
STRANGERS = FakeCustomers()
ANN_AND_BOB = Attribute(PROGRAM, "ann", "bob")


def program(**details: object) -> tuple[Fact, ...]:
    made = ProgramDetails.model_validate({"name": "Friends", **details})
    return (
        referral_program.Created(**stamp(PROGRAM), details=made),
        referral_program.Activated(**stamp(PROGRAM)),
    )


def rule(**limits: int) -> referral_rule.Created:
    details = RuleDetails(
        program_id=PROGRAM,
        trigger="first_order_paid",
        referee_reward=Reward(type="percentage", value="10"),
        limits=ReferralLimits.model_validate(limits),
    )
    return referral_rule.Created(**stamp(RULE), details=details)


def attributed() -> tuple[Fact, ...]:
    who = {"program_id": PROGRAM, "referee_id": "ann", "referrer_id": "bob"}
    return (
        referral_attribution.Created.model_validate({**stamp(ATTRIBUTION), **who}),
        referral_attribution.Confirmed.model_validate({**stamp(ATTRIBUTION), **who}),
    )


def override(**word: object) -> referral_override.Set:
    found = override_id(PROGRAM, "user", "ann")
    fields = {"scope": "user", "subject_id": "ann", "program_id": PROGRAM, **word}
    return referral_override.Set.model_validate({**stamp(found), **fields})


def test_an_attribution_is_confirmed_at_once_and_the_first_one_stays() -> None:
    scenario = given(*program()).when(attribute, ANN_AND_BOB, STRANGERS)
    made = scenario.result
    assert (made.status, made.confirmed_at is not None) == ("confirmed", True)
    scenario.then_holds(LIVE, live_key("ann", PROGRAM), made.id)
    scenario.when(attribute, Attribute(PROGRAM, "ann", "eve"), STRANGERS)
    scenario.then_refused(ReferralRefused, reason="already_attributed")


def test_a_revoked_attribution_makes_room_for_another() -> None:
    scenario = given(*program()).when(attribute, ANN_AND_BOB, STRANGERS)
    scenario.when(revoke_attribution, scenario.result.id).then_holds(LIVE, live_key("ann", PROGRAM), None)
    assert scenario.when(attribute, ANN_AND_BOB, STRANGERS).result.status == "confirmed"


@pytest.mark.parametrize(
    ("past", "command", "reason"),
    [
        (program(), Attribute(PROGRAM, "ann", "ann"), "self_referral"),
        ((*program(), override(block_referrals=True)), ANN_AND_BOB, "blocked"),
        (program(audience=Audience(kind="groups", ids=("vip",))), ANN_AND_BOB, "not_in_audience"),
        (program()[:1], ANN_AND_BOB, "program_not_active"),
        (program(ends_at=NOW), ANN_AND_BOB, "program_not_active"),
    ],
)
def test_who_cannot_be_attributed(past: tuple[Fact, ...], command: Attribute, reason: str) -> None:
    given(*past).when(attribute, command, STRANGERS).then_refused(ReferralRefused, reason=reason)


def sale() -> Sale:
    key = referral_promotion_id(RULE, "ann")
    discount = AppliedDiscount(promotion_id=key, kind="percentage", amount=1500)
    totals = Totals(subtotal=15_000, discount=1500, shipping=0, tax=0, total=13_500)
    return Sale(currency="USD", lines=(), discounts=(discount,), totals=totals)


def reserve(checkout_id: UUID = CHECKOUT) -> commands.ReservePromotions:
    return commands.ReservePromotions(
        checkout_id=checkout_id,
        step="reserve_promotions",
        promotion_ids=(),
        customer_id="ann",
        referrals=(commands.ReferralUse(rule_id=RULE, attribution_id=ATTRIBUTION),),
        sale=sale(),
    )


REDEEM = commands.RedeemPromotions(checkout_id=CHECKOUT, step="redeem_promotions")
RELEASE = commands.ReleasePromotions(checkout_id=CHECKOUT, step="reserve_promotions")


def types(scenario: Scenario) -> list[str]:
    return sorted(it.TYPE for it in scenario.work.facts)


def test_s11_a_use_is_held_redeemed_and_released_once_however_often_the_commands_come() -> None:
    scenario = given(*program(), rule(per_referee=1), *attributed())
    scenario.when(reserve_promotions, reserve(), STRANGERS)
    assert types(scenario) == ["redemption.made", "referral.applied", "referral_rule.use_held"]
    scenario.when(reserve_promotions, reserve(), STRANGERS)
    assert types(scenario) == ["redemption.made"]
    scenario.when(redeem_promotions, REDEEM)
    assert types(scenario) == ["redemption.redeemed", "referral.redeemed", "referral_rule.use_redeemed"]
    scenario.when(redeem_promotions, REDEEM)
    assert types(scenario) == ["redemption.redeemed"]
    scenario.when(release_promotions, RELEASE)
    assert types(scenario) == ["redemption.released", "referral.released", "referral_rule.use_released"]
    scenario.when(release_promotions, RELEASE)
    assert types(scenario) == ["redemption.released"]


def test_the_snapshot_tells_the_stage_the_order_and_integers() -> None:
    scenario = given(*program(), rule(), *attributed()).when(reserve_promotions, reserve(), STRANGERS)
    (applied,) = (it for it in scenario.work.facts if isinstance(it, referral.Applied))
    (snapshot,) = applied.snapshots
    assert (applied.stage, snapshot.subtotal, snapshot.total_discount) == ("checkout", 15_000, 1500)
    assert (snapshot.referrer_id, snapshot.rule_ids, snapshot.order_id) == ("bob", (RULE,), None)
    scenario.when(redeem_promotions, REDEEM)
    (redeemed,) = (it for it in scenario.work.facts if isinstance(it, referral.Redeemed))
    assert (redeemed.stage, redeemed.snapshots[0].order_id is not None) == ("payment", True)


def refusal(scenario: Scenario) -> ReservationRefused:
    (refused,) = (it for it in scenario.work.facts if isinstance(it, ReservationRefused))
    return refused


@pytest.mark.parametrize("limit", ["total", "per_referrer", "per_referee"])
def test_a_limit_that_is_reached_refuses_the_next_checkout(limit: str) -> None:
    scenario = given(*program(), rule(**{limit: 1}), *attributed())
    scenario.when(reserve_promotions, reserve(OTHER_CHECKOUT), STRANGERS)
    scenario.when(reserve_promotions, reserve(), STRANGERS)
    assert refusal(scenario).code == "PROMOTION_LIMIT_REACHED"


def test_a_referees_uses_under_both_ids_count_together() -> None:
    known = FakeCustomers(CustomerProfile("ann", linked=frozenset({"guest"})))
    used = referral_rule.UseHeld(
        **stamp(RULE), checkout_id=OTHER_CHECKOUT, referee_id="guest", referrer_id="bob"
    )
    past = (*program(), rule(per_referee=1), *attributed(), used)
    scenario = given(*past).when(reserve_promotions, reserve(), known)
    assert refusal(scenario).code == "PROMOTION_LIMIT_REACHED"


def test_a_customer_is_not_referred_by_their_own_guest() -> None:
    known = FakeCustomers(CustomerProfile("ann", linked=frozenset({"guest"})))
    command = Attribute(PROGRAM, referee_id="ann", referrer_id="guest")
    given(*program()).when(attribute, command, known).then_refused(ReferralRefused, reason="self_referral")


def test_e64_the_conditions_are_judged_again_for_the_checkout_s_customer() -> None:
    bought = FakeCustomers(CustomerProfile("ann", paid_orders=1))
    scenario = given(*program(), rule(), *attributed()).when(reserve_promotions, reserve(), bought)
    assert refusal(scenario).code == "INVALID_DISCOUNT_CODE"
    assert "conditions_not_met" in refusal(scenario).detail


def test_another_s_attribution_gives_nothing() -> None:
    other = reserve().model_copy(update={"customer_id": "eve"})
    scenario = given(*program(), rule(), *attributed()).when(reserve_promotions, other, STRANGERS)
    assert "not_attributed" in refusal(scenario).detail


def test_the_made_redemption_says_what_is_held() -> None:
    scenario = given(*program(), rule(), *attributed()).when(reserve_promotions, reserve(), STRANGERS)
    (made,) = (it for it in scenario.work.facts if isinstance(it, redemption.Made))
    assert [(it.rule_id, it.referrer_id) for it in made.referrals] == [(RULE, "bob")]


def test_e61_a_quote_finds_every_rule_of_a_customer_s_programs() -> None:
    async def judged(profile: CustomerProfile, work: object) -> list[object]:
        return list(await judge_all(profile, work, NOW))  # type: ignore[arg-type]  # the test's own

    five_off = Reward(type="fixed_amount", value="500", currency="USD")
    scenario = given(*program(), rule(), *attributed(), override(reward=five_off))
    scenario.claimed(LIVE, live_key("ann", PROGRAM), ATTRIBUTION)
    scenario.claimed("referral_rule_of_program", f"{PROGRAM}:{RULE}", RULE)
    (grant,) = scenario.when(judged, CustomerProfile("ann")).result
    assert isinstance(grant, Grant)
    assert (grant.reward, grant.source) == (five_off, "user")


def test_a_rule_keeps_the_uses_of_30_days_and_the_last_one_before() -> None:
    of_ann = ReferralRule.empty(RULE)
    for number, days in enumerate((90, 80, 70, 10, 5)):
        at = NOW - timedelta(days=days)
        of_ann.evolve(
            referral_rule.UseRedeemed(
                **{**stamp(RULE), "timestamp": at},
                checkout_id=UUID(int=number),
                referee_id="ann",
                referrer_id="bob",
            )
        )
    assert list(of_ann.redeemed["ann"]) == [UUID(int=2), UUID(int=3), UUID(int=4)]


def test_a_rule_forgets_a_referee_whose_uses_were_all_given_back() -> None:
    of_ann = ReferralRule.empty(RULE)
    who = {"checkout_id": CHECKOUT, "referee_id": "ann", "referrer_id": "bob"}
    for kind in (referral_rule.UseHeld, referral_rule.UseRedeemed, referral_rule.UseReleased):
        of_ann.evolve(kind.model_validate({**stamp(RULE), **who}))
    assert (of_ann.used, of_ann.used_by_referrer, of_ann.used_by_referee, of_ann.redeemed) == (0, {}, {}, {})
