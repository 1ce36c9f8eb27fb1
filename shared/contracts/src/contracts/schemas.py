"""Write every message's JSON Schema: ``python -m contracts.schemas FOLDER``.

An existing schema is replaced only by a compatible one. An incompatible change needs a new schema version
or a new type.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from contracts.compatibility import breaks
from contracts.envelope import Message
from contracts.message_schema import schema_of
from contracts.topics import COMMANDS, FACTS


def messages() -> list[type[Message]]:
    return sorted((*FACTS.values(), *COMMANDS.values()), key=lambda message: message.TYPE)


def file_of(message: type[Message]) -> str:
    return f"{message.TYPE}.{message.SCHEMA_VERSION}.json"


def text_of(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def write(folder: Path) -> list[str]:
    """Write all schemas. Returns the incompatible changes; if there are any, nothing is written."""
    folder.mkdir(parents=True, exist_ok=True)
    incompatible: list[str] = []
    for message in messages():
        path = folder / file_of(message)
        if path.exists():
            incompatible += breaks(json.loads(path.read_text()), schema_of(message))
    if not incompatible:
        for message in messages():
            (folder / file_of(message)).write_text(text_of(schema_of(message)))
    return incompatible


if __name__ == "__main__":
    if changes := write(Path(sys.argv[1])):
        sys.exit("\n".join(["These changes need a new schema version or a new type:", *changes]))
