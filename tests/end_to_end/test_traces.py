"""A purchase in a recorded trace: one connected trace through all services, without personal data."""

from __future__ import annotations

import secrets

from tests.end_to_end.shop_client import Shop
from tests.support.otlp_receiver import OtlpReceiver, ReceivedSpan

ALLOWED = {
    *("error.type", "feira.call.kind", "feira.message.type", "feira.timer.kind"),
    *("http.request.method", "http.response.status_code", "http.route"),
    *("messaging.batch.message_count", "messaging.consumer.group.name", "messaging.destination.name"),
    *("messaging.operation.type", "messaging.system"),
}
"""All attributes that spans may have, stated here once more."""


def test_one_purchase_is_one_connected_trace_through_all_services(shop: Shop, spans: OtlpReceiver) -> None:
    # a read model that is built for the first time reads the topics by itself
    shop.until(
        lambda: shop.get("projections", "/v1/projections", "ops"),
        lambda it: {model["state"] for model in it["items"]} == {"live"},
    )
    cart = shop.cart((shop.sold(1999, 5), 1))
    trace_id, span_id = secrets.token_hex(16), secrets.token_hex(8)
    checkout = shop.buy(cart, traceparent=f"00-{trace_id}-{span_id}-01")
    assert checkout["status"] == "completed"

    names = {
        ("checkout-saga", "POST /v1/checkouts"),
        ("cart", "process cart.commands"),
        ("offer", "process offer.commands"),
        ("checkout-saga", "process offer.events"),
        ("gateway", "POST /v1/authorizations"),
        ("gateway", "POST /v1/captures"),
        ("projections", "process checkout.events"),
    }

    def is_connected(received: list[ReceivedSpan]) -> bool:
        """A span arrives after its children, since it ends after them."""
        own = _of(trace_id, received)
        ids = {it.span_id for it in own}
        roots = {(it.name, it.parent_id) for it in own if it.parent_id not in ids}
        seen = {(it.service, it.name) for it in own}
        return names <= seen and roots == {("POST /v1/checkouts", span_id)}

    received = spans.until(is_connected)
    own = _of(trace_id, received)
    by_id = {it.span_id: it for it in own}
    linked = {it.name for it in received if it.trace_id != trace_id and _is_linked(it, by_id)}
    assert {"append", "publish", "batch checkout-saga"} <= linked
    assert {it.kind for it in own} >= {"server", "client", "consumer"}


def test_a_span_holds_attributes_of_a_closed_list_and_no_personal_data(
    shop: Shop, spans: OtlpReceiver
) -> None:
    cart = shop.cart((shop.sold(2999, 5), 1))
    trace_id = secrets.token_hex(16)
    traceparent = f"00-{trace_id}-{secrets.token_hex(8)}-01"
    more = {"customer": {"email": "traced@example.com", "name": "Traced Person"}}
    checkout = shop.buy(cart, more=more, traceparent=traceparent)
    spans.until(lambda all_: any(it.service == "projections" for it in _of(trace_id, all_)))

    assert {name for it in spans.spans for name in it.attributes} <= ALLOWED
    assert {name for it in spans.spans for name in it.resource} == {
        *("service.name", "service.version", "service.instance.id")
    }
    for private in (b"traced@example.com", b"Traced Person", b"tok_ok", checkout["checkout_id"].encode()):
        assert private not in spans.raw


def test_an_unsampled_request_leaves_no_span(shop: Shop, spans: OtlpReceiver) -> None:
    trace_id = secrets.token_hex(16)
    shop.call("GET", "offer", "/v1/products", traceparent=f"00-{trace_id}-{secrets.token_hex(8)}-00")
    marker = secrets.token_hex(16)
    shop.call("GET", "offer", "/v1/products", traceparent=f"00-{marker}-{secrets.token_hex(8)}-01")
    received = spans.until(lambda all_: bool(_of(marker, all_)))
    assert not _of(trace_id, received)


def _of(trace_id: str, spans: list[ReceivedSpan]) -> list[ReceivedSpan]:
    return [it for it in spans if it.trace_id == trace_id]


def _is_linked(span: ReceivedSpan, own: dict[str, ReceivedSpan]) -> bool:
    return any(span_id in own for _, span_id in span.links)
