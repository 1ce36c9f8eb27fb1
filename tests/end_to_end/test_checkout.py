"""A checkout with each token of the gateway: its response, and its effects."""

import pytest

from tests.end_to_end.shop_client import Json, Shop


def steps(checkout: Json) -> dict[str, tuple[str, str | None]]:
    return {it["name"]: (it["status"], it["compensation"]) for it in checkout["steps"]}


@pytest.mark.parametrize("token", ["tok_ok", "tok_timeout", "tok_flaky", "tok_down"])
def test_a_purchase_completes_despite_gateway_faults(shop: Shop, token: str) -> None:
    product = shop.product(1999, on_hand=10)
    cart = shop.cart((product, 2), code=shop.code(10))
    checkout = shop.buy(cart, token)
    assert checkout["status"] == "completed"
    assert {status for status, _ in steps(checkout).values()} == {"completed"}
    assert shop.stock(product) == (8, 0)
    order = shop.get("checkout-saga", f"/v1/orders/{checkout['order_id']}")
    assert order["totals"]["total"] == cart["totals"]["total"] == {"amount": 3598, "currency": "USD"}
    assert order["status"] == "fulfilled"
    assert [it["captured"]["amount"] for it in order["payments"]] == [3598]
    assert shop.ledger(checkout) == [("authorize", "authorized", 3598), ("capture", "captured", 3598)]
    # the cart is converted last, and its reply is not awaited
    path = f"/v1/carts/{cart['cart_id']}"
    shop.until(lambda: shop.get("cart", path), lambda it: it["status"] == "converted")


def test_a_purchase_goes_on_when_the_customer_has_done_what_the_gateway_asked(shop: Shop) -> None:
    product = shop.product(500, on_hand=1)
    waiting = shop.buy(shop.cart((product, 1)), "tok_action")
    assert waiting["status"] == "requires_action"
    assert waiting["action_url"]
    shop.post("checkout-saga", f"/v1/checkouts/{waiting['checkout_id']}/confirm-action")
    assert shop.settled(waiting["checkout_id"])["status"] == "completed"
    assert shop.stock(product) == (0, 0)


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("tok_declined", "PAYMENT_DECLINED"),
        ("tok_insufficient_funds", "INSUFFICIENT_FUNDS"),
        ("tok_nobody_knows", "PAYMENT_DECLINED"),
    ],
)
def test_a_declined_payment_is_fully_compensated(shop: Shop, token: str, code: str) -> None:
    product = shop.product(1000, on_hand=5)
    cart = shop.cart((product, 3), code=shop.code(20, total=1))
    checkout = shop.buy(cart, token)
    assert (checkout["status"], checkout["failure"]["code"]) == ("failed", code)
    assert checkout["failure"]["phase"] == "authorize_payment"
    undone = {name for name, (_, compensation) in steps(checkout).items() if compensation}
    assert undone == {"lock_cart", "reserve_stock", "reserve_promotions"}
    assert shop.stock(product) == (5, 0)
    assert [it[:2] for it in shop.ledger(checkout)] == [("authorize", "declined")]
    assert shop.get("cart", f"/v1/carts/{cart['cart_id']}")["status"] == "active"
    # the single use of the code has been released
    assert shop.buy(cart)["status"] == "completed"


def test_a_refused_capture_is_fully_compensated(shop: Shop) -> None:
    product = shop.product(1000, on_hand=5)
    cart = shop.cart((product, 1))
    checkout = shop.buy(cart, "tok_capture_fails")
    assert (checkout["status"], checkout["failure"]["code"]) == ("failed", "CAPTURE_FAILED")
    assert steps(checkout)["authorize_payment"] == ("completed", "completed")
    assert steps(checkout)["create_order"] == ("completed", "completed")
    assert [it[:2] for it in shop.ledger(checkout)] == [
        ("authorize", "authorized"),
        ("capture", "refused"),
        ("void", "voided"),
    ]
    assert shop.stock(product) == (5, 0)
    assert shop.get("cart", f"/v1/carts/{cart['cart_id']}")["status"] == "active"


def test_a_free_order_asks_nothing_of_the_gateway(shop: Shop) -> None:
    checkout = shop.buy(shop.cart((shop.product(0), 1)), "tok_declined")
    assert checkout["status"] == "completed"
    assert shop.ledger(checkout) == []


def test_a_checkout_beyond_the_stock_fails(shop: Shop) -> None:
    there, short = shop.product(100, on_hand=5), shop.product(100, on_hand=2)
    checkout = shop.buy(shop.cart((there, 5), (short, 3)))
    assert (checkout["status"], checkout["failure"]["code"]) == ("failed", "INSUFFICIENT_INVENTORY")
    assert checkout["failure"]["shortages"] == [
        {"product_id": short["product_id"], "requested": 3, "available": 2}
    ]
    assert (shop.stock(there), shop.stock(short)) == ((5, 0), (2, 0))


def test_a_cancelled_checkout_is_fully_compensated(shop: Shop) -> None:
    product = shop.product(700, on_hand=1)
    waiting = shop.buy(shop.cart((product, 1)), "tok_action")
    shop.post("checkout-saga", f"/v1/checkouts/{waiting['checkout_id']}/cancel")
    checkout = shop.settled(waiting["checkout_id"])
    assert (checkout["status"], checkout["failure"]["code"]) == ("failed", "CHECKOUT_CANCELLED")
    assert shop.stock(product) == (1, 0)
    assert shop.ledger(checkout)[-1][:2] == ("void", "voided")


