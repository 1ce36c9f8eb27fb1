"""Describe a service's Kafka topics as AsyncAPI 3, from the contracts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any

from fastapi import APIRouter, Response

from contracts.envelope import Message
from contracts.topics import COMMANDS, FACTS, TOPIC_OF
from kernel.http.requests import StrictRoute

SERVERS = "kafka:9092"


def router(service: str) -> APIRouter:
    routes = APIRouter(route_class=StrictRoute, include_in_schema=False)

    @routes.get("/asyncapi.json")
    async def asyncapi() -> Response:
        return Response(describe(service), media_type="application/json")

    return routes


@cache
def describe(service: str) -> str:
    # costs tens of megabytes: only a process that is asked for it pays
    from faststream.kafka import KafkaBroker
    from faststream.specification import AsyncAPI

    broker = KafkaBroker(SERVERS)
    for kind in _on(f"{service}.events", FACTS):
        schema = _named_apart(kind)
        broker.publisher(f"{service}.events", title=kind.TYPE, description=_told(kind), schema=schema)
    for kind in _on(f"{service}.commands", COMMANDS):
        broker.subscriber(f"{service}.commands", title=kind.TYPE, description=_told(kind))(_taking(kind))
    return AsyncAPI(broker, title=f"Feira {service}", version="1").to_specification().to_json()


def _on(topic: str, known: Mapping[str, type[Message]]) -> list[type[Message]]:
    return [kind for name, kind in known.items() if TOPIC_OF[name] == topic]


def _named_apart(kind: type[Message]) -> type[Message]:
    """The same under a name of its own: many aggregates have a Created."""
    name = kind.TYPE.replace(".", "_").title().replace("_", "")
    return type(name, (kind,), {"__module__": kind.__module__, "__doc__": kind.__doc__})


def _told(kind: type[Message]) -> str:
    own = f"{kind.__doc__} " if kind.__doc__ else ""
    return f"{own}The header ce_type says {kind.TYPE}; the key is the aggregate's id."


def _taking(kind: type[Message]) -> Callable[..., Awaitable[None]]:
    async def take(message: Any) -> None: ...

    take.__annotations__["message"] = _named_apart(kind)
    return take
