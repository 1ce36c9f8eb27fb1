"""The records on Kafka, read by a plain client that knows only the headers' names."""

import asyncio
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from jsonschema import Draft202012Validator, FormatChecker

from contracts.topology import PUBLISHERS, USED_TOPICS
from tests.end_to_end.shop_client import SEEN_WITHIN, Shop
from tests.support.stack import RunningStack

SCHEMAS = Path(__file__).parents[2] / "shared" / "contracts" / "schemas"
ALWAYS = {
    "ce_specversion",
    "ce_id",
    "ce_source",
    "ce_type",
    "ce_subject",
    "ce_time",
    "ce_dataschema",
    "content-type",
    "ce_recordedtime",
    "ce_tenant",
    "ce_correlationid",
    "ce_causationid",
    "traceparent",
}
OURS = "ce_correlationid"
"""Header of the services' own records; the foreign records of other tests lack it."""
CORRELATION = "the-correlation-of-this-test"
LONG_AGO = "1997-01-12T00:00:00Z"


@pytest.fixture(scope="module")
async def records(shop: Shop, stack: RunningStack) -> list[tuple[Any, dict[str, str]]]:
    """All records on the topics up to the end of one dated purchase."""
    cart = shop.cart((shop.product(1234), 1), role="service")
    headers = {"X_Correlation_Id": CORRELATION, "Feira_Occurred_At": LONG_AGO}
    assert shop.buy(cart, role="service", **headers)["status"] == "completed"
    consumer = AIOKafkaConsumer(
        *USED_TOPICS, bootstrap_servers=stack.addresses.kafka, auto_offset_reset="earliest", group_id=None
    )
    await consumer.start()
    found: list[Any] = []
    try:
        async with asyncio.timeout(SEEN_WITHIN):
            while not any(_is_last(it) for it in found):
                batches = await consumer.getmany(timeout_ms=200)
                records = [record for batch in batches.values() for record in batch]
                found += [it for it in records if OURS in dict(it.headers)]
    finally:
        await consumer.stop()
    return [(it, {name: value.decode() for name, value in it.headers}) for it in found]


def _is_last(record: Any) -> bool:
    """Whether it is the last record of the purchase: the cart is converted."""
    head = dict(record.headers)
    pair = head["ce_type"], head["ce_correlationid"]
    return pair == (b"cart.converted", CORRELATION.encode())


Records = list[tuple[Any, dict[str, str]]]


async def test_every_record_is_a_cloud_event_whose_body_fits_its_schema(records: Records) -> None:
    assert records
    for record, head in records:
        assert head.keys() >= ALWAYS
        assert head["ce_specversion"] == "1.0"
        assert record.key.decode() == head["ce_subject"]
        assert head["ce_dataschema"] == f"urn:feira:{head['ce_type']}:1"
        assert head["ce_source"] in {"/feira/cart", "/feira/offer", "/feira/checkout-saga"}
        schema = json.loads((SCHEMAS / f"{head['ce_type']}.1.json").read_text())
        Draft202012Validator(schema).validate(json.loads(record.value))
        assert ("ce_version" in head) == record.topic.endswith(".events")


async def test_facts_of_a_key_first_appear_in_version_order_without_a_gap(records: Records) -> None:
    last: defaultdict[tuple[str, str], int] = defaultdict(int)
    for record, head in records:
        if "ce_version" in head:
            key, version = (record.topic, head["ce_subject"]), int(head["ce_version"])
            assert version <= last[key] + 1
            last[key] = max(last[key], version)
    assert last


async def test_what_one_call_causes_carries_its_correlation_and_its_date(records: Records) -> None:
    ours = [(record, head) for record, head in records if head["ce_correlationid"] == CORRELATION]
    types = {head["ce_type"] for _, head in ours}
    assert types >= {
        "checkout.started",
        "cart.lock",
        "cart.locked",
        "offer.reserve_stock",
        "reservation.made",
        "price.confirmed",
        "payment.authorized",
        "order.created",
        "payment.captured",
        "order.paid",
        "order.fulfilled",
        "checkout.completed",
        "cart.converted",
    }
    assert {head["ce_time"][:19] for _, head in ours} == {LONG_AGO[:19]}
    assert not any(head["ce_recordedtime"].startswith("1997") for _, head in ours)


async def test_every_cause_is_a_message_that_is_there_or_a_request(records: Records) -> None:
    ours = [head for _, head in records if head["ce_correlationid"] == CORRELATION]
    ids = {head["ce_id"] for head in ours}
    answers = [head for head in ours if head["ce_source"] != "/feira/checkout-saga"]
    assert answers
    assert all(head["ce_causationid"] in ids for head in answers)


async def test_nothing_personal_is_readable_on_any_topic(records: Records) -> None:
    for record, head in records:
        for secret in (b"ann@example.com", b"Ann Example", b"tok_ok"):
            assert secret not in record.value
            assert secret not in repr(head).encode()


async def test_records_and_descriptions_agree(records: Records, shop: Shop) -> None:
    """In both directions: what is on the topics is described, and what is described is on the topics."""
    documents = {name: shop.get(name, "/asyncapi.json") for name in PUBLISHERS}
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for record, head in records:
        sender = documents[head["ce_source"].removeprefix("/feira/")]
        message = sender["components"]["messages"][head["ce_type"]]
        reference = {"$ref": f"#/channels/{record.topic}/messages/{head['ce_type']}"}
        assert reference in sender["operations"][f"send.{record.topic}"]["messages"]

        parts = {"components": sender["components"]}
        body = json.loads(record.value)
        Draft202012Validator(message["headers"], format_checker=FormatChecker()).validate(head)
        Draft202012Validator(parts | message["payload"], format_checker=FormatChecker()).validate(body)
        assert head.keys() <= message["headers"]["properties"].keys()
        assert body.keys() <= message["payload"]["properties"].keys()
        seen[head["ce_type"]] |= head.keys()

    assert seen.keys() >= {"cart.lock", "cart.locked", "order.paid", "cart.converted"}
    for kind, names in seen.items():
        (described,) = {
            frozenset(it["components"]["messages"][kind]["headers"]["properties"])
            for it in documents.values()
            if kind in it["components"]["messages"]
        }
        assert names == described
