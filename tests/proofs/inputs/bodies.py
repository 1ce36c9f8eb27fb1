"""Bodies of every type of message: valid by the schema, and corrupted."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from contracts.envelope import Message

Json = dict[str, Any]

RECORDED = "2026-03-01T12:00:00.000000Z"
CARD = "4242 4242-4242.4242"
VILE = (
    *(
        CARD,
        CARD.translate({ord(it): None for it in " -."}),
        f"tok_{CARD}",
        "\uff14\uff12" * 8,
        "ann@example.com",
    ),
    *(
        "\u200b",
        "\ufeff \u200e",
        "\tSKU\n",
        "sk\u200bu",
        "x\u202e",
        "0001-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
    ),
    *("9999-12-31T23:59:59.999999Z", "2016-12-31T23:59:60Z", "a@b@c", "<x@y.z>"),
)
"""Texts that often cause trouble: card numbers, addresses, invisible characters, invalid times."""
WRONG: tuple[Any, ...] = (
    *VILE,
    None,
    True,
    -1,
    2**63,
    10**30,
    1.5,
    "3",
    "",
    "\0",
    "x" * 5000,
    [],
    {},
    [[[]]],
    {"a": 1},
)


def some_id(chance: random.Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)


def body_of(kind: type[Message], chance: random.Random) -> Json:
    """A valid body without the envelope's fields, which are in the headers."""
    schema = kind.model_json_schema()
    envelope = {name for name, it in schema["properties"].items() if it.get("envelope")}
    found: Json = _fitting(schema, schema.get("$defs", {}), chance)
    return {name: it for name, it in found.items() if name not in envelope}


def _fitting(schema: Json, named: Mapping[str, Json], chance: random.Random) -> Any:
    if "$ref" in schema:
        return _fitting(named[schema["$ref"].rpartition("/")[2]], named, chance)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return chance.choice(schema["enum"])
    if "anyOf" in schema:
        return _fitting(chance.choice(schema["anyOf"]), named, chance)
    match schema.get("type"):
        case "object":
            return _object(schema, named, chance)
        case "array":
            return [_fitting(schema.get("items", {}), named, chance) for _ in range(chance.randint(1, 2))]
        case "string":
            return _text(schema.get("format"), chance)
        case "integer" | "number":
            return chance.randint(1, 1000)
        case "boolean":
            return chance.random() < 0.5
        case _:
            return None


def _object(schema: Json, named: Mapping[str, Json], chance: random.Random) -> Json:
    needed = set(schema.get("required", ()))
    fields = schema.get("properties", {})
    found = {
        name: _fitting(it, named, chance)
        for name, it in fields.items()
        if name in needed or chance.random() < 0.5
    }
    if not fields and isinstance(more := schema.get("additionalProperties"), dict):
        found[str(some_id(chance))] = _fitting(more, named, chance)
    return found


def _text(kind: str | None, chance: random.Random) -> str:
    match kind:
        case "uuid":
            return str(some_id(chance))
        case "date-time":
            return RECORDED
        case _:
            return chance.choice(("USD", "text", "1", "lock_cart", "é\u2028", "\u200b", CARD))


def spoilt(body: Json, chance: random.Random) -> bytes:
    """A body that mostly is invalid by the schema, or no JSON."""
    return chance.choice(_SPOILING)(body, chance)


def _written(body: Any) -> bytes:
    return json.dumps(body).encode()


def _cut(body: Json, chance: random.Random) -> bytes:
    raw = _written(body)
    return raw[: chance.randrange(len(raw))]


def _noise(_: Json, chance: random.Random) -> bytes:
    return chance.randbytes(chance.randrange(300))


def _flipped(body: Json, chance: random.Random) -> bytes:
    raw = bytearray(_written(body))
    for _ in range(3):
        raw[chance.randrange(len(raw))] = chance.randrange(256)
    return bytes(raw)


def _without_one(body: Json, chance: random.Random) -> bytes:
    gone = chance.choice([*body, ""])
    return _written({name: it for name, it in body.items() if name != gone})


def _one_wrong(body: Json, chance: random.Random) -> bytes:
    return _written(body | {chance.choice([*body, "more"]): chance.choice(WRONG)})


def _twice(body: Json, _: random.Random) -> bytes:
    return _written(body)[:-1] + b',"step":"a","step":"b"}'


def _no_number(body: Json, chance: random.Random) -> bytes:
    wrong = chance.choice((b"NaN", b"-Infinity", b"1e999", b'"\\ud800"', b'"\\u0000"', b"9" * 5000))
    return _written(body)[:-1] + b',"more":' + wrong + b"}"


def _deep(_: Json, chance: random.Random) -> bytes:
    return chance.choice((b"[", b'{"a":')) * 10_000


def _no_object(_: Json, chance: random.Random) -> bytes:
    return chance.choice((b"null", b"[]", b"1", b'"text"', b"\xef\xbb\xbf{}", "{}".encode("utf-16")))


def _large(_: Json, chance: random.Random) -> bytes:
    return _written({"more": "x" * chance.randrange(900_000, 1_000_000)}) if chance.random() < 0.02 else b" "


_SPOILING: tuple[Callable[[Json, random.Random], bytes], ...] = (
    *(_cut, _noise, _flipped, _without_one, _one_wrong, _one_wrong),
    *(_twice, _no_number, _deep, _no_object, _large),
)
