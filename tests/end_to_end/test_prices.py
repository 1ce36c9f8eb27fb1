"""A checkout charges no more than its cart has shown; otherwise it is refused before anything is reserved."""

from __future__ import annotations

from uuid import uuid4

from tests.end_to_end.shop_client import Json, Shop, usd

LISBON = {"line1": "Rua 1", "city": "Lisboa", "postal_code": "1100-053", "country": "PT"}


def read_cart(shop: Shop, cart: Json) -> Json:
    return shop.get("cart", f"/v1/carts/{cart['cart_id']}")


def refused_checkout(shop: Shop, cart: Json, **more: object) -> Json:
    response = shop.try_checkout(cart, more=more)
    assert response.status_code in {409, 422}, response.text
    problem: Json = response.json()
    return problem


def test_a_raised_price_is_shown_and_refused_below_the_new_total(shop: Shop) -> None:
    product = shop.sold(1000, on_hand=5)
    cart = shop.cart((product, 1))
    path = f"/v1/products/{product['product_id']}"
    prices = {"prices": [{"amount": 5000, "currency": "USD"}]}
    assert shop.call("PATCH", "offer", path, "admin", prices).is_success
    changed_cart = shop.until(lambda: read_cart(shop, cart), lambda it: it["totals"]["total"] == usd(5000))
    (item,) = changed_cart["items"]
    assert (item["previous_price"], item["available"]) == (usd(1000), True)
    assert item["price_updated_at"]
    problem = refused_checkout(shop, cart, expected_total=usd(4999))
    assert (problem["code"], problem["now"]) == ("PRICE_CHANGED", usd(5000))
    assert shop.stock(product) == (5, 0)
    # the refused lock has recorded the new price in the cart
    bought = shop.buy(cart, more={"expected_total": usd(5000)})
    assert (bought["status"], bought["totals"]["total"]) == ("completed", usd(5000))
    assert [it[2] for it in shop.ledger(bought)] == [5000, 5000]


def test_a_disabled_code_is_shown_and_refused_until_it_is_removed(shop: Shop) -> None:
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
    changed_cart = shop.until(lambda: read_cart(shop, cart), lambda it: it["totals"]["total"] == usd(1000))
    (discount,) = changed_cart["discounts"]
    assert (discount["status"], discount["reason"]) == ("not_applied", "disabled")
    problem = refused_checkout(shop, cart)
    assert (problem["status"], problem["code"]) == (422, "INVALID_DISCOUNT_CODE")
    assert (problem["discount_code"], problem["reason"]) == (promotion["code"], "disabled")
    shop.call("DELETE", "cart", f"/v1/carts/{cart['cart_id']}/discounts/{promotion['code']}")
    assert shop.buy(cart)["totals"]["total"] == usd(1000)


def test_quote_cart_checkout_and_order_have_the_same_tax(shop: Shop) -> None:
    rate = {"country": "PT", "region": uuid4().hex[:8], "rate": 23, "inclusive": False, "name": "IVA"}
    shop.post("offer", "/v1/tax-rates", "admin", rate)
    place = {"country": "PT", "region": rate["region"]}
    product = shop.sold(5100)
    lines = [{"product_id": product["product_id"], "quantity": 1}]
    quote = {"currency": "USD", "lines": lines, "destination": place}
    assert shop.post("offer", "/v1/quotes", "service", quote)["totals"]["total"] == usd(6273)
    # a cart with a destination shows the tax, and that tax is charged
    cart, address = shop.cart((product, 1)), LISBON | place
    path = f"/v1/carts/{cart['cart_id']}/shipping-address"
    shop.until(
        lambda: dict(shop.call("PUT", "cart", path, body=place).json()),
        lambda it: it["totals"]["total"] == usd(6273),
    )
    assert shop.buy(cart, more={"billing_address": address})["totals"]["total"] == usd(6273)
    # a cart without one is refused, and shows the tax from then on
    cart = shop.cart((product, 1))
    problem = refused_checkout(shop, cart, shipping_address=address)
    assert (problem["was"], problem["now"]) == (usd(5100), usd(6273))
    changed_cart = read_cart(shop, cart)
    assert (
        changed_cart["destination"],
        changed_cart["totals"]["tax"],
        changed_cart["totals"]["shipping"],
    ) == (
        place,
        usd(1173),
        usd(0),
    )
    bought = shop.buy(cart, more={"shipping_address": address})
    order = shop.get("checkout-saga", f"/v1/orders/{bought['order_id']}")
    assert bought["totals"] == order["totals"] == changed_cart["totals"]
    assert order["destination"] == place


def test_a_customers_cart_cannot_be_bought_by_another_customer(shop: Shop) -> None:
    product = shop.sold(1000)
    new = {"session_id": uuid4().hex, "currency": "USD", "customer_id": "alice"}
    cart = shop.post("cart", "/v1/carts", body=new)
    shop.post(
        "cart",
        f"/v1/carts/{cart['cart_id']}/items",
        body={"product_id": product["product_id"], "quantity": 1},
    )
    for customer in ({"email": "bob@example.com", "id": "bob"}, {"email": "bob@example.com"}):
        problem = refused_checkout(shop, cart, customer=customer)
        assert (problem["status"], problem["code"], problem["customer_id"]) == (
            409,
            "CART_HAS_CUSTOMER",
            "alice",
        )
    alice = {"email": "alice@example.com", "id": "alice"}
    assert shop.buy(cart, more={"customer": alice})["customer_id"] == "alice"
    cart_of_a_visitor = shop.cart((product, 1))
    shop.buy(cart_of_a_visitor, more={"customer": alice})
    assert read_cart(shop, cart_of_a_visitor)["customer_id"] == "alice"


def test_an_expected_total_in_another_currency_is_refused(shop: Shop) -> None:
    cart = shop.cart((shop.sold(1000), 1))
    problem = refused_checkout(shop, cart, expected_total={"amount": 1000, "currency": "EUR"})
    assert (problem["status"], problem["code"]) == (422, "INVALID_REQUEST")
    assert [it["pointer"] for it in problem["errors"]] == ["#/expected_total/currency"]
