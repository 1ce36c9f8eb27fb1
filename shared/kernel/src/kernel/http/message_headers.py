"""The headers of a message, described: CloudEvents 1.0 in binary mode, with Feira's extensions."""

from __future__ import annotations

from typing import Any

from contracts.envelope import Fact, Message
from contracts.registry import MessageRegistry

Json = dict[str, Any]

ID = "019a2b3c-4d5e-7f60-8a1b-2c3d4e5f6071"
KEY = "019a2b3c-0000-7000-8000-000000000001"
MOMENT = "2026-03-01T12:00:00.000000Z"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
OPTIONAL = frozenset({"traceparent"})


def headers_schema(kind: type[Message], messages: MessageRegistry) -> Json:
    properties = _properties(kind, messages)
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties.keys() - OPTIONAL),
    }


def example_headers(kind: type[Message], messages: MessageRegistry) -> Json:
    return {
        name: it.get("const", (it.get("examples") or [None])[0])
        for name, it in _properties(kind, messages).items()
    }


def _properties(kind: type[Message], messages: MessageRegistry) -> Json:
    facts: Json = {
        "ce_version": _text("The aggregate's version: 1, 2, 3, … without a gap.", "3", r"^[1-9]\d*$")
    }
    return {
        "ce_specversion": _always("1.0"),
        "ce_id": _text("Never changes, however often the record is published.", ID),
        "ce_source": _source(kind, messages),
        "ce_type": _always(kind.TYPE),
        "ce_subject": _text("The record's key: the aggregate's id.", KEY, format="uuid"),
        "ce_time": _text("When it occurred.", MOMENT, format="date-time"),
        "ce_dataschema": _always(f"urn:feira:{kind.TYPE}:{kind.SCHEMA_VERSION}"),
        "content-type": _always("application/json"),
        "ce_recordedtime": _text("When it was recorded.", MOMENT, format="date-time"),
        "ce_tenant": _text("Whose it is.", "demo"),
        "ce_correlationid": _text("The same in all that one request caused.", "0d3b2b2e5c0a4b0e"),
        "ce_causationid": _text("The message, or the request, that caused it.", ID),
        "feira_generation": _text(
            "Which life of the topic it was published in: higher after a broker has lost its data.",
            "1",
            r"^\d+$",
        ),
        "traceparent": _text("The trace that it belongs to, by W3C Trace Context.", TRACE),
        **(facts if issubclass(kind, Fact) else {}),
    }


def _source(kind: type[Message], messages: MessageRegistry) -> Json:
    sender = messages.sender_of[messages.topic_of[kind.TYPE]]
    return _always(sender) if issubclass(kind, Fact) else _text("The service that asks.", sender)


def _always(value: str) -> Json:
    return {"type": "string", "const": value}


def _text(means: str, example: str, pattern: str | None = None, **more: str) -> Json:
    described: Json = {"type": "string", "description": means, "examples": [example], **more}
    return described | ({"pattern": pattern} if pattern else {})
