"""A company buys its training: courses, a certification and a team licence, paid by pix."""

from typing import NamedTuple

from demo.journeys.stage import Json, Stage
from demo.ledger import AT_GATEWAY, CLEARING
from demo.shopping.shop import Goods

COURSE, BUNDLE, CERTIFICATION, SEAT = 4_900, 9_900, 12_000, 2_900
SEATS = 5
CODE, PERCENT = "TEAM10", 10
SUBTOTAL = COURSE + BUNDLE + CERTIFICATION + SEATS * SEAT
DISCOUNT = SUBTOTAL * PERCENT // 100
TOTAL = SUBTOTAL - DISCOUNT
PAID_FOR_A_SEAT = SEAT * (100 - PERCENT) // 100
INVITED, FREE = 3, 3
"""Three people are invited; two accept, and one of them gives the seat back."""
BUYER = "acme"


class Products(NamedTuple):
    course: str
    bundle: str
    certification: str
    team: str


async def play(stage: Stage) -> None:
    order = await _buy(stage, await _open_shop(stage))
    await _share_seats(stage, order)
    await _certify(stage, order)
    await _refund_seats(stage, order)


async def _open_shop(stage: Stage) -> Products:
    desk = stage.desk
    courses = [
        await desk.put_on_sale(f"LESSON-{it}", f"Lesson {it}", COURSE, type="course") for it in range(3)
    ]
    await desk.make("promotions", CODE, {"code": CODE, "kind": "percentage", "value": PERCENT})
    return Products(
        await desk.put_on_sale("PYTHON", "Python", COURSE, type="course"),
        await desk.put_on_sale("LESSONS", "Three lessons", BUNDLE, type="bundle", course_ids=courses),
        await desk.put_on_sale("CERT", "Certified developer", CERTIFICATION, type="certification"),
        await desk.put_on_sale(
            "TEAM", "A seat for a team", SEAT, type="team_license", min_users=2, max_users=50
        ),
    )


async def _buy(stage: Stage, products: Products) -> Json:
    story = stage.story
    story.begin("A purchase of everything, paid by pix")
    goods = [
        Goods(products.course),
        Goods(products.bundle),
        Goods(products.certification),
        Goods(products.team, SEATS),
    ]
    cart = await stage.fill_cart(BUYER, goods, CODE)
    story.check_money("total, less the code's discount", TOTAL, cart["totals"]["total"]["amount"])
    waiting = await stage.check_out(BUYER, cart, {"method": "pix"})
    story.check("the checkout waits for the money", "requires_action", waiting["status"])
    await stage.let_time_pass("before", 2)
    await stage.pay_at_the_bank(waiting)
    await stage.let_time_pass("after", 3)
    ended = await stage.ended(waiting["checkout_id"])
    story.check("two minutes later it is paid, and ends", "completed", ended["status"])
    order = await stage.order(ended["order_id"])
    story.check("the order", "fulfilled", order["status"])
    results = [it["fulfillment"]["result"] for it in order["lines"]]
    story.check("lines handed over", 4, results.count("successful"))
    await stage.check_ledger({AT_GATEWAY: TOTAL, CLEARING: 0})
    return order


async def _share_seats(stage: Stage, order: Json) -> None:
    story = stage.story
    story.begin("The seats of the team")
    (license_,) = await stage.owned("licenses", order["order_id"])
    path = f"licenses/{license_['license_id']}"
    people = [f"member-{it}" for it in range(INVITED)]
    seats = [
        await stage.do(f"{path}/seats", f"invite-{it}", {"email": f"{it}@acme.example"}) for it in people
    ]
    for person, seat in list(zip(people, seats, strict=True))[:2]:
        taken = await stage.do(
            f"seats/{seat['token']}/accept", f"accept-{person}", {"customer_id": person}, "service"
        )
        story.check(f"{person} accepts", "accepted", taken["status"])
    left = await stage.api.delete("checkout-saga", f"/v1/{path}/seats/{seats[0]['seat_id']}", "admin")
    story.check("seats that are free, once one is taken back", FREE, left["free"])


async def _certify(stage: Stage, order: Json) -> None:
    story = stage.story
    story.begin("The certificate")
    (enrolled,) = await stage.owned("certifications", order["order_id"])
    issued = await stage.do(f"certifications/{enrolled['certification_id']}/issue", "issue")
    seen = await stage.api.get("checkout-saga", f"/v1/certificates/{issued['code']}", "storefront")
    story.check("programme, read by its code", "Certified developer", seen["programme"])
    story.check("it is valid", True, seen["valid"])


async def _refund_seats(stage: Stage, order: Json) -> None:
    story = stage.story
    story.begin("The free seats are given back")
    line_id = next(it["line_id"] for it in order["lines"] if it["sku"] == "TEAM")
    refund = {"lines": [{"line_id": line_id, "quantity": FREE}], "reason": "fewer people"}
    await stage.do(f"orders/{order['order_id']}/refunds", "refund-seats", refund)
    back = FREE * PAID_FOR_A_SEAT
    await stage.check_ledger({AT_GATEWAY: TOTAL - back, "refunds_payable": 0})
    (license_,) = await stage.owned("licenses", order["order_id"])
    story.check("seats of the licence", SEATS - FREE, license_["seats"])
    more = stage.do(
        f"orders/{order['order_id']}/refunds",
        "refund-used-seat",
        {**refund, "lines": [{"line_id": line_id, "quantity": 1}]},
    )
    story.check("a seat that is used is not refunded", "SEATS_IN_USE", await stage.refusal(more))
