"""From a published offer to a paid order: what all services say of it agrees to the cent."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.end_to_end.funnel import BASE, LOWER, Funnel, is_referral, open_funnel
from tests.end_to_end.shop_client import Json, Shop, usd

ADDRESS = {"line1": "Rua 1", "city": "Lisboa", "postal_code": "1100-053"}
IN_SPAIN = {"line1": "Calle 1", "city": "Madrid", "region": "M", "postal_code": "28013"}


@pytest.fixture(scope="module")
def funnel(shop: Shop) -> Funnel:
    return open_funnel(shop)


def quoted(funnel: Funnel, cart: Json) -> Json:
    """The quote of what is in the cart, for its customer and in its session."""
    (bump,) = {it["upsell_id"] for it in cart["items"] if "upsell_id" in it}
    asked = {
        "currency": "USD",
        "lines": [{"offer_id": funnel.offer_id, "quantity": 1}, {"upsell_id": bump, "quantity": 1}],
        "customer": {"id": cart["customer_id"]},
        "session_id": cart["session_id"],
    }
    return funnel.shop.post("offer", "/v1/quotes", "service", asked)


def stock_of(funnel: Funnel) -> tuple[tuple[int, int], tuple[int, int]]:
    return funnel.shop.stock(funnel.course), funnel.shop.stock(funnel.mug)


def test_an_offer_is_bought_as_it_was_shown_and_all_services_say_the_same(funnel: Funnel) -> None:
    shop, customer = funnel.shop, f"customer-{uuid4().hex}"
    funnel.refer(customer)
    exposed, converted = funnel.variant_counts()
    shown = funnel.look(f"session-{customer}")
    cart = funnel.fill_cart(customer)
    main = next(it for it in cart["items"] if "offer_id" in it and "upsell_id" not in it)
    variant_id = shown["experiment"]["variant_id"]
    assert (main["variant_id"], main["unit_price"]) == (variant_id, usd(shown["price"]["current"]))

    quote = quoted(funnel, cart)
    before, (_, used) = stock_of(funnel), funnel.budget()
    checkout = funnel.buy(cart)
    assert checkout["status"] == "completed", checkout
    order = shop.get("checkout-saga", f"/v1/orders/{checkout['order_id']}")
    assert quote["totals"] == cart["totals"] == checkout["totals"] == order["totals"]
    total = order["totals"]["total"]["amount"]
    assert shop.ledger(checkout) == [("authorize", "authorized", total), ("capture", "captured", total)]

    course, mug = order["lines"]
    assert (course["offer_id"], course["variant_id"], course["campaign_id"]) == (
        funnel.offer_id,
        variant_id,
        funnel.campaign_id,
    )
    assert mug["upsell_id"] is not None and mug["campaign_id"] is None
    (discount,) = order["discounts"]
    assert discount["referral"]["program_id"] == funnel.program_id
    path = f"/v1/referral/applications?order_id={order['order_id']}"
    (application,) = shop.until(
        lambda: shop.get("offer", path, "admin"),
        lambda it: [each["status"] for each in it["items"]] == ["redeemed"],
    )["items"]
    assert application["customer_id"] == customer

    base = {BASE * 9 // 10: BASE, LOWER * 9 // 10: LOWER}[course["unit_price"]["amount"]]
    saved = base - course["unit_price"]["amount"]
    shop.until(lambda: {"budget": funnel.budget()}, lambda it: it["budget"] == (0, used + saved))
    # sessions that wait for carts to know the offer are exposed too
    shop.until(
        lambda: {"counts": funnel.variant_counts()},
        lambda it: it["counts"][0] > exposed and it["counts"][1] == converted + 1,
    )
    after = tuple((on_hand - 1, reserved) for on_hand, reserved in before)
    shop.until(lambda: {"stock": stock_of(funnel)}, lambda it: it["stock"] == after)


def test_a_declined_payment_gives_everything_back(funnel: Funnel) -> None:
    customer = f"customer-{uuid4().hex}"
    funnel.refer(customer)
    cart = funnel.fill_cart(customer)
    before, budget, (_, converted) = stock_of(funnel), funnel.budget(), funnel.variant_counts()
    checkout = funnel.buy(cart, "tok_declined")
    assert checkout["status"] == "failed"
    assert (stock_of(funnel), funnel.budget()) == (before, budget)
    path = f"/v1/referral/applications?checkout_id={checkout['checkout_id']}"
    (application,) = funnel.shop.get("offer", path, "admin")["items"]
    assert application["status"] == "released"
    assert funnel.variant_counts()[1] == converted
    # the reward is there again as soon as the cart has read of it: the same cart is bought at the same price
    path = f"/v1/carts/{cart['cart_id']}"
    funnel.shop.until(lambda: funnel.shop.get("cart", path), lambda it: it["totals"] == cart["totals"])
    again = funnel.buy(cart)
    assert (again["status"], again["totals"]) == ("completed", cart["totals"])


def test_an_upsell_after_the_purchase_is_bought_by_its_link_with_the_same_payment_method(
    funnel: Funnel,
) -> None:
    shop, customer = funnel.shop, f"customer-{uuid4().hex}"
    lamp = shop.product(2_500, on_hand=3)
    path = f"/v1/offers/{funnel.offer_id}/upsells"
    fifth = {"type": "percentage", "value": 20}
    new = {"type": "upsell", "product_id": lamp["product_id"], "name": "A lamp", "discount": fifth}
    upsell_id = shop.post("offer", path, "admin", {**new, "post_purchase": True})["upsell_id"]
    funnel.refer(customer)
    checkout = funnel.buy(funnel.fill_cart(customer))
    order_path = f"/v1/orders/{checkout['order_id']}"
    order = shop.until(lambda: shop.get("checkout-saga", order_path), lambda it: bool(it["upsells"]))
    (offered,) = order["upsells"]
    assert (offered["upsell_id"], offered["price"], offered["status"]) == (upsell_id, usd(2_000), "available")

    link = f"{order_path}/upsells/{offered['token']}/purchase"
    started = shop.call("POST", "checkout-saga", link, Idempotency_Key=uuid4().hex)
    assert started.status_code == 202, started.text
    bought = shop.settled(started.json()["checkout_id"])

    assert (bought["status"], bought["totals"]["total"]) == ("completed", usd(2_000)), bought
    assert shop.ledger(bought) == [("authorize", "authorized", 2_000), ("capture", "captured", 2_000)]
    own = shop.get("checkout-saga", f"/v1/orders/{bought['order_id']}")
    assert (own["customer_id"], own["origin"]["order_id"]) == (customer, order["order_id"])
    assert shop.stock(lamp) == (2, 0)
    again = shop.call("POST", "checkout-saga", link, Idempotency_Key=uuid4().hex)
    assert (again.status_code, again.json()["code"]) == (409, "UPSELL_ALREADY_BOUGHT")
    original = shop.get("checkout-saga", order_path)
    assert (original["totals"], original["upsells"][0]["status"]) == (order["totals"], "bought")
    shop.call("DELETE", "offer", f"{path}/{upsell_id}", "admin")


@pytest.fixture
def place(shop: Shop) -> Iterator[Json]:
    """A destination with a tax and a shipping rate. The rate goes at the end: while a tenant has any,
    goods are sold to known destinations alone."""
    place = {"country": "PT", "region": uuid4().hex[:8]}
    shop.post("offer", "/v1/tax-rates", "admin", {**place, "rate": 23, "inclusive": False, "name": "IVA"})
    rate = {
        "name": "Post",
        "currency": "USD",
        "countries": [place["country"]],
        "regions": [place["region"]],
        "brackets": [{"amount": 490}],
    }
    rate_id = shop.post("offer", "/v1/shipping-rates", "admin", rate)["rate_id"]
    yield place
    shop.call("DELETE", "offer", f"/v1/shipping-rates/{rate_id}", "admin")
    cart = shop.cart((shop.sold(1), 1))
    shop.until(
        lambda: {"status": shop.try_checkout(cart).status_code}, lambda it: it["status"] in {200, 201, 202}
    )


def test_shipping_is_charged_with_its_tax_and_refunded_to_the_cent(shop: Shop, place: Json) -> None:
    cart = shop.cart((shop.sold(1_001), 3))
    path = f"/v1/carts/{cart['cart_id']}"
    shipped = shop.until(
        lambda: dict(shop.call("PUT", "cart", f"{path}/shipping-address", body=place).json()),
        lambda it: "shipping" in it and bool(it["totals"]["tax"]["amount"]),
    )
    # 3003 with 23 % are 3693.69, and 490 are 602.70
    assert (shipped["shipping"]["total"], shipped["totals"]["total"]) == (usd(603), usd(4_297))
    checkout = shop.buy(cart, more={"shipping_address": {**ADDRESS, **place}})
    assert (checkout["status"], checkout["totals"]) == ("completed", shipped["totals"])
    refund = {"shipping": True, "reason": "late"}
    order_path = f"/v1/orders/{checkout['order_id']}"
    shop.post("checkout-saga", f"{order_path}/refunds", "admin", refund, Idempotency_Key=uuid4().hex)
    rest = {"reason": "came back"}
    order = shop.until(
        lambda: shop.get("checkout-saga", order_path), lambda it: it["refundable"] == usd(4_297 - 603)
    )
    assert order["shipping"]["refundable"] == usd(0)
    shop.post("checkout-saga", f"{order_path}/refunds", "admin", rest, Idempotency_Key=uuid4().hex)
    order = shop.until(
        lambda: shop.get("checkout-saga", order_path), lambda it: bool(it["status"] == "refunded")
    )
    refunded = [amount for operation, _, amount in shop.ledger(checkout) if operation == "refund"]
    assert refunded == [603, 3_694] and order["refundable"] == usd(0)


def test_goods_that_no_rate_ships_to_the_destination_are_neither_quoted_nor_sold(
    shop: Shop, place: Json
) -> None:
    product = shop.sold(1_001)
    cart = shop.cart((product, 1))
    path = f"/v1/carts/{cart['cart_id']}"
    shop.until(
        lambda: dict(shop.call("PUT", "cart", f"{path}/shipping-address", body=place).json()),
        lambda it: "shipping" in it,
    )
    elsewhere = {"country": "ES"}
    moved = shop.call("PUT", "cart", f"{path}/shipping-address", body=elsewhere).json()
    assert "shipping" not in moved
    offered = shop.get("cart", f"{path}/shipping-options")
    assert (offered["required"], offered["options"]) == (True, [])
    refused = shop.try_checkout(cart, more={"shipping_address": {**IN_SPAIN, **elsewhere}})
    lines = [{"product_id": product["product_id"], "quantity": 1}]
    quote = {"currency": "USD", "lines": lines, "destination": elsewhere}
    for answer in (refused, shop.call("POST", "offer", "/v1/quotes", "service", quote)):
        assert (answer.status_code, answer.json()["code"]) == (422, "SHIPPING_OPTION_NOT_AVAILABLE")
    shop.call("PUT", "cart", f"{path}/shipping-address", body=place)
    bought = shop.buy(shop.get("cart", path), more={"shipping_address": {**ADDRESS, **place}})
    assert bought["status"] == "completed"


def test_a_referral_is_shown_in_a_cart_as_a_discount_of_the_customer_alone(funnel: Funnel) -> None:
    customer = f"customer-{uuid4().hex}"
    funnel.refer(customer)
    (discount,) = (it for it in funnel.fill_cart(customer)["discounts"] if is_referral(it))
    assert discount["code"].endswith(customer)
