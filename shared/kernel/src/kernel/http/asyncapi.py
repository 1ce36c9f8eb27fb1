"""The AsyncAPI 3 description of the messages that a service sends and receives, made from the contracts.

FastStream's own generator knows neither Feira's headers nor the messages of other services.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from fastapi import APIRouter, Response

from contracts.envelope import Command, Message
from contracts.message_schema import schema_of
from contracts.registry import MessageRegistry
from kernel.http.descriptions import Word
from kernel.http.examples import REF, Examples
from kernel.http.message_headers import example_headers, headers_schema
from kernel.http.requests import StrictRoute
from kernel.messaging.connection import KafkaConnection

Json = dict[str, Any]

BINDING = "0.5.0"
KEY = {
    "key": {"type": "string", "format": "uuid", "description": "The aggregate's id."},
    "bindingVersion": BINDING,
}
ENVELOPE = (
    "CloudEvents 1.0 in binary mode: the value of a record is the message, its headers are the envelope. "
    "Consumers of facts must ignore fields and types that they do not know."
)
TOPIC_DESCRIPTIONS = {
    "events": "Facts, retained for ever. The facts of one key arrive in the order of ce_version; a fact may "
    "be delivered again later, and is recognised by its ce_version.",
    "commands": "Commands to the service, retained for seven days. Their business key is {key} and step.",
}


@dataclass(frozen=True)
class Exchange:
    """The types of messages that a service sends and receives, and the brokers that carry them."""

    name: str
    kafka: KafkaConnection
    messages: MessageRegistry
    partitions: int
    """Of each topic."""
    examples: Mapping[str, Any]
    """Examples of the fields of messages, by ``field``, or by ``Part.field`` where it has another meaning."""
    sends: Collection[str] = ()
    receives: Collection[str] = ()


def router(exchange: Exchange) -> APIRouter:
    routes = APIRouter(route_class=StrictRoute, include_in_schema=False)
    document = cache(lambda: orjson.dumps(describe(exchange)))

    @routes.get("/asyncapi.json")
    async def asyncapi() -> Response:
        return Response(document(), media_type="application/json")

    return routes


def describe(exchange: Exchange) -> Json:
    messages = exchange.messages
    kinds: Mapping[str, type[Message]] = {**messages.facts, **messages.commands}
    exchanged = {it: kinds[it] for it in sorted({*exchange.sends, *exchange.receives})}
    schemas: Json = {}
    payloads = {name: _payload(kind, schemas) for name, kind in exchanged.items()}
    words = {name: Word("", example) for name, example in exchange.examples.items()}
    examples = Examples(schemas, words)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"Feira {exchange.name}",
            "version": "1",
            "description": ENVELOPE,
        },
        "defaultContentType": "application/json",
        "servers": dict(_servers(exchange.kafka)),
        "channels": {
            topic: _channel(topic, [exchanged[it] for it in types], exchange.partitions)
            for topic, types in _by_topic(exchanged, messages).items()
        },
        "operations": {
            f"{action}.{topic}": _operation(action, topic, types)
            for action, names in (("send", exchange.sends), ("receive", exchange.receives))
            for topic, types in _by_topic(names, messages).items()
        },
        "components": {
            "messages": {
                name: _message(kind, payloads[name], examples, messages) for name, kind in exchanged.items()
            },
            "schemas": schemas,
        },
    }


def _servers(kafka: KafkaConnection) -> list[tuple[str, Json]]:
    hosts = [it.strip() for it in kafka.bootstrap.split(",")]
    protocol = "kafka-secure" if kafka.is_encrypted else "kafka"
    return [
        ("kafka" if len(hosts) == 1 else f"kafka-{number}", {"host": host, "protocol": protocol})
        for number, host in enumerate(hosts, 1)
    ]


def _channel(topic: str, kinds: Collection[type[Message]], partitions: int) -> Json:
    keys = {it.model_fields["process_id"].alias or "process_id" for it in kinds if issubclass(it, Command)}
    return {
        "address": topic,
        "description": TOPIC_DESCRIPTIONS[topic.rpartition(".")[2]].format(key=" or ".join(sorted(keys))),
        "messages": {it.TYPE: {"$ref": f"#/components/messages/{it.TYPE}"} for it in kinds},
        "bindings": {"kafka": {"topic": topic, "partitions": partitions, "bindingVersion": BINDING}},
    }


def _by_topic(names: Collection[str], messages: MessageRegistry) -> dict[str, list[str]]:
    topics = sorted({messages.topic_of[it] for it in names})
    return {topic: sorted(it for it in names if messages.topic_of[it] == topic) for topic in topics}


def _operation(action: str, topic: str, types: Collection[str]) -> Json:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{topic}"},
        "messages": [{"$ref": f"#/channels/{topic}/messages/{it}"} for it in types],
    }


def _payload(kind: type[Message], schemas: Json) -> Json:
    """Moves the schema's definitions to ``schemas``, under their own names."""
    schema = schema_of(kind)
    for name, definition in schema.pop("$defs", {}).items():
        schemas[name] = _with_component_refs(definition)
    # with an ``$id`` references would be relative to the schema
    return {
        name: _with_component_refs(value)
        for name, value in schema.items()
        if name not in {"$schema", "$id", "description"}
    }


def _with_component_refs(node: Any) -> Any:
    if isinstance(node, list):
        return [_with_component_refs(it) for it in node]
    if not isinstance(node, dict):
        return node
    return {
        name: REF + str(value).rpartition("/")[2] if name == "$ref" else _with_component_refs(value)
        for name, value in node.items()
    }


def _message(kind: type[Message], payload: Json, examples: Examples, messages: MessageRegistry) -> Json:
    summary = " ".join((kind.__dict__.get("__doc__") or "").split())
    return {
        "name": kind.TYPE,
        "title": kind.TYPE,
        **({"summary": summary} if summary else {}),
        "contentType": "application/json",
        "headers": headers_schema(kind, messages),
        "payload": payload,
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "bindings": {"kafka": KEY},
        "examples": [
            {
                "name": kind.TYPE.replace(".", "-"),
                "headers": example_headers(kind, messages),
                "payload": _without_nulls(examples.of(payload, kind.TYPE)),
            }
        ],
    }


def _without_nulls(node: Any) -> Any:
    """Messages are published without the fields that are null."""
    if isinstance(node, list):
        return [_without_nulls(it) for it in node]
    if not isinstance(node, dict):
        return node
    return {name: _without_nulls(value) for name, value in node.items() if value is not None}
