"""What a checkout asks the offer service to hold follows from the sale alone."""

from uuid import UUID

from checkout_saga.checkout.domain import actions, step_names
from checkout_saga.checkout.workflow import CHECKOUTS
from contracts import offer
from contracts.offer import CampaignUse, ReferralUse, Wanted
from contracts.sale import AppliedDiscount, Referral, Sale, SaleLine, Shipping, Totals
from pricing.refunds import SHIPPING, Remainder, charged
from tests.support.scenario import given
from tests.unit.checkout_saga.examples import (
    BOOK,
    CHECKOUT,
    CUSTOMER,
    LINES,
    PEN,
    PROMOTION,
    SALE,
    advanced,
    cart_locked,
    checkout_started,
)

SPRING, SUMMER = UUID(int=0x51), UUID(int=0x52)
RULE, ATTRIBUTION, PROGRAM = UUID(int=0x61), UUID(int=0x62), UUID(int=0x63)
OF_REFERRAL = AppliedDiscount(
    promotion_id=UUID(int=0x64),
    kind="percentage",
    amount=100,
    referral=Referral(program_id=PROGRAM, rule_id=RULE, attribution_id=ATTRIBUTION, referrer_id="shopper/9"),
)
OF_CODE = AppliedDiscount(promotion_id=PROMOTION, kind="percentage", amount=100, code="SPRING")


def with_lines(*lines: SaleLine, discounts: tuple[AppliedDiscount, ...] = ()) -> Sale:
    return SALE.model_copy(update={"lines": lines, "discounts": discounts})


def of_campaign(line: SaleLine, campaign_id: UUID, saving: int) -> SaleLine:
    return line.model_copy(update={"campaign_id": campaign_id, "campaign_saving": saving})


def test_stock_is_needed_for_quantity_times_units() -> None:
    pack = LINES[0].model_copy(update={"units": 6})
    wanted = actions.stock_demand(with_lines(pack, LINES[1], LINES[2]))
    assert wanted == (Wanted(product_id=BOOK, quantity=1), Wanted(product_id=PEN, quantity=2 * 6 + 3))


def test_a_referral_is_held_by_its_rule_and_is_not_among_the_promotions() -> None:
    sale = with_lines(*LINES, discounts=(OF_CODE, OF_REFERRAL))
    assert actions.promotion_ids(sale) == (PROMOTION,)
    assert actions.referral_uses(sale) == (ReferralUse(rule_id=RULE, attribution_id=ATTRIBUTION),)


def test_e16_each_campaign_is_held_for_what_all_its_lines_cost_it() -> None:
    lines = (
        of_campaign(LINES[0], SUMMER, 1000),
        of_campaign(LINES[1], SPRING, 1485),
        of_campaign(LINES[2], SUMMER, 200),
    )
    assert actions.campaign_uses(with_lines(*lines)) == (
        CampaignUse(campaign_id=SPRING, amount=1485),
        CampaignUse(campaign_id=SUMMER, amount=1200),
    )


def test_a_sale_with_a_campaign_alone_is_held_and_carries_its_discounts_alone() -> None:
    sale = with_lines(of_campaign(LINES[0], SPRING, 30), *LINES[1:])
    story = given(checkout_started(CHECKOUTS.workflow.current), advanced(step_names.LOCK_CART))
    story.when(CHECKOUTS.on_reply, cart_locked(sale))
    sent = [it for it, _ in story.work.sent if isinstance(it, offer.ReservePromotions)]
    assert sent == [
        offer.ReservePromotions(
            checkout_id=CHECKOUT,
            step=step_names.RESERVE_PROMOTIONS,
            promotion_ids=(),
            customer_id=CUSTOMER,
            campaigns=(CampaignUse(campaign_id=SPRING, amount=30),),
            sale=Sale(currency=sale.currency, lines=(), discounts=sale.discounts, totals=sale.totals),
        )
    ]


def test_lines_are_carried_for_the_snapshots_of_referrals() -> None:
    sale = with_lines(*LINES, discounts=(OF_REFERRAL,))
    story = given(checkout_started(CHECKOUTS.workflow.current), advanced(step_names.LOCK_CART))
    story.when(CHECKOUTS.on_reply, cart_locked(sale))
    (sent,) = [it for it, _ in story.work.sent if isinstance(it, offer.ReservePromotions)]
    assert sent.sale == sale


def test_e41_shipping_is_refunded_like_a_line_to_the_last_unit() -> None:
    shipping = Shipping(name="Standard", price=490, tax=78, total=490)
    lines = (LINES[0].model_copy(update={"tax": 64}), *LINES[1:])
    totals = Totals(subtotal=2000, discount=0, shipping=490, tax=64 + 78, total=2490)
    sale = SALE.model_copy(update={"lines": lines, "shipping": shipping, "totals": totals})
    left = Remainder(charged(sale))
    assert (left.amount, left.balance_of(SHIPPING).amount, left.balance_of(SHIPPING).tax) == (2490, 490, 78)
    taken = [left.share_of_amount(SHIPPING, 100), *left.spread(1000)]
    assert sum(it.amount for it in taken) == 1100
    left.deduct(taken)
    assert sum(it.amount for it in left.all_shares()) == 2490 - 1100
    assert sum(it.tax for it in [*taken, *left.all_shares()]) == 142
