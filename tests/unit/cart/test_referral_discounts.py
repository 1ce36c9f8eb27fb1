"""A cart has the discounts of its customer's referrals, and records with which rules it was shown."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from cart.carts.use_cases.shopping import AddItem, add_item, clear_items
from cart.catalogue.domain.customers import KnownCustomer
from contracts import cart as facts
from contracts.referral_program import ProgramDetails
from contracts.referral_rule import ReferralLimits, Reward, RuleDetails
from contracts.sale import Referral
from pricing.referral import referral_promotion_id
from pricing.referral_candidates import Attribution, Candidate, Program, Uses
from tests.support.scenario import NOW, Scenario, given
from tests.unit.cart.catalogues import FakeCatalogue, product
from tests.unit.cart.facts import CART, MUG, created, item_added

PROGRAM, RULE, ATTRIBUTION = UUID(int=71), UUID(int=72), UUID(int=73)
UNUSED = Uses()


def catalogue(uses: Uses = UNUSED) -> FakeCatalogue:
    """Ann, who was referred by Bob, gets 10 % off her first order."""
    candidate = Candidate(
        rule_id=RULE,
        rule=RuleDetails(
            program_id=PROGRAM,
            trigger="first_order_paid",
            referee_reward=Reward(type="percentage", value="10"),
            limits=ReferralLimits(per_referee=1),
        ),
        program=Program(PROGRAM, ProgramDetails(name="Friends"), is_active=True),
        attribution=Attribution(ATTRIBUTION, PROGRAM, "ann", "bob", NOW - timedelta(days=1)),
        uses=uses,
    )
    return FakeCatalogue(product(), KnownCustomer("ann", referrals=(candidate,)))


def recorded(scenario: Scenario, kind: type[facts.ReferralApplied | facts.ReferralRemoved]) -> int:
    return sum(isinstance(it, kind) for it in scenario.work.facts)


def test_the_first_item_shows_the_discount_and_records_why_once() -> None:
    scenario = given(created()).when(add_item, AddItem(CART, MUG, 2), catalogue())
    sale = scenario.result.sale
    (discount,) = sale.discounts
    assert (discount.amount, sale.totals.total) == (100, 900)
    assert discount.promotion_id == referral_promotion_id(RULE, "ann")
    assert discount.referral == Referral(
        program_id=PROGRAM, rule_id=RULE, attribution_id=ATTRIBUTION, referrer_id="bob"
    )
    (applied,) = (it for it in scenario.work.facts if isinstance(it, facts.ReferralApplied))
    (snapshot,) = applied.snapshots
    assert (snapshot.cart_id, snapshot.customer_id, snapshot.total_discount) == (CART, "ann", 100)

    again = scenario.when(add_item, AddItem(CART, MUG, 1), catalogue())
    assert (again.result.sale.totals.discount, recorded(again, facts.ReferralApplied)) == (150, 0)


def test_a_cart_that_loses_the_discount_records_that_too() -> None:
    scenario = given(created()).when(add_item, AddItem(CART, MUG, 2), catalogue())
    emptied = scenario.when(clear_items, CART, catalogue())
    assert recorded(emptied, facts.ReferralRemoved) == 1


def test_a_rule_that_is_used_up_is_left_out() -> None:
    used_up = catalogue(Uses(of_referee=1))
    scenario = given(created(), item_added(2)).when(add_item, AddItem(CART, MUG, 1), used_up)
    assert scenario.result.sale.discounts == ()


def test_an_anonymous_cart_has_no_referral() -> None:
    scenario = given(created(customer_id=None)).when(add_item, AddItem(CART, MUG, 2), catalogue())
    assert (scenario.result.sale.discounts, recorded(scenario, facts.ReferralApplied)) == ((), 0)
