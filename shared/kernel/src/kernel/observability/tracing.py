"""Spans of OpenTelemetry, made by hand where work changes hands: HTTP, log, Kafka, timers, outbound calls.

Off unless ``OTEL_EXPORTER_OTLP_ENDPOINT`` is set; the SDK is imported only then. A trace is recorded or not
as a whole: the service at which it begins decides, and the ``traceparent`` carries that decision in
headers, log rows, records and timers. Code that holds an unsampled ``traceparent`` makes no span at all.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, Protocol, TypeAlias

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
RATIO = "OTEL_TRACES_SAMPLER_ARG"
DEFAULT_RATIO = 0.01
"""The part of the traces that are recorded; a recorded span costs about 65 microseconds."""
MAX_LINKS = 128
"""The limit of the SDK."""

TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")
"""W3C Trace Context: the ids of the trace and of the span, and the flags."""
SAMPLED = 1
"""The flag of a recorded trace."""

Kind: TypeAlias = Literal["server", "client", "producer", "consumer", "internal"]
Attribute: TypeAlias = Literal[
    "error.type",
    "feira.call.kind",
    "feira.message.type",
    "feira.timer.kind",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "messaging.batch.message_count",
    "messaging.consumer.group.name",
    "messaging.destination.name",
    "messaging.operation.type",
    "messaging.system",
]
"""All attributes of spans: none of them can hold personal data or a secret."""
Attributes: TypeAlias = Mapping[Attribute, str | int]


class RecordedSpan(Protocol):
    """A span of the SDK, as ``kernel.observability.span_export`` makes it."""

    @property
    def traceparent(self) -> str: ...
    def describe(self, name: str, attributes: Attributes) -> None: ...
    def fail(self, error_type: str) -> None: ...
    def end(self) -> None: ...


class Recorder(Protocol):
    def begin(
        self, name: str, kind: Kind, parent: str | None, links: Iterable[str], attributes: Attributes
    ) -> RecordedSpan: ...
    def stop(self) -> None: ...


class Span:
    """A span that is recorded, or the absence of one."""

    __slots__ = ("_recorded", "traceparent")

    def __init__(self, traceparent: str | None, recorded: RecordedSpan | None = None) -> None:
        self.traceparent = traceparent
        """Of this span; that of its parent if this span is not recorded."""
        self._recorded = recorded

    @property
    def is_recorded(self) -> bool:
        return self._recorded is not None

    def describe(self, name: str, attributes: Attributes) -> None:
        """Give the span the name that is known only at its end, and more attributes."""
        if self._recorded:
            self._recorded.describe(name, attributes)

    def fail(self, error_type: str) -> None:
        """``error_type``: the name of a class or a status; a message could hold personal data."""
        if self._recorded:
            self._recorded.fail(error_type)

    def end(self) -> None:
        if self._recorded:
            self._recorded.end()


active = False
"""Whether spans are recorded in this process: asked first on hot paths."""
carried: ContextVar[str | None] = ContextVar("traceparent", default=None)
"""The ``traceparent`` that outbound requests of the current task send."""
_recorder: Recorder | None = None
_ratio = 0.0


def enable(service: str, version: str, instance: str) -> None:
    """Record spans from now on, if an endpoint is set. Raises ``ValueError`` for a ratio that is none."""
    global active, _recorder, _ratio  # noqa: PLW0603  # like logging, configured once for the process
    if not os.environ.get(ENDPOINT):
        return
    ratio = _ratio_of(os.environ.get(RATIO) or str(DEFAULT_RATIO))
    from kernel.observability.span_export import OtlpRecorder

    _recorder = OtlpRecorder(service, version, instance)
    _ratio = ratio
    active = True


def _ratio_of(text: str) -> float:
    try:
        ratio = float(text)
    except ValueError:
        ratio = -1.0
    if not 0 <= ratio <= 1:
        raise ValueError(f"{RATIO} must be a number from 0 to 1")
    return ratio


def stop() -> None:
    """Send what is recorded, within a limited time, and record no more."""
    global active, _recorder  # as above
    recorder, _recorder, active = _recorder, None, False
    if recorder:
        recorder.stop()


def is_sampled(traceparent: str | None) -> bool:
    """Whether spans with this parent are to be recorded; False for a text that is none: records of others
    bring any."""
    match = TRACEPARENT.fullmatch(traceparent or "")
    return match is not None and bool(int(match[3], 16) & SAMPLED)


def begin_trace(name: str, kind: Kind) -> Span:
    """The first span of a new trace, of which a part is recorded."""
    if _recorder is None or random.random() >= _ratio:  # noqa: S311  # not secret
        return Span(None)
    recorded = _recorder.begin(name, kind, None, (), {})
    return Span(recorded.traceparent, recorded)


def begin(
    name: str,
    kind: Kind,
    parent: str | None = None,
    links: Iterable[str] = (),
    attributes: Attributes | None = None,
) -> Span:
    """A span that the caller ends. It is recorded if its parent is sampled; without a parent, if a span that
    it is linked to is."""
    linked = [it for it in links if is_sampled(it)]
    if _recorder is None or not (linked if parent is None else is_sampled(parent)):
        return Span(parent)
    recorded = _recorder.begin(name, kind, parent, linked[:MAX_LINKS], attributes or {})
    return Span(recorded.traceparent, recorded)


@contextmanager
def span(
    name: str,
    kind: Kind,
    parent: str | None = None,
    links: Iterable[str] = (),
    attributes: Attributes | None = None,
) -> Iterator[Span]:
    """A span around the block; an exception marks it as failed."""
    opened = begin(name, kind, parent, links, attributes)
    try:
        yield opened
    except BaseException as error:
        opened.fail(type(error).__name__)
        raise
    finally:
        opened.end()
