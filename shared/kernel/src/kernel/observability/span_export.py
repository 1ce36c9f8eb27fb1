"""Record spans with OpenTelemetry's SDK and send them by OTLP over HTTP.

The exporter reads its address and further options from the ``OTEL_EXPORTER_OTLP_...`` variables.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import cast

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from kernel.observability.tracing import TRACEPARENT, Attributes, Kind

FLUSH_SECONDS = 2.0
"""For the last spans, at the end of the process: a collector that does not respond must not delay it."""

KINDS: dict[Kind, SpanKind] = {
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
    "internal": SpanKind.INTERNAL,
}


class OtlpSpan:
    def __init__(self, span: trace.Span) -> None:
        self._span = span

    @property
    def traceparent(self) -> str:
        context = self._span.get_span_context()
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"

    def describe(self, name: str, attributes: Attributes) -> None:
        self._span.update_name(name)
        self._span.set_attributes(cast("dict[str, str | int]", dict(attributes)))

    def fail(self, error_type: str) -> None:
        self._span.set_attribute("error.type", error_type)
        self._span.set_status(Status(StatusCode.ERROR))

    def end(self) -> None:
        self._span.end()


class OtlpRecorder:
    def __init__(self, service: str, version: str, instance: str) -> None:
        # not Resource.create: its detectors would add host, user and command line
        resource = Resource(
            {"service.name": service, "service.version": version, "service.instance.id": instance}
        )
        with _no_fork_hooks():
            # at the exit of the process the SDK would wait for half a minute; ``stop`` waits less
            self._provider = TracerProvider(ALWAYS_ON, resource, shutdown_on_exit=False)
            self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
            self._tracer = self._provider.get_tracer("feira", version)

    def begin(
        self, name: str, kind: Kind, parent: str | None, links: Iterable[str], attributes: Attributes
    ) -> OtlpSpan:
        origin = trace.INVALID_SPAN_CONTEXT if parent is None else _context_of(parent)
        span = self._tracer.start_span(
            name,
            context=trace.set_span_in_context(NonRecordingSpan(origin)),
            kind=KINDS[kind],
            attributes=cast("dict[str, str | int]", dict(attributes)),
            links=[trace.Link(_context_of(it)) for it in links],
        )
        return OtlpSpan(span)

    def stop(self) -> None:
        stopping = threading.Thread(target=self._provider.shutdown, daemon=True)
        stopping.start()
        stopping.join(FLUSH_SECONDS)


@contextmanager
def _no_fork_hooks() -> Iterator[None]:
    """The SDK registers hooks that start threads in each forked child. uvloop runs them in a child that is to
    become another program, where they wait for ever, and the parent waits for the child."""
    register = os.register_at_fork
    os.register_at_fork = lambda **_: None
    try:
        yield
    finally:
        os.register_at_fork = register


def _context_of(traceparent: str) -> SpanContext:
    match = TRACEPARENT.fullmatch(traceparent)
    if match is None:
        return trace.INVALID_SPAN_CONTEXT
    trace_id, span_id, flags = (int(it, 16) for it in match.groups())
    return SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags))
