"""Examples for an interface description, composed of the examples of its vocabulary."""

from __future__ import annotations

from typing import Any

from kernel.http.descriptions import COMPOSED, Words, find_word

Json = dict[str, Any]

REF = "#/components/schemas/"
BY_FORMAT = {
    "uuid": "019a2b3c-4d5e-7f60-8a1b-2c3d4e5f6071",
    "date-time": "2026-03-01T12:00:00Z",
    "date": "2026-03-01",
}

BY_TYPE: Json = {"integer": 1, "number": 1.5, "boolean": True}
"""For names without a word: a poor example is better than none."""


class Examples:
    def __init__(self, schemas: Json, words: Words) -> None:
        """``schemas``: the components of the description, by name."""
        self._schemas = schemas
        self._words = words

    def of(self, schema: Json, owner: str = "", name: str = "") -> Any:
        """``owner`` and ``name``: the component and the field, if the schema is that of a field."""
        if name and (word := find_word(self._words, owner, name)) and word.example is not COMPOSED:
            return word.example
        if examples := schema.get("examples"):
            return examples[0]
        if "const" in schema or "enum" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        if "$ref" in schema:
            return self._component(schema["$ref"].removeprefix(REF))
        if choices := schema.get("anyOf"):
            return self.of(choices[0], owner, name)
        return self._plain(schema, owner)

    def _component(self, name: str) -> Any:
        word = self._words.get(name)
        return (
            self.of(self._schemas[name], name) if word is None or word.example is COMPOSED else word.example
        )

    def _plain(self, schema: Json, owner: str) -> Any:
        match schema.get("type"):
            case "object" if "properties" in schema:
                return {field: self.of(it, owner, field) for field, it in schema["properties"].items()}
            case "object":
                return {}
            case "array":
                return [self.of(schema["items"])]
            case "string":
                return BY_FORMAT.get(schema.get("format", ""), "text")
            case kind:
                return BY_TYPE.get(str(kind))
