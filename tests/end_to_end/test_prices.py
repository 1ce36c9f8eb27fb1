"""What a cart shows is what a checkout charges, or the checkout says why not before anything is reserved."""

from __future__ import annotations

from uuid import uuid4

from tests.end_to_end.shop_client import Json, Shop, usd

LISBON = {"line1": "Rua 1", "city": "Lisboa", "country": "PT"}


def shown(shop: Shop, cart: Json) -> Json:
    return shop.get("cart", f"/v1/carts/{cart['cart_id']}")


def refused(shop: Shop, cart: Json, **more: object) -> Json:
    response = shop.try_checkout(cart, more=more)
    assert response.status_code in {409, 422}, response.text
    problem: Json = response.json()
    return problem


def test_a_dearer_cart_says_so_and_is_bought_for_what_it_shows_then(shop: Shop) -> None:
    product = shop.sold(1000, on_hand=5)
    cart = shop.cart((product, 1))
    path = f"/v1/products/{product['product_id']}"
    prices = {"prices": [{"amount": 5000, "currency": "USD"}]}
    assert shop.call("PATCH", "offer", path, "admin", prices).is_success
    told = shop.until(lambda: shown(shop, cart), lambda it: it["totals"]["total"] == usd(5000))
    (item,) = told["items"]
    assert (item["previous_price"], item["available"]) == (usd(1000), True)
    assert item["price_updated_at"]
    no = refused(shop, cart, expected_total=usd(4999))
    assert (no["code"], no["now"]) == ("PRICE_CHANGED", usd(5000))
    assert shop.stock(product) == (5, 0)
    # by now the cart has recorded what it shows
    bought = shop.buy(cart, more={"expected_total": usd(5000)})
    assert (bought["status"], bought["totals"]["total"]) == ("completed", usd(5000))
    assert [it[2] for it in shop.ledger(bought)] == [5000, 5000]


def test_a_code_that_counts_no_more_is_shown_refused_and_taken_off(shop: Shop) -> None:
    promotion = shop.post(
        "offer",
        "/v1/promotions",
        "admin",
        {
            "code": f"HALF{uuid4().hex[:8]}",
            "kind": "percentage",
            "value": 50,
            "stacking": {"mode": "stackable"},
        },
    )
    cart = shop.cart((shop.sold(1000), 1), code=promotion["code"])
    assert cart["totals"]["total"] == usd(500)
    shop.post("offer", f"/v1/promotions/{promotion['promotion_id']}/disable", "admin")
    told = shop.until(lambda: shown(shop, cart), lambda it: it["totals"]["total"] == usd(1000))
    (discount,) = told["discounts"]
    assert (discount["status"], discount["reason"]) == ("not_applied", "disabled")
    no = refused(shop, cart)
    assert (no["status"], no["code"]) == (422, "INVALID_DISCOUNT_CODE")
    assert (no["discount_code"], no["reason"]) == (promotion["code"], "disabled")
    shop.call("DELETE", "cart", f"/v1/carts/{cart['cart_id']}/discounts/{promotion['code']}")
    assert shop.buy(cart)["totals"]["total"] == usd(1000)


def test_quote_cart_checkout_and_order_know_the_same_tax(shop: Shop) -> None:
    rate = {"country": "PT", "region": uuid4().hex[:8], "rate": 23, "inclusive": False, "name": "IVA"}
    shop.post("offer", "/v1/tax-rates", "admin", rate)
    place = {"country": "PT", "region": rate["region"]}
    product = shop.sold(5100)
    lines = [{"product_id": product["product_id"], "quantity": 1}]
    asked = {"currency": "USD", "lines": lines, "destination": place}
    assert shop.post("offer", "/v1/quotes", "service", asked)["totals"]["total"] == usd(6273)
    # a storefront that says where it goes shows the tax, and that is charged
    cart, address = shop.cart((product, 1)), LISBON | place
    path = f"/v1/carts/{cart['cart_id']}/shipping-address"
    shop.until(
        lambda: dict(shop.call("PUT", "cart", path, body=place).json()),
        lambda it: it["totals"]["total"] == usd(6273),
    )
    assert shop.buy(cart, more={"billing_address": address})["totals"]["total"] == usd(6273)
    # and one that does not learns of it before it pays
    cart = shop.cart((product, 1))
    no = refused(shop, cart, shipping_address=address)
    assert (no["was"], no["now"]) == (usd(5100), usd(6273))
    told = shown(shop, cart)
    assert (told["destination"], told["totals"]["tax"], told["totals"]["shipping"]) == (
        place,
        usd(1173),
        usd(0),
    )
    bought = shop.buy(cart, more={"shipping_address": address})
    order = shop.get("checkout-saga", f"/v1/orders/{bought['order_id']}")
    assert bought["totals"] == order["totals"] == told["totals"]
    assert order["destination"] == place


def test_a_customers_cart_is_paid_by_nobody_else(shop: Shop) -> None:
    product = shop.sold(1000)
    new = {"session_id": uuid4().hex, "currency": "USD", "customer_id": "alice"}
    cart = shop.post("cart", "/v1/carts", body=new)
    shop.post(
        "cart",
        f"/v1/carts/{cart['cart_id']}/items",
        body={"product_id": product["product_id"], "quantity": 1},
    )
    for customer in ({"email": "bob@example.com", "id": "bob"}, {"email": "bob@example.com"}):
        no = refused(shop, cart, customer=customer)
        assert (no["status"], no["code"], no["customer_id"]) == (409, "CART_HAS_CUSTOMER", "alice")
    alice = {"email": "alice@example.com", "id": "alice"}
    assert shop.buy(cart, more={"customer": alice})["customer_id"] == "alice"
    taken_over = shop.cart((product, 1))
    shop.buy(taken_over, more={"customer": alice})
    assert shown(shop, taken_over)["customer_id"] == "alice"


def test_an_amount_in_another_currency_is_no_agreement(shop: Shop) -> None:
    cart = shop.cart((shop.sold(1000), 1))
    no = refused(shop, cart, expected_total={"amount": 1000, "currency": "EUR"})
    assert (no["status"], no["code"]) == (422, "INVALID_REQUEST")
    assert [it["pointer"] for it in no["errors"]] == ["#/expected_total/currency"]
