"""A time that is read is the same moment in every part that passes it on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.topics import MESSAGES
from kernel.instants import INFINITIES, read, text_of
from kernel.messaging.headers import headers_of
from kernel.messaging.inbound import InvalidMessage, read_envelope
from tests.support.kafka_records import as_consumed, received_stock

OFFSETS = st.builds(lambda minutes: timezone(timedelta(minutes=minutes)), st.integers(-1439, 1439))
MOMENTS = st.datetimes(timezones=OFFSETS) | st.sampled_from(
    [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
)
ENDS = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999999Z"]


@given(MOMENTS)
def test_a_time_is_read_and_written_as_the_same_moment(moment: datetime) -> None:
    try:
        found = read(moment.isoformat())
    except ValueError:
        assert moment.year in {1, 9999}, "only the ends of the calendar are refused"
        return
    assert found == moment
    assert read(text_of(found)) == found


@given(st.datetimes(), st.integers(0, 999))
def test_digits_beyond_microseconds_are_cut_off(moment: datetime, nanoseconds: int) -> None:
    text = f"{moment.isoformat(timespec='microseconds')}{nanoseconds:03}Z"
    if moment.replace(tzinfo=UTC) in INFINITIES:
        with pytest.raises(ValueError, match="stored"):
            read(text)
    else:
        assert read(text) == moment.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        *ENDS,
        *("2016-12-31T23:59:60Z", "2026-02-30T00:00:00Z", "2026-01-01T24:00:01Z", "2026-01-01", "", "now"),
        *("2026-01-01T00:00:00", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"),
    ],
)
def test_a_time_that_cannot_be_stored_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be|is no time"):
        read(text)


@given(MOMENTS)
def test_the_time_of_a_kafka_record_is_read_exactly_or_the_record_is_invalid(moment: datetime) -> None:
    sent = received_stock(uuid4(), 1).with_header("ce_time", moment.isoformat().encode())
    try:
        received = read_envelope(as_consumed(sent), MESSAGES)
    except InvalidMessage as unreadable:
        assert unreadable.reason == "headers"
        assert "ce_time" in str(unreadable)
        assert moment.year in {1, 9999}
    else:
        assert received.time == moment
        assert received.context().occurred_at == moment


@pytest.mark.parametrize("end", sorted(it.replace(tzinfo=None) for it in INFINITIES))
def test_a_stored_infinity_is_published_as_the_recording_time(end: datetime) -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    row: dict[str, Any] = {
        **dict.fromkeys(("message_id", "key"), uuid4()),
        **dict.fromkeys(("tenant", "correlation_id", "causation_id", "type", "kind"), "x"),
        "schema_version": 1,
        "traceparent": None,
        "recorded_at": now,
        "occurred_at": end,
    }
    headers = dict(headers_of(row, b"/feira/test", b"1"))
    assert headers["ce_time"] == headers["ce_recordedtime"] == text_of(now).encode()
