"""Invalid HTTP calls, one each, with the response that is expected."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

JSON = ("Content-Type", "application/json")
NO_ID = "00000000-0000-0000-0000-000000000001"
CART = {"session_id": "bad input", "currency": "USD"}
SOLD = {"sku": "bad-input", "name": "Bad", "type": "service", "prices": []}
CARD = "4242 4242 4242 4242"
KEY = ("Idempotency-Key", "refused before it counts")
CHECKOUT = {
    "cart_id": NO_ID,
    "customer": {"email": "ann@example.com"},
    "payment": {"method": "card", "token": "tok_ok"},
}
Header = tuple[str, str | bytes]


@dataclass(frozen=True)
class Bad:
    """``{cart}`` and the like in path and body are replaced by existing ids. A header replaces the usual one;
    None removes it."""

    what: str
    answer: tuple[int, str | None]
    """Status and code. The code is None if the server refuses the call, or for a response without a body."""
    call: str
    body: Any = None
    """Bytes as they are, anything else as JSON."""
    headers: Sequence[Header | tuple[str, None]] = ()
    role: str = "storefront"


INVALID = (422, "INVALID_REQUEST")
NO_CART = (404, "CART_NOT_FOUND")
ITEMS = "cart POST /v1/carts/{cart}/items"
CARTS = "cart POST /v1/carts"
CHECKOUTS = "checkout-saga POST /v1/checkouts"
PRODUCTS = "offer POST /v1/products"


def item(quantity: Any, **more: Any) -> dict[str, Any]:
    return {"product_id": "{product}", "quantity": quantity, **more}


def written(body: dict[str, Any], member: str) -> bytes:
    """A body with one more member, as raw JSON."""
    return f"{json.dumps(body)[:-1]},{member}}}".encode()


VALUES = [
    Bad("an unknown product", (404, "PRODUCT_NOT_FOUND"), ITEMS, {"product_id": NO_ID, "quantity": 1}),
    Bad("a product of another tenant", (404, "PRODUCT_NOT_FOUND"), ITEMS, item(1, product_id="{their_product}")),
    Bad("another tenant's cart", NO_CART, "cart GET /v1/carts/{their_cart}"),
    Bad("an item for another tenant's cart", NO_CART, "cart POST /v1/carts/{their_cart}/items", item(1)),
    Bad("a quantity of 0", (422, "INVALID_QUANTITY"), ITEMS, item(0)),
    Bad("a quantity of 11", (422, "MAX_ITEM_QUANTITY_EXCEEDED"), ITEMS, item(11)),
    Bad("a quantity below 0", (422, "INVALID_QUANTITY"), ITEMS, item(-1)),
    Bad("half a quantity", INVALID, ITEMS, item(1.5)),
    Bad("a quantity with a point", INVALID, ITEMS, item(1.0)),
    Bad("a quantity that is true", INVALID, ITEMS, item(True)),
    Bad("a quantity in quotes", INVALID, ITEMS, item("3")),
    Bad("a quantity of 10^30", INVALID, ITEMS, item(10**30)),
    Bad("a quantity of 2^63", INVALID, ITEMS, item(2**63)),
    Bad("no quantity", INVALID, ITEMS, {"product_id": "{product}"}),
    Bad("a price sent by the caller", INVALID, ITEMS, item(1, unit_price={"amount": 1, "currency": "USD"})),
    Bad("a total sent to the checkout", INVALID, CHECKOUTS, CHECKOUT | {"total": 1}, [("Idempotency-Key", "t")]),
    Bad("a product that is no id", INVALID, ITEMS, {"product_id": "mug", "quantity": 1}),
    Bad("a product that is SQL", INVALID, ITEMS, {"product_id": "' OR 1=1 --", "quantity": 1}),
    Bad("an unknown currency", INVALID, CARTS, CART | {"currency": "XYZ"}),
    Bad("a currency in small letters", INVALID, CARTS, CART | {"currency": "usd"}),
    Bad("a session with control characters", INVALID, CARTS, CART | {"session_id": "a\u202eb"}),
    Bad("a checkout without a key", (400, "IDEMPOTENCY_KEY_REQUIRED"), CHECKOUTS, CHECKOUT),
    Bad("a card number", (422, "CARD_NUMBER_NOT_ALLOWED"), CHECKOUTS,
        CHECKOUT | {"payment": {"method": "card", "token": "4242424242424242"}}, [("Idempotency-Key", "c")]),
    *(
        Bad(f"a card number in {what}", (422, "CARD_NUMBER_NOT_ALLOWED"), call, body, headers)
        for what, call, body, headers in (
            ("the payment method", CHECKOUTS, CHECKOUT | {"payment": {"method": CARD, "token": "tok_ok"}}, [KEY]),
            ("a customer's id", CHECKOUTS, CHECKOUT | {"customer": {"email": "a@b.example", "id": CARD}}, [KEY]),
            ("a session's id", CARTS, CART | {"session_id": f"s {CARD}"}, []),
            ("metadata", CARTS, CART | {"metadata": {"a": [{"b": CARD.replace(" ", "-")}]}}, []),
            ("options", ITEMS, {"product_id": "{product}", "quantity": 1, "options": {"engraving": CARD}}, []),
            ("an idempotency key", CARTS, CART, [("Idempotency-Key", CARD)]),
            ("a correlation id", CARTS, CART, [("X-Correlation-Id", CARD.replace(" ", ""))]),
        )
    ),
    Bad("a payment method that is none", INVALID, CHECKOUTS,
        CHECKOUT | {"payment": {"method": "barter", "token": "tok_ok"}}, [KEY]),
    Bad("a boleto that names no debtor", (422, "PAYMENT_DETAILS_REQUIRED"), CHECKOUTS,
        CHECKOUT | {"payment": {"method": "boleto"}}, [("Idempotency-Key", "boleto")]),
    Bad("instalments of five levels", INVALID, CHECKOUTS,
        CHECKOUT | {"payment": {"method": "pix", "instalments": {"a": {"b": {"c": {"d": {}}}}}}}, [KEY]),
    Bad("a way back that is no https", INVALID, CHECKOUTS,
        CHECKOUT | {"payment": {"method": "pix", "return_url": "http://shop.example"}}, [KEY]),
    Bad("a name of invisible characters", INVALID, PRODUCTS, SOLD | {"name": "\u200b"}, role="admin"),
    Bad("a SKU of blanks", INVALID, PRODUCTS, SOLD | {"sku": " \t "}, role="admin"),
    Bad("a session of a byte order mark", INVALID, CARTS, CART | {"session_id": "\ufeff"}),
    Bad("a tax rate of many nines", INVALID, "offer POST /v1/tax-rates",
        {"country": "DE", "rate": 99.999999999, "inclusive": True, "name": "VAT"}, role="admin"),
    Bad("a promotion from before 1970", INVALID, "offer POST /v1/promotions",
        {"kind": "percentage", "value": 5, "stacking": {"mode": "stackable"}, "starts_at": "0001-01-01T00:00:00Z"},
        role="admin"),
    Bad("an e-mail address for a session", INVALID, CARTS, CART | {"session_id": "ann@example.com"}),
    Bad("an e-mail address for a cart's customer", INVALID, CARTS, CART | {"customer_id": "ann@example.com"}),
    Bad("an e-mail address for a customer's id", INVALID, CHECKOUTS,
        CHECKOUT | {"customer": {"email": "a@b.example", "id": "a@b.example"}}, [KEY]),
    Bad("an e-mail address in metadata", INVALID, CARTS, CART | {"metadata": {"for": "ann@example.com"}}),
    *(
        Bad(f"{what} for an e-mail address", (422, "INVALID_EMAIL"), CHECKOUTS,
            CHECKOUT | {"customer": {"email": address}}, [("Idempotency-Key", f"mail {what}")])
        for what, address in {
            "two @": "a@b@c", "a dot": "a@.", "an invisible character": "a\u200b@b.c", "brackets": "<x@y.z>",
        }.items()
    ),
    Bad("an array for an object", INVALID, CARTS, [CART]),
    Bad("no body", INVALID, CARTS),
    Bad("a refund of units and an amount of one line", INVALID, "checkout-saga POST /v1/orders/{no_id}/refunds", {"lines": [{"line_id": "a", "quantity": 1, "amount": 1}], "reason": "x"},
        [("Idempotency-Key", "p")], "admin"),
    Bad("a refund of an amount with units for the stock", INVALID, "checkout-saga POST /v1/orders/{no_id}/refunds", {"amount": 1, "restock": True, "reason": "x"},
        [("Idempotency-Key", "s")], "admin"),
    Bad("a cancellation of no lines", INVALID, "checkout-saga POST /v1/orders/{no_id}/cancel", {"lines": [], "reason": "x"}, role="admin"),
    Bad("a refund of -1", INVALID, "checkout-saga POST /v1/orders/{no_id}/refunds", {"amount": -1, "reason": "x"},
        [("Idempotency-Key", "r")], "admin"),
    Bad("stock of -1", INVALID, "offer PUT /v1/products/{product}/stock", {"on_hand": -1}, role="admin"),
]  # fmt: skip

JSON_ITSELF = [
    Bad("half of it", INVALID, CARTS, b'{"session_id": '),
    Bad("a key twice", INVALID, CARTS, written(CART, '"currency": "EUR"')),
    Bad("a key twice, further in", INVALID, CARTS, written(CART, '"metadata": {"a": 1, "a": 2}')),
    Bad("NaN", INVALID, CARTS, written(CART, '"metadata": {"a": NaN}')),
    Bad("Infinity", INVALID, CARTS, written(CART, '"metadata": {"a": -Infinity}')),
    Bad("1e400", INVALID, CARTS, written(CART, '"metadata": {"a": 1e400}')),
    Bad("5,000 digits", INVALID, CARTS, written(CART, f'"metadata": {{"a": {"9" * 5000}}}')),
    Bad("half a surrogate pair", INVALID, CARTS, written(CART, '"metadata": {"a": "\\ud800"}')),
    Bad("half a pair in a name", INVALID, CARTS, written(CART, '"metadata": {"\\udfff": 1}')),
    Bad("an escaped NUL", INVALID, CARTS, written(CART, '"metadata": {"a": "\\u0000"}')),
    Bad("a NUL", INVALID, CARTS, b'{"session_id": "\0", "currency": "USD"}'),
    Bad("10,000 arrays in one another", INVALID, CARTS, b"[" * 10_000 + b"]" * 10_000),
    Bad("10,000 objects in one another", INVALID, CARTS, b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
    Bad("33 levels", INVALID, CARTS, written(CART, '"metadata": ' + '{"a":' * 32 + "1" + "}" * 32)),
    Bad("a byte order mark", INVALID, CARTS, b"\xef\xbb\xbf" + json.dumps(CART).encode()),
    Bad("UTF-16", INVALID, CARTS, json.dumps(CART).encode("utf-16")),
    Bad("UTF-16 that is said to be so", (415, "UNSUPPORTED_MEDIA_TYPE"), CARTS, json.dumps(CART).encode("utf-16"),
        [("Content-Type", "application/json; charset=utf-16")]),
    Bad("no UTF-8", INVALID, CARTS, b'{"session_id": "\xff", "currency": "USD"}'),
    Bad("no JSON", INVALID, CARTS, b"session_id=1"),
    Bad("null", INVALID, CARTS, b"null"),
    Bad("more metadata than is kept", INVALID, CARTS, CART | {"metadata": {"a": "x" * 20_000}}),
    Bad("5 MB", (413, "PAYLOAD_TOO_LARGE"), CARTS, b" " * 5_000_000),
]  # fmt: skip

NOT_JSON = (415, "UNSUPPORTED_MEDIA_TYPE")
BODIES_OF_OTHER_KINDS = [
    Bad("text", NOT_JSON, CARTS, CART, [("Content-Type", "text/plain")]),
    Bad("a form", NOT_JSON, CARTS, b"a=1", [("Content-Type", "application/x-www-form-urlencoded")]),
    Bad("several parts", NOT_JSON, CARTS, b"--x--", [("Content-Type", "multipart/form-data; boundary=x")]),
    Bad("no type", NOT_JSON, CARTS, CART, [("Content-Type", None)]),
    Bad("a type without measure", NOT_JSON, CARTS, CART, [("Content-Type", "x/" + "y" * 10_000)]),
    Bad("gzip", NOT_JSON, CARTS, gzip.compress(json.dumps(CART).encode()), [JSON, ("Content-Encoding", "gzip")]),
]  # fmt: skip

UNKNOWN = (401, "UNAUTHENTICATED")
HEADERS = [
    Bad("no key", UNKNOWN, CARTS, CART, [("Authorization", None)]),
    Bad("a forged key", UNKNOWN, CARTS, CART, [("Authorization", "Bearer rival-storefronts")]),
    Bad("a key of another scheme", UNKNOWN, CARTS, CART, [("Authorization", "Basic cml2YWw6eA==")]),
    Bad("an empty key", UNKNOWN, CARTS, CART, [("Authorization", "Bearer ")]),
    Bad("a key of any bytes", UNKNOWN, CARTS, CART, [("Authorization", b"Bearer \xff\xfe")]),
    Bad("a key of 10,000 characters", UNKNOWN, CARTS, CART, [("Authorization", "Bearer " + "x" * 10_000)]),
    Bad("two keys", INVALID, CARTS, CART,
        [("Authorization", "Bearer rival-storefront"), ("Authorization", "Bearer rival-admin")]),
    Bad("a role that may not", (403, "FORBIDDEN"), PRODUCTS, SOLD),
    Bad("300 characters of idempotency key", INVALID, CARTS, CART, [("Idempotency-Key", "k" * 300)]),
    Bad("an empty idempotency key", INVALID, CARTS, CART, [("Idempotency-Key", "")]),
    Bad("an idempotency key with a tab", INVALID, CARTS, CART, [("Idempotency-Key", "a\tb")]),
    Bad("an idempotency key that is no ASCII", INVALID, CARTS, CART, [("Idempotency-Key", b"\xc3\xa9")]),
    Bad("two idempotency keys", INVALID, CARTS, CART, [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]),
    Bad("an idempotency key with a NUL", (400, None), CARTS, CART, [("Idempotency-Key", b"a\0b")]),
    Bad("a header with a bare CR", (400, None), CARTS, CART, [("X-Odd", b"a\rb")]),
    Bad("a header's name with a space", (400, None), CARTS, CART, [("X Odd", "a")]),
    Bad("a folded header", (400, None), CARTS, CART, [("X-Odd", b"a\r\n b")]),
    Bad("a version that does not exist", (412, "VERSION_CONFLICT"), ITEMS, item(1), [("If-Match", '"999"')]),
    Bad("a version that is none", (412, "VERSION_CONFLICT"), ITEMS, item(1), [("If-Match", "yesterday")]),
    Bad("a weak version", (412, "VERSION_CONFLICT"), ITEMS, item(1), [("If-Match", 'W/"1"')]),
    Bad("a version without measure", INVALID, ITEMS, item(1), [("If-Match", '"' + "9" * 2000 + '"')]),
    Bad("an unset date", INVALID, CARTS, CART, [("Feira-Occurred-At", "0001-01-01T00:00:00Z")], "service"),
    Bad("a date before 1970", INVALID, CARTS, CART, [("Feira-Occurred-At", "1969-12-31T23:59:59Z")], "service"),
    Bad("no date", INVALID, CARTS, CART, [("Feira-Occurred-At", "yesterday")], "service"),
    Bad("a date without its zone", INVALID, CARTS, CART, [("Feira-Occurred-At", "2020-01-01T00:00:00")], "service"),
    Bad("a date that never was", INVALID, CARTS, CART, [("Feira-Occurred-At", "2021-02-29T00:00:00Z")], "service"),
    Bad("a date before all dates", INVALID, CARTS, CART,
        [("Feira-Occurred-At", "0001-01-01T00:00:00+14:00")], "service"),
    Bad("a date to come", INVALID, CARTS, CART, [("Feira-Occurred-At", "2999-01-01T00:00:00Z")], "service"),
    Bad("a date from a storefront", (403, "FORBIDDEN"), CARTS, CART, [("Feira-Occurred-At", "2020-01-01T00:00:00Z")]),
    Bad("no host", (400, None), CARTS, CART, [("Host", None)]),
    Bad("two hosts", (400, None), CARTS, CART, [("Host", "x"), ("Host", "y")]),
    Bad("an unknown expectation", (417, None), CARTS, CART, [("Expect", "more")]),
    Bad("200 headers", (431, None), CARTS, CART, [(f"X-{n}", "x") for n in range(200)]),
    Bad("a header of 100,000 characters", (431, None), CARTS, CART, [("X-Odd", "x" * 100_000)]),
    Bad("a length and chunks", (400, None), CARTS, CART, [("Content-Length", "5"), ("Transfer-Encoding", "chunked")]),
    Bad("two lengths", (400, None), CARTS, CART, [("Content-Length", "5"), ("Content-Length", "6")]),
    Bad("a length that is no number", (400, None), CARTS, CART, [("Content-Length", "five")]),
    Bad("a length below 0", (400, None), CARTS, CART, [("Content-Length", "-1")]),
    Bad("a length of 10^30", (400, None), CARTS, CART, [("Content-Length", "1" + "0" * 30)]),
    Bad("an unknown encoding", (400, None), CARTS, CART,
        [("Content-Length", None), ("Transfer-Encoding", "brotli")]),
    Bad("a chunk whose length is no number", (400, None), CARTS, b"zz\r\n{}\r\n0\r\n\r\n",
        [("Content-Length", None), ("Transfer-Encoding", "chunked")]),
]  # fmt: skip

NOTHING_THERE = (404, "NOT_FOUND")
WRONG_METHOD = (405, "METHOD_NOT_ALLOWED")
PATHS = [
    Bad("a cart that is no id", NO_CART, "cart GET /v1/carts/1"),
    Bad("a cart that is SQL", NO_CART, "cart GET /v1/carts/'%20OR%201=1%20--"),
    Bad("a cart of 20,000 characters", NO_CART, "cart GET /v1/carts/" + "a" * 20_000),
    Bad("a cart with a NUL", NOTHING_THERE, "cart GET /v1/carts/%00"),
    Bad("a cart that is no UTF-8", NOTHING_THERE, "cart GET /v1/carts/%ff%fe"),
    Bad("an item that is no id", (404, "ITEM_NOT_FOUND"), "cart PATCH /v1/carts/{cart}/items/1", {"quantity": 1}),
    Bad("a discount that is not there", (404, "DISCOUNT_NOT_FOUND"), "cart DELETE /v1/carts/{cart}/discounts/%F0%9F%92%A9"),
    Bad("a product that is no id", (404, "PRODUCT_NOT_FOUND"), "offer GET /v1/products/1"),
    Bad("a promotion that is no id", (404, "PROMOTION_NOT_FOUND"), "offer GET /v1/promotions/1", role="admin"),
    Bad("a checkout that is no id", (404, "CHECKOUT_SESSION_NOT_FOUND"), "checkout-saga GET /v1/checkouts/1"),
    Bad("an order that is no id", (404, "ORDER_NOT_FOUND"), "checkout-saga GET /v1/orders/1"),
    Bad("a path out of the house", NOTHING_THERE, "cart GET /v1/../../etc/passwd"),
    Bad("the same, quoted", NOTHING_THERE, "cart GET /v1/carts/..%2f..%2fetc%2fpasswd"),
    Bad("no such route", NOTHING_THERE, "projections GET /v1/nothing", role="admin"),
    Bad("a slash too many", NOTHING_THERE, "cart GET /v1/carts/"),
    Bad("a method that is not for this", WRONG_METHOD, "cart PUT /v1/carts/{cart}", {}),
    Bad("an unknown method", (400, None), "cart BREW /v1/carts"),
    Bad("a look at the head alone", (405, None), "cart HEAD /v1/carts/{cart}"),
    Bad("a question for the options", WRONG_METHOD, "cart OPTIONS /v1/carts/{cart}"),
    Bad("a trace", WRONG_METHOD, "offer TRACE /v1/products"),
    Bad("a tunnel", (400, None), "cart CONNECT example.com:443"),
]  # fmt: skip

LIST = "offer GET /v1/products"
QUERIES = [
    Bad("a page of 0", INVALID, f"{LIST}?limit=0"),
    Bad("a page of 101", INVALID, f"{LIST}?limit=101"),
    Bad("a page of x", INVALID, f"{LIST}?limit=x"),
    Bad("a page of 10^30", INVALID, f"{LIST}?limit=1{'0' * 30}"),
    Bad("a cursor that is none", INVALID, f"{LIST}?cursor=x"),
    Bad("a forged cursor", INVALID, f"{LIST}?cursor=WzFd"),
    Bad("a cursor with a NUL in it", INVALID, f"{LIST}?cursor=WyJcdTAwMDAiXQ"),
    Bad("a cursor without measure", INVALID, f"{LIST}?cursor={'x' * 2000}"),
    Bad("a NUL in the query", INVALID, f"{LIST}?cursor=%00"),
    Bad("a query that is no UTF-8", INVALID, f"{LIST}?cursor=%ff"),
    Bad("neither session nor customer", INVALID, "cart GET /v1/carts", role="service"),
    Bad("a wait of 10,001", INVALID, "checkout-saga GET /v1/checkouts/{no_id}?wait_ms=10001"),
    Bad("orders of an empty customer", INVALID, "checkout-saga GET /v1/orders?customer_id=", role="admin"),
    Bad("sagas in no such state", INVALID, "checkout-saga GET /v1/sagas?status=asleep", role="ops"),
    Bad("a day that is none", INVALID, "projections GET /v1/analytics/conversion?from=yesterday", role="analyst"),
    Bad("a range that ends before it begins", INVALID,
        "projections GET /v1/analytics/conversion?from=2026-02-01&to=2026-01-01", role="analyst"),
    Bad("the ledger in a page of 0", INVALID, "gateway GET /v1/simulated-gateway/ledger?limit=0", role="ops"),
]  # fmt: skip

BAD = [*VALUES, *JSON_ITSELF, *BODIES_OF_OTHER_KINDS, *HEADERS, *PATHS, *QUERIES]
