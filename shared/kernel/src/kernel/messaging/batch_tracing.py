"""The spans of a batch of records, and of each of its records in a recorded trace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from kernel.messaging.inbound import InboundMessage
from kernel.observability import tracing


@contextmanager
def traced(group: str, batch: Sequence[InboundMessage]) -> Iterator[None]:
    """A span for the batch, which has many causes and so no parent: it is linked to the spans that its
    records come from. Each of these gets a child, the parent of all that handling the record causes."""
    sampled = [it for it in batch if tracing.is_sampled(it.traceparent)] if tracing.active else ()
    if not sampled:
        yield
        return
    causes = [it.traceparent for it in sampled if it.traceparent]
    with tracing.span(
        f"batch {group}",
        "consumer",
        links=causes,
        attributes={
            "messaging.system": "kafka",
            "messaging.operation.type": "process",
            "messaging.consumer.group.name": group,
            "messaging.batch.message_count": len(batch),
        },
    ) as whole:
        spans = [_begin(message, group, whole) for message in sampled]
        try:
            yield
        except BaseException as error:
            for span in spans:
                span.fail(type(error).__name__)
            raise
        finally:
            for span in spans:
                span.end()


def _begin(message: InboundMessage, group: str, batch: tracing.Span) -> tracing.Span:
    span = tracing.begin(
        f"process {message.record.topic}",
        "consumer",
        parent=message.traceparent,
        links=[batch.traceparent] if batch.traceparent else [],
        attributes={
            "messaging.system": "kafka",
            "messaging.operation.type": "process",
            "messaging.destination.name": message.record.topic,
            "messaging.consumer.group.name": group,
            "feira.message.type": message.type,
        },
    )
    message.own_traceparent = span.traceparent
    return span
