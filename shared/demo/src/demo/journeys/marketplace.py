"""Goods of two vendors leave in two shipments; a line is cancelled, and a unit comes back."""

from demo.figures import poll_until
from demo.journeys.stage import CARD, Json, Stage
from demo.ledger import AT_GATEWAY, CLEARING
from demo.shopping.shop import Goods

CUP, PLATE, LAMP = 1_999, 1_250, 4_999
CUPS, PLATES, LAMPS = 3, 2, 1
TOTAL = CUPS * CUP + PLATES * PLATE + LAMPS * LAMP
ON_HAND = 10
BUYER = "collector"


async def play(stage: Stage) -> None:
    order, cup = await _buy(stage)
    lines = {it["sku"]: it["line_id"] for it in order["lines"]}
    await _ship(stage, order["order_id"], lines)
    await _take_one_back(stage, order["order_id"], lines, cup)


async def _buy(stage: Stage) -> tuple[Json, str]:
    """Returns the order, and the id of the product that comes back later."""
    story = stage.story
    story.begin("A purchase at two vendors")
    manual = {"fulfillment": {"physical_product": "manual"}}
    await stage.api.put("checkout-saga", "/v1/settings/checkout", "admin", manual)
    cup = await _put_into_stock(stage, "CUP", CUP, "potter")
    plate = await _put_into_stock(stage, "PLATE", PLATE, "potter")
    lamp = await _put_into_stock(stage, "LAMP", LAMP, "lamp-maker")
    cart = await stage.fill_cart(BUYER, [Goods(cup, CUPS), Goods(plate, PLATES), Goods(lamp, LAMPS)])
    ended = await stage.check_out(BUYER, cart, CARD)
    story.check("the checkout", "completed", ended["status"])
    order = await stage.order(ended["order_id"])
    story.check_money("total of the order", TOTAL, order["totals"]["total"]["amount"])
    story.check("the order, of which nothing has left", "paid", order["status"])
    await _check_stock(stage, cup, ON_HAND - CUPS)
    return order, cup


async def _put_into_stock(stage: Stage, sku: str, cents: int, vendor_id: str) -> str:
    product_id = await stage.desk.put_on_sale(
        sku, sku.title(), cents, type="physical_product", vendor_id=vendor_id
    )
    await stage.api.put("offer", f"/v1/products/{product_id}/stock", "admin", {"on_hand": ON_HAND})
    return product_id


async def _check_stock(stage: Stage, product_id: str, wanted: int) -> None:
    path = f"/v1/products/{product_id}/stock"
    found = await poll_until(
        lambda: stage.api.get("offer", path, "ops"), lambda it: bool(it["on_hand"] == wanted)
    )
    stage.story.check("cups on the shelf", wanted, found["on_hand"])


async def _ship(stage: Stage, order_id: str, lines: dict[str, str]) -> None:
    story = stage.story
    story.begin("Two shipments, and a line that is cancelled")
    path = f"orders/{order_id}"
    await stage.do(f"{path}/shipments", "first", _units(lines, CUP=2))
    story.check("after two cups", "partially_fulfilled", (await stage.order(order_id))["status"])
    rest = {**_units(lines, CUP=1, PLATE=PLATES), "carrier": "Post", "tracking_number": "P-1"}
    await stage.do(f"{path}/shipments", "second", rest)
    story.check(
        "after the rest of the potter's", "partially_fulfilled", (await stage.order(order_id))["status"]
    )
    await stage.do(f"{path}/cancel", "cancel", {**_units(lines, LAMP=LAMPS), "reason": "lamp is broken"})
    story.check(
        "after the lamp was cancelled", "fulfilled", (await stage.order_when(order_id, "fulfilled"))["status"]
    )
    story.check("shipments", 2, len(await stage.owned("shipments", order_id)))
    await stage.check_ledger({AT_GATEWAY: TOTAL - LAMP, "refunds_payable": 0})


async def _take_one_back(stage: Stage, order_id: str, lines: dict[str, str], cup: str) -> None:
    story = stage.story
    story.begin("A cup comes back")
    asked = await stage.do(f"orders/{order_id}/returns", "return", _units(lines, CUP=1), "storefront")
    path = f"returns/{asked['return_id']}"
    await stage.do(f"{path}/approve", "approve")
    received = [{"line_id": lines["CUP"], "quantity": 1, "condition": "sellable"}]
    await stage.do(f"{path}/receive", "receive", {"lines": received})
    closed = await poll_until(
        lambda: stage.api.get("checkout-saga", f"/v1/{path}", "admin"),
        lambda it: bool(it["status"] == "closed"),
    )
    story.check("the return", "closed", closed["status"])
    await _check_stock(stage, cup, ON_HAND - CUPS + 1)
    await stage.check_ledger({AT_GATEWAY: TOTAL - LAMP - CUP, "refunds_payable": 0, CLEARING: 0})


def _units(lines: dict[str, str], **quantities: int) -> Json:
    return {"lines": [{"line_id": lines[sku], "quantity": it} for sku, it in quantities.items()]}
