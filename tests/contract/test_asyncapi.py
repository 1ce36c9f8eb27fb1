"""Each service describes the messages that it sends and receives, by the rules of AsyncAPI 3.

The rules are copied from the official parser, which needs Node.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from checkout_saga.checkout.proposed_upsells import ProposedUpsells
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.notifications.cart_facts import CartFacts
from checkout_saga.notifications.reward_facts import RewardFacts
from checkout_saga.subscriptions.plan_facts import PlanFacts
from contracts.topics import COMMANDS, FACTS, TOPIC_OF
from contracts.topology import SERVICE_NAMES, TOPICS
from projections.models.registry import REGISTRY
from tests.support.applications import Json, application

ALLOWED = {
    "document": {
        *("asyncapi", "info", "id", "defaultContentType", "servers", "channels", "operations", "components"),
    },
    "info": {"title", "version", "description"},
    "server": {"host", "protocol", "description", "security"},
    "channel": {"address", "description", "messages", "bindings"},
    "operation": {"action", "channel", "messages"},
    "message": {
        *("name", "title", "summary", "contentType", "headers", "payload", "correlationId", "bindings"),
        "examples",
    },
    "example": {"name", "headers", "payload"},
}
REQUIRED = {
    "document": {"asyncapi", "info"},
    "info": {"title", "version"},
    "server": {"host", "protocol"},
    "operation": {"action", "channel"},
}


@pytest.fixture(params=SERVICE_NAMES)
async def described(request: pytest.FixtureRequest) -> Json:
    return await document(request.param)


async def document(service: str) -> Json:
    transport = httpx.ASGITransport(app=application(service))
    async with httpx.AsyncClient(transport=transport, base_url="http://it") as client:
        found: Json = (await client.get("/asyncapi.json")).json()
        return found


def objects(described: Json) -> Iterator[tuple[str, Json]]:
    """Each object of the document, with its kind."""
    yield "document", described
    yield "info", described["info"]
    for kind in ("server", "channel", "operation"):
        yield from ((kind, it) for it in described[f"{kind}s"].values())
    for message in described["components"]["messages"].values():
        yield "message", message
        yield from (("example", it) for it in message["examples"])


def references(node: Any) -> Iterator[str]:
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from references(child)
    if isinstance(node, dict) and isinstance(node.get("$ref"), str):
        yield node["$ref"]


def test_every_object_has_only_allowed_and_all_required_fields(described: Json) -> None:
    assert described["asyncapi"] == "3.0.0"
    for kind, it in objects(described):
        assert it.keys() <= ALLOWED[kind], kind
        assert it.keys() >= REQUIRED.get(kind, set()), kind


def test_every_reference_has_a_target(described: Json) -> None:
    for reference in references(described):
        target: Any = described
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]


def test_operations_name_messages_of_their_own_channel(described: Json) -> None:
    for operation in described["operations"].values():
        assert operation["action"] in {"send", "receive"}
        channel = operation["channel"]["$ref"]
        assert all(it["$ref"].startswith(f"{channel}/messages/") for it in operation["messages"])


def test_headers_and_payloads_have_valid_examples(described: Json) -> None:
    components = {"components": described["components"]}
    for name, message in described["components"]["messages"].items():
        assert (message["headers"]["type"], message["payload"]["type"]) == ("object", "object")
        (example,) = message["examples"]
        for part in ("headers", "payload"):
            schema = Draft202012Validator(components | message[part], format_checker=FormatChecker())
            assert list(schema.iter_errors(example[part])) == [], f"{name}: {part}"
        assert message["correlationId"]["location"] == "$message.header#/ce_correlationid"
        assert "ce_correlationid" in message["headers"]["properties"]


async def test_the_described_messages_are_those_of_the_code() -> None:
    found = {name: await exchanged(name) for name in SERVICE_NAMES}

    for topic in TOPICS:
        assert {it for it in (*FACTS, *COMMANDS) if TOPIC_OF[it] == topic.name} <= found[topic.sender]["send"]
    also = CartFacts.types | ProposedUpsells.types | RewardFacts.types | PlanFacts.types
    assert found["checkout-saga"]["receive"] == CHECKOUTS.workflow.outcomes.keys() | also
    assert found["cart"]["receive"] >= {it for it in COMMANDS if TOPIC_OF[it] == "cart.commands"}
    assert found["offer"]["receive"] >= {it for it in COMMANDS if TOPIC_OF[it] == "offer.commands"}
    assert found["projections"] == {
        "send": set(),
        "receive": set(REGISTRY.types),
    }


async def exchanged(service: str) -> dict[str, set[str]]:
    operations = (await document(service))["operations"].values()
    return {
        action: {
            one["$ref"].rpartition("/")[2]
            for it in operations
            if it["action"] == action
            for one in it["messages"]
        }
        for action in ("send", "receive")
    }
