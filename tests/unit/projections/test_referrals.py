"""Referrals: people, referred orders and rewards of each program, each step on its own day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts import order, referral, reward
from contracts import referral_attribution as attribution
from contracts.referral import Snapshot
from projections.models.referrals import money
from projections.models.referrals.model import REFERRALS
from tests.support.shoppers import Story, named
from tests.unit.projections.expected_rows import interleavings, of_one_tenant, states

JANUARY = datetime(2026, 1, 31, 12, tzinfo=UTC)
DAY, NEXT = date(2026, 1, 31), date(2026, 2, 1)
PROGRAM, OTHER = named("program"), named("other program")
ORDER, REFUND = named("order"), named("refund")
EARLIER, LATER = UUID(int=1), UUID(int=2)
"""Attributions: their ids are in the order of their making."""
TOTAL = 9_000


def amounts(story: Story, program_id: UUID = PROGRAM) -> dict[Any, dict[str, int]]:
    """By day and the day since when they are known, without zeros."""
    return {
        key[2:]: {name: it for name, it in zip(money.MEASURES, measures, strict=True) if it}
        for key, measures in of_one_tenant(REFERRALS, story.happened, "referral_money").items()
        if key[:2] == (program_id, "USD")
    }


def grant(story: Story, amount: int, name: str = "reward") -> None:
    ids = {it: named(it) for it in ("rule_id", "attribution_id", "order_id")}
    of: dict[str, Any] = {"referrer_id": "r", "referee_id": "e", "program_id": PROGRAM, **ids}
    about: dict[str, Any] = {"base": 10 * amount, "line_ids": (), "confirm_at": story.at}
    story.tell(reward.Granted, named(name), **of, **about, amount=amount, currency="USD")


def snapshot(
    discount: int = 1_000, program_id: UUID = PROGRAM, attribution_id: UUID = EARLIER, paid: bool = True
) -> Snapshot:
    return Snapshot(
        at=JANUARY,
        customer_id="e",
        attribution_id=attribution_id,
        referrer_id="r",
        program_id=program_id,
        rule_ids=(),
        discounts=(),
        order_id=ORDER if paid else None,
        currency="USD",
        subtotal=10_000,
        total_discount=discount,
        total=TOTAL,
    )


def redeem(story: Story, *snapshots: Snapshot) -> None:
    about: dict[str, Any] = {"checkout_id": named("checkout"), "step": "redeem_promotions"}
    shown = snapshots or (snapshot(),)
    story.tell(referral.Redeemed, named("application"), **about, stage="payment", snapshots=shown)


def release(story: Story, *snapshots: Snapshot) -> None:
    about: dict[str, Any] = {"checkout_id": named("checkout"), "step": "redeem_promotions"}
    story.tell(referral.Released, named("application"), **about, snapshots=snapshots or (snapshot(),))


def refund(story: Story, amount: int) -> None:
    paid: dict[str, Any] = {"currency": "USD", "amount": amount, "reason": "no stock"}
    story.tell(order.Refunded, ORDER, refund_id=REFUND, **paid)


def test_people_count_on_the_day_of_each_step() -> None:
    story = Story(JANUARY)
    who = {"program_id": PROGRAM, "referee_id": "e", "referrer_id": "r"}
    story.tell(attribution.Created, named("first"), **who)
    story.tell(attribution.Created, named("second"), **who)
    story.later(days=1)
    story.tell(attribution.Confirmed, named("first"), **who)
    story.tell(attribution.Revoked, named("second"), **who)
    found = of_one_tenant(REFERRALS, story.happened, "referral_people")
    assert found == {(PROGRAM, DAY): (2, 0, 0), (PROGRAM, NEXT): (0, 1, 1)}


def test_a_paid_order_counts_with_its_revenue_and_discount() -> None:
    story = Story(JANUARY)
    redeem(story)
    assert amounts(story) == {(DAY, DAY): {"orders": 1, "revenue": TOTAL, "discount": 1_000}}


def test_a_refund_lowers_the_revenue_on_its_own_day() -> None:
    story = Story(JANUARY)
    redeem(story)
    sold = amounts(story)
    story.later(days=1)
    refund(story, 2_500)
    assert amounts(story) == {**sold, (NEXT, NEXT): {"revenue": -2_500}}
    story.tell(order.RefundFailed, ORDER, refund_id=REFUND, code="no", detail="no")
    assert amounts(story) == sold


def test_a_refund_of_an_order_without_a_referral_counts_for_no_program() -> None:
    story = Story(JANUARY)
    refund(story, 2_500)
    assert of_one_tenant(REFERRALS, story.happened, "referral_money") == {}


def test_an_order_of_two_programs_is_the_merit_of_the_later_attribution() -> None:
    story = Story(JANUARY)
    redeem(story, snapshot(600, OTHER, LATER), snapshot(400, PROGRAM, EARLIER))
    assert amounts(story, OTHER) == {(DAY, DAY): {"orders": 1, "revenue": TOTAL, "discount": 600}}
    assert amounts(story, PROGRAM) == {(DAY, DAY): {"discount": 400}}


def test_an_order_that_is_compensated_no_longer_counts_and_it_is_known_since_when() -> None:
    story = Story(JANUARY)
    redeem(story)
    story.later(days=1)
    refund(story, TOTAL)
    release(story)
    assert amounts(story) == {
        (DAY, DAY): {"orders": 1, "revenue": TOTAL, "discount": 1_000},
        (DAY, NEXT): {"orders": -1, "discount": -1_000},
        (NEXT, NEXT): {"revenue": -TOTAL},
    }


def test_what_is_released_before_the_payment_never_counted() -> None:
    story = Story(JANUARY)
    release(story, snapshot(paid=False))
    assert of_one_tenant(REFERRALS, story.happened, "referral_money") == {}


def test_a_reward_that_is_reversed_in_a_later_month_leaves_the_earlier_one_as_it_was() -> None:
    story = Story(JANUARY)
    grant(story, 500)
    before = amounts(story)
    story.later(days=1)
    story.tell(reward.Reversed, named("reward"), amount=200)
    assert before == {(DAY, DAY): {"rewards": 1, "granted": 500}}
    assert amounts(story) == {**before, (NEXT, NEXT): {"reversed": 200}}


def test_a_refund_that_fails_takes_the_reversal_back() -> None:
    story = Story(JANUARY)
    grant(story, 500)
    story.tell(reward.Reversed, named("reward"), amount=200)
    story.tell(reward.Reversed, named("reward"), amount=-200)
    assert amounts(story) == {(DAY, DAY): {"rewards": 1, "granted": 500}}


def test_a_reward_pays_debts_before_it_is_issued() -> None:
    story = Story(JANUARY)
    grant(story, 500)
    paid: dict[str, Any] = {"referrer_id": "r", "amount": 300, "currency": "USD", "debt": -200}
    story.tell(reward.Issued, named("reward"), **paid)
    assert amounts(story) == {(DAY, DAY): {"rewards": 1, "granted": 500, "issued": 300}}


@given(rewards=st.lists(st.tuples(st.integers(0, 1_000), st.integers(0, 1_000)), max_size=6))
def test_what_is_granted_less_what_is_reversed_is_what_is_owed(rewards: list[tuple[int, int]]) -> None:
    story = Story(JANUARY)
    owed = 0
    for number, (granted, part) in enumerate(rewards):
        taken = min(granted, part)
        grant(story, granted, f"reward {number}")
        story.later(hours=7)
        story.late = timedelta(days=part % 3)
        story.tell(reward.Reversed, named(f"reward {number}"), amount=taken)
        owed += granted - taken
    found = amounts(story).values()
    assert sum(it.get("granted", 0) - it.get("reversed", 0) for it in found) == owed


@given(data=st.data())
def test_the_order_of_facts_of_different_keys_does_not_matter_to_referrals(data: st.DataObject) -> None:
    story = Story(JANUARY)
    redeem(story, snapshot(600, OTHER, LATER), snapshot(400, PROGRAM, EARLIER))
    story.later(hours=20)
    refund(story, 1_000)
    grant(story, 500)
    story.later(hours=20)
    release(story)
    story.tell(order.RefundFailed, ORDER, refund_id=REFUND, code="no", detail="no")
    reordered = data.draw(interleavings(story.happened))
    assert states(REFERRALS, reordered) == states(REFERRALS, story.happened)
