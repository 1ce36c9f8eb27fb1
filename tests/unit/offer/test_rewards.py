"""Referrers' rewards: which orders earn one, how much, when it is issued, and what refunds reverse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from contracts import order, product, promotion, referral_attribution, referral_rule, reward
from contracts.envelope import Fact
from contracts.order import RefundShare
from contracts.referral_rule import Reward, RuleDetails
from offer.customers.domain import CustomerProfile
from offer.promotions.domain.promotion import Promotion
from offer.referral.domain.override import override_id
from offer.referral.use_cases.rules import OF_PROGRAM
from offer.rewards.domain.earning import PaidLine, PaidOrder
from offer.rewards.domain.referrer import Referrer, referrer_stream
from offer.rewards.domain.reward import Reward as Earned
from offer.rewards.domain.reward import reward_id
from offer.rewards.use_cases.granting import GrantReward, grant_reward
from offer.rewards.use_cases.index import OF_ORDER, REWARD_CONFIRM
from offer.rewards.use_cases.issuing import confirm_reward
from offer.rewards.use_cases.reversing import follow_refunds
from tests.support.scenario import NOW, Scenario, given, stamp
from tests.unit.offer.customers import FakeCustomers
from tests.unit.offer.test_referrals import ATTRIBUTION, PROGRAM, RULE, attributed, override, program

ORDER, OTHER_ORDER, OTHER_RULE = UUID(int=81), UUID(int=82), UUID(int=83)
REWARD = reward_id(ORDER, RULE)
FIVE_PERCENT = Reward(type="percentage", value="5")
PRODUCTS = UUID(int=91), UUID(int=92), UUID(int=93)
ORDER_A = (("L1", 5397), ("L2", 2250), ("L3", 4499))
"""The lines of order A of the worked examples, without tax: 5876 - 479, 2450 - 200, 4499."""
REFUNDS_OF_A: tuple[tuple[tuple[str | None, int, int], ...], ...] = (
    (("L1", 1959, 160),),
    (("L1", 334, 27), ("L2", 209, 17), ("L3", 383, 0), (None, 74, 6)),
    (("L1", 1792, 146),),
    (("L2", 2241, 183),),
    ((None, 796, 65),),
    (("L1", 1791, 146), ("L3", 4116, 0)),
)
"""X1, X2 and X4 to X7: line or shipping, amount and tax."""
REVERSED_OF_A = (90, 44, 82, 103, 0, 288)


def rule(
    rule_id: UUID = RULE,
    trigger: str = "first_order_paid",
    earns: Reward | None = FIVE_PERCENT,
    **details: object,
) -> referral_rule.Created:
    made = {"program_id": PROGRAM, "trigger": trigger, "referrer_reward": earns, **details}
    return referral_rule.Created(**stamp(rule_id), details=RuleDetails.model_validate(made))


def referred(*facts: Fact, days: int = 14) -> Scenario:
    """Bob has referred Ann; ``facts`` are those of the rules and of what else there is."""
    scenario = given(*program(reward_days=days), *attributed(), *facts)
    for fact in facts:
        if isinstance(fact, referral_rule.Created):
            scenario.claimed(OF_PROGRAM, f"{PROGRAM}:{fact.originator_id}", fact.originator_id)
    return scenario


def paid(
    order_id: UUID = ORDER,
    lines: tuple[tuple[str, int], ...] = ORDER_A,
    currency: str = "USD",
    later: tuple[str, ...] = (),
    customer_id: str = "ann",
) -> GrantReward:
    sold = (PaidLine(name, it, net) for it, (name, net) in zip(PRODUCTS, lines, strict=False))
    made = PaidOrder(order_id, currency, sum(net for _, net in lines), tuple(sold), NOW)
    return GrantReward(made, customer_id, (ATTRIBUTION,), later)


def customers(orders: int = 1, *others: CustomerProfile) -> FakeCustomers:
    return FakeCustomers(CustomerProfile("ann", paid_orders=orders), *others)


def earned(scenario: Scenario) -> tuple[int, int] | None:
    """Base and amount of what the last step granted."""
    found = [(it.base, it.amount) for it in scenario.work.facts if isinstance(it, reward.Granted)]
    return found[0] if found else None


def shares(*parts: tuple[str | None, int, int]) -> tuple[RefundShare, ...]:
    return tuple(RefundShare(line_id=line, amount=amount, tax=tax) for line, amount, tax in parts)


def requested(number: int) -> order.RefundRequested:
    return order.RefundRequested(
        **stamp(ORDER), refund_id=UUID(int=number), currency="USD", amount=1, reason="returned"
    )


def refunded(number: int, *parts: tuple[str | None, int, int], order_id: UUID = ORDER) -> order.Refunded:
    return order.Refunded(
        **stamp(order_id),
        refund_id=UUID(int=number),
        currency="USD",
        amount=sum(amount for _, amount, _ in parts),
        reason="returned",
        allocation=shares(*parts),
    )


def failed(number: int) -> order.RefundFailed:
    return order.RefundFailed(**stamp(ORDER), refund_id=UUID(int=number), code="REFUSED", detail="no")


def cancelled() -> order.Cancelled:
    return order.Cancelled(**stamp(ORDER), reason="late")


def granted(days: int = 14) -> Scenario:
    """Bob has a reward of 607 for order A."""
    return referred(rule(), days=days).when(grant_reward, paid(), customers())


def issued() -> Scenario:
    return granted().after(days=14).when(confirm_reward, REWARD)


def opened(scenario: Scenario, kind: type[Earned] | type[Promotion] | type[Referrer], stream: UUID) -> object:
    aggregate = kind.empty(stream)
    for fact in scenario.world.past[stream]:
        fact.mutate(aggregate)
    return aggregate


def reward_of(scenario: Scenario) -> Earned:
    found = opened(scenario, Earned, REWARD)
    assert isinstance(found, Earned)
    return found


def promotion_of(scenario: Scenario) -> Promotion:
    issued = reward_of(scenario).issued
    assert issued is not None
    assert issued.promotion_id is not None
    found = opened(scenario, Promotion, issued.promotion_id)
    assert isinstance(found, Promotion)
    return found


def debt_of(scenario: Scenario) -> int:
    found = opened(scenario, Referrer, referrer_stream("demo", "bob"))
    assert isinstance(found, Referrer)
    return found.debts["USD"]


def spend(scenario: Scenario) -> None:
    """A checkout uses the promotion."""
    key = promotion_of(scenario).id
    for kind in (promotion.Reserved, promotion.Redeemed):
        version = len(scenario.world.past[key]) + 1
        fact = kind(
            **{**stamp(key), "originator_version": version}, checkout_id=UUID(int=1), customer_id="bob"
        )
        scenario.world.record(fact)


def adds_up(scenario: Scenario) -> bool:
    """What was issued is worth what is left of the reward and the debt that it has caused."""
    found = reward_of(scenario)
    return found.promotion_amount == found.left + found.debt


def test_x37_a_reward_is_a_share_of_what_was_paid_without_tax_and_refunds_reverse_it_to_the_cent() -> None:
    scenario = granted()
    assert earned(scenario) == (12_146, 607)
    amounts = []
    for number, parts in enumerate(REFUNDS_OF_A, 1):
        scenario.when(follow_refunds, requested(number)).when(follow_refunds, refunded(number, *parts))
        amounts += [it.amount for it in scenario.work.facts if isinstance(it, reward.Reversed)]
    assert tuple(amounts) == REVERSED_OF_A
    assert sum(amounts) == 607
    assert reward_of(scenario).status == "voided"
    scenario.then_no_timer(REWARD_CONFIRM, REWARD)


def test_x37_the_same_after_the_reward_was_issued_and_before_it_was_used() -> None:
    scenario, worth = issued(), 607
    for number, (parts, amount) in enumerate(zip(REFUNDS_OF_A, REVERSED_OF_A, strict=True), 1):
        scenario.when(follow_refunds, refunded(number, *parts))
        worth -= amount
        assert (reward_of(scenario).promotion_amount, debt_of(scenario)) == (worth, 0)
        assert promotion_of(scenario).disabled is (worth == 0)
        assert promotion_of(scenario).terms.value == str(worth or 288)
    assert reward_of(scenario).status == "issued"


def test_x37_the_same_after_it_was_used_is_the_referrers_debt() -> None:
    scenario = issued()
    spend(scenario)
    for number, parts in enumerate(REFUNDS_OF_A, 1):
        scenario.when(follow_refunds, refunded(number, *parts))
        assert debt_of(scenario) == sum(REVERSED_OF_A[:number])
    assert (promotion_of(scenario).terms.value, promotion_of(scenario).disabled) == ("607", False)


def test_an_order_earns_one_reward_however_often_it_is_paid() -> None:
    scenario = granted()
    scenario.then_timer(REWARD_CONFIRM, REWARD, NOW + timedelta(days=14))
    scenario.then_holds(OF_ORDER, str(ORDER), REWARD)
    scenario.when(grant_reward, paid(), customers()).then_nothing()
    scenario.when(grant_reward, paid(), customers(orders=7)).then_nothing()


@pytest.mark.parametrize(
    ("trigger", "n", "orders", "earns"),
    [
        ("first_order_paid", None, 1, True),
        ("first_order_paid", None, 2, False),
        ("nth_order_paid", 2, 1, False),
        ("nth_order_paid", 2, 2, True),
        ("nth_order_paid", 2, 3, False),
        ("signup", None, 1, False),
    ],
)
def test_the_trigger_says_which_order_of_the_person_earns_it(
    trigger: str, n: int | None, orders: int, earns: bool
) -> None:
    scenario = referred(rule(trigger=trigger, n=n)).when(grant_reward, paid(), customers(orders))
    assert (earned(scenario) is not None) is earns


def test_orders_that_were_paid_later_do_not_count_yet() -> None:
    both = customers(2)
    first = referred(rule()).when(grant_reward, paid(later=("ann",)), both)
    assert earned(first) == (12_146, 607)
    first.when(grant_reward, paid(OTHER_ORDER), both).then_nothing()


def test_a_person_has_one_first_order_also_as_a_guest() -> None:
    ann = CustomerProfile("ann", linked=frozenset({"guest"}), paid_orders=1)
    guest = FakeCustomers(ann)
    scenario = referred(rule()).when(grant_reward, paid(customer_id="guest"), guest)
    assert earned(scenario) == (12_146, 607)
    scenario.when(grant_reward, paid(OTHER_ORDER), guest).then_nothing()


def test_the_first_rule_that_fits_gives_the_reward() -> None:
    fixed = Reward(type="fixed_amount", value="500", currency="USD")
    later = rule(stacking={"priority": 5})
    sooner = rule(OTHER_RULE, earns=fixed, stacking={"priority": 1})
    scenario = referred(later, sooner).when(grant_reward, paid(), customers())
    assert earned(scenario) == (12_146, 500)
    euros = Reward(type="fixed_amount", value="500", currency="EUR")
    other = rule(OTHER_RULE, earns=euros, stacking={"priority": 1})
    assert earned(referred(later, other).when(grant_reward, paid(), customers())) == (12_146, 607)


@pytest.mark.parametrize(
    ("details", "found"),
    [
        ({"product_ids": (PRODUCTS[1],)}, (2250, 113)),
        ({"product_ids": (UUID(int=1),)}, None),
        ({"categories": ("books",)}, (4499, 225)),
        ({"collections": ("spring",)}, (5397, 270)),
        ({"minimum_order": 12_146, "currency": "USD"}, (12_146, 607)),
        ({"minimum_order": 12_147, "currency": "USD"}, None),
        ({"minimum_order": 1, "currency": "EUR"}, None),
    ],
)
def test_only_the_lines_that_the_rule_is_for_count(
    details: dict[str, Any], found: tuple[int, int] | None
) -> None:
    def made(product_id: UUID, **more: object) -> product.Created:
        fields = {"sku": "s", "name": "n", "type": "course", "prices": (), **more}
        return product.Created(
            **stamp(product_id), details=product.Details.model_validate(fields), status="active"
        )

    parent = UUID(int=94)
    catalogue = (
        made(parent, collections=("spring",)),
        made(PRODUCTS[0], variant_of=parent),
        made(PRODUCTS[2], category="books"),
    )
    scenario = referred(rule(**details), *catalogue).when(grant_reward, paid(), customers())
    assert earned(scenario) == found


def test_a_fixed_reward_is_at_most_what_was_paid() -> None:
    fixed = Reward(type="fixed_amount", value="500", currency="USD")
    scenario = referred(rule(earns=fixed)).when(grant_reward, paid(lines=(("L1", 300),)), customers())
    assert earned(scenario) == (300, 300)
    nothing = referred(rule(earns=fixed)).when(grant_reward, paid(lines=(("L1", 0),)), customers())
    nothing.then_nothing()


def theirs(subject: str, **word: object) -> Fact:
    found = override_id(PROGRAM, "user", subject)
    return override(**word).model_copy(update={"originator_id": found, "subject_id": subject})


@pytest.mark.parametrize(
    ("facts", "profiles"),
    [
        ((theirs("ann", block_referrals=True),), ()),
        ((theirs("bob", block_referrals=True),), ()),
        ((referral_rule.Disabled(**stamp(RULE)),), ()),
        (
            (
                referral_attribution.Revoked(
                    **stamp(ATTRIBUTION), program_id=PROGRAM, referee_id="ann", referrer_id="bob"
                ),
            ),
            (),
        ),
        ((), (CustomerProfile("ann", paid_orders=1, linked=frozenset({"bob"})),)),
    ],
)
def test_what_prevents_a_reward(facts: tuple[Fact, ...], profiles: tuple[CustomerProfile, ...]) -> None:
    scenario = referred(rule(), *facts)
    scenario.when(grant_reward, paid(), customers(1, *profiles)).then_nothing()


def test_an_attribution_counts_from_its_confirmation_on_until_it_is_over() -> None:
    def at(**distance: float) -> GrantReward:
        command = paid()
        sold = command.order
        when = PaidOrder(sold.order_id, "USD", sold.subtotal, sold.lines, NOW + timedelta(**distance))
        return GrantReward(when, "ann", (ATTRIBUTION,))

    for distance, earns in ((-1, False), (0, True), (30 * 86_400 - 1, True), (30 * 86_400, False)):
        scenario = referred(rule()).when(grant_reward, at(seconds=distance), customers())
        assert (earned(scenario) is not None) is earns, distance


def test_the_referrers_override_replaces_the_reward_and_the_referees_does_not() -> None:
    twenty = Reward(type="percentage", value="20")
    for subject, amount in (("bob", 2429), ("ann", 607)):
        scenario = referred(rule(), theirs(subject, reward=twenty)).when(grant_reward, paid(), customers())
        assert earned(scenario) == (12_146, amount)
    none = referred(rule(earns=None), theirs("bob", reward=twenty))
    none.when(grant_reward, paid(), customers()).then_nothing()


@pytest.mark.parametrize(
    ("limit", "earns"), [("total", False), ("per_referrer", False), ("per_referee", True)]
)
def test_rewards_count_towards_the_limits(limit: str, earns: bool) -> None:
    another = referral_rule.RewardCounted(
        **stamp(RULE), order_id=OTHER_ORDER, referee_id="eve", referrer_id="bob"
    )
    scenario = referred(rule(limits={limit: 1}), another).when(grant_reward, paid(), customers())
    assert (earned(scenario) is not None) is earns


def test_a_cancelled_order_gives_its_place_to_another() -> None:
    scenario = granted().when(follow_refunds, cancelled())
    assert [it.TYPE for it in scenario.work.facts if it.originator_id == REWARD] == [
        "reward.reversed",
        "reward.voided",
    ]
    scenario.then_no_timer(REWARD_CONFIRM, REWARD)
    scenario.when(follow_refunds, refunded(1, ("L1", 5876, 479))).then_nothing()
    scenario.when(follow_refunds, cancelled()).then_nothing()
    scenario.when(grant_reward, paid(OTHER_ORDER), customers())
    assert earned(scenario) == (12_146, 607)


def test_a_reward_is_issued_as_a_promotion_with_one_use_for_the_referrer_alone() -> None:
    scenario = referred(rule(coupon_validity_days=20)).when(grant_reward, paid(), customers())
    scenario.after(days=14).when(confirm_reward, REWARD)
    confirmed, made = (it for it in scenario.work.facts if it.originator_id == REWARD)
    assert isinstance(confirmed, reward.Confirmed)
    assert isinstance(made, reward.Issued)
    assert (confirmed.amount, made.amount, made.debt) == (607, 607, 0)
    terms = promotion_of(scenario).terms
    assert (terms.kind, terms.value, terms.currency) == ("fixed_amount", "607", "USD")
    assert (terms.limits.total, terms.limits.per_customer) == (1, 1)
    assert terms.conditions == {"customer_ids": ["bob"]}
    assert terms.ends_at == made.ends_at == NOW + timedelta(days=34)
    scenario.when(confirm_reward, REWARD).then_nothing()


def test_it_waits_another_day_while_a_refund_is_open() -> None:
    scenario = granted().when(follow_refunds, requested(1)).when(follow_refunds, requested(1)).then_nothing()
    scenario.after(days=14).when(confirm_reward, REWARD).then_nothing()
    scenario.then_timer(REWARD_CONFIRM, REWARD, NOW + timedelta(days=15))
    scenario.when(follow_refunds, failed(1)).after(days=1).when(confirm_reward, REWARD)
    assert reward_of(scenario).status == "issued"
    assert promotion_of(scenario).terms.value == "607"


def test_a_refund_that_is_tried_again_is_open_again() -> None:
    again = order.RefundRetried(**stamp(ORDER), refund_id=UUID(int=1), operator="o", reason="r", intent=2)
    scenario = granted().when(follow_refunds, requested(1)).when(follow_refunds, failed(1))
    scenario.when(follow_refunds, again).after(days=14).when(confirm_reward, REWARD).then_nothing()


def test_a_refund_that_fails_after_it_was_paid_gives_the_reward_back() -> None:
    everything = (("L1", 5876, 479), ("L2", 2450, 200), ("L3", 4499, 0))
    scenario = granted().when(follow_refunds, refunded(1, *everything))
    assert reward_of(scenario).status == "voided"
    scenario.when(follow_refunds, failed(1))
    (back,) = scenario.work.facts
    assert isinstance(back, reward.Reversed)
    assert (back.amount, reward_of(scenario).left, reward_of(scenario).status) == (-607, 607, "granted")
    scenario.then_timer(REWARD_CONFIRM, REWARD, NOW + timedelta(days=14))


def test_a_refund_by_the_checkout_of_everything_counts_once() -> None:
    whole = refunded(1, ("L1", 5876, 479), ("L2", 2450, 200), ("L3", 4499, 0))
    whole = whole.model_copy(update={"refund_id": None})
    scenario = granted().when(follow_refunds, whole)
    assert reward_of(scenario).left == 0
    scenario.when(follow_refunds, whole).then_nothing()


def test_debts_are_taken_from_later_rewards_first() -> None:
    scenario = issued()
    spend(scenario)
    scenario.when(follow_refunds, refunded(1, *REFUNDS_OF_A[0]))
    assert debt_of(scenario) == 90
    two = rule(OTHER_RULE, trigger="nth_order_paid", n=2)
    scenario.world.record(two)
    scenario.claimed(OF_PROGRAM, f"{PROGRAM}:{OTHER_RULE}", OTHER_RULE)
    small = paid(OTHER_ORDER, lines=(("L1", 1000),))
    scenario.when(grant_reward, small, customers(2)).after(days=14)
    second = reward_id(OTHER_ORDER, OTHER_RULE)
    scenario.when(confirm_reward, second)
    (made,) = (it for it in scenario.work.facts if isinstance(it, reward.Issued))
    assert (made.amount, made.debt, made.promotion_id, debt_of(scenario)) == (0, -50, None, 40)
    scenario.when(follow_refunds, refunded(1, ("L1", 1000, 0), order_id=OTHER_ORDER))
    assert debt_of(scenario) == 90


def test_what_comes_back_pays_the_rewards_own_debt_before_its_promotion_grows() -> None:
    scenario = issued()
    key = promotion_of(scenario).id
    held = promotion.Reserved(
        **{**stamp(key), "originator_version": 2}, checkout_id=UUID(int=1), customer_id="bob"
    )
    scenario.world.record(held)
    scenario.when(follow_refunds, refunded(1, *REFUNDS_OF_A[0]))
    released = promotion.Released(
        **{**stamp(key), "originator_version": 3}, checkout_id=UUID(int=1), customer_id="bob"
    )
    scenario.world.record(released)
    assert (debt_of(scenario), adds_up(scenario)) == (90, True)
    scenario.when(follow_refunds, failed(1))
    assert (debt_of(scenario), promotion_of(scenario).terms.value) == (0, "607")
    assert adds_up(scenario)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_refunded_and_used_in_whatever_order_the_books_add_up(seed: int) -> None:
    """A walk through refunds, failures, uses and confirmations, by a fixed sequence for each seed."""
    numbers = count(seed * 7919 + 1)

    def draw(below: int) -> int:
        return pow(next(numbers), 3, 1_000_003) % below

    scenario = granted()
    steps: tuple[Callable[[], object], ...] = (
        lambda: scenario.when(follow_refunds, requested(draw(4))),
        lambda: scenario.when(follow_refunds, refunded(draw(4), ("L1", draw(2000), 0), ("L3", draw(900), 0))),
        lambda: scenario.when(follow_refunds, failed(draw(4))),
        lambda: scenario.after(days=20).when(confirm_reward, REWARD),
        lambda: _use_or_release(scenario, draw(2) == 0),
    )
    for _ in range(25):
        steps[draw(len(steps))]()
        found = reward_of(scenario)
        assert 0 <= found.reversed <= found.granted.amount
        if found.issued:
            assert adds_up(scenario)
            assert debt_of(scenario) == found.debt


def _use_or_release(scenario: Scenario, is_use: bool) -> None:
    issued = reward_of(scenario).issued
    if issued is None or issued.promotion_id is None:
        return
    found = promotion_of(scenario)
    if found.disabled or bool(found.used) is is_use:
        return
    kind = promotion.Reserved if is_use else promotion.Released
    where = {**stamp(found.id), "originator_version": found.version + 1}
    scenario.world.record(kind(**where, checkout_id=UUID(int=1), customer_id="bob"))
