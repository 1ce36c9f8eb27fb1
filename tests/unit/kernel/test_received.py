"""What a record may hold that is read from Kafka."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from contracts.topics import MESSAGES
from kernel.messaging.dead_letters.store import _row
from kernel.messaging.deduplication import NewDeadLetter
from kernel.messaging.inbound import InvalidMessage, read_envelope
from tests.support.kafka_records import Sent, as_consumed, unlock_cart

CARD = "4242 4242 4242 4242"


def test_a_command_with_a_card_number_is_parked_without_it() -> None:
    sent = unlock_cart(uuid4())
    body = json.loads(sent.value or b"") | {"reason": f"paid by {CARD}"}
    received = read_envelope(
        as_consumed(Sent(sent.topic, sent.key, json.dumps(body).encode(), sent.headers)), MESSAGES
    )

    with pytest.raises(InvalidMessage) as refused:
        received.command()

    parked = _row("cart", NewDeadLetter(received.record, received, refused.value.reason, repr(refused.value)))
    assert refused.value.reason == "card_number"
    assert "4242" not in str(parked)
