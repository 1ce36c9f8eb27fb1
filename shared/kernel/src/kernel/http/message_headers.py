"""The schema of a message's headers: CloudEvents 1.0 in binary mode, with Feira's extensions."""

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
        name: schema.get("const", (schema.get("examples") or [None])[0])
        for name, schema in _properties(kind, messages).items()
    }


def _properties(kind: type[Message], messages: MessageRegistry) -> Json:
    facts: Json = {
        "ce_version": _text("The version of the aggregate: 1, 2, 3, … without a gap.", "3", r"^[1-9]\d*$")
    }
    return {
        "ce_specversion": _constant("1.0"),
        "ce_id": _text("The id of the message. It stays the same if the message is published again.", ID),
        "ce_source": _source(kind, messages),
        "ce_type": _constant(kind.TYPE),
        "ce_subject": _text("The key of the record: the id of the aggregate.", KEY, format="uuid"),
        "ce_time": _text("The time at which it occurred.", MOMENT, format="date-time"),
        "ce_dataschema": _constant(f"urn:feira:{kind.TYPE}:{kind.SCHEMA_VERSION}"),
        "content-type": _constant("application/json"),
        "ce_recordedtime": _text("The time at which it was recorded.", MOMENT, format="date-time"),
        "ce_tenant": _text("The tenant.", "demo"),
        "ce_correlationid": _text(
            "Identifies the request; the same in all messages that it caused.", "0d3b2b2e5c0a4b0e"
        ),
        "ce_causationid": _text("The message or the request that caused this message.", ID),
        "feira_generation": _text(
            "The generation of the topic; it increases when a broker has lost its data.",
            "1",
            r"^\d+$",
        ),
        "traceparent": _text("The trace, by W3C Trace Context.", TRACE),
        **(facts if issubclass(kind, Fact) else {}),
    }


def _source(kind: type[Message], messages: MessageRegistry) -> Json:
    sender = messages.sender_of[messages.topic_of[kind.TYPE]]
    return _constant(sender) if issubclass(kind, Fact) else _text("The sender of the command.", sender)


def _constant(value: str) -> Json:
    return {"type": "string", "const": value}


def _text(means: str, example: str, pattern: str | None = None, **more: str) -> Json:
    described: Json = {"type": "string", "description": means, "examples": [example], **more}
    return described | ({"pattern": pattern} if pattern else {})
