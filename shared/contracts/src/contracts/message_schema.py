"""The JSON Schema of one message."""

from __future__ import annotations

from typing import Any

from contracts.envelope import Fact, Message

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(message: type[Message]) -> dict[str, Any]:
    """The schema of the published body, without the envelope's fields.

    Readers of facts must ignore unknown fields; a command with unknown fields is refused.
    """
    schema = message.model_json_schema(mode="serialization")
    for part in schema.get("$defs", {}).values():
        part.pop("additionalProperties", None)  # strict for the constructor, not for readers
    is_fact = issubclass(message, Fact)
    if is_fact:
        del schema["additionalProperties"]  # strict for the constructor, not for readers
    properties = {
        name: it for name, it in schema.get("properties", {}).items() if not it.pop("envelope", False)
    }
    required = {it.alias or name for name, it in message.model_fields.items() if it.is_required()}
    return {
        "$schema": DIALECT,
        "$id": f"urn:feira:{message.TYPE}:{message.SCHEMA_VERSION}",
        **{key: it for key, it in schema.items() if key != "properties"},
        "title": message.TYPE,
        "properties": properties,
        "required": sorted(required & properties.keys()),
        "additionalProperties": is_fact,
    }
