"""A new customer subscribes: a declined card, a second one, an upsell, a referrer's reward, and a refund that
the gateway refuses."""

from demo.figures import poll_until
from demo.journeys.stage import Json, Stage
from demo.ledger import AT_GATEWAY, CLEARING
from demo.shopping.shop import CURRENCY

PLAN, SETUP = 3_000, 2_500
UPSELL_PERCENT, REWARD_PERCENT = 20, 10
UPSELL = SETUP * (100 - UPSELL_PERCENT) // 100
REWARD = PLAN * REWARD_PERCENT // 100
REFUND = 1_000
REVERSED = REFUND * REWARD_PERCENT // 100
SLUG = "team-plan"
BUYER, REFERRER = "newcomer", "regular"


async def play(stage: Stage) -> None:
    await _open_shop(stage)
    order = await _subscribe(stage)
    await _buy_the_upsell(stage, order)
    await _refund_by_hand(stage, order)


async def _open_shop(stage: Stage) -> None:
    """An offer of the plan with an upsell after the purchase, and a referral program with this customer."""
    desk = stage.desk
    plan = await desk.put_on_sale("PLAN", "The team plan", PLAN, type="subscription")
    setup = await desk.put_on_sale("SETUP", "An hour of setup", SETUP, type="service")
    offer_id = await desk.make(
        "offers",
        "offer",
        {
            "slug": SLUG,
            "name": "The team plan",
            "type": "subscription",
            "products": [{"product_id": plan}],
            "price": {"base": {"amount": PLAN, "currency": CURRENCY}},
        },
    )
    after_purchase = {
        "product_id": setup,
        "name": "Setup",
        "type": "upsell",
        "post_purchase": True,
        "discount": {"type": "percentage", "value": UPSELL_PERCENT},
    }
    await desk.make(f"offers/{offer_id}/upsells", "setup", after_purchase)
    await desk.act(f"offers/{offer_id}", "publish")
    program_id = await desk.make("referral/programs", "program", {"name": "Bring a team"})
    await desk.act(f"referral/programs/{program_id}", "activate")
    rule = {
        "program_id": program_id,
        "trigger": "first_order_paid",
        "referrer_reward": {"type": "percentage", "value": REWARD_PERCENT},
    }
    await desk.make("referral/rules", "rule", rule)
    people = {"program_id": program_id, "referee_id": BUYER, "referrer_id": REFERRER}
    await stage.api.post("offer", "/v1/referral/attributions", "service", "referral", people)


async def _subscribe(stage: Stage) -> Json:
    story = stage.story
    story.begin("A subscription, by the second card")
    cart = await stage.fill_cart_from_offer(BUYER, SLUG)
    waiting = await stage.check_out(
        BUYER, cart, {"method": "card", "token": "tok_declined", "max_attempts": 2}
    )
    story.check("the first card is declined", "new_payment_method", waiting["action"]["kind"])
    second = {"method": "card", "token": "tok_refund_fails"}
    await stage.do(f"checkouts/{waiting['checkout_id']}/payment", "second-card", second, "service")
    ended = await stage.settled(waiting["checkout_id"])
    story.check("the second one pays", "completed", ended["status"])
    story.check("attempts to pay", 2, len(ended["attempts"]))
    order = await stage.order(ended["order_id"])
    story.check("the subscription is active", "successful", order["lines"][0]["fulfillment"]["result"])
    await stage.check_ledger({AT_GATEWAY: PLAN, CLEARING: 0})
    await _check_rewards(stage, REWARD)
    return order


async def _check_rewards(stage: Stage, wanted: int) -> None:
    async def left() -> int:
        rewards = await stage.api.items("offer", "/v1/referral/rewards", "admin", referrer_id=REFERRER)
        return sum(int(it["left"]) for it in rewards)

    stage.story.check_money("the referrer's reward", wanted, await poll_until(left, lambda it: it == wanted))


async def _buy_the_upsell(stage: Stage, order: Json) -> None:
    story = stage.story
    story.begin("The upsell after the purchase")
    path = f"orders/{order['order_id']}/upsells"
    offered = await poll_until(
        lambda: stage.api.get("checkout-saga", f"/v1/{path}", "storefront"), lambda it: bool(it["items"])
    )
    (upsell,) = offered["items"]
    story.check_money("its price", UPSELL, upsell["total"]["amount"])
    begun = await stage.do(f"{path}/{upsell['token']}/purchase", "buy-upsell", role="storefront")
    ended = await stage.settled(begun["checkout_id"])
    story.check("bought with the card of the purchase", "completed", ended["status"])
    again = stage.do(f"{path}/{upsell['token']}/purchase", "buy-upsell-again", role="storefront")
    story.check("a second time", "UPSELL_ALREADY_BOUGHT", await stage.refusal(again))
    await stage.check_ledger({AT_GATEWAY: PLAN + UPSELL, CLEARING: 0})


async def _refund_by_hand(stage: Stage, order: Json) -> None:
    story = stage.story
    story.begin("A refund that the gateway refuses")
    path = f"orders/{order['order_id']}/refunds"
    asked = await stage.do(path, "refund", {"amount": REFUND, "reason": "a bad month"})
    refund_id = asked["refunds"][0]["refund_id"]
    listed = await poll_until(
        lambda: stage.api.items("checkout-saga", "/v1/attention", "ops", kind="refund"), bool
    )
    story.check("refunds that wait for an operator", 1, sum(it["id"] == refund_id for it in listed))
    done = {"outcome": "done", "reference": "transfer 4711", "reason": "paid back by the bank"}
    await stage.do(f"{path}/{refund_id}/resolve", "resolve", done, "ops")
    await stage.check_ledger({AT_GATEWAY: PLAN + UPSELL, "bank": -REFUND, "refunds_payable": 0})
    await _check_rewards(stage, REWARD - REVERSED)
