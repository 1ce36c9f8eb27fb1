"""A file to import, in parts that the service accepts: each at most 1 MiB and 5,000 lines."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from cli.errors import StackError

MAX_BYTES = 1024 * 1024
MAX_LINES = 5_000
OUTCOMES = ("created", "changed", "unchanged", "failed")
"""Of a line, in the order in which they are counted."""


class Part(NamedTuple):
    content: bytes
    media_type: str
    lines: int
    lines_before: int
    """Lines of the file that the service does not count for this part."""


def parts_of(file: Path) -> list[Part]:
    """Raises ``StackError``."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as trouble:
        raise StackError(f"{file} cannot be read: {trouble.strerror}.") from None
    except UnicodeDecodeError:
        raise StackError(f"{file} is not UTF-8.") from None
    is_json = file.suffix in {".ndjson", ".jsonl"}
    records = [it + "\n" for it in text.splitlines()] if is_json else list(_records(text))
    header = "" if is_json else records.pop(0) if records else ""
    media_type = "application/x-ndjson" if is_json else "text/csv"
    return list(_parts(header, records, media_type))


def _records(text: str) -> Iterator[str]:
    """The records of a CSV file as they are written; a cell in quotes may hold line ends."""
    lines = io.StringIO(text, newline="").readlines()
    reader = csv.reader(lines)
    before = 0
    try:
        for _ in reader:
            record = "".join(lines[before : reader.line_num])
            yield record if record.endswith("\n") else record + "\r\n"
            before = reader.line_num
    except csv.Error as error:
        raise StackError(f"The file is no CSV: {error}.") from None


def _parts(header: str, records: list[str], media_type: str) -> Iterator[Part]:
    part: list[str] = []
    size, passed, before = len(header.encode()), 0, 0
    for record in records:
        length = len(record.encode())
        if part and (len(part) == MAX_LINES or size + length > MAX_BYTES):
            yield Part((header + "".join(part)).encode(), media_type, len(part), before)
            before = passed
            part, size = [], len(header.encode())
        part.append(record)
        size += length
        passed += record.count("\n")
    if part or not records:
        yield Part((header + "".join(part)).encode(), media_type, len(part), before)
