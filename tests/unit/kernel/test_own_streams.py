"""What a selective group takes of its topics."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts import promotion, redemption, reservation, stock
from contracts.topics import MESSAGES
from kernel.messaging.deduplication import read_envelopes
from kernel.messaging.own_streams import OwnStreams
from tests.support.purchases import Purchase, Record
from tests.unit.projections.purchase_strategies import DAYS

OF_ORDERS = OwnStreams({"order.paid"}, MESSAGES)


def records() -> list[Record]:
    return [it.record(offset) for offset, it in enumerate(Purchase(1, DAYS[0]).bought().happened)]


def types_of(chosen: list[Record]) -> set[str]:
    return {dict(it.headers)["ce_type"].decode() for it in chosen}


def test_it_takes_every_fact_of_a_stream_of_which_it_takes_one_and_none_of_another() -> None:
    chosen = OF_ORDERS.records(records())
    assert "order.created" in types_of(chosen), "its version precedes the one of order.paid"
    assert {it.partition(".")[0] for it in types_of(chosen)} == {"order"}


def test_records_whose_envelopes_are_read_are_chosen_alike() -> None:
    mixed = records()
    unreadable = [replace(it, key=b"another") for it in mixed]
    received = OF_ORDERS.received(read_envelopes([*mixed, *unreadable], MESSAGES))
    assert [it.record for it in received[0]] == OF_ORDERS.records(mixed)
    assert [it.record for it in received[1]] == OF_ORDERS.records(unreadable)


def test_a_record_without_a_type_is_taken_so_that_it_is_parked() -> None:
    nothing = replace(records()[0], headers=())
    assert OF_ORDERS.records([nothing]) == [nothing]


@pytest.mark.parametrize(
    ("refused", "stream"),
    [
        (stock.ReservationRefused.TYPE, reservation.Made.TYPE),
        (promotion.ReservationRefused.TYPE, redemption.Made.TYPE),
    ],
    ids=["stock", "promotions"],
)
def test_a_refusal_is_left_out_with_the_stream_in_which_it_is_recorded(refused: str, stream: str) -> None:
    template = records()[0]
    first, second = (replace(template, headers=[("ce_type", it.encode())]) for it in (stream, refused))
    of_counts = OwnStreams({stock.Reserved.TYPE, promotion.Reserved.TYPE}, MESSAGES)
    assert of_counts.records([first, second]) == [], "version 2 alone would be a gap"
    assert OwnStreams({stream}, MESSAGES).records([first, second]) == [first, second]


def test_a_family_whose_name_begins_with_the_name_of_another_is_another() -> None:
    assert OwnStreams({"ord.made"}, MESSAGES).records(records()) == []
