"""The published schema of every message, on which consumers rely."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contracts.compatibility import breaks
from contracts.envelope import Part
from contracts.message_schema import schema_of
from contracts.schemas import file_of, messages, text_of, write

FOLDER = Path(__file__).parents[2] / "shared" / "contracts" / "schemas"
OLD: dict[str, Any] = {
    "title": "it",
    "properties": {"amount": {"type": "integer"}, "lines": {"type": "array", "items": {"$ref": "#/$defs/L"}}},
    "required": ["amount"],
    "$defs": {"L": {"type": "object", "properties": {"sku": {"type": "string"}}, "required": ["sku"]}},
}


def changed(**properties: Any) -> dict[str, Any]:
    return {**OLD, "properties": {**OLD["properties"], **properties}}


def test_the_committed_schemas_are_the_generated_ones() -> None:
    """If this fails: make schemas, and check what the change means for consumers."""
    generated = {file_of(it): text_of(schema_of(it)) for it in messages()}
    assert [name for name, text in generated.items() if (FOLDER / name).read_text() != text] == []


def test_no_two_parts_of_messages_have_the_same_name() -> None:
    """The description of all messages is one document, in which each part is named once."""
    parts = {it for it in subclasses(Part) if it.__module__.startswith("contracts.")}
    assert len({it.__name__ for it in parts}) == len(parts) > 10


def subclasses(kind: type[Part]) -> Iterator[type[Part]]:
    for it in kind.__subclasses__():
        yield it
        yield from subclasses(it)


def test_every_published_schema_belongs_to_a_current_message_or_an_earlier_version() -> None:
    current = {message.TYPE: message.SCHEMA_VERSION for message in messages()}
    for path in FOLDER.glob("*.json"):
        kind, _, version = path.stem.rpartition(".")
        assert int(version) <= current[kind]


def test_an_added_optional_field_is_compatible() -> None:
    assert breaks(OLD, changed(note={"type": "string"})) == []


@pytest.mark.parametrize(
    "new",
    [
        {**OLD, "properties": {"amount": {"type": "integer"}}},
        {**changed(note={"type": "string"}), "required": ["amount", "note"]},
        {**OLD, "required": []},
        changed(amount={"type": "string"}),
        {**OLD, "$defs": {"L": {"type": "object", "properties": {}, "required": []}}},
        {**OLD, "$defs": {"L": {**OLD["$defs"]["L"], "properties": {"sku": {"type": "integer"}}}}},
    ],
    ids=["field gone", "field required", "no longer sure", "other type", "inner gone", "inner other type"],
)
def test_an_incompatible_change_is_named(new: dict[str, Any]) -> None:
    assert breaks(OLD, new)


def test_an_incompatible_schema_is_not_overwritten(tmp_path: Path) -> None:
    write(tmp_path)
    path = tmp_path / "cart.item_added.1.json"
    older = json.loads(path.read_text())
    older["properties"]["colour"] = {"type": "string"}
    path.write_text(json.dumps(older))
    assert write(tmp_path) == ["cart.item_added.colour was removed"]
    assert "colour" in path.read_text()
