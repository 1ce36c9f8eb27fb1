"""Referral rules: who gets which discount, and why somebody gets none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.promotion import Stacking, Terms
from contracts.referral_override import Set as Override
from contracts.referral_program import Audience, FraudPolicy, ProgramDetails
from contracts.referral_rule import ReferralLimits, Reward, RuleDetails
from contracts.sale import AppliedDiscount, Sale, Totals
from pricing.basket import Basket, Line
from pricing.from_contracts import promotion_of
from pricing.price import price
from pricing.priced import Priced
from pricing.promotions import Promotion, Reason
from pricing.referral import judge, referral_promotion_id
from pricing.referral_candidates import (
    Attribution,
    Candidate,
    Grant,
    Ineligible,
    Program,
    Referee,
    Uses,
    Withheld,
)
from pricing.referral_snapshots import snapshots
from pricing.rounding import Rounding
from pricing.tax import TaxTable

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
NOON = MARCH_1 + timedelta(hours=12)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
PROGRAM, RULE, ATTRIBUTION = UUID(int=1), UUID(int=2), UUID(int=3)
ANN = Referee("ann", frozenset({"students"}))
TEN_PERCENT = Reward(type="percentage", value="10")
FIFTEEN_PERCENT = Reward(type="percentage", value="15")
FIVE_OFF = Reward(type="fixed_amount", value="500", currency="USD")
STACKABLE = Stacking()


def program(*, is_active: bool = True, **details: Any) -> Program:
    return Program(PROGRAM, ProgramDetails(name="Friends", **details), is_active)


FRIENDS, UNUSED = program(), Uses()


def candidate(
    *overrides: Override,
    program: Program = FRIENDS,
    uses: Uses = UNUSED,
    **rule: Any,
) -> Candidate:
    details = {"trigger": "first_order_paid", "referee_reward": TEN_PERCENT, **rule}
    return Candidate(
        rule_id=RULE,
        rule=RuleDetails(program_id=PROGRAM, **details),
        program=program,
        attribution=Attribution(ATTRIBUTION, PROGRAM, "ann", "bob", MARCH_1),
        overrides=overrides,
        uses=uses,
    )


def override(scope: str, subject_id: str, *, of_rule: bool = False, **word: Any) -> Override:
    program_id, rule_id = (None, RULE) if of_rule else (PROGRAM, None)
    return Override(scope=scope, subject_id=subject_id, program_id=program_id, rule_id=rule_id, **word)


USER_FIVE_OFF = override("user", "ann", reward=FIVE_OFF)
GROUP_FIFTEEN = override("group", "students", reward=FIFTEEN_PERCENT)


def granted(it: Candidate, referee: Referee = ANN, at: datetime = NOON) -> Grant:
    found = judge(referee, it, at)
    assert isinstance(found, Grant), found
    return found


def reason(it: Candidate, referee: Referee = ANN, at: datetime = NOON) -> Ineligible | None:
    found = judge(referee, it, at)
    return found.reason if isinstance(found, Withheld) else None


def priced(subtotal: int, *promotions: Promotion) -> Priced:
    basket = Basket("USD", (Line("1", str(UUID(int=9)), 1, subtotal),))
    return price(basket, promotions, TaxTable(), Rounding(), NOON)


def amount(subtotal: int, it: Candidate) -> int:
    return priced(subtotal, granted(it).promotion).totals.discount


def code(percent: str, mode: str = "stackable", priority: int = 0) -> Promotion:
    stacking = Stacking(mode=mode, priority=priority)
    return promotion_of(
        UUID(int=7), Terms(code="SPRING", kind="percentage", value=percent, stacking=stacking)
    )


@pytest.mark.parametrize(
    ("overrides", "expected", "source"),
    [
        ((), 1500, "rule"),
        ((GROUP_FIFTEEN,), 2250, "group"),
        ((GROUP_FIFTEEN, USER_FIVE_OFF), 500, "user"),
    ],
)
def test_e61_the_reward_of_the_user_counts_before_the_group_s_and_the_rule_s(
    overrides: tuple[Override, ...], expected: int, source: str
) -> None:
    it = candidate(*overrides)
    assert (amount(15_000, it), granted(it).source) == (expected, source)


def test_an_override_for_the_rule_counts_before_one_for_the_program_and_the_smaller_group_first() -> None:
    for_rule = override("group", "students", of_rule=True, reward=TEN_PERCENT)
    assert granted(candidate(GROUP_FIFTEEN, for_rule)).reward == TEN_PERCENT
    both = replace(ANN, segments=frozenset({"students", "alumni"}))
    smaller = override("group", "alumni", reward=FIVE_OFF)
    assert granted(candidate(GROUP_FIFTEEN, smaller), both).reward == FIVE_OFF


def test_e62_a_fixed_reward_is_never_above_what_is_left() -> None:
    twenty = Reward(type="fixed_amount", value="2000", currency="USD")
    result = priced(1500, granted(candidate(referee_reward=twenty)).promotion)
    assert (result.totals.discount, result.totals.total) == (1500, 0)


def test_e63_an_attribution_counts_until_the_end_of_the_shortest_time() -> None:
    it = candidate(validation_window_days=14, coupon_validity_days=60)
    assert reason(it, at=MARCH_1 + 14 * DAY - SECOND) is None
    assert reason(it, at=MARCH_1 + 14 * DAY) is Ineligible.EXPIRED


GROUP_BLOCK = override("group", "students", block_referrals=True)


@pytest.mark.parametrize(
    ("it", "referee", "expected"),
    [
        (candidate(override("user", "ann", block_referrals=True)), ANN, Ineligible.BLOCKED),
        (candidate(GROUP_BLOCK, override("user", "ann", block_referrals=False)), ANN, None),
        (candidate(GROUP_BLOCK), ANN, Ineligible.BLOCKED),
        (candidate(), replace(ANN, paid_orders=1), Ineligible.CONDITIONS_NOT_MET),
        (
            candidate(program=program(fraud_policy=FraudPolicy(require_verified_email=True))),
            ANN,
            Ineligible.EMAIL_NOT_VERIFIED,
        ),
    ],
)
def test_e64_the_first_failure_is_the_reason(
    it: Candidate, referee: Referee, expected: Ineligible | None
) -> None:
    assert reason(it, referee) is expected
    if expected is None:
        assert amount(15_000, it) == 1500


def test_e65_an_exclusive_referral_stands_alone_and_the_better_of_two_is_applied() -> None:
    exclusive = granted(candidate(stacking=Stacking(mode="exclusive"))).promotion
    alone = priced(15_000, exclusive, code("20"))
    assert [(it.amount, it.code) for it in alone.discounts] == [(1500, exclusive.code)]
    assert [(it.code, it.reason) for it in alone.rejected] == [("SPRING", Reason.NOT_COMBINABLE)]

    best = granted(candidate(stacking=Stacking(mode="best_of"))).promotion
    better = priced(15_000, best, code("20", "best_of"))
    assert [(it.amount, it.code) for it in better.discounts] == [(3000, "SPRING")]
    assert [(it.code, it.reason) for it in better.rejected] == [(best.code, Reason.BETTER_DISCOUNT_APPLIED)]


def test_e66_a_capped_referral_comes_after_a_code_of_a_smaller_priority() -> None:
    capped = candidate(stacking=Stacking(priority=1, cap=1000), currency="USD")
    result = priced(15_000, code("20"), granted(capped).promotion)
    assert [it.amount for it in result.discounts] == [3000, 1000]
    assert result.totals.total == 11_000


def test_s11_a_reward_is_worked_out_in_integers_and_applied_once_however_often_it_is_offered() -> None:
    promotion = granted(candidate(referee_reward=Reward(type="percentage", value="33.33"))).promotion
    again = granted(candidate(referee_reward=Reward(type="percentage", value="33.33"))).promotion
    assert promotion == again
    result = priced(1001, promotion)
    assert (result.totals.discount, type(result.totals.discount)) == (334, int)
    assert promotion.promotion_id == str(referral_promotion_id(RULE, "ann"))


@pytest.mark.parametrize(
    ("it", "expected"),
    [
        (replace(candidate(), attribution=None), Ineligible.NOT_ATTRIBUTED),
        (candidate(program=program(is_active=False)), Ineligible.PROGRAM_NOT_ACTIVE),
        (candidate(program=program(ends_at=NOON)), Ineligible.PROGRAM_NOT_ACTIVE),
        (candidate(program=program(starts_at=NOON + SECOND)), Ineligible.PROGRAM_NOT_ACTIVE),
        (
            candidate(program=program(audience=Audience(kind="users", ids=("eve",)))),
            Ineligible.NOT_IN_AUDIENCE,
        ),
        (candidate(program=program(audience=Audience(kind="groups", ids=("students",)))), None),
        (replace(candidate(), is_disabled=True), Ineligible.DISABLED),
        (candidate(trigger="nth_order_paid", n=3), Ineligible.CONDITIONS_NOT_MET),
        (candidate(trigger="signup"), None),
        (candidate(referee_reward=None), Ineligible.CONDITIONS_NOT_MET),
    ],
)
def test_who_gets_nothing(it: Candidate, expected: Ineligible | None) -> None:
    assert reason(it) is expected


@pytest.mark.parametrize(
    ("limits", "uses"),
    [
        (ReferralLimits(per_referee=1), Uses(of_referee=1)),
        (ReferralLimits(per_referrer=5), Uses(of_referrer=5)),
        (ReferralLimits(total=10), Uses(total=10)),
    ],
)
def test_a_rule_that_is_used_up_gives_nothing(limits: ReferralLimits, uses: Uses) -> None:
    assert reason(candidate(limits=limits, uses=uses)) is Ineligible.LIMIT_REACHED


def test_a_rule_cools_down_after_a_redeemed_use() -> None:
    uses = Uses(of_referee=1, last_redeemed_at=MARCH_1)
    it = candidate(limits=ReferralLimits(per_referee=None), cooldown_days=7, trigger="signup", uses=uses)
    assert reason(it, at=MARCH_1 + 7 * DAY - SECOND) is Ineligible.LIMIT_REACHED
    assert reason(it, at=MARCH_1 + 7 * DAY) is None


def test_a_snapshot_tells_what_was_applied_and_why() -> None:
    grant = granted(candidate(GROUP_FIFTEEN))
    key = UUID(grant.promotion.promotion_id)
    sold = Sale(
        currency="USD",
        lines=(),
        discounts=(AppliedDiscount(promotion_id=key, kind="percentage", amount=2250),),
        totals=Totals(subtotal=15_000, discount=2250, shipping=0, tax=0, total=12_750),
    )
    (snapshot,) = snapshots(sold, [grant], NOON)
    assert (snapshot.total_discount, snapshot.total, snapshot.rule_ids) == (2250, 12_750, (RULE,))
    (discount,) = snapshot.discounts
    assert (discount.source, discount.amount, discount.reward) == ("group", 2250, FIFTEEN_PERCENT)
    assert snapshots(sold.model_copy(update={"discounts": ()}), [grant], NOON) == ()
