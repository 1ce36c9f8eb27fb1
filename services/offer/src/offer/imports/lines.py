"""The lines of an imported file: CSV by RFC 4180 with a header, or JSON objects, one on each line.

A line becomes the JSON object that a request would have, so that both are checked by the same rules.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import orjson
from pydantic import BaseModel, ValidationError

from kernel.http.problems import NOT_SUPPORTED, Problem, invalid
from kernel.parsing import Malformed, loads
from kernel.security.card_numbers import holds_card_number, pointer_to_card_number
from offer.imports.domain.errors import InvalidLine

MAX_LINES = 5_000
CSV, NDJSON = "text/csv", "application/x-ndjson"
SEPARATOR = ";"
"""Between the values of a list of texts in one cell."""


class Line(NamedTuple):
    """``fields`` of a line that cannot be read are its refusal."""

    number: int
    fields: Mapping[str, Any] | InvalidLine


class Columns:
    """The fields of a request's body as columns of a file: how a cell is read, what an empty one means."""

    def __init__(self, *bodies: type[BaseModel]) -> None:
        self._kinds: dict[str, str] = {}
        self._empty: dict[str, Any] = {}
        for body in bodies:
            described = body.model_json_schema()["properties"]
            for name, field in body.model_fields.items():
                self._kinds[name] = _kind_of(described[name])
                default = None if field.is_required() else field.get_default(call_default_factory=True)
                self._empty[name] = default.model_dump() if isinstance(default, BaseModel) else default

    def __contains__(self, name: str) -> bool:
        return name in self._kinds

    def value(self, name: str, cell: str) -> Any:
        """Raises ``InvalidLine``."""
        if not cell:
            return self._empty.get(name)
        kind = self._kinds[name]
        if kind == "text":
            return cell
        if kind == "list" and not cell.lstrip().startswith("["):
            return [it.strip() for it in cell.split(SEPARATOR) if it.strip()]
        try:
            return loads(cell.encode())
        except Malformed:
            raise InvalidLine("INVALID_REQUEST", (name,), "The cell must be JSON.") from None


def read_lines(raw: bytes, media_type: str, columns: Columns) -> list[Line]:
    """Raises a ``Problem`` for a file that is no such file at all, or too long."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise invalid("The file must be UTF-8.", "") from None
    if "\0" in text:
        raise invalid("The file must not contain NUL characters.", "")
    lines: list[Line] = []
    for line in _csv_lines(text, columns) if media_type == CSV else _json_lines(text):
        lines.append(line)
        if len(lines) > MAX_LINES:
            raise invalid(f"A file has at most {MAX_LINES} lines.", "")
    return lines


def parsed(body: type[BaseModel], fields: Mapping[str, Any]) -> Any:
    """The body that these fields make. Raises ``InvalidLine``."""
    try:
        return body.model_validate_json(orjson.dumps(fields, default=float))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        code = "NOT_SUPPORTED" if first["type"] == NOT_SUPPORTED else "INVALID_REQUEST"
        raise InvalidLine(code, first["loc"], first["msg"]) from None


def _kind_of(schema: Mapping[str, Any]) -> str:
    choices = [schema, *schema.get("anyOf", ())]
    if any(it.get("type") == "string" or "enum" in it for it in choices):
        return "text"
    if any(it.get("type") == "array" and it["items"].get("type") == "string" for it in choices):
        return "list"
    return "json"


def _csv_lines(text: str, columns: Columns) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, None)
        if header is None:
            raise invalid("The file has no header.", "")
        _check_header(header, columns)
        before = reader.line_num
        for cells in reader:
            number, before = before + 1, reader.line_num
            if cells:
                yield Line(number, _csv_fields(header, cells, columns))
    except csv.Error as error:
        raise invalid(f"The file is no CSV: {error}.", "") from None


def _check_header(header: list[str], columns: Columns) -> None:
    unknown = [name for name in header if name not in columns]
    if unknown or len(set(header)) < len(header):
        wrong = f"no column {unknown[0]!r}" if unknown else "no column twice"
        raise invalid(f"This file can have {wrong}.", "")


def _csv_fields(header: list[str], cells: list[str], columns: Columns) -> dict[str, Any] | InvalidLine:
    if len(cells) != len(header):
        return InvalidLine(
            "INVALID_REQUEST", (), f"The line has {len(cells)} cells, the header {len(header)}."
        )
    if any(holds_card_number(it) for it in cells):
        return _card_number()
    try:
        return {name: columns.value(name, cell) for name, cell in zip(header, cells, strict=True)}
    except InvalidLine as wrong:
        return wrong


def _json_lines(text: str) -> Iterator[Line]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield Line(number, _json_fields(line))


def _json_fields(line: str) -> dict[str, Any] | InvalidLine:
    raw = line.strip().encode()
    try:
        value = loads(raw)
    except Malformed as error:
        return InvalidLine("INVALID_REQUEST", (), f"The line is not acceptable: {error.reason}.")
    if pointer_to_card_number(raw, value) is not None:
        return _card_number()
    return value if isinstance(value, dict) else InvalidLine("INVALID_REQUEST", (), "The line is no object.")


def _card_number() -> InvalidLine:
    return InvalidLine("CARD_NUMBER_NOT_ALLOWED", (), "Card numbers are not accepted.")


def unsupported(media_type: str) -> Problem:
    detail = f"The file must be {CSV} or {NDJSON} in UTF-8, and not {media_type[:100] or 'unnamed'}."
    return Problem(415, "UNSUPPORTED_MEDIA_TYPE", detail)
