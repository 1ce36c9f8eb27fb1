"""A receiver of spans by OTLP over HTTP, as a collector is."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage

FAILED = 2
"""STATUS_CODE_ERROR."""
KINDS = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}


@dataclass(frozen=True)
class ReceivedSpan:
    service: str
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    """Empty without a parent."""
    links: frozenset[tuple[str, str]]
    """The ids of trace and span of each."""
    attributes: dict[str, str | int]
    failed: bool
    resource: dict[str, str | int]


@dataclass
class OtlpReceiver:
    url: str = ""
    spans: list[ReceivedSpan] = field(default_factory=list)
    raw: bytes = b""
    """All that was sent, unpacked."""
    _arrived: threading.Condition = field(default_factory=threading.Condition)

    def add(self, body: bytes) -> None:
        with self._arrived:
            self.raw += body
            for group in ExportTraceServiceRequest.FromString(body).resource_spans:
                resource = _plain(group.resource.attributes)
                found = [span for scope in group.scope_spans for span in scope.spans]
                self.spans += [_received(span, resource) for span in found]
            self._arrived.notify_all()

    def until(
        self, condition: Callable[[list[ReceivedSpan]], bool], limit: float = 30.0
    ) -> list[ReceivedSpan]:
        """Wait for a condition on the spans. Fails with their names when it does not come."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: condition(self.spans), limit):
                raise AssertionError(f"not within {limit} s: {[(it.service, it.name) for it in self.spans]}")
            return list(self.spans)


@contextmanager
def receiving_spans() -> Iterator[OtlpReceiver]:
    """Receive on a free port until the end of the block."""
    receiver = OtlpReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the library's interface
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.add(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing: a test's output is for its failures."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()


def _received(span: SpanMessage, resource: dict[str, str | int]) -> ReceivedSpan:
    return ReceivedSpan(
        service=str(resource.get("service.name")),
        name=span.name,
        kind=KINDS[span.kind],
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        links=frozenset((it.trace_id.hex(), it.span_id.hex()) for it in span.links),
        attributes=_plain(span.attributes),
        failed=span.status.code == FAILED,
        resource=resource,
    )


def _plain(attributes: Iterable[KeyValue]) -> dict[str, str | int]:
    return {
        it.key: it.value.int_value if it.value.HasField("int_value") else it.value.string_value
        for it in attributes
    }
