"""Spans are recorded for sampled traces alone, and sent to a collector that may also be away."""

from __future__ import annotations

import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kernel.observability import tracing
from kernel.observability.tracing import ENDPOINT, MAX_LINKS, RATIO
from tests.support.otlp_receiver import receiving_spans

STOPPED_WITHIN = 4.0


@contextmanager
def recording(url: str, ratio: str = "1") -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(ENDPOINT, url)
        environment.setenv(RATIO, ratio)
        tracing.enable("toy", "1.2.3", "toy-0")
        try:
            yield
        finally:
            tracing.stop()


def sampled() -> str:
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def test_a_span_has_the_name_parent_links_and_service_that_it_was_given() -> None:
    parent, linked = sampled(), sampled()
    with receiving_spans() as receiver:
        with recording(receiver.url), tracing.span("work", "client", parent, [linked]) as span:
            span.describe("work done", {"feira.call.kind": "authorize"})
        received = receiver.until(bool)

    assert len(received) == 1
    found = received[0]
    assert (found.name, found.kind, found.service) == ("work done", "client", "toy")
    assert (found.trace_id, found.parent_id) == (parent[3:35], parent[36:52])
    assert found.links == {(linked[3:35], linked[36:52])}
    assert span.traceparent == f"00-{found.trace_id}-{found.span_id}-01"
    assert found.attributes == {"feira.call.kind": "authorize"}
    assert not found.failed


def test_an_exception_marks_the_span_as_failed_by_its_type_and_without_its_message() -> None:
    with receiving_spans() as receiver:
        span = tracing.span("work", "internal", sampled())
        with recording(receiver.url), pytest.raises(KeyError), span:
            raise KeyError("ann@example.com")
        received = receiver.until(bool)

    assert received[0].failed
    assert received[0].attributes == {"error.type": "KeyError"}
    assert b"ann@example.com" not in receiver.raw


def test_what_is_not_sampled_makes_no_span_and_passes_its_parent_on() -> None:
    unsampled = sampled()[:-2] + "00"
    with receiving_spans() as receiver, recording(receiver.url):
        assert tracing.begin("work", "client", unsampled).traceparent == unsampled
        assert not tracing.begin("work", "client", unsampled).is_recorded
        assert not tracing.begin("batch", "consumer", links=[unsampled]).is_recorded
        assert tracing.begin("batch", "consumer", links=[unsampled, sampled()]).is_recorded
        assert not tracing.begin("work", "client").is_recorded


@pytest.mark.parametrize("text", ["", "zz", "00-1-2-0g", "00-" + 32 * "0" + "-" + 16 * "1" + "-01"])
def test_a_traceparent_that_is_none_is_not_sampled_and_stops_nothing(text: str) -> None:
    """The relay and the consumers get whatever a record of another sender held."""
    with receiving_spans() as receiver, recording(receiver.url):
        assert not tracing.begin("work", "client", text).is_recorded
        with tracing.span("publish", "producer", links=[text]) as span:
            assert not span.is_recorded


def test_links_beyond_the_limit_of_the_sdk_are_left_out() -> None:
    with receiving_spans() as receiver:
        with (
            recording(receiver.url),
            tracing.span("batch", "consumer", links=[sampled() for _ in range(500)]),
        ):
            pass
        assert len(receiver.until(bool)[0].links) == MAX_LINKS


def test_a_part_of_the_new_traces_is_recorded() -> None:
    with receiving_spans() as receiver:
        with recording(receiver.url, ratio="0.5"):
            begun = [tracing.begin_trace("GET", "server") for _ in range(1000)]
            recorded = sum(it.is_recorded for it in begun)
        with recording(receiver.url, ratio="0"):
            assert not any(tracing.begin_trace("GET", "server").is_recorded for _ in range(100))
    assert 400 < recorded < 600


def test_without_an_endpoint_nothing_is_recorded() -> None:
    tracing.enable("toy", "1.2.3", "toy-0")
    assert not tracing.active
    assert not tracing.begin("work", "client", sampled()).is_recorded


@pytest.mark.parametrize("ratio", ["2", "-1", "often"])
def test_a_ratio_that_is_none_is_refused(ratio: str) -> None:
    with pytest.raises(ValueError, match=RATIO), recording("http://127.0.0.1:1", ratio):
        pass
    assert not tracing.active


def test_a_collector_that_never_responds_does_not_delay_the_end_of_the_process() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with recording(f"http://127.0.0.1:{silent.getsockname()[1]}"):
            tracing.begin("work", "client", sampled()).end()
            begun = time.monotonic()
        assert time.monotonic() - begun < STOPPED_WITHIN