def test_a_refusal_of_the_cart_is_the_response(shop: Shop) -> None:
    empty = shop.try_checkout(shop.cart())
    assert (empty.status_code, empty.json()["code"]) == (422, "EMPTY_CART")
    unknown = shop.try_checkout({"cart_id": "01900000-0000-7000-8000-000000000000"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "CART_NOT_FOUND")
    cart = shop.cart((shop.product(100), 1))
    first = shop.buy(cart, "tok_action")
    second = shop.try_checkout(cart)
    assert (second.status_code, second.json()["code"]) == (409, "CHECKOUT_IN_PROGRESS")
    assert second.json()["checkout_id"] == first["checkout_id"]
    foreign = shop.of("rival").try_checkout(cart)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "CART_NOT_FOUND")


def test_the_same_key_gets_the_same_answer_and_buys_once(shop: Shop) -> None:
    cart = shop.cart((shop.product(100), 1))
    first = shop.try_checkout(cart, Idempotency_Key="the-same")
    again = shop.try_checkout(cart, Idempotency_Key="the-same")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    checkout = shop.settled(first.json()["checkout_id"])
    assert [it[0] for it in shop.ledger(checkout)] == ["authorize", "capture"]


def test_a_storefront_may_follow_a_checkout_to_its_end(shop: Shop) -> None:
    begun = shop.try_checkout(shop.cart((shop.product(100), 1))).json()
    stream = shop.call("GET", "checkout-saga", f"/v1/checkouts/{begun['checkout_id']}/events")
    assert stream.headers["content-type"].startswith("text/event-stream")
    states = [line for line in stream.text.splitlines() if line.startswith("data: ")]
    assert '"status":"completed"' in states[-1]


def test_refunds_by_units_and_amounts_of_a_line_add_up_exactly(shop: Shop) -> None:
    cart = shop.cart((shop.product(1000), 3), code=shop.code(1))
    order_id = shop.buy(cart)["order_id"]
    line = shop.get("checkout-saga", f"/v1/orders/{order_id}")["lines"][0]
    assert line["total"]["amount"] == 2970

    def refund(**body: object) -> None:
        path = f"/v1/orders/{order_id}/refunds"
        asked = {"reason": "came back"} | body
        shop.post("checkout-saga", path, "admin", asked, Idempotency_Key=repr(body))

    def refunded() -> Json:
        return shop.get("checkout-saga", f"/v1/orders/{order_id}")

    refund(lines=[{"line_id": line["line_id"], "quantity": 1}])
    shop.until(refunded, lambda it: it["payments"][0]["refunded"]["amount"] == 990)
    refund(lines=[{"line_id": line["line_id"], "amount": 80}])
    left = shop.until(refunded, lambda it: it["payments"][0]["refunded"]["amount"] == 1070)
    assert (left["lines"][0]["units_left"], left["lines"][0]["refundable"]["amount"]) == (2, 1900)
    refund()
    done = shop.until(refunded, lambda it: it["status"] == "refunded")
    assert done["payments"][0]["refunded"]["amount"] == 2970
    path = f"/v1/orders/{order_id}/refunds"
    more = shop.call("POST", "checkout-saga", path, "admin", {"reason": "x"}, Idempotency_Key="more")
    assert (more.status_code, more.json()["code"]) == (409, "REFUND_NOT_POSSIBLE")


def test_refunded_units_go_back_into_stock_if_the_refund_says_so(shop: Shop) -> None:
    product = shop.product(1000, on_hand=10)
    order_id = shop.buy(shop.cart((product, 3)))["order_id"]
    line_id = shop.get("checkout-saga", f"/v1/orders/{order_id}")["lines"][0]["line_id"]
    assert shop.stock(product) == (7, 0)

    def refund(**body: object) -> None:
        path = f"/v1/orders/{order_id}/refunds"
        shop.post("checkout-saga", path, "admin", {"reason": "x"} | body, Idempotency_Key=repr(body))

    def refunded() -> Json:
        return shop.get("checkout-saga", f"/v1/orders/{order_id}")

    def stock() -> Json:
        return shop.get("offer", f"/v1/products/{product['product_id']}/stock")

    refund(lines=[{"line_id": line_id, "quantity": 1}])
    shop.until(refunded, lambda it: it["payments"][0]["refunded"]["amount"] == 1000)
    refund(lines=[{"line_id": line_id, "quantity": 1}], restock=True)
    shop.until(stock, lambda it: it["on_hand"] == 8)
    refund(restock=True)
    shop.until(stock, lambda it: it["on_hand"] == 9)
    assert refunded()["status"] == "refunded"


def test_units_that_were_handed_over_cannot_be_cancelled(shop: Shop) -> None:
    order_id = shop.buy(shop.cart((shop.product(1000), 2)))["order_id"]
    line_id = shop.get("checkout-saga", f"/v1/orders/{order_id}")["lines"][0]["line_id"]
    body = {"reason": "not available", "lines": [{"line_id": line_id, "quantity": 1}]}
    refused = shop.call("POST", "checkout-saga", f"/v1/orders/{order_id}/cancel", "admin", body)
    answer = refused.json()
    assert (refused.status_code, answer["code"]) == (409, "ORDER_NOT_CANCELLABLE")
    assert (answer["line_id"], answer["handed_over"]) == (line_id, 2)
