"""Describe what a service has to do with Kafka as AsyncAPI 3, from the contracts.

Made by hand rather than by FastStream, which knows neither our headers nor what other services send.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from fastapi import APIRouter, Response

from contracts.envelope import Command, Message
from contracts.examples import EXAMPLES
from contracts.message_schema import schema_of
from contracts.registry import MessageRegistry
from kernel.http.descriptions import Word
from kernel.http.examples import REF, Examples
from kernel.http.message_headers import example_headers, headers_schema
from kernel.http.requests import StrictRoute

Json = dict[str, Any]

WORDS = {name: Word("", example) for name, example in EXAMPLES.items()}
BINDING = "0.5.0"
KEY = {
    "key": {"type": "string", "format": "uuid", "description": "The aggregate's id."},
    "bindingVersion": BINDING,
}
ENVELOPE = (
    "CloudEvents 1.0 in binary mode: the body is the message's own, the envelope stands in the headers. "
    "Readers of facts ignore fields and types that they do not know."
)
ABOUT = {
    "events": "Facts, kept for ever. Those of one key come in the order of ce_version; a late repetition of "
    "an earlier one is possible, and is told by it.",
    "commands": "Requests to the service, kept for seven days. {key} and step are the business key.",
}


@dataclass(frozen=True)
class Exchange:
    """What a service sends and receives, by type, and where clients of the broker find it."""

    name: str
    brokers: str
    messages: MessageRegistry
    partitions: int
    """Of every topic."""
    sends: Collection[str] = ()
    receives: Collection[str] = ()


def router(exchange: Exchange) -> APIRouter:
    routes = APIRouter(route_class=StrictRoute, include_in_schema=False)
    written = cache(lambda: orjson.dumps(describe(exchange)))

    @routes.get("/asyncapi.json")
    async def asyncapi() -> Response:
        return Response(written(), media_type="application/json")

    return routes


def describe(exchange: Exchange) -> Json:
    messages = exchange.messages
    kinds: Mapping[str, type[Message]] = {**messages.facts, **messages.commands}
    known = {it: kinds[it] for it in sorted({*exchange.sends, *exchange.receives})}
    schemas: Json = {}
    payloads = {name: _payload(kind, schemas) for name, kind in known.items()}
    examples = Examples(schemas, WORDS)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"Feira {exchange.name}",
            "version": "1",
            "description": ENVELOPE,
        },
        "defaultContentType": "application/json",
        "servers": dict(_servers(exchange.brokers)),
        "channels": {
            topic: _channel(topic, [known[it] for it in types], exchange.partitions)
            for topic, types in _by_topic(known, messages).items()
        },
        "operations": {
            f"{action}.{topic}": _operation(action, topic, types)
            for action, names in (("send", exchange.sends), ("receive", exchange.receives))
            for topic, types in _by_topic(names, messages).items()
        },
        "components": {
            "messages": {
                name: _message(kind, payloads[name], examples, messages) for name, kind in known.items()
            },
            "schemas": schemas,
        },
    }


def _servers(brokers: str) -> list[tuple[str, Json]]:
    hosts = [it.strip() for it in brokers.split(",")]
    return [
        ("kafka" if len(hosts) == 1 else f"kafka-{number}", {"host": host, "protocol": "kafka"})
        for number, host in enumerate(hosts, 1)
    ]


def _channel(topic: str, kinds: Collection[type[Message]], partitions: int) -> Json:
    keys = {it.model_fields["process_id"].alias or "process_id" for it in kinds if issubclass(it, Command)}
    return {
        "address": topic,
        "description": ABOUT[topic.rpartition(".")[2]].format(key=" or ".join(sorted(keys))),
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
    """Its parts go to the components, under their own names."""
    schema = schema_of(kind)
    for name, part in schema.pop("$defs", {}).items():
        schemas[name] = _refers(part)
    # an id of its own would make its references relative to that
    return {name: _refers(it) for name, it in schema.items() if name not in {"$schema", "$id", "description"}}


def _refers(it: Any) -> Any:
    if isinstance(it, list):
        return [_refers(one) for one in it]
    if not isinstance(it, dict):
        return it
    return {
        name: REF + str(one).rpartition("/")[2] if name == "$ref" else _refers(one)
        for name, one in it.items()
    }


def _message(kind: type[Message], payload: Json, examples: Examples, messages: MessageRegistry) -> Json:
    told = " ".join((kind.__dict__.get("__doc__") or "").split())
    return {
        "name": kind.TYPE,
        "title": kind.TYPE,
        **({"summary": told} if told else {}),
        "contentType": "application/json",
        "headers": headers_schema(kind, messages),
        "payload": payload,
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "bindings": {"kafka": KEY},
        "examples": [
            {
                "name": kind.TYPE.replace(".", "-"),
                "headers": example_headers(kind, messages),
                "payload": _without_nothing(examples.of(payload)),
            }
        ],
    }


def _without_nothing(it: Any) -> Any:
    """As it is published: fields that are null are left out."""
    if isinstance(it, list):
        return [_without_nothing(one) for one in it]
    if not isinstance(it, dict):
        return it
    return {name: _without_nothing(one) for name, one in it.items() if one is not None}
